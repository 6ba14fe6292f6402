//! An integer network as an ONNX graph that means the same integers: double precision, and the floor written down.
//!
//! ```text
//! window --MatMul, Add--> sums --Mul 2^-shift, Floor--> quotients --polynomial or Relu--> hidden --MatMul, Add--> ... --> logits
//! ```
//!
//! Every value is an integer below 2^53 (checked before writing), and 2^-shift is a power of two, so no operation
//! rounds: whoever follows IEEE 754 gets these integers, in whatever order sums are taken.

use veriregime_circuits::model::bounds::{Bounds, Interval};
use veriregime_circuits::model::{Activation, IntegerModel, Layer, Named};

use super::error::OnnxError;
use super::proto::{DOUBLE, GraphProto, ModelProto, TensorProto};
use super::write::{INPUT, OUTPUT, file, node, value};
use crate::Error;

/// Integers up to here are exact in double precision.
const EXACT: f64 = (1u64 << 53) as f64;

/// The file of a model.
pub(super) fn model(model: &IntegerModel) -> Result<ModelProto, Error> {
    check(model)?;
    let classes = model.layers.last().map_or(0, |layer| layer.bias.len());
    let mut graph = GraphProto {
        name: "veriregime".into(),
        input: vec![value(INPUT, model.input.len, DOUBLE)],
        output: vec![value(OUTPUT, classes, DOUBLE)],
        ..GraphProto::default()
    };
    let mut from = INPUT.to_owned();
    for (index, layer) in model.layers.iter().enumerate() {
        let last = index + 1 == model.layers.len();
        let to = if last {
            OUTPUT.to_owned()
        } else {
            format!("sums{index}")
        };
        dense(&mut graph, layer, index, &from, &to);
        if !last {
            let quotients = rescale(&mut graph, layer.shift, index, &to);
            from = activation(&mut graph, &layer.activation, index, &quotients)?;
        }
    }
    Ok(file(graph, Vec::new()))
}

/// Appends `from x weights + bias`. Not as Gemm, whose two factors some runtimes hold in single precision.
fn dense(graph: &mut GraphProto, layer: &Layer, index: usize, from: &str, to: &str) {
    let (weights, bias) = (format!("weights{index}"), format!("bias{index}"));
    let (products, outputs) = (format!("products{index}"), layer.bias.len());
    let inputs = layer.weights.first().map_or(0, Vec::len);
    let columns = (0..inputs).flat_map(|input| {
        let column = layer.weights.iter().filter_map(move |row| row.get(input));
        column.map(|&weight| f64::from(weight))
    });
    graph.initializer.extend([
        tensor(&weights, &[inputs, outputs], columns),
        // Checked: below 2^53.
        tensor(&bias, &[1, outputs], layer.bias.iter().map(|&b| b as f64)),
    ]);
    graph
        .node
        .push(node("MatMul", &[from, &weights], &products));
    graph.node.push(node("Add", &[&products, &bias], to));
}

/// Appends `floor(sums / 2^shift)`; returns its name.
fn rescale(graph: &mut GraphProto, shift: u32, index: usize, sums: &str) -> String {
    let (unit, scaled) = (format!("unit{index}"), format!("scaled{index}"));
    let quotients = format!("quotients{index}");
    let factor = 0.5f64.powi(shift as i32);
    graph.initializer.push(tensor(&unit, &[1, 1], [factor]));
    graph.node.push(node("Mul", &[sums, &unit], &scaled));
    graph.node.push(node("Floor", &[&scaled], &quotients));
    quotients
}

/// Appends an activation, a polynomial by Horner's scheme; returns its name.
fn activation(
    graph: &mut GraphProto,
    function: &Activation,
    index: usize,
    x: &str,
) -> Result<String, OnnxError> {
    let coefficients = match function {
        Activation::Polynomial(coefficients) => coefficients,
        Activation::Named(Named::Relu) => {
            let to = format!("hidden{index}");
            graph.node.push(node("Relu", &[x], &to));
            return Ok(to);
        }
        Activation::Named(Named::Table(table)) => {
            return Err(OnnxError::Layer {
                layer: index,
                problem: format!(
                    "the table {:?} has no ONNX form: export a network with polynomials or Relu",
                    table.name
                ),
            });
        }
    };
    let mut value: Option<String> = None;
    for (power, &coefficient) in coefficients.iter().enumerate().rev() {
        let mut append = |operator: &str, inputs: &[&str], name: &str| {
            let to = format!("{name}{index}_{power}");
            graph.node.push(node(operator, inputs, &to));
            to
        };
        let product = value.map(|value| append("Mul", &[&value, x], "product"));
        let constant = format!("coefficient{index}_{power}");
        value = Some(match product {
            Some(product) if coefficient == 0 => product,
            Some(product) => {
                let sum = append("Add", &[&product, &constant], "sum");
                graph
                    .initializer
                    .push(tensor(&constant, &[1, 1], [coefficient as f64]));
                sum
            }
            // The leading coefficient: made as wide as x by the next product.
            None => {
                graph
                    .initializer
                    .push(tensor(&constant, &[1, 1], [coefficient as f64]));
                constant
            }
        });
    }
    Ok(value.unwrap_or_else(|| x.to_owned()))
}

fn tensor(name: &str, dims: &[usize], values: impl IntoIterator<Item = f64>) -> TensorProto {
    TensorProto {
        dims: dims.iter().map(|&d| d as i64).collect(),
        data_type: DOUBLE,
        name: name.to_owned(),
        raw_data: values.into_iter().flat_map(f64::to_le_bytes).collect(),
        ..TensorProto::default()
    }
}

/// Refuses a model one of whose values, partial sums and Horner steps included, could reach 2^53.
fn check(model: &IntegerModel) -> Result<(), Error> {
    let bounds = Bounds::of(model)?;
    let size = |interval: &Interval| {
        let ends = interval
            .low
            .unsigned_abs()
            .max(interval.high.unsigned_abs());
        ends as f64
    };
    let mut inputs = vec![size(&bounds.input); model.input.len];
    for (index, layer) in model.layers.iter().enumerate() {
        let sums = layer.weights.iter().zip(&layer.bias).map(|(row, &bias)| {
            let products = row.iter().zip(&inputs);
            let products = products.map(|(&w, x)| f64::from(w.unsigned_abs()) * x);
            bias.unsigned_abs() as f64 + products.sum::<f64>()
        });
        let mut largest = sums.fold(0.0, f64::max);
        let quotients = bounds.quotients.get(index).into_iter().flatten();
        if let Activation::Polynomial(coefficients) = &layer.activation {
            for x in quotients.map(|interval| size(interval).max(1.0)) {
                let steps = coefficients.iter().rev();
                let horner = steps.fold(0.0, |sum, c| sum * x + c.unsigned_abs() as f64);
                largest = largest.max(horner);
            }
        }
        if largest >= EXACT {
            return Err(OnnxError::Layer {
                layer: index,
                problem: format!(
                    "values up to {largest:.0}, want less than 2^53, what double precision holds exactly: use \
                     smaller weights or a larger shift"
                ),
            }
            .into());
        }
        inputs = bounds
            .hidden
            .get(index)
            .map_or_else(Vec::new, |hidden| hidden.iter().map(size).collect());
    }
    Ok(())
}
