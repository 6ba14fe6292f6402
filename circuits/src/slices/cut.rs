//! Where a network is cut.

use std::ops::Range;

use crate::{
    Error,
    network::{Bounds, Convolution, Input, Linear, Network, Node, Operator},
    sheet::{Layout, Visibilities, Visibility},
};

/// Where a slice's input, or a part of it, comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The network's input.
    Input,
    /// The output of an earlier slice.
    Slice(usize),
}

/// Part of a network, a network itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Names of its first and last node.
    pub name: String,
    /// The nodes of the whole network that it covers.
    pub nodes: Range<usize>,
    /// Output channels that it covers, where a node is split.
    pub channels: Option<Range<usize>>,
    /// Where its input comes from, part by part.
    pub sources: Vec<Source>,
    /// The nodes as a network.
    pub network: Network,
    /// How input and output enter its statement.
    pub visibilities: Visibilities,
}

fn refuse(place: impl Into<String>, problem: impl Into<String>) -> Error {
    Error::Model {
        place: place.into(),
        problem: problem.into(),
    }
}

/// Tensors from before node `at` that nodes from there on read.
fn crossing(network: &Network, at: usize) -> Vec<usize> {
    let later = network.nodes.iter().skip(at);
    let mut tensors: Vec<usize> = later
        .flat_map(|node| node.operator.inputs())
        .filter(|&tensor| tensor <= at)
        .collect();
    tensors.sort_unstable();
    tensors.dedup();
    tensors
}

/// Nodes as a network of their own.
fn part(network: &Network, bounds: &Bounds, nodes: Range<usize>) -> Result<Network, Error> {
    let first = nodes.start;
    let interval = bounds.tensors[first];
    let limit = |value: i64| {
        i32::try_from(value).map_err(|_| refuse("slices", "a tensor between slices is too wide"))
    };
    let moved: Vec<Node> = network.nodes[nodes]
        .iter()
        .map(|node| {
            let mut node = node.clone();
            node.operator.each_input(|tensor| *tensor -= first);
            node
        })
        .collect();
    let mut used: Vec<usize> = moved
        .iter()
        .filter_map(|node| node.operator.table())
        .collect();
    used.sort_unstable();
    used.dedup();
    let mut nodes = moved;
    for node in &mut nodes {
        node.operator.each_table(|table| {
            *table = used
                .iter()
                .position(|known| known == table)
                .unwrap_or_default();
        });
    }
    let part = Network {
        format: network.format.clone(),
        input: Input {
            dims: network.dims()[first],
            low: limit(interval.low)?,
            high: limit(interval.high)?,
        },
        tables: used
            .iter()
            .map(|&table| network.tables[table].clone())
            .collect(),
        nodes,
    };
    part.validate()?;
    Ok(part)
}

/// A linear node's output channels as a network of their own.
fn channels(network: &Network, range: Range<usize>) -> Option<Network> {
    let mut network = network.clone();
    let [node] = network.nodes.as_mut_slice() else {
        return None;
    };
    let Operator::Linear(linear) = &mut node.operator else {
        return None;
    };
    let terms = linear.terms.iter().map(|term| {
        if term.groups != 1 {
            return None;
        }
        let length = term.weights.len() / term.outputs;
        Some(Convolution {
            outputs: range.len(),
            weights: term.weights[range.start * length..range.end * length].to_vec(),
            ..term.clone()
        })
    });
    *linear = Linear {
        terms: terms.collect::<Option<_>>()?,
        bias: linear.bias[range].to_vec(),
        ..linear.clone()
    };
    Some(network)
}

/// Cuts a network before the given nodes.
///
/// # Errors
/// [`Error::Model`] for a place where more than one tensor passes, or none.
pub fn cut(
    network: &Network,
    cuts: &[usize],
    visibilities: &Visibilities,
) -> Result<Vec<Slice>, Error> {
    network.validate()?;
    let bounds = Bounds::of(network)?;
    let mut ends = cuts.to_vec();
    ends.push(network.nodes.len());
    let mut slices: Vec<Slice> = vec![];
    let mut start = 0;
    for end in ends {
        if end <= start || end > network.nodes.len() {
            return Err(refuse(
                "slices",
                format!("cut before node {end} after one before node {start}: want rising places"),
            ));
        }
        if end < network.nodes.len() {
            check_cut(network, end)?;
        }
        let nodes = start..end;
        let source = match slices.len() {
            0 => Source::Input,
            index => Source::Slice(index - 1),
        };
        slices.push(Slice {
            name: name(network, &nodes),
            channels: None,
            sources: vec![source],
            network: part(network, &bounds, nodes.clone())?,
            visibilities: seen(network, &nodes, visibilities),
            nodes,
        });
        start = end;
    }
    Ok(slices)
}

