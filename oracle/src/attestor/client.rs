//! Gathering attestations: all attestors at once, stop at the quorum, name who disagreed and why.

use std::{collections::BTreeSet, fmt, time::Duration};

use alloy::primitives::{Address, B256};
use tokio::task::JoinSet;

use super::message::{Answer, Ask, Refusal};
use crate::{
    attestation::{Attestation, AttestationError, signing_hash},
    statement::{OracleId, WindowId},
};

/// The attestors to ask and how many of them are needed.
#[derive(Debug, Clone)]
pub struct Quorum {
    client: reqwest::Client,
    urls: Vec<String>,
    members: BTreeSet<Address>,
    threshold: usize,
}

/// A gathered quorum.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Exactly as many attestations as the threshold demands.
    pub attestations: Vec<Attestation>,
    /// Attestors that answered something else before the quorum was full.
    pub disagreements: Vec<Disagreement>,
}

/// One attestor that did not vouch for our window.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// Where it was asked.
    pub url: String,
    /// What it said or failed with.
    pub fault: Fault,
}

/// What was wrong with an attestor's answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// No answer, or none that can be read.
    #[error("no usable answer: {0}")]
    Transport(String),
    /// It refuses.
    #[error("refuses: {0}")]
    Refused(Refusal),
    /// It computed another window.
    #[error(
        "vouches for digest {digest} and last close {last_close}, ours are {ours} and {our_close}"
    )]
    OtherWindow {
        /// Its digest.
        digest: B256,
        /// Its last close.
        last_close: i64,
        /// Our digest.
        ours: B256,
        /// Our last close.
        our_close: i64,
    },
    /// The oracle does not know its address.
    #[error("signer {0} is not an attestor of the oracle")]
    Stranger(Address),
    /// Its address has already signed under another URL.
    #[error("signer {0} answered twice")]
    Repeated(Address),
    /// Its signature does not hold.
    #[error("bad signature: {0}")]
    Signature(String),
}

impl Fault {
    /// The stable code of the kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Transport(_) => "no-answer",
            Self::Refused(_) => "refused",
            Self::OtherWindow { .. } => "other-window",
            Self::Stranger(_) => "stranger",
            Self::Repeated(_) => "repeated",
            Self::Signature(_) => "bad-signature",
        }
    }
}

/// Fewer attestations than needed.
#[derive(Debug, thiserror::Error)]
#[error("quorum not reached: {got} of {want} attestations; nothing may be sent.{}", listed(.disagreements))]
pub struct QuorumError {
    /// Attestations gathered.
    pub got: usize,
    /// Attestations needed.
    pub want: usize,
    /// Everybody who did not vouch.
    pub disagreements: Vec<Disagreement>,
}

fn listed(disagreements: &[Disagreement]) -> String {
    disagreements
        .iter()
        .map(|one| format!("\n  {one}"))
        .collect()
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.fault)
    }
}

impl Quorum {
    /// Asks `urls`; accepts only signers in `members` (the oracle's own list) and needs `threshold` of them.
    pub fn new(
        urls: Vec<String>,
        members: BTreeSet<Address>,
        threshold: usize,
        timeout: Duration,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            urls,
            members,
            threshold,
        })
    }

    /// Gathers attestations for a window whose inputs have the digest `digest`.
    ///
    /// An attestor that is slow, absent or of another opinion delays nobody as long as enough others answer.
    ///
    /// # Errors
    /// [`QuorumError`] naming every attestor that did not vouch.
    pub async fn gather(
        &self,
        oracle: &OracleId,
        window: &WindowId,
        digest: B256,
    ) -> Result<Witness, QuorumError> {
        let mut asked = JoinSet::new();
        for url in &self.urls {
            let (client, url) = (self.client.clone(), url.clone());
            let ask = Ask {
                symbol: window.market.symbol.clone(),
                timeframe: window.market.timeframe,
                close_time: window.close_time,
            };
            asked.spawn(async move {
                let answer = ask_one(&client, &url, &ask).await;
                (url, answer)
            });
        }
        let mut witness = Witness {
            attestations: Vec::new(),
            disagreements: Vec::new(),
        };
        while witness.attestations.len() < self.threshold {
            let Some(joined) = asked.join_next().await else {
                break;
            };
            let Ok((url, answer)) = joined else { continue };
            let checked =
                answer.and_then(|answer| self.check(&witness, oracle, window, digest, &answer));
            match checked {
                Ok(attestation) => witness.attestations.push(attestation),
                Err(fault) => {
                    tracing::debug!(%url, %fault, "attestor did not vouch");
                    witness.disagreements.push(Disagreement { url, fault });
                }
            }
        }
        if witness.attestations.len() < self.threshold {
            return Err(QuorumError {
                got: witness.attestations.len(),
                want: self.threshold,
                disagreements: witness.disagreements,
            });
        }
        Ok(witness)
    }

    fn check(
        &self,
        witness: &Witness,
        oracle: &OracleId,
        window: &WindowId,
        digest: B256,
        answer: &Answer,
    ) -> Result<Attestation, Fault> {
        if (answer.inputs_digest, answer.last_close_e8) != (digest, window.last_close) {
            return Err(Fault::OtherWindow {
                digest: answer.inputs_digest,
                last_close: answer.last_close_e8,
                ours: digest,
                our_close: window.last_close,
            });
        }
        if !self.members.contains(&answer.signer) {
            return Err(Fault::Stranger(answer.signer));
        }
        if witness
            .attestations
            .iter()
            .any(|known| known.signer == answer.signer)
        {
            return Err(Fault::Repeated(answer.signer));
        }
        Attestation::checked(
            answer.signer,
            &answer.signature,
            signing_hash(oracle, window, digest),
        )
        .map_err(|error: AttestationError| Fault::Signature(error.to_string()))
    }
}

async fn ask_one(client: &reqwest::Client, url: &str, ask: &Ask) -> Result<Answer, Fault> {
    let transport = |error: reqwest::Error| Fault::Transport(error.without_url().to_string());
    let url = format!("{}/attest", url.trim_end_matches('/'));
    let mut response = client.post(url).json(ask).send().await.map_err(transport)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport)? {
        body.extend_from_slice(&chunk);
        if body.len() > 16_384 {
            return Err(Fault::Transport("answer larger than 16 kB".into()));
        }
    }
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| Fault::Transport(error.to_string()));
    }
    match serde_json::from_slice(&body) {
        Ok(refusal) => Err(Fault::Refused(refusal)),
        Err(_) => Err(Fault::Transport(format!("HTTP {}", status.as_u16()))),
    }
}
