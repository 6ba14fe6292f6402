//! The audit on an honest round, and on the same round with one thing changed at a time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{sync::LazyLock, time::Duration};

use alloy::{
    primitives::{Address, B256, U256},
    signers::local::PrivateKeySigner,
};
use veriregime::{
    attestation::{self, Attestation, signing_hash},
    audit::{Auditor, Verdict},
    chain::{Announced, Evidence},
    exchange::{CandleSource, SourceKind, SourcedWindow},
    market::Market,
    proof_file::{ProofFile, words},
    prover::{Proven, Prover},
    statement::{OracleId, WindowId},
};
use veriregime_circuits::{
    srs::Srs,
    tape::{Layout, Profile},
};
use veriregime_features::{CONTEXT_START, labels::Question};

const CLOSE: u64 = 1_735_776_000;
const ORACLE: OracleId = OracleId {
    chain_id: 31_337,
    address: Address::repeat_byte(0xaa),
};

struct Round {
    prover: Prover,
    proven: Proven,
    window: SourcedWindow,
    evidence: Evidence,
}

/// Proven once, shared by the tests.
static ROUND: LazyLock<Round> = LazyLock::new(|| {
    let network = support::network();
    let layout = Layout::plan(&network, Profile::Gas).unwrap();
    let prover = Prover::generate(layout.clone(), Srs::development(layout.k), 0).unwrap();
    let source = CandleSource::synthetic(Market::btc_usdt_minutes());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let sourced = std::thread::scope(|scope| {
        let fetch = async {
            tokio::time::timeout(
                Duration::from_secs(60),
                source.sourced_window(CLOSE, &support::scale()),
            )
            .await
        };
        scope
            .spawn(|| runtime.block_on(fetch))
            .join()
            .unwrap()
            .unwrap()
            .unwrap()
    });
    let window = &sourced.window;
    let id = WindowId {
        market: Market::btc_usdt_minutes(),
        close_time: CLOSE,
        last_close: window.last_close,
    };
    let proven = prover.prove(&ORACLE, &id, window).unwrap();
    let hash = signing_hash(&ORACLE, &id, proven.inputs_digest);
    let keys = [
        PrivateKeySigner::random(),
        PrivateKeySigner::random(),
        PrivateKeySigner::random(),
    ];
    let signed: Vec<_> = keys[..2]
        .iter()
        .map(|key| Attestation::sign(key, hash).unwrap())
        .collect();
    let announced = Announced {
        model_id: prover.model_id(),
        close_time: CLOSE,
        class: u8::try_from(proven.inference.class).unwrap(),
        last_close_e8: window.last_close,
    };
    let evidence = Evidence {
        chain_id: ORACLE.chain_id,
        oracle: ORACLE.address,
        tx: B256::repeat_byte(1),
        round: 1,
        stored: announced.clone(),
        event: announced,
        inputs_digest: proven.inputs_digest,
        model_id: prover.model_id(),
        close_time: CLOSE,
        last_close_e8: window.last_close,
        public_inputs: words(&proven.proof.public_inputs),
        proof: proven.proof.bytes.clone().into(),
        attestations: attestation::encode(&signed),
        attestors: keys.iter().map(PrivateKeySigner::address).collect(),
        threshold: 2,
        candles: Some(sourced.candles),
    };
    Round {
        prover,
        proven,
        window: sourced,
        evidence,
    }
});

fn judge(evidence: &Evidence) -> Verdict {
    judge_with(evidence, Ok(&ROUND.window))
}

/// Invented candles under the label of recorded ones: those must match the bundle's digest.
fn judge_with(evidence: &Evidence, window: Result<&SourcedWindow, String>) -> Verdict {
    judge_from(SourceKind::File, evidence, window)
}

fn judge_from(
    source: SourceKind,
    evidence: &Evidence,
    window: Result<&SourcedWindow, String>,
) -> Verdict {
    let market = Market::btc_usdt_minutes();
    Auditor {
        market: &market,
        source,
        window,
        prover: &ROUND.prover,
        question: Question::Signal,
    }
    .judge(evidence)
}

/// Changes one thing and expects exactly these steps to fail.
fn tampered(change: impl FnOnce(&mut Evidence), failing: &[&str]) {
    let mut evidence = ROUND.evidence.clone();
    change(&mut evidence);
    expect(&judge(&evidence), failing);
}

