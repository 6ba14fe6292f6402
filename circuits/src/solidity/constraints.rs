//! The value that the quotient must have at x: gates, permutation argument, lookups.

use std::collections::BTreeSet;

use super::{
    expression::Places,
    inversion::{self, VANISHING},
    lookup::lookups,
    permutation::permutation,
    value::Value,
    yul::Code,
};
use crate::{Error, protocol::Protocol};

/// Evaluations that one block may load.
const LOADS: usize = 8;

/// Constraints being folded with powers of the gate challenge.
pub(super) struct Fold<'a> {
    pub places: Places<'a>,
    started: bool,
}

impl Fold<'_> {
    /// A block with the running value `e` and the challenge `y`, which `fill` folds constraints
    /// into.
    pub fn block(
        &mut self,
        code: &mut Code,
        title: &str,
        fill: impl FnOnce(&mut Self, &mut Code) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let memory = self.places.memory;
        code.block(title, |code| {
            code.declare("y", &Value::loose(memory.y));
            let start = if self.started {
                Value::loose(memory.folded)
            } else {
                Value::zero()
            };
            code.declare("e", &start);
            fill(self, code)?;
            code.store(memory.folded, "e");
            Ok(())
        })
    }

    /// One more constraint: e y + value.
    pub fn fold(&mut self, code: &mut Code, value: &Value) {
        let folded = Value::loose_variable("y").mul(&Value::loose_variable("e"));
        let sum = if self.started {
            value.add(&folded)
        } else {
            value.clone()
        };
        code.assign("e", &sum);
        self.started = true;
    }
}

/// Distinct loads of code.
fn loads(text: &str) -> BTreeSet<&str> {
    let starts = text.match_indices("load(");
    let end = |start: usize| {
        text[start..]
            .find(')')
            .map_or(text.len(), |length| start + length)
    };
    starts.map(|(start, _)| &text[start..end(start)]).collect()
}

pub(super) fn constraints(
    code: &mut Code,
    protocol: &Protocol<'_>,
    places: Places<'_>,
) -> Result<(), Error> {
    let memory = places.memory;
    let mut fold = Fold {
        places,
        started: false,
    };
    let mut polynomials = Vec::new();
    for gate in protocol.cs().gates() {
        for (index, polynomial) in gate.polynomials().iter().enumerate() {
            let name = match gate.constraint_name(index) {
                "" => gate.name().to_string(),
                name => format!("{}: {name}", gate.name()),
            };
            let mut parts = Code::default();
            // r, y, e and, unless it is the first one, what it is added to.
            let below = if polynomials.is_empty() { 3 } else { 4 };
            let value = fold.places.value(&mut parts, polynomial, below)?;
            polynomials.push((name, parts, value));
        }
    }
    let mut rest = &polynomials[..];
    while !rest.is_empty() {
        let mut used = BTreeSet::new();
        let fits = rest.iter().take_while(|(_, parts, value)| {
            let first = used.is_empty();
            used.extend(loads(&parts.text));
            used.extend(loads(value.text()));
            first || used.len() <= LOADS
        });
        let (group, after) = rest.split_at(fits.count());
        rest = after;
        fold.block(code, "Gates, folded with powers of y", |fold, code| {
            for (name, parts, value) in group {
                code.comment(name);
                code.append(parts);
                fold.fold(code, value);
            }
            Ok(())
        })?;
    }
    permutation(code, protocol, &mut fold)?;
    lookups(code, protocol, &mut fold)?;
    code.block(
        "The quotient's value: all constraints over x^n - 1",
        |code| {
            let folded = Value::loose(memory.folded);
            let inverse = inversion::inverse(memory, VANISHING);
            code.keep(memory.folded, &folded.mul(&inverse));
        },
    );
    Ok(())
}
