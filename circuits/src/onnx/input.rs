//! The input of a file: its name, shape and element type.

use super::{
    error::Error,
    options::Options,
    proto::{DOUBLE, FLOAT, ValueInfoProto},
    tensor::{INT8, UINT8, count},
    value::Kind,
};

/// The input of a file.
pub(super) struct Input {
    pub(super) name: String,
    /// With the batch, which is 1.
    pub(super) shape: Vec<usize>,
    pub(super) kind: Kind,
}

/// The only input.
pub(super) fn only(inputs: &[&ValueInfoProto], options: &Options) -> Result<Input, Error> {
    let refuse = |place: &str, problem: String, remedy: &str| {
        Err(Error::Graph {
            place: place.into(),
            problem,
            remedy: remedy.into(),
        })
    };
    let &[input] = inputs else {
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        return refuse(
            "inputs",
            format!("there are {}: {names:?}", names.len()),
            "want one",
        );
    };
    let place = format!("input {:?}", input.name);
    let tensor = input.r#type.as_ref().and_then(|t| t.tensor_type.as_ref());
    let Some((tensor, shape)) = tensor.and_then(|t| Some((t, t.shape.as_ref()?))) else {
        return refuse(
            &place,
            "its shape is unknown".into(),
            "export the model with shapes",
        );
    };
    let kind = match tensor.elem_type {
        FLOAT | DOUBLE => Kind::Real,
        integers @ (INT8 | UINT8) => Kind::Raw(integers),
        other => {
            return refuse(
                &place,
                format!("its element type is {other}"),
                "want 1 (float), 11 (double), 2 or 3 (8-bit integers before a DequantizeLinear)",
            );
        }
    };
    let mut sizes = Vec::with_capacity(shape.dim.len());
    for (axis, dim) in shape.dim.iter().enumerate() {
        let name = match dim.dim_param.as_str() {
            "" => format!("{}.{axis}", input.name),
            name => name.to_owned(),
        };
        let fixed = dim.dim_value.filter(|&size| size > 0);
        sizes.push(match (fixed, options.dims.get(&name)) {
            (Some(size), _) => usize::try_from(size).unwrap_or(usize::MAX),
            (None, Some(&size)) => size,
            // The batch.
            (None, None) if axis == 0 && shape.dim.len() > 1 => 1,
            (None, None) => {
                return Err(Error::Dimension {
                    input: input.name.clone(),
                    axis,
                    size: name,
                });
            }
        });
    }
    if count(&sizes).is_none_or(|n| n == 0 || n > 1 << 23) {
        return refuse(&place, format!("shape {sizes:?}"), "want 1 to 2^23 values");
    }
    Ok(Input {
        name: input.name.clone(),
        shape: sizes,
        kind,
    })
}
