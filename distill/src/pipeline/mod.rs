//! The stages of a run, in order, and what each hands to the next.
//!
//! ```text
//! Prepared (samples, split, scale) -> teacher -> student (ReLU) -> student (swapped) -> Quantised -> IntegerModel -> Outcome
//! ```

mod measure;
mod prepare;
mod trainer;

use std::path::Path;
use std::time::Instant;

use sha2::{Digest, Sha256};
use veriregime_circuits::model::IntegerModel;
use veriregime_circuits::tape::{Layout, Profile};

use crate::baseline::Logistic;
use crate::checkpoint::Checkpoints;
use crate::config::budget_shape;
use crate::data::History;
use crate::network::{Quantised, Student};
use crate::shipped::ShippedTeacher;
use crate::train::StageHistory;
use crate::{Config, Error};

pub use measure::{Measured, classify, infer, window};
pub use prepare::Prepared;
pub use trainer::{SoftTargets, Trained, Trainer};

/// Everything a run produced.
pub struct Outcome {
    /// Settings of the run.
    pub config: Config,
    /// Samples, split, scale.
    pub prepared: Prepared,
    /// The integer model.
    pub model: IntegerModel,
    /// Rows of its circuit in the gas profile.
    pub rows: usize,
    /// log2 of the circuit's size.
    pub k: u32,
    /// The convolutional teacher, with its offsets.
    pub teacher: ShippedTeacher,
    /// The distilled ReLU student.
    pub student: Student,
    /// The student with the circuit's activation.
    pub swapped: Student,
    /// The student in integers.
    pub quantised: Quantised,
    /// What each stage gave, in order.
    pub history: Vec<StageHistory>,
    /// The integer model's scores.
    pub integers: Measured,
    /// The scores of the models before it and of baselines, by name.
    pub others: Vec<(String, Measured)>,
    /// Wall time of the run, with that of the epochs it resumed, seconds.
    pub seconds: f64,
}

/// Runs every stage on a history.
///
/// # Errors
/// Whatever stops a stage; [`Error::RowBudget`] when the integer model does not fit the circuit.
pub fn run(
    config: &Config,
    history: &History,
    checkpoints: &Path,
    resume: bool,
) -> Result<Outcome, Error> {
    let begun = Instant::now();
    let checkpoints = Checkpoints::open(checkpoints, data_digest(history), resume)?;
    let prepared = Prepared::new(&config.data, history)?;
    let trainer = Trainer {
        seed: config.seed,
        mirror: config.mirror,
        prepared: &prepared,
        checkpoints: &checkpoints,
    };
    let loss = &config.student.loss;
    let teacher = trainer.teacher("teacher", &config.teacher)?;
    let soft = trainer.soft_targets(&teacher)?;
    let student = trainer.student("student", &config.student, &soft)?;
    let swapped = trainer.swapped("swapped", &student, &config.swap, loss, &soft)?;
    let quantised = trainer.quantised("quantised", &swapped, &config.quantised, loss, &soft)?;

    let (model, integers) = Measured::of_integers(&prepared, &quantised.network)?;
    let mut others = baselines(&prepared);
    let of_teacher = Measured::of(&prepared, &teacher.network)?;
    let offsets = of_teacher.offsets.clone();
    others.push((config.teacher.architecture.title(), of_teacher));
    for (name, student) in [
        ("relu", &student.network),
        (config.swap.activation.name(), &swapped.network),
    ] {
        others.push((
            format!("student ({name}, float)"),
            Measured::of(&prepared, student)?,
        ));
    }
    let budgeted = Layout::compile(&model, budget_shape(), None)?;
    if budgeted.rows.len() > config.quantised.row_budget {
        return Err(Error::RowBudget {
            rows: budgeted.rows.len(),
            k: budgeted.k,
            budget: config.quantised.row_budget,
        });
    }
    let layout = Layout::plan(&model, Profile::Gas)?;
    let history = vec![
        teacher.history,
        student.history,
        swapped.history,
        quantised.history,
    ];
    let resumed: f64 = history.iter().map(StageHistory::resumed_seconds).sum();
    Ok(Outcome {
        config: config.clone(),
        model,
        rows: layout.rows.len(),
        k: layout.k,
        teacher: ShippedTeacher {
            network: teacher.network,
            offsets,
        },
        student: student.network,
        swapped: swapped.network,
        quantised: quantised.network,
        history,
        integers,
        others,
        seconds: begun.elapsed().as_secs_f64() + resumed,
        prepared,
    })
}

/// What a network must beat, by name: no model at all, and a regression.
#[must_use]
pub fn baselines(prepared: &Prepared) -> Vec<(String, Measured)> {
    let Prepared { samples, split, .. } = prepared;
    let (name, validation) = prepared.without_model(split.validation.clone());
    let (_, test) = prepared.without_model(split.test.clone());
    let logistic = Logistic::fit(samples, split.train.clone(), &prepared.class_weights);
    let logits = |part: &std::ops::Range<usize>| logistic.logits(samples, part.clone());
    vec![
        (
            name.to_owned(),
            Measured::of_classes(prepared, &validation, &test),
        ),
        (
            "logistic regression on summary and context".to_owned(),
            Measured::of_logits(prepared, &logits(&split.validation), &logits(&split.test)),
        ),
    ]
}

/// Digest of what a run learns from.
#[must_use]
pub fn data_digest(history: &History) -> String {
    let mut hash = Sha256::new();
    for source in &history.sources {
        hash.update(&source.file);
        hash.update(&source.sha256);
    }
    hash.update(history.candles.len().to_le_bytes());
    hex::encode(hash.finalize())
}
