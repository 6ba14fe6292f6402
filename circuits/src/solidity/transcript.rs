//! Shape checks and the Keccak transcript, up to the last challenge.

use super::{
    memory::{BETA, GAMMA, INPUTS, Proof, U, V, X, Y_GATE, Y_OPEN},
    yul::Code,
};
use crate::{field::to_word, keys::VerifyingKey, proof::PROOF_BYTES};

pub(super) fn shape(code: &mut Code, inputs: usize, start: usize, proof: &Proof) {
    code.section(
        "Calldata is exactly the canonical encoding, every scalar is below r, no point is (0, 0).",
    );
    code.line("// Coordinates below q and points on the curve are left to the precompiles, which refuse others.");
    let last = start + PROOF_BYTES;
    code.line(format!("let ok := eq(calldatasize(), {last})"));
    code.line("ok := and(ok, eq(calldataload(4), 64))");
    code.line(format!(
        "ok := and(ok, eq(calldataload(36), {}))",
        start - 36
    ));
    code.line(format!("ok := and(ok, eq(calldataload(68), {inputs}))"));
    code.line(format!(
        "ok := and(ok, eq(calldataload({}), {PROOF_BYTES}))",
        start - 32
    ));
    code.revert_unless("ok", "MalformedCalldata()");
    let scalars = (0..inputs)
        .map(|i| INPUTS + 32 * i)
        .chain((0..10).map(|i| proof.evals + 32 * i));
    for offset in scalars {
        code.line(format!("ok := and(ok, lt(calldataload({offset}), r))"));
    }
    for offset in proof.points() {
        code.line(format!(
            "ok := and(ok, gt(calldataload({}), 0))",
            offset + 32
        ));
    }
}

/// One squeeze: hash of the last hash and what came since (a lone hash gets a trailing 1).
fn squeeze(code: &mut Code, copied: Option<(usize, usize)>, place: Option<usize>) {
    match copied {
        Some((offset, length)) => {
            code.line(format!("calldatacopy(0x20, {offset}, {length})"));
            code.line(format!("hash := keccak256(0, {})", 32 + length));
        }
        None => {
            code.line("mstore8(0x20, 1)");
            code.line("hash := keccak256(0, 33)");
        }
    }
    code.store(0, "hash");
    if let Some(place) = place {
        code.store(place, "mod(hash, r)");
    }
}

pub(super) fn transcript(code: &mut Code, key: &VerifyingKey, inputs: usize, proof: &Proof) {
    code.section(
        "Transcript: key digest, public inputs, commitments; theta is squeezed but unused.",
    );
    code.store(
        0,
        format!("0x{}", hex::encode(to_word(&key.plonk().transcript_repr()))),
    );
    code.line(format!("calldatacopy(0x20, {INPUTS}, {})", 32 * inputs));
    code.line(format!(
        "calldatacopy({}, {}, 128)",
        32 + 32 * inputs,
        proof.a
    ));
    code.line(format!(
        "let hash := keccak256(0, {})",
        32 + 32 * inputs + 128
    ));
    code.store(0, "hash");
    squeeze(code, None, Some(BETA));
    squeeze(code, None, Some(GAMMA));
    squeeze(code, Some((proof.product, 128)), Some(Y_GATE));
    squeeze(code, Some((proof.quotient[0], 256)), Some(X));
    squeeze(code, Some((proof.evals, 320)), Some(Y_OPEN));
    squeeze(code, None, Some(V));
    squeeze(code, Some((proof.w1, 64)), Some(U));
}
