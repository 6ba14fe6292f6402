//! The single comparisons.

use std::fmt::Debug;

use alloy::primitives::{B256, Signature, U256};
use veriregime_circuits::{
    field::Word,
    public::{PublicInputs, Statement},
};
use veriregime_features::{
    CONTEXT_NAMES, CONTEXT_START, FEATURE_NAMES, FEATURES, decimal::format_e8,
};

use super::{Auditor, Step};
use crate::{
    attestation::signing_hash,
    chain::Evidence,
    exchange::SourceKind,
    model::class_name,
    statement::{OracleId, WindowId, binding as binding_of},
};

fn compare<T: PartialEq + Debug>(name: &'static str, chain: &T, own: &T, agreed: String) -> Step {
    if chain == own {
        return Step {
            name,
            ok: true,
            detail: agreed,
        };
    }
    Step {
        name,
        ok: false,
        detail: format!("the chain says {chain:?}, recomputed {own:?}"),
    }
}

fn failed(name: &'static str, detail: String) -> Step {
    Step {
        name,
        ok: false,
        detail,
    }
}

fn oracle(evidence: &Evidence) -> OracleId {
    OracleId {
        chain_id: evidence.chain_id,
        address: evidence.oracle,
    }
}

fn window(auditor: &Auditor<'_>, evidence: &Evidence) -> WindowId {
    WindowId {
        market: auditor.market.clone(),
        close_time: evidence.close_time,
        last_close: evidence.last_close_e8,
    }
}

pub(super) fn announced(auditor: &Auditor<'_>, evidence: &Evidence) -> Step {
    let agreed = format!(
        "close {}, {}",
        evidence.event.close_time,
        class_name(auditor.question, evidence.event.class.into())
    );
    compare(
        "event and stored round",
        &evidence.stored,
        &evidence.event,
        agreed,
    )
}

pub(super) fn calldata(evidence: &Evidence) -> Step {
    let event = (
        evidence.event.model_id,
        evidence.event.close_time,
        evidence.event.last_close_e8,
    );
    let call = (
        evidence.model_id,
        evidence.close_time,
        evidence.last_close_e8,
    );
    compare(
        "event and calldata",
        &event,
        &call,
        format!("transaction {}", evidence.tx),
    )
}

pub(super) fn model_id(auditor: &Auditor<'_>, evidence: &Evidence) -> Step {
    let own = auditor.prover.model_id();
    compare(
        "model id from own keys",
        &evidence.event.model_id,
        &own,
        format!("{own}"),
    )
}

pub(super) fn decode(
    auditor: &Auditor<'_>,
    evidence: &Evidence,
) -> Result<(Step, PublicInputs, Statement), Step> {
    const NAME: &str = "public inputs decode";
    let words: Vec<Word> = evidence
        .public_inputs
        .iter()
        .map(U256::to_be_bytes)
        .collect();
    let schema = auditor.prover.verifying_key().schema();
    let refuse = |error: veriregime_circuits::Error| failed(NAME, error.to_string());
    let inputs = PublicInputs::from_words(schema, words).map_err(refuse)?;
    let statement = inputs.decode().map_err(refuse)?;
    let detail = format!(
        "{} words, {} inputs, canonical",
        inputs.words().len(),
        statement.inputs.len()
    );
    Ok((
        Step {
            name: NAME,
            ok: true,
            detail,
        },
        inputs,
        statement,
    ))
}

pub(super) fn binding(auditor: &Auditor<'_>, evidence: &Evidence, statement: &Statement) -> Step {
    let own = B256::from(binding_of(&oracle(evidence), &window(auditor, evidence)));
    let chain = B256::from(statement.binding);
    compare(
        "binding to chain, oracle, window",
        &chain,
        &own,
        format!("{own}"),
    )
}

pub(super) fn inputs_digest(evidence: &Evidence, inputs: &PublicInputs) -> Step {
    let own = B256::from(inputs.inputs_digest());
    compare(
        "inputs digest",
        &evidence.inputs_digest,
        &own,
        format!("{own}"),
    )
}

pub(super) fn features(auditor: &Auditor<'_>, statement: &Statement) -> Step {
    const NAME: &str = "features from own candles";
    let own = match &auditor.window {
        Ok(own) => own.window.values.as_slice(),
        Err(reason) => return failed(NAME, format!("no window: {reason}")),
    };
    let differing: Vec<usize> = own
        .iter()
        .zip(&statement.inputs)
        .enumerate()
        .filter(|(_, (own, chain))| own != chain)
        .map(|(index, _)| index)
        .collect();
    let Some(&first) = differing.first() else {
        return Step {
            name: NAME,
            ok: true,
            detail: format!("{} values from {} candles", own.len(), auditor.source),
        };
    };
    let place = place(first);
    let (chain, recomputed) = (statement.inputs.get(first), own.get(first));
    failed(
        NAME,
        format!(
            "{} of {} values differ, first {place}: the chain says {chain:?}, recomputed {recomputed:?}",
            differing.len(),
            own.len()
        ),
    )
}

