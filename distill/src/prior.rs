//! Moving the decision: an offset per logit, chosen on the validation part.

use veriregime_features::labels::Question;
use veriregime_features::metrics;

use crate::network::Logits;

/// Largest offset tried, in standard deviations of the logits' differences.
const REACH: f64 = 2.0;
/// Grid points on each side of zero.
const POINTS: i32 = 20;

/// What a model for a question is chosen by: macro-F1 of signals, accuracy of regimes.
#[must_use]
pub fn score(question: Question, labels: &[u8], classes: &[u8]) -> f64 {
    let confusion = metrics::confusion(question.classes().len(), labels, classes);
    match question {
        Question::Signal => metrics::macro_f1(&confusion),
        Question::Regime => {
            let right: u64 = (0..confusion.len())
                .map(|class| confusion[class][class])
                .sum();
            right as f64 / labels.len().max(1) as f64
        }
    }
}

/// Offsets with the best [`score`] on the given logits, and that score. Class 1 (HOLD, HIGH) stays where it is.
#[must_use]
pub fn tune(question: Question, logits: &Logits, labels: &[u8]) -> (Vec<f64>, f64) {
    let classes = logits.classes();
    let step = |class: usize| {
        let count = logits.len().max(1) as f64;
        let gaps = logits.rows().map(|row| row[class] - row[1]);
        let mean = gaps.clone().sum::<f64>() / count;
        (gaps.map(|gap| (gap - mean).powi(2)).sum::<f64>() / count).sqrt() * REACH
            / f64::from(POINTS)
    };
    let mut best = (vec![0.0; classes], f64::MIN);
    let (first, last) = (step(0), step(classes - 1));
    let third = if classes > 2 { -POINTS..=POINTS } else { 0..=0 };
    for i in -POINTS..=POINTS {
        for j in third.clone() {
            let mut offsets = vec![0.0; classes];
            offsets[0] = f64::from(i) * first;
            if classes > 2 {
                offsets[classes - 1] = f64::from(j) * last;
            }
            let score = score(question, labels, &logits.decide(&offsets));
            if score > best.1 {
                best = (offsets, score);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use veriregime_features::labels::Question;

    use super::{score, tune};
    use crate::network::Logits;

    #[test]
    fn tune_finds_an_offset_that_separates() {
        // HOLD's logit is 1 too large everywhere.
        let mut logits = Logits::new(3);
        for i in 0..300 {
            logits.push([
                f64::from(i % 3 == 0),
                1.0 + f64::from(i % 3 == 1),
                f64::from(i % 3 == 2),
            ]);
        }
        let labels: Vec<u8> = (0..300).map(|i| (i % 3) as u8).collect();
        assert!(score(Question::Signal, &labels, &logits.decide(&[])) < 0.6);
        assert!(tune(Question::Signal, &logits, &labels).1 > 0.99);
    }

    #[test]
    fn tune_of_two_classes_moves_the_first() {
        let mut logits = Logits::new(2);
        for i in 0..100 {
            logits.push([f64::from(i % 2) - 1.2, 0.0]);
        }
        let labels: Vec<u8> = (0..100).map(|i| (1 - i % 2) as u8).collect();
        let (offsets, score) = tune(Question::Regime, &logits, &labels);
        assert!(
            score > 0.99 && offsets[0] > 0.0 && offsets[1] == 0.0,
            "{offsets:?}"
        );
    }
}
