//! What the node claims against what happened.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::{
    chain::{Accepted, Mined},
    evidence::{Bound, Evidence},
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
    /// Close times of our transactions that are in a block without effect.
    pub reverted: Vec<u64>,
    /// Every rule that was broken, in words.
    pub broken: Vec<String>,
}

impl Verdict {
    /// Judges a world by everything it has left behind. `due` are the close times that had to be served.
    ///
    /// # Errors
    /// When the chain or a store cannot be read.
    pub async fn of(world: &World, due: impl IntoIterator<Item = u64>) -> Result<Self> {
        let evidence = Evidence::gather(world, due).await?;
        Ok(Self::judge(&evidence))
    }

    /// Judges evidence.
    #[must_use]
    pub fn judge(evidence: &Evidence) -> Self {
        let mut verdict = Self::default();
        verdict.account(evidence);
        verdict.transactions(&evidence.mined, evidence.nonce);
        verdict.wire(evidence);
        verdict.round_store(&evidence.own, &evidence.accepted);
        verdict.quorums(evidence);
        verdict
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
    fn account(&mut self, evidence: &Evidence) {
        for round in &evidence.accepted {
            if !self.accepted.insert(round.close_time) {
                self.break_rule(format!(
                    "close time {} was accepted twice",
                    round.close_time
                ));
            }
            if round.submitter != evidence.node {
                self.break_rule(format!(
                    "close time {} came from a stranger",
                    round.close_time
                ));
            }
        }
        for (close, reason) in &evidence.missed {
            if reason.code.is_empty() || reason.reason.is_empty() {
                self.break_rule(format!("close time {close} was missed without a reason"));
            }
            self.missed.insert(*close, reason.clone());
        }
        for close in &evidence.due {
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
        let undue: Vec<_> = self.accepted.difference(&evidence.due).copied().collect();
        if !undue.is_empty() {
            self.break_rule(format!("close times {undue:?} were not due"));
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
        let repeated = served.into_iter().filter(|(_, times)| *times > 1);
        self.duplicates = repeated.map(|(close, _)| close).collect();
    }

    /// On the wire, too: one statement per close time, and one nonce, so that no two of our transactions for it can ever
    /// both be mined.
    fn wire(&mut self, evidence: &Evidence) {
        let mut said = BTreeMap::<u64, &Wired>::new();
        for sent in evidence
            .wired
            .iter()
            .filter(|sent| sent.from == evidence.node)
        {
            let Some(close) = sent.close_time else {
                continue;
            };
            let first = *said.entry(close).or_insert(sent);
            if first.statement != sent.statement {
                self.break_rule(format!("two statements were sent for close time {close}"));
            }
            if first.nonce != sent.nonce {
                let (one, other) = (first.nonce, sent.nonce);
                self.break_rule(format!(
                    "close time {close} was sent with nonces {one} and {other}"
                ));
            }
        }
    }

    /// What the round store has bound is what the chain has accepted.
    fn round_store(&mut self, bound: &Bound, accepted: &[Accepted]) {
        for round in accepted {
            let want = (round.inputs_digest, round.last_close);
            let got = bound.get(&round.close_time);
            if got != Some(&want) {
                let close = round.close_time;
                self.break_rule(format!(
                    "the round store says {got:?} of close time {close}, the chain {want:?}"
                ));
            }
        }
    }

    /// For every accepted round as many attestors as needed have this very window on record.
    fn quorums(&mut self, evidence: &Evidence) {
        for round in &evidence.accepted {
            let want = (round.inputs_digest, round.last_close);
            let vouched = evidence.vouched.iter();
            let count = vouched
                .filter(|store| store.get(&round.close_time) == Some(&want))
                .count();
            if count < evidence.threshold {
                let close = round.close_time;
                self.break_rule(format!(
                    "close time {close}: {count} attestors have the accepted window on record"
                ));
            }
        }
    }

    fn break_rule(&mut self, words: String) {
        self.broken.push(words);
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, B256, Bytes};

    use super::*;

    const NODE: Address = Address::repeat_byte(1);

    fn accepted(close_time: u64) -> Accepted {
        Accepted {
            close_time,
            inputs_digest: B256::repeat_byte(7),
            last_close: 5,
            class: 1,
            submitter: NODE,
            tx: B256::ZERO,
        }
    }

    fn mined(nonce: u64, close_time: u64) -> Mined {
        Mined {
            hash: B256::ZERO,
            nonce,
            ok: true,
            close_time: Some(close_time),
        }
    }

    fn wired(nonce: u64, close_time: u64, statement: u8) -> Wired {
        Wired {
            from: NODE,
            hash: B256::ZERO,
            nonce,
            max_fee: 1,
            close_time: Some(close_time),
            statement: Some(B256::repeat_byte(statement)),
            raw: Bytes::new(),
        }
    }

    fn missed(code: &str) -> Missed {
        Missed {
            code: code.into(),
            reason: "because".into(),
        }
    }

    /// Two rounds published, one missed, one transaction handed over twice.
    fn good() -> Evidence {
        let bound = Bound::from([60, 120].map(|close| (close, (B256::repeat_byte(7), 5))));
        Evidence {
            node: NODE,
            threshold: 2,
            due: [60, 120, 180].into(),
            missed: vec![(180, missed("no-quorum"))],
            accepted: vec![accepted(60), accepted(120)],
            mined: vec![mined(0, 60), mined(1, 120)],
            nonce: 2,
            wired: vec![wired(0, 60, 1), wired(1, 120, 2), wired(1, 120, 2)],
            own: bound.clone(),
            vouched: vec![bound.clone(), bound, Bound::new()],
        }
    }

    fn broken(change: impl FnOnce(&mut Evidence)) -> Verdict {
        let mut evidence = good();
        change(&mut evidence);
        let verdict = Verdict::judge(&evidence);
        assert!(!verdict.holds(), "{verdict:?}");
        verdict
    }

    #[test]
    fn judge_accepts_what_is_in_order() {
        let verdict = Verdict::judge(&good());
        assert!(verdict.holds(), "{verdict:?}");
        assert_eq!(verdict.reasons(), [("no-quorum".to_owned(), 1)].into());
    }

    #[test]
    fn judge_finds_rounds_without_an_account_and_with_two() {
        assert_eq!(broken(|it| it.missed.clear()).unexplained, [180]);
        let both = broken(|it| it.missed.push((60, missed("chain"))));
        assert!(both.broken[0].contains("recorded as missed"), "{both:?}");
        let mute = broken(|it| it.missed[0].1.reason.clear());
        assert!(mute.broken[0].contains("without a reason"), "{mute:?}");
        let twice = broken(|it| it.accepted.push(accepted(120)));
        assert!(twice.broken[0].contains("accepted twice"), "{twice:?}");
        let undue = broken(|it| it.due = [60, 180].into());
        assert!(undue.broken[0].contains("not due"), "{undue:?}");
        let stranger = broken(|it| it.accepted[0].submitter = Address::ZERO);
        assert!(stranger.broken[0].contains("stranger"), "{stranger:?}");
    }

    #[test]
    fn judge_finds_double_transactions_and_gaps() {
        let twice = broken(|it| {
            it.mined.push(mined(2, 120));
            it.nonce = 3;
        });
        assert_eq!(twice.duplicates, [120]);
        let gap = broken(|it| it.mined[1].nonce = 2);
        assert!(gap.broken[0].contains("nonce 2 came where 1"), "{gap:?}");
        let lost = broken(|it| it.nonce = 3);
        assert!(lost.broken[0].contains("nonce is 3 after 2"), "{lost:?}");
    }

    #[test]
    fn judge_finds_contradictions_on_the_wire_and_in_the_stores() {
        let two = broken(|it| it.wired.push(wired(1, 120, 3)));
        assert!(two.broken[0].contains("two statements"), "{two:?}");
        let nonces = broken(|it| it.wired.push(wired(2, 120, 2)));
        assert!(nonces.broken[0].contains("nonces 1 and 2"), "{nonces:?}");
        let store = broken(|it| {
            it.own.remove(&60);
        });
        assert!(store.broken[0].contains("round store"), "{store:?}");
        let quorum = broken(|it| {
            it.vouched[1].remove(&120);
        });
        assert!(quorum.broken[0].contains("1 attestors"), "{quorum:?}");
    }
}
