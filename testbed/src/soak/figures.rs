//! What is measured while the day passes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use crate::node::{Line, Missed};

/// Counted as the log comes in.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// When each close time passed.
    pub(super) closed: BTreeMap<u64, Instant>,
    /// From the close to the first hand-over of the transaction, real time.
    pub(super) sent: BTreeMap<u64, Duration>,
    /// In a block, or missed with a reason: the next window may come.
    pub(super) served: BTreeSet<u64>,
    /// Final, or missed with a reason.
    pub(super) settled: BTreeMap<u64, Option<Missed>>,
    /// Starts that ended with an error instead: a supervisor tries again.
    pub(super) failed_starts: u64,
    /// From a start to the first line of output.
    pub(super) ready: Vec<Duration>,
    /// From `SIGTERM` to the end.
    pub(super) stopped: Vec<Duration>,
    /// Exit codes of graceful stops that were not 0.
    pub(super) bad_exits: Vec<String>,
    /// Peak memory of any life, kilobytes.
    pub(super) peak_kb: u64,
    /// Planned outages: first and last window.
    pub(super) outages: Vec<(u64, u64)>,
    /// Events by kind.
    pub(super) events: BTreeMap<&'static str, u64>,
    /// Times that a page of the daemon was asked for, and that it did not answer although the daemon ran.
    pub(super) pages: (u64, u64),
    /// When a round was settled last.
    pub(super) progress: Option<Instant>,
}

impl Figures {
    /// Takes a line of the daemon's log into account.
    pub(super) fn read(&mut self, line: &Line) {
        let close = line.close_time();
        if let Some((close, missed)) = line.missed() {
            self.settle(close, Some(missed));
        } else if let Some(close) = close.filter(|close| line.is_stage(*close, "final")) {
            self.settle(close, None);
        } else if let Some(close) = close.filter(|close| line.is_stage(*close, "included")) {
            self.served.insert(close);
            self.progress = Some(Instant::now());
        } else if let Some(close) = close.filter(|_| line.code() == "tx.broadcast")
            && let Some(closed) = self.closed.get(&close)
        {
            let after = line.at.duration_since(*closed);
            self.sent.entry(close).or_insert(after);
        }
    }

    fn settle(&mut self, close: u64, end: Option<Missed>) {
        self.settled.insert(close, end);
        self.served.insert(close);
        self.progress = Some(Instant::now());
    }

    /// The earliest of the given close times that is not settled.
    pub(super) fn oldest_open(&self, first: u64, last: u64) -> Option<u64> {
        let mut closes = (first..=last).step_by(60);
        closes.find(|close| !self.settled.contains_key(close))
    }

    /// The earliest of the given close times that is neither in a block nor missed.
    pub(super) fn oldest_unserved(&self, first: u64, last: u64) -> Option<u64> {
        let mut closes = (first..=last).step_by(60);
        closes.find(|close| !self.served.contains(close))
    }
}

/// Bytes of a database with its side files.
pub(super) fn store_bytes(store: &Path) -> u64 {
    ["", "-wal", "-shm"]
        .iter()
        .filter_map(|ending| {
            let mut name = store.as_os_str().to_owned();
            name.push(ending);
            std::fs::metadata(name).ok()
        })
        .map(|file| file.len())
        .sum()
}

/// The value at a share of the sorted list, in milliseconds.
pub(super) fn quantile(times: &[Duration], share: f64) -> u64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * share).round() as usize;
    let time = sorted.get(at).copied().unwrap_or_default();
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
