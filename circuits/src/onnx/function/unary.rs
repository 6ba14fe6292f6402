//! Functions with a name.

use crate::onnx::math;

/// Functions with a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::onnx) enum Unary {
    Negative,
    Absolute,
    Relu,
    LeakyRelu(f64),
    Elu(f64),
    /// Scale, alpha.
    Selu(f64, f64),
    Clip(f64, f64),
    Sigmoid,
    HardSigmoid(f64, f64),
    Tanh,
    Erf,
    Softplus,
    Softsign,
    Exp,
    Log,
    Sqrt,
    Reciprocal,
    /// A whole exponent of at least 2.
    Power(u32),
}

impl Unary {
    /// Its value.
    pub(in crate::onnx) fn at(self, x: f64) -> f64 {
        match self {
            Self::Negative => -x,
            Self::Absolute => x.abs(),
            Self::Relu => x.max(0.0),
            Self::LeakyRelu(slope) => {
                if x < 0.0 {
                    slope * x
                } else {
                    x
                }
            }
            Self::Elu(alpha) => {
                if x < 0.0 {
                    alpha * (math::exp(x) - 1.0)
                } else {
                    x
                }
            }
            Self::Selu(scale, alpha) => scale * Self::Elu(alpha).at(x),
            Self::Clip(low, high) => x.max(low).min(high),
            Self::Sigmoid => math::sigmoid(x),
            Self::HardSigmoid(alpha, beta) => (alpha * x + beta).clamp(0.0, 1.0),
            Self::Tanh => math::tanh(x),
            Self::Erf => math::erf(x),
            Self::Softplus => math::softplus(x),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Exp => math::exp(x),
            Self::Log => math::ln(x),
            Self::Sqrt => x.sqrt(),
            Self::Reciprocal => 1.0 / x,
            Self::Power(exponent) => (0..exponent).fold(1.0, |power, _| power * x),
        }
    }

    pub(super) fn is_monotone(self) -> bool {
        match self {
            Self::Negative | Self::Absolute | Self::Reciprocal => false,
            Self::LeakyRelu(slope) => slope >= 0.0,
            Self::Elu(alpha) | Self::HardSigmoid(alpha, _) => alpha >= 0.0,
            Self::Selu(scale, alpha) => scale >= 0.0 && alpha >= 0.0,
            Self::Power(exponent) => exponent % 2 == 1,
            _ => true,
        }
    }

    /// An interval that holds its values for arguments of an interval.
    pub(super) fn range(self, (low, high): (f64, f64)) -> (f64, f64) {
        if self.is_monotone() {
            return (self.at(low), self.at(high));
        }
        match self {
            Self::Negative => (-high, -low),
            Self::Absolute | Self::Power(_) => {
                let (a, b) = (self.at(low), self.at(high));
                let least = if low <= 0.0 && high >= 0.0 {
                    0.0
                } else {
                    a.min(b)
                };
                (least, a.max(b))
            }
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }
}
