//! EIP-1559 fees: a first offer, and a higher one.

use alloy::{providers::utils::eip1559_default_estimator, rpc::types::FeeHistory};

/// What a transaction offers, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fees {
    /// The most it pays in all.
    pub max: u128,
    /// The most it pays to the block's builder, part of `max`.
    pub priority: u128,
}

/// What the chain asks for at the moment, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FeeMarket {
    /// The next block's base fee.
    pub(super) base: u128,
    /// An offer for inclusion soon.
    pub(super) usual: Fees,
}

impl FeeMarket {
    /// Reads a fee history with one reward percentile; `None` without a base fee. Figures above `cap` are taken as the
    /// cap, plus one for the base fee: a node may claim anything.
    pub(super) fn read(history: &FeeHistory, cap: u128) -> Option<Self> {
        let base = history.next_block_base_fee()?.min(cap + 1);
        let rewards: Vec<Vec<u128>> = history
            .reward
            .iter()
            .flatten()
            .map(|block| block.iter().map(|reward| (*reward).min(cap)).collect())
            .collect();
        let usual = eip1559_default_estimator(base, &rewards);
        let usual = Fees {
            max: usual.max_fee_per_gas,
            priority: usual.max_priority_fee_per_gas,
        };
        Some(Self { base, usual })
    }
}

impl Fees {
    /// The usual offer, cut to `limit`; `None` if the base fee alone is above it.
    pub(super) fn first(market: &FeeMarket, limit: u128) -> Option<Self> {
        let max = market.usual.max.min(limit);
        let priority = market.usual.priority.min(max);
        (market.base <= limit).then_some(Self { max, priority })
    }

    /// An offer that a node accepts in place of this one: both fees at least `percent` higher, more if the market asks
    /// for more, twice as high if `eager`; `None` if that would exceed `limit`.
    pub(super) fn raised(
        self,
        market: &FeeMarket,
        percent: u32,
        eager: bool,
        limit: u128,
    ) -> Option<Self> {
        let least = |fee: u128| {
            let more = (fee * u128::from(percent)).div_ceil(100);
            fee + more.max(1)
        };
        let wanted = |fee: u128, usual: u128| {
            let doubled = if eager { fee * 2 } else { 0 };
            least(fee).max(usual).max(doubled)
        };
        if least(self.max) > limit {
            return None;
        }
        let max = wanted(self.max, market.usual.max).min(limit);
        let priority = wanted(self.priority, market.usual.priority).min(max);
        Some(Self { max, priority })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::transactions::SendPolicy;

    fn market(base: u128, max: u128, priority: u128) -> FeeMarket {
        let usual = Fees { max, priority };
        FeeMarket { base, usual }
    }

    #[test]
    fn read_survives_absurd_histories() {
        let history = FeeHistory {
            base_fee_per_gas: vec![1, u128::MAX],
            reward: Some(vec![vec![u128::MAX], vec![u128::MAX], vec![]]),
            ..FeeHistory::default()
        };
        let market = FeeMarket::read(&history, 1_000).unwrap();
        assert_eq!(market.base, 1_001);
        assert_eq!(Fees::first(&market, 1_000), None);
        assert_eq!(FeeMarket::read(&FeeHistory::default(), 1_000), None);
    }

    #[test]
    fn first_is_cut_to_the_limit_and_waits_above_it() {
        let limit = 100;
        let first = |base, max, priority| Fees::first(&market(base, max, priority), limit);
        let fees = |max, priority| Some(Fees { max, priority });
        assert_eq!(first(40, 82, 2), fees(82, 2));
        assert_eq!(first(90, 182, 2), fees(100, 2));
        assert_eq!(first(90, 300, 120), fees(100, 100));
        assert_eq!(first(101, 204, 2), None);
    }

    proptest! {
        #[test]
        fn raised_satisfies_nodes_and_never_exceeds_the_limit(
            max in 0..10u128.pow(18), share in 0..=100u128, percent in 10..=1_000u32, eager: bool,
            base in 0..10u128.pow(18), tip in 0..10u128.pow(18), limit in 1..=10u128.pow(18),
        ) {
            let old = Fees { max, priority: max * share / 100 };
            if let Some(new) = old.raised(&market(base, 2 * base + tip, tip), percent, eager, limit) {
                let enough = |new: u128, old: u128| new * 100 >= old * (100 + u128::from(percent)) && new > old;
                prop_assert!(enough(new.max, old.max) && enough(new.priority, old.priority), "{old:?} {new:?}");
                prop_assert!(new.priority <= new.max && new.max <= limit);
            }
        }

        #[test]
        fn a_call_at_its_limit_can_be_cancelled(cap in 100..=10u128.pow(18), percent in 10..=1_000u32) {
            let policy = SendPolicy { max_fee_per_gas: cap, bump_percent: percent, ..SendPolicy::default() };
            let limit = policy.call_limit();
            let old = Fees { max: limit, priority: limit };
            let new = old.raised(&market(0, 0, 0), percent, true, cap);
            prop_assert!(new.is_some_and(|new| new.max <= cap));
        }
    }
}
