//! Functions of one value: what stands between two tensors when every value is treated alike.

mod binary;
mod display;
mod unary;

use std::sync::Arc;

pub(super) use binary::Binary;
pub(super) use unary::Unary;

/// Most operations of a function; longer ones begin with a table of their own.
const MAX_SIZE: usize = 64;

/// A function of x.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Function {
    /// x itself.
    X,
    /// The same for every x.
    Constant(f64),
    /// A function of a function.
    Unary(Unary, Arc<Function>),
    /// Two functions combined.
    Binary(Binary, Arc<Function>, Arc<Function>),
}

impl Function {
    /// A named function of this one.
    pub(super) fn then(&self, unary: Unary) -> Self {
        Self::Unary(unary, Arc::new(self.clone())).simplified()
    }

    /// Two functions of the same x combined.
    pub(super) fn with(&self, binary: Binary, other: &Self) -> Self {
        Self::Binary(binary, Arc::new(self.clone()), Arc::new(other.clone())).simplified()
    }

    /// Whether it is x itself.
    pub(super) fn is_identity(&self) -> bool {
        *self == Self::X
    }

    /// Whether it has become so long that it should be tabulated before more is added.
    pub(super) fn is_long(&self) -> bool {
        self.size() > MAX_SIZE
    }

    fn size(&self) -> usize {
        match self {
            Self::X | Self::Constant(_) => 1,
            Self::Unary(_, f) => f.size().saturating_add(1),
            Self::Binary(_, f, g) => f.size().saturating_add(g.size()).saturating_add(1),
        }
    }

    /// Affine functions in one form, constants computed.
    fn simplified(self) -> Self {
        match self.affine() {
            Some((0.0, offset)) => Self::Constant(offset),
            Some((1.0, 0.0)) => Self::X,
            Some((factor, 0.0)) => Self::product(factor),
            Some((factor, offset)) => {
                let inner = if factor == 1.0 {
                    Self::X
                } else {
                    Self::product(factor)
                };
                Self::Binary(
                    Binary::Add,
                    Arc::new(inner),
                    Arc::new(Self::Constant(offset)),
                )
            }
            None => self,
        }
    }

    fn product(factor: f64) -> Self {
        Self::Binary(
            Binary::Multiply,
            Arc::new(Self::Constant(factor)),
            Arc::new(Self::X),
        )
    }

    /// (a, b) if it is a x + b.
    pub(super) fn affine(&self) -> Option<(f64, f64)> {
        match self {
            Self::X => Some((1.0, 0.0)),
            Self::Constant(c) => Some((0.0, *c)),
            Self::Unary(Unary::Negative, f) => f.affine().map(|(a, b)| (-a, -b)),
            Self::Unary(unary, f) => match f.affine()? {
                (0.0, c) => Some((0.0, unary.at(c))),
                _ => None,
            },
            Self::Binary(binary, f, g) => {
                let ((a, b), (c, d)) = (f.affine()?, g.affine()?);
                match binary {
                    Binary::Add => Some((a + c, b + d)),
                    Binary::Subtract => Some((a - c, b - d)),
                    Binary::Multiply if a == 0.0 => Some((b * c, b * d)),
                    Binary::Multiply if c == 0.0 => Some((a * d, b * d)),
                    Binary::Divide if c == 0.0 => Some((a / d, b / d)),
                    _ if a == 0.0 && c == 0.0 => Some((0.0, binary.at(b, d))),
                    _ => None,
                }
            }
        }
    }

    /// Its value.
    pub(super) fn at(&self, x: f64) -> f64 {
        match self {
            Self::X => x,
            Self::Constant(c) => *c,
            Self::Unary(unary, f) => unary.at(f.at(x)),
            Self::Binary(binary, f, g) => binary.at(f.at(x), g.at(x)),
        }
    }

    /// Whether f(c x) = c f(x) for every c >= 0: its table does not depend on the scale.
    pub(super) fn is_homogeneous(&self) -> bool {
        match self {
            Self::X => true,
            Self::Constant(c) => *c == 0.0,
            Self::Unary(
                Unary::Negative | Unary::Absolute | Unary::Relu | Unary::LeakyRelu(_),
                f,
            ) => f.is_homogeneous(),
            Self::Unary(..) => false,
            Self::Binary(Binary::Multiply, f, g) => {
                let constant = |f: &Self| matches!(f, Self::Constant(_));
                (constant(f) && g.is_homogeneous()) || (f.is_homogeneous() && constant(g))
            }
            Self::Binary(Binary::Divide, f, g) => {
                f.is_homogeneous() && matches!(**g, Self::Constant(_))
            }
            Self::Binary(_, f, g) => f.is_homogeneous() && g.is_homogeneous(),
        }
    }

    /// Whether it rounds nothing at whole steps: x, or 0 below 0.
    pub(super) fn keeps_integers(&self) -> bool {
        match self {
            Self::X => true,
            Self::Constant(c) => *c == 0.0,
            Self::Unary(Unary::Negative | Unary::Absolute | Unary::Relu, f) => f.keeps_integers(),
            Self::Binary(Binary::Minimum | Binary::Maximum, f, g) => {
                f.keeps_integers() && g.keeps_integers()
            }
            _ => false,
        }
    }

    /// An interval that holds its values, for x in `[low, high]`.
    pub(super) fn range(&self, low: f64, high: f64) -> (f64, f64) {
        let everything = (f64::NEG_INFINITY, f64::INFINITY);
        let (low, high) = match self {
            Self::X => (low, high),
            Self::Constant(c) => (*c, *c),
            Self::Unary(unary, f) => unary.range(f.range(low, high)),
            Self::Binary(Binary::Multiply, f, g) if f == g => {
                Unary::Power(2).range(f.range(low, high))
            }
            Self::Binary(binary, f, g) => {
                let ((a, b), (c, d)) = (f.range(low, high), g.range(low, high));
                match binary {
                    Binary::Add => (a + c, b + d),
                    Binary::Subtract => (a - d, b - c),
                    Binary::Minimum => (a.min(c), b.min(d)),
                    Binary::Maximum => (a.max(c), b.max(d)),
                    Binary::Divide if c <= 0.0 && d >= 0.0 => everything,
                    Binary::Multiply | Binary::Divide => {
                        let corners = [(a, c), (a, d), (b, c), (b, d)];
                        let products = corners.map(|(x, y)| match (binary, x, y) {
                            // 0 times infinity.
                            (Binary::Multiply, 0.0, _) | (Binary::Multiply, _, 0.0) => 0.0,
                            _ => binary.at(x, y),
                        });
                        let fold = |pick: fn(f64, f64) -> f64| {
                            products.into_iter().reduce(pick).unwrap_or(f64::NAN)
                        };
                        (fold(f64::min), fold(f64::max))
                    }
                }
            }
        };
        if low.is_nan() || high.is_nan() {
            everything
        } else {
            (low, high)
        }
    }

    /// Whether a larger x never has a smaller value.
    pub(super) fn is_monotone(&self) -> bool {
        match self {
            Self::X | Self::Constant(_) => true,
            Self::Unary(unary, f) => unary.is_monotone() && f.is_monotone(),
            Self::Binary(Binary::Add | Binary::Minimum | Binary::Maximum, f, g) => {
                f.is_monotone() && g.is_monotone()
            }
            Self::Binary(Binary::Multiply, f, g) => match (&**f, &**g) {
                (Self::Constant(c), f) | (f, Self::Constant(c)) => *c >= 0.0 && f.is_monotone(),
                _ => false,
            },
            Self::Binary(..) => false,
        }
    }
}
