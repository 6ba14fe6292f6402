//! Polynomials of the constraint system as Yul expressions over the evaluations in calldata.

use std::cell::{Cell, RefCell};

use halo2_axiom::plonk::{Any, Column, ConstraintSystem, Expression};

use super::{
    memory::{Calldata, Memory},
    value::Value,
    yul::Code,
};
use crate::{Error, field::Fr};

/// Words of the stack that the machine can copy from.
const REACH: usize = 16;

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

    /// Value of a polynomial at x, to be computed with so many words already on the stack, r the
    /// first of them. Parts that would put it out of reach go to memory first.
    pub fn value(
        &self,
        code: &mut Code,
        polynomial: &Expression<Fr>,
        below: usize,
    ) -> Result<Value, Error> {
        let parts = Parts {
            memory: self.memory,
            height: (REACH + 1).saturating_sub(below),
            code: RefCell::default(),
            count: Cell::default(),
        };
        let value = polynomial.evaluate(
            &|constant| Ok(Value::constant(constant)),
            &|_| unsupported("a selector"),
            &|query| self.fixed(query.column_index(), query.rotation().0),
            &|query| self.advice(query.column_index(), query.rotation().0),
            &|_| Ok(Value::word(self.memory.instance)),
            &|challenge| Ok(Value::word(self.memory.challenge(challenge.index()))),
            &|a| Ok(a?.negate()),
            &|a, b| Ok(parts.join(a?, b?, Value::add)),
            &|a, b| Ok(parts.join(a?, b?, Value::mul)),
            &|a, scalar| Ok(parts.join(a?, Value::constant(scalar), Value::mul)),
        );
        code.append(&parts.code.into_inner());
        value
    }
}

/// Parts of an expression in memory.
struct Parts<'a> {
    memory: &'a Memory,
    /// Words that an expression may take on the stack.
    height: usize,
    code: RefCell<Code>,
    count: Cell<usize>,
}

impl Parts<'_> {
    fn store(&self, value: &Value) -> Value {
        let place = self.memory.part(self.count.get());
        self.count.set(self.count.get() + 1);
        self.code.borrow_mut().store(place, value.text());
        value.stored(place)
    }

    /// A sum or a product, the other way round or from memory if it would not fit the stack.
    fn join(&self, a: Value, b: Value, operation: fn(&Value, &Value) -> Value) -> Value {
        let orders = [(&a, &b), (&b, &a)].into_iter();
        let fitting = orders
            .map(|(a, b)| operation(a, b))
            .find(|value| value.height() <= self.height);
        match fitting {
            Some(value) => value,
            // Two loads always fit.
            None if a.height() > b.height() => self.join(self.store(&a), b, operation),
            None => self.join(a, self.store(&b), operation),
        }
    }
}
