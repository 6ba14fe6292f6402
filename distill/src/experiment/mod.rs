//! The method's experiments: what is trained, proven and compared, and the pages that say so.
//!
//! ```text
//! Lab (samples, seeds, checkpoints) -> teachers | distillation | activations | quantisation | pareto -> Exhibit (json, md, svg)
//! ```
//!
//! Every stage is kept in a checkpoint named by its settings, so that an interrupted experiment goes on where it was and experiments
//! share what they have in common. The test part is only ever measured; choices are made on the validation part.

pub mod activations;
pub mod allocation;
pub mod circuit;
pub mod distillation;
pub mod lab;
pub(crate) mod markdown;
pub mod pareto;
pub mod quantisation;
pub mod sensitivity;
pub mod spread;
pub mod teachers;

use std::path::Path;

use serde::{Deserialize, Serialize};
use veriregime_features::labels::Question;
use veriregime_features::manifest::Scores;

use crate::Error;
use crate::exhibit::Exhibit;

pub use circuit::Circuit;
pub use lab::Lab;
pub use spread::Spread;

/// Rows of the largest circuit.
pub const WHOLE: usize = 65_530;

/// One experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Experiment {
    /// Architectures, options, baselines.
    Teachers,
    /// Experiment 1.
    Distillation,
    /// Experiment 2.
    Activations,
    /// Experiment 3.
    Quantisation,
    /// The front.
    Pareto,
}

impl Experiment {
    /// All, in the order in which they build on each other.
    pub const ALL: [Self; 5] = [
        Self::Teachers,
        Self::Distillation,
        Self::Activations,
        Self::Quantisation,
        Self::Pareto,
    ];

    /// The experiment of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|experiment| experiment.name() == name)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Teachers => "teachers",
            Self::Distillation => "distillation",
            Self::Activations => "activations",
            Self::Quantisation => "quantisation",
            Self::Pareto => "pareto",
        }
    }

    /// Carries it out and writes its pages into a folder.
    ///
    /// # Errors
    /// Whatever stops a stage, a proof or a file.
    pub fn run(self, lab: &Lab, folder: &Path) -> Result<(), Error> {
        let exhibits: Vec<Exhibit> = match self {
            Self::Teachers => vec![teachers::run(lab)?.exhibit(lab)?],
            Self::Distillation => vec![distillation::run(lab)?.exhibit(lab)?],
            Self::Activations => activations::run(lab)?.exhibits(lab)?,
            Self::Quantisation => vec![quantisation::run(lab)?.exhibit(lab)?],
            Self::Pareto => vec![pareto::run(lab)?.exhibit(lab)?],
        };
        exhibits
            .iter()
            .try_for_each(|exhibit| exhibit.write(folder))
    }
}

impl Lab {
    /// What models are compared by: macro-F1 of signals, accuracy of regimes.
    #[must_use]
    pub fn score(&self, scores: &Scores) -> f64 {
        match self.config.data.question {
            Question::Signal => scores.macro_f1,
            Question::Regime => scores.accuracy,
        }
    }

    /// The name of [`Lab::score`].
    #[must_use]
    pub fn score_name(&self) -> &'static str {
        match self.config.data.question {
            Question::Signal => "macro-F1",
            Question::Regime => "accuracy",
        }
    }

    /// A paragraph on data and seeds.
    #[must_use]
    pub fn describe(&self) -> String {
        let setting = self.setting();
        let seeds: Vec<String> = setting.seeds.iter().map(ToString::to_string).collect();
        let [train, validation, test] = setting.windows;
        let mut text = format!(
            "Seeds {}. {train} windows of training, {validation} of validation, {test} of test; {} skipped because of gaps.",
            seeds.join(", "),
            setting.skipped
        );
        for source in &setting.sources {
            text += &format!(
                " `{}` SHA-256 `{}`.",
                source.file,
                source.sha256.get(..16).unwrap_or_default()
            );
        }
        if setting.miniature {
            text += " **A miniature: these numbers mean nothing.**";
        }
        text + "\n"
    }
}
