//! Files of independent exporters, all the way: import, keys, proof, native verifier, generated contract.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use std::{fs, path::PathBuf, sync::Arc};

use support::evm::{Evm, Settings, call};
use veriregime_circuits::{
    onnx::{Options, Samples, import},
    sheet::{Layout, SheetKey, SheetProver, Visibilities},
    solidity,
    srs::Srs,
};

#[test]
fn every_exporters_file_is_proven_and_verified_natively_and_on_chain() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test/onnx");
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "onnx"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 12);
    let mut points: Vec<Option<Srs>> = vec![None; 17];
    for path in paths {
        let name = path.file_stem().unwrap().display().to_string();
        let samples = Samples::read(&path.with_extension("json")).unwrap();
        let made = import(&fs::read(&path).unwrap(), &samples, &Options::default()).unwrap();
        let layout = Layout::plan(&made.network, &Visibilities::PUBLIC, None).unwrap();
        let k = layout.shape.k;
        let srs = points[k as usize]
            .get_or_insert_with(|| Srs::development(k))
            .clone();
        let key = Arc::new(SheetKey::generate(layout, &srs).unwrap());
        let text = fs::read_to_string(path.with_extension("json")).unwrap();
        let data: serde_json::Value = serde_json::from_str(&text).unwrap();
        let sample: Vec<f64> = serde_json::from_value(data["input_data"][0].clone()).unwrap();
        let input = made.integers(&sample);
        let prover = SheetProver::new(Arc::clone(&key), srs.clone(), 0);
        let proof = prover.prove(&input, [0; 32]).unwrap();
        assert_eq!(
            proof.output,
            made.network.trace(&input).unwrap().output(),
            "{name}"
        );
        key.verify(&srs, &proof.words, &proof.bytes).unwrap();
        let protocol = key.protocol().unwrap();
        let source = solidity::contract(&protocol, srs.params(), "").unwrap();
        let contract = Evm::deploy(&source, Settings::PROJECT);
        let outcome = contract.call(&call(&proof.words, &proof.bytes));
        assert!(outcome.accepted, "{name}");
        println!(
            "{name}: {}, {} rows, {} bytes, {} gas, {} bytes of code",
            key.layout().shape,
            key.layout().row_count(),
            proof.bytes.len(),
            outcome.gas,
            contract.size()
        );
        // Another output, and another byte of the proof.
        let mut words = proof.words.clone();
        let last = words.len() - 2;
        words[last][31] ^= 1;
        key.verify(&srs, &words, &proof.bytes).unwrap_err();
        assert!(
            !contract.call(&call(&words, &proof.bytes)).accepted,
            "{name}"
        );
        let mut bytes = proof.bytes.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        key.verify(&srs, &proof.words, &bytes).unwrap_err();
        assert!(
            !contract.call(&call(&proof.words, &bytes)).accepted,
            "{name}"
        );
    }
}
