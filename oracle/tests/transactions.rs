//! Transactions on a real chain that drops, reorders and forgets them: whatever happens, one purpose takes effect once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod anvil;

use std::{collections::BTreeSet, future::Future, time::Duration};

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    providers::Provider,
    signers::local::PrivateKeySigner,
};
use anvil::{
    BURNER, COUNTER, CROWDED, GWEI, HANG, ONCE, ROOMY, Rig, policy,
    proxy::{Lie, Proxy},
};
use serde_json::json;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use veriregime::transactions::{
    Event, Final, Included, Kind, Outcome, Revert, SendError, SendPolicy, Sender,
};

const PURPOSE: &str = "31337:0xoracle:1735776000";

/// A submission that goes on by itself, and what it tells.
struct Run<T> {
    events: mpsc::UnboundedReceiver<Event>,
    task: JoinHandle<Result<T, SendError>>,
}

fn submit(sender: &Sender, purpose: &str, to: Address, deadline: Option<u64>) -> Run<Included> {
    let (tell, events) = mpsc::unbounded_channel();
    let (sender, purpose) = (sender.clone(), purpose.to_owned());
    let task = tokio::spawn(async move {
        let on = move |event| {
            tell.send(event).ok();
        };
        sender
            .submit(&purpose, to, Bytes::new(), deadline, on)
            .await
    });
    Run { events, task }
}

fn finalise(sender: &Sender, included: &Included) -> Run<Final> {
    let (tell, events) = mpsc::unbounded_channel();
    let (sender, included) = (sender.clone(), included.clone());
    let task = tokio::spawn(async move {
        let on = move |event| {
            tell.send(event).ok();
        };
        sender.finalise(&included, on).await
    });
    Run { events, task }
}

impl<T> Run<T> {
    /// Waits for an event that `want` knows; earlier ones are passed over.
    async fn until<E>(&mut self, want: impl Fn(&Event) -> Option<E>) -> E {
        timeout(HANG, async {
            loop {
                let event = self.events.recv().await.expect("ended without the event");
                if let Some(found) = want(&event) {
                    return found;
                }
            }
        })
        .await
        .expect("the event never came")
    }

    async fn end(self) -> Result<T, SendError> {
        timeout(HANG, self.task)
            .await
            .expect("never ended")
            .unwrap()
    }

    /// The events so far.
    fn told(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }
}

/// Makes blocks until `asked` is done.
async fn mining<T>(rig: &Rig, asked: impl Future<Output = T>) -> T {
    let mut asked = std::pin::pin!(asked);
    timeout(HANG, async {
        loop {
            tokio::select! {
                done = &mut asked => return done,
                () = tokio::time::sleep(Duration::from_millis(60)) => rig.mine(1).await,
            }
        }
    })
    .await
    .expect("never ended")
}

fn broadcast(event: &Event) -> Option<B256> {
    match event {
        Event::Broadcast { hash } => Some(*hash),
        _ => None,
    }
}

fn replaced(event: &Event) -> Option<(B256, B256)> {
    match event {
        Event::Replaced { old, new } => Some((*old, *new)),
        _ => None,
    }
}

fn rebroadcast(event: &Event) -> Option<B256> {
    match event {
        Event::Rebroadcast { hash } => Some(*hash),
        _ => None,
    }
}

fn reorged(event: &Event) -> Option<B256> {
    match event {
        Event::Reorged { hash, .. } => Some(*hash),
        _ => None,
    }
}

fn above_cap(event: &Event) -> Option<(u128, u128)> {
    match event {
        Event::FeeAboveCap { base_fee, limit } => Some((*base_fee, *limit)),
        _ => None,
    }
}

/// Nobody is in a hurry: nothing counts as stuck.
fn patient() -> SendPolicy {
    SendPolicy {
        stuck_after: HANG,
        ..policy()
    }
}

