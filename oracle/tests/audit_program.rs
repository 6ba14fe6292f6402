//! `veriregime audit` as an auditor runs it: a bundle and candles on disk, the real program, its exit code and its JSON.
//! An honest round holds; of a tampered one exactly the steps that the change touches are named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use alloy::{
    primitives::{Address, B256, U256},
    signers::local::PrivateKeySigner,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use veriregime::{
    attestation::{self, Attestation, signing_hash},
    chain::{Announced, Evidence},
    exchange::CandleSource,
    market::Market,
    model::Model,
    proof_file::words,
    prover::Prover,
    statement::{OracleId, WindowId},
};
use veriregime_circuits::{
    srs::Srs,
    tape::{Layout, Profile},
};
use veriregime_features::{
    CANDLES, Candle, FundingRate, decimal::format_e8, labels::Question, synthetic,
};

/// 2025-01-02 00:10 UTC.
const CLOSE: u64 = 1_735_776_600;
const ORACLE: OracleId = OracleId {
    chain_id: 31_337,
    address: Address::repeat_byte(0xaa),
};

const CANDLES_DIGEST: &str = "candles digest";
const FEATURES: &str = "features from own candles";
const MODEL: &str = "model id from own keys";
const INFERENCE: &str = "logits and class from own model";
const PROOF: &str = "proof, verified natively";
const DIGEST: &str = "inputs digest";
const EVENT: &str = "event and stored round";
const QUORUM: &str = "quorum of attestors";

/// What an auditor has: candles, a model and a bundle, as files.
struct Desk {
    folder: TempDir,
    candles: Vec<Candle>,
    funding: Vec<FundingRate>,
    evidence: Evidence,
}

