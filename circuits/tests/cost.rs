//! Predicted costs are the measured ones.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test"
)]

mod support;

use rayon::prelude::*;
use support::{
    evm::{Evm, Settings, call},
    keys, random_inputs, random_model, random_model_with, shapes,
};
use veriregime_circuits::{
    model::{Activation, Function, IntegerModel, Table, bounds::Interval},
    proof::prove,
    solidity,
    tape::{Cost, Layout, Shape},
};

/// Layouts to measure: every kind of shape, few and many public words, with and without tables.
fn layouts() -> Vec<(IntegerModel, Shape)> {
    let wide = random_model(31, &[480, 2, 3], 3, &[0, 0, 1]);
    let narrow = random_model(31, &[5, 3, 2], 4, &[0, 1, 0, 1]);
    let domain = Interval {
        low: -300,
        high: 300,
    };
    let table = Activation::table(Table::sample(Function::Silu, domain, 4, 6));
    let tables = random_model_with(31, &[40, 3, 4], 3, table);
    let mut layouts = vec![];
    for (index, shape) in shapes(false).into_iter().enumerate() {
        let model = if index % 2 == 0 { &wide } else { &narrow };
        layouts.push((model.clone(), shape));
    }
    for shape in ["1xbits", "2xquads"] {
        let shape: Shape = shape.parse().unwrap();
        layouts.push((wide.clone(), shape));
        layouts.push((tables.clone(), shape.carrying(true)));
    }
    layouts
}

#[test]
fn of_predicts_size_exactly_and_gas_within_two_percent() {
    let layouts = layouts();
    let measured: Vec<(Shape, usize, Cost, u64)> = layouts
        .par_iter()
        .map(|(model, shape)| {
            let layout = Layout::compile(model, *shape, None).unwrap();
            let (cost, k, rows) = (Cost::of(&layout), layout.k, layout.rows.len());
            let (key, srs) = keys(layout);
            let verifying = key.verifying_key();
            assert_eq!(verifying.k(), k);
            assert!(rows <= 1 << k);
            let mut binding = [7; 32];
            binding[0] = 0;
            let inputs = random_inputs(1, model.input.len);
            let proof = prove(&key, &srs, &inputs, binding).unwrap();
            assert_eq!(cost.proof_bytes, proof.bytes.len(), "{shape}");
            let source = solidity::source(verifying, &srs).unwrap();
            let evm = Evm::deploy(&source, Settings::PROJECT);
            let outcome = evm.call(&call(proof.public_inputs.words(), &proof.bytes));
            assert!(outcome.accepted);
            (*shape, key.layout().schema.words(), cost, outcome.gas)
        })
        .collect();
    assert!(measured.len() >= 10);
    let mut worst: f64 = 0.0;
    for (shape, words, cost, gas) in &measured {
        let error = cost.gas as f64 / *gas as f64 - 1.0;
        worst = worst.max(error.abs());
        println!(
            "{shape}; {words} words: predicted {} gas, measured {gas} ({:+.2} %)",
            cost.gas,
            100.0 * error
        );
    }
    println!(
        "cost model: {} layouts, largest error {:.2} %",
        measured.len(),
        100.0 * worst
    );
    assert!(worst < 0.02, "gas is off by {:.2} %", 100.0 * worst);
}
