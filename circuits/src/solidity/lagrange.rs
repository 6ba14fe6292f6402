//! Powers of x, one inversion for all denominators, Lagrange polynomials.

use halo2_axiom::halo2curves::ff::Field;

use super::{
    expression::literal,
    memory::{
        BLIND, FACTORS, FIRST, H_EVAL, INPUTS, INSTANCE, LAST, OPEN_INVERSE, STEP_INVERSE, U, X,
    },
    yul::{Code, EXPONENTIATE_GAS, add, load, mul, subtract},
};
use crate::{field::Fr, tape::RESERVED_ROWS};

/// The evaluation domain and how many of its rows carry public inputs.
pub(super) struct Domain {
    pub k: u32,
    pub omega: Fr,
    pub inputs: usize,
}

impl Domain {
    fn power(&self, exponent: i64) -> Fr {
        let base = if exponent < 0 {
            self.omega.invert().unwrap_or(Fr::ONE)
        } else {
            self.omega
        };
        base.pow_vartime([exponent.unsigned_abs()])
    }

    fn n_inverse(&self) -> Fr {
        Fr::from(1u64 << self.k).invert().unwrap_or(Fr::ONE)
    }

    /// Rows whose Lagrange polynomials are needed: l_last, the blinding rows, the public inputs.
    fn rows(&self) -> Vec<i64> {
        (-(RESERVED_ROWS as i64)..self.inputs as i64).collect()
    }
}

pub(super) fn powers(code: &mut Code, domain: &Domain) {
    code.section(&format!("t = x^n for n = 2^{}", domain.k));
    code.line(format!("let x := {}", load(X)));
    code.line("let t := x");
    for _ in 0..domain.k {
        code.line("t := mulmod(t, t, r)");
    }
}

/// Factors of the batched inversion: x - omega^i for every needed row, then x^n - 1, u - omega x
/// and omega x - x. One exponentiation inverts their product.
pub(super) fn inversion(code: &mut Code, domain: &Domain) {
    code.section("One inversion for all denominators");
    let omega_x = mul("x", literal(&domain.omega));
    let mut factors: Vec<String> = domain
        .rows()
        .iter()
        .map(|&i| add("x", literal(&-domain.power(i))))
        .collect();
    factors.push(add("t", literal(&-Fr::ONE)));
    factors.push(subtract(load(U), &omega_x));
    factors.push(subtract(&omega_x, "x"));
    let products = FACTORS + 32 * factors.len();
    code.line("let f");
    for (index, factor) in factors.iter().enumerate() {
        let place = FACTORS + 32 * index;
        code.line(format!("f := {factor}"));
        code.store(place, "f");
        code.line(if index == 0 {
            "let p := f"
        } else {
            "p := mulmod(p, f, r)"
        });
        code.store(products + 32 * index, "p");
    }
    for (place, value) in [
        (0x00, "32"),
        (0x20, "32"),
        (0x40, "32"),
        (0x60, "p"),
        (0x80, "sub(r, 2)"),
        (0xa0, "r"),
    ] {
        code.store(place, value);
    }
    code.line(format!(
        "ok := and(ok, staticcall({EXPONENTIATE_GAS}, 5, 0, 0xc0, 0, 0x20))"
    ));
    code.line("let inverse := mload(0)");
    code.line("ok := and(ok, eq(mulmod(inverse, p, r), 1)) // no denominator is zero");
    let previous = |index: usize| load(products + 32 * (index - 1));
    for (index, place) in (0..factors.len())
        .rev()
        .zip([STEP_INVERSE, OPEN_INVERSE, H_EVAL])
    {
        code.store(place, mul("inverse", previous(index)));
        code.line(format!(
            "inverse := {}",
            mul("inverse", load(FACTORS + 32 * index))
        ));
    }
}

/// Lagrange values, walking the inversion backwards: l_i(x) = omega^i (x^n - 1) / (n (x - omega^i)).
pub(super) fn lagrange(code: &mut Code, domain: &Domain) {
    code.section(
        "Lagrange polynomials: value of the instance, l_0, l_last, sum over the blinding rows",
    );
    let factors = domain.rows().len() + 3;
    let products = FACTORS + 32 * factors;
    code.line("let instance := 0");
    code.line("let blind := 0");
    let scale = mul(add("t", literal(&-Fr::ONE)), literal(&domain.n_inverse()));
    for (index, row) in domain.rows().into_iter().enumerate().rev() {
        let inverse = if index == 0 {
            "inverse".to_string()
        } else {
            mul("inverse", load(products + 32 * (index - 1)))
        };
        let power = domain.power(row);
        let value = if power == Fr::ONE {
            inverse
        } else {
            mul(inverse, literal(&power))
        };
        match row {
            0.. => {
                code.line(format!("f := {value}"));
                let input = format!("calldataload({})", INPUTS + 32 * row as usize);
                code.line(format!("instance := {}", add("instance", mul("f", input))));
                if row == 0 {
                    code.store(FIRST, "f");
                }
            }
            _ if index > 0 => code.line(format!("blind := {}", add("blind", value))),
            _ => code.store(LAST, value),
        }
        if index > 0 {
            code.line(format!(
                "inverse := {}",
                mul("inverse", load(FACTORS + 32 * index))
            ));
        }
    }
    code.line(format!("f := {scale}"));
    code.store(INSTANCE, mul("instance", "f"));
    code.store(BLIND, mul("blind", "f"));
    code.store(FIRST, mul(load(FIRST), "f"));
    code.store(LAST, mul(load(LAST), "f"));
}
