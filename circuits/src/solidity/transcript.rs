//! Shape checks and the Keccak transcript, up to the last challenge.

use super::{
    memory::{Calldata, INPUTS, Memory},
    rounds::{many, rounds},
    value::Value,
    yul::Code,
};
use crate::{field::to_word, protocol::Protocol};

pub(super) fn shape(code: &mut Code, calldata: &Calldata) {
    let proof = calldata.proof();
    code.block("Calldata is exactly the canonical encoding.", |code| {
        code.line(format!("let ok := eq(calldatasize(), {})", calldata.end()));
        let checks = [
            (4, 64),
            (36, proof - 36),
            (68, calldata.words),
            (proof - 32, calldata.counts.proof_bytes()),
        ];
        for (offset, want) in checks {
            code.line(format!("ok := and(ok, eq(calldataload({offset}), {want}))"));
        }
        code.revert_unless("ok", "MalformedCalldata()");
    });
}

pub(super) fn canonical(code: &mut Code, calldata: &Calldata) {
    code.block("Every scalar is below r and no point is (0, 0).", |code| {
        code.comment("Coordinates below q and points on the curve are left to the precompiles, which refuse others.");
        let scalars = [(INPUTS, calldata.words), (calldata.evaluations(), calldata.counts.evaluations())];
        let (looped, straight): (Vec<_>, Vec<_>) = scalars.into_iter().partition(|(_, count)| many(*count));
        let straight = straight.into_iter().flat_map(|(start, count)| (0..count).map(move |index| start + 32 * index));
        let straight = straight.chain([calldata.hint()]).map(Value::calldata);
        let below = |scalar: &Value| format!("lt({}, r)", scalar.text());
        let mut checks: Vec<String> = straight.map(|scalar| below(&scalar)).collect();
        let points = (0..calldata.counts.commitments()).map(|index| calldata.point(index));
        let opening = calldata.opening();
        let finite = |offset: usize| format!("gt(calldataload({}), 0)", offset + 32);
        checks.extend(points.chain([opening, opening + 64]).map(finite));
        code.line("let ok := 1");
        let all = |code: &mut Code, checks: &[String]| {
            for group in checks.chunks(4) {
                let all = group.iter().rfold("ok".to_string(), |all, check| format!("and({check}, {all})"));
                code.line(format!("ok := {all}"));
            }
        };
        for (start, count) in looped {
            rounds(code, start, count, |code, scalars| {
                all(code, &scalars.iter().map(below).collect::<Vec<_>>());
            });
        }
        all(code, &checks);
        code.revert_unless("ok", "ProofRejected()");
    });
}

/// One squeeze: hash of the last hash and what came since (a lone hash gets a trailing 1).
fn squeeze(code: &mut Code, buffer: usize, copied: (usize, usize)) {
    let (offset, length) = copied;
    let behind = buffer + 32;
    if length == 0 {
        code.line(format!("mstore8({behind:#x}, 1)"));
        code.line(format!("hash := keccak256({buffer:#x}, 33)"));
    } else {
        code.line(format!("calldatacopy({behind:#x}, {offset}, {length})"));
        code.line(format!("hash := keccak256({buffer:#x}, {})", 32 + length));
    }
    code.store(buffer, "hash");
}

pub(super) fn transcript(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
) {
    let counts = calldata.counts;
    let buffer = memory.hashed;
    let own = match counts.challenges {
        0 => "theta".to_string(),
        1 => "the circuit's challenge between the phases, theta".to_string(),
        count => format!("the circuit's {count} challenges between the phases, theta"),
    };
    let title = format!(
        "Transcript: key digest, public inputs with zeros between them, the proof; {own}, beta, gamma, y, x, y, v, u."
    );
    code.block(&title, |code| {
        let digest = to_word(&protocol.key().transcript_repr());
        code.store(buffer, format!("0x{}", hex::encode(digest)));
        let rows = buffer + 32;
        if protocol.stride() == 1 {
            let length = 32 * calldata.words;
            code.line(format!("calldatacopy({rows:#x}, {INPUTS}, {length})"));
        } else if many(calldata.words) {
            let step = 32 * protocol.stride();
            code.line(format!("let row := {rows:#x}"));
            rounds(code, INPUTS, calldata.words, |code, words| {
                for word in words {
                    code.line(format!("mstore(row, {})", word.text()));
                    code.line(format!("row := add(row, {step})"));
                }
            });
        } else {
            for index in 0..calldata.words {
                let place = rows + 32 * protocol.stride() * index;
                code.store(place, format!("calldataload({})", calldata.word(index)));
            }
        }
        let points = rows + 32 * protocol.instance_rows();
        let length = 64 * counts.absorbed_first();
        code.line(format!(
            "calldatacopy({points:#x}, {}, {length})",
            calldata.proof()
        ));
        let hashed = points + length - buffer;
        code.line(format!("let hash := keccak256({buffer:#x}, {hashed})"));
        code.store(buffer, "hash");
        // Reduced where it is added to something, as it is where it only multiplies.
        let reduced = |code: &mut Code, place| code.store(place, "mod(hash, r)");
        let mut at = calldata.point(counts.absorbed_first());
        let mut part = |length: usize| {
            let offset = at;
            at += length;
            (offset, length)
        };
        for index in 0..counts.challenges {
            reduced(code, memory.challenge(index));
            // The last one is followed by theta, which the second phase goes into.
            let behind = if index + 1 < counts.challenges {
                0
            } else {
                64 * counts.advice[1]
            };
            squeeze(code, buffer, part(behind));
        }
        if counts.lookups > 0 {
            code.store(memory.theta, "hash");
        }
        squeeze(code, buffer, part(128 * counts.lookups));
        reduced(code, memory.beta);
        squeeze(code, buffer, part(0));
        reduced(code, memory.gamma);
        squeeze(
            code,
            buffer,
            part(64 * (counts.products + counts.lookups + 1)),
        );
        code.store(memory.y, "hash");
        squeeze(code, buffer, part(64 * counts.pieces));
        reduced(code, memory.x);
        squeeze(code, buffer, part(32 * counts.evaluations()));
        code.store(memory.y_open, "hash");
        squeeze(code, buffer, part(0));
        code.store(memory.v, "hash");
        squeeze(code, buffer, part(64));
        reduced(code, memory.u);
    });
}
