//! Shapes: those of ONNX, with a batch and any number of dimensions, and those of networks, with three.

use super::{
    refusal::{Refusal, operand},
    tensor::count,
};
use crate::network::Dims;

/// Most values of an activation.
const MAX_VALUES: usize = 1 << 23;

/// The three dimensions of a shape: a batch of 1 before them is dropped, a sequence has height 1, a vector is all channels.
pub(super) fn view(shape: &[usize]) -> Dims {
    let rest = match shape {
        [1, rest @ ..] => rest,
        all => all,
    };
    match rest {
        [] => Dims(1, 1, 1),
        &[a] => Dims(a, 1, 1),
        &[a, b] => Dims(a, 1, b),
        [a, b, rest @ ..] => Dims(*a, *b, rest.iter().product()),
    }
}

/// Number of values of an activation's shape.
pub(super) fn size(shape: &[usize]) -> Result<usize, Refusal> {
    count(shape)
        .filter(|&n| n > 0 && n <= MAX_VALUES)
        .ok_or_else(|| {
            operand(
                format!("a value of shape {shape:?}"),
                format!("want 1 to {MAX_VALUES} values"),
            )
        })
}

/// The shape that two shapes have in common after broadcasting.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, Refusal> {
    let rank = a.len().max(b.len());
    let at = |shape: &[usize], axis: usize| {
        let missing = rank - shape.len();
        axis.checked_sub(missing).map_or(1, |axis| shape[axis])
    };
    let axes = (0..rank).map(|axis| match (at(a, axis), at(b, axis)) {
        (x, y) if x == y => Ok(x),
        (1, y) => Ok(y),
        (x, 1) => Ok(x),
        _ => Err(operand(
            format!("shapes {a:?} and {b:?} do not go together"),
            "want shapes that broadcast",
        )),
    });
    let shape = axes.collect::<Result<Vec<_>, _>>()?;
    size(&shape)?;
    Ok(shape)
}

/// For each value of `to`, the one of `from` that it repeats; `from` broadcasts to `to`.
pub(super) fn repeats(from: &[usize], to: &[usize]) -> Vec<u32> {
    let missing = to.len() - from.len();
    let mut strides = vec![0usize; to.len()];
    let mut stride = 1;
    for (axis, &size) in from.iter().enumerate().rev() {
        strides[axis + missing] = if size == 1 { 0 } else { stride };
        stride *= size;
    }
    gather(
        to,
        0,
        &strides.iter().map(|&s| s as i64).collect::<Vec<_>>(),
    )
}

/// Where each value of `shape` comes from, by a start and a stride for each axis. Every index must be within 32 bits.
pub(super) fn gather(shape: &[usize], start: i64, strides: &[i64]) -> Vec<u32> {
    let mut index = vec![start];
    for (&size, &stride) in shape.iter().zip(strides) {
        index = index
            .iter()
            .flat_map(|&base| (0..size as i64).map(move |i| base + i * stride))
            .collect();
    }
    index.into_iter().map(|i| i as u32).collect()
}

/// Distance of neighbours along each axis, row-major.
pub(super) fn strides(shape: &[usize]) -> Vec<i64> {
    let mut strides = vec![1i64; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as i64;
    }
    strides
}
