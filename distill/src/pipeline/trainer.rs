//! One stage of training each: teacher, student, swap, quantisation.
//!
//! What a stage gives carries its lineage, the settings of every stage that led to it; it names the stage's checkpoint.

use candle_core::{Device, Tensor};
use rand::seq::SliceRandom;
use veriregime_features::INPUTS;

use super::Prepared;
use crate::checkpoint::Checkpoints;
use crate::config::{
    FitConfig, Labels, LossConfig, QuantisedConfig, StudentConfig, SwapConfig, TeacherConfig,
};
use crate::network::swap;
use crate::network::{Architecture, Logits, Network, Quantised, Student, Teacher, inputs, predict};
use crate::train::{Stage, StageHistory, generator};
use crate::{Error, loss, prior};

/// Windows on which scales and spreads are calibrated.
const CALIBRATION: usize = 4_096;

/// A network and how it came about.
pub struct Trained<N> {
    /// The network, with its best weights.
    pub network: N,
    /// The settings that led to it.
    pub lineage: String,
    /// Its epochs.
    pub history: StageHistory,
}

/// The teacher's logits on the training part and on its mirror image.
pub struct SoftTargets {
    samples: usize,
    plain: Logits,
    mirrored: Option<Logits>,
    lineage: String,
}

impl SoftTargets {
    fn of(&self, index: usize) -> &[f64] {
        match (index.checked_sub(self.samples), &self.mirrored) {
            (Some(original), Some(mirrored)) => mirrored.row(original),
            (Some(original), None) => self.plain.row(original),
            (None, _) => self.plain.row(index),
        }
    }
}

/// What a student learns from, and how.
struct Course<'a> {
    fit: &'a FitConfig,
    loss: &'a LossConfig,
    soft: &'a SoftTargets,
}

/// One run: its seed, its samples, its checkpoints.
pub struct Trainer<'a> {
    /// Seed of every random choice.
    pub seed: u64,
    /// Whether training also sees the mirrored windows.
    pub mirror: bool,
    /// Samples.
    pub prepared: &'a Prepared,
    /// Checkpoints.
    pub checkpoints: &'a Checkpoints,
}

