//! Whether a key can pay for the rounds of the near future.

use alloy::{
    primitives::{Address, U256, utils::format_ether},
    providers::Provider,
    transports::{RpcError, TransportErrorKind},
};

/// Gas of a submission, generously.
const SUBMISSION: u64 = 400_000;
/// Submissions that the balance should still pay for.
const ROUNDS: u64 = 10;

/// A balance and what [`ROUNDS`] submissions cost at today's fees, wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserve {
    /// Whose balance.
    pub address: Address,
    /// What it has.
    pub balance: U256,
    /// What it should have.
    pub need: U256,
}

/// Too little.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} ether pays for fewer than {ROUNDS} submissions at today's fees: send at least {} to {}",
    format_ether(.0.balance),
    .0.missing(),
    .0.address
)]
pub struct LowReserve(Reserve);

impl Reserve {
    /// Asks the chain for balance and gas price.
    pub async fn read(
        provider: &impl Provider,
        address: Address,
    ) -> Result<Self, RpcError<TransportErrorKind>> {
        let balance = provider.get_balance(address).await?;
        let price = provider.get_gas_price().await?;
        let need = U256::from(price) * U256::from(SUBMISSION * ROUNDS);
        Ok(Self {
            address,
            balance,
            need,
        })
    }

    fn missing(&self) -> String {
        format_ether(self.need.saturating_sub(self.balance))
    }

    /// The balance in ether.
    ///
    /// # Errors
    /// [`LowReserve`] if it is too small, with what is missing.
    pub fn check(self) -> Result<String, LowReserve> {
        if self.balance < self.need {
            return Err(LowReserve(self));
        }
        Ok(format!("{} ether", format_ether(self.balance)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_asks_for_what_is_missing() {
        let reserve = |balance: u64| Reserve {
            address: Address::repeat_byte(7),
            balance: U256::from(balance),
            need: U256::from(5_000_000_000_000_000_u64),
        };
        assert_eq!(
            reserve(5_000_000_000_000_000).check().unwrap(),
            "0.005000000000000000 ether"
        );
        let error = reserve(1_000_000_000_000_000)
            .check()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("send at least 0.004000000000000000"),
            "{error}"
        );
        assert!(error.contains("0x0707"), "{error}");
    }
}
