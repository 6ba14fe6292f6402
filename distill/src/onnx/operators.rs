//! What each operator makes of the values before it.

use super::error::OnnxError;
use super::network::{FloatActivation, FloatLayer};
use super::proto::NodeProto;
use super::read::{Dense, Reader};
use super::refusal::{Refusal, SUPPORTED, refuse};
use super::tensor::Tensor;
use super::value::Value;

impl Reader {
    /// The value of a node; the inner error is for the caller to place.
    pub(super) fn evaluate(
        &mut self,
        node: &NodeProto,
    ) -> Result<Result<Value, Refusal>, OnnxError> {
        if node.op_type == "Constant" {
            let value = node.attribute.iter().find(|a| a.name == "value");
            return match value.and_then(|a| a.t.as_ref()) {
                Some(tensor) => Ok(Ok(Value::Constant(Tensor::read(tensor)?))),
                None => Ok(refuse(
                    "attribute value is missing",
                    "store constants as tensors",
                )),
            };
        }
        Ok(self.operate(node))
    }

    fn operate(&mut self, node: &NodeProto) -> Result<Value, Refusal> {
        if !matches!(node.domain.as_str(), "" | "ai.onnx") {
            return refuse(
                format!("domain {:?} is not ONNX's own", node.domain),
                SUPPORTED,
            );
        }
        let operands: Vec<Value> = node
            .input
            .iter()
            .map(|name| {
                let value = self.values.get(name).cloned();
                value.map_or_else(
                    || {
                        refuse(
                            format!("input {name:?} has no value yet"),
                            "sort the nodes topologically",
                        )
                    },
                    Ok,
                )
            })
            .collect::<Result<_, _>>()?;
        if node.op_type != "Gemm"
            && let Some(attribute) = node.attribute.first()
        {
            return refuse(
                format!("attribute {:?} is not known here", attribute.name),
                SUPPORTED,
            );
        }
        match (node.op_type.as_str(), operands.as_slice()) {
            ("Gemm", [x, Value::Constant(weights)]) => self.gemm(node, x, weights, None),
            ("Gemm", [x, Value::Constant(weights), Value::Constant(bias)]) => {
                self.gemm(node, x, weights, Some(bias))
            }
            ("MatMul", [x, Value::Constant(weights)]) => self.dense(x, weights, true, None),
            ("Gemm" | "MatMul", _) => refuse(
                "the product is not of an activation and constant weights",
                "make the weights initializers, on the right",
            ),
            ("Add", [Value::Constant(c), x] | [x, Value::Constant(c)]) => self.add(x, c),
            ("Add", [a, b]) => a.plus(b),
            ("Mul", [Value::Constant(c), x] | [x, Value::Constant(c)]) => x.times_constant(c),
            ("Mul", [a, b]) => a.times(b),
            ("Relu", [x]) => x.relu(),
            (_, operands) => refuse(
                format!(
                    "not an operator that can be proven, with {} inputs",
                    operands.len()
                ),
                SUPPORTED,
            ),
        }
    }

    fn gemm(
        &mut self,
        node: &NodeProto,
        x: &Value,
        weights: &Tensor,
        bias: Option<&Tensor>,
    ) -> Result<Value, Refusal> {
        let mut columns = true;
        for attribute in &node.attribute {
            match (attribute.name.as_str(), attribute.i, attribute.f) {
                ("transB", 0 | 1, _) => columns = attribute.i == 0,
                ("transA", 0, _) => {}
                ("alpha" | "beta", _, 1.0) => {}
                (name, i, f) => {
                    return refuse(
                        format!(
                            "attribute {name} is {}",
                            if i != 0 { i.to_string() } else { f.to_string() }
                        ),
                        "fold alpha and beta into the weights; transA must be 0",
                    );
                }
            }
        }
        self.dense(x, weights, columns, bias)
    }

    /// A new dense layer; its neurons are the columns, or the rows, of `weights`.
    fn dense(
        &mut self,
        x: &Value,
        weights: &Tensor,
        columns: bool,
        bias: Option<&Tensor>,
    ) -> Result<Value, Refusal> {
        let Some(matrix) = weights.matrix(columns) else {
            return refuse(
                format!("weights of shape {:?}", weights.dims),
                "want a matrix",
            );
        };
        let (width, outputs) = (self.width(x), matrix.len());
        let columns = matrix.first().map_or(0, Vec::len);
        if Some(columns) != width {
            return refuse(
                format!("weights for {columns} inputs on a value of width {width:?}"),
                "want as many as the value before is wide",
            );
        }
        let bias = match bias.map(|bias| (bias, bias.row(outputs))) {
            None => vec![0.0; outputs],
            Some((_, Some(row))) => row.to_vec(),
            Some((bias, None)) => {
                return refuse(
                    format!("bias of shape {:?} for {outputs} outputs", bias.dims),
                    "want one bias per output",
                );
            }
        };
        let layer = FloatLayer {
            weights: matrix,
            bias,
            activation: FloatActivation::identity(),
        };
        Ok(self.push(x.clone(), layer))
    }

    /// A bias added to a layer's sums, or a constant term of an activation.
    fn add(&mut self, x: &Value, constant: &Tensor) -> Result<Value, Refusal> {
        if let Value::Function { layer, function } = x
            && *function == FloatActivation::identity()
            && let Some(Dense { from, layer }) = self.dense.get(*layer)
            && let Some(row) = constant.row(layer.bias.len())
        {
            let (from, mut layer) = (from.clone(), layer.clone());
            for (bias, more) in layer.bias.iter_mut().zip(row) {
                *bias += more;
            }
            return Ok(self.push(from, layer));
        }
        x.plus_constant(constant)
    }

    fn push(&mut self, from: Value, layer: FloatLayer) -> Value {
        self.dense.push(Dense { from, layer });
        Value::Function {
            layer: self.dense.len() - 1,
            function: FloatActivation::identity(),
        }
    }

    fn width(&self, x: &Value) -> Option<usize> {
        match x {
            Value::Input => Some(self.inputs),
            Value::Constant(_) => None,
            Value::Function { layer, .. } => self.dense.get(*layer).map(|d| d.layer.bias.len()),
        }
    }
}
