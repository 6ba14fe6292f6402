//! A network's circuit with its keys, whichever of the two it is.

use std::path::Path;
use std::sync::Arc;

use veriregime_circuits::field::Word;
use veriregime_circuits::keys::ProvingKey;
use veriregime_circuits::model::IntegerModel;
use veriregime_circuits::network::Network as Integers;
use veriregime_circuits::proof::verify;
use veriregime_circuits::prover::{DEFAULT_MEMORY_BUDGET, Prover};
use veriregime_circuits::public::{PublicInputs, Schema, Statement};
use veriregime_circuits::sheet::{Layout as Sheet, SheetKey, SheetProver, Visibilities};
use veriregime_circuits::srs::Srs;
use veriregime_circuits::tape::{self, Layout as Tape};

use super::configuration::Network;
use super::{Configuration, Profile, Work};
use crate::Error;

/// Most lanes of a sheet in the profile that saves gas: fewer columns, more rows.
const LANES: std::ops::Range<usize> = 2..9;

/// Rows of the largest reference string.
const MOST_ROWS: u32 = 16;

/// A circuit that can prove and verify.
pub enum Circuit {
    /// Of a teacher.
    Sheet(Box<SheetProver>),
    /// Of a student.
    Tape {
        /// The prover.
        prover: Box<Prover>,
        /// The network.
        model: Box<IntegerModel>,
    },
}

/// A proof and its words.
pub struct Made {
    /// The proof.
    pub proof: Vec<u8>,
    /// The public words.
    pub words: Vec<Word>,
}

/// What the reference says of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Logits.
    pub logits: Vec<i64>,
    /// Class.
    pub class: usize,
}

impl Circuit {
    /// Makes the keys of a configuration, from what was prepared.
    ///
    /// # Errors
    /// [`Error::Model`] when the network does not fit, or its reference string is not there.
    pub fn open(
        configuration: Configuration,
        work: &Work,
        srs: Option<&Path>,
    ) -> Result<Self, Error> {
        let folder = work.question(configuration.question);
        match configuration.network {
            Network::Teacher => {
                let network = Integers::read(&folder.join("network.json"))?;
                let layout = sheet(&network, configuration.profile)?;
                let srs = reference_string(srs, layout.shape.k)?;
                let tables = DEFAULT_MEMORY_BUDGET << layout.shape.k.saturating_sub(14);
                let key = Arc::new(SheetKey::generate(layout, &srs)?);
                Ok(Self::Sheet(Box::new(SheetProver::new(key, srs, tables))))
            }
            Network::Student => {
                let model = IntegerModel::read(&folder.join("student.json"))?;
                let profile = match configuration.profile {
                    Profile::Gas => tape::Profile::Gas,
                    Profile::Speed => tape::Profile::Speed,
                };
                let layout = Tape::plan(&model, profile)?;
                let srs = reference_string(srs, layout.k)?;
                let key = Arc::new(ProvingKey::generate(layout, &srs)?);
                let prover = Prover::new(key, srs, DEFAULT_MEMORY_BUDGET)?;
                Ok(Self::Tape {
                    prover: Box::new(prover),
                    model: Box::new(model),
                })
            }
        }
    }

    /// Proves a window, witness included.
    ///
    /// # Errors
    /// [`Error::Model`] when the proving system fails.
    pub fn prove(&self, values: &[i8], binding: Word) -> Result<Made, Error> {
        match self {
            Self::Sheet(prover) => {
                let made = prover.prove(&wide(values), binding)?;
                Ok(Made {
                    proof: made.bytes,
                    words: made.words,
                })
            }
            Self::Tape { prover, .. } => {
                let values: Vec<i16> = values.iter().map(|&v| v.into()).collect();
                let made = prover.prove(&values, binding)?;
                Ok(Made {
                    words: made.public_inputs.words().to_vec(),
                    proof: made.bytes,
                })
            }
        }
    }

    /// Verifies a proof against its words alone; gives what they say.
    ///
    /// # Errors
    /// [`Error::Model`] when the proof does not hold or the words are not canonical.
    pub fn verify(&self, made: &Made) -> Result<Statement, Error> {
        let inputs = PublicInputs::from_words(self.schema(), made.words.clone())?;
        match self {
            Self::Sheet(prover) => prover
                .key()
                .verify(prover.srs(), &made.words, &made.proof)?,
            Self::Tape { prover, .. } => {
                verify(
                    prover.key().verifying_key(),
                    prover.srs(),
                    &inputs,
                    &made.proof,
                )?;
            }
        }
        Ok(inputs.decode()?)
    }

    /// The reference inference of a window.
    ///
    /// # Errors
    /// [`Error::Model`] when the window does not fit.
    pub fn infer(&self, values: &[i8]) -> Result<Expected, Error> {
        match self {
            Self::Sheet(prover) => {
                let trace = prover.key().layout().network().trace(&wide(values))?;
                Ok(Expected {
                    logits: trace.output().to_vec(),
                    class: trace.class(),
                })
            }
            Self::Tape { model, .. } => {
                let values: Vec<i16> = values.iter().map(|&v| v.into()).collect();
                let inference = model.infer(&values)?;
                Ok(Expected {
                    logits: inference.logits,
                    class: inference.class,
                })
            }
        }
    }

    /// What the words carry.
    #[must_use]
    pub fn schema(&self) -> Schema {
        match self {
            Self::Sheet(prover) => {
                let network = prover.key().layout().network();
                Schema {
                    inputs: network.input.dims.len(),
                    classes: network.outputs(),
                }
            }
            Self::Tape { model, .. } => Schema::of(model),
        }
    }

    /// The reference string.
    #[must_use]
    pub fn srs(&self) -> &Srs {
        match self {
            Self::Sheet(prover) => prover.srs(),
            Self::Tape { prover, .. } => prover.srs(),
        }
    }

    /// log2 of the rows, rows in use, value columns.
    #[must_use]
    pub fn size(&self) -> (u32, usize, usize) {
        match self {
            Self::Sheet(prover) => {
                let layout = prover.key().layout();
                (layout.shape.k, layout.row_count(), layout.shape.lanes)
            }
            Self::Tape { prover, .. } => {
                let layout = prover.key().layout();
                (layout.k, layout.rows.len(), layout.shape.lanes)
            }
        }
    }

    /// Digest of the verifying key.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        match self {
            Self::Sheet(prover) => prover.key().digest(),
            Self::Tape { prover, .. } => prover.key().verifying_key().digest(),
        }
    }
}

/// The layout of a teacher: the fastest, or the one with the fewest lanes that fits.
fn sheet(network: &Integers, profile: Profile) -> Result<Sheet, Error> {
    if profile == Profile::Gas {
        let layouts =
            LANES.filter_map(|lanes| Sheet::with(network, &Visibilities::PUBLIC, lanes, None).ok());
        if let Some(layout) = layouts
            .into_iter()
            .find(|layout| layout.shape.k <= MOST_ROWS)
        {
            return Ok(layout);
        }
    }
    Ok(Sheet::plan(network, &Visibilities::PUBLIC, None)?)
}

/// The ceremony's points, or a development reference string without a folder of them.
fn reference_string(folder: Option<&Path>, k: u32) -> Result<Srs, Error> {
    match folder {
        Some(folder) => Ok(Srs::open(folder, k, None)?),
        None => Ok(Srs::development(k)),
    }
}

fn wide(values: &[i8]) -> Vec<i64> {
    values.iter().map(|&v| v.into()).collect()
}
