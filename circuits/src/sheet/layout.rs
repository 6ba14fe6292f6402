//! A network laid out on a sheet.

use super::{
    block::Block,
    compiled::Compiled,
    compiler::Compiler,
    form::Ranges,
    lookup::{Lookups, OFFSET_BITS},
    method::Method,
    row::{Row, Value},
    shape::Shape,
    statement::{Visibilities, Visibility, stride},
};
use crate::{
    Error,
    field::{Fr, power_of_two},
    network::{Bounds, Network},
};

/// Numbers of lanes that a plan considers.
const LANES: [usize; 9] = [2, 3, 5, 6, 8, 11, 14, 17, 23];
/// Numbers for what fits none of those.
const WIDE: [usize; 2] = [47, 71];
/// With more lanes a verifier is longer than a contract may be.
const MAX_NARROW: usize = 23;
/// Largest log2 of the number of rows: that of the ceremony's points.
const MAX_K: u32 = 16;
/// Smallest: the layout of a public word must fit.
pub(crate) const MIN_K: u32 = 7;

/// A network laid out on a sheet: everything that its keys depend on.
#[derive(Debug, Clone)]
pub struct Layout {
    network: Network,
    bounds: Bounds,
    visibilities: Visibilities,
    /// How linear nodes are proven, if they are all proven the same way.
    method: Option<Method>,
    /// Columns and rows.
    pub shape: Shape,
    pub(super) stride: usize,
    /// Values by lane and row.
    pub(super) values: Vec<Vec<Option<Value>>>,
    /// Weights by lane and row.
    pub(super) weights: Vec<Vec<Fr>>,
    pub(super) rows: Vec<Row>,
    pub(super) blocks: Vec<Block>,
    pub(super) lookups: Lookups,
    /// Values of the boundary columns, one column after the other: as many as there are rows in each.
    pub(super) boundary: Vec<Option<Value>>,
    pub(super) value_count: usize,
    pub(super) late_count: usize,
}

impl Layout {
    /// The fastest layout, by predicted proving time. `k` fixes the number of rows, as slices that
    /// are linked must have the same.
    ///
    /// # Errors
    /// [`Error::Model`] for a network that does not validate or does not fit.
    pub fn plan(
        network: &Network,
        visibilities: &Visibilities,
        k: Option<u32>,
    ) -> Result<Self, Error> {
        Self::plan_by(network, visibilities, k, None)
    }

    /// The fastest layout with all linear nodes proven the same way.
    ///
    /// # Errors
    /// As [`Self::plan`].
    pub fn plan_by(
        network: &Network,
        visibilities: &Visibilities,
        k: Option<u32>,
        method: Option<Method>,
    ) -> Result<Self, Error> {
        let mut best: Option<Self> = None;
        let mut failure = None;
        for lanes in LANES.into_iter().chain(WIDE) {
            if lanes > MAX_NARROW && best.is_some() {
                break;
            }
            match Self::with_by(network, visibilities, lanes, k, method) {
                Ok(layout) => {
                    if best.as_ref().is_none_or(|best| layout.cost() < best.cost()) {
                        best = Some(layout);
                    }
                }
                Err(error) => failure = Some(error),
            }
        }
        match (best, failure) {
            (Some(best), _) if k.is_some() => Ok(best),
            (Some(best), _) => {
                // Where tables decide the number of rows, shorter ones may halve it.
                let Shape { lanes, mut k, .. } = best.shape;
                while k > MIN_K
                    && Self::with_by(network, visibilities, lanes, Some(k - 1), method).is_ok()
                {
                    k -= 1;
                }
                Self::plan_by(network, visibilities, Some(k), method)
            }
            (None, Some(error)) => Err(error),
            (None, None) => Err(Error::Model {
                place: "sheet".into(),
                problem: "no number of lanes to try".into(),
            }),
        }
    }

    /// A layout with a number of lanes.
    ///
    /// # Errors
    /// As [`Self::plan`].
    pub fn with(
        network: &Network,
        visibilities: &Visibilities,
        lanes: usize,
        k: Option<u32>,
    ) -> Result<Self, Error> {
        Self::with_by(network, visibilities, lanes, k, None)
    }

