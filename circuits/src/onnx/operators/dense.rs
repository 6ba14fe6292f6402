//! Products with constant matrices.

use super::{
    super::{
        attributes::refused,
        call::Call,
        graph::{Linear, Operation, Term},
        reader::Reader,
        refusal::{Refusal, refuse},
        tensor::Tensor,
        value::{Activation, Constant, Value},
        view::{gather, size},
    },
    Results,
};
use crate::network::Dims;

/// A constant matrix as [outputs][inputs].
pub(super) struct Matrix {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) weights: Vec<f64>,
    pub(super) step: Option<f64>,
}

impl Matrix {
    /// The matrix of a constant, whose outputs are its rows or its columns.
    fn of(constant: &Constant, rows: bool) -> Result<Self, Refusal> {
        let dims = &constant.tensor.dims;
        let leading = dims.iter().rev().skip(2);
        let (height, width) = match dims.as_slice() {
            [.., height, width] if leading.copied().all(|d| d == 1) => (*height, *width),
            &[height] if !rows => (height, 1),
            _ => return refuse(format!("weights of shape {dims:?}"), "want a matrix"),
        };
        if height == 0 || width == 0 {
            return refuse(
                format!("weights of shape {dims:?}"),
                "want at least one value",
            );
        }
        let values = &constant.tensor.values;
        let step = constant.step;
        Ok(if rows {
            Self {
                outputs: height,
                inputs: width,
                weights: values.clone(),
                step,
            }
        } else {
            let weights = (0..width).flat_map(|o| (0..height).map(move |i| values[i * width + o]));
            Self {
                outputs: width,
                inputs: height,
                weights: weights.collect(),
                step,
            }
        })
    }
}

/// Gemm: alpha A B + beta C.
pub(super) fn gemm(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = call.activation(0)?;
    call.attributes
        .only("transA", 0, "transpose the activation before")?;
    call.numbers(1)?;
    let mut matrix = Matrix::of(call.stepped(1)?, call.attributes.int("transB", 0) != 0)?;
    let (alpha, beta) = (
        call.attributes.float("alpha", 1.0),
        call.attributes.float("beta", 1.0),
    );
    for (name, factor) in [("alpha", alpha), ("beta", beta)] {
        if !factor.is_finite() {
            return Err(refused(name, &factor, "want a finite number"));
        }
    }
    if alpha != 1.0 {
        matrix
            .weights
            .iter_mut()
            .for_each(|weight| *weight *= alpha);
        matrix.step = None;
    }
    let bias = match call.optional(2) {
        None => vec![0.0; matrix.outputs],
        Some(_) => row(call.numbers(2)?, matrix.outputs)?
            .iter()
            .map(|c| c * beta)
            .collect(),
    };
    let result = product(reader, &call.name(), x, matrix, bias)?;
    Ok(vec![Value::Activation(result)])
}

/// One value for each output.
fn row(tensor: &Tensor, outputs: usize) -> Result<Vec<f64>, Refusal> {
    let leading = tensor.dims.iter().rev().skip(1);
    match tensor.values.as_slice() {
        [value] => Ok(vec![*value; outputs]),
        values if values.len() == outputs && leading.copied().all(|d| d == 1) => {
            Ok(values.to_vec())
        }
        _ => refuse(
            format!("input C of shape {:?} for {outputs} outputs", tensor.dims),
            "want one bias per output",
        ),
    }
}

/// MatMul with a constant on either side.
pub(super) fn matmul(reader: &mut Reader, call: &Call<'_>) -> Results {
    let result = match (call.value(0)?, call.value(1)?) {
        (Value::Activation(_), Value::Constant(weights)) => {
            call.numbers(1)?;
            times(reader, &call.name(), call.activation(0)?, weights)?
        }
        (Value::Constant(weights), Value::Activation(_)) => {
            call.numbers(0)?;
            columns(
                reader,
                call,
                Matrix::of(weights, true)?,
                call.activation(1)?,
            )?
        }
        (Value::Activation(_), Value::Activation(_)) => {
            return refuse(
                "both factors depend on the input",
                "want constant weights: attention is not supported",
            );
        }
        _ => return refuse("a factor is no activation", "fold constants before export"),
    };
    Ok(vec![Value::Activation(result)])
}

