//! Windows and labels of a span of history.

use rayon::prelude::*;
use veriregime_features::candle::MINUTE_MS;
use veriregime_features::{CANDLES, Candle, FEATURES, FeatureScale, INPUTS, Window};

use super::History;
use super::labels::{CLASSES, label};
use crate::Error;
use crate::config::DataConfig;

/// The first features have a direction (EMAs, RSI, MACD): they change sign in the mirror; volume and funding do not.
const DIRECTED: usize = 5;

/// Where a sample lies in the history: its window ends before candle `end`.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Index after the window's last candle.
    pub end: usize,
    /// Close time of that candle.
    pub close_time: u64,
    /// Class index of what came after.
    pub label: u8,
}

impl Place {
    /// The candles of the window.
    #[must_use]
    pub fn candles<'a>(&self, history: &'a History) -> &'a [Candle] {
        &history.candles[self.end - CANDLES..self.end]
    }
}

/// All windows on the stride whose candles and label do not cross a gap, and the number skipped because they do.
#[must_use]
pub fn places(history: &History, config: &DataConfig) -> (Vec<Place>, u64) {
    let candles = &history.candles;
    let horizon = config.horizon_minutes as usize;
    let stride = u64::from(config.stride_minutes.max(1)) * 60;
    let mut skipped = 0;
    let mut places = Vec::new();
    for end in CANDLES..candles.len().saturating_sub(horizon) + 1 {
        let (first, last) = (&candles[end - CANDLES], &candles[end - 1]);
        let Some(later) = candles.get(end - 1 + horizon) else {
            break;
        };
        if last.close_time() % stride != 0 {
            continue;
        }
        if later.open_time_ms - first.open_time_ms != (CANDLES + horizon - 1) as i64 * MINUTE_MS {
            skipped += 1;
            continue;
        }
        let label = label(last.close, later.close, config.theta) as u8;
        places.push(Place {
            end,
            close_time: last.close_time(),
            label,
        });
    }
    (places, skipped)
}

/// Quantised windows with labels, in time order.
#[derive(Clone, Debug)]
pub struct Samples {
    /// Close times, ascending.
    pub close_times: Vec<u64>,
    /// Class indices.
    pub labels: Vec<u8>,
    values: Vec<i8>,
}

impl Samples {
    /// Computes the windows at the given places.
    ///
    /// # Errors
    /// [`Error::Feature`] when one cannot be computed.
    pub fn compute(
        history: &History,
        places: &[Place],
        scale: &FeatureScale,
    ) -> Result<Self, Error> {
        let mut values = vec![0; places.len() * INPUTS];
        values
            .par_chunks_exact_mut(INPUTS)
            .zip(places)
            .try_for_each(|(row, place)| {
                let window = Window::compute(place.candles(history), &history.funding, scale)?;
                for (value, quantised) in row.iter_mut().zip(window.values) {
                    // Quantised values are within [-128, 127] by construction.
                    *value = quantised as i8;
                }
                Ok::<_, Error>(())
            })?;
        Ok(Self {
            close_times: places.iter().map(|place| place.close_time).collect(),
            labels: places.iter().map(|place| place.label).collect(),
            values,
        })
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The window of a sample.
    #[must_use]
    pub fn window(&self, index: usize) -> &[i8] {
        &self.values[index * INPUTS..(index + 1) * INPUTS]
    }

    /// The index that stands for a sample seen in the mirror: prices that rose fall, and BUY is SELL.
    #[must_use]
    pub fn mirror(&self, index: usize) -> usize {
        index + self.len()
    }

    /// The class of a sample or of a mirrored one.
    #[must_use]
    pub fn label(&self, index: usize) -> u8 {
        match index.checked_sub(self.len()) {
            None => self.labels[index],
            Some(original) => CLASSES as u8 - 1 - self.labels[original],
        }
    }

    /// The values of a sample or of a mirrored one.
    pub fn values(&self, index: usize) -> impl Iterator<Item = f32> + '_ {
        let (original, sign) = match index.checked_sub(self.len()) {
            None => (index, 1.0),
            Some(original) => (original, -1.0),
        };
        let values = self.window(original).iter().enumerate();
        values.map(move |(place, &value)| {
            if place % FEATURES < DIRECTED {
                sign * f32::from(value)
            } else {
                f32::from(value)
            }
        })
    }
}
