//! What a network must beat: a regression on a handful of summary numbers.

use std::ops::Range;

use veriregime_features::{CONTEXT, CONTEXT_START, FEATURES, WINDOW};

use crate::data::Samples;
use crate::network::Logits;

/// Summary numbers of the minutes: a constant, log volatility, and the last minute's trend, strength, MACD, volume, funding.
const MINUTES: usize = 8;
/// All summary numbers: the context joins as it is.
const SUMMARY: usize = MINUTES + CONTEXT;
const STEPS: usize = 300;
const RATE: f64 = 0.5;

type Row = [f64; SUMMARY];

/// A class-balanced multinomial logistic regression on [`summary`] numbers.
pub struct Logistic {
    mean: Row,
    deviation: Row,
    weights: Vec<Row>,
}

impl Logistic {
    /// Fits by gradient descent on the given samples.
    #[must_use]
    pub fn fit(samples: &Samples, range: Range<usize>, class_weights: &[f32]) -> Self {
        let mut rows: Vec<Row> = range
            .clone()
            .map(|index| summary(samples.window(index)))
            .collect();
        let count = rows.len().max(1) as f64;
        let (mut mean, mut deviation) = ([0.0; SUMMARY], [1.0; SUMMARY]);
        for number in 1..SUMMARY {
            mean[number] = rows.iter().map(|row| row[number]).sum::<f64>() / count;
            let variance = rows
                .iter()
                .map(|row| (row[number] - mean[number]).powi(2))
                .sum::<f64>()
                / count;
            deviation[number] = variance.sqrt().max(1e-9);
        }
        let mut fitted = Self {
            mean,
            deviation,
            weights: vec![[0.0; SUMMARY]; samples.classes()],
        };
        rows.iter_mut()
            .for_each(|row| *row = fitted.standardise(row));
        for _ in 0..STEPS {
            let mut gradient = vec![[0.0; SUMMARY]; samples.classes()];
            for (row, index) in rows.iter().zip(range.clone()) {
                let label = usize::from(samples.labels[index]);
                let shares = softmax(fitted.scores(row));
                for (class, (gradient, share)) in gradient.iter_mut().zip(shares).enumerate() {
                    let miss =
                        (share - f64::from(class == label)) * f64::from(class_weights[label]);
                    for (sum, number) in gradient.iter_mut().zip(row) {
                        *sum += miss * number;
                    }
                }
            }
            for (weights, gradient) in fitted.weights.iter_mut().zip(&gradient) {
                weights
                    .iter_mut()
                    .zip(gradient)
                    .for_each(|(weight, sum)| *weight -= RATE * sum / count);
            }
        }
        fitted
    }

    /// Logits of every window in a range.
    #[must_use]
    pub fn logits(&self, samples: &Samples, range: Range<usize>) -> Logits {
        let mut logits = Logits::new(self.weights.len());
        for index in range {
            logits.push(self.scores(&self.standardise(&summary(samples.window(index)))));
        }
        logits
    }

    fn standardise(&self, row: &Row) -> Row {
        // The constant has mean 0 and deviation 1 here, so it stays a constant.
        std::array::from_fn(|number| (row[number] - self.mean[number]) / self.deviation[number])
    }

    fn scores(&self, row: &Row) -> Vec<f64> {
        self.weights
            .iter()
            .map(|weights| {
                weights
                    .iter()
                    .zip(row)
                    .map(|(weight, number)| weight * number)
                    .sum()
            })
            .collect()
    }
}

/// The summary numbers of a window.
#[must_use]
pub fn summary(window: &[i8]) -> Row {
    let (minutes, context) = window.split_at(CONTEXT_START);
    let column = |feature: usize| {
        minutes
            .iter()
            .skip(feature)
            .step_by(FEATURES)
            .map(|&value| f64::from(value))
    };
    let length = WINDOW as f64;
    let volatility = (column(0).map(|value| value * value).sum::<f64>() / length + 1.0).ln();
    let last = |feature: usize| column(feature).next_back().unwrap_or(0.0);
    let of_minutes: [f64; MINUTES] = [
        1.0,
        volatility,
        last(2),
        last(3),
        last(4),
        column(6).sum::<f64>() / length,
        last(6),
        last(7),
    ];
    let mut row = [0.0; SUMMARY];
    let numbers = of_minutes
        .into_iter()
        .chain(context.iter().map(|&value| f64::from(value)));
    row.iter_mut()
        .zip(numbers)
        .for_each(|(place, number)| *place = number);
    row
}

fn softmax(scores: Vec<f64>) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = scores
        .into_iter()
        .map(|score| (score - top).exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}
