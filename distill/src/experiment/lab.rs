//! What all experiments share: samples, seeds, checkpoints, settings.

use std::path::Path;

use serde::Serialize;
use veriregime_features::labels::Question;
use veriregime_features::manifest::SourceFile;

use crate::Error;
use crate::checkpoint::Checkpoints;
use crate::config::{Config, FitConfig, SwapConfig};
use crate::data::History;
use crate::network::{Activation, Student, Teacher};
use crate::pipeline::{Prepared, SoftTargets, Trained, Trainer, data_digest};

/// Seeds of the full experiments.
const SEEDS: [u64; 3] = [7, 8, 9];
/// Proofs made for a measured proving time.
const PROOFS: usize = 5;

/// The settings and samples of a set of experiments.
pub struct Lab {
    /// The signal model's settings; its seed is that of choices that do not belong to one of [`Lab::seeds`].
    pub config: Config,
    /// Seeds over which a mean and a spread are taken.
    pub seeds: Vec<u64>,
    /// Whether this is the miniature.
    pub quick: bool,
    /// Proofs per measured proving time; 0 leaves them out.
    pub proofs: usize,
    /// The samples.
    pub prepared: Prepared,
    sources: Vec<SourceFile>,
    checkpoints: Checkpoints,
}

/// What a report says of its data, so that it can be made again.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// What is asked.
    pub question: Question,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Whether this is the miniature, whose numbers mean nothing.
    pub miniature: bool,
    /// Digests of the data files.
    pub sources: Vec<SourceFile>,
    /// Windows in the training, validation and test part.
    pub windows: [usize; 3],
    /// Windows left out because they cross a gap.
    pub skipped: u64,
}

/// A seed's teacher, what it says, and the student that all later networks come from.
pub struct Distilled {
    /// The chosen teacher.
    pub teacher: Trained<Teacher>,
    /// Its logits on the training part.
    pub soft: SoftTargets,
    /// The ReLU student with the whole loss.
    pub student: Trained<Student>,
}

impl Lab {
    /// Opens a lab on a history.
    ///
    /// # Errors
    /// Whatever stops the samples or the checkpoints.
    pub fn new(
        question: Question,
        quick: bool,
        history: &History,
        checkpoints: &Path,
    ) -> Result<Self, Error> {
        let mut config = Config::of(question, SEEDS[0]);
        if quick {
            config = config.quick();
            config.teacher.fit.epochs = 1;
            config.teacher.fit.samples_per_epoch = 512;
        }
        Ok(Self {
            prepared: Prepared::new(&config.data, history)?,
            seeds: if quick {
                SEEDS[..2].to_vec()
            } else {
                SEEDS.to_vec()
            },
            proofs: if quick { 0 } else { PROOFS },
            quick,
            config,
            sources: history.sources.clone(),
            checkpoints: Checkpoints::open(checkpoints, data_digest(history), true)?,
        })
    }

    /// What the reports say of the data.
    #[must_use]
    pub fn setting(&self) -> Setting {
        let split = &self.prepared.split;
        Setting {
            question: self.config.data.question,
            seeds: self.seeds.clone(),
            miniature: self.quick,
            sources: self.sources.clone(),
            windows: [split.train.len(), split.validation.len(), split.test.len()],
            skipped: self.prepared.skipped,
        }
    }

    /// The trainer of a seed.
    #[must_use]
    pub fn trainer(&self, seed: u64) -> Trainer<'_> {
        Trainer {
            seed,
            mirror: self.config.mirror,
            prepared: &self.prepared,
            checkpoints: &self.checkpoints,
        }
    }

    /// A seed's teacher and ReLU student with the shipped settings.
    ///
    /// # Errors
    /// Whatever stops a stage.
    pub fn distilled(&self, seed: u64) -> Result<Distilled, Error> {
        let trainer = self.trainer(seed);
        let teacher = trainer.teacher("teacher", &self.config.teacher)?;
        let soft = trainer.soft_targets(&teacher)?;
        let student = trainer.student("student", &self.config.student, &soft)?;
        Ok(Distilled {
            teacher,
            soft,
            student,
        })
    }

    /// A stage's settings with as many epochs as in the method, or the miniature's.
    #[must_use]
    pub fn fit(&self, epochs: usize, learning_rate: f64) -> FitConfig {
        FitConfig {
            epochs: if self.quick { 1 } else { epochs },
            learning_rate,
            ..self.config.swap.fit.clone()
        }
    }

    /// The method's swap: 10 epochs at 1e-4 with the hidden penalty.
    #[must_use]
    pub fn swap(&self, activation: Activation) -> SwapConfig {
        SwapConfig {
            activation,
            penalty: self.config.swap.penalty,
            fit: self.fit(10, 1e-4),
        }
    }
}
