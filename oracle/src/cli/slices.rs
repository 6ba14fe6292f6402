//! Where a network is to be cut, as options say it.

use std::{convert::Infallible, str::FromStr};

use anyhow::Result;
use veriregime_circuits::{
    network::Network,
    sheet::Layout,
    slices::{self, Slice},
};

use crate::{backend::Estimate, farm::visibilities, usage::Usage};

/// Value columns with which slices are planned, more where fewer do not do; the layout of each is
/// chosen afterwards.
const LANES: [usize; 4] = [8, 23, 47, 71];
/// Fewest rows of a slice.
pub(super) const MIN_K: u32 = 8;
/// Most.
pub(super) const MAX_K: u32 = 16;

/// Where to cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cuts {
    /// Into as few slices as fit.
    Auto,
    /// Before these nodes.
    Before(Vec<String>),
}

impl FromStr for Cuts {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "auto" => Self::Auto,
            nodes => Self::Before(
                nodes
                    .split(',')
                    .map(|node| node.trim().to_owned())
                    .collect(),
            ),
        })
    }
}

/// The slices, and log2 of the number of rows that all have.
pub(super) fn cut(network: &Network, cuts: &Cuts, k: Option<u32>) -> Result<(Vec<Slice>, u32)> {
    let seen = visibilities(network);
    match (cuts, k) {
        (Cuts::Auto, None) => {
            Err(Usage::new("how large may a slice be? give --k, the log2 of its rows").into())
        }
        (Cuts::Auto, Some(k)) => {
            let plan = |lanes| slices::plan(network, k, lanes, &seen);
            let [narrow, wider @ ..] = LANES;
            let first = plan(narrow);
            let slices = wider
                .into_iter()
                .fold(first, |known, lanes| known.or_else(|_| plan(lanes)));
            Ok((slices?, k))
        }
        (Cuts::Before(nodes), k) => {
            let places: Vec<usize> = nodes
                .iter()
                .map(|node| place(network, node))
                .collect::<Result<_>>()?;
            let slices = slices::cut(network, &places, &seen)?;
            let k = match k {
                Some(k) => k,
                None => slices::common_k(&slices)?.max(MIN_K),
            };
            Ok((slices, k))
        }
    }
}

/// Index of a node by its name, or by the index itself.
fn place(network: &Network, node: &str) -> Result<usize> {
    let named = network.nodes.iter().position(|known| known.name == node);
    let count = network.nodes.len();
    named
        .or_else(|| node.parse().ok().filter(|&index| index < count))
        .ok_or_else(|| {
            let names: Vec<&str> = network
                .nodes
                .iter()
                .map(|node| node.name.as_str())
                .collect();
            Usage::new(format!("no node `{node}`; there are {}", names.join(", "))).into()
        })
}

/// The most rows with which every slice stays below a number of bytes.
pub(super) fn within(network: &Network, bytes: u64) -> Result<(Vec<Slice>, u32)> {
    for k in (MIN_K..=MAX_K).rev() {
        let Ok((slices, k)) = cut(network, &Cuts::Auto, Some(k)) else {
            continue;
        };
        let fits = |slice: &Slice| -> Result<bool> {
            let layout = Layout::plan(&slice.network, &slice.visibilities, Some(k))?;
            Ok(Estimate::of(&layout).memory_bytes <= bytes)
        };
        if slices
            .iter()
            .map(fits)
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .all(|fit| fit)
        {
            return Ok((slices, k));
        }
    }
    Err(Usage::new(format!(
        "no slices of this network stay below {} MiB",
        bytes >> 20
    ))
    .into())
}

#[cfg(test)]
mod tests {
    use veriregime_circuits::network::{Dims, FORMAT, Input, Network, Node, Operator};

    use super::{Cuts, cut};

    /// 4,096 committed values are more than eight columns of 2^8 rows hold, and fewer than 23 do.
    #[test]
    fn slices_have_more_columns_where_eight_do_not_do() {
        let network = Network {
            format: FORMAT.into(),
            input: Input {
                dims: Dims(1, 64, 64),
                low: 0,
                high: 99,
            },
            tables: vec![],
            nodes: vec![Node {
                name: "turn".into(),
                operator: Operator::Gather {
                    inputs: vec![0],
                    dims: Dims(1, 64, 64),
                    index: (0..4096).rev().collect(),
                },
            }],
        };
        let (slices, k) = cut(&network, &Cuts::Auto, Some(8)).unwrap();
        assert_eq!((slices.len(), k), (1, 8));
        let error = cut(&network, &Cuts::Auto, Some(6)).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("rows"), "{error}");
    }
}
