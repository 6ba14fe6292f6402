//! The journal alone: what is written is read again, or refused by name.

use std::path::Path;

use alloy::primitives::{Address, Bytes, keccak256};
use rusqlite::Connection;

use super::{Attempt, Journal, JournalError, Kind, NewRecord, Outcome};
use crate::transactions::Fees;

const KEY: Address = Address::repeat_byte(7);

fn open(folder: &Path) -> Journal {
    Journal::open(&folder.join("node.sqlite"), 1, KEY).unwrap()
}

fn purpose(name: &str, nonce: u64) -> NewRecord {
    NewRecord {
        purpose: name.into(),
        nonce,
        to: Address::repeat_byte(1),
        data: Bytes::from_static(&[1, 2, 3]),
        deadline: Some(60),
        unused_at: 5,
    }
}

fn attempt(seed: u8, kind: Kind) -> Attempt {
    let raw = Bytes::from(vec![seed; 40]);
    Attempt {
        hash: keccak256(&raw),
        raw,
        kind,
        fees: Fees {
            max: u128::MAX,
            priority: 3,
        },
        gas: 21_000,
        signed_at_ms: 1_735_776_000_000,
        signed_block: 6,
        broadcast: false,
    }
}

/// Changes the file behind the journal's back.
fn tamper(folder: &Path, sql: &str) {
    let database = Connection::open(folder.join("node.sqlite")).unwrap();
    let unchecked = format!("PRAGMA foreign_keys = OFF; {sql}");
    database.execute_batch(&unchecked).unwrap();
}

#[test]
fn what_is_recorded_is_read_by_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let (call, cancel) = (attempt(1, Kind::Call), attempt(2, Kind::Cancel));
    let begun = journal.begin(&purpose("a", 4), &call).unwrap();
    journal.handed_over(call.hash).unwrap();
    journal.replace(begun.id, &cancel).unwrap();
    journal.reorganised(begun.id).unwrap();
    drop(journal);

    let journal = open(folder.path());
    let record = journal.of_purpose("a").unwrap().unwrap();
    assert_eq!((record.nonce, record.deadline), (4, Some(60)));
    assert_eq!((record.unused_at, record.reorgs), (5, 1));
    assert_eq!(record.data, Bytes::from_static(&[1, 2, 3]));
    let taken = Attempt {
        broadcast: true,
        ..call
    };
    assert_eq!(record.attempts, [taken, cancel.clone()]);
    assert!(record.outcome.is_none() && !record.is_final);
    assert_eq!(journal.of_hash(cancel.hash).unwrap().unwrap().id, begun.id);
    assert_eq!(journal.at_nonce(4).unwrap().unwrap().id, begun.id);
    assert_eq!(journal.highest().unwrap(), Some(4));
    assert!(journal.of_purpose("b").unwrap().is_none());
}

#[test]
fn a_purpose_has_one_nonce_and_an_open_nonce_one_purpose() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let begun = journal.begin(&purpose("a", 4), &attempt(1, Kind::Call));
    let id = begun.unwrap().id;
    let again = journal.begin(&purpose("a", 5), &attempt(2, Kind::Call));
    assert!(matches!(again, Err(JournalError::PurposeHeld(_))));
    let other = journal.begin(&purpose("b", 4), &attempt(2, Kind::Call));
    assert!(
        matches!(&other, Err(JournalError::NonceHeld { nonce: 4, purpose }) if purpose == "a"),
        "{other:?}"
    );
    assert!(
        journal
            .of_hash(attempt(2, Kind::Call).hash)
            .unwrap()
            .is_none()
    );
    // The same transaction is not recorded twice, and nothing of a refused purpose is left.
    let copied = journal.begin(&purpose("b", 5), &attempt(1, Kind::Call));
    assert!(matches!(copied, Err(JournalError::Store { .. })));
    assert!(journal.of_purpose("b").unwrap().is_none());
    // Once settled, its nonce is no longer held; opened again, it is the one that was used later.
    journal
        .settle(id, &Outcome::Foreign { hash: None })
        .unwrap();
    let later = journal.begin(&purpose("b", 4), &attempt(2, Kind::Call));
    assert_eq!(journal.at_nonce(4).unwrap().unwrap().id, later.unwrap().id);
}

#[test]
fn keys_and_chains_do_not_share_purposes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.sqlite");
    let mut journal = open(folder.path());
    let first = attempt(1, Kind::Call);
    journal.begin(&purpose("a", 4), &first).unwrap();
    for (chain, key, seed) in [(2, KEY, 2), (1, Address::repeat_byte(8), 3)] {
        let mut other = Journal::open(&path, chain, key).unwrap();
        assert!(other.of_purpose("a").unwrap().is_none());
        assert!(other.of_hash(first.hash).unwrap().is_none());
        assert_eq!(other.highest().unwrap(), None);
        other
            .begin(&purpose("a", 4), &attempt(seed, Kind::Call))
            .unwrap();
    }
}

#[test]
fn damage_is_named_and_nothing_is_made_of_it() {
    for (sql, named) in [
        (
            "UPDATE attempts SET raw = x'00'",
            "the transaction of attempt 1",
        ),
        ("UPDATE attempts SET kind = 'gift'", "the kind of attempt 1"),
        (
            "UPDATE attempts SET max_fee_per_gas = 'much'",
            "the fee of attempt 1",
        ),
        ("UPDATE attempts SET gas = -1", "a number of attempt 1"),
        ("DELETE FROM attempts", "no transaction"),
        ("UPDATE purposes SET nonce = -1", "the nonce of purpose 1"),
        (
            "UPDATE purposes SET state = 'included'",
            "the state of purpose 1",
        ),
        (
            "UPDATE purposes SET outcome = 'well'",
            "the outcome of purpose 1",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(folder.path());
        journal
            .begin(&purpose("a", 4), &attempt(1, Kind::Call))
            .unwrap();
        tamper(folder.path(), sql);
        let damaged = journal.of_purpose("a").unwrap_err();
        assert!(matches!(damaged, JournalError::Damaged { .. }));
        assert!(damaged.to_string().contains(named), "{sql}: {damaged}");
    }
}

#[test]
fn bytes_of_final_purposes_go_after_a_day_and_their_outcome_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    for (number, name) in (1..=3).zip(["old", "old and open", "new"]) {
        journal
            .begin(
                &purpose(name, u64::from(number)),
                &attempt(number, Kind::Call),
            )
            .unwrap();
    }
    let old = journal.of_purpose("old").unwrap().unwrap();
    journal
        .settle(old.id, &Outcome::Foreign { hash: None })
        .unwrap();
    journal.finalise(old.id).unwrap();
    tamper(
        folder.path(),
        "UPDATE purposes SET id = id + 1480 WHERE purpose = 'new'; UPDATE attempts SET purpose = 1483 WHERE purpose = 3;",
    );
    let bytes = |journal: &Journal, name: &str| {
        let record = journal.of_purpose(name).unwrap().unwrap();
        (record.data.len(), record.attempts[0].raw.len())
    };
    assert_eq!(bytes(&journal, "old"), (3, 40));
    journal.finalise(1483).unwrap();
    assert_eq!(bytes(&journal, "old"), (0, 0));
    assert_eq!(bytes(&journal, "old and open"), (3, 40));
    assert_eq!(bytes(&journal, "new"), (3, 40));
    let old = journal.of_purpose("old").unwrap().unwrap();
    assert!(old.is_final && matches!(old.outcome, Some(Outcome::Foreign { .. })));
}
