//! The strategies that are compared.

use serde::{Deserialize, Serialize};

use super::plan::Side;
use super::settings::Settings;

/// What to do at a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The contract's: SELL and BUY have a target each, HOLD does nothing; a SELL never buys, a BUY never sells.
    Signal,
    /// The same below a cap while volatility is HIGH: targets are at most the cap, and what is above it is sold whatever
    /// the signal.
    CappedSignal,
    /// Everything in the base token, never a trade.
    BuyAndHold,
    /// Back to a constant share whenever it is left by more than the dead band; looks when a signal would come.
    ConstantMix,
    /// Everything in the quote token, never a trade.
    Cash,
}

/// Toward which allocation, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Order {
    pub side: Side,
    pub target: f64,
}

impl Rule {
    /// Its name in tables and plots.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal rule",
            Self::CappedSignal => "signal rule with regime cap",
            Self::BuyAndHold => "buy and hold",
            Self::ConstantMix => "constant mix",
            Self::Cash => "always cash",
        }
    }

    /// Share in the base token at the start.
    pub(super) fn start_allocation(self, settings: &Settings) -> f64 {
        match self {
            Self::Signal | Self::CappedSignal => settings.start_allocation,
            Self::BuyAndHold => 1.0,
            Self::ConstantMix => settings.mix,
            Self::Cash => 0.0,
        }
    }

    /// Proofs it needs for each signal.
    pub(super) fn proofs(self) -> u64 {
        match self {
            Self::Signal => 1,
            Self::CappedSignal => 2,
            Self::BuyAndHold | Self::ConstantMix | Self::Cash => 0,
        }
    }

    /// What it wants at a signal, given the share in the base token.
    pub(super) fn order(
        self,
        (class, is_high): (u8, bool),
        allocation: f64,
        settings: &Settings,
    ) -> Option<Order> {
        let policy = &settings.policy;
        let sell = |target| Order {
            side: Side::Sell,
            target,
        };
        let buy = |target| Order {
            side: Side::Buy,
            target,
        };
        let by_signal = |cap: f64| match class {
            0 => Some(sell(policy.sell_target.min(cap))),
            2 => Some(buy(policy.buy_target.min(cap))),
            _ => None,
        };
        match self {
            Self::Signal => by_signal(1.0),
            Self::CappedSignal if !is_high => by_signal(1.0),
            // A SELL's own target is lower still.
            Self::CappedSignal if class != 0 && allocation > settings.high_cap => {
                Some(sell(settings.high_cap))
            }
            Self::CappedSignal => by_signal(settings.high_cap),
            Self::ConstantMix if allocation > settings.mix => Some(sell(settings.mix)),
            Self::ConstantMix => Some(buy(settings.mix)),
            Self::BuyAndHold | Self::Cash => None,
        }
    }
}
