//! What a soak run found.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use veriregime::exchange::SourceKind;

use crate::node::Missed;

/// Figures and judgement of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Seed of everything left to chance.
    pub seed: u64,
    /// Where the candles came from.
    pub candles: SourceKind,
    /// Simulated hours.
    pub hours: f64,
    /// Real minutes.
    pub minutes: f64,
    /// Close times that were due.
    pub due: usize,
    /// Of which the oracle has a round.
    pub published: usize,
    /// Close times with a recorded reason, by code.
    pub missed: BTreeMap<String, usize>,
    /// Of these, the ones outside planned outages: what faults by chance cost.
    pub missed_by_weather: Vec<(u64, Missed)>,
    /// Neither the one nor the other: must be empty.
    pub unexplained: Vec<u64>,
    /// Close times with two of the node's transactions in blocks: must be empty.
    pub duplicates: Vec<u64>,
    /// Transactions of the node that reverted in a block.
    pub reverted: Vec<u64>,
    /// Broken rules, in words: must be empty.
    pub broken: Vec<String>,
    /// Lives of the daemon.
    pub lives: u32,
    /// Starts that ended with an error, because something did not answer at that moment; repeated as a supervisor does.
    pub failed_starts: u64,
    /// Planned misfortunes by kind.
    pub events: BTreeMap<String, u64>,
    /// Faults by chance, by place and kind.
    pub faults: BTreeMap<String, u64>,
    /// Peak memory of the daemon over all lives, megabytes (10^6).
    pub peak_memory_mb: f64,
    /// Growth of the round store per simulated day, kilobytes (10^3).
    pub store_kb_per_day: f64,
    /// Growth of the log per simulated day, kilobytes (10^3).
    pub log_kb_per_day: f64,
    /// From a close to the moment a node took its transaction, real milliseconds: median, 95th percentile.
    pub close_to_sent_ms: (u64, u64),
    /// From a start to the first line of output, milliseconds: median, longest.
    pub start_to_ready_ms: (u64, u64),
    /// From SIGTERM to the end, milliseconds: median, longest.
    pub stop_ms: (u64, u64),
    /// Pages of the daemon asked for, and those that did not come although it ran.
    pub pages: (u64, u64),
}

impl Report {
    /// Whether every rule was kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.broken.is_empty() && self.unexplained.is_empty() && self.duplicates.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} simulated hours in {:.1} minutes, seed {}, candles: {}",
            self.hours, self.minutes, self.seed, self.candles
        )?;
        writeln!(
            f,
            "rounds due {}, published {}, missed with a reason {:?}, unexplained {:?}, duplicates {:?}, reverted {:?}",
            self.due, self.published, self.missed, self.unexplained, self.duplicates, self.reverted
        )?;
        writeln!(
            f,
            "lives of the daemon {}, failed starts {}; events {:?}",
            self.lives, self.failed_starts, self.events
        )?;
        writeln!(
            f,
            "faults by chance: {} {:?}",
            self.faults.values().sum::<u64>(),
            self.faults
        )?;
        writeln!(
            f,
            "peak memory {:.1} MB; per day: store {:.0} kB, log {:.0} kB",
            self.peak_memory_mb, self.store_kb_per_day, self.log_kb_per_day
        )?;
        writeln!(
            f,
            "close to sent {} ms (median), {} ms (95th percentile); start to ready {} ms, at most {} ms; stop {} ms, at most {} ms",
            self.close_to_sent_ms.0,
            self.close_to_sent_ms.1,
            self.start_to_ready_ms.0,
            self.start_to_ready_ms.1,
            self.stop_ms.0,
            self.stop_ms.1
        )?;
        writeln!(
            f,
            "pages of the daemon: {} asked for, {} missing",
            self.pages.0, self.pages.1
        )?;
        for (close, missed) in &self.missed_by_weather {
            writeln!(
                f,
                "missed by weather: {close}, {}: {}",
                missed.code, missed.reason
            )?;
        }
        for rule in &self.broken {
            writeln!(f, "BROKEN: {rule}")?;
        }
        Ok(())
    }
}
