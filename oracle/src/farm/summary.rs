//! What a run says of itself: `report.json` of its folder.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{FarmError, JobId, Made, Plan};
use crate::backend::{BackendName, Report};

/// A run in numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Summary {
    /// By whom.
    pub backend: BackendName,
    /// Names of the slices; one for a whole network.
    pub slices: Vec<String>,
    /// Jobs asked for.
    pub asked: usize,
    /// Proven in this run.
    pub proven: usize,
    /// Found in the folder or the queue.
    pub cached: usize,
    /// Without a proof.
    pub failed: usize,
    /// Attempts beyond the first, of jobs that were proven.
    pub retries: u32,
    /// Results that came again and were dropped.
    pub duplicates: u64,
    /// From the first submission to the last check.
    pub wall_ms: f64,
    /// Jobs proven in this run, by worker.
    pub workers: BTreeMap<String, usize>,
    /// Whether the slices of each window belong together.
    pub links: Vec<Link>,
    /// Job by job.
    pub jobs: Vec<Line>,
}

/// Where a result came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Proven in this run.
    Proven,
    /// In the folder already.
    Folder,
    /// In the queue already.
    Queue,
}

/// One job of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Its id; its proof is `proofs/ID.json`.
    pub id: JobId,
    /// Index of the window.
    pub window: usize,
    /// Index of the slice.
    pub slice: usize,
    /// Where the result came from; none without.
    pub origin: Option<Origin>,
    /// Attempts before the one that succeeded.
    pub retries: u32,
    /// Results that did not hold.
    pub refused: u32,
    /// Who proved it and when.
    pub made: Option<Made>,
    /// What that took.
    pub report: Option<Report>,
    /// The network's output.
    pub output: Vec<i64>,
    /// Why there is no proof.
    pub failure: Option<String>,
}

/// Whether the slices of a window belong together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Link {
    /// Index of the window.
    pub window: usize,
    /// How many of its slices are proven.
    pub slices: usize,
    /// What is wrong; nothing if they do.
    pub problem: Option<String>,
}

impl Summary {
    pub(super) fn new(
        plan: &Plan,
        jobs: Vec<Line>,
        links: Vec<Link>,
        duplicates: u64,
        wall_ms: f64,
    ) -> Self {
        let count = |of: fn(&Line) -> bool| jobs.iter().filter(|line| of(line)).count();
        let mut workers = BTreeMap::new();
        for line in &jobs {
            if let (Some(Origin::Proven), Some(made)) = (line.origin, &line.made) {
                *workers.entry(made.worker.clone()).or_default() += 1;
            }
        }
        Self {
            backend: plan.backend(),
            slices: plan.parts.iter().map(|part| part.name.clone()).collect(),
            asked: jobs.len(),
            proven: count(|line| line.origin == Some(Origin::Proven)),
            cached: count(|line| matches!(line.origin, Some(Origin::Folder | Origin::Queue))),
            failed: count(|line| line.failure.is_some()),
            retries: jobs.iter().map(|line| line.retries).sum(),
            duplicates,
            wall_ms,
            workers,
            links,
            jobs,
        }
    }

    /// Writes it as `report.json`.
    ///
    /// # Errors
    /// [`FarmError::Io`].
    pub fn write(&self, folder: &Path) -> Result<(), FarmError> {
        let path = folder.join("report.json");
        let io = |source| FarmError::Io {
            action: "cannot write",
            path: path.clone(),
            source,
        };
        let text = serde_json::to_vec_pretty(self).map_err(|error| io(error.into()))?;
        std::fs::create_dir_all(folder).map_err(io)?;
        std::fs::write(&path, text).map_err(io)
    }

    /// Fails if a job has no proof.
    ///
    /// # Errors
    /// [`FarmError::Unfinished`] with the first of them.
    pub fn check(&self) -> Result<(), FarmError> {
        let first = self.jobs.iter().find(|line| line.failure.is_some());
        match first {
            None => Ok(()),
            Some(line) => Err(FarmError::Unfinished {
                failed: self.failed,
                all: self.asked,
                id: line.id,
                reason: line.failure.clone().unwrap_or_default(),
            }),
        }
    }

    /// Whether the slices of every window belong together.
    pub fn links_hold(&self) -> bool {
        self.links.iter().all(|link| link.problem.is_none())
    }
}
