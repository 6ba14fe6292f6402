//! Moving the decision: an offset per logit, chosen on the validation part for macro-F1.

use veriregime_features::metrics::macro_f1;

use crate::data::CLASSES;

/// Largest offset tried, in standard deviations of the logits' differences.
const REACH: f64 = 2.0;
/// Grid points on each side of zero.
const POINTS: i32 = 20;

/// Offsets (HOLD's is 0) with the best macro-F1 on the given logits, and that macro-F1.
#[must_use]
pub fn tune(logits: &[[f64; CLASSES]], labels: &[u8]) -> ([f64; CLASSES], f64) {
    let spread = |class: usize| {
        let gaps = logits.iter().map(|row| row[class] - row[1]);
        let mean = gaps.clone().sum::<f64>() / logits.len().max(1) as f64;
        (gaps.map(|gap| (gap - mean).powi(2)).sum::<f64>() / logits.len().max(1) as f64).sqrt()
    };
    let (sell, buy) = (
        spread(0) * REACH / f64::from(POINTS),
        spread(2) * REACH / f64::from(POINTS),
    );
    let mut best = ([0.0; CLASSES], f64::MIN);
    for i in -POINTS..=POINTS {
        for j in -POINTS..=POINTS {
            let offsets = [f64::from(i) * sell, 0.0, f64::from(j) * buy];
            let score = score(logits, labels, &offsets);
            if score > best.1 {
                best = (offsets, score);
            }
        }
    }
    best
}

/// Macro-F1 of the class with the largest logit plus offset.
#[must_use]
pub fn score(logits: &[[f64; CLASSES]], labels: &[u8], offsets: &[f64; CLASSES]) -> f64 {
    let mut confusion = vec![vec![0; CLASSES]; CLASSES];
    for (row, &label) in logits.iter().zip(labels) {
        confusion[usize::from(label)][usize::from(class(row, offsets))] += 1;
    }
    macro_f1(&confusion)
}

/// The class with the largest logit plus offset, the lowest of equals.
#[must_use]
pub fn class(logits: &[f64; CLASSES], offsets: &[f64; CLASSES]) -> u8 {
    let moved = |class: usize| logits[class] + offsets[class];
    (1..CLASSES as u8).fold(0, |best, class| {
        if moved(usize::from(class)) > moved(usize::from(best)) {
            class
        } else {
            best
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{class, score, tune};

    #[test]
    fn class_of_equal_logits_is_the_lowest() {
        assert_eq!(class(&[1.0, 1.0, 1.0], &[0.0; 3]), 0);
        assert_eq!(class(&[0.0, 1.0, 1.0], &[0.0; 3]), 1);
    }

    #[test]
    fn tune_finds_an_offset_that_separates() {
        // HOLD's logit is 1 too large everywhere.
        let logits: Vec<[f64; 3]> = (0..300)
            .map(|i| {
                [
                    f64::from(i % 3 == 0),
                    1.0 + f64::from(i % 3 == 1),
                    f64::from(i % 3 == 2),
                ]
            })
            .collect();
        let labels: Vec<u8> = (0..300).map(|i| (i % 3) as u8).collect();
        assert!(score(&logits, &labels, &[0.0; 3]) < 0.6);
        assert!(tune(&logits, &labels).1 > 0.99);
    }
}
