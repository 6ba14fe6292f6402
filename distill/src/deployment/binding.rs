//! The first word of a statement: which oracle, on which chain, and which window a proof is for.

use sha3::{Digest, Keccak256};
use veriregime_circuits::field::Word;

use super::ProvenWindow;

/// Sepolia's chain id, which the rehearsal chain has.
pub const CHAIN_ID: u64 = 11_155_111;

/// The oracle's address when `scripts/Deploy.s.sol` is the first thing that the local chain's first test account does: its fourth contract.
pub const ORACLE: [u8; 20] = [
    0xcf, 0x7e, 0xd3, 0xac, 0xca, 0x5a, 0x46, 0x7e, 0x9e, 0x70, 0x4c, 0x70, 0x3e, 0x8d, 0x87, 0xf6,
    0x34, 0xfb, 0x0f, 0xc9,
];

/// What the oracle speaks of, and the length of its candles in seconds.
const SYMBOL: &str = "BTC/USDT";
const TIMEFRAME: u64 = 60;

/// `keccak256(abi.encode(chain id, oracle, symbol, timeframe, close time, last close)) >> 8`, as the oracle computes it.
#[must_use]
pub fn binding(window: &ProvenWindow) -> Word {
    let mut hash = Keccak256::new();
    hash.update(number(CHAIN_ID));
    hash.update([0; 12]);
    hash.update(ORACLE);
    hash.update(SYMBOL);
    hash.update(vec![0; 32 - SYMBOL.len()]);
    hash.update(number(TIMEFRAME));
    hash.update(number(window.close_time));
    // Prices are positive.
    hash.update(number(window.last_close.unsigned_abs()));
    let mut word = [0; 32];
    for (to, from) in word.iter_mut().skip(1).zip(hash.finalize()) {
        *to = from;
    }
    word
}

fn number(value: u64) -> Word {
    let mut word = [0; 32];
    for (to, from) in word.iter_mut().skip(24).zip(value.to_be_bytes()) {
        *to = from;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::{ProvenWindow, binding};

    #[test]
    fn binding_is_248_bits_and_depends_on_window_and_price() {
        let window = ProvenWindow {
            close_time: 1_722_311_280,
            last_close: 6_654_200_000_000,
            label: 0,
            values: vec![],
        };
        let later = ProvenWindow {
            close_time: window.close_time + 60,
            ..window.clone()
        };
        let dearer = ProvenWindow {
            last_close: window.last_close + 1,
            ..window.clone()
        };
        assert_eq!(binding(&window).first(), Some(&0));
        assert_ne!(binding(&window), binding(&later));
        assert_ne!(binding(&window), binding(&dearer));
    }
}