impl Trainer<'_> {
    /// Trains a teacher.
    ///
    /// # Errors
    /// Whatever stops the stage.
    pub fn teacher(&self, name: &str, config: &TeacherConfig) -> Result<Trained<Teacher>, Error> {
        let samples = &self.prepared.samples;
        let classes = samples.classes();
        let network = Teacher::random(
            config.architecture,
            classes,
            &mut generator(self.seed, "teacher"),
        )?;
        let even = vec![1.0; classes];
        let weights = if config.class_weights {
            &self.prepared.class_weights
        } else {
            &even
        };
        let lineage = format!(
            "{} {} {:?} {config:?}",
            self.seed, self.mirror, self.prepared.data
        );
        let mut stage = self.stage(name, &config.fit, &network, &lineage);
        stage.halves = config.architecture != Architecture::Midterm;
        let history = stage.run(
            |batch| {
                let labels = batch.iter().map(|&index| samples.label(index));
                let targets = loss::targets(labels, weights, config.label_smoothing)?;
                let logits = network.training_logits(&inputs(samples, batch)?)?;
                loss::focal(&logits, &targets, config.focal)
            },
            || self.validate(&network),
        )?;
        Ok(Trained {
            network,
            lineage,
            history,
        })
    }

    /// A teacher's logits on everything the students learn from.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    pub fn soft_targets(&self, teacher: &Trained<Teacher>) -> Result<SoftTargets, Error> {
        let Prepared { samples, split, .. } = self.prepared;
        let mirrored = split.train.clone().map(|index| samples.mirror(index));
        Ok(SoftTargets {
            samples: samples.len(),
            plain: predict(&teacher.network, samples, split.train.clone())?,
            mirrored: if self.mirror {
                Some(predict(&teacher.network, samples, mirrored)?)
            } else {
                None
            },
            lineage: teacher.lineage.clone(),
        })
    }

    /// Trains a ReLU student.
    ///
    /// # Errors
    /// Whatever stops the stage.
    pub fn student(
        &self,
        name: &str,
        config: &StudentConfig,
        soft: &SoftTargets,
    ) -> Result<Trained<Student>, Error> {
        let mut widths = vec![INPUTS];
        widths.extend(&config.hidden);
        widths.push(self.prepared.samples.classes());
        let network = Student::random(&widths, &mut generator(self.seed, "student"))?;
        let lineage = format!("{} | {config:?}", soft.lineage);
        let course = Course {
            fit: &config.fit,
            loss: &config.loss,
            soft,
        };
        self.distil(name, &course, network, lineage, |network, inputs| {
            Ok((network.logits(inputs)?, None))
        })
    }

    /// Swaps a ReLU student's activation and fine-tunes it.
    ///
    /// # Errors
    /// Whatever stops the stage.
    pub fn swapped(
        &self,
        name: &str,
        relu: &Trained<Student>,
        config: &SwapConfig,
        loss: &LossConfig,
        soft: &SoftTargets,
    ) -> Result<Trained<Student>, Error> {
        let swapped = swap::swap(
            &relu.network,
            config.activation,
            &self.prepared.samples,
            &self.calibration(),
        )?;
        let lineage = format!("{} | {config:?} {loss:?}", relu.lineage);
        let course = Course {
            fit: &config.fit,
            loss,
            soft,
        };
        let student = swapped.student.clone();
        self.distil(name, &course, student, lineage, |student, inputs| {
            let pass = student.pass(inputs)?;
            let target = relu.network.pass(inputs)?;
            let distance = swapped.distance(&pass.after, &target.after)?;
            Ok((pass.logits, Some((distance * config.penalty)?)))
        })
    }

    /// Quantises a student and trains it through the integer semantics.
    ///
    /// # Errors
    /// Whatever stops the stage; [`Error::RowBudget`] when no quantisation fits the circuit.
    pub fn quantised(
        &self,
        name: &str,
        student: &Trained<Student>,
        config: &QuantisedConfig,
        loss: &LossConfig,
        soft: &SoftTargets,
    ) -> Result<Trained<Quantised>, Error> {
        let network = Quantised::within(&student.network, &config.weight_bits, config.row_budget)?;
        let lineage = format!("{} | {config:?} {loss:?}", student.lineage);
        let course = Course {
            fit: &config.fit,
            loss,
            soft,
        };
        self.distil(name, &course, network, lineage, |network, inputs| {
            Ok((network.logits(inputs)?, None))
        })
    }

    /// Trains with the combined loss; `forward` gives logits and what else is added to the loss.
    fn distil<N: Network + Sync>(
        &self,
        name: &str,
        course: &Course<'_>,
        network: N,
        lineage: String,
        forward: impl Fn(&N, &Tensor) -> Result<(Tensor, Option<Tensor>), Error> + Sync,
    ) -> Result<Trained<N>, Error> {
        let Course { fit, loss, soft } = *course;
        let Prepared {
            samples,
            class_weights,
            ..
        } = self.prepared;
        let classes = samples.classes();
        let variables = network.variables();
        let history = self.stage(name, fit, &network, &lineage).run(
            |batch| {
                let labels = batch.iter().map(|&index| match loss.labels {
                    Labels::Truth => samples.label(index),
                    Labels::Teacher => crate::network::logits::class(soft.of(index), &[]),
                });
                let targets = crate::loss::targets(labels, class_weights, 0.0)?;
                let teacher: Vec<f32> = batch
                    .iter()
                    .flat_map(|&index| soft.of(index).iter().map(|&logit| logit as f32))
                    .collect();
                let teacher = Tensor::from_vec(teacher, (batch.len(), classes), &Device::Cpu)?;
                let (logits, more) = forward(&network, &inputs(samples, batch)?)?;
                let value = crate::loss::combined(&logits, &targets, &teacher, &variables, loss)?;
                Ok(match more {
                    Some(more) => (value + more)?,
                    None => value,
                })
            },
            || self.validate(&network),
        )?;
        Ok(Trained {
            network,
            lineage,
            history,
        })
    }

    fn stage<'a>(
        &'a self,
        name: &'a str,
        fit: &'a FitConfig,
        network: &impl Network,
        lineage: &str,
    ) -> Stage<'a> {
        Stage {
            name,
            fit,
            seed: self.seed,
            train: self.training_indices(),
            variables: network.variables(),
            state: network.state(),
            halves: true,
            checkpoint: self.checkpoints.of(name, lineage),
        }
    }

    /// The training part, and its mirror image if the settings want it.
    fn training_indices(&self) -> Vec<usize> {
        let Prepared { samples, split, .. } = self.prepared;
        let mut indices: Vec<usize> = split.train.clone().collect();
        if self.mirror {
            indices.extend(split.train.clone().map(|index| samples.mirror(index)));
        }
        indices
    }

    /// The score on the validation part, with the offsets that are best there.
    fn validate(&self, network: &impl Network) -> Result<f64, Error> {
        let part = self.prepared.split.validation.clone();
        let samples = &self.prepared.samples;
        let logits = predict(network, samples, part.clone())?;
        Ok(prior::tune(samples.question, &logits, &samples.labels[part]).1)
    }

    /// Some windows of the training part, the same for every stage of a seed.
    #[must_use]
    pub fn calibration(&self) -> Vec<usize> {
        let mut indices: Vec<usize> = self.prepared.split.train.clone().collect();
        let wanted = CALIBRATION.min(indices.len());
        let (chosen, _) = indices.partial_shuffle(&mut generator(self.seed, "calibration"), wanted);
        chosen.to_vec()
    }
}
