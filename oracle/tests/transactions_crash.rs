//! A process that ends anywhere between signing and finality: whoever opens the journal next goes on, with one nonce.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod anvil;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use alloy::{
    primitives::{B256, Bytes, U256},
    signers::local::PrivateKeySigner,
};
use anvil::{
    CHAIN_ID, COUNTER, CROWDED, HANG, Rig, policy,
    proxy::{Lie, Proxy},
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::Notify,
};
use veriregime::{
    chain::{EndpointPolicy, Endpoints},
    transactions::{Event, Included, SendError, SendPolicy, Sender},
};

/// Makes blocks until `asked` is done.
async fn mining<T>(rig: &Rig, asked: impl Future<Output = T>) -> T {
    let mut asked = std::pin::pin!(asked);
    tokio::time::timeout(HANG, async {
        loop {
            tokio::select! {
                done = &mut asked => return done,
                () = tokio::time::sleep(Duration::from_millis(40)) => rig.mine(1).await,
            }
        }
    })
    .await
    .expect("never ended")
}

/// Submits, and is gone at the first await after the event that `last` knows.
async fn killed_at(
    sender: Sender,
    purpose: &str,
    deadline: Option<u64>,
    last: impl Fn(&Event) -> bool + Send + Sync,
) -> Option<Result<Included, SendError>> {
    let gone = Arc::new(Notify::new());
    let tell = gone.clone();
    let on = move |event: Event| {
        if last(&event) {
            tell.notify_one();
        }
    };
    let submitted = sender.submit(purpose, COUNTER, Bytes::new(), deadline, on);
    tokio::select! {
        biased;
        () = gone.notified() => None,
        ended = tokio::time::timeout(HANG, submitted) => Some(ended.expect("the event never came")),
    }
}

async fn finish(sender: &Sender, purpose: &str) -> Included {
    let submitted = sender.submit(purpose, COUNTER, Bytes::new(), None, |_| ());
    let included = submitted.await.unwrap();
    sender.finalise(&included, |_| ()).await.unwrap().included
}

fn quick() -> SendPolicy {
    SendPolicy {
        stuck_after: Duration::from_millis(50),
        ..policy()
    }
}

type Kind = fn(&Event) -> bool;

#[tokio::test]
async fn killed_at_any_event_it_goes_on_with_the_same_nonce() {
    let Some(rig) = Rig::start("kills at every event").await else {
        return;
    };
    let kinds: [(&str, Kind); 3] = [
        ("signed", |event| matches!(event, Event::Signed { .. })),
        ("broadcast", |event| {
            matches!(event, Event::Broadcast { .. })
        }),
        ("included", |event| matches!(event, Event::Included { .. })),
    ];
    for (number, (purpose, last)) in (0..).zip(kinds) {
        mining(&rig, killed_at(rig.sender(policy()), purpose, None, last)).await;
        let sender = rig.sender(policy());
        let record = sender.recorded(purpose).unwrap().unwrap();
        assert_eq!(record.nonce, number, "{purpose}");
        let included = mining(&rig, finish(&sender, purpose)).await;
        assert_eq!(rig.sent().await.last().unwrap().hash, included.hash);
        assert_eq!(rig.sent().await.len() as u64, number + 1, "{purpose}");
        assert_eq!(rig.count(COUNTER).await, number + 1, "{purpose}");
    }
}

