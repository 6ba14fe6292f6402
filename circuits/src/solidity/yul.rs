//! Solidity source under construction: assembly blocks with their own variables.

use std::fmt::Write;

use halo2_axiom::halo2curves::{
    bn256::{Fq, G1Affine},
    ff::PrimeField,
};
use sha3::{Digest, Keccak256};

use super::value::Value;

// Gas forwarded to the precompiles, several times what they cost (150, 6,000, 113,000): one that
// fails takes all it was given, and a malformed proof should not cost the caller everything.
const ADD_GAS: usize = 2_000;
const MULTIPLY_GAS: usize = 40_000;
const PAIRING_GAS: usize = 600_000;

/// Steps of a recurrence in one block: the optimiser nests what is used once, and the stack is short.
pub(super) const STEPS: usize = 8;

/// Body of the contract's function.
#[derive(Default)]
pub(super) struct Code {
    pub text: String,
}

impl Code {
    /// An assembly block. The legacy optimiser works on one block at a time and keeps repeated loads
    /// in variables, so blocks are small enough for the stack; what outlives them is in memory. The
    /// optimiser of the intermediate representation sees all blocks at once: a copy of nothing makes
    /// it forget what memory holds, instead of carrying every word on the stack to where it is
    /// loaded.
    pub fn block<T>(&mut self, title: &str, fill: impl FnOnce(&mut Self) -> T) -> T {
        let mut body = Self::default();
        let result = fill(&mut body);
        let _ = writeln!(self.text, "\n        // {title}");
        self.text.push_str("        assembly {\n");
        self.line("let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001");
        if body.text.contains("mload(") {
            self.line("calldatacopy(0, 0, 0) // fence");
        }
        self.text.push_str(&body.text);
        self.text.push_str("        }\n");
        result
    }

    pub fn line(&mut self, text: impl AsRef<str>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "            {}", text.as_ref());
    }

    /// Lines between braces, behind a head if there is one.
    pub fn nest(&mut self, head: &str, fill: impl FnOnce(&mut Self)) {
        let mut body = Self::default();
        fill(&mut body);
        self.line(format!("{head} {{").trim_start());
        for line in body.text.lines() {
            let _ = writeln!(self.text, "    {line}");
        }
        self.line("}");
    }

    pub fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
    }

    pub fn comment(&mut self, text: impl AsRef<str>) {
        self.line(format!("// {}", text.as_ref()));
    }

    /// Declares a variable.
    pub fn declare(&mut self, name: &str, value: &Value) -> Value {
        self.line(format!("let {name} := {}", value.text()));
        value.named(name)
    }

    /// Gives a variable a new value.
    pub fn assign(&mut self, name: &str, value: &Value) -> Value {
        self.line(format!("{name} := {}", value.text()));
        value.named(name)
    }

    /// Declares a variable or gives it a new value.
    pub fn set(&mut self, name: &str, first: bool, value: &Value) -> Value {
        if first {
            self.declare(name, value)
        } else {
            self.assign(name, value)
        }
    }

    /// Stores a word that will be loaded as a value of at most r.
    pub fn keep(&mut self, place: usize, value: &Value) {
        self.store(place, value.reduced().text());
    }

    pub fn store(&mut self, place: usize, text: impl AsRef<str>) {
        self.line(format!("mstore({place:#x}, {})", text.as_ref()));
    }

    /// Reverts with a custom error unless a condition holds.
    pub fn revert_unless(&mut self, condition: &str, error: &str) {
        let selector = hex::encode(&Keccak256::digest(error.as_bytes())[..4]);
        self.line(format!("if iszero({condition}) {{"));
        self.line(format!("    mstore(0, 0x{selector}) // {error}"));
        self.line("    revert(28, 4)");
        self.line("}");
    }

    /// Point and scalar at `from` multiplied, the product at `to`.
    pub fn scale(&mut self, from: usize, to: usize) {
        self.line(format!("ok := and({}, ok)", multiply(from, to)));
    }

    /// Two points at `from` added, the sum at `to`.
    pub fn join(&mut self, from: usize, to: usize) {
        self.line(format!("ok := and({}, ok)", sum(from, to)));
    }

    /// Both, one after the other: Yul evaluates arguments from the last to the first.
    pub fn scale_and_join(&mut self, scaled: [usize; 2], joined: [usize; 2]) {
        let multiplied = multiply(scaled[0], scaled[1]);
        let added = sum(joined[0], joined[1]);
        self.line(format!("ok := and({added}, and({multiplied}, ok))"));
    }

    /// Pairing check of two pairs at `from`, its answer in word 0.
    pub fn pair(&mut self, from: usize) {
        self.line(format!(
            "ok := and(staticcall({PAIRING_GAS}, 8, {from:#x}, 0x180, 0, 0x20), ok)"
        ));
    }

    /// A point of calldata to memory.
    pub fn copy_point(&mut self, place: usize, offset: usize) {
        self.line(format!("calldatacopy({place:#x}, {offset}, 0x40)"));
    }

    /// A point within memory.
    pub fn move_point(&mut self, place: usize, from: usize) {
        self.line(format!("mcopy({place:#x}, {from:#x}, 0x40)"));
    }

    pub fn constant_point(&mut self, place: usize, point: &G1Affine) {
        self.store(place, coordinate(&point.x));
        self.store(place + 0x20, coordinate(&point.y));
    }
}

fn multiply(from: usize, to: usize) -> String {
    format!("staticcall({MULTIPLY_GAS}, 7, {from:#x}, 0x60, {to:#x}, 0x40)")
}

fn sum(from: usize, to: usize) -> String {
    format!("staticcall({ADD_GAS}, 6, {from:#x}, 0x80, {to:#x}, 0x40)")
}

/// A coordinate as a Yul literal.
pub(super) fn coordinate(value: &Fq) -> String {
    let mut bytes = value.to_repr();
    bytes.reverse();
    format!("0x{}", hex::encode(bytes))
}
