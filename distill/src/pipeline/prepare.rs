//! From history to samples: places, split, scale, windows.

use std::ops::Range;

use veriregime_features::FeatureScale;
use veriregime_features::labels::Question;
use veriregime_features::places::Place;

use crate::config::DataConfig;
use crate::data::{History, Samples, Split, scale_fit};
use crate::{Error, loss};

/// What training reads.
pub struct Prepared {
    /// Which windows and labels.
    pub data: DataConfig,
    /// Where the samples lie in the history.
    pub places: Vec<Place>,
    /// Windows and labels.
    pub samples: Samples,
    /// Training, validation, test.
    pub split: Split,
    /// From raw features to integers, fitted on the training part.
    pub scale: FeatureScale,
    /// Windows skipped because of gaps.
    pub skipped: u64,
    /// Loss weight of each class, from the training part.
    pub class_weights: Vec<f32>,
    /// The label of the horizon *before* each window's close: what a forecaster without a model would say of a regime.
    pub naive: Vec<u8>,
}

impl Prepared {
    /// Makes the samples of a history.
    ///
    /// # Errors
    /// [`Error::TooFewWindows`] or a feature error.
    pub fn new(data: &DataConfig, history: &History) -> Result<Self, Error> {
        let (places, skipped) = data.sampling().places(&history.candles, 0..=u64::MAX);
        let close_times: Vec<u64> = places.iter().map(|place| place.close_time).collect();
        let split = Split::in_time(&close_times, data.horizon_minutes)?;
        let scale = scale_fit::fit(history, &places[split.train.clone()])?;
        let samples = Samples::compute(data.question, history, &places, &scale)?;
        let class_weights =
            loss::class_weights(&samples.labels[split.train.clone()], samples.classes());
        let back = data.horizon_minutes as usize + 1;
        let naive = places
            .iter()
            .map(|place| {
                let closes: Vec<i64> = place
                    .candles(&history.candles)
                    .iter()
                    .rev()
                    .take(back)
                    .rev()
                    .map(|candle| candle.close)
                    .collect();
                data.question.label(&closes, data.theta)
            })
            .collect();
        Ok(Self {
            data: data.clone(),
            places,
            samples,
            split,
            scale,
            skipped,
            class_weights,
            naive,
        })
    }

    /// Share of every class in a part.
    #[must_use]
    pub fn label_shares(&self, part: Range<usize>) -> Vec<f64> {
        let labels = &self.samples.labels[part];
        (0..self.samples.classes())
            .map(|class| {
                let count = labels
                    .iter()
                    .filter(|&&label| usize::from(label) == class)
                    .count();
                count as f64 / labels.len().max(1) as f64
            })
            .collect()
    }

    /// What a forecaster without a model answers in a part, and its name: always HOLD, or the regime of the last hours.
    #[must_use]
    pub fn without_model(&self, part: Range<usize>) -> (&'static str, Vec<u8>) {
        match self.data.question {
            Question::Signal => ("always HOLD", vec![1; part.len()]),
            Question::Regime => ("the regime of the last hours", self.naive[part].to_vec()),
        }
    }
}
