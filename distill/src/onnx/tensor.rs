//! Constant tensors of an ONNX file.

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
        if !message.external_data.is_empty() {
            return refuse("its values are in another file, want them inside: save the model without external data".into());
        }
        if message.data_type != FLOAT {
            return refuse(format!(
                "data type {}, want {FLOAT} (float): export the model in single precision",
                message.data_type
            ));
        }
        let dims: Option<Vec<usize>> = message
            .dims
            .iter()
            .map(|&d| usize::try_from(d).ok())
            .collect();
        let count = dims
            .iter()
            .flatten()
            .try_fold(1usize, |count, &d| count.checked_mul(d));
        let (Some(dims), Some(count)) = (dims, count) else {
            return refuse(format!("impossible shape {:?}", message.dims));
        };
        let values: Vec<f32> = if message.raw_data.is_empty() {
            message.float_data.clone()
        } else {
            let (words, rest) = message.raw_data.as_chunks::<4>();
            if !rest.is_empty() {
                return refuse(format!(
                    "{} bytes are no whole floats",
                    message.raw_data.len()
                ));
            }
            words.iter().map(|&word| f32::from_le_bytes(word)).collect()
        };
        if values.len() != count {
            return refuse(format!(
                "{} values for shape {dims:?}, want {count}",
                values.len()
            ));
        }
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
