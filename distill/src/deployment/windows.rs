//! The test windows that are proven.

use serde::{Deserialize, Serialize};
use veriregime_features::Candle;

use crate::Error;
use crate::data::{History, Samples};

/// A window with what its statement is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenWindow {
    /// Close of its last candle, UNIX seconds.
    pub close_time: u64,
    /// Price of that close, eight decimals.
    pub last_close: i64,
    /// What would have been right.
    pub label: u8,
    /// The integers that teacher and student read.
    pub values: Vec<i8>,
}

/// Windows in the order of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Windows(pub Vec<ProvenWindow>);

impl Windows {
    /// Windows evenly spread over samples, or all if there are fewer.
    ///
    /// # Errors
    /// [`Error::Deployment`] for a sample whose last candle the history lacks.
    pub fn spread(history: &History, samples: &Samples, count: usize) -> Result<Self, Error> {
        let places = spread(samples.len(), count);
        let windows = places.into_iter().map(|place| {
            let close_time = samples.close_times[place];
            Ok(ProvenWindow {
                close_time,
                last_close: last_close(&history.candles, close_time)?,
                label: samples.labels[place],
                values: samples.window(place).to_vec(),
            })
        });
        Ok(Self(windows.collect::<Result<_, Error>>()?))
    }
}

/// Indices evenly spread over a number of things.
#[must_use]
pub fn spread(of: usize, count: usize) -> Vec<usize> {
    let wanted = count.min(of);
    (0..wanted).map(|index| index * of / wanted).collect()
}

fn last_close(candles: &[Candle], close_time: u64) -> Result<i64, Error> {
    let found = candles.binary_search_by_key(&close_time, Candle::close_time);
    let candle = found.ok().and_then(|index| candles.get(index));
    candle
        .map(|candle| candle.close)
        .ok_or_else(|| Error::Deployment {
            configuration: format!("window closing at {close_time}"),
            problem: "the history has no such candle: give the one that the samples were made of"
                .into(),
        })
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn spread_is_even_and_never_more_than_there_is() {
        assert_eq!(spread(10, 4), [0, 2, 5, 7]);
        assert_eq!(spread(3, 9), [0, 1, 2]);
        assert_eq!(spread(0, 9), [0usize; 0]);
    }
}
