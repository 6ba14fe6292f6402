//! Normalisations that are written out as means, squares and roots.

use super::super::{
    function::{Binary, Unary},
    graph::Operation,
    reader::Reader,
    refusal::{Refusal, refuse},
    value::{Activation, Part, Statistic, Value},
    view::repeats,
};

const REMEDY: &str = "export LayerNormalization as one operator (opset 17 or later)";

fn refused<T>() -> Result<T, Refusal> {
    refuse(
        "a part of a normalisation in an order that is not known",
        REMEDY,
    )
}

fn part(statistic: &Statistic, part: Part) -> Result<Value, Refusal> {
    Ok(Value::Statistic(Statistic {
        part,
        ..statistic.clone()
    }))
}

/// x - mean, if `mean` is that of groups of consecutive values of `x`.
pub(super) fn centred(
    reader: &mut Reader,
    x: &Activation,
    mean: &Activation,
    name: &str,
) -> Option<Value> {
    if !mean.function.is_identity() {
        return None;
    }
    let of = reader.whole(x, name);
    let group = mean_of(reader, mean.tensor, of.tensor)?;
    Some(Value::Statistic(Statistic {
        part: Part::Centred,
        of,
        epsilon: 0.0,
        scale: vec![1.0; group],
        bias: vec![0.0; group],
    }))
}

/// How many values there are in a group, if a tensor is the mean of groups of consecutive values of another.
fn mean_of(reader: &Reader, tensor: usize, of: usize) -> Option<usize> {
    let Operation::Linear(linear) = &reader.graph.producer(tensor)?.operation else {
        return None;
    };
    let [term] = linear.terms.as_slice() else {
        return None;
    };
    let whole_groups = term.input == of && term.view.1 == 1 && term.kernel == [1, term.view.2];
    linear.average.filter(|&group| whole_groups && group > 1)
}

/// The mean over groups of a length.
pub(super) fn variance(statistic: &Statistic, group: Option<usize>) -> Result<Value, Refusal> {
    match statistic.part {
        Part::Square if group == Some(statistic.scale.len()) => part(statistic, Part::Variance),
        _ => refused(),
    }
}

/// A power of a part.
pub(super) fn power(statistic: &Statistic, exponent: f64) -> Result<Value, Refusal> {
    match (statistic.part, exponent) {
        (Part::Centred, 2.0) => part(statistic, Part::Square),
        (Part::Variance, 0.5) => part(statistic, Part::Deviation),
        (Part::Variance, -0.5) => part(statistic, Part::Inverse),
        _ => refused(),
    }
}

/// A function of a part.
pub(super) fn apply(statistic: &Statistic, unary: &[Unary]) -> Result<Value, Refusal> {
    match (statistic.part, unary) {
        (Part::Variance, [Unary::Sqrt]) => part(statistic, Part::Deviation),
        (Part::Deviation, [Unary::Reciprocal]) => part(statistic, Part::Inverse),
        (Part::Shift, [Unary::Negative]) => part(statistic, Part::Offset),
        _ => refused(),
    }
}

