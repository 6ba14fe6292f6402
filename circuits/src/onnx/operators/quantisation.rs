//! Files that are quantised already: their integers and scales are kept.

use std::sync::Arc;

use super::{
    super::{
        attributes::refused,
        call::{Call, axis},
        graph::{Operation, Pin},
        proto::FLOAT,
        reader::Reader,
        refusal::{Refusal, operand, refuse},
        tensor::{INT8, INT16, INT32, Tensor, UINT8, UINT16},
        value::{Activation, Constant, Kind, Value},
    },
    Results,
    convolution::convolve,
    dense,
};

/// QuantizeLinear, DequantizeLinear.
pub(super) fn run(reader: &mut Reader, call: &Call<'_>) -> Results {
    call.attributes.ignore(&["saturate", "precision"]);
    call.attributes
        .only("block_size", 0, "quantise by tensor or by axis")?;
    let quantise = call.node.op_type == "QuantizeLinear";
    if quantise {
        call.attributes
            .only("output_dtype", 0, "give the zero point instead")?;
    } else {
        call.attributes.only("output_dtype", 1, "want float")?;
    }
    let value = call.value(0)?;
    let result = match value {
        Value::Constant(constant) => Value::Constant(Arc::new(known(call, constant, quantise)?)),
        Value::Activation(x) => {
            let zero = call.optional_constant(2)?;
            let data_type = zero.map_or(UINT8, |zero| zero.data_type);
            let (scale, zero) = (call.numbers(1)?, zero.map_or(Some(0.0), Tensor::scalar));
            Value::Activation(if quantise {
                let pin = pin(scale, zero, data_type)?;
                quantised(reader, call, x.real()?, pin)
            } else {
                dequantised(reader, x, scale, zero, call)?
            })
        }
        _ => return refuse("a part of a normalisation", "dequantise every input"),
    };
    Ok(vec![result])
}

/// The integers of a scale and a zero point.
fn pin(scale: &Tensor, zero: Option<f64>, data_type: i32) -> Result<Pin, Refusal> {
    let (low, high) = limits(data_type)
        .filter(|_| data_type != INT32)
        .ok_or_else(|| {
            operand(
                format!("activations of data type {data_type}"),
                "want 8 or 16 bits",
            )
        })?;
    let (Some(scale), Some(zero)) = (scale.scalar(), zero) else {
        return refuse(
            "scales that differ along an axis of an activation",
            "quantise activations by tensor, only weights by channel",
        );
    };
    if !(scale.is_finite() && scale > 0.0) {
        return refuse(format!("a scale of {scale}"), "want a positive scale");
    }
    let (low, high) = (low - zero, high - zero);
    if low < -32768.0 || high > 32767.0 {
        return refuse(format!("integers {low}..={high}"), "want at most 16 bits");
    }
    Ok(Pin {
        scale,
        low: low as i32,
        high: high as i32,
    })
}

/// Smallest and largest value of a type.
fn limits(data_type: i32) -> Option<(f64, f64)> {
    Some(match data_type {
        UINT8 => (0.0, 255.0),
        INT8 => (-128.0, 127.0),
        UINT16 => (0.0, 65535.0),
        INT16 => (-32768.0, 32767.0),
        INT32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        _ => return None,
    })
}

/// An activation as integers of a pin.
fn quantised(reader: &mut Reader, call: &Call<'_>, x: &Activation, pin: Pin) -> Activation {
    let kind = Kind::Integers(pin);
    let tensor = if x.function.is_identity() {
        pinned(reader, x.tensor, pin, &call.name(), true)
    } else {
        push_map(reader, x, pin, &call.name())
    };
    Activation {
        tensor,
        kind,
        ..Activation::plain(tensor, x.shape.clone())
    }
}

fn push_map(reader: &mut Reader, x: &Activation, pin: Pin, name: &str) -> usize {
    let operation = Operation::Map {
        input: x.tensor,
        function: x.function.clone(),
        pin: Some(pin),
    };
    let dims = reader.graph.dims(x.tensor);
    reader.push(name, operation, dims)
}

