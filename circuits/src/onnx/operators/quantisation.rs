//! Files that are quantised already: their integers and scales are kept.

use std::sync::Arc;

use super::{
    super::{
        call::Call,
        graph::{Operation, Pin},
        reader::Reader,
        refusal::{Refusal, operand, refuse},
        tensor::{INT8, INT16, INT32, Tensor, UINT8, UINT16},
        value::{Activation, Kind, Value},
    },
    Results,
    quantised::{known, limits},
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
pub(super) fn pin(scale: &Tensor, zero: Option<f64>, data_type: i32) -> Result<Pin, Refusal> {
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

/// An activation as integers of a pin.
pub(super) fn quantised(
    reader: &mut Reader,
    call: &Call<'_>,
    x: &Activation,
    pin: Pin,
) -> Activation {
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

pub(super) fn dequantised(
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
