//! The whole calibration.

use serde::{Deserialize, Serialize};

use crate::exhibit::Exhibit;
use crate::plot;

use super::bins::{Bin, bins, hit_rate};
use super::margin::Answer;
use super::{Error, page, picture};

/// Shares of answers left out by the table of smallest margins, in percent.
const LEFT_OUT: [usize; 12] = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99];

/// Hit rates by margin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// What the answers are of, such as a model and a part.
    pub subject: String,
    /// Number of answers.
    pub count: u64,
    /// Share of right ones.
    pub hit_rate: f64,
    /// All answers by margin.
    pub bins: Vec<Bin>,
    /// By the model's class.
    pub classes: Vec<OfClass>,
    /// What remains if small margins are ignored.
    pub at_least: Vec<AtLeast>,
    /// Whether no bin has a lower hit rate than the bin before.
    pub rises: bool,
}

/// Answers of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfClass {
    /// The class.
    pub class: String,
    /// Number of answers.
    pub count: u64,
    /// Share of right ones; 0 of none.
    pub hit_rate: f64,
    /// Its answers by margin.
    pub bins: Vec<Bin>,
}

/// Answers whose margin is at least a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtLeast {
    /// The smallest margin taken.
    pub margin: f64,
    /// Number of answers.
    pub count: u64,
    /// Share of all answers.
    pub share: f64,
    /// Share of right ones among them.
    pub hit_rate: f64,
}

/// Calibrates answers; `subject` says whose, `names` are those of the classes by index.
///
/// # Errors
/// [`Error`] naming the answer that cannot be used.
pub fn calibrate(subject: &str, answers: &[Answer], names: &[&str]) -> Result<Calibration, Error> {
    check(answers, names.len())?;
    let mut sorted = answers.to_vec();
    sorted.sort_by(|a, b| a.margin.total_cmp(&b.margin));
    let classes = (0u8..).zip(names).map(|(class, name)| {
        let of_class: Vec<Answer> = sorted
            .iter()
            .copied()
            .filter(|answer| answer.class == class)
            .collect();
        OfClass {
            class: (*name).to_owned(),
            count: of_class.len() as u64,
            hit_rate: hit_rate(&of_class),
            bins: bins(&of_class),
        }
    });
    let bins = bins(&sorted);
    Ok(Calibration {
        subject: subject.to_owned(),
        count: sorted.len() as u64,
        hit_rate: hit_rate(&sorted),
        classes: classes.collect(),
        at_least: at_least(&sorted),
        rises: bins.is_sorted_by(|a, b| a.hit_rate <= b.hit_rate),
        bins,
    })
}

fn check(answers: &[Answer], classes: usize) -> Result<(), Error> {
    if answers.is_empty() {
        return Err(Error::Empty);
    }
    for (index, answer) in answers.iter().enumerate() {
        let margin = answer.margin;
        if !(margin.is_finite() && margin >= 0.0) {
            return Err(Error::Margin { index, margin });
        }
        for class in [answer.class, answer.label] {
            if usize::from(class) >= classes {
                return Err(Error::Class {
                    index,
                    class,
                    classes,
                });
            }
        }
    }
    Ok(())
}

fn at_least(sorted: &[Answer]) -> Vec<AtLeast> {
    let mut rows: Vec<AtLeast> = Vec::new();
    for percent in LEFT_OUT {
        let Some(first) = sorted.get(sorted.len() * percent / 100) else {
            continue;
        };
        let margin = first.margin;
        let start = sorted.partition_point(|answer| answer.margin < margin);
        if rows.last().is_some_and(|row| row.margin == margin) {
            continue;
        }
        let rest = &sorted[start..];
        rows.push(AtLeast {
            margin,
            count: rest.len() as u64,
            share: rest.len() as f64 / sorted.len() as f64,
            hit_rate: hit_rate(rest),
        });
    }
    rows
}

impl Calibration {
    /// The smoothed hit rate that belongs to a margin: that of the last bin that begins at or below it.
    #[must_use]
    pub fn expected(&self, margin: f64) -> f64 {
        let place = self.bins.partition_point(|bin| bin.from <= margin);
        let bin = self.bins.get(place.saturating_sub(1));
        bin.map_or(self.hit_rate, |bin| bin.smoothed)
    }

    /// The calibration as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        page::of(self)
    }

    /// Hit rates by margin as a picture.
    ///
    /// # Errors
    /// [`plot::Error`] when there is nothing to draw.
    pub fn svg(&self) -> Result<String, plot::Error> {
        plot::lines(&picture::of(self))
    }

    /// The calibration as files of a name.
    ///
    /// # Errors
    /// [`crate::Error::Plot`] when there is nothing to draw.
    pub fn exhibit(&self, name: &str) -> Result<Exhibit, crate::Error> {
        let picture = format!("\n![Hit rate by margin]({name}.svg)\n");
        Exhibit::new(name, self, self.markdown() + &picture, self.svg()?)
    }
}
