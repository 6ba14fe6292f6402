//! Constants quantised, or dequantised.

use super::super::{
    attributes::refused,
    call::{Call, axis},
    proto::FLOAT,
    refusal::{Refusal, operand, refuse},
    tensor::{INT8, INT16, INT32, Tensor, UINT8, UINT16},
    value::Constant,
};

/// Smallest and largest value of a type.
pub(super) fn limits(data_type: i32) -> Option<(f64, f64)> {
    Some(match data_type {
        UINT8 => (0.0, 255.0),
        INT8 => (-128.0, 127.0),
        UINT16 => (0.0, 65535.0),
        INT16 => (-32768.0, 32767.0),
        INT32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        _ => return None,
    })
}

/// A constant quantised, or dequantised.
pub(super) fn known(
    call: &Call<'_>,
    constant: &Constant,
    quantise: bool,
) -> Result<Constant, Refusal> {
    let tensor = &constant.tensor;
    let (scale, zero) = (call.numbers(1)?, call.optional_constant(2)?);
    let data_type = zero.map_or(if quantise { UINT8 } else { tensor.data_type }, |zero| {
        zero.data_type
    });
    let count = scale.values.len();
    if zero.is_some_and(|zero| zero.values.len() != count) || scale.values.iter().any(|&s| s <= 0.0)
    {
        return refuse(
            "scales and zero points that do not go together",
            "want as many of each, scales positive",
        );
    }
    // How many values lie between two scales, and how many scales there are before they repeat.
    let inner = if count == 1 {
        tensor.values.len().max(1)
    } else {
        let axis = axis(call.attributes.int("axis", 1), tensor.dims.len())?;
        if tensor.dims[axis] != count {
            return Err(refused(
                "axis",
                &axis,
                &format!("want an axis of {count}, as many as there are scales"),
            ));
        }
        tensor.dims[axis + 1..].iter().product::<usize>().max(1)
    };
    call.attributes.ignore(&["axis"]);
    let (low, high) = limits(data_type).ok_or_else(|| {
        operand(
            format!("data type {data_type}"),
            "want integers of 8 to 32 bits",
        )
    })?;
    let values = tensor.values.iter().enumerate().map(|(at, &value)| {
        let which = at / inner % count;
        let (scale, zero) = (
            scale.values[which],
            zero.map_or(0.0, |zero| zero.values[which]),
        );
        if quantise {
            ((value / scale).round_ties_even() + zero)
                .max(low)
                .min(high)
        } else {
            (value - zero) * scale
        }
    });
    let step = (count == 1 && !quantise).then(|| scale.values[0]);
    Ok(Constant {
        tensor: Tensor {
            dims: tensor.dims.clone(),
            values: values.collect(),
            data_type: if quantise { data_type } else { FLOAT },
        },
        step,
    })
}
