//! Provers behind one interface: our circuit, or an external program, with one report for all.
//!
//! ```text
//! Task { network file, statement, k, input, binding } --Backend::prove--> Proof + Report
//!                                                        |
//!                            sheet: keys in memory, by network, statement and k
//!                            ezkl:  the Python package, in a process of its own, on the ONNX file
//! ```
//! A backend blocks for as long as proving takes: call it off the async threads.

mod check;
mod error;
mod estimate;
mod ezkl;
mod input;
mod keys;
mod machine;
mod points;
mod proof;
mod report;
mod sheet;
mod task;

use std::sync::Arc;

pub use check::Checker;
pub use error::BackendError;
pub use estimate::Estimate;
pub use ezkl::Ezkl;
pub use input::Input;
pub use keys::Keys;
pub use machine::{Machine, peak_memory_bytes};
pub use points::Points;
pub use proof::Proof;
pub use report::Report;
pub use sheet::Sheet;
pub use task::{BackendName, Statement, Task};

/// Something that proves a network's answer.
pub trait Backend: Send + Sync + std::fmt::Debug {
    /// Its name in jobs and reports.
    fn name(&self) -> BackendName;

    /// Proves one task, verifies its own proof, and says what it took.
    ///
    /// # Errors
    /// [`BackendError`]; [`BackendError::is_final`] tells whether another attempt is of use.
    fn prove(&self, task: &Task) -> Result<(Proof, Report), BackendError>;
}

/// The backends of a worker.
#[derive(Debug, Clone)]
pub struct Backends(Vec<Arc<dyn Backend>>);

impl Backends {
    /// These.
    pub fn new(backends: Vec<Arc<dyn Backend>>) -> Self {
        Self(backends)
    }

    /// Proves a task with the backend that it names.
    ///
    /// # Errors
    /// [`BackendError::Unknown`] for a backend that this worker does not have; else as the backend.
    pub fn prove(&self, task: &Task) -> Result<(Proof, Report), BackendError> {
        let backend = self.0.iter().find(|backend| backend.name() == task.backend);
        match backend {
            Some(backend) => backend.prove(task),
            None => Err(BackendError::Unknown(task.backend)),
        }
    }
}
