//! Accuracy, F1 and the confusion matrix of predicted classes.

use crate::manifest::{ClassMetrics, Scores};

/// Scores of `predicted` against `actual` classes, both of the same length and below `classes`.
///
/// # Panics
/// For a class that is not below `classes`.
#[must_use]
pub fn scores(classes: usize, actual: &[u8], predicted: &[u8]) -> Scores {
    let confusion = confusion(classes, actual, predicted);
    let total: u64 = confusion.iter().flatten().sum();
    let right: u64 = (0..classes).map(|class| confusion[class][class]).sum();
    let per_class: Vec<ClassMetrics> = (0..classes)
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
    let f1_sum: f64 = per_class.iter().map(|class| class.f1).sum();
    Scores {
        accuracy: ratio(right as f64, total as f64),
        macro_f1: ratio(f1_sum, classes as f64),
        classes: per_class,
        confusion,
    }
}

/// `confusion[actual][predicted]`, `classes` by `classes`.
///
/// # Panics
/// For a class that is not below `classes`.
#[must_use]
pub fn confusion(classes: usize, actual: &[u8], predicted: &[u8]) -> Vec<Vec<u64>> {
    let mut confusion = vec![vec![0; classes]; classes];
    for (&actual, &predicted) in actual.iter().zip(predicted) {
        confusion[usize::from(actual)][usize::from(predicted)] += 1;
    }
    confusion
}

/// Unweighted mean F1 of a square confusion matrix.
#[must_use]
pub fn macro_f1(confusion: &[Vec<u64>]) -> f64 {
    let f1_sum: f64 = confusion
        .iter()
        .enumerate()
        .map(|(class, row)| {
            let of_class = |row: &Vec<u64>| row.get(class).copied().unwrap_or(0);
            let predicted: u64 = confusion.iter().map(of_class).sum();
            let actual: u64 = row.iter().sum();
            ratio(2.0 * of_class(row) as f64, (predicted + actual) as f64)
        })
        .sum();
    ratio(f1_sum, confusion.len() as f64)
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
        let scores = scores(3, &actual, &predicted);
        assert_eq!(scores.confusion, [[1, 1, 0], [1, 2, 0], [0, 1, 0]]);
        assert!((scores.accuracy - 0.5).abs() < 1e-12);
        // By hand: F1 of 1/2, 4/7 and 0.
        assert!((scores.macro_f1 - 5.0 / 14.0).abs() < 1e-12);
        assert!((scores.classes[0].f1 - 0.5).abs() < 1e-12);
        assert!((scores.classes[1].precision - 0.5).abs() < 1e-12);
        assert!((scores.classes[1].recall - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(scores.classes[2].f1, 0.0);
        assert!((scores.macro_f1 - macro_f1(&confusion(3, &actual, &predicted))).abs() < 1e-12);
    }

    #[test]
    fn scores_of_two_classes() {
        let scores = scores(2, &[0, 0, 1, 1], &[0, 1, 1, 1]);
        assert_eq!(scores.confusion, [[1, 1], [0, 2]]);
        assert!((scores.accuracy - 0.75).abs() < 1e-12);
        // By hand: F1 of 2/3 and 4/5.
        assert!((scores.macro_f1 - 11.0 / 15.0).abs() < 1e-12);
        assert!((macro_f1(&scores.confusion) - scores.macro_f1).abs() < 1e-12);
        assert_eq!(macro_f1(&[]), 0.0);
    }
}
