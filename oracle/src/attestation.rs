//! One attestor's signed word that a window's inputs are the market's (EIP-712), and a sorted set of them.

use alloy::{
    primitives::{Address, B256, Bytes, Signature},
    signers::{SignerSync, local::PrivateKeySigner},
    sol,
    sol_types::{Eip712Domain, SolStruct, eip712_domain},
};

use crate::statement::{OracleId, WindowId};

sol! {
    /// What an attestor signs: the window and the digest of the inputs made from it.
    #[derive(Debug, PartialEq, Eq)]
    struct Window {
        bytes32 symbol;
        uint32 timeframe;
        uint64 closeTime;
        int64 lastCloseE8;
        bytes32 inputsDigest;
    }
}

/// A signature over a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Who signed.
    pub signer: Address,
    /// The signature, 65 bytes on the wire.
    pub signature: Signature,
}

/// A signature that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum AttestationError {
    /// Not a recoverable signature.
    #[error("not a signature: {0}")]
    Malformed(alloy::primitives::SignatureError),
    /// The upper of the two possible `s` values: the contracts refuse it.
    #[error("signature has a high s: the oracle accepts the lower form only")]
    HighS,
    /// Signed by somebody else.
    #[error("signature was made by {got}, not by {want}")]
    Signer {
        /// Recovered signer.
        got: Address,
        /// Claimed signer.
        want: Address,
    },
    /// The key could not sign.
    #[error("cannot sign: {0}")]
    Sign(alloy::signers::Error),
}

/// The EIP-712 hash of a window's attestation for one oracle.
pub fn signing_hash(oracle: &OracleId, window: &WindowId, inputs_digest: B256) -> B256 {
    Window {
        symbol: window.market.symbol_word(),
        timeframe: window.market.timeframe,
        closeTime: window.close_time,
        lastCloseE8: window.last_close,
        inputsDigest: inputs_digest,
    }
    .eip712_signing_hash(&domain(oracle))
}

fn domain(oracle: &OracleId) -> Eip712Domain {
    eip712_domain! {
        name: "VeriRegime",
        version: "1",
        chain_id: oracle.chain_id,
        verifying_contract: oracle.address,
    }
}

impl Attestation {
    /// Signs a window.
    pub fn sign(key: &PrivateKeySigner, hash: B256) -> Result<Self, AttestationError> {
        let signature = key.sign_hash_sync(&hash).map_err(AttestationError::Sign)?;
        Ok(Self {
            signer: key.address(),
            signature,
        })
    }

    /// Takes a signature from somebody else and checks that `signer` made it over `hash`.
    pub fn checked(
        signer: Address,
        signature: &[u8],
        hash: B256,
    ) -> Result<Self, AttestationError> {
        let signature = Signature::from_raw(signature).map_err(AttestationError::Malformed)?;
        if signature.normalize_s().is_some() {
            return Err(AttestationError::HighS);
        }
        let got = signature
            .recover_address_from_prehash(&hash)
            .map_err(AttestationError::Malformed)?;
        if got != signer {
            return Err(AttestationError::Signer { got, want: signer });
        }
        Ok(Self { signer, signature })
    }
}

/// The contract's form of a set: 65-byte signatures joined, strictly ascending by signer.
pub fn encode(attestations: &[Attestation]) -> Bytes {
    let mut sorted: Vec<_> = attestations.iter().collect();
    sorted.sort_by_key(|attestation| attestation.signer);
    sorted.dedup_by_key(|attestation| attestation.signer);
    sorted
        .iter()
        .flat_map(|attestation| attestation.signature.as_bytes())
        .collect::<Vec<u8>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Market;

    fn hash(close_time: u64) -> B256 {
        let oracle = OracleId {
            chain_id: 31_337,
            address: Address::repeat_byte(7),
        };
        let window = WindowId {
            market: Market::btc_usdt_minutes(),
            close_time,
            last_close: 1,
        };
        signing_hash(&oracle, &window, B256::repeat_byte(3))
    }

    #[test]
    fn checked_accepts_the_signer_and_names_everybody_else() {
        let key = PrivateKeySigner::random();
        let made = Attestation::sign(&key, hash(60)).unwrap();
        let bytes = made.signature.as_bytes();
        assert_eq!(
            Attestation::checked(key.address(), &bytes, hash(60)).unwrap(),
            made
        );
        assert!(matches!(
            Attestation::checked(key.address(), &bytes, hash(120)),
            Err(AttestationError::Signer { want, .. }) if want == key.address()
        ));
        assert!(matches!(
            Attestation::checked(key.address(), &bytes[..64], hash(60)),
            Err(AttestationError::Malformed(_))
        ));
    }

    #[test]
    fn encode_sorts_and_drops_repeats() {
        let mut made: Vec<_> = (0..3)
            .map(|_| Attestation::sign(&PrivateKeySigner::random(), hash(60)).unwrap())
            .collect();
        made.sort_by_key(|attestation| std::cmp::Reverse(attestation.signer));
        made.push(made[0].clone());
        let bytes = encode(&made);
        assert_eq!(bytes.len(), 3 * 65);
        assert_eq!(bytes[..65], made[2].signature.as_bytes());
        assert!(bytes[64] == 27 || bytes[64] == 28);
    }
}
