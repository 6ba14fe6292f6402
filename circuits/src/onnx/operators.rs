//! What each operator makes of the values before it.

mod arithmetic;
mod concat;
mod constants;
mod convolution;
mod dense;
mod ending;
mod gather;
mod learners;
mod normalisation;
mod pool;
mod qlinear;
mod quantisation;
mod quantised;
mod reduction;
mod reshape;
mod statistics;
mod unary;

use super::{
    call::Call,
    reader::Reader,
    refusal::Refusal,
    value::{Kind, Value},
};

/// Remedy for what is not supported at all.
const SUPPORTED: &str = "docs/onnx.md lists what is: rewrite the network, or end its graph before this node with --output";

type Results = Result<Vec<Value>, Refusal>;

/// The results of a node.
pub(super) fn run(reader: &mut Reader, call: &Call<'_>) -> Results {
    let unsupported = || {
        Err(Refusal::Operator {
            remedy: SUPPORTED.into(),
        })
    };
    let operator = call.node.op_type.as_str();
    let own = matches!(call.node.domain.as_str(), "" | "ai.onnx");
    if let Some(Value::Activation(activation)) = call.optional(0)
        && activation.kind == Kind::Ending
    {
        return ending::after(reader, call, activation);
    }
    match operator {
        _ if call.node.domain == "ai.onnx.ml" => match operator {
            "LinearClassifier" | "LinearRegressor" => learners::linear(reader, call),
            "Normalizer" | "ZipMap" => ending::drop(reader, call),
            "Scaler" => learners::scaler(reader, call),
            _ => unsupported(),
        },
        _ if !own => unsupported(),
        "Constant" | "ConstantOfShape" | "Shape" | "Size" | "Range" => constants::run(call),
        "Identity" | "Dropout" | "Cast" | "CastLike" => reshape::same(call),
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => reshape::run(reader, call),
        "Transpose" | "Slice" | "Gather" | "Expand" | "Split" => gather::run(reader, call),
        "Concat" => concat::run(reader, call),
        "Pad" => convolution::pad(reader, call),
        "Conv" => convolution::conv(reader, call),
        "Gemm" => dense::gemm(reader, call),
        "MatMul" => dense::matmul(reader, call),
        "MaxPool" | "AveragePool" => pool::window(reader, call),
        "GlobalAveragePool" | "GlobalMaxPool" => pool::global(reader, call),
        "ReduceMean" | "ReduceMax" | "ReduceSum" | "ReduceProd" => reduction::run(reader, call),
        "BatchNormalization" => normalisation::batch(reader, call),
        "LayerNormalization" => normalisation::layer(reader, call),
        "Add" | "Sub" | "Mul" | "Div" | "Min" | "Max" | "Sum" | "Pow" | "PRelu" => {
            arithmetic::run(reader, call)
        }
        "QuantizeLinear" | "DequantizeLinear" => quantisation::run(reader, call),
        "QLinearConv" | "QLinearMatMul" => qlinear::run(reader, call),
        "Softmax" | "LogSoftmax" | "ArgMax" => ending::drop(reader, call),
        _ => match unary::of(call)? {
            Some(unary) => unary::apply(reader, call, unary),
            None => unsupported(),
        },
    }
}
