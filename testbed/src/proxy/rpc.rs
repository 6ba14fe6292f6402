//! What stands between the node and its chain: every call by its method, every transaction read on the wire.

use std::sync::Mutex;

use alloy::{
    consensus::{Transaction, TxEnvelope, transaction::SignerRecoverable},
    eips::eip2718::Decodable2718,
    primitives::{Address, B256, Bytes, keccak256},
    sol_types::SolCall,
};
use anyhow::Result;
use serde_json::Value;
use veriregime::chain::ISignalOracle::submitCall;

use super::{
    calls,
    forward::{client, forward},
};
use crate::{
    front::{Call, Reply, Service},
    locked,
};

/// Passes JSON-RPC calls on, and remembers every raw transaction that was handed over.
#[derive(Debug)]
pub struct RpcProxy {
    upstream: String,
    client: reqwest::Client,
    wired: Mutex<Vec<Wired>>,
}

/// A submission as it came over the wire, whether or not it went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wired {
    /// Who signed it.
    pub from: Address,
    /// The transaction's hash.
    pub hash: B256,
    /// Its nonce.
    pub nonce: u64,
    /// The most it pays per gas, wei.
    pub max_fee: u128,
    /// The close time it speaks of; `None` for anything but `submit`.
    pub close_time: Option<u64>,
    /// Digest of everything it states: close, price, inputs, logits, class.
    pub statement: Option<B256>,
    /// The bytes.
    pub raw: Bytes,
}

impl RpcProxy {
    /// Passes on to `upstream`.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(upstream: &str) -> Result<Self> {
        Ok(Self {
            upstream: upstream.to_owned(),
            client: client()?,
            wired: Mutex::default(),
        })
    }

    /// Every transaction handed over so far, repeats included.
    #[must_use]
    pub fn wired(&self) -> Vec<Wired> {
        locked(&self.wired).clone()
    }
}

impl Service for RpcProxy {
    /// The method; the simulation of a submission by a name of its own. A batch is called by its first call.
    fn name(&self, call: &Call) -> String {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let one = body.get(0).unwrap_or(&body);
        let method = one["method"].as_str().unwrap_or("unreadable");
        let name = if method == calls::READ && simulates(one) {
            calls::SIMULATE
        } else {
            method
        };
        if method == calls::SEND {
            let raw = one["params"][0].as_str().and_then(|raw| raw.parse().ok());
            if let Some(wired) = raw.and_then(read) {
                locked(&self.wired).push(wired);
            }
        }
        name.to_owned()
    }

    async fn answer(&self, call: Call) -> Result<Reply> {
        forward(&self.client, &self.upstream, call).await
    }
}

fn simulates(call: &Value) -> bool {
    let request = &call["params"][0];
    let data = request["input"].as_str().or(request["data"].as_str());
    let selector = alloy::hex::encode_prefixed(submitCall::SELECTOR);
    data.is_some_and(|data| data.starts_with(&selector))
}

fn read(raw: Bytes) -> Option<Wired> {
    let transaction = TxEnvelope::decode_2718(&mut raw.as_ref()).ok()?;
    let submitted = submitCall::abi_decode(transaction.input()).ok();
    let submitted = submitted.map(|call| call.submission);
    Some(Wired {
        from: transaction.recover_signer().ok()?,
        hash: *transaction.tx_hash(),
        nonce: transaction.nonce(),
        max_fee: transaction.max_fee_per_gas(),
        close_time: submitted.as_ref().map(|submission| submission.closeTime),
        statement: submitted.as_ref().map(|submission| {
            let mut said = Vec::from(submission.closeTime.to_be_bytes());
            said.extend(submission.lastCloseE8.to_be_bytes());
            said.extend(submission.modelId);
            for word in &submission.publicInputs {
                said.extend(word.to_be_bytes::<32>());
            }
            keccak256(said)
        }),
        raw,
    })
}
