//! The float network between an ONNX file and an integer model.

/// A feed-forward network in single precision.
#[derive(Debug, Clone, PartialEq)]
pub struct FloatNetwork {
    /// Number of inputs.
    pub inputs: usize,
    /// Hidden layers, then the output layer.
    pub layers: Vec<FloatLayer>,
}

/// `activation(weights x + bias)`.
#[derive(Debug, Clone, PartialEq)]
pub struct FloatLayer {
    /// `weights[output][input]`.
    pub weights: Vec<Vec<f32>>,
    /// One per output.
    pub bias: Vec<f32>,
    /// Identity in the last layer.
    pub activation: FloatActivation,
}

/// The function after a dense layer.
#[derive(Debug, Clone, PartialEq)]
pub enum FloatActivation {
    /// `sum c_k x^k`, from c_0; the identity is `[0, 1]`.
    Polynomial(Vec<f64>),
    /// `max(0, x)`.
    Relu,
}

impl FloatActivation {
    /// `x` itself.
    #[must_use]
    pub fn identity() -> Self {
        Self::Polynomial(vec![0.0, 1.0])
    }

    /// The function's value.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        match self {
            Self::Polynomial(coefficients) => {
                coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
            }
            Self::Relu => x.max(0.0),
        }
    }
}

/// What one input makes of a network, in double precision.
#[derive(Debug, Clone, PartialEq)]
pub struct FloatTrace {
    /// `before[layer][neuron]`: before each activation; the last layer's are the logits.
    pub before: Vec<Vec<f64>>,
}

impl FloatNetwork {
    /// Runs the network on one input, in double precision.
    #[must_use]
    pub fn trace(&self, inputs: &[f64]) -> FloatTrace {
        let mut values = inputs.to_vec();
        let mut before = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let sums: Vec<f64> = layer
                .weights
                .iter()
                .zip(&layer.bias)
                .map(|(row, &bias)| {
                    let products = row.iter().zip(&values).map(|(&w, x)| f64::from(w) * x);
                    f64::from(bias) + products.sum::<f64>()
                })
                .collect();
            values = sums.iter().map(|&x| layer.activation.at(x)).collect();
            before.push(sums);
        }
        FloatTrace { before }
    }
}