    /// A layout with a number of lanes and all linear nodes proven the same way.
    ///
    /// # Errors
    /// As [`Self::plan`].
    pub fn with_by(
        network: &Network,
        visibilities: &Visibilities,
        lanes: usize,
        k: Option<u32>,
        method: Option<Method>,
    ) -> Result<Self, Error> {
        network.validate()?;
        let refuse = |problem: String| Error::Model {
            place: "statement".into(),
            problem,
        };
        visibilities.check(network).map_err(refuse)?;
        if lanes < 2 {
            return Err(refuse(format!("{lanes} lanes, want at least 2")));
        }
        let mut bounds = Bounds::of(network)?;
        if let Some(interval) = visibilities.interval {
            bounds.widen_output(interval).map_err(refuse)?;
        }
        let stride = stride(lanes, network, visibilities);
        let compile = |ranges| {
            let mut compiler = Compiler::new(network, &bounds, lanes);
            (compiler.method, compiler.ranges) = (method, ranges);
            Compiled::of(compiler, visibilities, stride)
        };
        let mut compiled = compile(Ranges::Long)?;
        if k.is_some_and(|k| compiled.is_too_long_by_tables(k)) {
            compiled = compile(Ranges::Short)?;
        }
        let need = compiled.need();
        let k = k.unwrap_or(compiled.k().min(MAX_K));
        let Compiled {
            writer,
            input,
            output,
        } = compiled;
        let mut shape = Shape {
            lanes,
            boundary: 0,
            k,
        };
        if shape.rows() < need {
            return Err(Error::TooLong {
                rows: need,
                max_k: k,
                available: shape.rows(),
            });
        }
        let mut boundary: Vec<Option<Value>> = vec![];
        for tensor in parts(&input, &visibilities.parts)
            .into_iter()
            .chain([&output[..]])
        {
            shape.boundary += shape.columns(tensor.len());
            for column in tensor.chunks(shape.column()) {
                boundary.extend(column.iter().copied().map(Some));
                let last = boundary.len().next_multiple_of(shape.rows()) - 1;
                boundary.resize(last, None);
                boundary.push(Some(writer.one));
            }
        }
        let value_count = writer.value_count();
        Ok(Self {
            network: network.clone(),
            bounds,
            visibilities: visibilities.clone(),
            method,
            shape,
            stride,
            values: writer.values,
            weights: writer.weights,
            value_count,
            late_count: writer.late as usize,
            rows: writer.rows,
            blocks: writer.blocks,
            lookups: writer.lookups,
            boundary,
        })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Worst cases of every value.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// What the statement carries.
    pub fn visibilities(&self) -> &Visibilities {
        &self.visibilities
    }

    /// Whether its verifier fits no contract: it has more lanes than [`Self::plan`] takes without need.
    pub fn is_wide(&self) -> bool {
        self.shape.lanes > MAX_NARROW
    }

    /// Rows in use.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Public words.
    pub fn words(&self) -> usize {
        self.visibilities.words(&self.network)
    }

    /// Rows from one public word to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Boundary columns of each part of the input, then of the output.
    pub fn boundary_columns(&self) -> (Vec<usize>, usize) {
        let count = |visibility, values: &[usize]| match visibility {
            Visibility::Committed => values.iter().map(|&v| self.shape.columns(v)).collect(),
            Visibility::Public => vec![],
        };
        let whole = [self.network.input.dims.len()];
        let parts = match self.visibilities.parts.as_slice() {
            [] => &whole[..],
            parts => parts,
        };
        let input = count(self.visibilities.input, parts);
        let output: Vec<usize> = count(self.visibilities.output, &[self.network.outputs()]);
        (input, output.iter().sum())
    }

    /// Whether a cell of phase 1 (boundary column, lane or multiplicities) is bound to anything:
    /// an empty lane of an unchecked row, or the unused end of a boundary column, is free.
    pub fn is_bound(&self, column: usize, row: usize) -> bool {
        let Shape {
            lanes, boundary, ..
        } = self.shape;
        if column < boundary {
            let cell = self.boundary.get(column * self.shape.rows() + row);
            return cell.is_some_and(Option::is_some);
        }
        match self.values.get(column - boundary) {
            Some(cells) => {
                let checked = self.rows.get(row).is_some_and(|row| row.checked.is_some());
                checked || cells.get(row).is_some_and(Option::is_some)
            }
            None => column == boundary + lanes && row < self.shape.rows(),
        }
    }

    /// What a value is, for messages.
    pub fn meaning_of(&self, value: usize) -> String {
        let block = self
            .blocks
            .iter()
            .rev()
            .find(|block| block.first as usize <= value);
        block.map_or_else(String::new, |block| {
            format!("{:?} {}", block.meaning, value - block.first as usize)
        })
    }

    /// Predicted time of a proof, in arbitrary units: rows times columns by how dear they are.
    pub(crate) fn cost(&self) -> u64 {
        let Shape { lanes, boundary, k } = self.shape;
        let permuted = lanes + boundary + 1;
        let full = permuted.div_ceil(3) + self.shape.helpers() + 3 + 4 + 3;
        // A full-size column costs about four times a column of small values or a fixed one.
        let small = lanes + boundary + permuted + lanes + 12;
        ((4 * full + small) as u64) << k
    }

    /// The base column: a table's offset on checked rows, a constant on others.
    pub(super) fn base(&self, row: &Row) -> Fr {
        match row.checked {
            Some(table) => offset(table),
            None => row.constant,
        }
    }

    /// The table column, filled up with its last entry.
    pub(super) fn table(&self) -> Vec<Fr> {
        let tables = self.lookups.tables.iter().enumerate();
        let mut column: Vec<Fr> = tables
            .flat_map(|(index, table)| {
                let offset = offset(index as u32);
                table
                    .values
                    .iter()
                    .map(move |&value| offset + Fr::from(value as u64))
            })
            .collect();
        let last = column.last().copied().unwrap_or_default();
        column.resize(self.shape.rows(), last);
        column
    }

    /// What decides the keys besides the network: for key files.
    pub fn describe(&self) -> String {
        let visible = |visibility| match visibility {
            Visibility::Public => "public",
            Visibility::Committed => "committed",
        };
        format!(
            "sheet of {}, input {}, output {}",
            self.shape,
            visible(self.visibilities.input),
            visible(self.visibilities.output)
        ) + &format!(
            ", {} windows, parts {:?}, range {:?}",
            self.visibilities.windows, self.visibilities.parts, self.visibilities.interval
        ) + &self
            .method
            .map_or_else(String::new, |method| format!(", {method}"))
    }
}

/// A tensor in parts of the given lengths; in one without.
fn parts<'t>(mut tensor: &'t [Value], lengths: &[usize]) -> Vec<&'t [Value]> {
    if lengths.is_empty() || tensor.is_empty() {
        return vec![tensor];
    }
    let mut parts = vec![];
    for &length in lengths {
        let (part, rest) = tensor.split_at(length.min(tensor.len()));
        parts.push(part);
        tensor = rest;
    }
    parts
}

/// Offset of a table.
pub(super) fn offset(table: u32) -> Fr {
    Fr::from(u64::from(table)) * power_of_two(OFFSET_BITS)
}
