//! The windows of a history that a network is asked about, and the score of its answers.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::{ClassScores, Evaluation, EvaluationError, History};
use crate::manifest::{Manifest, Scores};
use crate::places::{Place, Sampling};
use crate::{Candle, FundingRate, Window, metrics};

/// The windows whose close times lie in a range, under the question and the scale of a model's manifest.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    manifest: &'a Manifest,
    history: &'a History,
    funding: Cow<'a, [FundingRate]>,
    sampling: Sampling,
    range: RangeInclusive<u64>,
    places: Vec<Place>,
    skipped: u64,
    missing: u64,
}

impl<'a> Selection<'a> {
    /// Selects the windows that close in `range` (UNIX seconds) on a stride of minutes since 1970.
    ///
    /// # Errors
    /// [`EvaluationError::Order`] or [`EvaluationError::NoWindow`]: there is nothing to ask about.
    pub fn new(
        manifest: &'a Manifest,
        history: &'a History,
        range: RangeInclusive<u64>,
        stride_minutes: u32,
    ) -> Result<Self, EvaluationError> {
        let (from, to) = (*range.start(), *range.end());
        if from > to {
            return Err(EvaluationError::Order { from, to });
        }
        let sampling = Sampling {
            stride_minutes,
            horizon_minutes: manifest.training.horizon_minutes,
            question: manifest.training.question,
            theta: manifest.training.theta,
        };
        let candles = history.candles();
        let (places, skipped) = sampling.places(candles, range.clone());
        if places.is_empty() {
            let close = |candle: Option<&Candle>| candle.map_or(0, Candle::close_time);
            return Err(EvaluationError::NoWindow {
                file: history.candle_file().file.clone(),
                from,
                to,
                stride_minutes,
                horizon_minutes: sampling.horizon_minutes,
                skipped,
                first: close(candles.first()),
                last: close(candles.last()),
            });
        }
        Ok(Self {
            missing: sampling.close_times(&range) - places.len() as u64 - skipped,
            funding: history.funding(&manifest.scale),
            manifest,
            history,
            sampling,
            range,
            places,
            skipped,
        })
    }

    /// Where the windows lie, in time order.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The window at a place of this selection.
    ///
    /// # Errors
    /// [`EvaluationError::Feature`] when no funding rate is recent enough.
    pub fn window(&self, place: &Place) -> Result<Window, EvaluationError> {
        let candles = place.candles(self.history.candles());
        Window::compute(candles, &self.funding, &self.manifest.scale).map_err(|error| {
            EvaluationError::Feature {
                file: self.history.funding_name().to_owned(),
                close_time: place.close_time,
                error,
            }
        })
    }

    /// Scores a network's answers, one class per place in the same order; `network` says which of the model's networks gave them.
    ///
    /// # Errors
    /// [`EvaluationError::Answers`] when they are not as many, or not all classes of the question.
    pub fn score(&self, network: &str, answers: &[u8]) -> Result<Evaluation, EvaluationError> {
        let classes = self.sampling.question.classes();
        let known = |&&answer: &&u8| usize::from(answer) < classes.len();
        let found = answers.iter().filter(known).count();
        if found != self.places.len() || answers.len() != found {
            return Err(EvaluationError::Answers {
                found,
                windows: self.places.len(),
                classes: classes.len(),
            });
        }
        let actual: Vec<u8> = self.places.iter().map(|place| place.label).collect();
        let Scores {
            accuracy,
            macro_f1,
            classes: of_classes,
            confusion,
        } = metrics::scores(classes.len(), &actual, answers);
        Ok(Evaluation {
            model: self.manifest.name.clone(),
            network: network.to_owned(),
            candles: self.history.candle_file().clone(),
            funding: self.history.funding_file().cloned(),
            question: self.sampling.question,
            from: *self.range.start(),
            to: *self.range.end(),
            stride_minutes: self.sampling.stride_minutes,
            horizon_minutes: self.sampling.horizon_minutes,
            theta: self.sampling.theta,
            windows: self.places.len() as u64,
            skipped: self.skipped,
            missing: self.missing,
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
}
