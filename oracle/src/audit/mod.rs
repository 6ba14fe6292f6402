//! The audit of a round: recompute everything that the chain's word rests on, and say which step disagrees.
//!
//! ```text
//! Evidence (event, storage, calldata) ─┬─ agree with each other?
//! own candles ── window, digest ───────┼─ same inputs, same last close, same digest as the bundle's?
//! own model ── logits, class ──────────┼─ same answer?      ──> Verdict: one line per step
//! own keys ── native verification ─────┴─ proof holds? quorum signed?
//! ```
//! Only the evidence comes from the chain; candles, model and keys are the auditor's own.

mod steps;

use serde::Serialize;
use veriregime_features::labels::Question;

use crate::{
    chain::Evidence,
    exchange::{SourceKind, SourcedWindow},
    market::Market,
    prover::Prover,
};

/// The outcome of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was compared.
    pub name: &'static str,
    /// Whether it agrees.
    pub ok: bool,
    /// The agreeing value, or what disagrees and how.
    pub detail: String,
}

/// The outcome of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The round audited.
    pub round: u128,
    /// Where the auditor's candles came from.
    pub source: SourceKind,
    /// True if every step agrees.
    pub ok: bool,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// What the auditor brings: market, candles' window (or why there is none) and prover.
pub struct Auditor<'a> {
    /// The market the oracle is for.
    pub market: &'a Market,
    /// Where the candles came from.
    pub source: SourceKind,
    /// The window recomputed from the auditor's candles with their digest, or the reason there is none.
    pub window: Result<&'a SourcedWindow, String>,
    /// Model, SRS and keys.
    pub prover: &'a Prover,
    /// What the model was asked: names its classes.
    pub question: Question,
}

impl Auditor<'_> {
    /// Goes through every step; a failing one does not hide the others.
    pub fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut steps = vec![
            steps::announced(self, evidence),
            steps::calldata(evidence),
            steps::model_id(self, evidence),
        ];
        steps.extend(steps::candles_digest(self, evidence));
        match steps::decode(self, evidence) {
            Err(step) => steps.push(step),
            Ok((encoding, inputs, statement)) => {
                steps.push(encoding);
                steps.push(steps::binding(self, evidence, &statement));
                steps.push(steps::inputs_digest(evidence, &inputs));
                steps.push(steps::features(self, &statement));
                steps.push(steps::last_close(self, evidence));
                steps.push(steps::inference(self, &statement));
                steps.push(steps::signal(self, evidence, &statement));
                steps.push(steps::proof(self, evidence, &inputs));
            }
        }
        steps.push(steps::attestations(self, evidence));
        Verdict {
            round: evidence.round,
            source: self.source,
            ok: steps.iter().all(|step| step.ok),
            steps,
        }
    }
}
