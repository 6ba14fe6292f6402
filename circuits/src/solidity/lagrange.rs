//! Sums of Lagrange polynomials as fractions, before the one inversion.
//!
//! l_i(x) = omega^i (x^n - 1) / (n (x - omega^i)). A sum of them is kept as a numerator N and a
//! denominator D, one row at a time. With E the denominator times the next row's omega^i, three
//! multiplications add row i with value p: N' = N (x - omega^i) + p E and
//! E' = E (x omega - omega^(i + 1)).
//!
//! Many public words take a loop, which has no constants of its rows: with t_i = x / omega^i, one
//! multiplication further each, N' = N (t_i - 1) + p D and D' = D (t_i - 1) are short of the product
//! of all omega^i only.

use super::{
    memory::{Calldata, Memory},
    rounds::{many, rounds},
    value::Value,
    yul::{Code, STEPS},
};
use crate::protocol::Protocol;

/// Rows of one sum: consecutive ones, then an odd one whose own share is kept too.
struct Rows {
    title: &'static str,
    /// From one consecutive row to the next.
    step: i64,
    first: i64,
    odd: i64,
    /// Words of memory for numerator, denominator and share.
    places: [usize; 3],
}

/// x^n.
pub(super) fn power(code: &mut Code, protocol: &Protocol<'_>, memory: &Memory) {
    let title = format!("x^n for n = 2^{}", protocol.k());
    code.block(&title, |code| {
        let mut t = code.declare("t", &Value::word(memory.x));
        for _ in 0..protocol.k() {
            t = code.assign("t", &t.mul(&t));
        }
        code.keep(memory.power, &t);
    });
}

/// The sums over public words and over reserved rows.
pub(super) fn sums(code: &mut Code, protocol: &Protocol<'_>, calldata: &Calldata, memory: &Memory) {
    let step = protocol.stride() as i64;
    let words = protocol.words();
    let public = Rows {
        title: "Sum of public word times Lagrange polynomial, as a fraction; l_0",
        step,
        first: step,
        odd: 0,
        places: memory.public,
    };
    if many(words) {
        looped(code, protocol, &public, calldata, memory.x);
    } else {
        let word = |index: usize| Value::calldata(calldata.word(index));
        let values: Vec<Value> = (1..words).map(word).collect();
        fraction(code, protocol, &public, (&values, &word(0)), memory.x);
    }
    let reserved = protocol.reserved_rows();
    let rows = Rows {
        title: "Sum of the Lagrange polynomials of the reserved rows, as a fraction; l_last",
        step: 1,
        first: 1 - reserved as i64,
        odd: -(reserved as i64),
        places: memory.reserved,
    };
    let ones = vec![Value::one(); reserved - 1];
    fraction(code, protocol, &rows, (&ones, &Value::one()), memory.x);
}

/// Numerator, denominator and numerator of the odd row's Lagrange polynomial, without the common
/// factor (x^n - 1) / n.
fn fraction(
    code: &mut Code,
    protocol: &Protocol<'_>,
    rows: &Rows,
    (values, odd_value): (&[Value], &Value),
    x: usize,
) {
    let constant = |exponent| Value::constant(protocol.power(exponent));
    let [numerator, _, share] = rows.places;
    let parts = values.len().div_ceil(STEPS).max(1);
    for part in 0..parts {
        code.block(rows.title, |code| {
            let x = code.declare("x", &Value::word(x));
            // The first row's sum and the product before it are constants.
            let mut n = match part {
                0 => Value::zero(),
                _ => code.declare("n", &Value::loose(numerator)),
            };
            let mut e = match part {
                0 => constant(rows.first),
                _ => code.declare("e", &Value::word(share)),
            };
            let rest = values.iter().enumerate().skip(part * STEPS).take(STEPS);
            if rest.len() > 0 {
                code.declare("s", &x.mul(&constant(rows.step)));
            }
            for (index, value) in rest {
                let row = rows.first + rows.step * index as i64;
                let distance = x.subtract(&constant(row));
                let ahead = Value::new("s", 1).subtract(&constant(row + rows.step));
                let earlier = if index == 0 {
                    Value::zero()
                } else {
                    distance.mul(&n)
                };
                n = code.set("n", index == 0, &value.mul(&e).add(&earlier));
                e = code.set("e", index == 0, &ahead.mul(&e));
            }
            if part + 1 < parts {
                code.store(numerator, n.text());
                code.keep(share, &e);
                return;
            }
            // E stands one row too far, which a constant puts right.
            let past = rows.first + rows.step * values.len() as i64;
            let d = code.declare("d", &e.mul(&constant(-past)));
            let n = (!values.is_empty()).then_some(&n);
            odd_row(code, protocol, rows, &x, (n, &d), odd_value);
        });
    }
}

/// Adds the odd row to the numerator, if there is one yet, and the product of the others.
fn odd_row(
    code: &mut Code,
    protocol: &Protocol<'_>,
    rows: &Rows,
    x: &Value,
    (n, d): (Option<&Value>, &Value),
    value: &Value,
) {
    let [numerator, denominator, share] = rows.places;
    let odd = Value::constant(protocol.power(rows.odd));
    let own = code.declare("f", &d.mul(&odd));
    let distance = code.declare("g", &x.subtract(&odd));
    let earlier = n.map_or_else(Value::zero, |n| distance.mul(n));
    code.store(numerator, own.mul(value).add(&earlier).text());
    code.keep(denominator, &d.mul(&distance));
    code.keep(share, &own);
}

/// The consecutive rows of many public words in a loop, then the odd one.
fn looped(
    code: &mut Code,
    protocol: &Protocol<'_>,
    rows: &Rows,
    calldata: &Calldata,
    place: usize,
) {
    let count = calldata.words - 1;
    let [numerator, _, share] = rows.places;
    // The product of omega^i over these rows.
    let exponents = (0..count as i64).map(|index| rows.first + rows.step * index);
    let short = Value::constant(protocol.power(exponents.sum()));
    code.block(rows.title, |code| {
        let x = Value::word(place);
        let constant = |exponent| Value::constant(protocol.power(exponent));
        let back = code.declare("b", &constant(-rows.step));
        let minus_one = code.declare("m", &Value::one().negate());
        let t = code.declare("t", &x.mul(&constant(-rows.first)));
        let d = code.declare("d", &Value::one());
        code.declare("n", &Value::zero());
        code.declare("f", &Value::zero());
        let n = Value::loose_variable("n");
        rounds(code, calldata.word(1), count, |code, words| {
            for word in words {
                let f = code.assign("f", &t.add(&minus_one));
                code.assign("n", &word.mul(&d).add(&f.mul(&n)));
                code.assign("d", &d.mul(&f));
                code.assign("t", &t.mul(&back));
            }
        });
        code.store(numerator, n.mul(&short).text());
        code.keep(share, &d.mul(&short));
    });
    code.block(rows.title, |code| {
        let x = code.declare("x", &Value::word(place));
        let n = code.declare("n", &Value::loose(numerator));
        let d = code.declare("d", &Value::word(share));
        let first = Value::calldata(calldata.word(0));
        odd_row(code, protocol, rows, &x, (Some(&n), &d), &first);
    });
}