fn expect(verdict: &Verdict, failing: &[&str]) {
    let failed: Vec<_> = verdict
        .steps
        .iter()
        .filter(|step| !step.ok)
        .map(|step| step.name)
        .collect();
    assert_eq!(failed, failing, "{verdict:#?}");
    assert_eq!(verdict.ok, failing.is_empty());
}

const CANDLES: &str = "candles digest";
const FEATURES: &str = "features from own candles";
const CLOSE_PRICE: &str = "last close from own candles";
const PROOF: &str = "proof, verified natively";
const BINDING: &str = "binding to chain, oracle, window";
const DIGEST: &str = "inputs digest";
const QUORUM: &str = "quorum of attestors";
const INFERENCE: &str = "logits and class from own model";
const CALLDATA: &str = "event and calldata";

#[test]
fn an_honest_round_passes_every_step() {
    let verdict = judge(&ROUND.evidence);
    expect(&verdict, &[]);
    assert_eq!(verdict.steps.len(), 13);
}

#[test]
fn an_honest_proof_over_invented_candles_is_found() {
    let mut forged = ROUND.window.clone();
    forged.window.values[17] ^= 1;
    expect(&judge_with(&ROUND.evidence, Ok(&forged)), &[FEATURES]);
    forged = ROUND.window.clone();
    forged.window.last_close += 1;
    expect(&judge_with(&ROUND.evidence, Ok(&forged)), &[CLOSE_PRICE]);
    expect(
        &judge_with(&ROUND.evidence, Err("gap".into())),
        &[CANDLES, FEATURES, CLOSE_PRICE],
    );
}

#[test]
fn a_differing_value_of_the_context_is_named() {
    let mut forged = ROUND.window.clone();
    forged.window.values[CONTEXT_START + 15] ^= 1;
    let verdict = judge_with(&ROUND.evidence, Ok(&forged));
    expect(&verdict, &[FEATURES]);
    let step = verdict.steps.iter().find(|step| step.name == FEATURES);
    assert!(step.unwrap().detail.contains("weekend of the context"));
}

#[test]
fn another_digest_of_the_candles_is_named() {
    tampered(|e| e.candles = Some(B256::ZERO), &[CANDLES]);
    let mut corrected = ROUND.window.clone();
    corrected.candles = B256::repeat_byte(7);
    let verdict = judge_with(&ROUND.evidence, Ok(&corrected));
    expect(&verdict, &[CANDLES]);
    let step = verdict.steps.iter().find(|step| step.name == CANDLES);
    let detail = &step.unwrap().detail;
    assert!(
        detail.contains(&ROUND.window.candles.to_string())
            && detail.contains(&corrected.candles.to_string()),
        "{detail}"
    );
}

#[test]
fn candles_of_another_source_may_differ_where_no_feature_does() {
    for source in [SourceKind::Exchange, SourceKind::Synthetic] {
        let mut own = ROUND.window.clone();
        own.candles = B256::repeat_byte(7);
        let verdict = judge_from(source, &ROUND.evidence, Ok(&own));
        expect(&verdict, &[]);
        let step = verdict.steps.iter().find(|step| step.name == CANDLES);
        assert!(step.unwrap().detail.contains("features decide"));
        own.window.values[17] ^= 1;
        let verdict = judge_from(source, &ROUND.evidence, Ok(&own));
        expect(&verdict, &[FEATURES]);
    }
}

#[test]
fn the_chain_s_word_alone_has_no_digest_to_compare() {
    let mut evidence = ROUND.evidence.clone();
    evidence.candles = None;
    let verdict = judge(&evidence);
    expect(&verdict, &[]);
    assert!(verdict.steps.iter().all(|step| step.name != CANDLES));
}

