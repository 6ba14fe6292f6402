//! What a round left on chain, as plain data: readable by a person, by a test, and by an auditor without a chain.

use alloy::primitives::{Address, B256, Bytes, FixedBytes, U256};
use serde::{Deserialize, Serialize};

use super::{bindings::ISignalOracle, connection::Submission};
use crate::statement::OracleId;

/// One round's traces on chain; also the audit bundle's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Chain id.
    pub chain_id: u64,
    /// The oracle contract.
    pub oracle: Address,
    /// The transaction that submitted the round.
    pub tx: B256,
    /// The round id.
    pub round: u128,
    /// The oracle's storage.
    pub stored: Announced,
    /// The oracle's event.
    pub event: Announced,
    /// Digest of the packed inputs, from the event.
    pub inputs_digest: B256,
    /// The calldata's model id.
    pub model_id: FixedBytes<4>,
    /// The calldata's close time.
    pub close_time: u64,
    /// The calldata's last close, eight decimals.
    pub last_close_e8: i64,
    /// The calldata's public inputs.
    pub public_inputs: Vec<U256>,
    /// The calldata's proof.
    pub proof: Bytes,
    /// The calldata's attestations.
    pub attestations: Bytes,
    /// The oracle's attestors in that block.
    pub attestors: Vec<Address>,
    /// The oracle's threshold in that block.
    pub threshold: u8,
}

/// What storage and event both say of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    /// The model.
    pub model_id: FixedBytes<4>,
    /// Close of the window's last candle.
    pub close_time: u64,
    /// The class.
    pub class: u8,
    /// Last close, eight decimals.
    pub last_close_e8: i64,
}

impl Evidence {
    pub(super) fn new(
        oracle: &OracleId,
        tx: B256,
        (round, stored, event): (u128, &ISignalOracle::Round, &ISignalOracle::SignalAccepted),
        call: Submission,
        attestors: Vec<Address>,
        threshold: u8,
    ) -> Self {
        Self {
            chain_id: oracle.chain_id,
            oracle: oracle.address,
            tx,
            round,
            stored: Announced {
                model_id: stored.modelId,
                close_time: stored.closeTime,
                class: stored.signal as u8,
                last_close_e8: stored.lastCloseE8,
            },
            event: Announced {
                model_id: event.modelId,
                close_time: event.closeTime,
                class: event.signal as u8,
                last_close_e8: event.lastCloseE8,
            },
            inputs_digest: event.inputsDigest,
            model_id: call.modelId,
            close_time: call.closeTime,
            last_close_e8: call.lastCloseE8,
            public_inputs: call.publicInputs,
            proof: call.proof,
            attestations: call.attestations,
            attestors,
            threshold,
        }
    }
}
