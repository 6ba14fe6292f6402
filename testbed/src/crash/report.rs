//! What a crash matrix found.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::ARROWS;
use crate::{Verdict, node::Missed};

/// One kill and what became of the round it struck.
#[derive(Clone, Debug, Serialize)]
pub struct Kill {
    /// The arrow.
    pub arrow: &'static str,
    /// The round that was under way.
    pub close_time: u64,
    /// Pause between the arrow and the kill, milliseconds.
    pub delay_ms: u64,
    /// Windows that closed while the daemon was down.
    pub downtime: u64,
    /// From the restart to the first line of output, milliseconds.
    pub ready_ms: u64,
    /// The reason, if the round was missed.
    pub missed: Option<Missed>,
}

/// The whole matrix.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Seed of delays and downtimes.
    pub seed: u64,
    /// Where the candles came from.
    pub candles: veriregime::exchange::SourceKind,
    /// Kills in all.
    pub kills: usize,
    /// Kills by arrow, in the order of a round.
    pub arrows: Vec<Struck>,
    /// Close times that were due.
    pub due: usize,
    /// Of which the oracle has a round.
    pub accepted: usize,
    /// Close times with a recorded reason, by code.
    pub missed: BTreeMap<String, usize>,
    /// Neither the one nor the other.
    pub unexplained: Vec<u64>,
    /// Close times with two transactions in blocks.
    pub duplicates: Vec<u64>,
    /// Our transactions that reverted in a block.
    pub reverted: Vec<u64>,
    /// Broken rules, in words.
    pub broken: Vec<String>,
    /// From a restart to the first line of output, milliseconds: median and longest.
    pub ready_ms: (u64, u64),
}

/// How often an arrow was struck.
#[derive(Clone, Debug, Serialize)]
pub struct Struck {
    /// The arrow.
    pub arrow: &'static str,
    /// Kills.
    pub kills: usize,
    /// Rounds missed, with a reason.
    pub missed: usize,
}

impl Report {
    /// Sums up.
    #[must_use]
    pub fn of(
        seed: u64,
        candles: veriregime::exchange::SourceKind,
        kills: &[Kill],
        due: usize,
        verdict: Verdict,
    ) -> Self {
        let arrows = ARROWS.iter().map(|arrow| {
            let struck = || kills.iter().filter(|kill| kill.arrow == arrow.name);
            Struck {
                arrow: arrow.name,
                kills: struck().count(),
                missed: struck().filter(|kill| kill.missed.is_some()).count(),
            }
        });
        let mut ready: Vec<_> = kills.iter().map(|kill| kill.ready_ms).collect();
        ready.sort_unstable();
        let at = |index: usize| ready.get(index).copied().unwrap_or(0);
        Self {
            seed,
            candles,
            kills: kills.len(),
            arrows: arrows.collect(),
            due,
            accepted: verdict.accepted.len(),
            missed: verdict.reasons(),
            ready_ms: (at(ready.len() / 2), at(ready.len().saturating_sub(1))),
            unexplained: verdict.unexplained,
            duplicates: verdict.duplicates,
            reverted: verdict.reverted,
            broken: verdict.broken,
        }
    }

    /// Whether every rule was kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.broken.is_empty() && self.unexplained.is_empty() && self.duplicates.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28} kills  missed with a reason", "arrow")?;
        for struck in &self.arrows {
            writeln!(
                f,
                "{:<28} {:>5}  {:>6}",
                struck.arrow, struck.kills, struck.missed
            )?;
        }
        writeln!(
            f,
            "{} kills; {} close times due, {} accepted, {} missed with a reason; candles: {}",
            self.kills,
            self.due,
            self.accepted,
            self.missed.values().sum::<usize>(),
            self.candles
        )?;
        writeln!(
            f,
            "duplicates {:?}, unexplained {:?}, reverted {:?}; restart to ready {} ms, at most {} ms",
            self.duplicates, self.unexplained, self.reverted, self.ready_ms.0, self.ready_ms.1
        )?;
        for (reason, count) in &self.missed {
            writeln!(f, "missed {count} x {reason}")?;
        }
        for rule in &self.broken {
            writeln!(f, "BROKEN: {rule}")?;
        }
        Ok(())
    }
}
