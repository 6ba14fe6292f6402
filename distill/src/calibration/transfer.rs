//! What margins chosen on one part gave on another.

use serde::{Deserialize, Serialize};

use crate::exhibit::Exhibit;
use crate::plot;

use super::margin::Answer;
use super::table::{Calibration, calibrate};
use super::{Error, page, picture};

/// A calibration fitted on one part, and what became of it on another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Whose answers they are.
    pub model: String,
    /// Where margins and expected hit rates come from.
    pub fitted: Calibration,
    /// The other part by its own margins.
    pub measured: Calibration,
    /// The fitted tenths on the other part.
    pub bins: Vec<Carried>,
    /// The smallest margins of the fitted part on the other part.
    pub kept: Vec<Kept>,
    /// Mean distance between expected and measured hit rate over the fitted tenths, weighted by the answers of the other part.
    pub gap: f64,
}

/// A fitted tenth on the other part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Smallest margin; the first tenth also takes what is below it, the last what is above.
    pub from: f64,
    /// The smoothed hit rate of the fitted part.
    pub expected: f64,
    /// Answers of the other part.
    pub count: u64,
    /// Share of right ones among them; 0 of none.
    pub hit_rate: f64,
}

/// Answers whose margin is at least one of the fitted part's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The smallest margin taken.
    pub margin: f64,
    /// Share of the fitted part's answers.
    pub fitted_share: f64,
    /// Share of right ones among them.
    pub fitted_hit_rate: f64,
    /// Answers of the other part.
    pub count: u64,
    /// Share of the other part's answers.
    pub share: f64,
    /// Share of right ones among them; 0 of none.
    pub hit_rate: f64,
}

impl Transfer {
    /// Calibrates on the first answers and measures on the second; the names of parts and of classes go into the tables.
    ///
    /// # Errors
    /// [`Error`] naming the answer that cannot be used.
    pub fn new(
        model: &str,
        fitted: (&str, &[Answer]),
        measured: (&str, &[Answer]),
        names: &[&str],
    ) -> Result<Self, Error> {
        let answers = measured.1;
        let subject = |part: &str| format!("{model}, {part}");
        let fitted = calibrate(&subject(fitted.0), fitted.1, names)?;
        let measured = calibrate(&subject(measured.0), answers, names)?;
        let last = fitted.bins.len().saturating_sub(1);
        let bins: Vec<Carried> = fitted
            .bins
            .iter()
            .enumerate()
            .map(|(index, bin)| {
                let end = fitted.bins.get(index + 1).map(|next| next.from);
                let inside = |answer: &Answer| {
                    (index == 0 || answer.margin >= bin.from)
                        && (index == last || end.is_some_and(|end| answer.margin < end))
                };
                let (count, hit_rate) = rate(answers, inside);
                Carried {
                    from: bin.from,
                    expected: bin.smoothed,
                    count,
                    hit_rate,
                }
            })
            .collect();
        let kept = fitted.at_least.iter().map(|row| {
            let (count, hit_rate) = rate(answers, |answer| answer.margin >= row.margin);
            Kept {
                margin: row.margin,
                fitted_share: row.share,
                fitted_hit_rate: row.hit_rate,
                count,
                share: count as f64 / answers.len() as f64,
                hit_rate,
            }
        });
        let gap = bins
            .iter()
            .map(|bin| (bin.expected - bin.hit_rate).abs() * bin.count as f64)
            .sum::<f64>()
            / answers.len() as f64;
        Ok(Self {
            model: model.to_owned(),
            kept: kept.collect(),
            fitted,
            measured,
            bins,
            gap,
        })
    }

    /// The result as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        page::of_transfer(self)
    }

    /// Expected and measured hit rates as a picture.
    ///
    /// # Errors
    /// [`plot::Error`] when there is nothing to draw.
    pub fn svg(&self) -> Result<String, plot::Error> {
        plot::lines(&picture::of_transfer(self))
    }

    /// The result as files of a name.
    ///
    /// # Errors
    /// [`crate::Error::Plot`] when there is nothing to draw.
    pub fn exhibit(&self, name: &str) -> Result<Exhibit, crate::Error> {
        let picture = format!("\n![Hit rate by margin]({name}.svg)\n");
        Exhibit::new(name, self, self.markdown() + &picture, self.svg()?)
    }
}

/// How many answers there are of a kind, and the share of right ones.
fn rate(answers: &[Answer], of: impl Fn(&Answer) -> bool) -> (u64, f64) {
    let found: Vec<Answer> = answers.iter().copied().filter(of).collect();
    (found.len() as u64, super::bins::hit_rate(&found))
}