impl Desk {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let close_ms = i64::try_from(CLOSE).unwrap() * 1_000;
        let start = close_ms - i64::try_from(CANDLES).unwrap() * 60_000;
        let candles = synthetic::candles(11, start, CANDLES);
        let funding = synthetic::funding(11, start, close_ms);
        let data = folder.path().join("data");
        write_candles(&data, &candles, &funding);
        let model = support::write_model(folder.path(), "model", Question::Signal);
        let evidence = round(&Model::read(&model).unwrap(), &data).await;
        Self {
            folder,
            candles,
            funding,
            evidence,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Audits a bundle with candles and model of one's own.
    fn audit(&self, evidence: &Evidence, data: &Path, model: &Path) -> Output {
        let bundle = self.path("bundle.json");
        fs::write(&bundle, serde_json::to_vec(evidence).unwrap()).unwrap();
        program(&self.path("cache"))
            .arg(bundle)
            .args(["--source", "file", "--data"])
            .arg(data)
            .arg("--model")
            .arg(model)
            .output()
            .unwrap()
    }

    /// Changes the bundle and expects exactly these steps to fail.
    fn tampered(&self, change: impl FnOnce(&mut Evidence), failing: &[&str]) {
        let mut evidence = self.evidence.clone();
        change(&mut evidence);
        expect(
            &self.audit(&evidence, &self.path("data"), &self.path("model")),
            failing,
        );
    }
}

/// `veriregime audit --json` without any setting from outside; the ceremony's mirror is out of reach.
fn program(cache: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veriregime"));
    for name in [
        "DATA",
        "SRS",
        "MODEL",
        "RPC",
        "DEPLOYMENT",
        "PROFILE",
        "FILLER",
    ] {
        command.env_remove(format!("VERIREGIME_{name}"));
    }
    command
        .env("VERIREGIME_CACHE", cache)
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .args(["audit", "--json"]);
    command
}

fn write_candles(folder: &Path, candles: &[Candle], funding: &[FundingRate]) {
    fs::create_dir_all(folder).unwrap();
    let mut text = "open_time_ms,open,high,low,close,volume\n".to_owned();
    for candle in candles {
        let values = [
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
        ];
        text += &format!(
            "{},{}\n",
            candle.open_time_ms,
            values.map(format_e8).join(",")
        );
    }
    fs::write(folder.join("btcusdt_1m.csv"), text).unwrap();
    let mut text = "funding_time_ms,funding_rate\n".to_owned();
    for rate in funding {
        text += &format!("{},{}\n", rate.time_ms, format_e8(rate.rate));
    }
    fs::write(folder.join("funding_rate.csv"), text).unwrap();
}

/// A proven and attested round, as a chain would tell it.
async fn round(model: &Model, data: &Path) -> Evidence {
    let layout = Layout::plan(&model.network, Profile::Gas).unwrap();
    let srs = Srs::development(layout.k);
    let prover = Prover::generate(layout, srs, 0).unwrap();
    let market = Market::btc_usdt_minutes();
    let source = CandleSource::file(data, market.clone()).unwrap();
    let sourced = source
        .sourced_window(CLOSE, &model.manifest.scale)
        .await
        .unwrap();
    let last_close = sourced.window.last_close;
    let id = WindowId {
        market,
        close_time: CLOSE,
        last_close,
    };
    let proven = prover.prove(&ORACLE, &id, &sourced.window).unwrap();
    let hash = signing_hash(&ORACLE, &id, proven.inputs_digest);
    let keys = [(); 3].map(|()| PrivateKeySigner::random());
    let signed = keys[..2]
        .iter()
        .map(|key| Attestation::sign(key, hash).unwrap());
    let announced = Announced {
        model_id: prover.model_id(),
        close_time: CLOSE,
        class: u8::try_from(proven.inference.class).unwrap(),
        last_close_e8: last_close,
    };
    Evidence {
        chain_id: ORACLE.chain_id,
        oracle: ORACLE.address,
        tx: B256::repeat_byte(1),
        round: 1,
        stored: announced.clone(),
        event: announced,
        inputs_digest: proven.inputs_digest,
        model_id: prover.model_id(),
        close_time: CLOSE,
        last_close_e8: last_close,
        public_inputs: words(&proven.proof.public_inputs),
        proof: proven.proof.bytes.clone().into(),
        attestations: attestation::encode(&signed.collect::<Vec<_>>()),
        attestors: keys.iter().map(PrivateKeySigner::address).collect(),
        threshold: 2,
        candles: Some(sourced.candles),
    }
}

/// The exit code follows the verdict, and the JSON names exactly these steps.
fn expect(output: &Output, failing: &[&str]) {
    let said = String::from_utf8_lossy(&output.stdout);
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {said}{}", String::from_utf8_lossy(&output.stderr))
    });
    let steps = verdict["steps"].as_array().unwrap();
    let failed: Vec<_> = steps
        .iter()
        .filter(|step| step["ok"] == false)
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    assert_eq!(failed, failing, "{said}");
    assert_eq!(verdict["ok"], failing.is_empty());
    let code = if failing.is_empty() { 0 } else { 3 };
    assert_eq!(output.status.code(), Some(code));
}

fn flipped(bytes: &[u8], index: usize) -> alloy::primitives::Bytes {
    let mut bytes = bytes.to_vec();
    bytes[index] ^= 1;
    bytes.into()
}

fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
}

/// A copy of the model's folder.
fn own_model(desk: &Desk, name: &str) -> PathBuf {
    let folder = desk.path(name);
    fs::create_dir_all(&folder).unwrap();
    for file in ["manifest.json", "weights.json"] {
        fs::copy(desk.path("model").join(file), folder.join(file)).unwrap();
    }
    folder
}

#[tokio::test]
async fn a_bundle_holds_and_every_tampered_one_is_named() {
    let desk = Desk::new().await;
    let (data, model) = (desk.path("data"), desk.path("model"));
    let honest = desk.audit(&desk.evidence, &data, &model);
    expect(&honest, &[]);
    let verdict: Value = serde_json::from_slice(&honest.stdout).unwrap();
    assert_eq!(verdict["steps"].as_array().unwrap().len(), 13);
    assert_eq!(verdict["source"], "file");

    // The bundle: proof, public inputs, event, signatures.
    desk.tampered(|e| e.proof = flipped(&e.proof, 500), &[PROOF]);
    desk.tampered(
        |e| e.public_inputs[17] ^= U256::from(1),
        &[INFERENCE, PROOF],
    );
    desk.tampered(
        |e| e.public_inputs[1] ^= U256::from(128),
        &[DIGEST, FEATURES, INFERENCE, PROOF],
    );
    desk.tampered(|e| e.event.class = (e.event.class + 1) % 3, &[EVENT]);
    desk.tampered(|e| e.attestations = e.attestations.slice(..65), &[QUORUM]);

    own_candles(&desk, &model);
    own_scale(&desk, &data);
    own_weights(&desk, &data);
}

