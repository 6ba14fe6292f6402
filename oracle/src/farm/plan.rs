//! What a run proves: a network, whole or in slices, for every window.

use std::sync::Arc;

use alloy::primitives::B256;
use veriregime_circuits::{
    network::Network,
    sheet::{Layout, Visibilities, Visibility},
    slices::{Chain, Slice},
};

use super::{Digest, FarmError, Job, JobId, id_of};
use crate::backend::{BackendError, BackendName, Checker, Estimate, Input, Points, Statement};

/// A network, whole or in slices, with keys to check proofs.
#[derive(Debug)]
pub struct Plan {
    backend: BackendName,
    /// From input to output; one for a whole network.
    pub parts: Vec<Part>,
    /// Keys and links of slices.
    chain: Option<Chain>,
}

/// What one job proves.
#[derive(Debug, Clone)]
pub struct Part {
    /// Names of its nodes.
    pub name: String,
    /// Its network's file.
    pub file: Arc<[u8]>,
    /// What is said of it.
    pub statement: Statement,
    /// Rows and memory; none for an external prover.
    pub estimate: Option<Estimate>,
    /// Keys to check its proofs with; none for an external prover.
    pub checker: Option<Checker>,
}

/// A job and its place in the run.
#[derive(Debug, Clone)]
pub struct Place {
    /// Index of the window.
    pub window: usize,
    /// Index of the part.
    pub part: usize,
    /// Its id.
    pub id: JobId,
    /// The job.
    pub job: Job,
}

/// All of the statement public that can be: an input with the range of int8, an output of at most 255 values.
pub fn visibilities(network: &Network) -> Visibilities {
    let seen = |public| match public {
        true => Visibility::Public,
        false => Visibility::Committed,
    };
    let input = (network.input.low, network.input.high) == (-128, 127);
    let output = (1..=255).contains(&network.outputs());
    Visibilities::of(seen(input), seen(output))
}

fn circuit(error: veriregime_circuits::Error) -> FarmError {
    BackendError::from(error).into()
}

/// A network's file in one line.
fn file_of(network: &Network) -> Result<Arc<[u8]>, FarmError> {
    let bytes = serde_json::to_vec(network).map_err(|error| FarmError::Damaged {
        what: "a network".into(),
        problem: error.to_string(),
    })?;
    Ok(bytes.into())
}

impl Plan {
    /// A whole network. Makes its keys: blocks.
    ///
    /// # Errors
    /// For a network that does not fit 2^k rows, or no reference string.
    pub fn whole(network: &Network, k: Option<u32>, points: &Points) -> Result<Self, FarmError> {
        let visibilities = visibilities(network);
        let layout = Layout::plan(network, &visibilities, k).map_err(circuit)?;
        let statement = Statement {
            visibilities,
            k: Some(layout.shape.k),
        };
        let file = file_of(network)?;
        let checker = Checker::new(&file, &statement, points)?;
        let name = |node: Option<&veriregime_circuits::network::Node>| {
            node.map_or("", |node| node.name.as_str()).to_owned()
        };
        let part = Part {
            name: format!(
                "{}..{}",
                name(network.nodes.first()),
                name(network.nodes.last())
            ),
            file,
            statement,
            estimate: Some(Estimate::of(&layout)),
            checker: Some(checker),
        };
        Ok(Self {
            backend: BackendName::Sheet,
            parts: vec![part],
            chain: None,
        })
    }

    /// A network in slices with 2^k rows each. Makes all keys: blocks.
    ///
    /// # Errors
    /// As [`Chain::setup`].
    pub fn slices(slices: Vec<Slice>, k: u32, points: &Points) -> Result<Self, FarmError> {
        let srs = points.of(k).map_err(circuit)?;
        let chain = Chain::setup(slices, &srs).map_err(circuit)?;
        let parts = chain.slices.iter().zip(chain.keys()).map(|(slice, key)| {
            Ok(Part {
                name: slice.name.clone(),
                file: file_of(&slice.network)?,
                statement: Statement {
                    visibilities: slice.visibilities.clone(),
                    k: Some(k),
                },
                estimate: Some(Estimate::of(key.layout())),
                checker: Some(Checker::with(key.clone(), srs.clone())),
            })
        });
        Ok(Self {
            backend: BackendName::Sheet,
            parts: parts.collect::<Result<_, FarmError>>()?,
            chain: Some(chain),
        })
    }

    /// An ONNX file for EZKL.
    pub fn ezkl(onnx: Vec<u8>, k: Option<u32>) -> Self {
        let part = Part {
            name: "onnx".into(),
            file: onnx.into(),
            statement: Statement {
                visibilities: Visibilities::PUBLIC,
                k,
            },
            estimate: None,
            checker: None,
        };
        Self {
            backend: BackendName::Ezkl,
            parts: vec![part],
            chain: None,
        }
    }

    /// By whom.
    pub fn backend(&self) -> BackendName {
        self.backend
    }

    /// Keys and links, if it is in slices.
    pub fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// The jobs of these windows: of all parts, or of those asked for.
    ///
    /// # Errors
    /// For an input that the network refuses, or a part that is not there.
    pub fn places(
        &self,
        windows: &[Input],
        binding: B256,
        only: Option<&[usize]>,
    ) -> Result<Vec<Place>, FarmError> {
        if let Some(odd) = only.and_then(|only| only.iter().find(|&&at| at >= self.parts.len())) {
            let problem = format!("slice {odd}, there are {}", self.parts.len());
            return Err(circuit(veriregime_circuits::Error::Input(problem)));
        }
        let asked = |part: &usize| only.is_none_or(|only| only.contains(part));
        let mut places = vec![];
        for (window, input) in windows.iter().enumerate() {
            let inputs = self.inputs(input)?;
            for (part, input) in inputs
                .into_iter()
                .enumerate()
                .filter(|(part, _)| asked(part))
            {
                let Some(of) = self.parts.get(part) else {
                    continue;
                };
                let job = Job {
                    backend: self.backend,
                    network: Digest::of(&of.file),
                    statement: of.statement.clone(),
                    input,
                    binding,
                };
                places.push(Place {
                    window,
                    part,
                    id: id_of(&job)?,
                    job,
                });
            }
        }
        Ok(places)
    }

    /// The input of every part.
    fn inputs(&self, input: &Input) -> Result<Vec<Input>, FarmError> {
        let integers = || input.integers().map_err(circuit);
        match (&self.chain, self.backend) {
            (Some(chain), _) => {
                let inputs = chain.inputs(integers()?).map_err(circuit)?;
                Ok(inputs.into_iter().map(Input::Integers).collect())
            }
            (None, BackendName::Sheet) => Ok(vec![Input::Integers(integers()?.to_vec())]),
            (None, BackendName::Ezkl) => Ok(vec![input.clone()]),
        }
    }
}
