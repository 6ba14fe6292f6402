//! A way to the chain that fails, lies or costs too much, under the whole node.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::collections::BTreeSet;

use serde_json::json;
use veriregime_testbed::{
    FIRST_CLOSE, Verdict, World,
    front::{ANY, Fault, Front},
    proxy::{RpcProxy, calls},
};

/// Another chain's id in place of 31337.
fn of_another_chain(body: Vec<u8>) -> Vec<u8> {
    String::from_utf8_lossy(&body)
        .replace("0x7a69", "0x1")
        .into_bytes()
}

async fn holds(world: &mut World, minutes: u64) {
    world.terminate().await.unwrap();
    let due = (0..minutes).map(|minute| FIRST_CLOSE + 60 * minute);
    let verdict = Verdict::of(world, due).await.unwrap();
    assert!(verdict.holds(), "{verdict:?}");
    assert_eq!(verdict.accepted.len() as u64, minutes, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_rpc_takes_over_and_nothing_is_sent_twice() {
    if support::no_chain("two RPC URLs") {
        return;
    }
    let mut world = support::world("two-rpcs", 3, 2).await;
    let second = RpcProxy::new(&world.chain.rpc()).unwrap();
    let second = Front::start(second).await.unwrap();
    world.config.rpc.push(second.url.clone());
    let hashes = |world: &World, close: u64| {
        let both = world
            .rpc
            .service
            .wired()
            .into_iter()
            .chain(second.service.wired());
        let of_close = both.filter(|sent| sent.close_time == Some(close));
        of_close.map(|sent| sent.hash).collect::<BTreeSet<_>>()
    };

    // The first fails when the transaction is handed over: the second gets the very same bytes.
    world.rpc.rules.always(calls::SEND, Fault::HangUp);
    world.start().await.unwrap();
    assert_eq!(world.settled(FIRST_CLOSE).await.unwrap(), None);
    assert_eq!(hashes(&world, FIRST_CLOSE).len(), 1);
    assert_eq!(second.service.wired().len(), 1);

    // The first is down: the second does everything.
    world.rpc.rules.lift();
    world.rpc.rules.always(ANY, Fault::page(503));
    let close = support::close(&world, 1);
    assert_eq!(world.settled(close).await.unwrap(), None);
    assert_eq!(hashes(&world, close).len(), 1);

    // It comes back as another chain, and the second fails: nothing goes to the stranger, and the round waits.
    world.rpc.rules.lift();
    let stranger = Fault::Edit("wrong chain id", of_another_chain);
    world.rpc.rules.always("eth_chainId", stranger);
    second.rules.always(ANY, Fault::page(503));
    let asked = world.rpc.rules.seen("eth_chainId");
    let sent = world.rpc.rules.seen(calls::SEND);
    let close = support::close(&world, 2);
    world.rpc.rules.arrived("eth_chainId", asked + 3).await;
    assert!(hashes(&world, close).is_empty(), "sent to another chain");
    second.rules.lift();
    assert_eq!(world.settled(close).await.unwrap(), None);
    assert_eq!(
        world.rpc.rules.seen(calls::SEND),
        sent,
        "sent to another chain"
    );
    holds(&mut world, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_funds_or_at_too_high_a_fee_the_round_waits_and_is_published_once() {
    if support::no_chain("funds and fees") {
        return;
    }
    let mut world = support::world("funds", 3, 2).await;
    let empty = json!([world.node, "0x0"]);
    world.chain.ask("anvil_setBalance", empty).await.unwrap();
    world.start().await.unwrap();
    let poor = world.log.until(0, "a round without funds", |line| {
        let of_first = line.close_time() == Some(FIRST_CLOSE);
        (of_first && line.value["reason"] == "funds").then_some(line.value.to_string())
    });
    let words = poor.await.unwrap();
    assert!(
        words.contains(&world.node.to_string()),
        "says who needs funds: {words}"
    );
    assert!(world.rpc.service.wired().is_empty(), "sent without funds");
    let daemon = world.daemon.as_ref().unwrap();
    let (status, checks) = daemon.get("/ready").await.unwrap();
    assert_eq!(status, 503, "not ready without funds: {checks}");
    world.chain.fund(world.node).await.unwrap();
    assert_eq!(world.settled(FIRST_CLOSE).await.unwrap(), None);

    // The base fee rises above the cap, and falls again with every block; there is none before the node has seen it.
    world.miner.rest(true).await;
    let close = support::close(&world, 1);
    let fee = json!(["0x45d964b800"]);
    world
        .chain
        .ask("anvil_setNextBlockBaseFeePerGas", fee)
        .await
        .unwrap();
    world.chain.mine(world.clock.now()).await.unwrap();
    let dear = world.log.until(0, "a wait for lower fees", |line| {
        (line.code() == "tx.fee-above-cap").then_some(())
    });
    dear.await.unwrap();
    world.miner.rest(false).await;
    assert_eq!(world.settled(close).await.unwrap(), None);
    let cap = u128::from(world.config.max_fee_gwei) * 1_000_000_000;
    assert!(
        world
            .rpc
            .service
            .wired()
            .iter()
            .all(|sent| sent.max_fee <= cap)
    );
    holds(&mut world, 2).await;
}

/// Retrying a window that is too old takes the time of the next one, which is then too old as well, and so on for ever.
#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_longer_than_the_oracle_takes_windows_the_node_catches_up() {
    const OUTAGE: u64 = 14;
    if support::no_chain("a long outage") {
        return;
    }
    let mut world = support::world("long-outage", 3, 2).await;
    world.start().await.unwrap();
    assert_eq!(world.settled(FIRST_CLOSE).await.unwrap(), None);

    world.rpc.rules.always(ANY, Fault::page(503));
    support::close(&world, OUTAGE);
    let cut_off = world.log.until(0, "a round without a chain", |line| {
        (line.value["reason"] == "chain").then(|| line.close_time())
    });
    let oldest = cut_off.await.unwrap().unwrap();
    world.rpc.rules.lift();

    // The clock stands: whatever the node waited for would never come.
    let miss = world.settled(oldest).await.unwrap().unwrap();
    assert_eq!(miss.code, "too-old", "{miss:?}");
    let newest = FIRST_CLOSE + OUTAGE * 60;
    for close in (oldest + 60..=newest).step_by(60) {
        assert_eq!(world.settled(close).await.unwrap(), None, "{close}");
    }
    assert_eq!((newest - oldest) / 60, 10, "all that the oracle still took");
    world.terminate().await.unwrap();
    let due = (0..=OUTAGE).map(|minute| FIRST_CLOSE + 60 * minute);
    let verdict = Verdict::of(&world, due).await.unwrap();
    assert!(verdict.holds(), "{verdict:?}");
}
