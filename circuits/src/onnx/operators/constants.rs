//! Known numbers: what exporters write to compute shapes.

use super::{
    super::{
        attributes::refused,
        call::Call,
        proto::FLOAT,
        refusal::refuse,
        tensor::{INT64, MAX_CONSTANT, Tensor},
        value::Value,
    },
    Results,
};

pub(super) fn run(call: &Call<'_>) -> Results {
    let tensor = match call.node.op_type.as_str() {
        "Constant" => return constant(call),
        "ConstantOfShape" => {
            let dims = sizes(call.constant(0)?)?;
            let fill = call.attributes.tensor("value").transpose()?;
            let count = dims.iter().product();
            let (value, data_type) = match &fill {
                None => (0.0, FLOAT),
                Some(tensor) => match tensor.scalar() {
                    Some(value) => (value, tensor.data_type),
                    None => return Err(refused("value", &tensor.dims, "want one value")),
                },
            };
            Tensor {
                dims,
                values: vec![value; count],
                data_type,
            }
        }
        "Shape" | "Size" => {
            let value = call.value(0)?;
            let Some(shape) = value.shape() else {
                return refuse("its input has no shape", "export the model again");
            };
            let rank = shape.len() as i64;
            let bound = |name, default| {
                let at: i64 = call.attributes.int(name, default);
                (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize
            };
            let (start, end) = (bound("start", 0), bound("end", rank));
            if call.node.op_type == "Shape" {
                let part = shape.get(start..end).unwrap_or_default();
                Tensor::integers(part.iter().map(|&d| d as i64))
            } else {
                scalar(shape.iter().product::<usize>() as f64)
            }
        }
        _ => {
            let bounds =
                [call.constant(0)?, call.constant(1)?, call.constant(2)?].map(Tensor::scalar);
            let [Some(start), Some(limit), Some(delta)] = bounds else {
                return refuse("a bound is no scalar", "want three scalars");
            };
            let count = ((limit - start) / delta).ceil();
            if !(count.is_finite() && count <= MAX_CONSTANT as f64) {
                return refuse(format!("{count} values"), "want a finite range");
            }
            let values: Vec<f64> = (0..count.max(0.0) as usize)
                .map(|i| start + delta * i as f64)
                .collect();
            Tensor {
                dims: vec![values.len()],
                values,
                data_type: call.constant(0)?.data_type,
            }
        }
    };
    Ok(vec![tensor.into()])
}

fn constant(call: &Call<'_>) -> Results {
    let attributes = &call.attributes;
    let floats = |values: Vec<f64>, dims| Tensor {
        dims,
        values,
        data_type: FLOAT,
    };
    let tensor = if let Some(tensor) = attributes.tensor("value") {
        tensor?
    } else if attributes.has("value_float") {
        floats(vec![attributes.float("value_float", 0.0)], vec![])
    } else if let Some(values) = attributes.floats("value_floats") {
        let dims = vec![values.len()];
        floats(values, dims)
    } else if attributes.has("value_int") {
        scalar(attributes.int("value_int", 0) as f64)
    } else if let Some(values) = attributes.ints("value_ints") {
        Tensor::integers(values)
    } else {
        return refuse(
            "attribute value is missing",
            "store constants as tensors of numbers",
        );
    };
    Ok(vec![Value::from(tensor)])
}

fn scalar(value: f64) -> Tensor {
    Tensor {
        dims: vec![],
        values: vec![value],
        data_type: INT64,
    }
}

/// A constant as a shape.
pub(super) fn sizes(tensor: &Tensor) -> Result<Vec<usize>, super::Refusal> {
    let sizes: Option<Vec<usize>> = tensor
        .to_integers()
        .iter()
        .map(|&d| usize::try_from(d).ok())
        .collect();
    match sizes {
        Some(sizes) if super::super::tensor::count(&sizes).is_some() => Ok(sizes),
        _ => refuse(
            format!("a shape of {:?}", tensor.values),
            format!("want at most {MAX_CONSTANT} values"),
        ),
    }
}
