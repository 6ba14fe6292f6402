//! Teacher, distillation, swap, fine-tuning, quantisation-aware training.

use candle_core::{DType, Device, Tensor};
use rand::seq::SliceRandom;

use super::Prepared;
use crate::checkpoint::Checkpoints;
use crate::config::{Config, FitConfig};
use crate::data::CLASSES;
use crate::network::swap::{self, Swapped};
use crate::network::{Network, Quantised, Student, Teacher, inputs, predict};
use crate::train::{Stage, StageHistory, generator};
use crate::{Error, loss, prior};

/// Windows on which scales and spreads are calibrated.
const CALIBRATION: usize = 4_096;

/// Trained networks, and the epochs of each stage.
pub struct Trained {
    /// The convolutional teacher.
    pub teacher: Teacher,
    /// Its students.
    pub students: Students,
    /// What each stage gave, in order.
    pub history: Vec<StageHistory>,
}

/// The student in its three forms.
pub struct Students {
    /// The distilled ReLU student.
    pub relu: Student,
    /// The student with squares.
    pub polynomial: Student,
    /// The student in integers.
    pub quantised: Quantised,
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
    let teacher = run.teacher(&mut history)?;
    let soft = run.soft_targets(&teacher)?;
    let students = run.students(&soft, &mut history)?;
    Ok(Trained {
        teacher,
        students,
        history,
    })
}

/// The teacher's logits on the training part and on its mirror image.
pub struct SoftTargets {
    samples: usize,
    plain: Vec<[f32; CLASSES]>,
    mirrored: Vec<[f32; CLASSES]>,
}

impl SoftTargets {
    fn of(&self, index: usize) -> [f32; CLASSES] {
        match index.checked_sub(self.samples) {
            None => self.plain[index],
            Some(original) => self.mirrored[original],
        }
    }
}

/// One run: its settings, its samples, its checkpoints.
pub struct Run<'a> {
    /// Settings.
    pub config: &'a Config,
    /// Samples.
    pub prepared: &'a Prepared,
    /// Checkpoints.
    pub checkpoints: &'a Checkpoints,
}

impl Run<'_> {
    /// Trains the teacher, and appends its epochs to `history`.
    ///
    /// # Errors
    /// Whatever stops the stage.
    pub fn teacher(&self, history: &mut Vec<StageHistory>) -> Result<Teacher, Error> {
        let teacher = Teacher::random(&mut generator(self.config.seed, "teacher"))?;
        history.push(self.fit_teacher(&teacher)?);
        Ok(teacher)
    }

    /// The teacher's logits on everything the students learn from.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    pub fn soft_targets(&self, teacher: &Teacher) -> Result<SoftTargets, Error> {
        let Prepared { samples, split, .. } = self.prepared;
        let mirrored = split.train.clone().map(|index| samples.mirror(index));
        Ok(SoftTargets {
            samples: samples.len(),
            plain: predict(teacher, samples, split.train.clone())?,
            mirrored: if self.config.mirror {
                predict(teacher, samples, mirrored)?
            } else {
                Vec::new()
            },
        })
    }

    /// The training part, and its mirror image if the settings want it.
    fn training_indices(&self) -> Vec<usize> {
        let Prepared { samples, split, .. } = self.prepared;
        let mut indices: Vec<usize> = split.train.clone().collect();
        if self.config.mirror {
            indices.extend(split.train.clone().map(|index| samples.mirror(index)));
        }
        indices
    }

    /// Distils the students from the teacher's logits on the training part, and appends their epochs to `history`.
    ///
    /// # Errors
    /// Whatever stops a stage; [`Error::RowBudget`] when no quantisation fits the circuit.
    pub fn students(
        &self,
        soft: &SoftTargets,
        history: &mut Vec<StageHistory>,
    ) -> Result<Students, Error> {
        let Config {
            student,
            polynomial: fine,
            quantised: integer,
            ..
        } = self.config;
        let relu = Student::random(&mut generator(self.config.seed, "student"))?;
        let epochs = self.distil("student", student, &relu, soft, |inputs| {
            Ok((relu.logits(inputs)?, None))
        })?;
        history.push(epochs);

        let Swapped {
            student: polynomial,
            spread,
        } = swap::to_quadratic(&relu, &self.prepared.samples, &self.calibration())?;
        let spread = spread
            .iter()
            .map(|row| Tensor::new(row.as_slice(), &Device::Cpu))
            .collect::<Result<Vec<_>, _>>()?;
        let epochs = self.distil("polynomial", fine, &polynomial, soft, |inputs| {
            let (pass, target) = (polynomial.pass(inputs)?, relu.pass(inputs)?);
            let penalty = hidden_penalty(&pass.after, &target.after, &spread)?;
            Ok((pass.logits, Some(penalty)))
        })?;
        history.push(epochs);

        let quantised =
            Quantised::within(&polynomial, self.config.weight_bits, self.config.row_budget)?;
        let epochs = self.distil("quantised", integer, &quantised, soft, |inputs| {
            Ok((quantised.logits(inputs)?, None))
        })?;
        history.push(epochs);
        Ok(Students {
            relu,
            polynomial,
            quantised,
        })
    }

    fn fit_teacher(&self, teacher: &Teacher) -> Result<StageHistory, Error> {
        let Prepared {
            samples,
            class_weights,
            ..
        } = self.prepared;
        self.stage("teacher", &self.config.teacher, teacher).run(
            |batch| {
                let labels = batch.iter().map(|&index| samples.label(index));
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
        soft: &SoftTargets,
        forward: impl Fn(&Tensor) -> Result<(Tensor, Option<Tensor>), Error>,
    ) -> Result<StageHistory, Error> {
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
                let labels = batch.iter().map(|&index| samples.label(index));
                let targets = loss::targets(labels, class_weights, 0.0)?;
                let soft: Vec<f32> = batch.iter().flat_map(|&index| soft.of(index)).collect();
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
            train: self.training_indices(),
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

/// Mean squared distance of squared hidden values from the ReLU student's, each in units of its neuron's spread.
fn hidden_penalty(squared: &[Tensor], relu: &[Tensor], spread: &[Tensor]) -> Result<Tensor, Error> {
    let mut penalty = Tensor::zeros((), DType::F32, &Device::Cpu)?;
    for ((squared, relu), spread) in squared.iter().zip(relu).zip(spread) {
        let gap = (swap::as_relu(squared)? - relu.broadcast_div(spread)?.detach())?;
        penalty = (penalty + gap.sqr()?.mean_all()?)?;
    }
    Ok(penalty)
}