#[tokio::test]
async fn killed_while_replacing_losing_or_losing_the_block_it_goes_on() {
    let Some(rig) = Rig::start("kills at the rarer events").await else {
        return;
    };
    // Replaced: blocks are made, and none has room for it.
    let stuck = async {
        killed_at(rig.sender(quick()), "replaced", None, |event| {
            matches!(event, Event::Replaced { .. })
        })
        .await
    };
    let raise = async {
        while rig.sender(quick()).recorded("replaced").unwrap().is_none() {
            tokio::time::sleep(policy().poll).await;
        }
        for _ in 0..400 {
            rig.mine_full().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        ended = stuck => assert!(ended.is_none(), "{ended:?}"),
        () = raise => panic!("never replaced"),
    }
    let sender = rig.sender(quick());
    assert!(sender.recorded("replaced").unwrap().unwrap().attempts.len() >= 2);
    mining(&rig, finish(&sender, "replaced")).await;
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));

    // Rebroadcast: the pool has lost it.
    killed_at(rig.sender(policy()), "lost", None, |event| {
        matches!(event, Event::Broadcast { .. })
    })
    .await;
    let hash = rig
        .sender(policy())
        .recorded("lost")
        .unwrap()
        .unwrap()
        .attempts[0]
        .hash;
    rig.drop_from_pool(hash).await;
    killed_at(rig.sender(policy()), "lost", None, |event| {
        matches!(event, Event::Rebroadcast { .. })
    })
    .await;
    mining(&rig, finish(&rig.sender(policy()), "lost")).await;
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (2, 2));

    // Reorged: noticed by one process, brought in again by the next.
    let sender = rig.sender(policy());
    let submitted = sender.submit("reorged", COUNTER, Bytes::new(), None, |_| ());
    let included = mining(&rig, submitted).await.unwrap();
    let depth = rig.block().await - included.block + 1;
    rig.call("anvil_reorg", json!([depth, []])).await;
    rig.drop_from_pool(included.hash).await;
    let gone = Arc::new(Notify::new());
    let tell = gone.clone();
    let on = move |event: Event| {
        if matches!(event, Event::Reorged { .. }) {
            tell.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = gone.notified() => {}
        ended = sender.finalise(&included, on) => panic!("{ended:?}"),
    }
    drop(sender);
    let sender = rig.sender(policy());
    mining(&rig, finish(&sender, "reorged")).await;
    assert_eq!(sender.recorded("reorged").unwrap().unwrap().reorgs, 1);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (3, 3));

    // A cancellation: signed by one process, handed over by the next.
    let deadline = rig.now().await + 30;
    killed_at(rig.sender(policy()), "late", Some(deadline), |event| {
        matches!(event, Event::Broadcast { .. })
    })
    .await;
    rig.room(CROWDED).await;
    rig.mine_at(deadline).await;
    killed_at(rig.sender(policy()), "late", Some(deadline), |event| {
        matches!(event, Event::Signed { .. })
    })
    .await;
    let sender = rig.sender(policy());
    let submitted = sender.submit("late", COUNTER, Bytes::new(), Some(deadline), |_| ());
    let ended = mining(&rig, submitted).await;
    assert!(
        matches!(ended, Err(SendError::Cancelled { nonce: 3, .. })),
        "{ended:?}"
    );
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (4, 3));
}

#[tokio::test]
async fn killed_between_recording_and_broadcasting_the_recorded_bytes_go_out() {
    let Some(rig) = Rig::start("a kill before the broadcast").await else {
        return;
    };
    let proxy = Proxy::before(&rig.url(), Lie::Holds("eth_sendRawTransaction")).await;
    let sender = rig.sender_over(std::slice::from_ref(&proxy.url), policy());
    killed_at(sender, "held", None, |event| {
        matches!(event, Event::Signed { .. })
    })
    .await;
    let sender = rig.sender(policy());
    let hash = sender.recorded("held").unwrap().unwrap().attempts[0].hash;
    assert!(!rig.in_pool(hash).await, "nobody has seen it");
    let included = mining(&rig, finish(&sender, "held")).await;
    assert_eq!(included.hash, hash);
    assert_eq!((rig.sent().await.len(), rig.count(COUNTER).await), (1, 1));
}

/// Polls a future so many times, and drops it at the await where it then stands.
struct Fuse<F> {
    inner: Pin<Box<F>>,
    left: Arc<AtomicUsize>,
}

impl<F: Future> Future for Fuse<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(None);
        }
        let polled = self.inner.as_mut().poll(context).map(Some);
        self.left.store(left - 1, Ordering::Relaxed);
        if polled.is_pending() && left == 1 {
            return Poll::Ready(None);
        }
        polled
    }
}

#[tokio::test]
async fn dropped_at_any_await_it_leaves_a_journal_that_goes_on() {
    let Some(rig) = Rig::start("drops at every await").await else {
        return;
    };
    // Nothing is replaced, so that every purpose has one transaction: counted at the end.
    let patient = SendPolicy {
        stuck_after: HANG,
        ..policy()
    };
    let mut purposes = 0u64;
    for polls in 1..200 {
        let purpose = format!("after {polls} polls");
        let sender = rig.sender(patient);
        let submitted = Box::pin(async {
            let included = sender
                .submit(&purpose, COUNTER, Bytes::new(), None, |_| ())
                .await?;
            sender.finalise(&included, |_| ()).await
        });
        let fuse = Fuse {
            inner: submitted,
            left: Arc::new(AtomicUsize::new(polls)),
        };
        let ended = mining(&rig, fuse).await;
        drop(sender);
        let sender = rig.sender(patient);
        let included = mining(&rig, finish(&sender, &purpose)).await;
        purposes += 1;
        let sent = rig.sent().await;
        assert_eq!(sent.len() as u64, purposes, "{purpose}");
        assert_eq!(sent.last().unwrap().hash, included.hash, "{purpose}");
        assert_eq!(rig.count(COUNTER).await, purposes, "{purpose}");
        if ended.is_some() {
            // It came to its end: no await is left to be dropped at.
            assert!(polls > 10, "hardly anything was awaited");
            return;
        }
    }
    panic!("it never came to its end");
}

