//! Lookup arguments: permuted input and table, and the product that ties them to the expressions.

use halo2_axiom::plonk::Expression;

use super::{constraints::Fold, value::Value, yul::Code};
use crate::{Error, field::Fr, protocol::Protocol};

/// Per lookup, with a' and s' the permuted columns: l_0 (1 - z), l_last (z^2 - z),
/// l_active (z(omega x) (a' + beta) (s' + gamma) - z (a + beta) (s + gamma)), l_0 (a' - s'),
/// l_active (a' - s') (a' - a'(x / omega)).
pub(super) fn lookups(
    code: &mut Code,
    protocol: &Protocol<'_>,
    fold: &mut Fold<'_>,
) -> Result<(), Error> {
    let (calldata, memory) = (fold.places.calldata, fold.places.memory);
    for (index, lookup) in protocol.cs().lookups().iter().enumerate() {
        let eval = calldata.counts.lookup_eval(index);
        let [z, next, input, before, table] =
            [0, 1, 2, 3, 4].map(|i| calldata.evaluation(eval + i));
        let active = Value::loose(memory.active);
        fold.block(
            code,
            "Lookup: the product begins and ends at one",
            |fold, code| {
                let z = code.declare("z", &z);
                fold.fold(
                    code,
                    &Value::word(memory.first).mul(&Value::one().subtract(&z)),
                );
                let boolean = z.mul(&z).subtract(&z);
                fold.fold(code, &Value::word(memory.last).mul(&boolean));
                Ok(())
            },
        )?;
        fold.block(code, "Lookup: one step of the product", |fold, code| {
            let right = [
                (lookup.input_expressions(), memory.beta, "s"),
                (lookup.table_expressions(), memory.gamma, "t"),
            ];
            let mut product = z.clone();
            for (expressions, challenge, name) in right {
                let value = compressed(code, fold, expressions, name)?;
                product = product.mul(&value.add(&Value::word(challenge)));
            }
            let left = next
                .mul(&input.add(&Value::word(memory.beta)))
                .mul(&table.add(&Value::word(memory.gamma)));
            fold.fold(code, &left.subtract(&product).mul(&active));
            Ok(())
        })?;
        fold.block(
            code,
            "Lookup: the permuted input repeats itself or meets the table",
            |fold, code| {
                let input = code.declare("a", &input);
                let apart = code.declare("d", &input.subtract(&table));
                fold.fold(code, &Value::word(memory.first).mul(&apart));
                let repeated = input.subtract(&before);
                fold.fold(code, &apart.mul(&repeated).mul(&active));
                Ok(())
            },
        )?;
    }
    Ok(())
}

/// Expressions folded with powers of theta, in a variable.
fn compressed(
    code: &mut Code,
    fold: &Fold<'_>,
    expressions: &[Expression<Fr>],
    name: &str,
) -> Result<Value, Error> {
    let theta = Value::loose(fold.places.memory.theta);
    let mut sum = Value::zero();
    for (index, expression) in expressions.iter().enumerate() {
        // r, y, e, both sums and what is added to one.
        let value = fold.places.value(code, expression, 6)?;
        let value = if index == 0 {
            value
        } else {
            value.add(&theta.mul(&sum))
        };
        sum = code.set(name, index == 0, &value);
    }
    Ok(sum)
}
