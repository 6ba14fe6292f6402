//! Every setting of a training run, as one serialisable value: the shipped models' runs and their miniature.

use serde::{Deserialize, Serialize};
use veriregime_circuits::tape::{RangeCheck, Shape};
use veriregime_features::labels::Question;
use veriregime_features::places::Sampling;

use crate::network::{Activation, Architecture};

/// Settings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Seed of every random choice.
    pub seed: u64,
    /// Which windows and labels.
    pub data: DataConfig,
    /// Whether training also sees every window in the mirror: rises become falls, BUY becomes SELL.
    pub mirror: bool,
    /// Teacher training.
    pub teacher: TeacherConfig,
    /// Student distillation with ReLU.
    pub student: StudentConfig,
    /// The activation that the circuit gets, and the fine-tuning after the swap to it.
    pub swap: SwapConfig,
    /// Quantisation-aware fine-tuning.
    pub quantised: QuantisedConfig,
}

/// The layout in which the row budget counts: one lane of base-4 digits.
pub fn budget_shape() -> Shape {
    Shape::new(1, RangeCheck::Quads, false)
}

/// Which windows and labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// What the label says.
    pub question: Question,
    /// First candle's open time, UNIX seconds.
    pub from: u64,
    /// End of the last candle, UNIX seconds.
    pub to: u64,
    /// Minutes between two windows.
    pub stride_minutes: u32,
    /// Minutes ahead the label looks.
    pub horizon_minutes: u32,
    /// Threshold of the label: a return (signal) or a standard deviation of one-minute returns (regime).
    pub theta: f64,
}

impl DataConfig {
    /// How samples are taken from the candles of the span.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        Sampling {
            question: self.question,
            stride_minutes: self.stride_minutes,
            horizon_minutes: self.horizon_minutes,
            theta: self.theta,
        }
    }
}

/// The teacher and its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeacherConfig {
    /// Layers.
    pub architecture: Architecture,
    /// Whether every class has the same share of the loss.
    pub class_weights: bool,
    /// Share of smoothing in the labels.
    pub label_smoothing: f64,
    /// Exponent of the focal loss; 0 is plain cross-entropy.
    pub focal: f64,
    /// The loop.
    pub fit: FitConfig,
}

/// The ReLU student and its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudentConfig {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// The loss, also of the stages that follow.
    pub loss: LossConfig,
    /// The loop.
    pub fit: FitConfig,
}

/// The activation swap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapConfig {
    /// What replaces ReLU.
    pub activation: Activation,
    /// Weight of the distance between the new and the ReLU student's hidden values.
    pub penalty: f64,
    /// The loop.
    pub fit: FitConfig,
}

/// Quantisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantisedConfig {
    /// Bits per weight, sign included, by layer.
    pub weight_bits: Vec<u32>,
    /// Rows the tape may use in the layout of [`budget_shape`].
    pub row_budget: usize,
    /// The loop.
    pub fit: FitConfig,
}

/// How a learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Along a cosine to a hundredth.
    Cosine,
    /// By half whenever the validation score has not risen for an epoch.
    Plateau,
}

/// One stage of training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitConfig {
    /// Most epochs.
    pub epochs: usize,
    /// Windows drawn per epoch; at most the training part, without repetition.
    pub samples_per_epoch: usize,
    /// Windows per step.
    pub batch: usize,
    /// First learning rate.
    pub learning_rate: f64,
    /// How it falls.
    pub schedule: Schedule,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest norm of a gradient; longer ones are shortened to it.
    pub clip: Option<f64>,
    /// Epochs without a better validation score before the stage stops.
    pub patience: usize,
}

/// Which labels the cross-entropy is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Labels {
    /// What happened.
    Truth,
    /// The teacher's class.
    Teacher,
}

/// alpha CE + beta T^2 KL + gamma (lambda1 |W|_1 + lambda2 sum max(0, |w| - tau)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossConfig {
    /// Labels of the cross-entropy.
    pub labels: Labels,
    /// Weight of the cross-entropy.
    pub alpha: f64,
    /// Weight of the divergence from the teacher.
    pub beta: f64,
    /// Weight of the weight penalties.
    pub gamma: f64,
    /// Temperature.
    pub temperature: f64,
    /// Penalty per absolute weight.
    pub lambda1: f64,
    /// Penalty per absolute weight beyond `tau`.
    pub lambda2: f64,
    /// Where `lambda2` begins.
    pub tau: f64,
}

/// 2022-12-31 00:00 UTC.
const FROM: u64 = 1_672_444_800;
/// 2024-11-08 00:00 UTC.
const TO: u64 = 1_731_024_000;

const fn fit(
    epochs: usize,
    samples_per_epoch: usize,
    batch: usize,
    learning_rate: f64,
) -> FitConfig {
    FitConfig {
        epochs,
        samples_per_epoch,
        batch,
        learning_rate,
        schedule: Schedule::Cosine,
        weight_decay: 1e-4,
        clip: None,
        patience: 4,
    }
}

impl Config {
    /// The shipped signal model's run: the recommended configuration of `models/reports/signal/pareto.md`.
    #[must_use]
    pub fn signal(seed: u64) -> Self {
        Self {
            seed,
            data: DataConfig {
                question: Question::Signal,
                from: FROM,
                to: TO,
                stride_minutes: 5,
                horizon_minutes: 60,
                theta: 0.002,
            },
            mirror: true,
            teacher: TeacherConfig {
                architecture: Architecture::Context,
                class_weights: true,
                label_smoothing: 0.1,
                focal: 0.0,
                fit: fit(6, 30_000, 256, 1e-3),
            },
            student: StudentConfig {
                hidden: vec![128, 64, 32],
                loss: LossConfig {
                    labels: Labels::Truth,
                    alpha: 0.5,
                    beta: 0.5,
                    gamma: 0.1,
                    temperature: 3.0,
                    lambda1: 3e-3,
                    lambda2: 1e-3,
                    tau: 0.5,
                },
                fit: fit(8, 140_000, 512, 5e-4),
            },
            swap: SwapConfig {
                activation: Activation::Quadratic,
                penalty: 0.1,
                fit: fit(10, 140_000, 512, 1e-4),
            },
            quantised: QuantisedConfig {
                weight_bits: vec![4; 4],
                row_budget: 16_300,
                fit: fit(4, 140_000, 512, 1e-4),
            },
        }
    }

    /// The shipped regime model's run: will the next four hours be calm or not?
    #[must_use]
    pub fn regime(seed: u64) -> Self {
        let mut config = Self::signal(seed);
        config.data.question = Question::Regime;
        config.data.horizon_minutes = 240;
        config.data.theta = 0.0005;
        config.student.hidden = vec![96, 48, 24];
        config
    }

    /// The settings of a question's shipped model.
    #[must_use]
    pub fn of(question: Question, seed: u64) -> Self {
        match question {
            Question::Signal => Self::signal(seed),
            Question::Regime => Self::regime(seed),
        }
    }

    /// The same run in miniature, for tests and first looks: every stage, a few steps each.
    #[must_use]
    pub fn quick(mut self) -> Self {
        for fit in [
            &mut self.teacher.fit,
            &mut self.student.fit,
            &mut self.swap.fit,
            &mut self.quantised.fit,
        ] {
            fit.epochs = 2;
            fit.samples_per_epoch = 2_048;
        }
        self
    }
}