#[test]
fn every_changed_field_is_named() {
    tampered(
        |e| e.stored.class = (e.stored.class + 1) % 3,
        &[
            "event and stored round",
            "stored signal is the proven class",
        ],
    );
    tampered(
        |e| e.event.close_time += 60,
        &["event and stored round", CALLDATA],
    );
    tampered(|e| e.close_time += 60, &[CALLDATA, BINDING, QUORUM]);
    tampered(|e| e.chain_id = 1, &[BINDING, QUORUM]);
    tampered(|e| e.oracle = Address::ZERO, &[BINDING, QUORUM]);
    tampered(|e| e.inputs_digest = B256::ZERO, &[DIGEST, QUORUM]);
    tampered(|e| e.public_inputs[0] += U256::from(1), &[BINDING, PROOF]);
    tampered(
        |e| e.public_inputs[1] ^= U256::from(128),
        &[DIGEST, FEATURES, INFERENCE, PROOF],
    );
    tampered(
        |e| e.public_inputs[17] ^= U256::from(1),
        &[INFERENCE, PROOF],
    );
}

#[test]
fn malformed_public_inputs_end_the_comparison_but_not_the_audit() {
    let decode = "public inputs decode";
    tampered(|e| e.public_inputs[18] = U256::from(3), &[decode]);
    tampered(|e| e.public_inputs[2] |= U256::from(1) << 255, &[decode]);
    tampered(|e| e.public_inputs.truncate(18), &[decode]);
}

#[test]
fn every_changed_byte_of_the_proof_is_found() {
    for index in [0, 31, 64, 500, 831, 863] {
        tampered(
            |e| {
                let mut bytes = e.proof.to_vec();
                bytes[index] ^= 1;
                e.proof = bytes.into();
            },
            &[PROOF],
        );
    }
    tampered(|e| e.proof = e.proof.slice(..863), &[PROOF]);
}

#[test]
fn missing_doubled_and_foreign_signatures_are_found() {
    tampered(|e| e.attestations = e.attestations.slice(..65), &[QUORUM]);
    tampered(
        |e| {
            e.attestations = [&e.attestations[..65], &e.attestations[..65]]
                .concat()
                .into()
        },
        &[QUORUM],
    );
    tampered(
        |e| {
            e.attestations = [&e.attestations[65..], &e.attestations[..65]]
                .concat()
                .into()
        },
        &[QUORUM],
    );
    tampered(|e| e.attestations = e.attestations.slice(..129), &[QUORUM]);
    tampered(|e| e.attestors.clear(), &[QUORUM]);
    tampered(|e| e.threshold = 3, &[QUORUM]);
}

#[test]
fn evidence_survives_its_bundle() {
    let text = serde_json::to_string(&ROUND.evidence).unwrap();
    let read: Evidence = serde_json::from_str(&text).unwrap();
    assert_eq!(read, ROUND.evidence);
    assert!(serde_json::from_str::<Evidence>(&text.replace("\"tx\"", "\"txx\"")).is_err());
    // A bundle without its candles' digest is none.
    let mut bundle: serde_json::Value = serde_json::from_str(&text).unwrap();
    bundle["candles"] = serde_json::Value::Null;
    assert!(serde_json::from_value::<Evidence>(bundle.clone()).is_err());
    bundle.as_object_mut().unwrap().remove("candles");
    let error = serde_json::from_value::<Evidence>(bundle).unwrap_err();
    assert!(error.to_string().contains("candles"), "{error}");
}

#[test]
fn a_proof_file_holds_until_a_field_is_changed() {
    let file = ProofFile::of(
        &ROUND.proven,
        &ORACLE,
        SourceKind::Synthetic,
        &ROUND.prover,
        Question::Signal,
    );
    file.verify(&ROUND.prover, Question::Signal).unwrap();
    let changed = |change: fn(&mut ProofFile)| {
        let mut file = file.clone();
        change(&mut file);
        file.verify(&ROUND.prover, Question::Signal)
            .unwrap_err()
            .to_string()
    };
    // The classes of another question have other names.
    let other = file.verify(&ROUND.prover, Question::Regime).unwrap_err();
    assert!(other.to_string().contains("signal"), "{other}");
    assert!(changed(|file| file.close_time += 60).contains("binding"));
    assert!(changed(|file| file.last_close_e8 += 1).contains("binding"));
    assert!(changed(|file| file.signal = "NONE".into()).contains("signal"));
    assert!(changed(|file| file.logits[0] += 1).contains("logits"));
    assert!(changed(|file| file.srs = "ceremony".into()).contains("srs"));
    assert!(changed(|file| file.inputs_digest = B256::ZERO).contains("inputs_digest"));
    assert!(changed(|file| file.proof = file.proof.slice(1..)).contains("rejected"));
}
