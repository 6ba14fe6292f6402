//! Teachers: three architectures with the options that the reports name, chosen on the validation part, and baselines.

use serde::Serialize;

use super::Lab;
use super::lab::Setting;
use super::markdown::Table;
use super::spread::Spread;
use crate::Error;
use crate::config::{Schedule, TeacherConfig};
use crate::exhibit::Exhibit;
use crate::network::{Architecture, Logits, predict};
use crate::pipeline::{Measured, baselines};
use crate::plot::{self, Axis, BarSeries, Bars, Panel};

/// Epochs of a run of the comparison.
const EPOCHS: usize = 4;
/// Options of every architecture.
const OPTIONS: usize = 4;
/// Length that gradients are clipped to.
const CLIP: f64 = 1.0;

/// One trained teacher of the comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Architecture.
    pub architecture: Architecture,
    /// Option.
    pub option: &'static str,
    /// Parameters.
    pub parameters: usize,
    /// Its scores.
    #[serde(flatten)]
    pub measured: Measured,
    /// Epochs per minute.
    pub epochs_per_minute: f64,
}

/// The result.
#[derive(Clone, Debug, Serialize)]
pub struct Teachers {
    /// Data and seeds.
    pub setting: Setting,
    /// Every architecture with every option, one seed.
    pub candidates: Vec<Candidate>,
    /// The best on the validation part.
    pub chosen: (Architecture, &'static str),
    /// The shipped teacher's settings over the seeds: score on the test part (macro-F1 of signals, accuracy of regimes).
    pub shipped: Spread,
    /// The mean of the seeds' logits as one teacher.
    pub ensemble: Measured,
    /// What needs no network, by name.
    pub baselines: Vec<(String, Measured)>,
}

/// The options of a teacher's training, by name.
fn options(base: &TeacherConfig) -> [(&'static str, TeacherConfig); OPTIONS] {
    let focal = TeacherConfig {
        focal: 2.0,
        label_smoothing: 0.0,
        ..base.clone()
    };
    let unweighted = TeacherConfig {
        class_weights: false,
        ..base.clone()
    };
    let mut plateau = base.clone();
    plateau.fit.schedule = Schedule::Plateau;
    plateau.fit.clip = Some(CLIP);
    [
        ("smoothing 0.1, cosine", base.clone()),
        ("focal loss 2, cosine", focal),
        ("smoothing 0.1, cosine, no class weights", unweighted),
        ("smoothing 0.1, plateau, clipping 1", plateau),
    ]
}

/// Trains and compares.
///
/// # Errors
/// Whatever stops a stage.
pub fn run(lab: &Lab) -> Result<Teachers, Error> {
    let trainer = lab.trainer(lab.config.seed);
    let mut candidates = Vec::new();
    for architecture in Architecture::ALL {
        let mut base = TeacherConfig {
            architecture,
            ..lab.config.teacher.clone()
        };
        base.fit.epochs = base.fit.epochs.min(EPOCHS);
        for (option, config) in options(&base) {
            let trained = trainer.teacher(architecture.name(), &config)?;
            candidates.push(Candidate {
                architecture,
                option,
                parameters: trained.network.parameters(),
                measured: Measured::of(&lab.prepared, &trained.network)?,
                epochs_per_minute: trained.history.pace(),
            });
        }
    }
    let chosen = candidates
        .iter()
        .max_by(|one, other| {
            lab.score(&one.measured.validation)
                .total_cmp(&lab.score(&other.measured.validation))
        })
        .map_or((lab.config.teacher.architecture, ""), |best| {
            (best.architecture, best.option)
        });

    let split = &lab.prepared.split;
    let (mut scores, mut validation, mut test) = (Vec::new(), Vec::new(), Vec::new());
    for &seed in &lab.seeds {
        let teacher = lab
            .trainer(seed)
            .teacher("teacher", &lab.config.teacher)?
            .network;
        validation.push(predict(
            &teacher,
            &lab.prepared.samples,
            split.validation.clone(),
        )?);
        test.push(predict(
            &teacher,
            &lab.prepared.samples,
            split.test.clone(),
        )?);
        scores.push(lab.score(&Measured::of(&lab.prepared, &teacher)?.test));
    }
    Ok(Teachers {
        setting: lab.setting(),
        candidates,
        chosen,
        shipped: Spread::of(scores),
        ensemble: Measured::of_logits(
            &lab.prepared,
            &Logits::mean(&validation),
            &Logits::mean(&test),
        ),
        baselines: baselines(&lab.prepared),
    })
}

impl Teachers {
    /// Numbers, page and picture.
    ///
    /// # Errors
    /// [`Error::Plot`] when the picture cannot be drawn.
    pub fn exhibit(&self, lab: &Lab) -> Result<Exhibit, Error> {
        let score = lab.score_name();
        let mut table = Table::new([
            "teacher",
            "option",
            "parameters",
            "validation",
            "test",
            "test accuracy",
            "epochs/minute",
        ]);
        for candidate in &self.candidates {
            table.row([
                candidate.architecture.name().to_owned(),
                candidate.option.to_owned(),
                candidate.parameters.to_string(),
                format!("{:.4}", lab.score(&candidate.measured.validation)),
                format!("{:.4}", lab.score(&candidate.measured.test)),
                format!("{:.4}", candidate.measured.test.accuracy),
                format!("{:.1}", candidate.epochs_per_minute),
            ]);
        }
        for (name, measured) in &self.baselines {
            table.row([
                name.clone(),
                "no network".to_owned(),
                String::new(),
                format!("{:.4}", lab.score(&measured.validation)),
                format!("{:.4}", lab.score(&measured.test)),
                format!("{:.4}", measured.test.accuracy),
                String::new(),
            ]);
        }
        let (architecture, option) = self.chosen;
        let page = format!(
            "# Teachers\n\n{}\n{table}\n\
             Scores are {score}; seed {}, {} epochs. Best on the validation part: {} ({option}).\n\n\
             The shipped teacher ({}) over the seeds, on the test part: **{:.4}**. The mean of the seeds' logits as one teacher: \
             {:.4} on the test part, {:.4} on validation.\n\n![teachers](teachers.svg)\n",
            lab.describe(),
            lab.config.seed,
            lab.config.teacher.fit.epochs.min(EPOCHS),
            architecture.name(),
            lab.config.teacher.architecture.name(),
            self.shipped,
            lab.score(&self.ensemble.test),
            lab.score(&self.ensemble.validation),
        );
        let of = |part: fn(&Measured) -> &veriregime_features::manifest::Scores| {
            self.candidates
                .iter()
                .map(|candidate| lab.score(part(&candidate.measured)))
                .collect::<Vec<f64>>()
        };
        let svg = plot::bars(&Bars {
            title: "Teachers and their options".to_owned(),
            x: "architecture and option".to_owned(),
            y: Axis::numbers(score),
            categories: self
                .candidates
                .iter()
                .enumerate()
                .map(|(index, candidate)| {
                    format!("{} {}", candidate.architecture.name(), index % OPTIONS + 1)
                })
                .collect(),
            panels: vec![Panel {
                name: String::new(),
                series: vec![
                    BarSeries {
                        name: "validation".to_owned(),
                        values: of(|measured| &measured.validation),
                        errors: None,
                    },
                    BarSeries {
                        name: "test".to_owned(),
                        values: of(|measured| &measured.test),
                        errors: None,
                    },
                ],
            }],
            stacked: false,
        })?;
        Exhibit::new("teachers", self, page, svg)
    }
}
