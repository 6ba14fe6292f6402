//! Functions as text, for reports.

use std::fmt;

use super::{Binary, Function, Unary};

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::X => write!(f, "x"),
            Self::Constant(c) => write!(f, "{c}"),
            Self::Unary(unary, inner) => match unary {
                Unary::Negative => write!(f, "-({inner})"),
                Unary::Power(exponent) => write!(f, "({inner})^{exponent}"),
                Unary::LeakyRelu(a) => write!(f, "leaky_relu({inner}, {a})"),
                Unary::Elu(a) => write!(f, "elu({inner}, {a})"),
                Unary::Selu(a, b) => write!(f, "selu({inner}, {a}, {b})"),
                Unary::HardSigmoid(a, b) => write!(f, "hard_sigmoid({inner}, {a}, {b})"),
                Unary::Clip(a, b) => write!(f, "clip({inner}, {a}, {b})"),
                named => write!(f, "{}({inner})", format!("{named:?}").to_lowercase()),
            },
            Self::Binary(binary, a, b) => match binary {
                Binary::Add => write!(f, "({a} + {b})"),
                Binary::Subtract => write!(f, "({a} - {b})"),
                Binary::Multiply => write!(f, "{a} * {b}"),
                Binary::Divide => write!(f, "{a} / ({b})"),
                Binary::Minimum => write!(f, "min({a}, {b})"),
                Binary::Maximum => write!(f, "max({a}, {b})"),
            },
        }
    }
}
