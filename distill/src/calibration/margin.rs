//! Margins.

/// What a model said, how surely, and what was right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// Best logit less the second best.
    pub margin: f64,
    /// The model's class.
    pub class: u8,
    /// The right class.
    pub label: u8,
}

/// Best less second best; none of fewer than two logits.
#[must_use]
pub fn margin(logits: &[f64]) -> Option<f64> {
    let (mut best, mut second) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for &logit in logits {
        if logit > best {
            (best, second) = (logit, best);
        } else if logit > second {
            second = logit;
        }
    }
    (logits.len() >= 2).then_some(best - second)
}

/// The same of integers: the difference is exact, only its result is rounded to double precision. None of fewer
/// than two logits, or if the difference does not fit 128 bits.
#[must_use]
pub fn margin_of_integers(logits: &[i128]) -> Option<f64> {
    let (mut best, mut second) = (i128::MIN, i128::MIN);
    for &logit in logits {
        if logit > best {
            (best, second) = (logit, best);
        } else if logit > second {
            second = logit;
        }
    }
    let difference = best.checked_sub(second)?;
    (logits.len() >= 2).then_some(difference as f64)
}

#[cfg(test)]
mod tests {
    use super::{margin, margin_of_integers};

    #[test]
    fn margin_is_best_less_second_wherever_they_stand() {
        assert_eq!(margin(&[1.0, 5.0, 3.5]), Some(1.5));
        assert_eq!(margin(&[5.0, 5.0, 1.0]), Some(0.0));
        assert_eq!(margin(&[-7.0, -9.0]), Some(2.0));
        assert_eq!(margin(&[1.0]), None);
        assert_eq!(margin_of_integers(&[3, -4, 10]), Some(7.0));
        assert_eq!(margin_of_integers(&[]), None);
        assert_eq!(margin_of_integers(&[5]), None);
        // Doubles would see no difference between these.
        let large = 1i128 << 100;
        assert_eq!(margin_of_integers(&[large, large + 1, 0]), Some(1.0));
    }
}
