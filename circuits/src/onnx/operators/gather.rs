//! Values picked from tensors: transpose, slice, split, broadcast, concatenation.

use std::sync::Arc;

use super::{
    super::{
        attributes::refused,
        call::{Call, axis},
        reader::Reader,
        refusal::{Refusal, operand, refuse},
        tensor::{Tensor, count},
        value::{Constant, Value},
        view::{broadcast, gather, repeats, size, strides},
    },
    Results,
};

/// Shape and index of a result.
type Picked = (Vec<usize>, Vec<u32>);

/// Transpose, Slice, Gather, Expand, Split.
pub(super) fn run(reader: &mut Reader, call: &Call<'_>) -> Results {
    let value = call.value(0)?;
    let Some(shape) = value.shape() else {
        return refuse(
            "its input is not computed",
            "export the model for inference",
        );
    };
    if count(shape).is_none() {
        return refuse(format!("a value of shape {shape:?}"), "want fewer values");
    }
    let parts = match call.node.op_type.as_str() {
        "Transpose" => vec![transpose(shape, call)?],
        "Slice" => vec![slice(shape, call)?],
        "Gather" => vec![take(shape, call)?],
        "Expand" => {
            let to = broadcast(shape, &super::constants::sizes(call.constant(1)?)?)?;
            let index = repeats(shape, &to);
            vec![(to, index)]
        }
        _ => split(shape, call)?,
    };
    let results = parts
        .into_iter()
        .map(|(shape, index)| picked(reader, value, shape, index, &call.name()));
    results.collect()
}

/// Values of a value, known or not.
pub(super) fn picked(
    reader: &mut Reader,
    value: &Value,
    shape: Vec<usize>,
    index: Vec<u32>,
    name: &str,
) -> Result<Value, Refusal> {
    match value {
        Value::Constant(constant) => {
            let values = index.iter().map(|&i| constant.tensor.values[i as usize]);
            Ok(Value::Constant(Arc::new(Constant {
                tensor: Tensor {
                    dims: shape,
                    values: values.collect(),
                    data_type: constant.tensor.data_type,
                },
                step: constant.step,
            })))
        }
        Value::Activation(activation) => {
            size(&shape)?;
            Ok(Value::Activation(
                reader.pick(activation, shape, index, name),
            ))
        }
        Value::Statistic(_) | Value::Nothing => refuse(
            "a part of a normalisation",
            "export LayerNormalization as one operator (opset 17 or later)",
        ),
    }
}

fn transpose(shape: &[usize], call: &Call<'_>) -> Result<Picked, Refusal> {
    let rank = shape.len();
    let order = match call.attributes.ints("perm") {
        None => (0..rank).rev().collect(),
        Some(order) => order
            .iter()
            .map(|&a| axis(a, rank))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..rank) {
        return Err(refused("perm", &order, "want every axis once"));
    }
    let from = strides(shape);
    let to: Vec<usize> = order.iter().map(|&a| shape[a]).collect();
    let steps: Vec<i64> = order.iter().map(|&a| from[a]).collect();
    let index = gather(&to, 0, &steps);
    Ok((to, index))
}

fn slice(shape: &[usize], call: &Call<'_>) -> Result<Picked, Refusal> {
    let missing = |what: &str| operand(format!("{what} are missing"), "want starts and ends");
    let starts = call
        .integers("starts", 1)?
        .ok_or_else(|| missing("starts"))?;
    let ends = call.integers("ends", 2)?.ok_or_else(|| missing("ends"))?;
    let axes = call.integers("axes", 3)?;
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = call
        .optional_constant(4)?
        .map_or_else(|| vec![1; starts.len()], Tensor::to_integers);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return refuse(
            "starts, ends, axes and steps differ in length",
            "want one of each for an axis",
        );
    }
    let mut to = shape.to_vec();
    let mut start = 0i64;
    let mut jumps = strides(shape);
    let unit = jumps.clone();
    for (((&from, &end), &at), &step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let at = axis(at, shape.len())?;
        let size = shape[at] as i64;
        let place = |p: i64| if p < 0 { p.saturating_add(size) } else { p };
        let (from, length) = match step {
            1.. => {
                let (from, end) = (place(from).clamp(0, size), place(end).clamp(0, size));
                (from, (end - from).max(0) as usize)
            }
            ..=-1 => {
                let (from, end) = (
                    place(from).clamp(-1, size - 1),
                    place(end).clamp(-1, size - 1),
                );
                (from, (from - end).max(0) as usize)
            }
            0 => return refuse("a step of 0", "want another step"),
        };
        to[at] = length.div_ceil(usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX));
        start += from.max(0) * unit[at];
        jumps[at] = unit[at].saturating_mul(step.clamp(-size.max(1), size.max(1)));
    }
    let index = gather(&to, start, &jumps);
    Ok((to, index))
}

fn take(shape: &[usize], call: &Call<'_>) -> Result<Picked, Refusal> {
    let at = axis(call.attributes.int("axis", 0), shape.len())?;
    let indices = call.constant(1)?;
    let size = shape[at] as i64;
    let mut to = shape[..at].to_vec();
    to.extend(&indices.dims);
    to.extend(&shape[at + 1..]);
    if count(&to).is_none() {
        return refuse(format!("a result of shape {to:?}"), "want fewer values");
    }
    let inner: usize = shape[at + 1..].iter().product();
    let outer: usize = shape[..at].iter().product();
    let mut index = Vec::new();
    for block in 0..outer {
        for &i in &indices.to_integers() {
            let i = if i < 0 { i.saturating_add(size) } else { i };
            if !(0..size).contains(&i) {
                return refuse(
                    format!("index {i} of {size}"),
                    "want indices within the axis",
                );
            }
            let first = (block * shape[at] + i as usize) * inner;
            index.extend((first..first + inner).map(|i| i as u32));
        }
    }
    Ok((to, index))
}

fn split(shape: &[usize], call: &Call<'_>) -> Result<Vec<Picked>, Refusal> {
    let at = axis(call.attributes.int("axis", 0), shape.len())?;
    let outputs = call.node.output.len().max(1);
    call.attributes.ignore(&["num_outputs"]);
    let part = shape[at].div_ceil(outputs);
    let parts = match call.integers("split", 1)? {
        Some(parts) => parts,
        None => (0..outputs)
            .map(|i| part.min(shape[at].saturating_sub(i * part)) as i64)
            .collect(),
    };
    let unit = strides(shape);
    let mut first = 0i64;
    let mut results = Vec::with_capacity(parts.len());
    for part in parts {
        let mut to = shape.to_vec();
        if part < 0 || first.saturating_add(part) > shape[at] as i64 {
            return refuse(
                format!("parts beyond axis {at} of {shape:?}"),
                "want parts that fill the axis",
            );
        }
        to[at] = part as usize;
        let index = gather(&to, first * unit[at], &unit);
        results.push((to, index));
        first += part;
    }
    Ok(results)
}
