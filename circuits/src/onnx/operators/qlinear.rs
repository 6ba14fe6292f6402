//! QLinearConv and QLinearMatMul: dequantise, compute, quantise.

use super::{
    super::{
        call::Call,
        proto::FLOAT,
        reader::Reader,
        refusal::{Refusal, refuse},
        tensor::Tensor,
        value::{Constant, Value},
    },
    Results,
    convolution::convolve,
    dense,
    quantisation::{dequantised, pin, quantised},
};

/// QLinearConv and QLinearMatMul: dequantise, compute, quantise.
pub(super) fn run(reader: &mut Reader, call: &Call<'_>) -> Results {
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
