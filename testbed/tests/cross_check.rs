//! Other exchanges beside the first: they confirm, they are silent, they contradict.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use veriregime_testbed::{
    FIRST_CLOSE, Verdict,
    exchange::Replay,
    front::{ANY, Fault, Front},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_window_needs_another_exchange_that_agrees_and_none_that_does_not() {
    if support::no_chain("exchanges that check one another") {
        return;
    }
    let mut world = support::world("cross-check", 3, 2).await;
    let other = || Front::start(Replay::new(world.market.clone(), world.clock.clone()));
    let (kraken, coinbase) = (other().await.unwrap(), other().await.unwrap());
    world.config.checks = vec![
        ("kraken", kraken.url.clone()),
        ("coinbase", coinbase.url.clone()),
    ];
    world.start().await.unwrap();
    assert_eq!(world.settled(FIRST_CLOSE).await.unwrap(), None, "all agree");

    // One is silent: the other confirms.
    kraken.rules.always(ANY, Fault::page(503));
    let close = support::close(&world, 1);
    assert_eq!(
        world.settled(close).await.unwrap(),
        None,
        "one of two confirms"
    );
    kraken.rules.lift();

    // One has another market, a hundred basis points away: nothing is published, whoever is right.
    let mut shifted = world.market.clone();
    shifted.candles = shifted
        .candles
        .iter()
        .map(|candle| {
            let by = candle.close / 100;
            veriregime_features::Candle {
                open: candle.open + by,
                high: candle.high + by,
                low: candle.low + by,
                close: candle.close + by,
                ..*candle
            }
        })
        .collect();
    coinbase.service.play(shifted);
    let sent = world.rpc.service.wired().len();
    let close = support::close(&world, 2);
    let refused = world.log.until(0, "a refusal", |line| {
        let of_this = line.close_time() == Some(close);
        (of_this && line.value.to_string().contains("disagree")).then_some(())
    });
    refused.await.unwrap();
    let next = support::close(&world, 3);
    let missed = world.settled(close).await.unwrap();
    let missed = missed.expect("a window that two exchanges disagree about was published");
    assert!(
        missed.reason.contains("binance and coinbase disagree"),
        "{missed:?}"
    );
    coinbase.service.play(world.market.clone());
    let mut later = world.rpc.service.wired().into_iter().skip(sent);
    assert!(
        later.all(|one| one.close_time != Some(close)),
        "it was sent"
    );
    assert_eq!(world.settled(next).await.unwrap(), None, "they agree again");
    world.terminate().await.unwrap();
    let due = (0..4).map(|minute| FIRST_CLOSE + 60 * minute);
    let verdict = Verdict::of(&world, due).await.unwrap();
    assert!(verdict.holds(), "{verdict:?}");
}
