//! Activation functions and other functions of one value.

use super::super::{
    attributes::refused,
    call::Call,
    function::{Binary, Function, Unary},
    proto::FLOAT,
    reader::Reader,
    refusal::{Refusal, refuse},
    tensor::Tensor,
    value::{Activation, Value},
};
use super::{Results, statistics};

/// The function of a node with its attributes; `None` if its operator is none.
pub(super) fn of(call: &Call<'_>) -> Result<Option<Vec<Unary>>, Refusal> {
    let float = |name: &str, default: f64| call.attributes.float(name, default);
    Ok(Some(vec![match call.node.op_type.as_str() {
        "Relu" => Unary::Relu,
        "LeakyRelu" => Unary::LeakyRelu(float("alpha", 0.01)),
        "Elu" => Unary::Elu(float("alpha", 1.0)),
        "Selu" => Unary::Selu(
            float("gamma", 1.050_700_987_355_480_5),
            float("alpha", 1.673_263_242_354_377_2),
        ),
        "Clip" => {
            let bound =
                |index: usize, name: &str, default: f64| match call.optional_constant(index)? {
                    None => Ok(float(name, default)),
                    Some(tensor) => match tensor.scalar() {
                        Some(bound) => Ok(bound),
                        None => refuse(format!("input {index} is no scalar"), "want scalar bounds"),
                    },
                };
            let (low, high) = (
                bound(1, "min", f64::NEG_INFINITY)?,
                bound(2, "max", f64::INFINITY)?,
            );
            if low.is_nan() || high.is_nan() || low > high {
                return refuse(
                    format!("bounds {low} and {high}"),
                    "want the lower one first",
                );
            }
            Unary::Clip(low, high)
        }
        "Sigmoid" => Unary::Sigmoid,
        "HardSigmoid" => Unary::HardSigmoid(float("alpha", 0.2), float("beta", 0.5)),
        "HardSwish" => Unary::HardSigmoid(1.0 / 6.0, 0.5),
        "Mish" => return Ok(Some(vec![Unary::Softplus, Unary::Tanh])),
        "Gelu" => match call.attributes.string("approximate", "none").as_str() {
            "none" => Unary::Erf,
            other => return Err(refused("approximate", other, "want none")),
        },
        "Tanh" => Unary::Tanh,
        "Erf" => Unary::Erf,
        "Softplus" => Unary::Softplus,
        "Softsign" => Unary::Softsign,
        "Exp" => Unary::Exp,
        "Log" => Unary::Log,
        "Sqrt" => Unary::Sqrt,
        "Reciprocal" => Unary::Reciprocal,
        "Abs" => Unary::Absolute,
        "Neg" => Unary::Negative,
        _ => return Ok(None),
    }]))
}

/// A function of every value.
pub(super) fn apply(reader: &mut Reader, call: &Call<'_>, unary: Vec<Unary>) -> Results {
    match call.value(0)? {
        Value::Constant(constant) => {
            let value = |&x: &f64| unary.iter().fold(x, |x, unary| unary.at(x));
            let tensor = Tensor {
                dims: constant.tensor.dims.clone(),
                values: constant.tensor.values.iter().map(value).collect(),
                data_type: if constant.tensor.is_integer() {
                    constant.tensor.data_type
                } else {
                    FLOAT
                },
            };
            Ok(vec![tensor.into()])
        }
        Value::Statistic(statistic) => Ok(vec![statistics::apply(statistic, &unary)?]),
        _ => {
            let x = short(reader, call.activation(0)?, &call.name());
            let inner = x.function.clone();
            let scaled = match call.node.op_type.as_str() {
                // x Phi(x), x min(max(x / 6 + 1 / 2, 0), 1), x tanh(softplus(x)).
                "Gelu" => inner.with(Binary::Multiply, &constant(std::f64::consts::FRAC_1_SQRT_2)),
                _ => inner.clone(),
            };
            let outer = unary.iter().fold(scaled, |f, &unary| f.then(unary));
            let multiply = |f: &Function, g| f.with(Binary::Multiply, g);
            let function = match call.node.op_type.as_str() {
                "Gelu" => {
                    let phi = outer.with(Binary::Add, &constant(1.0));
                    multiply(&multiply(&inner, &phi), &constant(0.5))
                }
                "HardSwish" | "Mish" => multiply(&inner, &outer),
                _ => outer,
            };
            Ok(vec![Value::Activation(Activation { function, ..x })])
        }
    }
}

fn constant(value: f64) -> Function {
    Function::Constant(value)
}

/// The activation, computed if its function is long.
pub(super) fn short(reader: &mut Reader, activation: &Activation, name: &str) -> Activation {
    if activation.function.is_long() {
        reader.whole(activation, name)
    } else {
        activation.clone()
    }
}
