//! Circuits with many public words and many columns still fit a contract.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

mod support;

use support::{
    evm::{Evm, Settings, call},
    keyed::Keyed,
    toy::Shape,
};
use veriregime_circuits::{field::to_word, solidity::contract};

/// Most bytes of code that a contract may have (EIP-170).
const LIMIT: usize = 24_576;

/// Size of the code, and gas of a valid proof without what the transaction and its calldata cost.
fn measure(name: &str, shape: Shape) -> (usize, u64) {
    let keyed = Keyed::new(shape, 1);
    let source = contract(&keyed.protocol(), &keyed.params, "").unwrap();
    let evm = Evm::deploy(&source, Settings::PROJECT);
    let (words, proof) = keyed.prove(1);
    let words: Vec<_> = words.iter().map(to_word).collect();
    let calldata = call(&words, &proof);
    let outcome = evm.call(&calldata);
    assert!(outcome.accepted, "{name}");
    let mut altered = words;
    altered.last_mut().unwrap()[31] ^= 1;
    assert!(!evm.call(&call(&altered, &proof)).accepted, "{name}");
    let byte = |byte: &u8| if *byte == 0 { 4 } else { 16 };
    let gas = outcome.gas - 21_000 - calldata.iter().map(byte).sum::<u64>();
    println!(
        "{name}: {} bytes of code, {gas} gas of execution, {} in all, proof of {} bytes",
        evm.size(),
        outcome.gas,
        proof.len()
    );
    (evm.size(), gas)
}

#[test]
fn code_does_not_grow_by_the_word() {
    let shape = |words| Shape {
        lanes: 2,
        degree: 4,
        challenges: 2,
        second: 1,
        stride: 1,
        k: 9,
        words,
        ..Shape::default()
    };
    let [few, many] = [65, 449].map(|words| measure(&format!("{words} words"), shape(words)));
    let gas = (many.1 - few.1) / (449 - 65);
    println!("{gas} gas of execution per word");
    assert!(many.0 <= few.0 + 100, "{few:?}, {many:?}");
    assert!(gas <= 250, "{gas} gas per word");
}

#[test]
fn a_large_circuit_fits_a_contract() {
    let shape = Shape {
        lanes: 20,
        degree: 9,
        challenges: 3,
        second: 2,
        mirrors: true,
        fixed: 12,
        stride: 1,
        words: 450,
        k: 9,
        ..Shape::default()
    };
    for (name, back) in [("large", false), ("large, rotations both ways", true)] {
        let (size, _) = measure(name, Shape { back, ..shape });
        assert!(size <= LIMIT, "{name}: {size} bytes");
    }
}
