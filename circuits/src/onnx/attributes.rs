//! Attributes of a node: each is read with its default, and whatever nobody read is refused.

use std::{cell::RefCell, fmt::Debug};

use super::{
    proto::{AttributeProto, NodeProto},
    refusal::Refusal,
    tensor::Tensor,
};

/// The attributes of a node.
pub(super) struct Attributes<'a> {
    node: &'a NodeProto,
    read: RefCell<Vec<&'a str>>,
}

impl<'a> Attributes<'a> {
    pub(super) fn of(node: &'a NodeProto) -> Self {
        Self {
            node,
            read: RefCell::default(),
        }
    }

    fn find(&self, name: &str) -> Option<&'a AttributeProto> {
        let found = self.node.attribute.iter().find(|a| a.name == name)?;
        self.read.borrow_mut().push(&found.name);
        Some(found)
    }

    /// Whether the file has it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.node.attribute.iter().any(|a| a.name == name)
    }

    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        self.find(name).map_or(default, |a| a.i)
    }

    pub(super) fn float(&self, name: &str, default: f64) -> f64 {
        self.find(name).map_or(default, |a| f64::from(a.f))
    }

    pub(super) fn ints(&self, name: &str) -> Option<Vec<i64>> {
        self.find(name).map(|a| a.ints.clone())
    }

    pub(super) fn floats(&self, name: &str) -> Option<Vec<f64>> {
        self.find(name)
            .map(|a| a.floats.iter().map(|&v| v.into()).collect())
    }

    pub(super) fn string(&self, name: &str, default: &str) -> String {
        self.find(name).map_or_else(
            || default.to_owned(),
            |a| String::from_utf8_lossy(&a.s).into_owned(),
        )
    }

    pub(super) fn tensor(&self, name: &str) -> Option<Result<Tensor, Refusal>> {
        let message = self.find(name)?.t.as_ref();
        let tensor = message.map_or_else(|| Err("not a tensor".to_owned()), Tensor::read);
        Some(
            tensor.map_err(|problem| {
                refused(name, &problem, "want a tensor of numbers within the file")
            }),
        )
    }

    /// Reads an attribute whose value does not change what is proven.
    pub(super) fn ignore(&self, names: &[&str]) {
        for name in names {
            self.find(name);
        }
    }

    /// Reads whole numbers that must not be negative.
    pub(super) fn sizes(&self, name: &str, default: &[usize]) -> Result<Vec<usize>, Refusal> {
        let Some(values) = self.ints(name) else {
            return Ok(default.to_vec());
        };
        let sizes: Option<Vec<usize>> = values
            .iter()
            .map(|&v| usize::try_from(v).ok().filter(|&v| v <= 1 << 24))
            .collect();
        sizes.ok_or_else(|| refused(name, &values, "want sizes from 0 to 2^24"))
    }

    /// Refuses every value but one.
    pub(super) fn only(&self, name: &str, want: i64, remedy: &str) -> Result<(), Refusal> {
        match self.int(name, want) {
            got if got == want => Ok(()),
            got => Err(refused(name, &got, remedy)),
        }
    }

    /// Refuses the attributes that nobody has read.
    pub(super) fn finish(&self) -> Result<(), Refusal> {
        let read = self.read.borrow();
        match self
            .node
            .attribute
            .iter()
            .find(|a| !read.contains(&a.name.as_str()))
        {
            None => Ok(()),
            Some(unknown) => Err(refused(
                &unknown.name,
                &"set",
                "this attribute is not supported: export the operator without it",
            )),
        }
    }
}

/// The refusal of an attribute's value.
pub(super) fn refused(attribute: &str, got: &(impl Debug + ?Sized), remedy: &str) -> Refusal {
    Refusal::Attribute {
        attribute: attribute.to_owned(),
        got: format!("{got:?}"),
        remedy: remedy.to_owned(),
    }
}
