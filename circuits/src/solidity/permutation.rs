//! The permutation argument: products z over chunks of columns, chained at the last row.

use halo2_axiom::{
    halo2curves::ff::{Field, PrimeField},
    plonk::{Any, Column},
};

use super::{constraints::Fold, expression::Places, value::Value, yul::Code};
use crate::{Error, field::Fr, protocol::Protocol};

/// Columns whose factors one block multiplies: the legacy optimiser keeps their loads on the stack.
const COLUMNS: usize = 4;

/// l_0 (1 - z_first), l_last (z_last^2 - z_last), l_0 (z - z of the chunk before in the last row),
/// and per chunk l_active (z(omega x) prod(a + beta sigma + gamma) - z prod(a + beta delta^i x +
/// gamma)).
pub(super) fn permutation(
    code: &mut Code,
    protocol: &Protocol<'_>,
    fold: &mut Fold<'_>,
) -> Result<(), Error> {
    let (calldata, memory) = (fold.places.calldata, fold.places.memory);
    let counts = calldata.counts;
    if counts.products == 0 {
        return Ok(());
    }
    let z = |set: usize, row: usize| calldata.evaluation(counts.product_eval(set) + row);
    fold.block(
        code,
        "Permutation: products begin and end at one",
        |fold, code| {
            let first = code.declare("f", &Value::word(memory.first));
            fold.fold(code, &first.mul(&Value::one().subtract(&z(0, 0))));
            let end = code.declare("z", &z(counts.products - 1, 0));
            let boolean = end.mul(&end).subtract(&end);
            fold.fold(code, &Value::word(memory.last).mul(&boolean));
            for set in 1..counts.products {
                fold.fold(code, &first.mul(&z(set, 0).subtract(&z(set - 1, 2))));
            }
            Ok(())
        },
    )?;
    let columns = protocol.cs().permutation().get_columns();
    let chunk = protocol.cs().degree() - 2;
    for (set, chunk_columns) in columns.chunks(chunk).enumerate() {
        let title = "Permutation: one step of a product";
        let last = chunk_columns.len().div_ceil(COLUMNS) - 1;
        for (part, columns) in chunk_columns.chunks(COLUMNS).enumerate() {
            let places = [memory.partial, memory.horner];
            let sides = match part {
                0 => [z(set, 1), z(set, 0)],
                _ => places.map(Value::word),
            };
            let from = set * chunk + part * COLUMNS;
            if part < last {
                code.block(title, |code| {
                    let sides = factors(code, &fold.places, (from, columns), &sides)?;
                    for (place, side) in places.into_iter().zip(sides) {
                        code.store(place, side.text());
                    }
                    Ok(())
                })?;
                continue;
            }
            fold.block(code, title, |fold, code| {
                let [left, right] = factors(code, &fold.places, (from, columns), &sides)?;
                let active = Value::loose(memory.active);
                fold.fold(code, &left.subtract(&right).mul(&active));
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Both sides of a product's step, times the factors of some columns.
fn factors(
    code: &mut Code,
    places: &Places<'_>,
    (from, columns): (usize, &[Column<Any>]),
    [left, right]: &[Value; 2],
) -> Result<[Value; 2], Error> {
    let (calldata, memory) = (places.calldata, places.memory);
    let beta = code.declare("b", &Value::word(memory.beta));
    let gamma = code.declare("c", &Value::word(memory.gamma));
    let x = code.declare("x", &beta.mul(&Value::word(memory.x)));
    let mut left = code.declare("s", left);
    let mut right = code.declare("t", right);
    for (offset, column) in columns.iter().enumerate() {
        let index = from + offset;
        let a = places.column(column)?.add(&gamma);
        let a = code.set("a", offset == 0, &a);
        let sigma = calldata.evaluation(calldata.counts.permutation_eval(index));
        left = code.assign("s", &a.add(&beta.mul(&sigma)).mul(&left));
        let delta = Value::constant(Fr::DELTA.pow([index as u64]));
        right = code.assign("t", &a.add(&x.mul(&delta)).mul(&right));
    }
    Ok([left, right])
}
