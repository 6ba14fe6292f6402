//! Accuracy, F1 and the confusion matrix of predicted classes.

use crate::labels::CLASSES;
use crate::manifest::{ClassMetrics, Scores};

/// Scores of `predicted` against `actual` classes, both of the same length.
///
/// # Panics
/// For a class that is not below [`CLASSES`].
#[must_use]
pub fn scores(actual: &[u8], predicted: &[u8]) -> Scores {
    let confusion = confusion(actual, predicted);
    let total: u64 = confusion.iter().flatten().sum();
    let right: u64 = (0..CLASSES).map(|class| confusion[class][class]).sum();
    let classes: Vec<ClassMetrics> = (0..CLASSES)
        .map(|class| {
            let hits = confusion[class][class] as f64;
            let predicted: u64 = confusion.iter().map(|row| row[class]).sum();
            let actual: u64 = confusion[class].iter().sum();
            let (precision, recall) = (ratio(hits, predicted as f64), ratio(hits, actual as f64));
            ClassMetrics {
                precision,
                recall,
                f1: ratio(2.0 * precision * recall, precision + recall),
            }
        })
        .collect();
    Scores {
        accuracy: ratio(right as f64, total as f64),
        macro_f1: classes.iter().map(|class| class.f1).sum::<f64>() / CLASSES as f64,
        classes,
        confusion: confusion.iter().map(|row| row.to_vec()).collect(),
    }
}

/// `confusion[actual][predicted]`.
///
/// # Panics
/// For a class that is not below [`CLASSES`].
#[must_use]
pub fn confusion(actual: &[u8], predicted: &[u8]) -> [[u64; CLASSES]; CLASSES] {
    let mut confusion = [[0; CLASSES]; CLASSES];
    for (&actual, &predicted) in actual.iter().zip(predicted) {
        confusion[usize::from(actual)][usize::from(predicted)] += 1;
    }
    confusion
}

/// Unweighted mean F1 of a confusion matrix.
#[must_use]
pub fn macro_f1(confusion: &[[u64; CLASSES]; CLASSES]) -> f64 {
    let f1 = |class: usize| {
        let hits = confusion[class][class] as f64;
        let predicted: u64 = confusion.iter().map(|row| row[class]).sum();
        let actual: u64 = confusion[class].iter().sum();
        ratio(2.0 * hits, (predicted + actual) as f64)
    };
    (0..CLASSES).map(f1).sum::<f64>() / CLASSES as f64
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{confusion, macro_f1, scores};

    #[test]
    fn scores_of_a_known_table() {
        let actual = [0, 0, 1, 1, 1, 2];
        let predicted = [0, 1, 1, 1, 0, 1];
        let scores = scores(&actual, &predicted);
        assert_eq!(scores.confusion, [[1, 1, 0], [1, 2, 0], [0, 1, 0]]);
        assert!((scores.accuracy - 0.5).abs() < 1e-12);
        // By hand: F1 of 1/2, 4/7 and 0.
        assert!((scores.macro_f1 - 5.0 / 14.0).abs() < 1e-12);
        assert!((scores.classes[0].f1 - 0.5).abs() < 1e-12);
        assert!((scores.classes[1].precision - 0.5).abs() < 1e-12);
        assert!((scores.classes[1].recall - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(scores.classes[2].f1, 0.0);
        assert!((scores.macro_f1 - macro_f1(&confusion(&actual, &predicted))).abs() < 1e-12);
    }
}
