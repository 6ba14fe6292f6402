//! ONNX files built by hand.

use prost::Message;
use veriregime_circuits::onnx::{
    Import, Model, Options, Samples, import,
    proto::{
        AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
        TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
    },
};

/// A file under construction; its input is `x`, every node is called after its result.
#[derive(Clone)]
pub struct File {
    pub graph: GraphProto,
    pub opset: i64,
}

pub fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        i,
        r#type: 2,
        ..AttributeProto::default()
    }
}

pub fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        ints: values.to_vec(),
        r#type: 7,
        ..AttributeProto::default()
    }
}

pub fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        f,
        r#type: 1,
        ..AttributeProto::default()
    }
}

pub fn floats(name: &str, values: &[f32]) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        floats: values.to_vec(),
        r#type: 6,
        ..AttributeProto::default()
    }
}

pub fn string(name: &str, text: &str) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        s: text.into(),
        r#type: 3,
        ..AttributeProto::default()
    }
}

fn value(name: &str, dims: &[i64], elem_type: i32) -> ValueInfoProto {
    let dim = dims.iter().map(|&size| DimensionProto {
        dim_value: (size > 0).then_some(size),
        dim_param: if size > 0 {
            String::new()
        } else {
            format!("n{}", -size)
        },
    });
    ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type,
                shape: Some(TensorShapeProto { dim: dim.collect() }),
            }),
        }),
    }
}

impl File {
    /// With an input `x` of a shape; sizes that are not positive are names.
    pub fn new(shape: &[i64]) -> Self {
        Self {
            graph: GraphProto {
                input: vec![value("x", shape, 1)],
                ..GraphProto::default()
            },
            opset: 17,
        }
    }

    pub fn opset(mut self, opset: i64) -> Self {
        self.opset = opset;
        self
    }

    pub fn input_type(mut self, elem_type: i32) -> Self {
        self.graph.input[0]
            .r#type
            .as_mut()
            .unwrap()
            .tensor_type
            .as_mut()
            .unwrap()
            .elem_type = elem_type;
        self
    }

    /// A constant of floats.
    pub fn constant(mut self, name: &str, dims: &[i64], values: &[f32]) -> Self {
        self.graph.initializer.push(TensorProto {
            name: name.into(),
            dims: dims.to_vec(),
            data_type: 1,
            float_data: values.to_vec(),
            ..TensorProto::default()
        });
        self
    }

    /// A constant of integers of a type.
    pub fn integers(mut self, name: &str, data_type: i32, dims: &[i64], values: &[i64]) -> Self {
        let wide = data_type == 7;
        self.graph.initializer.push(TensorProto {
            name: name.into(),
            dims: dims.to_vec(),
            data_type,
            int64_data: if wide { values.to_vec() } else { vec![] },
            int32_data: if wide {
                vec![]
            } else {
                values.iter().map(|&v| v as i32).collect()
            },
            ..TensorProto::default()
        });
        self
    }

    /// A vector of indices.
    pub fn list(self, name: &str, values: &[i64]) -> Self {
        self.integers(name, 7, &[values.len() as i64], values)
    }

    pub fn node(
        self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) -> Self {
        self.node_of("", operator, inputs, &[output], attributes)
    }

    pub fn node_of(
        mut self,
        domain: &str,
        operator: &str,
        inputs: &[&str],
        outputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> Self {
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(|&name| name.into()).collect(),
            output: outputs.iter().map(|&name| name.into()).collect(),
            name: outputs[0].into(),
            op_type: operator.into(),
            domain: domain.into(),
            attribute,
        });
        self
    }

    /// The bytes, with the last node's first result as the output.
    pub fn bytes(&self) -> Vec<u8> {
        let last = self.graph.node.last().unwrap().output[0].clone();
        self.with_outputs(&[(&last, 1)])
    }

    pub fn with_outputs(&self, outputs: &[(&str, i32)]) -> Vec<u8> {
        let mut graph = self.graph.clone();
        graph.output = outputs
            .iter()
            .map(|(name, elem_type)| value(name, &[], *elem_type))
            .collect();
        ModelProto {
            ir_version: 8,
            graph: Some(graph),
            opset_import: ["", "ai.onnx.ml"]
                .map(|domain| OperatorSetIdProto {
                    domain: domain.into(),
                    version: if domain.is_empty() { self.opset } else { 3 },
                })
                .into(),
            ..ModelProto::default()
        }
        .encode_to_vec()
    }

    /// The outputs over the reals.
    pub fn evaluate(&self, input: &[f64]) -> Vec<f64> {
        Model::read(&self.bytes(), &Options::default())
            .unwrap()
            .evaluate(input)
            .unwrap()
    }

    pub fn import(&self, inputs: &[Vec<f64>]) -> Import {
        import(
            &self.bytes(),
            &Samples::new(inputs.to_vec()),
            &Options::default(),
        )
        .unwrap()
    }

    /// Checks the outputs over the reals, and those over the integers to about 3 % of the largest.
    pub fn means(&self, input: &[f64], want: &[f64]) {
        let got = self.evaluate(input);
        assert_eq!(got.len(), want.len(), "{got:?}");
        for (got, want) in got.iter().zip(want) {
            assert!(
                (got - want).abs() <= 1e-6 * want.abs().max(1.0),
                "{got} for {want}"
            );
        }
        let made = self.import(&[input.to_vec(), input.iter().map(|x| -x).collect()]);
        let outputs = outputs(&made, input);
        let largest = want.iter().fold(0.2f64, |m, v| m.max(v.abs()));
        for (got, want) in outputs.iter().zip(want) {
            assert!(
                (got - want).abs() <= 0.03 * largest,
                "{outputs:?} for {want}\n{}",
                made.report
            );
        }
    }
}

/// The outputs over the integers, as reals.
pub fn outputs(made: &Import, input: &[f64]) -> Vec<f64> {
    let trace = made.network.trace(&made.integers(input)).unwrap();
    trace
        .output()
        .iter()
        .map(|&v| v as f64 * made.report.output_scale)
        .collect()
}

/// A 1 x 1 x 3 x 3 input.
pub const SQUARE: [f64; 9] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];

pub fn square() -> File {
    File::new(&[1, 1, 3, 3]).constant("one", &[1, 1, 1, 1], &[1.0])
}

/// x as a layer's output, so that a function of it is a table.
pub fn identity(values: usize) -> File {
    let eye: Vec<f32> = (0..values * values)
        .map(|i| if i / values == i % values { 1.0 } else { 0.0 })
        .collect();
    let n = values as i64;
    File::new(&[1, n])
        .constant("eye", &[n, n], &eye)
        .node("MatMul", &["x", "eye"], "z", vec![])
}
