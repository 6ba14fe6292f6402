//! How many rows linked slices have.

use super::Slice;
use crate::{
    Error,
    sheet::{Layout, MIN_K},
};

/// The log2 of the number of rows with which all slices together take the least predicted time:
/// those that are linked have the same.
///
/// Alone the largest slice would often take more, for which every smaller one would pay. Layouts
/// whose verifier fits no contract are taken where there are no others.
///
/// # Errors
/// As [`Layout::plan`].
pub fn common_k(slices: &[Slice]) -> Result<u32, Error> {
    let lay = |slice: &Slice, k| Layout::plan(&slice.network, &slice.visibilities, k);
    let mut most = 0;
    for slice in slices {
        most = most.max(lay(slice, None)?.shape.k);
    }
    let rate = |k| -> Result<(bool, u64, u32), Error> {
        let (mut wide, mut cost) = (false, 0);
        for slice in slices {
            let layout = lay(slice, Some(k))?;
            wide |= layout.is_wide();
            cost += layout.cost();
        }
        Ok((wide, cost, k))
    };
    let mut best = rate(most)?;
    for k in (MIN_K..most).rev() {
        // What does not fit does not fit fewer rows either.
        let Ok(rated) = rate(k) else { break };
        best = best.min(rated);
    }
    Ok(best.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        network::{Convolution, Dims, FORMAT, Input, Linear, Network, Node, Operator},
        sheet::Visibilities,
        slices::cut,
    };

    /// 128 values to as many, then seven small layers.
    fn narrowing() -> Network {
        let dense = |name: &str, outputs: usize, input, count: usize| Node {
            name: name.into(),
            operator: Operator::Linear(Linear {
                terms: vec![Convolution::dense(
                    input,
                    outputs,
                    (0..outputs * count).map(|at| at as i32 % 15 - 7).collect(),
                )],
                bias: vec![0; outputs],
                divisor: 4096,
                table: None,
            }),
        };
        let mut nodes = vec![dense("first", 128, 0, 128)];
        nodes.extend((1..8).map(|node| {
            let inputs = if node == 1 { 128 } else { 2 };
            dense(&format!("dense{node}"), 2, node, inputs)
        }));
        Network {
            format: FORMAT.into(),
            input: Input {
                dims: Dims(128, 1, 1),
                low: -128,
                high: 127,
            },
            tables: vec![],
            nodes,
        }
    }

    #[test]
    fn small_slices_are_not_made_as_long_as_a_large_one_would_be_alone() {
        let network = narrowing();
        let slices = cut(&network, &[1, 2, 3, 4, 5, 6, 7], &Visibilities::PUBLIC).unwrap();
        let cost = |k| -> u64 {
            let lay = |slice: &Slice| Layout::plan(&slice.network, &slice.visibilities, k);
            slices.iter().map(|slice| lay(slice).unwrap().cost()).sum()
        };
        let first = &slices[0];
        let alone = Layout::plan(&first.network, &first.visibilities, None).unwrap();
        let k = common_k(&slices).unwrap();
        assert!(k < alone.shape.k, "{k}, alone {}", alone.shape.k);
        assert!(cost(Some(k)) < cost(Some(alone.shape.k)));
    }
}