/// A tensor whose integers are those of a pin: the quantisation moves before a reordering.
fn pinned(reader: &mut Reader, tensor: usize, pin: Pin, name: &str, further: bool) -> usize {
    let dims = reader.graph.dims(tensor);
    let Some(node) = reader.graph.producer(tensor) else {
        let input = reader.graph.pin.get_or_insert(pin);
        if *input == pin {
            return tensor;
        }
        return push_map(reader, &Activation::plain(tensor, vec![]), pin, name);
    };
    match node.operation.clone() {
        Operation::Map {
            pin: Some(before), ..
        } if before == pin => tensor,
        Operation::Gather { inputs, index } if further => {
            let inputs = inputs
                .into_iter()
                .map(|input| pinned(reader, input, pin, name, false))
                .collect();
            let title = reader
                .graph
                .producer(tensor)
                .map_or(String::new(), |node| node.name.clone());
            reader.push(&title, Operation::Gather { inputs, index }, dims)
        }
        _ => push_map(reader, &Activation::plain(tensor, vec![]), pin, name),
    }
}

fn dequantised(
    reader: &mut Reader,
    x: &Activation,
    scale: &Tensor,
    zero: Option<f64>,
    call: &Call<'_>,
) -> Result<Activation, Refusal> {
    match x.kind {
        Kind::Raw(data_type) => {
            let pin = pin(scale, zero, data_type)?;
            let tensor = pinned(reader, x.tensor, pin, &call.name(), true);
            Ok(Activation::plain(tensor, x.shape.clone()))
        }
        Kind::Integers(before) => {
            let types = [UINT8, INT8, UINT16, INT16];
            let same = types
                .iter()
                .any(|&t| pin(scale, zero, t).is_ok_and(|pin| pin == before));
            if !same {
                return refuse(
                    "another scale or zero point than the QuantizeLinear before",
                    "want the same",
                );
            }
            Ok(Activation::plain(x.tensor, x.shape.clone()))
        }
        Kind::Real | Kind::Ending => refuse(
            "an input that is not quantised",
            "put a QuantizeLinear before it",
        ),
    }
}

/// A constant quantised, or dequantised.
fn known(call: &Call<'_>, constant: &Constant, quantise: bool) -> Result<Constant, Refusal> {
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

/// QLinearConv and QLinearMatMul: dequantise, compute, quantise.
pub(super) fn fused(reader: &mut Reader, call: &Call<'_>) -> Results {
    let Value::Activation(x) = call.value(0)? else {
        return refuse("input 0 is constant", "fold constants before export");
    };
    let zero = |index: usize| Ok::<_, Refusal>(call.constant(index)?.scalar());
    let x = dequantised(reader, x, call.numbers(1)?, zero(2)?, call)?;
    let (weights, scale, offset) = (call.constant(3)?, call.numbers(4)?, call.constant(5)?);
    let conv = call.node.op_type == "QLinearConv";
    let per = scale.values.len();
    // Scales by output: rows of a convolution, columns of a matrix.
    let outputs = if conv {
        weights.dims.first()
    } else {
        weights.dims.last()
    };
    let outputs = outputs.copied().unwrap_or(1).max(1);
    let inner = if conv {
        weights.values.len() / outputs
    } else {
        1
    };
    if (per != 1 && per != outputs)
        || (offset.values.len() != 1 && offset.values.len() != per)
        || per == 0
    {
        return refuse(
            format!("{per} weight scales for {outputs} outputs"),
            "want one, or one for each output",
        );
    }
    let which = |at: usize, many: usize| {
        if many == 1 {
            0
        } else {
            at / inner.max(1) % outputs
        }
    };
    let values = weights.values.iter().enumerate().map(|(at, &w)| {
        (w - offset.values[which(at, offset.values.len())]) * scale.values[which(at, per)]
    });
    let real = Constant {
        tensor: Tensor {
            dims: weights.dims.clone(),
            values: values.collect(),
            data_type: FLOAT,
        },
        step: (per == 1).then(|| scale.values[0]),
    };
    let input_scale = call.numbers(1)?.scalar().unwrap_or(1.0);
    let result = if conv {
        let bias = match call.optional(8) {
            None => None,
            Some(_) => {
                let bias = call.numbers(8)?;
                let values = bias.values.iter().enumerate();
                let values = values.map(|(o, b)| {
                    b * input_scale * scale.values[if per == 1 { 0 } else { o % per }]
                });
                Some(Tensor {
                    dims: bias.dims.clone(),
                    values: values.collect(),
                    data_type: FLOAT,
                })
            }
        };
        convolve(reader, call, &x, &real, bias.as_ref())?
    } else {
        dense::times(reader, &call.name(), &x, &real)?
    };
    let data_type = call.constant(7)?.data_type;
    let pin = pin(call.numbers(6)?, zero(7)?, data_type)?;
    Ok(vec![Value::Activation(quantised(
        reader, call, &result, pin,
    ))])
}
