//! Sums, products and powers.

use super::{
    super::{
        call::Call,
        function::{Binary, Function, Unary},
        graph::{Linear, Operation, Term},
        proto::FLOAT,
        reader::Reader,
        refusal::{Refusal, refuse},
        tensor::Tensor,
        value::{Activation, Value},
        view::{broadcast, repeats, view},
    },
    Results, statistics,
    unary::short,
};

const PRODUCT: &str = "only functions of one tensor may be multiplied or divided: gates between tensors are not supported";

/// Add, Sub, Mul, Div, Min, Max, Sum, Pow, PRelu.
pub(super) fn run(reader: &mut Reader, call: &Call<'_>) -> Results {
    let operator = call.node.op_type.as_str();
    let binary = match operator {
        "Add" | "Sum" => Binary::Add,
        "Sub" => Binary::Subtract,
        "Mul" => Binary::Multiply,
        "Div" => Binary::Divide,
        "Min" => Binary::Minimum,
        "Max" => Binary::Maximum,
        "Pow" => return Ok(vec![power(reader, call)?]),
        _ => return Ok(vec![parametric(reader, call)?]),
    };
    let mut result = call.value(0)?.clone();
    for index in 1..call.inputs.len() {
        result = combine(reader, call, binary, &result, call.value(index)?)?;
    }
    Ok(vec![result])
}

fn combine(
    reader: &mut Reader,
    call: &Call<'_>,
    binary: Binary,
    a: &Value,
    b: &Value,
) -> Result<Value, Refusal> {
    let name = call.name();
    match (a, b) {
        (Value::Constant(a), Value::Constant(b)) => constants(binary, &a.tensor, &b.tensor),
        (Value::Activation(x), Value::Constant(c)) => {
            with_constant(reader, binary, x.real()?, &c.tensor, false, &name)
        }
        (Value::Constant(c), Value::Activation(x)) => {
            with_constant(reader, binary, x.real()?, &c.tensor, true, &name)
        }
        (Value::Activation(a), Value::Activation(b)) => {
            activations(reader, binary, a.real()?, b.real()?, &name)
        }
        _ => statistics::combine(reader, binary, a, b, &name),
    }
}

fn constants(binary: Binary, a: &Tensor, b: &Tensor) -> Result<Value, Refusal> {
    let shape = broadcast(&a.dims, &b.dims)?;
    let whole = a.is_integer() && b.is_integer();
    let value = |(i, j): (u32, u32)| {
        let value = binary.at(a.values[i as usize], b.values[j as usize]);
        if whole { value.trunc() } else { value }
    };
    let pairs = repeats(&a.dims, &shape)
        .into_iter()
        .zip(repeats(&b.dims, &shape));
    Ok(Tensor {
        values: pairs.map(value).collect(),
        data_type: if whole { a.data_type } else { FLOAT },
        dims: shape,
    }
    .into())
}

/// An activation with a constant; `left` if the constant comes first.
fn with_constant(
    reader: &mut Reader,
    binary: Binary,
    x: &Activation,
    constant: &Tensor,
    left: bool,
    name: &str,
) -> Result<Value, Refusal> {
    let shape = broadcast(&x.shape, &constant.dims)?;
    if let Some(value) = constant.scalar()
        && shape.len() >= x.shape.len()
        && !value.is_nan()
    {
        let x = short(reader, x, name);
        let constant = Function::Constant(value);
        let function = if left {
            constant.with(binary, &x.function)
        } else {
            x.function.with(binary, &constant)
        };
        return Ok(Value::Activation(Activation {
            function,
            shape,
            ..x
        }));
    }
    if !constant.is_finite() {
        return refuse("a constant is not finite", "want finite numbers");
    }
    let index = repeats(&constant.dims, &shape);
    let values: Vec<f64> = index.iter().map(|&i| constant.values[i as usize]).collect();
    let (one, zero) = (vec![1.0; values.len()], vec![0.0; values.len()]);
    let (factors, offsets) = match (binary, left) {
        (Binary::Add, _) => (one, values),
        (Binary::Subtract, false) => (one, values.iter().map(|v| -v).collect()),
        (Binary::Subtract, true) => (vec![-1.0; values.len()], values),
        (Binary::Multiply, _) => (values, zero),
        (Binary::Divide, false) if !values.contains(&0.0) => {
            (values.iter().map(|v| 1.0 / v).collect(), zero)
        }
        _ => {
            return refuse(
                format!("a constant of shape {:?}", constant.dims),
                "want a scalar",
            );
        }
    };
    let whole = expanded(reader, x, &shape, name);
    Ok(Value::Activation(
        reader.affine(&whole, factors, offsets, name),
    ))
}