/// Every row of an activation times a constant matrix, without bias.
pub(super) fn times(
    reader: &mut Reader,
    name: &str,
    x: &Activation,
    weights: &Constant,
) -> Result<Activation, Refusal> {
    let matrix = Matrix::of(weights, false)?;
    let bias = vec![0.0; matrix.outputs];
    product(reader, name, x, matrix, bias)
}

/// Every row of an activation times a matrix.
pub(super) fn product(
    reader: &mut Reader,
    name: &str,
    x: &Activation,
    mut matrix: Matrix,
    bias: Vec<f64>,
) -> Result<Activation, Refusal> {
    let Some((&last, leading)) = x.shape.split_last() else {
        return refuse("a scalar", "want a row of values");
    };
    if last != matrix.inputs {
        return refuse(
            format!(
                "weights for {} inputs on a value of shape {:?}",
                matrix.inputs, x.shape
            ),
            "want as many as the value has columns",
        );
    }
    let rows: usize = leading.iter().product();
    let mut shape = leading.to_vec();
    shape.push(matrix.outputs);
    size(&shape)?;
    let mut x = reader.whole(x, name);
    if rows == 1 {
        // Weights in the order of the values, instead of values in the order of the weights.
        if let Some((source, index)) = reader.reordered(x.tensor) {
            let inputs = matrix.inputs;
            let mut weights = vec![0.0; matrix.weights.len()];
            for (at, &weight) in matrix.weights.iter().enumerate() {
                weights[at / inputs * inputs + index[at % inputs] as usize] = weight;
            }
            matrix.weights = weights;
            x.tensor = source;
        }
        let (tensor, _) = dense(reader, name, x.tensor, matrix, bias, 1);
        return Ok(Activation::plain(tensor, shape));
    }
    let turned = turn(reader, name, &x, rows, last);
    let (tensor, outputs) = dense(reader, name, turned.tensor, matrix, bias, rows);
    let result = Activation::plain(tensor, vec![1, outputs, rows]);
    Ok(turn(reader, name, &result, outputs, rows).shaped(shape))
}

/// A matrix times every column of an activation.
fn columns(
    reader: &mut Reader,
    call: &Call<'_>,
    matrix: Matrix,
    x: &Activation,
) -> Result<Activation, Refusal> {
    let (rows, columns, leading) = match x.shape.as_slice() {
        [leading @ .., rows, columns] if leading.iter().all(|&d| d == 1) => {
            (*rows, *columns, leading)
        }
        _ => {
            return refuse(
                format!("a right factor of shape {:?}", x.shape),
                "want a matrix, a batch of 1",
            );
        }
    };
    if rows != matrix.inputs {
        return refuse(
            format!("weights for {} inputs on {rows} rows", matrix.inputs),
            "want as many",
        );
    }
    let mut shape = leading.to_vec();
    shape.extend([matrix.outputs, columns]);
    size(&shape)?;
    let x = reader.whole(x, &call.name());
    let bias = vec![0.0; matrix.outputs];
    let (tensor, _) = dense(reader, &call.name(), x.tensor, matrix, bias, columns);
    Ok(Activation::plain(tensor, shape))
}

/// Rows and columns exchanged.
fn turn(
    reader: &mut Reader,
    name: &str,
    x: &Activation,
    rows: usize,
    columns: usize,
) -> Activation {
    let index = gather(&[columns, rows], 0, &[1, columns as i64]);
    reader.pick(x, vec![1, columns, rows], index, name)
}

/// A dense layer at every position.
fn dense(
    reader: &mut Reader,
    name: &str,
    input: usize,
    matrix: Matrix,
    bias: Vec<f64>,
    positions: usize,
) -> (usize, usize) {
    let view = Dims(matrix.inputs, 1, positions);
    let term = Term {
        pin: matrix.step,
        ..Term::pointwise(input, view, matrix.outputs, 1, matrix.weights)
    };
    let operation = Operation::Linear(Linear::new(term, bias));
    let dims = Dims(matrix.outputs, 1, positions);
    (reader.push(name, operation, dims), matrix.outputs)
}
