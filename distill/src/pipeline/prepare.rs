//! From history to samples: places, split, scale, windows.

use veriregime_features::FeatureScale;
use veriregime_features::places::{Place, Sampling};

use crate::config::Config;
use crate::data::{CLASSES, History, Samples, Split, scale_fit};
use crate::{Error, loss};

/// The threshold the method's proposal names first.
const LARGE_THETA: f64 = 0.02;

/// What training reads.
pub struct Prepared {
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
    /// Shares of SELL, HOLD and BUY among all windows if the threshold were 2 %.
    pub large_moves: [f64; CLASSES],
    /// Loss weight of each class, from the training part.
    pub class_weights: [f32; CLASSES],
}

impl Prepared {
    /// Makes the samples of a history.
    ///
    /// # Errors
    /// [`Error::TooFewWindows`] or a feature error.
    pub fn new(config: &Config, history: &History) -> Result<Self, Error> {
        let sampling = config.data.sampling();
        let (places, skipped) = sampling.places(&history.candles, 0..=u64::MAX);
        let close_times: Vec<u64> = places.iter().map(|place| place.close_time).collect();
        let split = Split::in_time(&close_times, config.data.horizon_minutes)?;
        let scale = scale_fit::fit(history, &places[split.train.clone()])?;
        let samples = Samples::compute(history, &places, &scale)?;
        let class_weights = loss::class_weights(&samples.labels[split.train.clone()]);
        let large = Sampling {
            theta: LARGE_THETA,
            ..sampling
        };
        let labels: Vec<u8> = large
            .places(&history.candles, 0..=u64::MAX)
            .0
            .iter()
            .map(|place| place.label)
            .collect();
        let large_moves = shares(&labels);
        Ok(Self {
            places,
            samples,
            split,
            scale,
            skipped,
            large_moves,
            class_weights,
        })
    }

    /// Shares of SELL, HOLD and BUY in a part.
    #[must_use]
    pub fn label_shares(&self, part: std::ops::Range<usize>) -> [f64; CLASSES] {
        shares(&self.samples.labels[part])
    }
}

fn shares(labels: &[u8]) -> [f64; CLASSES] {
    std::array::from_fn(|class| {
        let count = labels
            .iter()
            .filter(|&&label| usize::from(label) == class)
            .count();
        count as f64 / labels.len().max(1) as f64
    })
}
