//! What a transaction may cost and how long is waited for it.

use std::time::Duration;

use super::SendError;

/// One ether per gas: far above any fee ever paid, far below what would overflow.
const LARGEST_CAP: u128 = 1_000_000_000_000_000_000;

/// What a transaction may cost, when it counts as stuck and when as final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendPolicy {
    /// No transaction is ever signed with a higher fee, in wei per gas. A call stays one bump below it, so that there is
    /// always room to cancel it.
    pub max_fee_per_gas: u128,
    /// By how much both fees rise with every replacement, in per cent; nodes want at least 10.
    pub bump_percent: u32,
    /// A transaction in no block after this time is replaced, if blocks were made meanwhile.
    pub stuck_after: Duration,
    /// A transaction is final with so many confirmations; its own block is the first.
    pub confirmations: u64,
    /// Pause between looks at the chain.
    pub poll: Duration,
}

impl Default for SendPolicy {
    /// 200 gwei, 15 %, 60 s, 2 confirmations, a look every second.
    fn default() -> Self {
        Self {
            max_fee_per_gas: 200_000_000_000,
            bump_percent: 15,
            stuck_after: Duration::from_secs(60),
            confirmations: 2,
            poll: Duration::from_secs(1),
        }
    }
}

impl SendPolicy {
    /// Refuses a policy that no node would go along with.
    pub(super) fn check(&self) -> Result<(), SendError> {
        let wrong = if !(10..=1_000).contains(&self.bump_percent) {
            "bump_percent must lie between 10 and 1000: nodes refuse replacements below 10 %"
        } else if !(1..=LARGEST_CAP).contains(&self.max_fee_per_gas) {
            "max_fee_per_gas must lie between 1 wei and 1 ether"
        } else if self.confirmations == 0 {
            "confirmations must be at least 1: the transaction's own block"
        } else if self.poll.is_zero() {
            "poll must be longer than nothing"
        } else {
            return Ok(());
        };
        Err(SendError::Policy(wrong))
    }

    /// The most that a call may offer: one bump more is still within the cap.
    pub(super) fn call_limit(&self) -> u128 {
        self.max_fee_per_gas * 100 / (100 + u128::from(self.bump_percent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_names_what_is_wrong() {
        SendPolicy::default().check().unwrap();
        let wrong = |change: fn(&mut SendPolicy)| {
            let mut policy = SendPolicy::default();
            change(&mut policy);
            policy.check().unwrap_err().to_string()
        };
        assert!(wrong(|policy| policy.bump_percent = 9).contains("bump_percent"));
        assert!(wrong(|policy| policy.max_fee_per_gas = 0).contains("max_fee_per_gas"));
        assert!(wrong(|policy| policy.max_fee_per_gas = u128::MAX).contains("max_fee_per_gas"));
        assert!(wrong(|policy| policy.confirmations = 0).contains("confirmations"));
        assert!(wrong(|policy| policy.poll = Duration::ZERO).contains("poll"));
    }
}
