//! Inputs for calibration.

use std::{fs, path::Path};

use serde_json::Value;

use super::error::Error;

/// Inputs for calibration: lists of numbers, row-major.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples(Vec<Vec<f64>>);

impl Samples {
    /// Inputs that are in memory.
    pub fn new(inputs: Vec<Vec<f64>>) -> Self {
        Self(inputs)
    }

    /// Reads a file: `[[..], ..]`, or `{"input_data": [[..], ..]}` as EZKL has it; numbers may be nested by dimension.
    ///
    /// # Errors
    /// [`Error::Network`] if the file cannot be read, [`Error::Calibration`] if it holds something else.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| crate::Error::Io {
            action: "cannot read calibration data",
            path: path.to_path_buf(),
            source,
        })?;
        Self::parse(&bytes)
    }

    /// The inputs of a JSON text.
    ///
    /// # Errors
    /// [`Error::Calibration`] saying what is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |problem: String| Error::Calibration(problem);
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| wrong(format!("not JSON: {error}")))?;
        let list = match &value {
            Value::Object(fields) => fields
                .get("input_data")
                .ok_or_else(|| wrong("no field input_data".into()))?,
            list => list,
        };
        let Value::Array(inputs) = list else {
            return Err(wrong("want a list of inputs".into()));
        };
        if inputs.iter().all(Value::is_number) {
            return Ok(Self(vec![flat(list)?]));
        }
        Ok(Self(inputs.iter().map(flat).collect::<Result<_, _>>()?))
    }

    /// Inputs of a length: longer lists are cut into several.
    pub(super) fn of_length(&self, length: usize) -> Result<Vec<&[f64]>, Error> {
        let mut inputs = Vec::new();
        for (index, list) in self.0.iter().enumerate() {
            if list.is_empty() || list.len() % length != 0 {
                return Err(Error::Calibration(format!(
                    "input {index} has {} values, want {length}, or a multiple for several inputs",
                    list.len()
                )));
            }
            inputs.extend(list.chunks(length));
        }
        if inputs.is_empty() {
            return Err(Error::Calibration(
                "there are no inputs, want at least one, better a hundred".into(),
            ));
        }
        Ok(inputs)
    }
}

/// The numbers of a value, whatever their nesting.
fn flat(value: &Value) -> Result<Vec<f64>, Error> {
    let mut numbers = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(values) => open.extend(values.iter().rev()),
            Value::Number(number) => numbers.push(
                number
                    .as_f64()
                    .filter(|n| n.is_finite())
                    .ok_or_else(|| Error::Calibration(format!("{number} is no finite number")))?,
            ),
            other => return Err(Error::Calibration(format!("{other} is no number"))),
        }
    }
    Ok(numbers)
}
