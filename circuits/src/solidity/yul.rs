//! Yul under construction.

use std::fmt::Write;

use halo2_axiom::halo2curves::{
    bn256::{Fq, G1Affine},
    ff::PrimeField,
};
use sha3::{Digest, Keccak256};

// Gas forwarded to the precompiles, several times what they cost (150, 6,000, 113,000, 4,048): one
// that fails takes all it was given, and a malformed proof should not cost the caller everything.
pub(super) const ADD_GAS: usize = 2_000;
pub(super) const MULTIPLY_GAS: usize = 40_000;
pub(super) const PAIRING_GAS: usize = 600_000;
pub(super) const EXPONENTIATE_GAS: usize = 30_000;

/// Lines of an assembly block.
#[derive(Default)]
pub(super) struct Code {
    pub text: String,
}

impl Code {
    pub fn line(&mut self, text: impl AsRef<str>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "            {}", text.as_ref());
    }

    pub fn section(&mut self, title: &str) {
        self.text.push('\n');
        self.line(format!("// {title}"));
    }

    /// Reverts with a custom error unless a condition holds.
    pub fn revert_unless(&mut self, condition: &str, error: &str) {
        let selector = hex::encode(&Keccak256::digest(error.as_bytes())[..4]);
        self.line(format!("if iszero({condition}) {{"));
        self.line(format!(
            "    mstore(0, 0x{selector}{}) // {error}",
            "0".repeat(56)
        ));
        self.line("    revert(0, 4)");
        self.line("}");
    }

    pub fn store(&mut self, place: usize, value: impl AsRef<str>) {
        self.line(format!("mstore({place:#x}, {})", value.as_ref()));
    }

    /// Point at 0x00 times a scalar.
    pub fn scale(&mut self, scalar: impl AsRef<str>) {
        self.store(0x40, scalar);
        self.line(format!(
            "ok := and(ok, staticcall({MULTIPLY_GAS}, 7, 0, 0x60, 0, 0x40))"
        ));
    }

    /// Point at 0x00 plus the point at 0x40.
    pub fn join(&mut self) {
        self.line(format!(
            "ok := and(ok, staticcall({ADD_GAS}, 6, 0, 0x80, 0, 0x40))"
        ));
    }

    /// Point at 0x00 plus a point of the proof.
    pub fn join_proof(&mut self, offset: usize) {
        self.line(format!("calldatacopy(0x40, {offset}, 0x40)"));
        self.join();
    }

    /// Point at 0x00 plus the point at 0x80 times a scalar.
    pub fn join_scaled(&mut self, scalar: impl AsRef<str>) {
        self.store(0xc0, scalar);
        self.line(format!(
            "ok := and(ok, staticcall({MULTIPLY_GAS}, 7, 0x80, 0x60, 0x40, 0x40))"
        ));
        self.join();
    }
}

pub(super) fn load(place: usize) -> String {
    format!("mload({place:#x})")
}

pub(super) fn mul(a: impl AsRef<str>, b: impl AsRef<str>) -> String {
    format!("mulmod({}, {}, r)", a.as_ref(), b.as_ref())
}

pub(super) fn add(a: impl AsRef<str>, b: impl AsRef<str>) -> String {
    format!("addmod({}, {}, r)", a.as_ref(), b.as_ref())
}

pub(super) fn subtract(a: impl AsRef<str>, b: impl AsRef<str>) -> String {
    format!("addmod({}, sub(r, {}), r)", a.as_ref(), b.as_ref())
}

pub(super) fn coordinate(value: &Fq) -> String {
    let mut bytes = value.to_repr();
    bytes.reverse();
    format!("0x{}", hex::encode(bytes))
}

pub(super) fn constant_point(code: &mut Code, place: usize, point: &G1Affine) {
    code.store(place, coordinate(&point.x));
    code.store(place + 0x20, coordinate(&point.y));
}
