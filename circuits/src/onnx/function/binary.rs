//! Combinations of two functions.

/// Combinations of two functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::onnx) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Minimum,
    Maximum,
}
impl Binary {
    /// Its value.
    pub(in crate::onnx) fn at(self, x: f64, y: f64) -> f64 {
        match self {
            Self::Add => x + y,
            Self::Subtract => x - y,
            Self::Multiply => x * y,
            Self::Divide => x / y,
            Self::Minimum => x.min(y),
            Self::Maximum => x.max(y),
        }
    }
}
