//! Every setting of a training run, as one serialisable value: the full run and its miniature.

use serde::{Deserialize, Serialize};
use veriregime_circuits::tape::{RangeCheck, Shape};
use veriregime_features::places::Sampling;

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
    pub teacher: FitConfig,
    /// Share of smoothing in the teacher's labels.
    pub label_smoothing: f64,
    /// Student distillation with ReLU.
    pub student: FitConfig,
    /// Fine-tuning after the swap to x^2.
    pub polynomial: FitConfig,
    /// Quantisation-aware fine-tuning.
    pub quantised: FitConfig,
    /// The student's loss.
    pub loss: LossConfig,
    /// Bits per weight.
    pub weight_bits: u32,
    /// Rows the tape may use in the layout of [`budget_shape`].
    pub row_budget: usize,
}

/// The layout in which the row budget counts: one lane of base-4 digits.
pub fn budget_shape() -> Shape {
    Shape::new(1, RangeCheck::Quads, false)
}

/// Which windows and labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// First candle's open time, UNIX seconds.
    pub from: u64,
    /// End of the last candle, UNIX seconds.
    pub to: u64,
    /// Minutes between two windows.
    pub stride_minutes: u32,
    /// Minutes ahead the label looks.
    pub horizon_minutes: u32,
    /// Return beyond which a label is BUY or SELL.
    pub theta: f64,
}

impl DataConfig {
    /// How samples are taken from the candles of the span.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        Sampling {
            stride_minutes: self.stride_minutes,
            horizon_minutes: self.horizon_minutes,
            question: veriregime_features::labels::Question::Signal,
            theta: self.theta,
        }
    }
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
    /// First learning rate; a cosine brings it to a hundredth.
    pub learning_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Epochs without a better validation score before the stage stops.
    pub patience: usize,
}

/// alpha CE + beta T^2 KL + gamma (lambda1 |W|_1 + lambda2 sum max(0, |w| - tau)) + hidden penalty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossConfig {
    /// Weight of the cross-entropy with the labels.
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
    /// Weight of the distance between polynomial and ReLU hidden values.
    pub hidden: f64,
}

/// 2022-12-31 00:00 UTC.
const FROM: u64 = 1_672_444_800;
/// 2024-11-08 00:00 UTC.
const TO: u64 = 1_731_024_000;

impl Config {
    /// The full run.
    #[must_use]
    pub fn full(seed: u64) -> Self {
        let fit = |epochs, samples_per_epoch, batch, learning_rate, patience| FitConfig {
            epochs,
            samples_per_epoch,
            batch,
            learning_rate,
            weight_decay: 1e-4,
            patience,
        };
        Self {
            seed,
            data: DataConfig {
                from: FROM,
                to: TO,
                stride_minutes: 5,
                horizon_minutes: 60,
                theta: 0.002,
            },
            mirror: true,
            teacher: fit(8, 30_000, 256, 1e-3, 5),
            label_smoothing: 0.1,
            student: fit(8, 140_000, 512, 5e-4, 4),
            polynomial: fit(6, 140_000, 512, 5e-4, 4),
            quantised: fit(6, 140_000, 512, 2e-4, 4),
            loss: LossConfig {
                alpha: 0.5,
                beta: 0.5,
                gamma: 0.1,
                temperature: 3.0,
                lambda1: 3e-3,
                lambda2: 1e-3,
                tau: 0.5,
                hidden: 0.1,
            },
            weight_bits: 8,
            row_budget: 16_300,
        }
    }

    /// The same run in miniature, for tests and first looks: every stage, a few steps each.
    #[must_use]
    pub fn quick(seed: u64) -> Self {
        let mut config = Self::full(seed);
        for fit in [
            &mut config.teacher,
            &mut config.student,
            &mut config.polynomial,
            &mut config.quantised,
        ] {
            fit.epochs = 2;
            fit.samples_per_epoch = 2_048;
        }
        config
    }

    /// The settings that decide the stages up to the named one, as text.
    #[must_use]
    pub fn until(&self, stage: &str) -> String {
        let Self {
            seed,
            data,
            mirror,
            label_smoothing,
            teacher,
            ..
        } = self;
        let mut text = format!("{seed} {data:?} {mirror} {label_smoothing} {teacher:?}");
        for (name, fit) in [
            ("student", &self.student),
            ("polynomial", &self.polynomial),
            ("quantised", &self.quantised),
        ] {
            if stage == "teacher" {
                break;
            }
            text.push_str(&format!(" {fit:?}"));
            if stage == name {
                text.push_str(&format!(" {:?} {}", self.loss, self.weight_bits));
                break;
            }
        }
        text
    }
}
