//! The same values in another shape, or as they are.

use std::sync::Arc;

use super::{
    super::{
        attributes::refused,
        call::{Call, axis},
        reader::Reader,
        refusal::{Refusal, operand, refuse},
        tensor::{BOOL, INT8, INT16, INT32, INT64, Tensor, UINT8, UINT16},
        value::{Constant, Value},
    },
    Results,
};

/// Identity, Dropout outside training, Cast.
pub(super) fn same(call: &Call<'_>) -> Results {
    call.attributes
        .ignore(&["ratio", "seed", "saturate", "round_mode"]);
    let value = call.value(0)?.clone();
    match call.node.op_type.as_str() {
        "Dropout" => {
            if let Some(training) = call.optional_constant(2)?
                && training.scalar() != Some(0.0)
            {
                return refuse(
                    "input training_mode is true",
                    "export the model for inference",
                );
            }
            Ok(vec![value, Value::Nothing])
        }
        "Cast" => cast(call, value, call.attributes.int("to", 1) as i32),
        "CastLike" => match call.optional(1) {
            Some(Value::Constant(like)) => cast(call, value, like.tensor.data_type),
            _ => Ok(vec![value]),
        },
        _ => Ok(vec![value]),
    }
}

fn cast(call: &Call<'_>, value: Value, to: i32) -> Results {
    let integers = [UINT8, INT8, UINT16, INT16, INT32, INT64].contains(&to);
    match &value {
        Value::Constant(constant) => {
            let convert = |&v: &f64| match to {
                BOOL => f64::from(v != 0.0),
                _ if integers => v.trunc(),
                _ => v,
            };
            let tensor = Tensor {
                dims: constant.tensor.dims.clone(),
                values: constant.tensor.values.iter().map(convert).collect(),
                data_type: to,
            };
            let step = constant.step;
            Ok(vec![Value::Constant(Arc::new(Constant { tensor, step }))])
        }
        Value::Activation(_) if integers || to == BOOL => Err(refused(
            "to",
            &to,
            &format!("values of the network stay real: drop {}", call.name()),
        )),
        _ => Ok(vec![value]),
    }
}

/// Reshape, Flatten, Squeeze, Unsqueeze.
pub(super) fn run(_: &mut Reader, call: &Call<'_>) -> Results {
    let value = call.value(0)?;
    let Some(shape) = value.shape() else {
        return refuse(
            "its input is not computed",
            "export the model for inference",
        );
    };
    let shape = match call.node.op_type.as_str() {
        "Reshape" => target(
            shape,
            &call.constant(1)?.to_integers(),
            call.attributes.int("allowzero", 0) != 0,
        )?,
        "Flatten" => {
            let at = call.attributes.int("axis", 1);
            let at = if at == shape.len() as i64 {
                shape.len()
            } else {
                axis(at, shape.len())?
            };
            let (before, behind) = shape.split_at(at);
            vec![before.iter().product(), behind.iter().product()]
        }
        "Squeeze" => {
            let axes = match call.integers("axes", 1)? {
                Some(axes) => axes
                    .into_iter()
                    .map(|a| axis(a, shape.len()))
                    .collect::<Result<Vec<_>, _>>()?,
                None => (0..shape.len()).filter(|&a| shape[a] == 1).collect(),
            };
            if let Some(&large) = axes.iter().find(|&&a| shape[a] != 1) {
                return refuse(
                    format!("axis {large} of shape {shape:?} is not 1"),
                    "squeeze dimensions of 1",
                );
            }
            let kept = (0..shape.len()).filter(|a| !axes.contains(a));
            kept.map(|a| shape[a]).collect()
        }
        _ => {
            let axes = call
                .integers("axes", 1)?
                .ok_or_else(|| operand("axes are missing", "name the new axes"))?;
            let rank = shape.len() + axes.len();
            let axes = axes
                .into_iter()
                .map(|a| axis(a, rank))
                .collect::<Result<Vec<_>, _>>()?;
            let mut old = shape.iter();
            (0..rank)
                .map(|a| {
                    if axes.contains(&a) {
                        1
                    } else {
                        old.next().copied().unwrap_or(1)
                    }
                })
                .collect()
        }
    };
    Ok(vec![reshaped(value, shape)?])
}

/// A value in another shape.
pub(super) fn reshaped(value: &Value, shape: Vec<usize>) -> Result<Value, Refusal> {
    let before: usize = value.shape().unwrap_or_default().iter().product();
    if shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d)) != Some(before) {
        return refuse(
            format!("{:?} in shape {shape:?}", value.shape().unwrap_or_default()),
            "want a shape of as many values; the batch must be 1",
        );
    }
    match value {
        Value::Constant(constant) => Ok(Value::Constant(Arc::new(Constant {
            tensor: Tensor {
                dims: shape,
                ..constant.tensor.clone()
            },
            step: constant.step,
        }))),
        Value::Activation(activation) => Ok(Value::Activation(activation.shaped(shape))),
        Value::Statistic(_) | Value::Nothing => refuse(
            "a part of a normalisation",
            "export LayerNormalization as one operator (opset 17 or later)",
        ),
    }
}

/// The shape that Reshape means: 0 keeps a dimension, -1 is what is left.
fn target(from: &[usize], to: &[i64], zeros: bool) -> Result<Vec<usize>, Refusal> {
    let total: usize = from.iter().product();
    let bad = || {
        operand(
            format!("{from:?} in shape {to:?}"),
            "want a shape of as many values",
        )
    };
    let mut shape = Vec::with_capacity(to.len());
    for (axis, &size) in to.iter().enumerate() {
        shape.push(match size {
            -1 => 1,
            0 if !zeros => *from.get(axis).ok_or_else(bad)?,
            size => usize::try_from(size).map_err(|_| bad())?,
        });
    }
    if let Some(open) = to.iter().position(|&size| size == -1) {
        let known = shape
            .iter()
            .try_fold(1usize, |n, &d| n.checked_mul(d))
            .ok_or_else(bad)?;
        shape[open] = total.checked_div(known).ok_or_else(bad)?;
    }
    Ok(shape)
}
