//! What a proof is bound to: one window of one market, for one oracle on one chain.

use alloy::{
    primitives::{Address, B256, keccak256},
    sol_types::SolValue,
};
use veriregime_circuits::{
    field::Word,
    public::{PublicInputs, Schema, Statement as Packed},
};

use crate::market::Market;

/// The oracle a signal is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OracleId {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The oracle contract.
    pub address: Address,
}

/// The window a signal speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowId {
    /// Market of the candles.
    pub market: Market,
    /// Close of the last candle, UNIX seconds.
    pub close_time: u64,
    /// Close price of the last candle, eight decimals.
    pub last_close: i64,
}

/// The first public input: `keccak256(abi.encode(chain id, oracle, symbol, timeframe, close time, last close)) >> 8`.
///
/// The oracle contract computes the same word itself, so a proof made for another chain, oracle or window is refused.
pub fn binding(oracle: &OracleId, window: &WindowId) -> Word {
    let hash = keccak256(
        (
            alloy::primitives::U256::from(oracle.chain_id),
            oracle.address,
            window.market.symbol_word(),
            window.market.timeframe,
            window.close_time,
            window.last_close,
        )
            .abi_encode(),
    );
    let mut word = [0u8; 32];
    for (to, from) in word.iter_mut().skip(1).zip(hash) {
        *to = from;
    }
    word
}

/// Keccak-256 of the packed input words: what attestors sign. It depends on the inputs alone.
///
/// # Errors
/// For a value outside int8.
pub fn inputs_digest(values: &[i16]) -> Result<B256, veriregime_circuits::Error> {
    let schema = Schema {
        inputs: values.len(),
        classes: 0,
    };
    let packed = Packed {
        binding: [0; 32],
        inputs: values.to_vec(),
        logits: Vec::new(),
        class: 0,
    };
    Ok(B256::from(
        PublicInputs::encode(schema, &packed)?.inputs_digest(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{address, b256};

    fn window() -> WindowId {
        WindowId {
            market: Market::btc_usdt_minutes(),
            close_time: 1_700_000_040,
            last_close: 3_650_000_000_000,
        }
    }

    #[test]
    fn binding_is_248_bits_and_depends_on_every_part() {
        let oracle = OracleId {
            chain_id: 31_337,
            address: address!("00000000000000000000000000000000000000aa"),
        };
        let word = binding(&oracle, &window());
        assert_eq!(word[0], 0);
        let other = [
            binding(
                &OracleId {
                    chain_id: 1,
                    ..oracle
                },
                &window(),
            ),
            binding(
                &OracleId {
                    address: Address::ZERO,
                    ..oracle
                },
                &window(),
            ),
            binding(
                &oracle,
                &WindowId {
                    close_time: 1_700_000_100,
                    ..window()
                },
            ),
            binding(
                &oracle,
                &WindowId {
                    last_close: 1,
                    ..window()
                },
            ),
        ];
        assert!(other.iter().all(|other| *other != word));
    }

    #[test]
    fn inputs_digest_packs_little_endian_bytes() {
        // One word holding 0x80 (value 0) in its lowest byte: keccak256 of uint256(128).
        let want = keccak256(alloy::primitives::U256::from(128).to_be_bytes::<32>());
        assert_eq!(inputs_digest(&[0]).unwrap(), want);
        assert_ne!(
            want,
            b256!("0000000000000000000000000000000000000000000000000000000000000000")
        );
        assert!(inputs_digest(&[128]).is_err());
    }
}
