//! The result of an evaluation, as JSON and as a table.

use serde::Serialize;

use crate::labels::Question;
use crate::manifest::{ClassMetrics, SourceFile};
use crate::utc;

/// The result of an evaluation: what was read, which windows, what was scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// The model's name.
    pub model: String,
    /// Which of its networks: `integer`, or the name of another one in the manifest's comparison.
    pub network: String,
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
    #[must_use]
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
            "model     {}\nnetwork   {}\ncandles   {}\nfunding   {funding}\nrange     {} to {} UTC, every {} minutes\nlabel     {}\nwindows   {} ({} skipped because of gaps, {} missing)\naccuracy  {:.4}\nmacro-F1  {:.4}\n\n{:<18}",
            self.model,
            self.network,
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