/// Two values of which one is a part at least.
pub(super) fn combine(
    reader: &mut Reader,
    binary: Binary,
    a: &Value,
    b: &Value,
    name: &str,
) -> Result<Value, Refusal> {
    match (binary, a, b) {
        (
            Binary::Add | Binary::Multiply,
            Value::Constant(_) | Value::Activation(_),
            Value::Statistic(_),
        ) => combine(reader, binary, b, a, name),
        (Binary::Add, Value::Statistic(s), Value::Constant(c)) => match (s.part, c.tensor.scalar())
        {
            (Part::Variance, Some(epsilon)) if s.epsilon == 0.0 && epsilon >= 0.0 => {
                Ok(Value::Statistic(Statistic {
                    epsilon,
                    ..s.clone()
                }))
            }
            (Part::Offset, _) => {
                let more = by_group(s, &c.tensor.dims, &c.tensor.values)?;
                let bias = s.bias.iter().zip(more).map(|(b, m)| b + m).collect();
                Ok(Value::Statistic(Statistic { bias, ..s.clone() }))
            }
            _ => refused(),
        },
        (Binary::Subtract, Value::Constant(c), Value::Statistic(s)) if s.part == Part::Shift => {
            let bias = by_group(s, &c.tensor.dims, &c.tensor.values)?;
            Ok(Value::Statistic(Statistic {
                part: Part::Offset,
                bias,
                ..s.clone()
            }))
        }
        (Binary::Multiply, Value::Statistic(s), Value::Constant(c)) if s.part == Part::Inverse => {
            let more = by_group(s, &c.tensor.dims, &c.tensor.values)?;
            let scale = s.scale.iter().zip(more).map(|(s, m)| s * m).collect();
            Ok(Value::Statistic(Statistic { scale, ..s.clone() }))
        }
        (Binary::Multiply, Value::Statistic(s), Value::Activation(x))
            if s.part == Part::Inverse =>
        {
            inverse_times(reader, s, x, name)
        }
        (_, Value::Statistic(a), Value::Statistic(b)) => both(reader, binary, a, b, name),
        _ => refused(),
    }
}

/// scale / deviation times x or its mean, or its mean's opposite.
fn inverse_times(
    reader: &mut Reader,
    s: &Statistic,
    x: &Activation,
    name: &str,
) -> Result<Value, Refusal> {
    if let Some((sign, 0.0)) = x.function.affine()
        && mean_of(reader, x.tensor, s.of.tensor) == Some(s.scale.len())
    {
        return match sign {
            1.0 => part(s, Part::Shift),
            -1.0 => part(s, Part::Offset),
            _ => refused(),
        };
    }
    if reader.whole(x, name).tensor == s.of.tensor {
        return part(s, Part::Scaled);
    }
    refused()
}

fn both(
    reader: &mut Reader,
    binary: Binary,
    a: &Statistic,
    b: &Statistic,
    name: &str,
) -> Result<Value, Refusal> {
    if a.of.tensor != b.of.tensor || a.scale.len() != b.scale.len() {
        return refuse("parts of different normalisations", REMEDY);
    }
    match (binary, a.part, b.part) {
        (Binary::Multiply, Part::Centred, Part::Centred) => part(a, Part::Square),
        (Binary::Divide, Part::Centred, Part::Deviation)
        | (Binary::Multiply, Part::Centred, Part::Inverse)
        | (Binary::Add, Part::Scaled, Part::Offset) => normal(reader, a, b, name),
        (Binary::Multiply, Part::Inverse, Part::Centred)
        | (Binary::Add, Part::Offset, Part::Scaled) => normal(reader, b, a, name),
        _ => refused(),
    }
}

/// The normalisation of x, with the constants of the other part.
fn normal(
    reader: &mut Reader,
    x: &Statistic,
    by: &Statistic,
    name: &str,
) -> Result<Value, Refusal> {
    if x.part == Part::Scaled && x.scale != by.scale {
        return refuse("parts with different scales", REMEDY);
    }
    let operation = Operation::Norm {
        input: x.of.tensor,
        epsilon: by.epsilon,
        scale: by.scale.clone(),
        bias: by.bias.clone(),
    };
    let dims = reader.graph.dims(x.of.tensor);
    let tensor = reader.push(name, operation, dims);
    Ok(Value::Activation(Activation::plain(
        tensor,
        x.of.shape.clone(),
    )))
}

/// A constant as one value for each of a group, if all groups have the same.
fn by_group(s: &Statistic, dims: &[usize], values: &[f64]) -> Result<Vec<f64>, Refusal> {
    let group = s.scale.len();
    let shape = super::super::view::broadcast(&s.of.shape, dims)?;
    if shape != s.of.shape || !values.iter().all(|v| v.is_finite()) {
        return refused();
    }
    let all: Vec<f64> = repeats(dims, &shape)
        .into_iter()
        .map(|i| values[i as usize])
        .collect();
    let first = all.get(..group).unwrap_or_default();
    if all.chunks(group).any(|chunk| chunk != first) {
        return refused();
    }
    Ok(first.to_vec())
}
