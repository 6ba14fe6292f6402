//! What an integer model would have scored on a candle history.
//!
//! ```text
//! folder --History--> candles, funding --Sampling::places--> windows, labels --IntegerModel--> classes --> Scores
//! ```
//!
//! The windows, labels and scores are those of training (`veriregime_features::{places, labels, metrics}`): on the model's
//! own test part the result is, to the last digit, what its manifest says.

mod history;

use std::ops::RangeInclusive;

use rayon::prelude::*;
use serde::Serialize;
use veriregime_features::{
    Candle, FeatureError, Window,
    labels::Question,
    manifest::{ClassMetrics, Scores, SourceFile, Training},
    metrics,
    places::{Place, Sampling},
};

pub use history::{History, HistoryError};

use crate::{model::Model, utc};

/// The result of an evaluation: what was read, which windows, what was scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// The model's name.
    pub model: String,
    /// The candle file.
    pub candles: SourceFile,
    /// The funding file; without one, the funding feature stands at the training mean in every window.
    pub funding: Option<SourceFile>,
    /// What the model was asked.
    pub question: Question,
    /// First close time asked for, UNIX seconds.
    pub from: u64,
    /// Last close time asked for, UNIX seconds.
    pub to: u64,
    /// Minutes between two windows.
    pub stride_minutes: u32,
    /// Minutes ahead the label looks.
    pub horizon_minutes: u32,
    /// Threshold of the label, as a ratio: what the return until the horizon's end, or the deviation of its one-minute
    /// returns, is compared with.
    pub theta: f64,
    /// Windows scored.
    pub windows: u64,
    /// Close times left out because the candles of their window or label cross a gap.
    pub skipped: u64,
    /// Close times left out because the file has no candle that closes then, or it lies too near an end of the file.
    pub missing: u64,
    /// Share of windows with the right class.
    pub accuracy: f64,
    /// Unweighted mean of the classes' F1.
    pub macro_f1: f64,
    /// One entry per class, in class order.
    pub per_class: Vec<ClassScores>,
    /// `confusion[actual][predicted]`: numbers of windows, in class order.
    pub confusion: Vec<Vec<u64>>,
}

/// Scores of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassScores {
    /// Its name.
    pub class: &'static str,
    /// Precision, recall and F1.
    #[serde(flatten)]
    pub metrics: ClassMetrics,
}

/// Nothing could be scored.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The network has not the classes of its question.
    #[error(
        "model {model} gives {found} logits, its question has the classes {classes:?}: restore the weights that came with the manifest"
    )]
    Classes {
        /// The model's name.
        model: String,
        /// Number of the network's logits.
        found: usize,
        /// The question's classes.
        classes: &'static [&'static str],
    },
    /// The range ends before it begins.
    #[error("the range ends ({to}) before it begins ({from}): give --from and --to in order")]
    Order {
        /// First close time.
        from: u64,
        /// Last close time.
        to: u64,
    },
    /// No window at all.
    #[error(
        "{file} has no window that closes from {} to {} UTC on a stride of {stride_minutes} minutes ({skipped} cross a gap): its candles close from {} to {} UTC, choose a range with --from and --to that begins 5 hours after the first and ends {horizon_minutes} minutes before the last",
        utc::minute(*.from), utc::minute(*.to), utc::minute(*.first), utc::minute(*.last)
    )]
    NoWindow {
        /// The candle file.
        file: String,
        /// First close time asked for.
        from: u64,
        /// Last close time asked for.
        to: u64,
        /// Minutes between two windows.
        stride_minutes: u32,
        /// Minutes ahead the label looks.
        horizon_minutes: u32,
        /// Close times left out because of gaps.
        skipped: u64,
        /// First close time in the file.
        first: u64,
        /// Last close time in the file.
        last: u64,
    },
    /// A window's features cannot be computed: with contiguous candles, a matter of funding rates.
    #[error(
        "{file}, window closing at {close_time}: {error}, or choose another range with --from and --to"
    )]
    Feature {
        /// The file at fault.
        file: String,
        /// Close time of the window.
        close_time: u64,
        /// What the feature layer objected to.
        error: FeatureError,
    },
    /// The network refuses a window.
    #[error(transparent)]
    Network(#[from] veriregime_circuits::Error),
}