/// Where a value of a window comes from, in words.
fn place(index: usize) -> String {
    let name = |names: &[&'static str], index: usize| names.get(index).copied().unwrap_or("?");
    match index.checked_sub(CONTEXT_START) {
        Some(context) => format!("{} of the context", name(&CONTEXT_NAMES, context)),
        None => format!(
            "{} of minute {}",
            name(&FEATURE_NAMES, index % FEATURES),
            index / FEATURES
        ),
    }
}

pub(super) fn last_close(auditor: &Auditor<'_>, evidence: &Evidence) -> Step {
    const NAME: &str = "last close from own candles";
    match &auditor.window {
        Ok(own) => compare(
            NAME,
            &evidence.event.last_close_e8,
            &own.window.last_close,
            format_e8(own.window.last_close),
        ),
        Err(reason) => failed(NAME, format!("no window: {reason}")),
    }
}

pub(super) fn inference(auditor: &Auditor<'_>, statement: &Statement) -> Step {
    const NAME: &str = "logits and class from own model";
    // On the inputs of the chain: a wrong window is the candles' step, a wrong answer is this one.
    match auditor.prover.network().infer(&statement.inputs) {
        Ok(own) => {
            let agreed = format!(
                "{:?} -> {}",
                own.logits,
                class_name(auditor.question, own.class)
            );
            compare(
                NAME,
                &(&statement.logits, statement.class),
                &(&own.logits, own.class),
                agreed,
            )
        }
        Err(error) => failed(NAME, error.to_string()),
    }
}

pub(super) fn signal(auditor: &Auditor<'_>, evidence: &Evidence, statement: &Statement) -> Step {
    let agreed = class_name(auditor.question, statement.class).to_owned();
    compare(
        "stored signal is the proven class",
        &usize::from(evidence.stored.class),
        &statement.class,
        agreed,
    )
}

pub(super) fn proof(auditor: &Auditor<'_>, evidence: &Evidence, inputs: &PublicInputs) -> Step {
    const NAME: &str = "proof, verified natively";
    match auditor.prover.verify(inputs, &evidence.proof) {
        Ok(()) => {
            let srs = auditor.prover.srs().kind().as_str();
            Step {
                name: NAME,
                ok: true,
                detail: format!("{} bytes, {srs} SRS", evidence.proof.len()),
            }
        }
        Err(error) => failed(NAME, error.to_string()),
    }
}

pub(super) fn attestations(auditor: &Auditor<'_>, evidence: &Evidence) -> Step {
    const NAME: &str = "quorum of attestors";
    let hash = signing_hash(
        &oracle(evidence),
        &window(auditor, evidence),
        evidence.inputs_digest,
    );
    let mut signers = Vec::new();
    for bytes in evidence.attestations.chunks(65) {
        let signer = Signature::from_raw(bytes)
            .and_then(|signature| signature.recover_address_from_prehash(&hash));
        let signer = match signer {
            Ok(signer) => signer,
            Err(error) => return failed(NAME, format!("signature {}: {error}", signers.len())),
        };
        if !evidence.attestors.contains(&signer) {
            return failed(
                NAME,
                format!(
                    "signature {} recovers to {signer}, not an attestor",
                    signers.len()
                ),
            );
        }
        if signers.last().is_some_and(|last| *last >= signer) {
            return failed(
                NAME,
                format!("signature {}: signers do not ascend", signers.len()),
            );
        }
        signers.push(signer);
    }
    let (got, want) = (signers.len(), usize::from(evidence.threshold));
    if got < want {
        return failed(NAME, format!("{got} of {want} signatures"));
    }
    Step {
        name: NAME,
        ok: true,
        detail: format!(
            "{got} of {} attestors, {want} needed",
            evidence.attestors.len()
        ),
    }
}

/// Only a bundle has a digest: that of the recorded candles it was written with, and recorded candles must match it.
/// Another source may have corrected what no feature reads (open, high, low); there the features decide.
pub(super) fn candles_digest(auditor: &Auditor<'_>, evidence: &Evidence) -> Option<Step> {
    const NAME: &str = "candles digest";
    let bundle = evidence.candles?;
    let own = match &auditor.window {
        Ok(own) => own.candles,
        Err(reason) => return Some(failed(NAME, format!("no window: {reason}"))),
    };
    let differs = format!(
        "the bundle says {bundle}, recomputed {own} from {} candles",
        auditor.source
    );
    Some(match auditor.source {
        _ if own == bundle => Step {
            name: NAME,
            ok: true,
            detail: format!("{own}"),
        },
        SourceKind::File => failed(NAME, differs),
        SourceKind::Exchange | SourceKind::Synthetic => Step {
            name: NAME,
            ok: true,
            detail: format!("{differs}: another source, its features decide"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn place_names_minute_or_context() {
        assert_eq!(place(17), "ema10 of minute 2");
        assert_eq!(place(479), "funding of minute 59");
        assert_eq!(place(480), "volatility5 of the context");
        assert_eq!(place(495), "weekend of the context");
    }
}
