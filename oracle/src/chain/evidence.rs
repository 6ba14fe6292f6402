//! What a round left on chain, as plain data: readable by a person, by a test, and by an auditor without a chain.

use alloy::{
    primitives::{Address, B256, Bytes, FixedBytes, U256},
    providers::Provider,
    sol_types::{SolCall, SolEvent},
};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    bindings::ISignalOracle::{self, Submission, submitBatchCall, submitCall},
    connection::Chain,
    error::{ChainError, read_error, rpc_error},
};
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
    /// Digest of the candles and funding rates that a bundle was written with. Required in a bundle; the chain itself
    /// knows none.
    #[serde(deserialize_with = "required")]
    pub candles: Option<B256>,
}

fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<B256>, D::Error> {
    B256::deserialize(deserializer).map(Some)
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
    fn new(
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
                class: stored.class,
                last_close_e8: stored.lastCloseE8,
            },
            event: Announced {
                model_id: event.modelId,
                close_time: event.closeTime,
                class: event.class,
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
            candles: None,
        }
    }
}

impl Chain {
    /// Everything the chain knows of a round: stored round, event, calldata, the attestors of that block.
    pub async fn evidence(&self, round_id: u128) -> Result<Evidence, ChainError> {
        let id = alloy::primitives::Uint::<80, 2>::from(round_id);
        let oracle = self.contract();
        let stored = oracle
            .round(id)
            .call()
            .await
            .map_err(read_error("the stored round"))?;
        let filter = oracle
            .SignalAccepted_filter()
            .topic1(U256::from(round_id))
            .from_block(0)
            .filter;
        let logs = self
            .provider()
            .get_logs(&filter)
            .await
            .map_err(rpc_error("reading the round's event"))?;
        let [log] = logs.as_slice() else {
            return Err(ChainError::Missing(format!(
                "round {round_id} has {} events, want one",
                logs.len()
            )));
        };
        let event = ISignalOracle::SignalAccepted::decode_log(&log.inner).map_err(|error| {
            ChainError::Missing(format!("round {round_id}: bad event: {error}"))
        })?;
        let (Some(tx), Some(block)) = (log.transaction_hash, log.block_number) else {
            return Err(ChainError::Missing(format!(
                "round {round_id} is not in a block yet"
            )));
        };
        let transaction = self
            .provider()
            .get_transaction_by_hash(tx)
            .await
            .map_err(rpc_error("reading the round's transaction"))?
            .ok_or_else(|| {
                ChainError::Missing(format!("the RPC does not have transaction {tx}"))
            })?;
        let input = alloy::consensus::Transaction::input(&transaction).clone();
        let call = submission(&input, event.closeTime).ok_or_else(|| {
            ChainError::Missing(format!(
                "transaction {tx} submits no window that closes at {} or calls the oracle through another contract",
                event.closeTime
            ))
        })?;
        let attestors = oracle.attestors().block(block.into()).call().await;
        let threshold = oracle.threshold().block(block.into()).call().await;
        Ok(Evidence::new(
            self.oracle(),
            tx,
            (round_id, &stored, &event),
            call,
            attestors.map_err(read_error("the attestors of the round's block"))?,
            threshold.map_err(read_error("the threshold of the round's block"))?,
        ))
    }
}

/// What a transaction submitted for a close time, alone or in a batch.
fn submission(calldata: &[u8], close_time: u64) -> Option<Submission> {
    let submitted = match submitCall::abi_decode(calldata) {
        Ok(call) => vec![call.submission],
        Err(_) => submitBatchCall::abi_decode(calldata).ok()?.submissions,
    };
    submitted
        .into_iter()
        .find(|submission| submission.closeTime == close_time)
}

#[cfg(test)]
mod tests {
    use alloy::sol_types::SolCall;

    use super::{Submission, submission, submitBatchCall, submitCall};

    fn closing_at(close_time: u64) -> Submission {
        Submission {
            closeTime: close_time,
            lastCloseE8: close_time.cast_signed(),
            ..Submission::default()
        }
    }

    #[test]
    fn submission_of_a_close_is_found_alone_and_in_a_batch() {
        let alone = submitCall {
            submission: closing_at(60),
        };
        assert_eq!(submission(&alone.abi_encode(), 60), Some(closing_at(60)));
        assert_eq!(submission(&alone.abi_encode(), 120), None);
        let batch = submitBatchCall {
            submissions: vec![closing_at(60), closing_at(120)],
        };
        for close_time in [60, 120] {
            let found = submission(&batch.abi_encode(), close_time);
            assert_eq!(found, Some(closing_at(close_time)));
        }
        assert_eq!(submission(&batch.abi_encode(), 180), None);
        assert_eq!(submission(b"another contract's call", 60), None);
    }
}