#[tokio::test]
async fn a_call_is_made_once_paid_as_told_and_final_after_its_confirmations() {
    let Some(rig) = Rig::start("a simple transaction").await else {
        return;
    };
    let sender = rig.sender(patient());
    let before = rig.balance().await;
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let hash = run.until(broadcast).await;
    assert!(rig.in_pool(hash).await);
    rig.mine(1).await;
    let included = run.end().await.unwrap();
    assert_eq!((included.hash, included.block), (hash, 1));
    assert_eq!(before - rig.balance().await, included.fee_wei);
    // Not with one block, but with the next.
    let mut run = finalise(&sender, &included);
    tokio::time::sleep(policy().poll * 10).await;
    assert!(!run.task.is_finished() && run.told().is_empty());
    rig.mine(1).await;
    let last = run.end().await.unwrap();
    assert_eq!((&last.included, last.reorgs), (&included, 0));

    // Asked again, also by another process and without a chain: the same answer, and nothing is sent.
    let again = mining(&rig, submit(&sender, PURPOSE, COUNTER, None).end()).await;
    assert_eq!(again.unwrap(), included);
    drop(sender);
    let elsewhere = rig.sender_over(&["http://127.0.0.1:9".into()], patient());
    let again = submit(&elsewhere, PURPOSE, COUNTER, None).end().await;
    assert_eq!(again.unwrap(), included);
    assert_eq!(finalise(&elsewhere, &included).end().await.unwrap(), last);
    let record = elsewhere.recorded(PURPOSE).unwrap().unwrap();
    assert!(record.is_final && matches!(record.outcome, Some(Outcome::Included(_))));
    assert_eq!(record.hash(), Some(hash));
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
    // One purpose is one call.
    let other = submit(&elsewhere, PURPOSE, ONCE, None).end().await;
    assert!(
        matches!(other, Err(SendError::OtherCall { .. })),
        "{other:?}"
    );
}

#[tokio::test]
async fn purposes_at_the_same_time_get_a_nonce_each_and_one_asked_for_twice_gets_one() {
    let Some(rig) = Rig::start("many purposes at once").await else {
        return;
    };
    let sender = rig.sender(policy());
    let mut runs = Vec::new();
    for number in 0..6 {
        runs.push(submit(
            &sender,
            &format!("{PURPOSE}:{number}"),
            COUNTER,
            None,
        ));
    }
    // The same purpose from two sides.
    runs.push(submit(&sender, &format!("{PURPOSE}:0"), COUNTER, None));
    let ended = mining(&rig, async {
        let mut hashes = BTreeSet::new();
        for run in runs {
            hashes.insert(run.end().await.unwrap().hash);
        }
        hashes
    })
    .await;
    assert_eq!(ended.len(), 6);
    let nonces: Vec<_> = rig.sent().await.iter().map(|sent| sent.nonce).collect();
    assert_eq!(nonces, [0, 1, 2, 3, 4, 5]);
    assert_eq!(rig.count(COUNTER).await, 6);
}

