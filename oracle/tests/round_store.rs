//! The submitter's guard: one statement per close time, one step at a time, across restarts and instances.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::path::Path;

use alloy::primitives::{Address, B256, FixedBytes};
use veriregime::{
    statement::OracleId,
    store::{Commitment, RoundStore, Stage, StoreError},
};

const ORACLE: OracleId = OracleId {
    chain_id: 31_337,
    address: Address::repeat_byte(1),
};

fn commitment(class: u8) -> Commitment {
    Commitment {
        model_id: FixedBytes([1; 4]),
        inputs_digest: B256::repeat_byte(class),
        last_close: 7,
        class,
    }
}

fn open(folder: &Path) -> RoundStore {
    RoundStore::open(&folder.join("rounds.sqlite"), &ORACLE).unwrap()
}

fn upto(store: &mut RoundStore, close_time: u64, last: Stage) {
    store.begin(close_time).unwrap();
    store.commit(close_time, commitment(2)).unwrap();
    for stage in Stage::ALL
        .into_iter()
        .skip(2)
        .take_while(|stage| *stage <= last)
    {
        store.advance(close_time, stage).unwrap();
    }
}

#[test]
fn a_round_goes_through_every_stage_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    upto(&mut store, 60, Stage::Simulated);
    store.send(60, commitment(2)).unwrap();
    store.transaction(60, B256::repeat_byte(5)).unwrap();
    store.include(60, B256::repeat_byte(5), 7, 308_669).unwrap();
    store.advance(60, Stage::Final).unwrap();
    let progress = open(folder.path()).progress(60).unwrap().unwrap();
    assert_eq!(progress.stage, Stage::Final);
    assert_eq!((progress.round, progress.gas), (Some(7), Some(308_669)));
    assert_eq!(progress.commitment, Some(commitment(2)));
    assert_eq!(progress.transaction, Some(B256::repeat_byte(5)));
}

#[test]
fn stages_cannot_be_skipped_or_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    assert!(matches!(
        store.advance(60, Stage::Proven),
        Err(StoreError::Order { .. })
    ));
    store.begin(60).unwrap();
    assert!(matches!(
        store.advance(60, Stage::Proven),
        Err(StoreError::Order { .. })
    ));
    assert!(matches!(
        store.send(60, commitment(2)),
        Err(StoreError::Order { .. })
    ));
    upto(&mut store, 60, Stage::Proven);
    assert!(matches!(
        store.advance(60, Stage::Proven),
        Err(StoreError::Order { .. })
    ));
    assert!(matches!(
        store.send(60, commitment(2)),
        Err(StoreError::Order { .. })
    ));
}

#[test]
fn a_restart_may_begin_again_but_only_with_the_same_statement() {
    let folder = tempfile::tempdir().unwrap();
    upto(&mut open(folder.path()), 60, Stage::Attested);
    let mut store = open(folder.path());
    store.begin(60).unwrap();
    assert!(matches!(
        store.commit(60, commitment(0)),
        Err(StoreError::Equivocation { close_time: 60, .. })
    ));
    store.commit(60, commitment(2)).unwrap();
}

#[test]
fn what_was_sent_is_never_begun_or_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    upto(&mut store, 60, Stage::Simulated);
    store.send(60, commitment(2)).unwrap();
    store.transaction(60, B256::repeat_byte(5)).unwrap();
    let mut second = open(folder.path());
    assert!(matches!(second.begin(60), Err(StoreError::Order { .. })));
    assert!(matches!(
        second.send(60, commitment(2)),
        Err(StoreError::Order { .. })
    ));
    assert_eq!(
        second.progress(60).unwrap().unwrap().transaction,
        Some(B256::repeat_byte(5))
    );
}

#[test]
fn two_instances_racing_to_send_one_close_time_send_it_once() {
    let folder = tempfile::tempdir().unwrap();
    upto(&mut open(folder.path()), 60, Stage::Simulated);
    let sent: Vec<bool> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..6)
            .map(|_| {
                let mut store = open(folder.path());
                scope.spawn(move || store.send(60, commitment(2)).is_ok())
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    assert_eq!(sent.iter().filter(|sent| **sent).count(), 1, "{sent:?}");
}

#[test]
fn oracles_do_not_share_rounds() {
    let folder = tempfile::tempdir().unwrap();
    upto(&mut open(folder.path()), 60, Stage::Simulated);
    let other = OracleId {
        chain_id: 1,
        ..ORACLE
    };
    let mut store = RoundStore::open(&folder.path().join("rounds.sqlite"), &other).unwrap();
    assert_eq!(store.progress(60).unwrap(), None);
}
