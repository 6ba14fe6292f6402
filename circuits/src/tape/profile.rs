//! Choosing a shape: what the operator wants, and the candidates with their predicted costs.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Cost, Filler, Layout, MAX_DEGREE, MAX_K, MAX_LANES, RangeCheck, Shape, usable_rows};
use crate::{Error, model::IntegerModel};

/// Most gas that the speed profile may cost.
const SPEED_GAS: u64 = 400_000;
/// Longest proof that the speed profile may have, in bytes.
const SPEED_PROOF: usize = 1_800;

/// What a layout is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The least gas, then the least time.
    #[default]
    Gas,
    /// The least proving time within 400,000 gas and 1,800 bytes of proof.
    Speed,
    /// A given shape; it gets a lookup argument if the model has tables.
    Explicit(Shape),
}

impl std::str::FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "gas" => Ok(Self::Gas),
            "speed" => Ok(Self::Speed),
            _ => text
                .parse()
                .map(Self::Explicit)
                .map_err(|error| format!("neither `gas` nor `speed`, and {error}")),
        }
    }
}

impl Profile {
    /// `gas`, `speed` or `explicit`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Gas => "gas",
            Self::Speed => "speed",
            Self::Explicit(_) => "explicit",
        }
    }

    /// The shape that suits best among the candidates of a model, which are sorted by gas.
    ///
    /// # Errors
    /// [`Error::TooLong`] if there are no candidates.
    pub fn choose(&self, model: &IntegerModel, candidates: &[Candidate]) -> Result<Shape, Error> {
        let cheapest = candidates.first();
        let chosen = match self {
            Self::Explicit(shape) => return Ok(shape.carrying(has_tables(model))),
            Self::Gas => cheapest,
            Self::Speed => candidates
                .iter()
                .filter(|c| c.cost.gas <= SPEED_GAS && c.cost.proof_bytes <= SPEED_PROOF)
                .min_by(|a, b| a.cost.prove_ms.total_cmp(&b.cost.prove_ms))
                .or(cheapest),
        };
        chosen
            .map(|candidate| candidate.shape)
            .ok_or(Error::TooLong {
                rows: usable_rows(MAX_K) + 1,
                max_k: MAX_K,
                available: usable_rows(MAX_K),
            })
    }
}

/// A layout that would carry the model, with its predicted costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Columns and gates.
    pub shape: Shape,
    /// Rows of the tape.
    pub rows: usize,
    /// log2 of the circuit's rows.
    pub k: u32,
    /// Predicted costs.
    pub cost: Cost,
    /// Whether no other candidate is at least as good in gas and in time, and better in one.
    pub pareto: bool,
}

/// All layouts that carry a model within 2^16 rows, by gas.
///
/// # Errors
/// As [`Layout::compile`], if no shape carries the model.
pub fn candidates(model: &IntegerModel, filler: Option<&Filler>) -> Result<Vec<Candidate>, Error> {
    model.validate()?;
    let tables = model
        .layers
        .iter()
        .any(|layer| layer.activation.as_table().is_some());
    let mut shapes = vec![];
    for range in [RangeCheck::Bits, RangeCheck::Quads, RangeCheck::Bytes] {
        for lanes in 1..=MAX_LANES {
            let least = Shape::new(lanes, range, tables);
            // A higher degree only pays if it saves a permutation product.
            let mut products = usize::MAX;
            for degree in least.degree..=MAX_DEGREE {
                let shape = Shape { degree, ..least };
                if shape.products() < products {
                    products = shape.products();
                    shapes.push(shape);
                }
            }
        }
    }
    let compiled: Vec<Result<Candidate, Error>> = shapes
        .par_iter()
        .map(|&shape| {
            let layout = Layout::compile(model, shape, filler.cloned())?;
            Ok(Candidate {
                shape: layout.shape,
                rows: layout.rows.len(),
                k: layout.k,
                cost: Cost::of(&layout),
                pareto: false,
            })
        })
        .collect();
    let mut found = vec![];
    let mut refused = None;
    for candidate in compiled {
        match candidate {
            Ok(candidate) => found.push(candidate),
            Err(error) => refused = Some(error),
        }
    }
    if let (true, Some(error)) = (found.is_empty(), refused) {
        return Err(error);
    }
    found.sort_by_key(|candidate| (candidate.cost.gas, candidate.shape));
    // Shapes whose lookup argument would have no use have become others.
    found.dedup_by_key(|candidate| candidate.shape);
    let mut fastest = f64::INFINITY;
    for candidate in &mut found {
        candidate.pareto = candidate.cost.prove_ms < fastest;
        fastest = fastest.min(candidate.cost.prove_ms);
    }
    Ok(found)
}

impl Layout {
    /// Compiles a model into the layout that suits a profile best.
    ///
    /// # Errors
    /// As [`Layout::compile`].
    pub fn plan(model: &IntegerModel, profile: Profile) -> Result<Self, Error> {
        Self::plan_private(model, profile, None)
    }

    /// The same for a model whose weights a filler hides.
    ///
    /// # Errors
    /// As [`Layout::compile`].
    pub fn plan_private(
        model: &IntegerModel,
        profile: Profile,
        filler: Option<Filler>,
    ) -> Result<Self, Error> {
        let shape = match profile {
            Profile::Explicit(shape) => shape.carrying(has_tables(model)),
            Profile::Gas | Profile::Speed => {
                profile.choose(model, &candidates(model, filler.as_ref())?)?
            }
        };
        Self::compile(model, shape, filler)
    }
}

fn has_tables(model: &IntegerModel) -> bool {
    let mut layers = model.layers.iter();
    layers.any(|layer| layer.activation.as_table().is_some())
}
