//! Gate polynomials as nested Yul expressions over the evaluations in calldata.

use halo2_axiom::plonk::{ConstraintSystem, Expression};

use crate::{
    Error,
    field::{Fr, to_word},
};

/// Where the verifier finds evaluations: calldata offsets of the proof's, a variable for the
/// instance's.
pub(super) struct Places<'a> {
    /// The constraint system, which orders the evaluations.
    pub cs: &'a ConstraintSystem<Fr>,
    /// Offset of the first advice evaluation.
    pub advice: usize,
    /// Offset of the first fixed evaluation.
    pub fixed: usize,
    /// Yul expression of the instance polynomial's value.
    pub instance: &'a str,
}

/// A scalar as a Yul literal, short ones in decimal.
pub(super) fn literal(value: &Fr) -> String {
    let word = to_word(value);
    match word.iter().position(|&byte| byte != 0) {
        None => "0".into(),
        Some(31) => word[31].to_string(),
        Some(_) => format!("0x{}", hex::encode(word)),
    }
}

/// A polynomial as one Yul expression with a value below r, for a variable `r` in scope.
pub(super) fn yul(polynomial: &Expression<Fr>, places: &Places<'_>) -> Result<String, Error> {
    let unsupported = |what: &str| {
        Err(Error::Prover(format!(
            "verifier generator: {what} in a gate"
        )))
    };
    let load = |base: usize, position: Option<usize>| {
        position.map_or_else(
            || unsupported("an undeclared query"),
            |position| Ok(format!("calldataload({})", base + 32 * position)),
        )
    };
    let fixed = places.cs.fixed_queries();
    let advice = places.cs.advice_queries();
    polynomial.evaluate(
        &|constant| Ok(literal(&constant)),
        &|_| unsupported("a selector"),
        &|query| {
            let wanted = (query.column_index(), query.rotation());
            load(
                places.fixed,
                fixed.iter().position(|(c, r)| (c.index(), *r) == wanted),
            )
        },
        &|query| {
            let wanted = (query.column_index(), query.rotation());
            load(
                places.advice,
                advice.iter().position(|(c, r)| (c.index(), *r) == wanted),
            )
        },
        &|_| Ok(places.instance.into()),
        &|_| unsupported("a challenge"),
        &|a| Ok(format!("sub(r, {})", a?)),
        &|a, b| Ok(format!("addmod({}, {}, r)", a?, b?)),
        &|a, b| Ok(format!("mulmod({}, {}, r)", a?, b?)),
        &|a, scalar| Ok(format!("mulmod({}, {}, r)", a?, literal(&scalar))),
    )
}
