//! Activations between their float and their integer form: the one place that knows the integer format's functions.

use veriregime_circuits::model::{Activation, Named};

use super::network::FloatActivation;
use super::scales::{LayerScale, integer, power};

/// Significant bits of a leading coefficient that is not a small multiple of a power of two.
const COEFFICIENT_BITS: i32 = 8;
/// Exponents beyond this are not met in networks that fit the circuit.
const LARGEST_EXPONENT: f64 = 60.0;

/// The float function of an integer activation, which is an empty polynomial in the last layer, or why there is none.
pub(super) fn to_float(
    function: &Activation,
    scale: LayerScale,
) -> Result<FloatActivation, String> {
    match function {
        Activation::Polynomial(coefficients) if coefficients.is_empty() => {
            Ok(FloatActivation::identity())
        }
        Activation::Polynomial(coefficients) => {
            let terms = coefficients.iter().zip(0i32..);
            Ok(FloatActivation::Polynomial(
                terms
                    .map(|(&c, k)| c as f64 * power(k * scale.value - scale.output))
                    .collect(),
            ))
        }
        Activation::Named(Named::Relu) => Ok(FloatActivation::Relu),
        Activation::Named(Named::Table(table)) => Err(format!(
            "the table {:?} has no ONNX form: export a network with polynomials or Relu",
            table.name
        )),
    }
}

/// The integer activation of a float function, or why there is none.
pub(super) fn to_integer(
    function: &FloatActivation,
    scale: LayerScale,
    last: bool,
) -> Result<Activation, String> {
    match function {
        _ if last && *function == FloatActivation::identity() => Ok(Activation::default()),
        _ if last => Err(
            "the last layer has an activation, want logits: end the graph at the last Gemm or Add"
                .into(),
        ),
        FloatActivation::Relu if scale.output == scale.value => Ok(Activation::relu()),
        FloatActivation::Relu => Err(format!(
            "Relu from scale {} to {}, want the same scale before and after",
            scale.value, scale.output
        )),
        FloatActivation::Polynomial(coefficients) => coefficients
            .iter()
            .zip(0i32..)
            .map(|(c, k)| {
                integer(c * power(scale.output - k * scale.value)).ok_or_else(|| {
                    format!("activation coefficient {c} does not fit 64 bits at its scale")
                })
            })
            .collect::<Result<_, _>>()
            .map(Activation::Polynomial),
    }
}

/// Scale after an integer activation whose argument has scale `value`: its results are about as large as its argument
/// to the degree.
pub(super) fn output_of_integer(function: &Activation, value: i32) -> i32 {
    let Activation::Polynomial(coefficients) = function else {
        return value;
    };
    match coefficients.split_last() {
        Some((leading, rest)) => {
            let leading = (leading.unsigned_abs() as f64).log2().ceil();
            rest.len() as i32 * value + leading as i32
        }
        None => value,
    }
}

/// Scale after a float activation whose argument has scale `value`: its leading coefficient becomes an integer,
/// exactly if a small one exists, else rounded.
pub(super) fn output_of_float(function: &FloatActivation, value: i32, last: bool) -> i32 {
    let FloatActivation::Polynomial(coefficients) = function else {
        return value;
    };
    let Some((leading, rest)) = coefficients.split_last().filter(|_| !last) else {
        return value;
    };
    let exponent = leading.abs().log2().floor();
    let exponent = exponent.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT) as i32;
    let scale = (-exponent..COEFFICIENT_BITS - exponent)
        .find(|&scale| (leading * power(scale)).fract() == 0.0)
        .unwrap_or(COEFFICIENT_BITS - 1 - exponent);
    rest.len() as i32 * value + scale
}
