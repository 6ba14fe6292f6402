//! One inversion for all denominators: the proof brings the inverse of their product.

use halo2_axiom::halo2curves::ff::Field;

use super::{
    memory::{Calldata, Memory},
    value::Value,
    yul::Code,
};
use crate::{field::Fr, protocol::Protocol};

/// Inverses in the order of the product; those of the rotations follow.
pub(super) const PUBLIC: usize = 0;
pub(super) const RESERVED: usize = 1;
pub(super) const VANISHING: usize = 2;
pub(super) const X: usize = 3;
pub(super) const ROTATIONS: usize = 4;

/// Place of an inverse.
pub(super) fn inverse(memory: &Memory, index: usize) -> Value {
    Value::word(memory.inverses + 32 * index)
}

/// omega^rotation x.
pub(super) fn rotated(protocol: &Protocol<'_>, rotation: i32, x: &Value) -> Value {
    x.mul(&Value::constant(protocol.power(rotation.into())))
}

/// Inverts all denominators with the hint of the proof.
pub(super) fn inversion(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
) {
    let rotations = protocol.openings().divided();
    let factor = |index| memory.inverses + 32 * index;
    let product = |index| memory.products + 32 * index;
    code.block("Denominators and their running products", |code| {
        let x = code.declare("x", &Value::word(memory.x));
        let mut p = code.declare("p", &Value::word(memory.public[1]));
        code.keep(factor(PUBLIC), &p);
        let minus_one = Value::constant(-Fr::ONE);
        let mut factors = vec![
            Value::word(memory.reserved[1]),
            Value::word(memory.power).add(&minus_one),
            if protocol.openings().divides_by_x() {
                x.clone()
            } else {
                Value::one()
            },
        ];
        let u = Value::word(memory.u);
        factors.extend(
            rotations
                .iter()
                .map(|&i| u.subtract(&rotated(protocol, i, &x))),
        );
        for (index, value) in factors.iter().enumerate() {
            let f = code.set("f", index == 0, value);
            code.store(factor(index + 1), f.text());
            code.keep(product(index), &p);
            p = code.assign("p", &p.mul(&f));
        }
        code.comment("The hint is below r, so it is the only inverse; there is none of zero.");
        let hint = Value::calldata(calldata.hint());
        let one = hint.mul(&p);
        code.revert_unless(&format!("eq({}, 1)", one.text()), "ProofRejected()");
    });
    code.block("Inverses, from the last denominator to the first", |code| {
        let mut hint = code.declare("inverse", &Value::calldata(calldata.hint()));
        let last = VANISHING + 1 + rotations.len();
        for index in (1..=last).rev() {
            let f = code.set("f", index == last, &Value::loose(factor(index)));
            code.keep(factor(index), &hint.mul(&Value::word(product(index - 1))));
            hint = code.assign("inverse", &hint.mul(&f));
        }
        code.keep(factor(PUBLIC), &hint);
    });
}

/// Value of the instance, l_0, l_last and the sum of all Lagrange polynomials but the reserved
/// rows'.
pub(super) fn lagrange(code: &mut Code, protocol: &Protocol<'_>, memory: &Memory) {
    let title = "Instance, l_0, l_last, and l_active = 1 - sum over the reserved rows";
    code.block(title, |code| {
        let rows = Fr::from(1u64 << protocol.k());
        let share = Value::constant(rows.invert().unwrap_or(Fr::ONE));
        let vanishing = Value::word(memory.power).add(&Value::constant(-Fr::ONE));
        let scale = code.declare("c", &vanishing.mul(&share));
        let numerator = Value::loose(memory.public[0]);
        let first = Value::word(memory.public[2]);
        let f = code.declare("f", &scale.mul(&inverse(memory, PUBLIC)));
        code.keep(memory.instance, &f.mul(&numerator));
        code.keep(memory.first, &f.mul(&first));
        let numerator = Value::loose(memory.reserved[0]);
        let last = Value::word(memory.reserved[2]);
        let f = code.assign("f", &scale.mul(&inverse(memory, RESERVED)));
        code.keep(memory.last, &f.mul(&last));
        let active = Value::one().subtract(&f.mul(&numerator));
        code.store(memory.active, active.text());
    });
}
