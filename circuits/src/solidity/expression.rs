//! Polynomials of the constraint system as Yul expressions over the evaluations in calldata.

use halo2_axiom::plonk::{Any, Column, ConstraintSystem, Expression};

use super::{
    memory::{Calldata, Memory},
    value::Value,
};
use crate::{Error, field::Fr};

/// Where the verifier finds evaluations.
pub(super) struct Places<'a> {
    /// The constraint system, which orders the evaluations.
    pub cs: &'a ConstraintSystem<Fr>,
    pub calldata: &'a Calldata,
    pub memory: &'a Memory,
}

fn unsupported<T>(what: &str) -> Result<T, Error> {
    Err(Error::Prover(format!(
        "verifier generator: {what} in a polynomial"
    )))
}

impl Places<'_> {
    /// Value of a fixed column.
    fn fixed(&self, column: usize, rotation: i32) -> Result<Value, Error> {
        let queries = self.cs.fixed_queries().iter();
        let wanted = (column, rotation);
        match queries
            .map(|(c, r)| (c.index(), r.0))
            .position(|at| at == wanted)
        {
            Some(query) => Ok(self
                .calldata
                .evaluation(self.calldata.counts.fixed_eval(query))),
            None => unsupported("an undeclared fixed query"),
        }
    }

    fn advice(&self, column: usize, rotation: i32) -> Result<Value, Error> {
        let queries = self.cs.advice_queries().iter();
        let wanted = (column, rotation);
        match queries
            .map(|(c, r)| (c.index(), r.0))
            .position(|at| at == wanted)
        {
            Some(query) => Ok(self.calldata.evaluation(query)),
            None => unsupported("an undeclared advice query"),
        }
    }

    /// Value of a column at x.
    pub fn column(&self, column: &Column<Any>) -> Result<Value, Error> {
        match column.column_type() {
            Any::Advice(_) => self.advice(column.index(), 0),
            Any::Fixed => self.fixed(column.index(), 0),
            Any::Instance => unsupported("the instance column under copy constraints"),
        }
    }

    /// Value of a polynomial at x.
    pub fn value(&self, polynomial: &Expression<Fr>) -> Result<Value, Error> {
        polynomial.evaluate(
            &|constant| Ok(Value::constant(constant)),
            &|_| unsupported("a selector"),
            &|query| self.fixed(query.column_index(), query.rotation().0),
            &|query| self.advice(query.column_index(), query.rotation().0),
            &|_| Ok(Value::word(self.memory.instance)),
            &|_| unsupported("a challenge"),
            &|a| Ok(a?.negate()),
            &|a, b| Ok(a?.add(&b?)),
            &|a, b| Ok(a?.mul(&b?)),
            &|a, scalar| Ok(a?.mul(&Value::constant(scalar))),
        )
    }
}
