//! Proofs in processes of their own: one that is killed or runs out of memory costs one attempt, not the run.
//!
//! ```text
//! Processes --{"job":..., "file":"PATH"}--> veriregime worker --stdio
//!           <--{"proven":[proof, report]}---   one line each way, keys stay in its memory
//!           <--{"failed":{"reason","is_final"}}-
//! ```

use std::{
    ffi::OsString,
    io::Write,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::{Digest, Executor, FarmError, Job};
use crate::backend::{Backends, Proof, Report};

/// A line to the process.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    job: Job,
    file: PathBuf,
}

/// A line from the process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Proven(Box<(Proof, Report)>),
    Failed { reason: String, is_final: bool },
}

/// Processes that prove, started when they are needed and kept.
#[derive(Debug)]
pub struct Processes {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Networks' files for the processes to read.
    files: PathBuf,
    idle: Mutex<Vec<Process>>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Processes {
    /// Of this program with these arguments; networks' files are kept in `files`.
    pub fn new(program: PathBuf, arguments: Vec<OsString>, files: PathBuf) -> Self {
        Self {
            program,
            arguments,
            files,
            idle: Mutex::default(),
        }
    }

    fn start(&self) -> Result<Process, FarmError> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| FarmError::Process(format!("does not start: {error}")))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(orders), Some(answers)) => Ok(Process {
                child,
                orders,
                answers: BufReader::new(answers),
            }),
            _ => Err(FarmError::Process("has no pipes".into())),
        }
    }

    async fn file(&self, digest: Digest, bytes: &[u8]) -> Result<PathBuf, FarmError> {
        let path = self.files.join(digest.to_string());
        if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
            let io = |action| {
                let path = path.clone();
                move |source| FarmError::Io {
                    action,
                    path,
                    source,
                }
            };
            let made = tokio::fs::create_dir_all(&self.files).await;
            made.map_err(io("cannot make the folder of"))?;
            let part = path.with_extension(format!("part-{}", std::process::id()));
            let written = tokio::fs::write(&part, bytes).await;
            written.map_err(io("cannot write"))?;
            let moved = tokio::fs::rename(&part, &path).await;
            moved.map_err(io("cannot write"))?;
        }
        Ok(path)
    }
}

impl Process {
    async fn ask(&mut self, order: &Order) -> Result<Answer, FarmError> {
        let broken = |error: std::io::Error| FarmError::Process(format!("broke off: {error}"));
        let mut line = serde_json::to_string(order)
            .map_err(std::io::Error::from)
            .map_err(broken)?;
        line.push('\n');
        let sent = self.orders.write_all(line.as_bytes()).await;
        sent.map_err(broken)?;
        self.orders.flush().await.map_err(broken)?;
        let mut answer = String::new();
        let read = self.answers.read_line(&mut answer).await;
        if read.map_err(broken)? == 0 {
            let status = self.child.wait().await.map_err(broken)?;
            return Err(FarmError::Process(format!("ended with {status}")));
        }
        serde_json::from_str(&answer)
            .map_err(|error| FarmError::Process(format!("said nonsense: {error}")))
    }
}

impl Executor for Processes {
    async fn prove(&self, job: &Job, file: Arc<[u8]>) -> Result<(Proof, Report), FarmError> {
        let order = Order {
            job: job.clone(),
            file: self.file(job.network, &file).await?,
        };
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut process = match idle {
            Some(process) => process,
            None => self.start()?,
        };
        // A process that fails is dropped, which ends it.
        let answer = process.ask(&order).await?;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(process);
        match answer {
            Answer::Proven(proven) => Ok(*proven),
            Answer::Failed { reason, is_final } => Err(FarmError::Failed { reason, is_final }),
        }
    }
}

/// The other side: proves what standard input orders until it ends. Blocks.
///
/// # Errors
/// [`FarmError::Process`] for an order that cannot be read, or a standard output that is gone.
pub fn serve_standard_input(backends: &Backends) -> Result<(), FarmError> {
    let broken = |error: std::io::Error| FarmError::Process(format!("broke off: {error}"));
    let mut answers = std::io::stdout();
    for line in std::io::stdin().lines() {
        let order: Order = serde_json::from_str(&line.map_err(broken)?)
            .map_err(|error| FarmError::Process(format!("got nonsense: {error}")))?;
        let answer = match carry_out(backends, &order) {
            Ok(proven) => Answer::Proven(Box::new(proven)),
            Err(error) => Answer::Failed {
                reason: error.to_string(),
                is_final: error.is_final(),
            },
        };
        let line = serde_json::to_string(&answer);
        let line = line.map_err(std::io::Error::from).map_err(broken)?;
        writeln!(answers, "{line}").map_err(broken)?;
        answers.flush().map_err(broken)?;
    }
    Ok(())
}

fn carry_out(backends: &Backends, order: &Order) -> Result<(Proof, Report), FarmError> {
    let file = std::fs::read(&order.file).map_err(|source| FarmError::Io {
        action: "cannot read",
        path: order.file.clone(),
        source,
    })?;
    Ok(backends.prove(&order.job.task(file.into()))?)
}
