//! What the node claims against what happened.
//!
//! ```text
//! due close times ─┐
//! log (claims)    ─┤
//! chain (truth)   ─┼─> Verdict: accepted, missed with reasons, broken rules
//! wire            ─┤
//! stores          ─┘
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use alloy::primitives::B256;
use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};

use crate::{
    chain::{Accepted, Mined},
    node::Missed,
    proxy::Wired,
    world::World,
};

/// The outcome of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Close times that the oracle accepted.
    pub accepted: BTreeSet<u64>,
    /// Close times recorded as missed, with the reason.
    pub missed: BTreeMap<u64, Missed>,
    /// Due close times that were neither accepted nor recorded as missed.
    pub unexplained: Vec<u64>,
    /// Close times for which more than one of our transactions is in a block.
    pub duplicates: Vec<u64>,
    /// Our transactions that are in a block without effect.
    pub reverted: Vec<u64>,
    /// Every rule that was broken, in words.
    pub broken: Vec<String>,
}

/// What a store says of each close time: digest of the inputs and last close.
type Bound = BTreeMap<u64, (B256, i64)>;

impl Verdict {
    /// Judges a world by everything it has left behind. `due` are the close times that had to be served.
    ///
    /// # Errors
    /// When the chain or a store cannot be read.
    pub async fn of(world: &World, due: impl IntoIterator<Item = u64>) -> Result<Self> {
        let accepted = world.chain.accepted().await?;
        let mined = world.chain.mined(world.node).await?;
        let nonce = world.chain.nonce(world.node).await?;
        let mut verdict = Self::default();
        verdict.account(world, due.into_iter().collect(), &accepted);
        verdict.transactions(&mined, nonce);
        verdict.wire(world, &world.rpc.service.wired());
        let own = read(
            &world.config.store,
            "SELECT close_time, inputs_digest, last_close_e8 FROM rounds WHERE inputs_digest IS NOT NULL",
        )?;
        verdict.agree("the round store", &own, &accepted);
        for attestor in &world.attestors {
            let signed = read(
                &attestor.store,
                "SELECT close_time, inputs_digest, last_close_e8 FROM vouched",
            )?;
            // A liar's store may differ: what must not is an attestor that the chain counts on. The contract has
            // checked the signatures; here it is enough that whoever differs is a liar in all of it.
            let honest = own.iter().filter(|(close, _)| signed.contains_key(close));
            let (same, all) = honest.fold((0, 0), |(same, all), (close, bound)| {
                (
                    same + usize::from(signed.get(close) == Some(bound)),
                    all + 1,
                )
            });
            if same != all && same != 0 {
                verdict.break_rule(format!(
                    "attestor {} vouched for the node's window in {same} of {all} rounds: neither honest nor a liar",
                    attestor.address
                ));
            }
        }
        Ok(verdict)
    }

    /// Whether every rule was kept and nothing is unexplained.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.broken.is_empty() && self.unexplained.is_empty() && self.duplicates.is_empty()
    }

    /// The codes of misses and how often each was given.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        for missed in self.missed.values() {
            *counted.entry(missed.code.clone()).or_default() += 1;
        }
        counted
    }

    /// Every due close time: one accepted round, or a recorded reason; not both.
    fn account(&mut self, world: &World, due: BTreeSet<u64>, accepted: &[Accepted]) {
        for round in accepted {
            if !self.accepted.insert(round.close_time) {
                self.break_rule(format!(
                    "close time {} was accepted twice",
                    round.close_time
                ));
            }
            if round.submitter != world.node {
                self.break_rule(format!(
                    "close time {} came from a stranger",
                    round.close_time
                ));
            }
        }
        for line in world.log.since(0) {
            let Some((close, reason)) = line.missed() else {
                continue;
            };
            if reason.code.is_empty() || reason.reason.is_empty() {
                self.break_rule(format!("close time {close} was missed without a reason"));
            }
            self.missed.insert(close, reason);
        }
        for close in &due {
            match (self.accepted.contains(close), self.missed.get(close)) {
                (false, None) => self.unexplained.push(*close),
                (true, Some(reason)) => {
                    let words = format!(
                        "close time {close} is on chain, but recorded as missed: {reason:?}"
                    );
                    self.break_rule(words);
                }
                _ => {}
            }
        }
        let early: Vec<_> = self.accepted.difference(&due).copied().collect();
        if !early.is_empty() {
            self.break_rule(format!("close times {early:?} were not due"));
        }
    }

    /// One of our transactions per close time, and no gap in the nonces.
    fn transactions(&mut self, mined: &[Mined], nonce: u64) {
        let mut served = BTreeMap::<u64, usize>::new();
        for (want, transaction) in (0..).zip(mined) {
            if transaction.nonce != want {
                self.break_rule(format!(
                    "nonce {} came where {want} was due",
                    transaction.nonce
                ));
            }
            if let Some(close) = transaction.close_time {
                *served.entry(close).or_default() += 1;
                if !transaction.ok {
                    self.reverted.push(close);
                }
            }
        }
        if nonce != mined.len() as u64 {
            self.break_rule(format!(
                "the account's nonce is {nonce} after {} transactions",
                mined.len()
            ));
        }
        self.duplicates = served
            .into_iter()
            .filter(|(_, times)| *times > 1)
            .map(|(close, _)| close)
            .collect();
    }

    /// On the wire, too: one statement per close time, and one nonce, so that no two of our transactions for it can ever
    /// both be mined.
    fn wire(&mut self, world: &World, wired: &[Wired]) {
        let mut said = BTreeMap::<u64, &Wired>::new();
        for sent in wired.iter().filter(|sent| sent.from == world.node) {
            let Some(close) = sent.close_time else {
                continue;
            };
            let first = *said.entry(close).or_insert(sent);
            if first.statement != sent.statement {
                self.break_rule(format!("two statements were sent for close time {close}"));
            }
            if first.nonce != sent.nonce {
                self.break_rule(format!(
                    "close time {close} was sent with nonces {} and {}",
                    first.nonce, sent.nonce
                ));
            }
        }
    }

    /// What a store has bound is what the chain has accepted.
    fn agree(&mut self, whose: &str, bound: &Bound, accepted: &[Accepted]) {
        for round in accepted {
            let want = (round.inputs_digest, round.last_close);
            match bound.get(&round.close_time) {
                Some(got) if *got == want => {}
                got => self.break_rule(format!(
                    "{whose} says {got:?} of close time {}, the chain {want:?}",
                    round.close_time
                )),
            }
        }
    }

    fn break_rule(&mut self, words: String) {
        self.broken.push(words);
    }
}

/// Reads close times, digests and prices from a store, past the program that owns it.
fn read(store: &Path, query: &str) -> Result<Bound> {
    let place = || format!("reading {}", store.display());
    let database =
        Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).with_context(place)?;
    let mut statement = database.prepare(query).with_context(place)?;
    let rows = statement.query_map([], |row| {
        let (close, digest, price): (i64, [u8; 32], i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((close.unsigned_abs(), (B256::from(digest), price)))
    });
    rows.with_context(place)?
        .collect::<Result<_, _>>()
        .with_context(place)
}