fn check_cut(network: &Network, at: usize) -> Result<(), Error> {
    let tensors = crossing(network, at);
    if tensors == [at] {
        return Ok(());
    }
    let names: Vec<String> = tensors
        .iter()
        .map(|&tensor| match tensor.checked_sub(1) {
            None => "the input".into(),
            Some(node) => network.nodes[node].name.clone(),
        })
        .collect();
    Err(refuse(
        format!("slices: cut before node {at} ({})", network.nodes[at].name),
        format!(
            "the results of {} are read behind it, want that of the node before alone",
            names.join(", ")
        ),
    ))
}

fn name(network: &Network, nodes: &Range<usize>) -> String {
    let first = &network.nodes[nodes.start].name;
    let last = &network.nodes[nodes.end - 1].name;
    if first == last {
        first.clone()
    } else {
        format!("{first}..{last}")
    }
}

/// What the statement of a slice carries.
fn seen(network: &Network, nodes: &Range<usize>, whole: &Visibilities) -> Visibilities {
    let input = match nodes.start {
        0 => whole.input,
        _ => Visibility::Committed,
    };
    let output = if nodes.end == network.nodes.len() {
        whole.output
    } else {
        Visibility::Committed
    };
    Visibilities::of(input, output)
}

/// Cuts a network into as few slices as fit 2^k rows, greedily from the input on; a linear node that
/// does not fit alone is split by output channels.
///
/// # Errors
/// [`Error::Model`] or [`Error::TooLong`] for a node that fits in no way.
pub fn plan(
    network: &Network,
    k: u32,
    lanes: usize,
    visibilities: &Visibilities,
) -> Result<Vec<Slice>, Error> {
    network.validate()?;
    let bounds = Bounds::of(network)?;
    let count = network.nodes.len();
    let mut slices: Vec<Slice> = vec![];
    let mut sources = vec![Source::Input];
    let mut parts: Vec<usize> = vec![];
    let mut start = 0;
    while start < count {
        let ends: Vec<usize> = (start + 1..=count)
            .filter(|&end| end == count || crossing(network, end) == [end])
            .collect();
        let make = |end: usize| -> Result<Slice, Error> {
            let nodes = start..end;
            let mut visibilities = seen(network, &nodes, visibilities);
            visibilities.parts.clone_from(&parts);
            Ok(Slice {
                name: name(network, &nodes),
                channels: None,
                sources: sources.clone(),
                network: part(network, &bounds, nodes.clone())?,
                visibilities,
                nodes,
            })
        };
        let fits = |slice: &Slice| {
            Layout::with(&slice.network, &slice.visibilities, lanes, Some(k)).map(|_| ())
        };
        let mut best = None;
        let mut failure = None;
        for &end in &ends {
            let slice = make(end)?;
            match fits(&slice) {
                Ok(()) => best = Some(slice),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        if let Some(slice) = best {
            start = slice.nodes.end;
            sources = vec![Source::Slice(slices.len())];
            parts = vec![];
            slices.push(slice);
            continue;
        }
        let whole = make(ends.first().copied().unwrap_or(count))?;
        let Some(pieces) = split(&whole, &bounds, &fits) else {
            return Err(failure.unwrap_or_else(|| refuse("slices", "no place to cut")));
        };
        start = whole.nodes.end;
        sources = (slices.len()..slices.len() + pieces.len())
            .map(Source::Slice)
            .collect();
        parts = pieces.iter().map(|piece| piece.network.outputs()).collect();
        slices.extend(pieces);
    }
    Ok(slices)
}

/// A slice of one linear node in as few equal ranges of channels as fit.
fn split(
    whole: &Slice,
    bounds: &Bounds,
    fits: &dyn Fn(&Slice) -> Result<(), Error>,
) -> Option<Vec<Slice>> {
    let channels_of = whole.network.dims().last()?.0;
    let interval = bounds.tensors[whole.nodes.end];
    for count in 2..=channels_of {
        let step = channels_of.div_ceil(count);
        let ranges: Vec<Range<usize>> = (0..channels_of)
            .step_by(step)
            .map(|first| first..(first + step).min(channels_of))
            .collect();
        let piece = |range: &Range<usize>| {
            let mut visibilities = whole.visibilities.clone();
            visibilities.interval = Some((interval.low, interval.high));
            Some(Slice {
                name: format!("{} channels {}..{}", whole.name, range.start, range.end),
                channels: Some(range.clone()),
                network: channels(&whole.network, range.clone())?,
                visibilities,
                ..whole.clone()
            })
        };
        let first = piece(ranges.first()?)?;
        if fits(&first).is_ok() {
            return ranges.iter().map(piece).collect();
        }
    }
    None
}
