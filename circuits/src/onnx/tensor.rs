//! Constant tensors of an ONNX file.

use super::proto::{DOUBLE, FLOAT, TensorProto};

/// `TensorProto.DataType.UINT8`.
pub const UINT8: i32 = 2;
/// `TensorProto.DataType.INT8`.
pub const INT8: i32 = 3;
/// `TensorProto.DataType.UINT16`.
pub const UINT16: i32 = 4;
/// `TensorProto.DataType.INT16`.
pub const INT16: i32 = 5;
/// `TensorProto.DataType.INT32`.
pub const INT32: i32 = 6;
/// `TensorProto.DataType.INT64`.
pub const INT64: i32 = 7;
/// `TensorProto.DataType.STRING`.
pub const STRING: i32 = 8;
/// `TensorProto.DataType.BOOL`.
pub const BOOL: i32 = 9;

/// Most values of a constant.
pub const MAX_CONSTANT: usize = 1 << 24;

/// A constant, whatever its element type, in double precision: exact for floats and for integers up to 53 bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Shape; empty for a scalar.
    pub dims: Vec<usize>,
    /// Row-major.
    pub values: Vec<f64>,
    /// `TensorProto.DataType` of the file.
    pub data_type: i32,
}

/// Number of values of a shape; `None` beyond [`MAX_CONSTANT`].
pub fn count(dims: &[usize]) -> Option<usize> {
    let product = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
    (product <= MAX_CONSTANT).then_some(product)
}

impl Tensor {
    /// A tensor of integers.
    pub fn integers(values: impl IntoIterator<Item = i64>) -> Self {
        let values: Vec<f64> = values.into_iter().map(|v| v as f64).collect();
        Self {
            dims: vec![values.len()],
            values,
            data_type: INT64,
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong and what would be right.
    pub fn read(message: &TensorProto) -> Result<Self, String> {
        if !message.external_data.is_empty() {
            return Err("its values are in another file, want them inside: save the model without external data".into());
        }
        let dims: Option<Vec<usize>> = message
            .dims
            .iter()
            .map(|&d| usize::try_from(d).ok())
            .collect();
        let Some((dims, count)) = dims.and_then(|dims| {
            let count = count(&dims)?;
            Some((dims, count))
        }) else {
            return Err(format!(
                "impossible shape {:?}, want at most {MAX_CONSTANT} values",
                message.dims
            ));
        };
        let raw = message.raw_data.as_slice();
        let values: Vec<f64> = match message.data_type {
            FLOAT if raw.is_empty() => message.float_data.iter().map(|&v| v.into()).collect(),
            FLOAT => words(raw, |word| f32::from_le_bytes(word).into())?,
            DOUBLE if raw.is_empty() => message.double_data.clone(),
            DOUBLE => words(raw, f64::from_le_bytes)?,
            INT64 if raw.is_empty() => message.int64_data.iter().map(|&v| v as f64).collect(),
            INT64 => words(raw, |word| i64::from_le_bytes(word) as f64)?,
            UINT8 | INT8 | UINT16 | INT16 | INT32 | BOOL if raw.is_empty() => {
                message.int32_data.iter().map(|&v| v.into()).collect()
            }
            INT32 => words(raw, |word| i32::from_le_bytes(word).into())?,
            UINT16 => words(raw, |word| u16::from_le_bytes(word).into())?,
            INT16 => words(raw, |word| i16::from_le_bytes(word).into())?,
            UINT8 | BOOL => raw.iter().map(|&v| v.into()).collect(),
            INT8 => words(raw, |word| i8::from_le_bytes(word).into())?,
            other => {
                return Err(format!(
                    "data type {other}, want 1 (float), 11 (double) or integers of 8 to 64 bits: export the model in single precision"
                ));
            }
        };
        if values.len() != count {
            return Err(format!(
                "{} values for shape {dims:?}, want {count}",
                values.len()
            ));
        }
        Ok(Self {
            dims,
            values,
            data_type: message.data_type,
        })
    }

    /// Whether its elements are whole numbers.
    pub fn is_integer(&self) -> bool {
        !matches!(self.data_type, FLOAT | DOUBLE)
    }

    /// Its only value.
    pub fn scalar(&self) -> Option<f64> {
        match self.values.as_slice() {
            [value] => Some(*value),
            _ => None,
        }
    }

    /// Its values as integers; those beyond 64 bits saturate, as exporters mean them.
    pub fn to_integers(&self) -> Vec<i64> {
        self.values.iter().map(|&v| v as i64).collect()
    }

    /// Whether every value is finite.
    pub fn is_finite(&self) -> bool {
        self.values.iter().all(|v| v.is_finite())
    }
}

/// Little-endian words of N bytes.
fn words<const N: usize>(raw: &[u8], read: impl Fn([u8; N]) -> f64) -> Result<Vec<f64>, String> {
    let (words, rest) = raw.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(format!("{} bytes are no whole values of {N}", raw.len()));
    }
    Ok(words.iter().map(|&word| read(word)).collect())
}
