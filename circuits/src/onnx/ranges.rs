//! What calibration inputs make of a graph.

use super::graph::Graph;

/// Smallest and largest value of every tensor over the calibration inputs.
#[derive(Debug, Clone)]
pub(super) struct Ranges(Vec<(f64, f64)>);

impl Ranges {
    /// The ranges over inputs.
    pub(super) fn of(graph: &Graph, inputs: &[&[f64]]) -> Self {
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); graph.nodes.len() + 1];
        for input in inputs {
            for (range, values) in ranges.iter_mut().zip(graph.evaluate(input)) {
                for value in values.into_iter().filter(|value| value.is_finite()) {
                    *range = (range.0.min(value), range.1.max(value));
                }
            }
        }
        // A tensor without a finite value.
        ranges
            .iter_mut()
            .filter(|range| range.0 > range.1)
            .for_each(|range| *range = (0.0, 0.0));
        Self(ranges)
    }

    /// Of a tensor.
    pub(super) fn at(&self, tensor: usize) -> (f64, f64) {
        self.0[tensor]
    }
}
