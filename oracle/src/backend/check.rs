//! Checking proofs that somebody else made.

use std::sync::Arc;

use veriregime_circuits::{
    field::to_word,
    sheet::{Layout, SheetKey, Witness, commitment},
    srs::Srs,
};

use super::{BackendError, BackendName, Points, Proof, Statement, sheet::read_network};

/// Keys and points for the proofs of one network and statement.
#[derive(Debug, Clone)]
pub struct Checker {
    key: Arc<SheetKey>,
    srs: Srs,
}

impl Checker {
    /// Makes the keys. Blocks.
    ///
    /// # Errors
    /// As [`Layout::plan`] and [`SheetKey::generate`].
    pub fn new(file: &[u8], statement: &Statement, points: &Points) -> Result<Self, BackendError> {
        let network = read_network(file)?;
        let layout = Layout::plan(&network, &statement.visibilities, statement.k)?;
        let srs = points.of(layout.shape.k)?;
        let key = Arc::new(SheetKey::generate(layout, &srs)?);
        Ok(Self { key, srs })
    }

    /// With keys that are there already.
    pub fn with(key: Arc<SheetKey>, srs: Srs) -> Self {
        Self { key, srs }
    }

    /// Checks that a proof holds and that it is about this input and this binding: public words, output and
    /// committed tensors are compared with one's own inference. Blocks.
    ///
    /// # Errors
    /// [`BackendError::Foreign`] for a proof of something else, [`BackendError::Circuit`] for one that does
    /// not hold.
    pub fn check(
        &self,
        input: &[i64],
        binding: [u8; 32],
        proof: &Proof,
    ) -> Result<(), BackendError> {
        let foreign = |what: &str| Err(BackendError::Foreign(what.into()));
        if proof.backend != BackendName::Sheet {
            return foreign("another backend made it");
        }
        let witness = Witness::generate(self.key.layout(), input, binding)?;
        let proof = proof.to_sheet();
        if proof.words != witness.words {
            return foreign("its public words are others");
        }
        if proof.output != witness.output {
            return foreign("its output is another");
        }
        if proof.bytes.get(..self.boundary_bytes()) != Some(&self.boundary(&witness)?) {
            return foreign("it commits to other tensors");
        }
        Ok(self.key.verify(&self.srs, &proof.words, &proof.bytes)?)
    }

    fn boundary_bytes(&self) -> usize {
        64 * self.key.layout().shape.boundary
    }

    /// Commitments to the tensors of one's own inference.
    fn boundary(&self, witness: &Witness) -> Result<Vec<u8>, BackendError> {
        let layout = self.key.layout();
        let mut bytes = vec![];
        for column in witness.columns().iter().take(layout.shape.boundary) {
            let values = column.iter().take(layout.shape.column());
            let small = |word: [u8; 32]| {
                let low = word.last_chunk::<8>().copied().unwrap_or_default();
                i64::from_be_bytes(low)
            };
            // Values of committed tensors are far below 2^63: bounds are checked when a layout is planned.
            let values: Vec<i64> = values.map(|value| small(to_word(value))).collect();
            bytes.extend(commitment(layout, &self.srs, &values)?);
        }
        Ok(bytes)
    }

    /// The keys.
    pub fn key(&self) -> &Arc<SheetKey> {
        &self.key
    }
}
