//! The label: what the price did in the hour after the window, and the questions that can be asked about it.

use serde::{Deserialize, Serialize};

/// Number of classes of a signal.
pub const CLASSES: usize = 3;

/// Names of the signals by class index.
pub const CLASS_NAMES: [&str; CLASSES] = ["SELL", "HOLD", "BUY"];

/// Names of the regimes by class index.
pub const REGIME_NAMES: [&str; 2] = ["LOW", "HIGH"];

/// What a model is asked about the time after its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// Where the price goes: SELL, HOLD or BUY, as it falls or rises by more than theta until the horizon's end.
    Signal,
    /// How much it moves on the way: HIGH when its one-minute returns deviate by more than theta, else LOW.
    Regime,
}

impl Question {
    /// Names of the answers by class index.
    #[must_use]
    pub const fn classes(self) -> &'static [&'static str] {
        match self {
            Self::Signal => &CLASS_NAMES,
            Self::Regime => &REGIME_NAMES,
        }
    }

    /// Name of an answer; `None` for an index that is none.
    #[must_use]
    pub fn class_name(self, class: usize) -> Option<&'static str> {
        self.classes().get(class).copied()
    }

    /// What would have been the right answer: a class index.
    ///
    /// `closes` are the window's last close and then the horizon's closes (E8, positive). Of a regime, the deviation
    /// is the root of the mean square about the mean, over all returns of the horizon, in double precision. Without a
    /// horizon nothing moved: HOLD or LOW.
    #[must_use]
    pub fn label(self, closes: &[i64], theta: f64) -> u8 {
        match (self, closes) {
            (Self::Signal, [first, .., last]) => label(*first, *last, theta) as u8,
            (Self::Signal, _) => Class::Hold as u8,
            (Self::Regime, _) => u8::from(deviation(closes) > theta),
        }
    }
}

/// Population standard deviation of the returns from each close to the next; zero when there is none.
fn deviation(closes: &[i64]) -> f64 {
    let returns = || {
        closes
            .iter()
            .zip(closes.iter().skip(1))
            .map(|(&before, &now)| (now - before) as f64 / before as f64)
    };
    let count = returns().count().max(1) as f64;
    let mean = returns().sum::<f64>() / count;
    let variance = returns().map(|change| (change - mean).powi(2)).sum::<f64>() / count;
    variance.sqrt()
}

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
    use super::{Class, Question, label};

    #[test]
    fn label_at_the_threshold_is_hold_and_beyond_it_not() {
        assert_eq!(label(100_000, 100_200, 0.002), Class::Hold);
        assert_eq!(label(100_000, 100_201, 0.002), Class::Buy);
        assert_eq!(label(100_000, 99_800, 0.002), Class::Hold);
        assert_eq!(label(100_000, 99_799, 0.002), Class::Sell);
    }

    #[test]
    fn label_of_a_signal_looks_at_the_first_and_last_close() {
        let label = |closes: &[i64]| Question::Signal.label(closes, 0.002);
        assert_eq!(label(&[100_000, 5, 100_201]), Class::Buy as u8);
        assert_eq!(label(&[100_000, 99_799]), Class::Sell as u8);
        assert_eq!(label(&[100_000]), Class::Hold as u8);
        assert_eq!(label(&[]), Class::Hold as u8);
    }

    #[test]
    fn label_of_a_regime_is_high_beyond_the_deviation_and_not_at_it() {
        // Returns of +1 % and -1 %: mean 0, deviation 1 %.
        let closes = [100_000_000, 101_000_000, 99_990_000];
        assert_eq!(Question::Regime.label(&closes, 0.009_999_999), 1);
        assert_eq!(Question::Regime.label(&closes, 0.010_000_001), 0);
        // A steady rise moves the price and deviates from nothing.
        assert_eq!(Question::Regime.label(&[100, 200, 400, 800], 0.0), 0);
        assert_eq!(Question::Regime.label(&[100], 0.0), 0);
        assert_eq!(Question::Regime.label(&[], 0.0), 0);
    }

    #[test]
    fn questions_name_their_classes() {
        assert_eq!(Question::Signal.classes(), ["SELL", "HOLD", "BUY"]);
        assert_eq!(Question::Regime.classes(), ["LOW", "HIGH"]);
        assert_eq!(Question::Regime.class_name(1), Some("HIGH"));
        assert_eq!(Question::Regime.class_name(2), None);
        let text = serde_json::to_string(&[Question::Signal, Question::Regime]).unwrap();
        assert_eq!(text, r#"["signal","regime"]"#);
    }
}
