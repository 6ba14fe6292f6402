//! Two daemons where there should be one: on one store, and with one key.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use tokio::process::Command;
use veriregime_testbed::{
    FIRST_CLOSE, Verdict,
    node::{Daemon, Log, program},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_with_the_same_store_or_key_is_refused_and_the_first_goes_on() {
    if support::no_chain("two daemons on one store") {
        return;
    }
    let mut world = support::world("one-store", 3, 2).await;
    world.start().await.unwrap();
    let (second, config) = (Log::new(), world.folder.join("veriregime.toml"));
    let refused = Daemon::start(&config, &second, 1)
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("exit status: 1"), "{refused}");
    assert!(
        refused.contains("node.sqlite"),
        "names the store: {refused}"
    );
    // Another store, but the same key on the same machine: it would take the first one's nonces.
    let mut other = world.config.clone();
    other.store = world.folder.join("other.sqlite");
    let config = world.folder.join("other.toml");
    other.write(&config).unwrap();
    let refused = Daemon::start(&config, &second, 2)
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("exit status: 1"), "{refused}");
    assert!(
        refused.contains(&world.node.to_string()),
        "names the key: {refused}"
    );
    let close = support::close(&world, 0);
    assert_eq!(world.settled(close).await.unwrap(), None);
    // The lock goes with the process that held it, even if that was killed.
    world.kill().await.unwrap();
    world.start().await.unwrap();
    let close = support::close(&world, 1);
    assert_eq!(world.settled(close).await.unwrap(), None);
    world.terminate().await.unwrap();
    let verdict = Verdict::of(&world, [FIRST_CLOSE, close]).await.unwrap();
    assert!(verdict.holds(), "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_daemons_with_one_key_publish_every_round_once() {
    if support::no_chain("two daemons with one key") {
        return;
    }
    let mut world = support::world("one-key", 3, 2).await;
    world.start().await.unwrap();
    let other = world.folder.join("other.toml");
    let mut config = world.config.clone();
    config.store = world.folder.join("other.sqlite");
    config.write(&other).unwrap();
    let log = Log::new();
    // As on another machine, which knows nothing of this one's locks.
    let mut command = Command::new(program().unwrap());
    command
        .args(["run", "--config"])
        .arg(&other)
        .env("VERIREGIME_CACHE", world.folder.join("other-cache"));
    let second = Daemon::spawn(&mut command, &log, 1).await.unwrap();
    let rounds = 8;
    for minute in 0..rounds {
        let close = support::close(&world, minute);
        // Either of them may be first; both must come to an end.
        world.settled(close).await.unwrap();
        let what = format!("the end of {close} in the second daemon");
        let end = |line: &veriregime_testbed::node::Line| {
            let missed = line.missed().is_some_and(|(missed, _)| missed == close);
            (missed || line.is_stage(close, "final")).then_some(())
        };
        log.until(0, &what, end).await.unwrap();
    }
    second.terminate().await.unwrap();
    world.terminate().await.unwrap();
    let accepted = world.chain.accepted().await.unwrap();
    let closes: Vec<_> = accepted.iter().map(|round| round.close_time).collect();
    let due: Vec<_> = (0..rounds)
        .map(|minute| FIRST_CLOSE + 60 * minute)
        .collect();
    assert_eq!(closes, due, "every round once, in order");
    let mined = world.chain.mined(world.node).await.unwrap();
    let wasted = mined.iter().filter(|one| !one.ok).count();
    eprintln!(
        "{} transactions for {rounds} rounds, {wasted} without effect",
        mined.len()
    );
    assert_eq!(mined.iter().filter(|one| one.ok).count(), closes.len());
    for (want, one) in (0..).zip(&mined) {
        assert_eq!(one.nonce, want, "no gap in the nonces");
    }
}
