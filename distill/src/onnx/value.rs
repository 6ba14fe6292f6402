//! What a name in the graph stands for, and the arithmetic of activations.

use veriregime_circuits::model::MAX_DEGREE;

use super::network::FloatActivation;
use super::refusal::{Refusal, refuse};
use super::tensor::Tensor;

const POLYNOMIAL: &str =
    "Mul and Add may only build a polynomial with scalar coefficients of one layer's sums";
const DEGREE: &str = "use a polynomial of the third degree or lower";

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// The network's input.
    Input,
    /// Known numbers.
    Constant(Tensor),
    /// A function of the sums of one dense layer.
    Function {
        /// Index of the layer.
        layer: usize,
        /// The function.
        function: FloatActivation,
    },
}

impl Value {
    /// Layer and coefficients of a polynomial.
    fn polynomial(&self) -> Result<(usize, &[f64]), Refusal> {
        match self {
            Self::Function {
                layer,
                function: FloatActivation::Polynomial(coefficients),
            } => Ok((*layer, coefficients)),
            Self::Function { .. } => refuse("an operand is a Relu", POLYNOMIAL),
            Self::Input => refuse(
                "an operand is the network's input",
                "fold factors and offsets of the input into the first layer",
            ),
            Self::Constant(_) => {
                refuse("both operands are constant", "fold constants before export")
            }
        }
    }

    fn of(layer: usize, mut coefficients: Vec<f64>) -> Result<Self, Refusal> {
        while coefficients.last() == Some(&0.0) {
            coefficients.pop();
        }
        match coefficients.len() {
            0 | 1 => refuse("the polynomial is constant", POLYNOMIAL),
            n if n > MAX_DEGREE + 1 => refuse(format!("a polynomial of degree {}", n - 1), DEGREE),
            _ => Ok(Self::Function {
                layer,
                function: FloatActivation::Polynomial(coefficients),
            }),
        }
    }

    /// Both polynomials, if they are of the same layer.
    fn pair<'a>(&'a self, other: &'a Self) -> Result<(usize, &'a [f64], &'a [f64]), Refusal> {
        let ((layer, a), (other, b)) = (self.polynomial()?, other.polynomial()?);
        if layer != other {
            return refuse("the operands come from different layers", POLYNOMIAL);
        }
        Ok((layer, a, b))
    }

    /// Sum of two polynomials.
    pub(super) fn plus(&self, other: &Self) -> Result<Self, Refusal> {
        let (layer, a, b) = self.pair(other)?;
        let at = |c: &[f64], k: usize| c.get(k).copied().unwrap_or(0.0);
        let sum = (0..a.len().max(b.len())).map(|k| at(a, k) + at(b, k));
        Self::of(layer, sum.collect())
    }

    /// Product of two polynomials.
    pub(super) fn times(&self, other: &Self) -> Result<Self, Refusal> {
        let (layer, a, b) = self.pair(other)?;
        let mut product = vec![0.0; a.len() + b.len() - 1];
        for (i, x) in a.iter().enumerate() {
            for (sum, y) in product.iter_mut().skip(i).zip(b) {
                *sum += x * y;
            }
        }
        Self::of(layer, product)
    }

    /// A polynomial and a scalar.
    pub(super) fn plus_constant(&self, constant: &Tensor) -> Result<Self, Refusal> {
        let (layer, a) = self.polynomial()?;
        let mut sum = a.to_vec();
        if let Some(first) = sum.first_mut() {
            *first += scalar(constant)?;
        }
        Self::of(layer, sum)
    }

    /// A polynomial times a scalar.
    pub(super) fn times_constant(&self, constant: &Tensor) -> Result<Self, Refusal> {
        let (layer, a) = self.polynomial()?;
        let factor = scalar(constant)?;
        Self::of(layer, a.iter().map(|c| c * factor).collect())
    }

    /// Relu of a layer's sums.
    pub(super) fn relu(&self) -> Result<Self, Refusal> {
        let (layer, function) = self.polynomial()?;
        if function != [0.0, 1.0] {
            return refuse("Relu of another activation", "put a layer between the two");
        }
        Ok(Self::Function {
            layer,
            function: FloatActivation::Relu,
        })
    }
}

fn scalar(constant: &Tensor) -> Result<f64, Refusal> {
    constant.scalar().map_or_else(
        || {
            refuse(
                format!("a constant of shape {:?}", constant.dims),
                POLYNOMIAL,
            )
        },
        Ok,
    )
}
