//! Measuring: offsets are chosen on the validation part, then every model is scored on both parts.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;
use veriregime_circuits::model::IntegerModel;
use veriregime_features::manifest::Scores;
use veriregime_features::metrics::scores;

use super::{Prepared, Trained};
use crate::baseline::{self, Logistic};
use crate::data::{CLASSES, Samples};
use crate::network::{Quantised, predict};
use crate::{Error, prior};

/// Scores of every model, by name.
pub struct Evaluation {
    /// The integer model on the test part.
    pub test: Scores,
    /// The integer model on the validation part.
    pub validation: Scores,
    /// The others on the test part.
    pub others_test: BTreeMap<String, Scores>,
    /// The others on the validation part.
    pub others_validation: BTreeMap<String, Scores>,
    /// The integer model's classes on the test part.
    pub test_classes: Vec<u8>,
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
    Ok(infer(model, samples, range)?
        .into_iter()
        .map(|(_, class)| class)
        .collect())
}

/// Logits and class of the integer model on a range of samples.
fn infer(
    model: &IntegerModel,
    samples: &Samples,
    range: Range<usize>,
) -> Result<Vec<([f64; CLASSES], u8)>, Error> {
    range
        .into_par_iter()
        .map(|index| {
            let values: Vec<i16> = samples
                .window(index)
                .iter()
                .map(|&value| i16::from(value))
                .collect();
            let inference = model.infer(&values)?;
            let logits = std::array::from_fn(|class| {
                inference
                    .logits
                    .get(class)
                    .map_or(0.0, |&logit| logit as f64)
            });
            Ok((logits, inference.class as u8))
        })
        .collect()
}

/// The integer model with the offsets that are best on the validation part.
///
/// # Errors
/// [`Error::Model`] when the integers do not make a valid model.
pub fn integer_model(prepared: &Prepared, quantised: &Quantised) -> Result<IntegerModel, Error> {
    let part = prepared.split.validation.clone();
    let plain = quantised.export(&[])?;
    let logits: Vec<_> = infer(&plain, &prepared.samples, part.clone())?
        .into_iter()
        .map(|(logits, _)| logits)
        .collect();
    let (offsets, _) = prior::tune(&logits, &prepared.samples.labels[part]);
    quantised.export(&offsets.map(|offset| offset * quantised.logit_unit()))
}

pub(super) fn evaluate(
    prepared: &Prepared,
    trained: &Trained,
) -> Result<(IntegerModel, Evaluation), Error> {
    let samples = &prepared.samples;
    let (validation, test) = (
        prepared.split.validation.clone(),
        prepared.split.test.clone(),
    );
    let labels = |part: &Range<usize>| &samples.labels[part.clone()];

    let model = integer_model(prepared, &trained.students.quantised)?;
    let validation_classes = classify(&model, samples, validation.clone())?;
    let test_classes = classify(&model, samples, test.clone())?;

    let mut others_test = BTreeMap::new();
    let mut others_validation = BTreeMap::new();
    let mut add = |name: &str, of_validation: Vec<[f64; CLASSES]>, of_test: Vec<[f64; CLASSES]>| {
        let (offsets, _) = prior::tune(&of_validation, labels(&validation));
        let score = |logits: &[[f64; CLASSES]], part| {
            let classes: Vec<u8> = logits
                .iter()
                .map(|row| prior::class(row, &offsets))
                .collect();
            scores(CLASSES, labels(part), &classes)
        };
        others_validation.insert(name.to_owned(), score(&of_validation, &validation));
        others_test.insert(name.to_owned(), score(&of_test, &test));
    };
    let mut add_network =
        |name: &str, network: &dyn Fn(Range<usize>) -> Result<Vec<[f32; CLASSES]>, Error>| {
            let wide = |part: Range<usize>| -> Result<Vec<[f64; CLASSES]>, Error> {
                Ok(network(part)?
                    .iter()
                    .map(|row| row.map(f64::from))
                    .collect())
            };
            add(name, wide(validation.clone())?, wide(test.clone())?);
            Ok::<_, Error>(())
        };
    add_network("teacher (CNN, float)", &|part| {
        predict(&trained.teacher, samples, part)
    })?;
    add_network("student (ReLU, float)", &|part| {
        predict(&trained.students.relu, samples, part)
    })?;
    add_network("student (x^2, float)", &|part| {
        predict(&trained.students.polynomial, samples, part)
    })?;
    let logistic = Logistic::fit(
        samples,
        prepared.split.train.clone(),
        &prepared.class_weights,
    );
    add(
        "logistic regression on volatility and last minute",
        logistic.logits(samples, validation.clone()),
        logistic.logits(samples, test.clone()),
    );
    let hold = "always HOLD".to_owned();
    others_validation.insert(
        hold.clone(),
        scores(
            CLASSES,
            labels(&validation),
            &baseline::always_hold(validation.clone()),
        ),
    );
    others_test.insert(
        hold,
        scores(CLASSES, labels(&test), &baseline::always_hold(test.clone())),
    );
    Ok((
        model,
        Evaluation {
            test: scores(CLASSES, labels(&test), &test_classes),
            validation: scores(CLASSES, labels(&validation), &validation_classes),
            others_test,
            others_validation,
            test_classes,
        },
    ))
}
