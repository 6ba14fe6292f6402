//! The label: what the price did in the hour after the window.

/// Number of classes.
pub const CLASSES: usize = 3;

/// Names by class index.
pub const CLASS_NAMES: [&str; CLASSES] = ["SELL", "HOLD", "BUY"];

/// What would have been the right signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// The price fell by more than theta.
    Sell = 0,
    /// The price stayed within theta.
    Hold = 1,
    /// The price rose by more than theta.
    Buy = 2,
}

/// The class of the return from `close` to `later` (both E8, positive): beyond ± `theta`, or not.
#[must_use]
pub fn label(close: i64, later: i64, theta: f64) -> Class {
    let change = (later - close) as f64 / close as f64;
    if change > theta {
        Class::Buy
    } else if change < -theta {
        Class::Sell
    } else {
        Class::Hold
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, label};

    #[test]
    fn label_at_the_threshold_is_hold_and_beyond_it_not() {
        assert_eq!(label(100_000, 100_200, 0.002), Class::Hold);
        assert_eq!(label(100_000, 100_201, 0.002), Class::Buy);
        assert_eq!(label(100_000, 99_800, 0.002), Class::Hold);
        assert_eq!(label(100_000, 99_799, 0.002), Class::Sell);
    }
}
