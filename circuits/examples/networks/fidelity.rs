//! How far an integer network's outputs are from those over the reals.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};
use veriregime_circuits::{
    onnx::{Import, Model},
    sheet::Visibilities,
    slices::{Source, cut},
};

/// Means over inputs, of the softmax of the outputs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Fidelity {
    /// Inputs.
    pub inputs: usize,
    /// Inputs with the same class.
    pub same_class: usize,
    /// Mean sum of absolute differences of the probabilities.
    pub d1: f64,
    /// Mean Euclidean distance.
    pub d2: f64,
    /// Mean total variation: half of d1.
    pub total_variation: f64,
    /// Mean Jensen-Shannon divergence in bits.
    pub jensen_shannon: f64,
    /// Inputs whose outputs in slices are those of the whole, to the last bit.
    pub sliced_equal: usize,
}

/// Standard normal inputs, as image networks see after normalisation.
pub fn inputs(count: usize, length: usize) -> Vec<Vec<f64>> {
    let mut rng = ChaCha20Rng::seed_from_u64(70);
    let mut normal = || -> f64 {
        // Twelve uniform numbers: variance 1.
        (0..12).map(|_| rng.gen_range(0.0..1.0)).sum::<f64>() - 6.0
    };
    (0..count)
        .map(|_| (0..length).map(|_| normal()).collect())
        .collect()
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn class(values: &[f64]) -> usize {
    let best = values.iter().copied().fold(f64::MIN, f64::max);
    values
        .iter()
        .position(|value| *value == best)
        .unwrap_or_default()
}

/// Divergence of p from q in bits.
fn divergence(p: &[f64], q: &[f64]) -> f64 {
    let terms = p.iter().zip(q).filter(|(p, _)| **p > 0.0);
    terms.map(|(p, q)| p * (p / q).log2()).sum()
}

/// Compares the networks over `count` inputs, whole and cut.
pub fn measure(model: &Model, import: &Import, count: usize, cuts: &[usize]) -> Fidelity {
    let slices = cut(&import.network, cuts, &Visibilities::PUBLIC).expect("slices");
    let mut result = Fidelity {
        inputs: count,
        ..Fidelity::default()
    };
    for input in inputs(count, model.inputs()) {
        let real = model.evaluate(&input).expect("an evaluation");
        let integers = import.integers(&input);
        let output = import
            .network
            .trace(&integers)
            .expect("an inference")
            .output()
            .to_vec();
        let scaled: Vec<f64> = output
            .iter()
            .map(|&value| value as f64 * import.report.output_scale)
            .collect();
        let (p, q) = (softmax(&real), softmax(&scaled));
        let middle: Vec<f64> = p
            .iter()
            .zip(&q)
            .map(|(p, q)| f64::midpoint(*p, *q))
            .collect();
        let apart: Vec<f64> = p.iter().zip(&q).map(|(p, q)| (p - q).abs()).collect();
        let d1: f64 = apart.iter().sum();
        result.d1 += d1;
        result.total_variation += d1 / 2.0;
        result.d2 += apart.iter().map(|d| d * d).sum::<f64>().sqrt();
        result.jensen_shannon += f64::midpoint(divergence(&p, &middle), divergence(&q, &middle));
        result.same_class += usize::from(class(&real) == class(&scaled));
        let mut values = integers;
        for slice in &slices {
            debug_assert!(slice.sources.len() == 1 || slice.sources[0] == Source::Input);
            values = slice
                .network
                .trace(&values)
                .expect("an inference")
                .output()
                .to_vec();
        }
        result.sliced_equal += usize::from(values == output);
    }
    let mean = 1.0 / count as f64;
    for sum in [
        &mut result.d1,
        &mut result.d2,
        &mut result.total_variation,
        &mut result.jensen_shannon,
    ] {
        *sum *= mean;
    }
    result
}
