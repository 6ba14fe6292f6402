//! Means and largest values over axes.

use super::{
    super::{
        attributes::refused,
        call::{Call, axis},
        reader::Reader,
        refusal::{Refusal, refuse},
        tensor::Tensor,
        value::{Activation, Value},
        view::{gather, strides},
    },
    Results,
    pool::over_all,
    statistics,
};
use crate::network::Dims;

/// ReduceMean, ReduceMax; ReduceSum and ReduceProd of constants.
pub(super) fn run(reader: &mut Reader, call: &Call<'_>) -> Results {
    let value = call.value(0)?;
    let Some(shape) = value.shape() else {
        return refuse(
            "its input is not computed",
            "export the model for inference",
        );
    };
    let rank = shape.len();
    let keeps_all = call.attributes.int("noop_with_empty_axes", 0) != 0;
    let mut axes = match call.integers("axes", 1)? {
        Some(axes) if !axes.is_empty() => axes
            .into_iter()
            .map(|a| axis(a, rank))
            .collect::<Result<Vec<_>, _>>()?,
        _ if keeps_all => return Ok(vec![value.clone()]),
        _ => (0..rank).collect(),
    };
    axes.sort_unstable();
    axes.dedup();
    let keep = call.attributes.int("keepdims", 1) != 0;
    let kept: Vec<usize> = (0..rank).filter(|a| !axes.contains(a)).collect();
    let short = || {
        let size = |a: usize| if axes.contains(&a) { 1 } else { shape[a] };
        if keep {
            (0..rank).map(size).collect()
        } else {
            kept.iter().map(|&a| shape[a]).collect::<Vec<_>>()
        }
    };
    let operator = call.node.op_type.as_str();
    match value {
        Value::Constant(constant) => {
            let groups = grouped(&constant.tensor.dims, &kept, &axes);
            let length = axes.iter().map(|&a| shape[a]).product::<usize>().max(1);
            let values = groups.chunks(length).map(|group| {
                let values = group.iter().map(|&i| constant.tensor.values[i as usize]);
                match operator {
                    "ReduceMean" => values.sum::<f64>() / length as f64,
                    "ReduceSum" => values.sum(),
                    "ReduceProd" => values.product(),
                    _ => values.fold(f64::NEG_INFINITY, f64::max),
                }
            });
            let values: Vec<f64> = values.collect();
            let dims = short();
            if dims.iter().product::<usize>() != values.len() {
                return refuse(
                    format!("constants of shape {shape:?}"),
                    "fold constants before export",
                );
            }
            Ok(vec![
                Tensor {
                    dims,
                    values,
                    data_type: constant.tensor.data_type,
                }
                .into(),
            ])
        }
        Value::Statistic(statistic) => {
            let trailing = axes.iter().copied().eq(kept.len()..rank);
            let group: usize = axes.iter().map(|&a| shape[a]).product();
            let is_mean = operator == "ReduceMean" && trailing;
            Ok(vec![statistics::variance(
                statistic,
                is_mean.then_some(group),
            )?])
        }
        _ => {
            let maximum = match operator {
                "ReduceMean" => false,
                "ReduceMax" => true,
                _ => {
                    return Err(Refusal::Operator {
                        remedy: "use ReduceMean, or a Conv with weights of one".into(),
                    });
                }
            };
            let x = call.activation(0)?;
            let inner: usize = axes.iter().map(|&a| shape[a]).product();
            if inner == 0 || axes.is_empty() {
                return Err(refused("axes", &axes, "want axes with values"));
            }
            let outer: usize = kept.iter().map(|&a| shape[a]).product();
            let shape = short();
            let order: Vec<usize> = kept.iter().chain(&axes).copied().collect();
            let sorted: Vec<usize> = order.iter().map(|&a| x.shape[a]).collect();
            let index = grouped(&x.shape, &kept, &axes);
            let ready = reader.pick(x, sorted, index, &call.name());
            let tensor = over_all(reader, &call.name(), &ready, Dims(outer, 1, inner), maximum);
            Ok(vec![Value::Activation(Activation::plain(tensor, shape))])
        }
    }
}

/// The values of each group one after the other.
fn grouped(shape: &[usize], kept: &[usize], axes: &[usize]) -> Vec<u32> {
    let unit = strides(shape);
    let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
    let to: Vec<usize> = order.iter().map(|&a| shape[a]).collect();
    let steps: Vec<i64> = order.iter().map(|&a| unit[a]).collect();
    gather(&to, 0, &steps)
}
