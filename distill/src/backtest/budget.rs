//! The refilling budget of `contracts/treasury/RefillingBudget.sol`.

/// A budget that refills at a steady rate: empty, it takes a period to be full again.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Budget {
    used: f64,
    updated_at: u64,
}

impl Budget {
    /// What can be spent now.
    pub(super) fn left(&self, capacity: f64, period: u64, now: u64) -> f64 {
        (capacity - self.used(capacity, period, now)).max(0.0)
    }

    /// Records spending.
    pub(super) fn spend(&mut self, amount: f64, capacity: f64, period: u64, now: u64) {
        self.used = self.used(capacity, period, now) + amount;
        self.updated_at = now;
    }

    fn used(&self, capacity: f64, period: u64, now: u64) -> f64 {
        let refilled = capacity * now.saturating_sub(self.updated_at) as f64 / period as f64;
        (self.used - refilled).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn budget_refills_at_a_steady_rate_up_to_its_capacity() {
        let mut budget = Budget::default();
        assert_eq!(budget.left(100.0, 10, 1_000), 100.0);
        budget.spend(100.0, 100.0, 10, 1_000);
        assert_eq!(budget.left(100.0, 10, 1_000), 0.0);
        assert_eq!(budget.left(100.0, 10, 1_003), 30.0);
        budget.spend(20.0, 100.0, 10, 1_003);
        assert_eq!(budget.left(100.0, 10, 1_004), 20.0);
        assert_eq!(budget.left(100.0, 10, 2_000), 100.0);
    }
}