/// Scores a model on the windows of a history whose close times lie in `range`.
///
/// # Errors
/// [`EvaluateError`]: a network that does not fit its question, no window in the range, or funding rates that do not cover it.
pub fn evaluate(
    model: &Model,
    history: &History,
    range: RangeInclusive<u64>,
    stride_minutes: u32,
) -> Result<Evaluation, EvaluateError> {
    let classes = classes(model)?;
    let (from, to) = (*range.start(), *range.end());
    if from > to {
        return Err(EvaluateError::Order { from, to });
    }
    let Training {
        question,
        theta,
        horizon_minutes,
        ..
    } = model.manifest.training;
    let sampling = Sampling {
        stride_minutes,
        horizon_minutes,
        question,
        theta,
    };
    let asked = sampling.close_times(&range);
    let candles = history.candles();
    let (places, skipped) = sampling.places(candles, range);
    if places.is_empty() {
        let close = |candle: Option<&Candle>| candle.map_or(0, Candle::close_time);
        return Err(EvaluateError::NoWindow {
            file: history.candle_file().file.clone(),
            from,
            to,
            stride_minutes,
            horizon_minutes,
            skipped,
            first: close(candles.first()),
            last: close(candles.last()),
        });
    }
    let scale = &model.manifest.scale;
    let funding = history.funding(scale);
    let class = |place: &Place| -> Result<u8, EvaluateError> {
        let window = Window::compute(place.candles(candles), &funding, scale).map_err(|error| {
            EvaluateError::Feature {
                file: history.funding_name().to_owned(),
                close_time: place.close_time,
                error,
            }
        })?;
        Ok(model.network.infer(&window.values)?.class as u8)
    };
    let predicted: Vec<u8> = places.par_iter().map(class).collect::<Result<_, _>>()?;
    let actual: Vec<u8> = places.iter().map(|place| place.label).collect();
    let Scores {
        accuracy,
        macro_f1,
        classes: of_classes,
        confusion,
    } = metrics::scores(classes.len(), &actual, &predicted);
    let windows = places.len() as u64;
    Ok(Evaluation {
        model: model.name().to_owned(),
        candles: history.candle_file().clone(),
        funding: history.funding_file().cloned(),
        question,
        from,
        to,
        stride_minutes,
        horizon_minutes,
        theta,
        windows,
        skipped,
        missing: asked - windows - skipped,
        accuracy,
        macro_f1,
        per_class: classes
            .iter()
            .zip(of_classes)
            .map(|(&class, metrics)| ClassScores { class, metrics })
            .collect(),
        confusion,
    })
}

/// The classes of the model's question, one for each of its logits.
fn classes(model: &Model) -> Result<&'static [&'static str], EvaluateError> {
    let classes = model.question().classes();
    let found = model.network.widths().last().copied().unwrap_or(0);
    if found == classes.len() {
        return Ok(classes);
    }
    Err(EvaluateError::Classes {
        model: model.name().to_owned(),
        found,
        classes,
    })
}

impl Evaluation {
    /// The label's definition in a line.
    fn label(&self) -> String {
        let (percent, minutes) = (self.theta * 100.0, self.horizon_minutes);
        match self.question {
            Question::Signal => format!("BUY or SELL beyond {percent} % after {minutes} minutes"),
            Question::Regime => format!(
                "HIGH when the one-minute returns of {minutes} minutes deviate by more than {percent} %"
            ),
        }
    }

    /// The result as a short table.
    pub fn table(&self) -> String {
        let file = |source: &SourceFile| {
            let digest = source.sha256.get(..8).unwrap_or_default();
            format!("{} (SHA-256 {digest}...)", source.file)
        };
        let funding = self.funding.as_ref().map_or_else(
            || "no file: the feature stands at the training mean in every window".into(),
            file,
        );
        let mut text = format!(
            "model     {}\ncandles   {}\nfunding   {funding}\nrange     {} to {} UTC, every {} minutes\nlabel     {}\nwindows   {} ({} skipped because of gaps, {} missing)\naccuracy  {:.4}\nmacro-F1  {:.4}\n\n{:<18}",
            self.model,
            file(&self.candles),
            utc::minute(self.from),
            utc::minute(self.to),
            self.stride_minutes,
            self.label(),
            self.windows,
            self.skipped,
            self.missing,
            self.accuracy,
            self.macro_f1,
            "actual \\ predicted",
        );
        for ClassScores { class, .. } in &self.per_class {
            text += &format!(" {class:>8}");
        }
        text += "  precision  recall      F1";
        for (row, ClassScores { class, metrics }) in self.confusion.iter().zip(&self.per_class) {
            text += &format!("\n{class:<18}");
            for count in row {
                text += &format!(" {count:>8}");
            }
            let ClassMetrics {
                precision,
                recall,
                f1,
            } = metrics;
            text += &format!("  {precision:>9.4} {recall:>7.4} {f1:>7.4}");
        }
        text
    }
}

/// The range of a model's own test part, from its manifest.
pub fn test_part(model: &Model) -> RangeInclusive<u64> {
    let test = &model.manifest.training.splits.test;
    test.from..=test.to
}
