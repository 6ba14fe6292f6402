//! A layer in integers, for a scale of its sums.

use super::Quantity;
use crate::{
    network::{Convolution, Interval, LIMIT, MAX_WEIGHT},
    onnx::graph::{Linear, Term},
};

/// A term with the integers that it reads.
pub(super) struct Source<'a> {
    pub(super) term: &'a Term,
    pub(super) input: Quantity,
}

/// A layer in integers.
pub(super) struct Plan {
    pub(super) terms: Vec<Convolution>,
    pub(super) bias: Vec<i64>,
    pub(super) divisor: u64,
    /// What a quotient of 1 stands for.
    pub(super) step: f64,
    /// Worst case of the quotients.
    pub(super) low: i64,
    pub(super) high: i64,
}

/// The scale of the sums, if the file gives integer weights.
pub(super) fn fixed(sources: &[Source<'_>]) -> Option<f64> {
    let mut scales = sources
        .iter()
        .map(|source| Some(source.term.pin? * source.input.scale));
    let first = scales.next()??;
    let same = scales.all(|scale| scale.is_some_and(|scale| (scale - first).abs() <= first * 1e-9));
    (same && first > 0.0).then_some(first)
}

/// A layer whose sums have a scale.
pub(super) fn plan(
    linear: &Linear,
    sources: &[Source<'_>],
    scale: f64,
    divisor: u64,
) -> Result<Plan, String> {
    let mut terms = Vec::with_capacity(sources.len());
    for Source { term, input } in sources {
        let weights = term.weights.iter().map(|&weight| {
            let rounded = (weight * (input.scale / scale)).round();
            if rounded.abs() <= f64::from(MAX_WEIGHT) {
                Ok(rounded as i32)
            } else {
                Err(format!(
                    "a weight of {weight} would be {rounded}, more than 20 bits"
                ))
            }
        });
        terms.push(Convolution {
            input: input.tensor,
            outputs: term.outputs,
            weights: weights.collect::<Result<_, _>>()?,
            kernel: term.kernel,
            stride: term.stride,
            padding: term.padding,
            dilation: term.dilation,
            groups: term.groups,
        });
    }
    let half = (divisor / 2) as i64;
    let bias = linear.bias.iter().map(|&bias| {
        let rounded = (bias / scale).round();
        if rounded.abs() < LIMIT as f64 {
            Ok(rounded as i64 + half)
        } else {
            Err(format!(
                "a bias of {bias} would be {rounded}, the limit is {LIMIT}"
            ))
        }
    });
    let bias = bias.collect::<Result<Vec<i64>, _>>()?;
    let (mut low, mut high) = (i128::MAX, i128::MIN);
    for (channel, &bias) in bias.iter().enumerate() {
        let mut reach = (i128::from(bias), i128::from(bias));
        for (convolution, Source { term, input }) in terms.iter().zip(sources) {
            let interval = Interval {
                low: input.low,
                high: input.high,
            };
            let (least, most) = convolution.reach(channel, term.view, interval);
            reach = (reach.0 + least, reach.1 + most);
        }
        (low, high) = (low.min(reach.0), high.max(reach.1));
    }
    if low < -LIMIT || high > LIMIT {
        return Err(format!("sums can be {low}..={high}, the limit is {LIMIT}"));
    }
    let by = i128::from(divisor);
    Ok(Plan {
        terms,
        bias,
        divisor,
        step: scale * divisor as f64,
        low: low.div_euclid(by) as i64,
        high: high.div_euclid(by) as i64,
    })
}
