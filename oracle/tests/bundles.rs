//! The committed bundles: each carries its candles' digest and no candle; with the real candles, each is audited.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::path::{Path, PathBuf};

use alloy::primitives::B256;
use serde::Deserialize;
use veriregime::{
    audit::{Auditor, Verdict},
    chain::Evidence,
    exchange::{CandleSource, SourceKind, SourcedWindow},
    market::Market,
    model::Model,
    prover::Prover,
};
use veriregime_circuits::{
    srs::Srs,
    tape::{Layout, Profile},
};
use veriregime_features::labels::Question;

#[derive(Deserialize)]
struct Index {
    rounds: Vec<Listed>,
}

/// What `index.json` says of a bundle.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    bundle: String,
    round: u128,
    tx: B256,
    candles: B256,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn committed() -> Vec<(Listed, Evidence)> {
    let folder = root().join("test/replay/bundles");
    let index = std::fs::read(folder.join("index.json")).unwrap();
    let index: Index = serde_json::from_slice(&index).unwrap();
    let bundles: Vec<_> = index
        .rounds
        .into_iter()
        .map(|listed| {
            let text = std::fs::read(folder.join(&listed.bundle)).unwrap();
            let evidence = serde_json::from_slice(&text).unwrap();
            (listed, evidence)
        })
        .collect();
    assert!(bundles.len() >= 10, "ten real rounds");
    bundles
}

#[test]
fn every_committed_bundle_is_listed_with_its_digest() {
    for (listed, evidence) in committed() {
        assert_eq!(evidence.round, listed.round, "{}", listed.bundle);
        assert_eq!(evidence.tx, listed.tx, "{}", listed.bundle);
        assert_eq!(evidence.candles, Some(listed.candles), "{}", listed.bundle);
    }
}

/// The steps that rest on the auditor's candles.
const OWN_CANDLES: [&str; 3] = [
    "candles digest",
    "features from own candles",
    "last close from own candles",
];

fn ok(verdict: &Verdict, name: &str) -> bool {
    let step = verdict.steps.iter().find(|step| step.name == name);
    step.unwrap_or_else(|| panic!("no step {name}: {verdict:#?}"))
        .ok
}

#[tokio::test]
async fn audit_of_committed_bundles_with_the_real_candles_holds() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: committed bundles on real candles (set VERIREGIME_DATA)");
        return;
    };
    let market = Market::btc_usdt_minutes();
    let source = CandleSource::file(&data, market.clone()).unwrap();
    let model = Model::only(&root().join("models")).unwrap();
    let layout = Layout::plan(&model.network, Profile::Gas).unwrap();
    // Model id and proof hold with the ceremony's points only.
    let ceremony = std::env::var_os("VERIREGIME_SRS").map(PathBuf::from);
    let srs = match &ceremony {
        Some(path) => Srs::open(path, layout.k, None).unwrap(),
        None => Srs::development(layout.k),
    };
    let prover = Prover::generate(layout, srs, 0).unwrap();
    let judge = |evidence: &Evidence, window: &SourcedWindow| {
        Auditor {
            market: &market,
            source: SourceKind::File,
            window: Ok(window),
            prover: &prover,
            question: Question::Signal,
        }
        .judge(evidence)
    };
    for (listed, evidence) in committed() {
        let scale = &model.manifest.scale;
        let window = source.sourced_window(evidence.close_time, scale);
        let window = window.await.unwrap();
        let verdict = judge(&evidence, &window);
        for step in OWN_CANDLES {
            assert!(ok(&verdict, step), "{}: {verdict:#?}", listed.bundle);
        }
        assert!(
            verdict.ok || ceremony.is_none(),
            "{}: {verdict:#?}",
            listed.bundle
        );

        let mut tampered = evidence.clone();
        tampered.candles = Some(!listed.candles);
        let verdict = judge(&tampered, &window);
        assert!(!verdict.ok && !ok(&verdict, OWN_CANDLES[0]), "{verdict:#?}");
        assert!(ok(&verdict, OWN_CANDLES[1]), "{verdict:#?}");
    }
}
