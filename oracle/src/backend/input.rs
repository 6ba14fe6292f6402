//! What a network is run on.

use serde::{Deserialize, Serialize};
use veriregime_circuits::Error;

/// One input: integers for our networks, any numbers for an ONNX file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// As an integer network takes it.
    Integers(Vec<i64>),
    /// As a float network takes it.
    Numbers(Vec<f64>),
}

impl Input {
    /// The integers.
    ///
    /// # Errors
    /// [`Error::Input`] for a value that is none.
    pub fn integers(&self) -> Result<&[i64], Error> {
        match self {
            Self::Integers(values) => Ok(values),
            Self::Numbers(values) => {
                let odd = values.iter().find(|value| value.fract() != 0.0);
                Err(Error::Input(format!(
                    "{} is no integer: an integer network takes integers only",
                    odd.or(values.first()).copied().unwrap_or_default()
                )))
            }
        }
    }

    /// As floats.
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Self::Integers(values) => values.iter().map(|&value| value as f64).collect(),
            Self::Numbers(values) => values.clone(),
        }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(values) => values.len(),
            Self::Numbers(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_refuses_fractions() {
        let read = |text: &str| serde_json::from_str::<Input>(text).unwrap();
        assert_eq!(read("[1, -2]").integers().unwrap(), [1, -2]);
        let error = read("[1, 2.5]").integers().unwrap_err();
        assert!(error.to_string().contains("2.5 is no integer"), "{error}");
        assert_eq!(read("[1, 2.5]").numbers(), [1.0, 2.5]);
    }
}