#[tokio::test]
async fn a_stuck_transaction_is_replaced_with_both_fees_raised() {
    let Some(rig) = Rig::start("a stuck transaction").await else {
        return;
    };
    let sender = rig.sender(policy());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let first = run.until(broadcast).await;
    // As long as no blocks are made, no fee helps.
    tokio::time::sleep(policy().stuck_after * 2).await;
    assert!(run.told().is_empty());
    rig.mine_full().await;
    let (old, new) = run.until(replaced).await;
    assert_eq!(old, first);
    assert!(!rig.in_pool(first).await && rig.in_pool(new).await);
    rig.mine(1).await;
    let included = run.end().await.unwrap();
    assert_eq!(included.hash, new);
    let record = sender.recorded(PURPOSE).unwrap().unwrap();
    let [before, after] = record.attempts.as_slice() else {
        panic!("{:?}", record.attempts)
    };
    for (before, after) in [
        (before.fees.max, after.fees.max),
        (before.fees.priority, after.fees.priority),
    ] {
        assert!(after * 100 >= before * 115, "{before} {after}");
    }
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn the_first_of_two_may_win_although_it_was_replaced() {
    let Some(rig) = Rig::start("a replaced transaction that is mined").await else {
        return;
    };
    let sender = rig.sender(policy());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let first = run.until(broadcast).await;
    rig.mine_full().await;
    let (_, second) = run.until(replaced).await;
    run.task.abort();
    // The maker of the next block never saw the second.
    rig.drop_from_pool(second).await;
    let record = sender.recorded(PURPOSE).unwrap().unwrap();
    let raw = &record.attempts[0].raw;
    let given = rig.call("eth_sendRawTransaction", json!([raw])).await;
    assert_eq!(given, json!(first));
    rig.mine(1).await;
    let included = submit(&sender, PURPOSE, COUNTER, None).end().await.unwrap();
    assert_eq!(included.hash, first);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn fees_above_the_cap_are_waited_for_and_never_paid() {
    let Some(rig) = Rig::start("fees above the cap").await else {
        return;
    };
    let cap = SendPolicy {
        max_fee_per_gas: 10 * GWEI,
        ..policy()
    };
    let sender = rig.sender(cap);
    rig.base_fee(50 * GWEI).await;
    rig.mine(1).await;
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let (base, limit) = run.until(above_cap).await;
    assert!(base > limit && limit < 10 * GWEI, "{base} {limit}");
    tokio::time::sleep(cap.stuck_after).await;
    assert!(run.told().is_empty(), "said once");
    assert!(sender.recorded(PURPOSE).unwrap().is_none());
    // It falls, something is signed; it rises again, and no replacement may be worth it.
    rig.base_fee(6 * GWEI).await;
    rig.mine(1).await;
    run.until(broadcast).await;
    rig.base_fee(60 * GWEI).await;
    rig.mine_full().await;
    run.until(above_cap).await;
    rig.base_fee(GWEI).await;
    let included = mining(&rig, run.end()).await.unwrap();
    let sent = rig.sent().await;
    assert_eq!((sent.len(), sent[0].hash), (1, included.hash));
    let record = sender.recorded(PURPOSE).unwrap().unwrap();
    assert!(
        record
            .attempts
            .iter()
            .all(|attempt| attempt.fees.max <= cap.max_fee_per_gas),
        "{:?}",
        record.attempts
    );
    assert_eq!(rig.count(COUNTER).await, 1);
}

#[tokio::test]
async fn at_the_deadline_the_nonce_is_used_up_by_nothing() {
    let Some(rig) = Rig::start("a deadline").await else {
        return;
    };
    let sender = rig.sender(patient());
    let deadline = rig.now().await + 100;
    let mut run = submit(&sender, PURPOSE, COUNTER, Some(deadline));
    let first = run.until(broadcast).await;
    // The block whose time is the deadline has no room for it.
    rig.room(CROWDED).await;
    rig.mine_at(deadline).await;
    let (old, cancel) = run.until(replaced).await;
    assert_eq!(old, first);
    assert!(!rig.in_pool(first).await && rig.in_pool(cancel).await);
    rig.mine(3).await;
    let Err(SendError::Cancelled { hash, nonce: 0, .. }) = run.end().await else {
        panic!("it was not cancelled")
    };
    assert_eq!(hash, cancel);
    let sent = rig.sent().await;
    assert_eq!((sent.len(), sent[0].hash), (1, cancel));
    assert_eq!(sent[0].to, rig.key.address());
    assert_eq!(rig.count(COUNTER).await, 0);
    let record = sender.recorded(PURPOSE).unwrap().unwrap();
    assert_eq!(record.attempts[1].kind, Kind::Cancel);

    // It stays cancelled, also for another process; the next purpose has the next nonce.
    drop(sender);
    let sender = rig.sender(patient());
    let again = submit(&sender, PURPOSE, COUNTER, Some(deadline))
        .end()
        .await;
    assert!(
        matches!(again, Err(SendError::Cancelled { .. })),
        "{again:?}"
    );
    rig.room(ROOMY).await;
    let late = submit(&sender, "late", COUNTER, Some(deadline)).end().await;
    assert!(
        matches!(late, Err(SendError::TooLate { deadline: d, now, .. }) if d == deadline && now >= d),
        "{late:?}"
    );
    assert!(sender.recorded("late").unwrap().is_none());
    mining(&rig, submit(&sender, "next", COUNTER, None).end())
        .await
        .unwrap();
    let nonces: Vec<_> = rig.sent().await.iter().map(|sent| sent.nonce).collect();
    assert_eq!((nonces, rig.count(COUNTER).await), (vec![0, 1], 1));
}

#[tokio::test]
async fn a_call_that_a_block_takes_in_spite_of_its_cancellation_is_reported_as_made() {
    let Some(rig) = Rig::start("a cancellation that comes too late").await else {
        return;
    };
    let sender = rig.sender(patient());
    let deadline = rig.now().await + 100;
    let mut run = submit(&sender, PURPOSE, COUNTER, Some(deadline));
    let first = run.until(broadcast).await;
    // The cancellation is signed and recorded, but reaches nobody before the block is made.
    let proxy = Proxy::before(&rig.url(), Lie::Holds("eth_sendRawTransaction")).await;
    run.task.abort();
    let cut_off = rig.sender_over(std::slice::from_ref(&proxy.url), patient());
    rig.room(CROWDED).await;
    rig.mine_at(deadline).await;
    let mut run = submit(&cut_off, PURPOSE, COUNTER, Some(deadline));
    run.until(|event| matches!(event, Event::Signed { .. }).then_some(()))
        .await;
    rig.room(ROOMY).await;
    rig.mine(1).await;
    run.task.abort();
    let included = submit(&sender, PURPOSE, COUNTER, Some(deadline))
        .end()
        .await;
    assert_eq!(included.unwrap().hash, first);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn a_transaction_that_the_pool_lost_is_handed_over_again() {
    let Some(rig) = Rig::start("a dropped transaction").await else {
        return;
    };
    let sender = rig.sender(patient());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let hash = run.until(broadcast).await;
    for _ in 0..3 {
        rig.drop_from_pool(hash).await;
        assert_eq!(run.until(rebroadcast).await, hash);
        assert!(rig.in_pool(hash).await);
    }
    rig.mine(1).await;
    assert_eq!(run.end().await.unwrap().hash, hash);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn after_a_reorganisation_it_is_brought_in_again_and_the_reorganisation_is_counted() {
    let Some(rig) = Rig::start("a reorganisation").await else {
        return;
    };
    let sender = rig.sender(patient());
    rig.mine(3).await;
    let run = submit(&sender, PURPOSE, COUNTER, None);
    let included = mining(&rig, run.end()).await.unwrap();
    let mut run = finalise(&sender, &included);
    // The block is replaced by an empty one.
    let depth = rig.block().await - included.block + 1;
    rig.call("anvil_reorg", json!([depth, []])).await;
    assert_eq!(run.until(reorged).await, included.hash);
    let last = mining(&rig, run.end()).await.unwrap();
    assert_eq!((last.included.hash, last.reorgs), (included.hash, 1));
    assert_ne!(
        last.included.receipt.block_hash,
        included.receipt.block_hash
    );
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn after_a_rollback_it_is_brought_in_again() {
    let Some(rig) = Rig::start("a rollback").await else {
        return;
    };
    let sender = rig.sender(patient());
    rig.mine(3).await;
    let snapshot = rig.call("evm_snapshot", json!([])).await;
    let run = submit(&sender, PURPOSE, COUNTER, None);
    let included = mining(&rig, run.end()).await.unwrap();
    // Seen and not final; then the chain is shorter than before, and its pool is empty.
    let mut run = finalise(&sender, &included);
    rig.call("evm_revert", json!([snapshot])).await;
    rig.call("anvil_dropAllTransactions", json!([])).await;
    assert_eq!(rig.count(COUNTER).await, 0);
    rig.mine_at(rig.now().await + 1_000).await;
    assert_eq!(run.until(reorged).await, included.hash);
    let last = mining(&rig, run.end()).await.unwrap();
    assert_eq!((last.included.hash, last.reorgs), (included.hash, 1));
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn a_call_that_another_one_overtook_says_so() {
    let Some(rig) = Rig::start("an overtaken call").await else {
        return;
    };
    let sender = rig.sender(patient());
    let other = PrivateKeySigner::random();
    rig.fund(other.address(), U256::from(10u64.pow(18))).await;
    let mut run = submit(&sender, PURPOSE, ONCE, None);
    let hash = run.until(broadcast).await;
    // Somebody else pays more, in the same block.
    rig.elsewhere(&other, ONCE, 0, 90 * GWEI).await;
    rig.mine(1).await;
    let reverted = run.end().await.unwrap_err();
    assert!(reverted.is_already_accepted(), "{reverted}");
    let SendError::Reverted {
        hash: reported,
        reason,
        ..
    } = &reverted
    else {
        panic!("{reverted}")
    };
    assert_eq!(*reported, hash);
    assert!(
        reason.to_string().contains("CloseTimeNotAfterLatest"),
        "{reason}"
    );
    // The answer is kept, and a later purpose is refused before anything is signed.
    drop(sender);
    let sender = rig.sender(patient());
    let again = submit(&sender, PURPOSE, ONCE, None)
        .end()
        .await
        .unwrap_err();
    assert_eq!(again.to_string(), reverted.to_string());
    let refused = submit(&sender, "later", ONCE, None)
        .end()
        .await
        .unwrap_err();
    assert!(matches!(refused, SendError::Refused(_)) && refused.is_already_accepted());
    assert!(sender.recorded("later").unwrap().is_none());
    assert_eq!(rig.sent().await.len(), 1);
    assert_eq!(rig.count(ONCE).await, 1);
}

#[tokio::test]
async fn a_call_that_ran_out_of_gas_says_so() {
    let Some(rig) = Rig::start("a call without enough gas").await else {
        return;
    };
    let sender = rig.sender(patient());
    let other = PrivateKeySigner::random();
    rig.fund(other.address(), U256::from(10u64.pow(18))).await;
    let mut run = submit(&sender, PURPOSE, BURNER, None);
    run.until(broadcast).await;
    rig.elsewhere(&other, BURNER, 0, 90 * GWEI).await;
    rig.mine(1).await;
    let reverted = run.end().await.unwrap_err();
    assert!(
        matches!(
            &reverted,
            SendError::Reverted {
                reason: Revert::OutOfGas,
                ..
            }
        ),
        "{reverted}"
    );
    assert!(!reverted.is_already_accepted());
}

#[tokio::test]
async fn a_nonce_that_somebody_else_used_is_an_outcome_and_names_the_culprit() {
    let Some(rig) = Rig::start("a foreign transaction").await else {
        return;
    };
    let sender = rig.sender(patient());
    rig.mine(5).await;
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let ours = run.until(broadcast).await;
    // Another wallet with the same key replaces it; blocks pass before anybody looks.
    run.task.abort();
    let foreign = rig.elsewhere(&rig.key, ONCE, 0, 90 * GWEI).await;
    rig.mine(7).await;
    assert!(!rig.in_pool(ours).await);
    let ended = submit(&sender, PURPOSE, COUNTER, None).end().await;
    assert!(
        matches!(ended, Err(SendError::Foreign { nonce: 0, hash: Some(hash), .. }) if hash == foreign),
        "{ended:?}"
    );
    let words = ended.unwrap_err().to_string();
    assert!(words.contains(&foreign.to_string()) && words.contains("a key of its own"));
    // It stays so, and the next purpose goes on behind it.
    let again = submit(&sender, PURPOSE, COUNTER, None).end().await;
    assert!(matches!(again, Err(SendError::Foreign { .. })), "{again:?}");
    mining(&rig, submit(&sender, "next", COUNTER, None).end())
        .await
        .unwrap();
    let sent: Vec<_> = rig
        .sent()
        .await
        .iter()
        .map(|sent| (sent.nonce, sent.to))
        .collect();
    assert_eq!(sent, [(0, ONCE), (1, COUNTER)]);
}

#[tokio::test]
async fn a_nonce_that_moved_without_a_transaction_is_an_outcome_after_the_confirmations() {
    let Some(rig) = Rig::start("a moved nonce").await else {
        return;
    };
    let sender = rig.sender(patient());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let hash = run.until(broadcast).await;
    rig.drop_from_pool(hash).await;
    rig.call("anvil_setNonce", json!([rig.key.address(), "0x4"]))
        .await;
    // A node whose receipts lag behind shows the same: it is given the time of the confirmations.
    tokio::time::sleep(policy().poll * 10).await;
    assert!(!run.task.is_finished());
    let ended = mining(&rig, run.end()).await;
    assert!(
        matches!(
            ended,
            Err(SendError::Foreign {
                nonce: 0,
                hash: None,
                ..
            })
        ),
        "{ended:?}"
    );
    mining(&rig, submit(&sender, "next", COUNTER, None).end())
        .await
        .unwrap();
    assert_eq!(rig.sent().await[0].nonce, 4);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn a_foreign_transaction_in_the_pool_is_outbid_within_the_cap() {
    let Some(rig) = Rig::start("a foreign transaction in the pool").await else {
        return;
    };
    let sender = rig.sender(policy());
    let foreign = rig.elsewhere(&rig.key, ONCE, 0, 30 * GWEI).await;
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    run.until(replaced).await;
    assert!(!rig.in_pool(foreign).await);
    rig.mine(1).await;
    let included = run.end().await.unwrap();
    let sent = rig.sent().await;
    assert_eq!((sent.len(), sent[0].hash), (1, included.hash));
    assert!(sent[0].max_fee <= policy().max_fee_per_gas);
    assert_eq!((rig.count(COUNTER).await, rig.count(ONCE).await), (1, 0));
}

#[tokio::test]
async fn a_missing_nonce_is_filled_so_that_later_ones_are_taken() {
    let Some(rig) = Rig::start("a missing nonce").await else {
        return;
    };
    let sender = rig.sender(policy());
    let snapshot = rig.call("evm_snapshot", json!([])).await;
    rig.elsewhere(&rig.key, ONCE, 0, 30 * GWEI).await;
    rig.mine(1).await;
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let hash = run.until(broadcast).await;
    assert_eq!(sender.recorded(PURPOSE).unwrap().unwrap().nonce, 1);
    // The block with nonce 0 leaves the chain for ever, and nobody knows that transaction any more.
    rig.call("evm_revert", json!([snapshot])).await;
    rig.call("anvil_dropAllTransactions", json!([])).await;
    let included = mining(&rig, run.end()).await.unwrap();
    assert_eq!(included.hash, hash);
    let sent: Vec<_> = rig
        .sent()
        .await
        .iter()
        .map(|sent| (sent.nonce, sent.to))
        .collect();
    assert_eq!(sent, [(0, rig.key.address()), (1, COUNTER)]);
    assert_eq!((rig.count(COUNTER).await, rig.count(ONCE).await), (1, 0));
}

#[tokio::test]
async fn an_abandoned_purpose_does_not_stand_in_the_way_of_the_next() {
    let Some(rig) = Rig::start("an abandoned purpose").await else {
        return;
    };
    let sender = rig.sender(policy());
    let deadline = rig.now().await + 50;
    let mut run = submit(&sender, PURPOSE, COUNTER, Some(deadline));
    let hash = run.until(broadcast).await;
    // Its caller goes away, the pool loses it, its deadline passes.
    run.task.abort();
    rig.drop_from_pool(hash).await;
    rig.mine_at(deadline + 5).await;
    let included = mining(&rig, submit(&sender, "next", COUNTER, None).end())
        .await
        .unwrap();
    let sent: Vec<_> = rig
        .sent()
        .await
        .iter()
        .map(|sent| (sent.nonce, sent.to))
        .collect();
    assert_eq!(sent, [(0, rig.key.address()), (1, COUNTER)]);
    assert_eq!(included.hash, rig.sent().await[1].hash);
    let ended = submit(&sender, PURPOSE, COUNTER, Some(deadline))
        .end()
        .await;
    assert!(
        matches!(ended, Err(SendError::Cancelled { .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn too_little_money_is_told_with_balance_and_need() {
    let Some(rig) = Rig::start("too little money").await else {
        return;
    };
    let sender = rig.sender(patient());
    rig.fund(rig.key.address(), U256::from(12_345)).await;
    let poor = submit(&sender, PURPOSE, COUNTER, None).end().await;
    let Err(SendError::InsufficientFunds {
        balance,
        need,
        address,
    }) = poor
    else {
        panic!("{poor:?}")
    };
    assert_eq!((balance, address), (U256::from(12_345), rig.key.address()));
    assert!(need > balance);
    assert!(
        sender.recorded(PURPOSE).unwrap().is_none(),
        "nothing signed"
    );
    // Exactly enough is enough.
    rig.fund(rig.key.address(), need).await;
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let hash = run.until(broadcast).await;
    // Drained after signing, and lost by the pool: told again, kept, and sent once there is money.
    rig.fund(rig.key.address(), U256::from(1)).await;
    rig.drop_from_pool(hash).await;
    let poor = run.end().await;
    assert!(
        matches!(poor, Err(SendError::InsufficientFunds { balance, need: n, .. }) if balance == U256::from(1) && n == need),
        "{poor:?}"
    );
    rig.fund(rig.key.address(), need * U256::from(2)).await;
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    assert_eq!(run.until(rebroadcast).await, hash);
    rig.mine(1).await;
    assert_eq!(run.end().await.unwrap().hash, hash);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn no_money_for_a_replacement_leaves_the_first_in_place() {
    let Some(rig) = Rig::start("no money for a replacement").await else {
        return;
    };
    let sender = rig.sender(policy());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    let first = run.until(broadcast).await;
    let attempt = sender.recorded(PURPOSE).unwrap().unwrap().attempts[0].clone();
    let enough = U256::from(attempt.gas) * U256::from(attempt.fees.max);
    rig.fund(rig.key.address(), enough).await;
    rig.mine_full().await;
    let balance = run
        .until(|event| match event {
            Event::CannotRaise { balance, need } => (need > balance).then_some(*balance),
            _ => None,
        })
        .await;
    assert_eq!(balance, enough);
    rig.mine(1).await;
    assert_eq!(run.end().await.unwrap().hash, first);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_to_the_hand_over_sends_nothing_twice() {
    let Some(rig) = Rig::start("a lost answer").await else {
        return;
    };
    let proxy = Proxy::before(&rig.url(), Lie::LosesAnswer("eth_sendRawTransaction")).await;
    let sender = rig.sender_over(std::slice::from_ref(&proxy.url), patient());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    run.until(|event| matches!(event, Event::Unreachable { .. }).then_some(()))
        .await;
    let record = sender.recorded(PURPOSE).unwrap().unwrap();
    assert!(!record.attempts[0].broadcast && rig.in_pool(record.attempts[0].hash).await);
    // Mined, although no answer ever came.
    rig.mine(1).await;
    let included = run.end().await.unwrap();
    assert_eq!(included.hash, record.attempts[0].hash);
    // The second time the way is clear again before a block is made: already known is as good as taken.
    let mut run = submit(&sender, "second", COUNTER, None);
    run.until(|event| matches!(event, Event::Unreachable { .. }).then_some(()))
        .await;
    proxy.now(Lie::Honest);
    run.until(broadcast).await;
    rig.mine(1).await;
    run.end().await.unwrap();
    // And with a second endpoint, it takes the same bytes.
    proxy.now(Lie::LosesAnswer("eth_sendRawTransaction"));
    let sender = rig.sender_over(&[proxy.url.clone(), rig.url()], patient());
    let mut run = submit(&sender, "third", COUNTER, None);
    run.until(broadcast).await;
    rig.mine(1).await;
    run.end().await.unwrap();
    let nonces: Vec<_> = rig.sent().await.iter().map(|sent| sent.nonce).collect();
    assert_eq!((nonces, rig.count(COUNTER).await), (vec![0, 1, 2], 3));
}

#[tokio::test]
async fn words_of_a_node_are_understood() {
    let Some(rig) = Rig::start("a node's words").await else {
        return;
    };
    let proxy = Proxy::before(&rig.url(), Lie::Honest).await;
    let sender = rig.sender_over(std::slice::from_ref(&proxy.url), patient());
    let send = "eth_sendRawTransaction";
    // For ever: told, kept, and sent when asked again.
    proxy.now(Lie::Refuses(
        send,
        -32000,
        "tx fee (1.2 ether) exceeds the configured cap",
    ));
    let refused = submit(&sender, PURPOSE, COUNTER, None).end().await;
    assert!(
        matches!(&refused, Err(SendError::NodeRefuses { words, .. }) if words.contains("configured cap")),
        "{refused:?}"
    );
    // For a while: waited for, without a word and without a second signature.
    for words in ["nonce too high: tx 1 state 0", "txpool is full"] {
        proxy.now(Lie::Refuses(send, -32000, words));
        let before = proxy.seen(send);
        let mut run = submit(&sender, PURPOSE, COUNTER, None);
        while proxy.seen(send) < before + 3 {
            tokio::time::sleep(policy().poll).await;
        }
        assert!(!run.task.is_finished() && run.told().is_empty(), "{words}");
        run.task.abort();
    }
    assert_eq!(sender.recorded(PURPOSE).unwrap().unwrap().attempts.len(), 1);
    // Too cheap: raised until it is taken.
    proxy.now(Lie::Refuses(
        send,
        -32000,
        "transaction underpriced: gas tip cap 1, minimum needed 2",
    ));
    let run = submit(&sender, PURPOSE, COUNTER, None);
    while sender.recorded(PURPOSE).unwrap().unwrap().attempts.len() < 3 {
        tokio::time::sleep(policy().poll).await;
    }
    proxy.now(Lie::Honest);
    let included = mining(&rig, run.end()).await.unwrap();
    let record = sender.recorded(PURPOSE).unwrap().unwrap();
    assert!(record.attempts[1].fees.priority >= 2 * record.attempts[0].fees.priority);
    let sent = rig.sent().await;
    assert_eq!((sent.len(), sent[0].hash), (1, included.hash));
    // A nonce that the node calls used although no block has it: looked at again, not signed again.
    proxy.now(Lie::Refuses(
        send,
        -32000,
        "nonce too low: next nonce 9, tx nonce 1",
    ));
    let run = submit(&sender, "second", COUNTER, None);
    while proxy.seen(send) < 8 {
        tokio::time::sleep(policy().poll).await;
    }
    proxy.now(Lie::Honest);
    mining(&rig, run.end()).await.unwrap();
    assert_eq!(
        sender.recorded("second").unwrap().unwrap().attempts.len(),
        1
    );
    // A node that claims to have taken something else is not believed.
    proxy.now(Lie::Invents(send, json!(B256::repeat_byte(1))));
    let lied = submit(&sender, "third", COUNTER, None).end().await;
    assert!(matches!(lied, Err(SendError::Chain(_))), "{lied:?}");
    proxy.now(Lie::Honest);
    mining(&rig, submit(&sender, "third", COUNTER, None).end())
        .await
        .unwrap();
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (3, 3));
}

#[tokio::test]
async fn absurd_fees_of_a_node_do_not_get_past_the_cap() {
    let Some(rig) = Rig::start("absurd fees").await else {
        return;
    };
    let huge = "0xffffffffffffffffffffffffffffffff";
    let history = |base: &str, tip: &str| {
        json!({
            "oldestBlock": "0x0", "gasUsedRatio": [0.5], "baseFeePerGas": [base, base],
            "reward": [[tip]],
        })
    };
    let proxy = Proxy::before(
        &rig.url(),
        Lie::Invents("eth_feeHistory", history(huge, huge)),
    )
    .await;
    let sender = rig.sender_over(std::slice::from_ref(&proxy.url), patient());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    run.until(above_cap).await;
    assert!(sender.recorded(PURPOSE).unwrap().is_none());
    // A huge tip alone: cut to what the policy allows a call.
    proxy.now(Lie::Invents("eth_feeHistory", history("0x1", huge)));
    run.until(broadcast).await;
    rig.mine(1).await;
    run.end().await.unwrap();
    let sent = rig.sent().await;
    assert_eq!(sent.len(), 1);
    let limit = policy().max_fee_per_gas * 100 / 115;
    assert_eq!((sent[0].max_fee, sent[0].priority), (limit, limit));
}

#[tokio::test]
async fn endpoints_that_fail_in_the_middle_are_waited_for() {
    let Some(rig) = Rig::start("failing endpoints").await else {
        return;
    };
    let proxy = Proxy::before(&rig.url(), Lie::Honest).await;
    let sender = rig.sender_over(std::slice::from_ref(&proxy.url), patient());
    let mut run = submit(&sender, PURPOSE, COUNTER, None);
    run.until(broadcast).await;
    proxy.now(Lie::Status(503, String::new()));
    run.until(|event| matches!(event, Event::Unreachable { .. }).then_some(()))
        .await;
    tokio::time::sleep(policy().poll * 5).await;
    assert!(run.told().is_empty(), "said once");
    rig.mine(1).await;
    proxy.now(Lie::Honest);
    let included = run.end().await.unwrap();
    // Before anything is signed, the failure is the caller's to know.
    proxy.now(Lie::Status(503, String::new()));
    let failed = submit(&sender, "second", COUNTER, None).end().await;
    assert!(matches!(failed, Err(SendError::Chain(_))), "{failed:?}");
    assert!(sender.recorded("second").unwrap().is_none());
    // A node that stands at an old block knows nothing of it: nothing is sent, nothing is called lost.
    proxy.now(Lie::Stale(0));
    let mut run = finalise(&sender, &included);
    tokio::time::sleep(policy().poll * 10).await;
    assert!(!run.task.is_finished());
    proxy.now(Lie::Honest);
    rig.mine(1).await;
    assert!(run.told().iter().all(|event| reorged(event).is_none()));
    assert_eq!(run.end().await.unwrap().reorgs, 0);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

#[tokio::test]
async fn another_journals_transaction_is_not_finalised() {
    let Some(rig) = Rig::start("two journals").await else {
        return;
    };
    let sender = rig.sender(patient());
    let included = mining(&rig, submit(&sender, PURPOSE, COUNTER, None).end())
        .await
        .unwrap();
    let store = rig.folder.path().join("other.sqlite");
    let other = Sender::open(
        &rig.endpoints(&[rig.url()]),
        rig.key.clone(),
        policy(),
        &store,
    )
    .unwrap();
    let refused = finalise(&other, &included).end().await;
    assert!(matches!(refused, Err(SendError::NotRecorded(hash)) if hash == included.hash));
    let balance = rig.provider.get_balance(sender.address()).await.unwrap();
    assert!(balance > U256::ZERO);
}
