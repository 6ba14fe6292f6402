//! Attestors as processes: absent, slow, lying, killed, and a submitter who is wrong himself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{collections::BTreeSet, time::Duration};

use alloy::primitives::B256;
use veriregime::attestor::{Answer, Ask, Refusal, RefusalCode};
use veriregime_testbed::{
    FIRST_CLOSE, Verdict, World, exchange::calls as exchange, front::Fault, proxy::calls,
};

/// Fault names that the log and the metrics give an attestor at `url`.
async fn faults(world: &World, url: &str, close: u64) -> BTreeSet<String> {
    let lines = world.log.since(0);
    let lines = lines.iter().filter(|line| {
        line.code() == "attestor.disagrees"
            && line.close_time() == Some(close)
            && line.value["attestor"] == url
    });
    let named =
        |line: &&veriregime_testbed::node::Line| line.value["fault"].as_str().map(str::to_owned);
    let names: BTreeSet<_> = lines.filter_map(|line| named(&line)).collect();
    let (status, metrics) = world
        .daemon
        .as_ref()
        .unwrap()
        .get("/metrics")
        .await
        .unwrap();
    assert_eq!(status, 200);
    for name in &names {
        let counted = metrics.lines().any(|line| {
            line.contains(url) && line.contains(name.as_str()) && !line.ends_with(" 0")
        });
        assert!(counted, "metrics do not count {name} of {url}:\n{metrics}");
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quorum_is_reached_without_the_absent_and_the_liar_and_never_against_it() {
    if support::no_chain("attestors end to end") {
        return;
    }
    // Five attestors, three needed: one is absent, one lies, one is slow. Two and the slow one are just enough.
    let mut world = support::world("attestors", 5, 3).await;
    world.kill_attestor(0).await.unwrap();
    let forged = world.market.forged(1);
    world.attestors[1].exchange.service.play(forged.clone());
    let slow = Fault::Late(Duration::from_millis(1_500));
    world.attestors[2].front.rules.always(calls::ATTEST, slow);
    world.start().await.unwrap();
    let first = support::close(&world, 0);
    assert_eq!(world.settled(first).await.unwrap(), None);
    let url = |index: usize| world.attestors[index].front.url.clone();
    assert_eq!(
        faults(&world, &url(0), first).await.len(),
        1,
        "the absent one is named"
    );
    assert_eq!(
        faults(&world, &url(1), first).await.len(),
        1,
        "the liar is named"
    );
    for honest in 2..5 {
        assert!(
            faults(&world, &url(honest), first).await.is_empty(),
            "attestor {honest} did nothing wrong"
        );
    }

    // One more is absent: no quorum, the round is missed with the reason, and nothing was sent.
    let sent = world.rpc.service.wired().len();
    world.kill_attestor(4).await.unwrap();
    let from = world.log.len();
    let second = support::close(&world, 1);
    let what = "an attempt without a quorum";
    let tried = world.log.until(from, what, |line| {
        line.value
            .to_string()
            .contains("quorum not reached: 2 of 3")
            .then_some(())
    });
    tried.await.unwrap();
    // Its time is over, and all attestors are back: the next round is published again.
    world.attestors[2].front.rules.lift();
    let third = support::close(&world, 2);
    let missed = world
        .settled(second)
        .await
        .unwrap()
        .expect("a round without a quorum");
    assert_eq!(missed.code, "no-quorum", "{missed:?}");
    assert!(missed.reason.contains("2 of 3"), "{missed:?}");
    assert!(
        missed.reason.contains(&world.attestors[1].front.url),
        "the liar is named: {missed:?}"
    );
    let of_second = |wired: Vec<veriregime_testbed::proxy::Wired>| {
        wired
            .into_iter()
            .skip(sent)
            .any(|one| one.close_time == Some(second))
    };
    assert!(
        !of_second(world.rpc.service.wired()),
        "something was sent without a quorum"
    );
    world.start_attestor(4).await.unwrap();
    world.start_attestor(0).await.unwrap();
    let end = world.settled(third).await.unwrap();
    assert!(end.is_none() || end.is_some_and(|missed| missed.code == "no-quorum"));

    // The submitter itself is on another feed: every attestor contradicts it, and it refuses to publish.
    world.attestors[1]
        .exchange
        .service
        .play(world.market.clone());
    world.exchange.service.play(forged);
    let sent = world.rpc.service.wired().len();
    let from = world.log.len();
    let fourth = support::close(&world, 3);
    let contradicted = world.log.until(from, "a contradiction", |line| {
        let of_fourth = line.close_time() == Some(fourth);
        (of_fourth && line.code() == "attestor.disagrees").then_some(())
    });
    contradicted.await.unwrap();
    let fifth = support::close(&world, 4);
    let missed = world
        .settled(fourth)
        .await
        .unwrap()
        .expect("a round against the quorum");
    assert_eq!(missed.code, "no-quorum", "{missed:?}");
    world.exchange.service.play(world.market.clone());
    assert_eq!(
        world.rpc.service.wired().len(),
        sent,
        "the submitter sent a window that nobody vouches for"
    );
    world.settled(fifth).await.unwrap();
    world.terminate().await.unwrap();
    let verdict = Verdict::of(&world, (0..5).map(|minute| FIRST_CLOSE + 60 * minute))
        .await
        .unwrap();
    assert!(verdict.holds(), "{verdict:?}");
    assert!(verdict.accepted.contains(&first) && !verdict.accepted.contains(&fourth));
}

/// Asks an attestor directly.
async fn ask(world: &World, index: usize, close_time: u64) -> Result<Answer, Option<Refusal>> {
    let ask = Ask {
        symbol: "BTC/USDT".into(),
        timeframe: 60,
        close_time,
    };
    let url = format!("{}/attest", world.attestors[index].front.url);
    let answer = reqwest::Client::new()
        .post(url)
        .json(&ask)
        .send()
        .await
        .map_err(|_| None)?;
    let good = answer.status().is_success();
    let body = answer.bytes().await.map_err(|_| None)?;
    if good {
        return serde_json::from_slice(&body).map_err(|_| None);
    }
    Err(serde_json::from_slice(&body).ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_attestor_with_a_changed_feed_signs_at_most_one_digest() {
    if support::no_chain("killed attestors") {
        return;
    }
    let mut world = support::world("killed-attestors", 1, 1).await;
    let honest = world.market.clone();
    let forged = honest.forged(9);

    // Killed while it asks for candles: nothing was signed, so the other feed may be vouched for, and then only that.
    let close = support::close(&world, 0);
    let rules = world.attestors[0].exchange.rules.clone();
    rules.always(exchange::CANDLES, Fault::Silence);
    let (asked, _) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(1), ask(&world, 0, close)),
        rules.held(exchange::CANDLES)
    );
    assert!(asked.is_err(), "{asked:?}");
    world.kill_attestor(0).await.unwrap();
    rules.lift();
    world.attestors[0].exchange.service.play(forged.clone());
    world.start_attestor(0).await.unwrap();
    let signed = ask(&world, 0, close).await.unwrap().inputs_digest;
    world.attestors[0].exchange.service.play(honest.clone());
    let refusal = ask(&world, 0, close).await.unwrap_err().unwrap();
    assert_eq!(refusal.code, RefusalCode::AlreadySigned, "{refusal}");

    // Killed with its signature on the way: the digest is on record whether or not anybody has seen it.
    let close = support::close(&world, 1);
    world.attestors[0]
        .front
        .rules
        .always(calls::ATTEST, Fault::Mute);
    let front = world.attestors[0].front.rules.clone();
    tokio::select! {
        answer = ask(&world, 0, close) => panic!("answered: {answer:?}"),
        () = front.held(calls::ATTEST) => {}
    }
    world.kill_attestor(0).await.unwrap();
    front.lift();
    world.attestors[0].exchange.service.play(forged.clone());
    world.start_attestor(0).await.unwrap();
    let refusal = ask(&world, 0, close).await.unwrap_err().unwrap();
    assert_eq!(refusal.code, RefusalCode::AlreadySigned, "{refusal}");
    world.attestors[0].exchange.service.play(honest.clone());
    assert_ne!(ask(&world, 0, close).await.unwrap().inputs_digest, signed);

    // Killed at any moment, on alternating feeds: whatever is ever signed for a close time has one digest.
    let mut seen = Vec::<(u64, B256)>::new();
    for turn in 0..16u64 {
        let close = support::close(&world, 2 + turn / 4);
        let feed = if turn % 2 == 0 { &honest } else { &forged };
        world.attestors[0].exchange.service.play(feed.clone());
        let kill_at = Duration::from_millis(turn * 3 % 25);
        let asked = tokio::time::timeout(kill_at, ask(&world, 0, close)).await;
        world.kill_attestor(0).await.unwrap();
        if let Ok(Ok(answer)) = asked {
            seen.push((close, answer.inputs_digest));
        }
        world.start_attestor(0).await.unwrap();
        if let Ok(answer) = ask(&world, 0, close).await {
            seen.push((close, answer.inputs_digest));
        }
    }
    let distinct: BTreeSet<_> = seen.iter().copied().collect();
    let closes: BTreeSet<_> = seen.iter().map(|(close, _)| *close).collect();
    assert_eq!(
        distinct.len(),
        closes.len(),
        "two digests for one close time: {distinct:?}"
    );
    assert_eq!(closes.len(), 4, "{closes:?}");
}
