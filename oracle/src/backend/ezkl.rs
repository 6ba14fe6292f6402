//! EZKL as a backend: its Python package in a process of its own.
//!
//! A task's file is ONNX and its input in the network's own numbers. EZKL says what it proves in its own
//! settings; a task's visibilities and binding do not reach it. The reference string is made on the spot, so such a
//! proof is a measure beside ours and nothing to rely on: only the worker verifies it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use alloy::primitives::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::{Backend, BackendError, BackendName, Machine, Proof, Report, Task};

/// What the process runs.
const SCRIPT: &str = include_str!("prove_ezkl.py");
/// Bits of EZKL's fixed-point numbers behind the point.
const SCALE: u32 = 7;
/// So much of what a failed process wrote is shown.
const WORDS: usize = 600;

/// EZKL's Python package.
#[derive(Debug)]
pub struct Ezkl {
    python: PathBuf,
    scale: u32,
    scratch: PathBuf,
    machine: Machine,
}

/// What the script prints at its end.
#[derive(Debug, Deserialize)]
struct Told {
    k: u32,
    rows: usize,
    keygen_ms: f64,
    prove_ms: f64,
    verify_ms: f64,
    proof: String,
    peak_memory_bytes: u64,
}

impl Ezkl {
    /// With the Python program of an environment that has the package; files of a proof are kept below
    /// `scratch` while it is made.
    pub fn new(python: PathBuf, scratch: PathBuf) -> Self {
        Self {
            python,
            scale: SCALE,
            scratch,
            machine: Machine::this(),
        }
    }

    fn run(&self, folder: &Path, task: &Task) -> Result<Told, BackendError> {
        let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).map_err(io);
        write("model.onnx", &task.file)?;
        let input = json!({ "input_data": [task.input.numbers()] });
        write("input.json", input.to_string().as_bytes())?;
        write("prove_ezkl.py", SCRIPT.as_bytes())?;
        let output = Command::new(&self.python)
            .arg(folder.join("prove_ezkl.py"))
            .arg(folder)
            .arg(self.scale.to_string())
            .arg(task.statement.k.unwrap_or(0).to_string())
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .map_err(|source| BackendError::Missing {
                program: self.python.clone(),
                source,
            })?;
        let said = String::from_utf8_lossy(&output.stdout);
        let told = said
            .lines()
            .next_back()
            .and_then(|line| serde_json::from_str(line).ok());
        match told {
            Some(told) if output.status.success() => Ok(told),
            _ => Err(BackendError::Failed {
                backend: BackendName::Ezkl,
                status: output.status,
                words: tail(&String::from_utf8_lossy(&output.stderr)),
            }),
        }
    }
}

impl Backend for Ezkl {
    fn name(&self) -> BackendName {
        BackendName::Ezkl
    }

    fn prove(&self, task: &Task) -> Result<(Proof, Report), BackendError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ezkl-{}-{count}", std::process::id());
        let folder = self.scratch.join(name);
        fs::create_dir_all(&folder).map_err(io)?;
        let told = self.run(&folder, task);
        if let Err(error) = fs::remove_dir_all(&folder) {
            tracing::debug!(%error, "files of a proof not removed");
        }
        let told = told?;
        let digits = told.proof.trim_start_matches("0x");
        let bytes: Bytes = hex::decode(digits)
            .map_err(|error| BackendError::File {
                backend: BackendName::Ezkl,
                problem: format!("its proof is not hexadecimal: {error}"),
            })?
            .into();
        let report = Report {
            backend: BackendName::Ezkl,
            network: task.network,
            k: told.k,
            rows: told.rows,
            columns: None,
            keygen_ms: told.keygen_ms,
            prove_ms: told.prove_ms,
            verify_ms: told.verify_ms,
            proof_bytes: bytes.len(),
            peak_memory_bytes: told.peak_memory_bytes,
            machine: self.machine.clone(),
        };
        let proof = Proof {
            backend: BackendName::Ezkl,
            bytes,
            words: vec![],
            output: vec![],
        };
        Ok((proof, report))
    }
}

fn io(source: std::io::Error) -> BackendError {
    BackendError::Io {
        backend: BackendName::Ezkl,
        source,
    }
}

/// The end of a text, in one line.
fn tail(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let from = words.len().saturating_sub(WORDS);
    let from = (from..=words.len()).find(|&at| words.is_char_boundary(at));
    words
        .get(from.unwrap_or_default()..)
        .unwrap_or_default()
        .to_owned()
}
