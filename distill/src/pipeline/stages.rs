//! Teacher, distillation, swap, fine-tuning, quantisation-aware training.

use candle_core::{Device, Tensor};
use rand::seq::SliceRandom;

use super::Prepared;
use crate::checkpoint::Checkpoints;
use crate::config::{Config, FitConfig};
use crate::data::CLASSES;
use crate::network::swap::{self, Swapped};
use crate::network::{Network, Quantised, Student, Teacher, inputs, predict};
use crate::train::{Epoch, Stage, generator};
use crate::{Error, loss, prior};

/// Windows on which scales and spreads are calibrated.
const CALIBRATION: usize = 4_096;

/// Trained networks, and the epochs of each stage.
pub struct Trained {
    /// The convolutional teacher.
    pub teacher: Teacher,
    /// The distilled ReLU student.
    pub relu: Student,
    /// The student with squares.
    pub polynomial: Student,
    /// The student in integers.
    pub quantised: Quantised,
    /// Epochs by stage name, in order.
    pub history: Vec<(String, Vec<Epoch>)>,
}

/// Trains all networks.
///
/// # Errors
/// Whatever stops a stage.
pub fn train(
    config: &Config,
    prepared: &Prepared,
    checkpoints: &Checkpoints,
) -> Result<Trained, Error> {
    let run = Run {
        config,
        prepared,
        checkpoints,
    };
    let mut history = Vec::new();
    let teacher = Teacher::random(&mut generator(config.seed, "teacher"))?;
    history.push(("teacher".to_owned(), run.fit_teacher(&teacher)?));
    let soft = predict(&teacher, &prepared.samples, prepared.split.train.clone())?;

    let relu = Student::random(&mut generator(config.seed, "student"))?;
    let epochs = run.distil("student", &config.student, &relu, &soft, |inputs| {
        Ok((relu.logits(inputs)?, None))
    })?;
    history.push(("student".to_owned(), epochs));

    let calibration = run.calibration();
    let Swapped {
        student: polynomial,
        spread,
    } = swap::to_quadratic(&relu, &prepared.samples, &calibration)?;
    let spread = spread
        .iter()
        .map(|row| Tensor::new(row.as_slice(), &Device::Cpu))
        .collect::<Result<Vec<_>, _>>()?;
    let epochs = run.distil(
        "polynomial",
        &config.polynomial,
        &polynomial,
        &soft,
        |inputs| {
            let pass = polynomial.pass(inputs)?;
            let target = relu.pass(inputs)?;
            let mut penalty: Option<Tensor> = None;
            for ((squared, relu), spread) in pass.after.iter().zip(&target.after).zip(&spread) {
                let gap = (swap::as_relu(squared)? - relu.broadcast_div(spread)?.detach())?;
                let mean = gap.sqr()?.mean_all()?;
                penalty = Some(match penalty {
                    Some(sum) => (sum + mean)?,
                    None => mean,
                });
            }
            Ok((pass.logits, penalty))
        },
    )?;
    history.push(("polynomial".to_owned(), epochs));

    let quantised = Quantised::within(&polynomial, config.weight_bits, config.row_budget)?;
    let epochs = run.distil(
        "quantised",
        &config.quantised,
        &quantised,
        &soft,
        |inputs| Ok((quantised.logits(inputs)?, None)),
    )?;
    history.push(("quantised".to_owned(), epochs));
    Ok(Trained {
        teacher,
        relu,
        polynomial,
        quantised,
        history,
    })
}

struct Run<'a> {
    config: &'a Config,
    prepared: &'a Prepared,
    checkpoints: &'a Checkpoints,
}

impl Run<'_> {
    fn fit_teacher(&self, teacher: &Teacher) -> Result<Vec<Epoch>, Error> {
        let Prepared {
            samples,
            class_weights,
            ..
        } = self.prepared;
        self.stage("teacher", &self.config.teacher, teacher).run(
            |batch| {
                let labels = batch.iter().map(|&index| samples.labels[index]);
                let targets = loss::targets(labels, class_weights, self.config.label_smoothing)?;
                loss::cross_entropy(&teacher.logits(&inputs(samples, batch)?)?, &targets)
            },
            || self.validate(teacher),
        )
    }

    /// Trains with the combined loss; `forward` gives logits and an optional hidden penalty.
    fn distil(
        &self,
        name: &str,
        fit: &FitConfig,
        network: &impl Network,
        soft: &[[f32; CLASSES]],
        forward: impl Fn(&Tensor) -> Result<(Tensor, Option<Tensor>), Error>,
    ) -> Result<Vec<Epoch>, Error> {
        let Prepared {
            samples,
            class_weights,
            ..
        } = self.prepared;
        let stage = self.stage(name, fit, network);
        let variables = network.variables();
        let loss = &self.config.loss;
        stage.run(
            |batch| {
                let labels = batch.iter().map(|&index| samples.labels[index]);
                let targets = loss::targets(labels, class_weights, 0.0)?;
                let soft: Vec<f32> = batch.iter().flat_map(|&index| soft[index]).collect();
                let soft = Tensor::from_vec(soft, (batch.len(), CLASSES), &Device::Cpu)?;
                let (logits, hidden) = forward(&inputs(samples, batch)?)?;
                let value = loss::combined(&logits, &targets, &soft, &variables, loss)?;
                Ok(match hidden {
                    Some(penalty) => (value + (penalty * loss.hidden)?)?,
                    None => value,
                })
            },
            || self.validate(network),
        )
    }

    fn stage<'a>(&'a self, name: &'a str, fit: &'a FitConfig, network: &impl Network) -> Stage<'a> {
        Stage {
            name,
            fit,
            settings: self.config.until(name),
            seed: self.config.seed,
            train: self.prepared.split.train.clone(),
            variables: network.variables(),
            checkpoints: self.checkpoints,
        }
    }

    /// Macro-F1 on the validation part, with the offsets that are best there.
    fn validate(&self, network: &impl Network) -> Result<f64, Error> {
        let part = self.prepared.split.validation.clone();
        let logits = predict(network, &self.prepared.samples, part.clone())?;
        let logits: Vec<_> = logits.iter().map(|row| row.map(f64::from)).collect();
        Ok(prior::tune(&logits, &self.prepared.samples.labels[part]).1)
    }

    fn calibration(&self) -> Vec<usize> {
        let mut indices: Vec<usize> = self.prepared.split.train.clone().collect();
        let wanted = CALIBRATION.min(indices.len());
        let (chosen, _) =
            indices.partial_shuffle(&mut generator(self.config.seed, "calibration"), wanted);
        chosen.to_vec()
    }
}