/// One unit of a high, which no feature reads; and a volume, which one does.
fn own_candles(desk: &Desk, model: &Path) {
    let own = desk.path("own");
    let mut candles = desk.candles.clone();
    candles[299].high += 1;
    write_candles(&own, &candles, &desk.funding);
    expect(&desk.audit(&desk.evidence, &own, model), &[CANDLES_DIGEST]);
    let mut candles = desk.candles.clone();
    candles[290].volume *= 50;
    write_candles(&own, &candles, &desk.funding);
    expect(
        &desk.audit(&desk.evidence, &own, model),
        &[CANDLES_DIGEST, FEATURES],
    );
}

fn own_scale(desk: &Desk, data: &Path) {
    let folder = own_model(desk, "scale");
    edit(&folder.join("manifest.json"), |manifest| {
        let shift = &mut manifest["scale"]["features"][0]["shift"];
        *shift = (shift.as_u64().unwrap() + 1).into();
    });
    expect(&desk.audit(&desk.evidence, data, &folder), &[FEATURES]);
}

fn own_weights(desk: &Desk, data: &Path) {
    let folder = own_model(desk, "weights");
    let weights = folder.join("weights.json");
    edit(&weights, |model| {
        let bias = &mut model["layers"][1]["bias"][0];
        *bias = (bias.as_i64().unwrap() + 1).into();
    });
    let refused = desk.audit(&desk.evidence, data, &folder);
    assert_eq!(refused.status.code(), Some(1));
    let error: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(error["error"]["code"], "model.digest");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains(weights.to_str().unwrap()), "{message}");

    let digest = hex::encode(Sha256::digest(fs::read(&weights).unwrap()));
    edit(&folder.join("manifest.json"), |manifest| {
        manifest["weights"]["sha256"] = digest.into()
    });
    expect(
        &desk.audit(&desk.evidence, data, &folder),
        &[MODEL, INFERENCE, PROOF],
    );
}

#[tokio::test]
async fn what_is_no_bundle_is_refused_with_its_name() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("bundle.json");
    for (text, code) in [(None, "file.failed"), (Some("{}"), "file.malformed")] {
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        let output = program(folder.path()).arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let error: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(error["error"]["code"], code);
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(file.to_str().unwrap()), "{message}");
    }
}

#[tokio::test]
async fn the_committed_bundles_hold_and_tampered_copies_do_not() {
    let path = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(data), Some(srs)) = (path("VERIREGIME_DATA"), path("VERIREGIME_SRS")) else {
        eprintln!("skipped: committed bundles (set VERIREGIME_DATA and VERIREGIME_SRS)");
        return;
    };
    let bundles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test/replay/bundles");
    let folder = TempDir::new().unwrap();
    let audit = |bundle: &Path| {
        program(&folder.path().join("cache"))
            .arg(bundle)
            .args(["--source", "file", "--data"])
            .arg(&data)
            .arg("--srs")
            .arg(&srs)
            .output()
            .unwrap()
    };
    let mut files: Vec<_> = fs::read_dir(&bundles)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("round-")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 10);
    for file in &files {
        expect(&audit(file), &[]);
    }
    let text = fs::read(&files[0]).unwrap();
    let evidence: Evidence = serde_json::from_slice(&text).unwrap();
    let copy = folder.path().join("copy.json");
    let tampered = |change: &dyn Fn(&mut Evidence), failing: &[&str]| {
        let mut evidence = evidence.clone();
        change(&mut evidence);
        fs::write(&copy, serde_json::to_vec(&evidence).unwrap()).unwrap();
        expect(&audit(&copy), failing);
    };
    tampered(&|e| e.proof = flipped(&e.proof, 100), &[PROOF]);
    tampered(&|e| e.event.class = (e.event.class + 1) % 3, &[EVENT]);
    tampered(&|e| e.candles = Some(B256::ZERO), &[CANDLES_DIGEST]);
}