/// What the killed process does: submits one purpose, and says every event in a line.
#[tokio::test]
async fn child() {
    let Ok(rpc) = std::env::var(CHILD) else {
        return;
    };
    let variable = |name: &str| std::env::var(format!("{CHILD}_{name}")).unwrap();
    let key: PrivateKeySigner = variable("KEY").parse().unwrap();
    let endpoints = Endpoints::new(&[rpc], CHAIN_ID, EndpointPolicy::default()).unwrap();
    let store = variable("STORE");
    let sender = Sender::open(&endpoints, key, policy(), store.as_ref()).unwrap();
    let say = |event: Event| println!("event {event:?}");
    let purpose = variable("PURPOSE");
    let submitted = sender.submit(&purpose, COUNTER, Bytes::new(), None, say);
    let included = submitted.await.unwrap();
    sender.finalise(&included, say).await.unwrap();
}

const CHILD: &str = "VERIREGIME_TEST_SENDER";

fn spawn_child(rig: &Rig, purpose: &str) -> tokio::process::Child {
    tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, rig.url())
        .env(format!("{CHILD}_KEY"), rig.key.to_bytes().to_string())
        .env(
            format!("{CHILD}_STORE"),
            rig.folder.path().join("node.sqlite"),
        )
        .env(format!("{CHILD}_PURPOSE"), purpose)
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn a_process_killed_by_the_system_at_any_event_or_time_is_followed_by_one_that_goes_on() {
    let Some(rig) = Rig::start("kills of a process").await else {
        return;
    };
    let mut purposes = 0u64;
    let mut finish_and_count = async |purpose: String| {
        let sender = rig.sender(policy());
        let included = mining(&rig, finish(&sender, &purpose)).await;
        purposes += 1;
        let sent = rig.sent().await;
        assert_eq!(sent.len() as u64, purposes, "{purpose}");
        assert_eq!(sent.last().unwrap().hash, included.hash, "{purpose}");
        assert_eq!(rig.count(COUNTER).await, purposes, "{purpose}");
    };
    for event in ["Signed", "Broadcast", "Included"] {
        let purpose = format!("killed at {event}");
        let mut child = spawn_child(&rig, &purpose);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let seen = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains(&format!("event {event}")) {
                    return;
                }
            }
            panic!("{event} never came");
        };
        mining(&rig, seen).await;
        child.kill().await.unwrap();
        finish_and_count(purpose).await;
    }
    for milliseconds in (0..200).step_by(10) {
        let purpose = format!("killed after {milliseconds} ms");
        let mut child = spawn_child(&rig, &purpose);
        mining(
            &rig,
            tokio::time::sleep(Duration::from_millis(milliseconds)),
        )
        .await;
        child.kill().await.unwrap();
        finish_and_count(purpose).await;
    }
}

#[tokio::test]
async fn two_journals_of_one_key_never_make_a_purpose_take_effect_twice_per_journal() {
    let Some(rig) = Rig::start("two journals of one key").await else {
        return;
    };
    let store = rig.folder.path().join("second.sqlite");
    let endpoints = rig.endpoints(&[rig.url()]);
    let two = Sender::open(&endpoints, rig.key.clone(), quick(), &store).unwrap();
    let one = rig.sender(quick());
    // Both choose nonce 0, and bid against each other until one is in a block. Their calls differ, as those of two rounds
    // do: of equal ones a single transaction would serve both.
    let submit = |sender: Sender, purpose: &'static str| async move {
        sender
            .submit(purpose, COUNTER, purpose.into(), None, |_| ())
            .await
    };
    let (one, two) = mining(&rig, async {
        tokio::join!(submit(one, "one"), submit(two, "two"))
    })
    .await;
    let made = rig.count(COUNTER).await;
    let included: Vec<B256> = [&one, &two]
        .iter()
        .filter_map(|ended| ended.as_ref().ok().map(|included| included.hash))
        .collect();
    assert_eq!(included.len() as u64, made);
    for ended in [one, two] {
        match ended {
            Ok(included) => assert!(included.fee_wei > U256::ZERO),
            Err(SendError::Foreign {
                hash: Some(hash), ..
            }) => assert!(included.contains(&hash)),
            Err(error) => panic!("{error}"),
        }
    }
}
