//! What a model scored: the integer model, not its float shadow, beside baselines on the same windows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Scores of the shipped integer model and of what it is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// The integer model on the test split.
    pub test: Scores,
    /// The integer model on the validation split.
    pub validation: Scores,
    /// Other models and baselines on the test split, by name.
    pub comparison: BTreeMap<String, Scores>,
}

/// Scores of one model on one split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// Share of windows with the right class.
    pub accuracy: f64,
    /// Unweighted mean of the classes' F1.
    pub macro_f1: f64,
    /// Precision, recall and F1 by class index.
    pub classes: Vec<ClassMetrics>,
    /// `confusion[actual][predicted]`: numbers of windows.
    pub confusion: Vec<Vec<u64>>,
}

/// Scores of one class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassMetrics {
    /// Right among predicted; 0 when never predicted.
    pub precision: f64,
    /// Right among actual; 0 when there is none.
    pub recall: f64,
    /// Harmonic mean of both; 0 when both are 0.
    pub f1: f64,
}
