//! Value of the combination at u, and what every rotation set is scaled by.
//!
//! With S the first set, Z_S(u) the product of its points' distances from u, and
//! q_i = Z_S(u) / (u - omega^i x), set j contributes to the value
//! v^j x^-(s - 1) sum_i C_i q_i (sum_m y^m p_m(omega^i x)) over its s rotations i, where C_i is
//! the constant 1 / prod(omega^i - omega^k) over the other rotations k; its commitments are scaled
//! by v^j Z_S(u) / Z_j(u). (Boneh, Drake, Fisch, Gabizon, section 4, divided by the first set's
//! factor.)

use halo2_axiom::halo2curves::ff::Field;

use super::{
    inversion::{self, ROTATIONS, X, rotated},
    memory::{Calldata, Memory},
    value::Value,
    yul::{Code, STEPS},
};
use crate::{
    field::Fr,
    protocol::{Openings, Protocol, RotationSet},
};

/// Shares q of all rotations.
pub(super) fn shares(code: &mut Code, protocol: &Protocol<'_>, memory: &Memory) {
    let openings = protocol.openings();
    code.block(
        "Distances from u: product over the first set, shares of the rotations",
        |code| {
            let x = code.declare("x", &Value::word(memory.x));
            let u = code.declare("u", &Value::word(memory.u));
            let distance = |rotation: i32| u.subtract(&rotated(protocol, rotation, &x));
            let first = openings.first();
            let all = first.iter().map(|&i| distance(i)).reduce(|z, d| z.mul(&d));
            let all = code.declare("z", &all.unwrap_or_else(Value::one).reduced());
            code.store(memory.distances, all.text());
            for (index, rotation) in openings.rotations().iter().enumerate() {
                let others = first
                    .iter()
                    .filter(|i| *i != rotation)
                    .map(|&i| distance(i));
                let share = match openings.divided().iter().position(|i| i == rotation) {
                    Some(divided) => all.mul(&inversion::inverse(memory, ROTATIONS + divided)),
                    None => match others.reduce(|z, d| z.mul(&d)) {
                        Some(share) => share,
                        None => continue,
                    },
                };
                code.keep(memory.shares + 32 * index, &share);
            }
        },
    );
}

/// The share of a rotation; one for the only rotation of the first set.
fn share(openings: &Openings, memory: &Memory, rotation: i32) -> Value {
    if openings.first() == [rotation] {
        return Value::one();
    }
    let index = openings.rotations().iter().position(|&i| i == rotation);
    Value::word(memory.shares + 32 * index.unwrap_or_default())
}

/// Value of the combination and coefficients of the sets' commitments.
pub(super) fn values(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
) {
    let openings = protocol.openings();
    for (index, set) in openings.sets.iter().enumerate() {
        set_value(code, protocol, calldata, memory, set);
        if index == 0 {
            let title = "Value of the first set";
            code.block(title, |code| {
                code.keep(memory.value, &Value::loose(memory.partial))
            });
            continue;
        }
        code.block("Power of v; coefficient of the set's commitments", |code| {
            let v = code.declare("v", &Value::loose(memory.v));
            let mut p = code.declare("p", &v);
            for _ in 1..index {
                p = code.assign("p", &v.mul(&p));
            }
            let value = p.mul(&Value::loose(memory.partial));
            code.keep(memory.value, &Value::word(memory.value).add(&value));
            let mut coefficient = p;
            for (at, rotation) in openings.divided().iter().enumerate() {
                if set.rotations.contains(rotation) {
                    let inverse = inversion::inverse(memory, ROTATIONS + at);
                    coefficient = coefficient.mul(&inverse);
                }
            }
            let (x, u) = (Value::word(memory.x), Value::word(memory.u));
            for rotation in openings.first() {
                if !set.rotations.contains(rotation) {
                    let distance = u.subtract(&rotated(protocol, *rotation, &x));
                    coefficient = coefficient.mul(&distance);
                }
            }
            code.store(memory.coefficients + 32 * index, coefficient.text());
        });
    }
}

/// Value of one set's combination, without its power of v.
fn set_value(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
    set: &RotationSet,
) {
    let openings = protocol.openings();
    // Highest power first, one rotation after the other.
    let members = set.members.len();
    let steps: Vec<(usize, usize)> = (0..set.rotations.len())
        .flat_map(|at| (0..members).rev().map(move |member| (at, member)))
        .collect();
    let title = format!("Value of the openings at rotations {:?}", set.rotations);
    let last = steps.len().div_ceil(STEPS) - 1;
    for (part, steps) in steps.chunks(STEPS).enumerate() {
        code.block(&title, |code| {
            let y = code.declare("y", &Value::loose(memory.y_open));
            let start = |place| match part {
                0 => Value::zero(),
                _ => Value::loose(place),
            };
            code.declare("f", &start(memory.horner));
            let mut sum = code.declare("e", &start(memory.partial));
            for &(at, member) in steps {
                let value = set
                    .members
                    .get(member)
                    .and_then(|(_, values)| values.get(at));
                let value = value.map_or_else(Value::zero, |v| calldata.value(*v, memory));
                let folded = Value::loose_variable("f");
                let folded = if member + 1 == members {
                    Value::zero()
                } else {
                    y.mul(&folded)
                };
                let folded = code.assign("f", &value.add(&folded));
                if member == 0 {
                    let weighted = weight(protocol, &openings, memory, set, at).mul(&folded);
                    sum = code.assign(
                        "e",
                        &if at == 0 {
                            weighted
                        } else {
                            weighted.add(&sum)
                        },
                    );
                }
            }
            if part < last {
                code.store(memory.horner, "f");
                code.store(memory.partial, "e");
                return;
            }
            for _ in 1..set.rotations.len() {
                sum = code.assign("e", &inversion::inverse(memory, X).mul(&sum));
            }
            code.store(memory.partial, "e");
        });
    }
}

/// C_i q_i of a set's rotation.
fn weight(
    protocol: &Protocol<'_>,
    openings: &Openings,
    memory: &Memory,
    set: &RotationSet,
    at: usize,
) -> Value {
    let omega = |rotation: i32| protocol.power(rotation.into());
    let rotation = set.rotations.get(at).copied().unwrap_or_default();
    let others = set.rotations.iter().filter(|&&other| other != rotation);
    let apart = others.fold(Fr::ONE, |product, &other| {
        product * (omega(rotation) - omega(other))
    });
    let constant = Value::constant(apart.invert().unwrap_or(Fr::ONE));
    share(openings, memory, rotation).mul(&constant)
}
