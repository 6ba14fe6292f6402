//! Our circuit as a backend.

use std::{sync::Arc, time::Instant};

use veriregime_circuits::{
    network::Network,
    sheet::{Layout, SheetKey, SheetProver},
};

use super::{
    Backend, BackendError, BackendName, Estimate, Keys, Machine, Points, Proof, Report, Task,
    peak_memory_bytes,
};
use crate::prover::millis;

/// Our circuit, with keys in memory.
#[derive(Debug)]
pub struct Sheet {
    points: Arc<Points>,
    keys: Keys<SheetProver>,
    table_memory: usize,
    machine: Machine,
}

impl Sheet {
    /// With keys of at most `key_memory` bytes and, for each, tables of at most `table_memory` bytes that make
    /// proving faster.
    pub fn new(points: Arc<Points>, key_memory: u64, table_memory: usize) -> Self {
        Self {
            points,
            keys: Keys::new(key_memory),
            table_memory,
            machine: Machine::this(),
        }
    }

    fn prover(&self, task: &Task) -> Result<(SheetProver, u64), BackendError> {
        let network = read_network(&task.file)?;
        let layout = Layout::plan(&network, &task.statement.visibilities, task.statement.k)?;
        let srs = self.points.of(layout.shape.k)?;
        let bytes = Estimate::of(&layout).key_bytes + self.table_memory as u64;
        let key = SheetKey::generate(layout, &srs)?;
        Ok((
            SheetProver::new(Arc::new(key), srs, self.table_memory),
            bytes,
        ))
    }
}

/// A network from the bytes of its file.
///
/// # Errors
/// [`BackendError::File`] for what is no network, [`BackendError::Circuit`] for one that does not validate.
pub(super) fn read_network(bytes: &[u8]) -> Result<Network, BackendError> {
    let network: Network = serde_json::from_slice(bytes).map_err(|error| BackendError::File {
        backend: BackendName::Sheet,
        problem: error.to_string(),
    })?;
    network.validate()?;
    Ok(network)
}

impl Backend for Sheet {
    fn name(&self) -> BackendName {
        BackendName::Sheet
    }

    fn prove(&self, task: &Task) -> Result<(Proof, Report), BackendError> {
        let input = task.input.integers()?;
        let started = Instant::now();
        let made = self
            .keys
            .get_or_make(&task.network, &task.statement, || self.prover(task));
        let (prover, fresh) = made?;
        let keygen_ms = if fresh { millis(started) } else { 0.0 };
        let started = Instant::now();
        let proof = prover.prove(input, task.binding.0)?;
        let prove_ms = millis(started);
        let started = Instant::now();
        prover
            .key()
            .verify(prover.srs(), &proof.words, &proof.bytes)?;
        let verify_ms = millis(started);
        let layout = prover.key().layout();
        let report = Report {
            backend: BackendName::Sheet,
            network: task.network,
            k: layout.shape.k,
            rows: layout.row_count(),
            columns: Some(prover.key().plonk().get_vk().cs().num_advice_columns()),
            keygen_ms,
            prove_ms,
            verify_ms,
            proof_bytes: proof.bytes.len(),
            peak_memory_bytes: peak_memory_bytes(),
            machine: self.machine.clone(),
        };
        Ok((Proof::of_sheet(proof), report))
    }
}