/// An activation repeated up to a shape.
fn expanded(reader: &mut Reader, x: &Activation, shape: &[usize], name: &str) -> Activation {
    let index = repeats(&x.shape, shape);
    reader.pick(x, shape.to_vec(), index, name)
}

fn activations(
    reader: &mut Reader,
    binary: Binary,
    a: &Activation,
    b: &Activation,
    name: &str,
) -> Result<Value, Refusal> {
    if a.tensor == b.tensor && a.shape == b.shape {
        let (mut a, mut b) = (a.clone(), b.clone());
        if a.function.is_long() || b.function.is_long() {
            (a, b) = (reader.whole(&a, name), reader.whole(&b, name));
        }
        if a.tensor == b.tensor {
            let function = a.function.with(binary, &b.function);
            return Ok(Value::Activation(Activation { function, ..a }));
        }
    }
    if binary == Binary::Subtract
        && let Some(centred) = statistics::centred(reader, a, b, name)
    {
        return Ok(centred);
    }
    let sign = match binary {
        Binary::Add => 1.0,
        Binary::Subtract => -1.0,
        _ => return refuse("both operands depend on the input", PRODUCT),
    };
    let shape = broadcast(&a.shape, &b.shape)?;
    let [a, b] = [a, b].map(|x| expanded(reader, x, &shape, name));
    // The sum first, then the order, if both have the same.
    let orders = [&a, &b].map(|x| reader.reordered(x.tensor));
    if let [Some((x, order)), Some((y, other))] = orders
        && order == other
        && reader.graph.dims(x).len() == order.len()
    {
        let tensor = sum(reader, x, y, sign, reader.graph.dims(x), name);
        let dims = view(&shape);
        let gather = Operation::Gather {
            inputs: vec![tensor],
            index: Some(order),
        };
        let tensor = reader.push(name, gather, dims);
        return Ok(Value::Activation(Activation::plain(tensor, shape)));
    }
    let dims = [&a, &b].map(|x| reader.graph.dims(x.tensor));
    let common = if dims[0] == dims[1] {
        dims[0]
    } else {
        view(&shape)
    };
    let tensor = sum(reader, a.tensor, b.tensor, sign, common, name);
    Ok(Value::Activation(Activation::plain(tensor, shape)))
}

/// Two tensors added, or subtracted.
fn sum(
    reader: &mut Reader,
    a: usize,
    b: usize,
    sign: f64,
    dims: crate::network::Dims,
    name: &str,
) -> usize {
    let linear = Linear {
        terms: vec![
            Term::diagonal(a, dims, vec![1.0; dims.0]),
            Term::diagonal(b, dims, vec![sign; dims.0]),
        ],
        bias: vec![0.0; dims.0],
        average: None,
    };
    reader.push(name, Operation::Linear(linear), dims)
}

/// Pow with a constant exponent.
fn power(reader: &mut Reader, call: &Call<'_>) -> Result<Value, Refusal> {
    let Some(exponent) = call.constant(1)?.scalar() else {
        return refuse(
            "an exponent that is no scalar",
            "want one constant exponent",
        );
    };
    let unary = match exponent {
        1.0 => return Ok(call.value(0)?.clone()),
        0.5 => vec![Unary::Sqrt],
        -0.5 => vec![Unary::Sqrt, Unary::Reciprocal],
        -1.0 => vec![Unary::Reciprocal],
        2.0..=16.0 if exponent.fract() == 0.0 => vec![Unary::Power(exponent as u32)],
        _ => {
            return refuse(
                format!("an exponent of {exponent}"),
                "want -1, -0.5, 0.5 or a whole number up to 16",
            );
        }
    };
    if let Value::Statistic(statistic) = call.value(0)? {
        return statistics::power(statistic, exponent);
    }
    let mut results = super::unary::apply(reader, call, unary)?;
    results
        .pop()
        .map_or_else(|| refuse("no result", PRODUCT), Ok)
}

/// PRelu with one slope.
fn parametric(reader: &mut Reader, call: &Call<'_>) -> Result<Value, Refusal> {
    let slopes = call.numbers(1)?;
    let Some(slope) = slopes
        .values
        .first()
        .filter(|&first| slopes.values.iter().all(|v| v == first))
    else {
        return refuse(
            "slopes that differ by channel",
            "want one slope, or LeakyRelu",
        );
    };
    let x = short(reader, call.activation(0)?, &call.name());
    let function = x.function.then(Unary::LeakyRelu(*slope));
    Ok(Value::Activation(Activation { function, ..x }))
}
