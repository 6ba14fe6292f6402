//! How far outputs are apart: slices against the whole network, integers against floats.

use std::{fmt, path::Path};

use anyhow::{Context, Result};
use serde::Serialize;
use veriregime_circuits::{
    network::Network,
    slices::{Slice, Source},
};

use crate::{backend::Input, usage::Usage};

/// Distances of two networks' outputs, means over the inputs.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Distances {
    /// Share of inputs with the same largest output.
    same_class: f64,
    /// D1: mean absolute difference of normalised outputs.
    d1: f64,
    /// D2: root of the mean squared difference of normalised outputs.
    d2: f64,
    /// Total variation of the softmax of normalised outputs.
    total_variation: f64,
    /// Jensen-Shannon divergence of the same, in bits.
    jensen_shannon: f64,
}

/// What was compared.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Fidelity {
    /// Inputs.
    inputs: usize,
    /// Slices against the whole integer network: equal, if the slices are right.
    sliced: Distances,
    /// Slices against the float network, where its outputs are given.
    float: Option<Distances>,
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, of: &Distances| {
            write!(
                f,
                "slices against {name}, {} inputs: same class {:.1} %, D1 {:.6}, D2 {:.6}, total variation {:.6}, Jensen-Shannon {:.6}",
                self.inputs,
                100.0 * of.same_class,
                of.d1,
                of.d2,
                of.total_variation,
                of.jensen_shannon
            )
        };
        line("the whole network", &self.sliced)?;
        match &self.float {
            Some(float) => line("\nthe float network", float),
            None => Ok(()),
        }
    }
}

/// Runs slices and the whole network on the inputs and compares.
pub(super) fn compare(
    network: &Network,
    slices: &[Slice],
    windows: &[Input],
    float: Option<&Path>,
) -> Result<Fidelity> {
    let mut sliced = vec![];
    let mut whole = vec![];
    for window in windows {
        let input = window.integers()?;
        let floats = |output: &[i64]| output.iter().map(|&value| value as f64).collect();
        whole.push(floats(network.trace(input)?.output()));
        sliced.push(floats(&run(slices, input)?));
    }
    let float = match float {
        None => None,
        Some(path) => {
            let text =
                std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            let outputs: Vec<Vec<f64>> = serde_json::from_slice(&text).with_context(|| {
                format!("{}: want an array of arrays of numbers", path.display())
            })?;
            Some(distances(&sliced, &outputs)?)
        }
    };
    Ok(Fidelity {
        inputs: windows.len(),
        sliced: distances(&sliced, &whole)?,
        float,
    })
}

/// The slices one after the other.
fn run(slices: &[Slice], input: &[i64]) -> Result<Vec<i64>> {
    let mut outputs: Vec<Vec<i64>> = vec![];
    for slice in slices {
        let part = |source: &Source| match source {
            Source::Input => input.to_vec(),
            Source::Slice(index) => outputs.get(*index).cloned().unwrap_or_default(),
        };
        let values: Vec<i64> = slice.sources.iter().flat_map(part).collect();
        outputs.push(slice.network.trace(&values)?.output().to_vec());
    }
    Ok(outputs.pop().unwrap_or_default())
}

fn distances(ours: &[Vec<f64>], theirs: &[Vec<f64>]) -> Result<Distances> {
    let fit =
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| a.len() == b.len());
    if !fit || ours.is_empty() {
        return Err(
            Usage::new("the outputs to compare with are of another number or length").into(),
        );
    }
    let mut sum = [0.0; 5];
    for (a, b) in ours.iter().zip(theirs) {
        let same = f64::from(u8::from(class(a) == class(b)));
        let (a, b) = (normalised(a), normalised(b));
        let apart = || a.iter().zip(&b).map(|(a, b)| a - b);
        let n = a.len() as f64;
        let (p, q) = (softmax(&a), softmax(&b));
        let one = [
            same,
            apart().map(f64::abs).sum::<f64>() / n,
            (apart().map(|d| d * d).sum::<f64>() / n).sqrt(),
            p.iter().zip(&q).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0,
            jensen_shannon(&p, &q),
        ];
        sum.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
    }
    let [same_class, d1, d2, total_variation, jensen_shannon] =
        sum.map(|sum| sum / ours.len() as f64);
    Ok(Distances {
        same_class,
        d1,
        d2,
        total_variation,
        jensen_shannon,
    })
}

/// Index of the largest value, the lowest one of equals.
fn class(values: &[f64]) -> usize {
    let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().position(|&value| value == best).unwrap_or(0)
}

/// With mean 0 and deviation 1: integer and float networks have other scales.
fn normalised(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let scale = if deviation > 0.0 { deviation } else { 1.0 };
    values.iter().map(|x| (x - mean) / scale).collect()
}

fn softmax(values: &[f64]) -> Vec<f64> {
    let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = values.iter().map(|x| (x - best).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|x| x / sum).collect()
}

fn jensen_shannon(p: &[f64], q: &[f64]) -> f64 {
    let side = |p: &[f64], q: &[f64]| -> f64 {
        let terms = p.iter().zip(q).filter(|(p, _)| **p > 0.0);
        terms.map(|(p, q)| p * (2.0 * p / (p + q)).log2()).sum()
    };
    (side(p, q) + side(q, p)) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_of_equals_are_zero_and_scale_does_not_matter() {
        let a = vec![vec![1.0, 2.0, 4.0], vec![3.0, -1.0, 0.0]];
        let b: Vec<Vec<f64>> = a
            .iter()
            .map(|row| row.iter().map(|x| 100.0 * x + 7.0).collect())
            .collect();
        let found = distances(&a, &b).unwrap();
        assert_eq!(found.same_class, 1.0);
        assert!(
            found.d2 < 1e-12 && found.jensen_shannon.abs() < 1e-12,
            "{found:?}"
        );
    }

    #[test]
    fn distances_of_opposites_are_large() {
        let found = distances(&[vec![20.0, 0.0, 0.0]], &[vec![0.0, 20.0, 0.0]]).unwrap();
        assert_eq!(found.same_class, 0.0);
        assert!(
            found.total_variation > 0.5 && found.jensen_shannon > 0.3,
            "{found:?}"
        );
    }

    #[test]
    fn distances_refuses_another_number_of_outputs() {
        assert!(distances(&[vec![1.0]], &[vec![1.0, 2.0]]).is_err());
        assert!(distances(&[], &[]).is_err());
    }
}
