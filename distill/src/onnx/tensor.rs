//! Constant tensors of an ONNX file.

use veriregime_circuits::onnx::tensor;

use super::error::OnnxError;
use super::proto::{FLOAT, TensorProto};

/// A constant in single precision.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub dims: Vec<usize>,
    /// Row-major.
    pub values: Vec<f32>,
}

impl Tensor {
    /// The message of a tensor; `dims` are those of `values`.
    pub(super) fn message(name: &str, dims: &[usize], values: &[f32]) -> TensorProto {
        TensorProto {
            dims: dims.iter().map(|&d| d as i64).collect(),
            data_type: FLOAT,
            name: name.to_owned(),
            raw_data: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ..TensorProto::default()
        }
    }

    /// Reads a message.
    pub(super) fn read(message: &TensorProto) -> Result<Self, OnnxError> {
        let refuse = |problem: String| {
            Err(OnnxError::Tensor {
                name: message.name.clone(),
                problem,
            })
        };
        if message.data_type != FLOAT {
            return refuse(format!(
                "data type {}, want {FLOAT} (float): export the model in single precision",
                message.data_type
            ));
        }
        let tensor = match tensor::Tensor::read(message) {
            Ok(tensor) => tensor,
            Err(problem) => return refuse(problem),
        };
        // Single precision in the file.
        let values: Vec<f32> = tensor.values.iter().map(|&v| v as f32).collect();
        let dims = tensor.dims;
        if let Some(value) = values.iter().find(|v| !v.is_finite()) {
            return refuse(format!("holds {value}, want finite values"));
        }
        Ok(Self { dims, values })
    }

    /// Its only value.
    pub(super) fn scalar(&self) -> Option<f64> {
        match self.values.as_slice() {
            [value] => Some(f64::from(*value)),
            _ => None,
        }
    }

    /// Its values if it is a row of `width`.
    pub(super) fn row(&self, width: usize) -> Option<&[f32]> {
        let is_row = match self.dims.as_slice() {
            [n] | [1, n] => *n == width,
            _ => false,
        };
        is_row.then_some(&self.values)
    }

    /// Its rows, or its columns, if it is a matrix.
    pub(super) fn matrix(&self, columns: bool) -> Option<Vec<Vec<f32>>> {
        let &[height, width] = self.dims.as_slice() else {
            return None;
        };
        if height == 0 || width == 0 {
            return None;
        }
        let rows = self.values.chunks_exact(width);
        if columns {
            let column = |c: usize| rows.clone().filter_map(|row| row.get(c).copied()).collect();
            return Some((0..width).map(column).collect());
        }
        Some(rows.map(<[f32]>::to_vec).collect())
    }
}
