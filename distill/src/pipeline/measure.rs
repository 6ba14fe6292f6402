//! Measuring: offsets are chosen on the validation part, then a model is scored on both parts.

use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;
use veriregime_circuits::model::IntegerModel;
use veriregime_features::manifest::Scores;
use veriregime_features::metrics::scores;

use super::Prepared;
use crate::data::Samples;
use crate::network::{Logits, Network, Quantised, inputs, predict};
use crate::{Error, prior};

/// Windows per matrix product.
const BATCH: usize = 512;

/// A model's scores on both parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// On the validation part, where the offsets were chosen.
    pub validation: Scores,
    /// On the test part.
    pub test: Scores,
    /// The offsets, one per class.
    #[serde(skip)]
    pub offsets: Vec<f64>,
}

impl Measured {
    /// Scores logits of the two parts, with the offsets that are best on the first.
    #[must_use]
    pub fn of_logits(prepared: &Prepared, validation: &Logits, test: &Logits) -> Self {
        let Prepared { samples, split, .. } = prepared;
        let labels = &samples.labels[split.validation.clone()];
        let (offsets, _) = prior::tune(samples.question, validation, labels);
        Self {
            validation: scores(samples.classes(), labels, &validation.decide(&offsets)),
            test: scores(
                samples.classes(),
                &samples.labels[split.test.clone()],
                &test.decide(&offsets),
            ),
            offsets,
        }
    }

    /// Scores a network.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    pub fn of(prepared: &Prepared, network: &impl Network) -> Result<Self, Error> {
        let part = |range: &Range<usize>| predict(network, &prepared.samples, range.clone());
        Ok(Self::of_logits(
            prepared,
            &part(&prepared.split.validation)?,
            &part(&prepared.split.test)?,
        ))
    }

    /// Scores answers that need no offsets.
    #[must_use]
    pub fn of_classes(prepared: &Prepared, validation: &[u8], test: &[u8]) -> Self {
        let Prepared { samples, split, .. } = prepared;
        let score = |part: &Range<usize>, classes: &[u8]| {
            scores(samples.classes(), &samples.labels[part.clone()], classes)
        };
        Self {
            validation: score(&split.validation, validation),
            test: score(&split.test, test),
            offsets: vec![0.0; samples.classes()],
        }
    }

    /// Scores a quantised student as the integers that it becomes, and gives them, offsets included.
    ///
    /// # Errors
    /// [`Error::Model`] when the integers do not make a valid model.
    pub fn of_integers(
        prepared: &Prepared,
        quantised: &Quantised,
    ) -> Result<(IntegerModel, Self), Error> {
        let Prepared { samples, split, .. } = prepared;
        let plain = quantised.export(&[])?;
        let logits = integer_logits(quantised, &plain, samples, split.validation.clone())?;
        let labels = &samples.labels[split.validation.clone()];
        let (offsets, _) = prior::tune(samples.question, &logits, labels);
        let unit = quantised.logit_unit();
        let moved: Vec<f64> = offsets.iter().map(|offset| offset * unit).collect();
        let model = quantised.export(&moved)?;
        // The offsets are in the last bias alone, so that the plain logits and the biases' differences give the answers.
        let biases = |model: &IntegerModel| {
            model
                .layers
                .last()
                .map_or_else(Vec::new, |layer| layer.bias.clone())
        };
        let added: Vec<f64> = biases(&model)
            .iter()
            .zip(biases(&plain))
            .map(|(with, without)| (with - without) as f64)
            .collect();
        let test = integer_logits(quantised, &plain, samples, split.test.clone())?;
        let mut measured = Self::of_classes(prepared, &logits.decide(&added), &test.decide(&added));
        measured.offsets = moved;
        Ok((model, measured))
    }
}

/// Logits of the integer model by matrix products where doubles hold them exactly, else by the reference.
fn integer_logits(
    quantised: &Quantised,
    model: &IntegerModel,
    samples: &Samples,
    range: Range<usize>,
) -> Result<Logits, Error> {
    let mut logits = Logits::new(samples.classes());
    let indices: Vec<usize> = range.clone().collect();
    for batch in indices.chunks(BATCH) {
        let Some(values) = quantised.integer_logits(&inputs(samples, batch)?)? else {
            return infer(model, samples, range);
        };
        for row in values.to_vec2::<f64>()? {
            logits.push(row);
        }
    }
    Ok(logits)
}

/// Classes of the integer model on a range of samples.
///
/// # Errors
/// [`Error::Model`] when an input does not fit the model.
pub fn classify(
    model: &IntegerModel,
    samples: &Samples,
    range: Range<usize>,
) -> Result<Vec<u8>, Error> {
    range
        .into_par_iter()
        .map(|index| Ok(model.infer(&window(samples, index))?.class as u8))
        .collect()
}

/// Logits of the integer model on a range of samples.
///
/// # Errors
/// [`Error::Model`] when an input does not fit the model.
pub fn infer(
    model: &IntegerModel,
    samples: &Samples,
    range: Range<usize>,
) -> Result<Logits, Error> {
    let rows: Vec<Vec<f64>> = range
        .into_par_iter()
        .map(|index| {
            let inference = model.infer(&window(samples, index))?;
            Ok(inference.logits.iter().map(|&logit| logit as f64).collect())
        })
        .collect::<Result<_, Error>>()?;
    let mut logits = Logits::new(samples.classes());
    rows.into_iter().for_each(|row| logits.push(row));
    Ok(logits)
}

/// A sample as the integer model's input.
#[must_use]
pub fn window(samples: &Samples, index: usize) -> Vec<i16> {
    samples
        .window(index)
        .iter()
        .map(|&value| i16::from(value))
        .collect()
}
