//! Windows and labels of a span of history.

use rayon::prelude::*;
use veriregime_features::labels::Question;
use veriregime_features::places::Place;
use veriregime_features::{CONTEXT_START, FEATURES, FeatureScale, INPUTS, Window};

use super::History;
use crate::Error;

/// The first features have a direction (EMAs, RSI, MACD): they change sign in the mirror; volume and funding do not.
const DIRECTED: usize = 5;
/// Of the context, the return over 240 minutes has a direction.
const DIRECTED_CONTEXT: usize = CONTEXT_START + 6;

/// Quantised windows with labels, in time order.
#[derive(Clone, Debug)]
pub struct Samples {
    /// What the labels say.
    pub question: Question,
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
        question: Question,
        history: &History,
        places: &[Place],
        scale: &FeatureScale,
    ) -> Result<Self, Error> {
        let mut values = vec![0; places.len() * INPUTS];
        values
            .par_chunks_exact_mut(INPUTS)
            .zip(places)
            .try_for_each(|(row, place)| {
                let window =
                    Window::compute(place.candles(&history.candles), &history.funding, scale)?;
                for (value, quantised) in row.iter_mut().zip(window.values) {
                    // Quantised values are within [-128, 127] by construction.
                    *value = quantised as i8;
                }
                Ok::<_, Error>(())
            })?;
        Ok(Self {
            question,
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

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.question.classes().len()
    }

    /// The window of a sample.
    #[must_use]
    pub fn window(&self, index: usize) -> &[i8] {
        &self.values[index * INPUTS..(index + 1) * INPUTS]
    }

    /// The index that stands for a sample seen in the mirror: prices that rose fall, BUY is SELL, and a regime stays
    /// what it is.
    #[must_use]
    pub fn mirror(&self, index: usize) -> usize {
        index + self.len()
    }

    /// The class of a sample or of a mirrored one.
    #[must_use]
    pub fn label(&self, index: usize) -> u8 {
        match index.checked_sub(self.len()) {
            None => self.labels[index],
            Some(original) => match self.question {
                Question::Signal => self.classes() as u8 - 1 - self.labels[original],
                Question::Regime => self.labels[original],
            },
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
            let directed = if place < CONTEXT_START {
                place % FEATURES < DIRECTED
            } else {
                place == DIRECTED_CONTEXT
            };
            if directed {
                sign * f32::from(value)
            } else {
                f32::from(value)
            }
        })
    }
}
