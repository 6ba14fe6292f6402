//! Faults that may strike any call at any time.

use std::time::Duration;

use crate::{
    World,
    exchange::calls as exchange,
    front::{Chance, Fault},
    proxy::calls as chain,
};

/// The newest candle is not there yet.
fn without_last_row(body: Vec<u8>) -> Vec<u8> {
    match serde_json::from_slice::<Vec<serde_json::Value>>(&body) {
        Ok(mut rows) => {
            rows.pop();
            serde_json::Value::Array(rows).to_string().into_bytes()
        }
        Err(_) => body,
    }
}

/// A block with the number and the time of an earlier one: what a node says that is behind, or confused.
fn stale_head(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut answer) = serde_json::from_slice::<serde_json::Value>(&body) else {
        return body;
    };
    for (name, back) in [("number", 3), ("timestamp", 36)] {
        let digits = answer["result"][name]
            .as_str()
            .and_then(|text| text.strip_prefix("0x"));
        let Some(now) = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()) else {
            return body;
        };
        let then = now.saturating_sub(back);
        answer["result"][name] = format!("{then:#x}").into();
    }
    answer.to_string().into_bytes()
}

/// An exchange's faults: `weight` is how many of a thousand candle calls are struck, seven kinds together.
fn exchange_menu(seed: u64, weight: u32) -> Chance {
    let each = weight.div_ceil(7);
    let kinds = [
        Fault::refused(429, 1),
        Fault::refused(418, 1),
        Fault::page(503),
        Fault::page(200),
        Fault::Cut,
        Fault::HangUp,
        Fault::Late(Duration::from_millis(1_500)),
    ];
    let mut menu = Chance::new(seed);
    for kind in kinds {
        menu = menu.with(exchange::CANDLES, each, kind.clone()).with(
            exchange::FUNDING,
            each,
            kind.clone(),
        );
    }
    menu.with(
        exchange::CANDLES,
        each,
        Fault::Edit("last candle missing", without_last_row),
    )
    // Asked many times a minute.
    .with(exchange::TIME, 1, Fault::page(502))
    .with(exchange::TIME, 1, Fault::HangUp)
    .with(exchange::TIME, 1, Fault::Late(Duration::from_millis(500)))
}

/// The chain's faults.
fn chain_menu(seed: u64) -> Chance {
    let mut menu = Chance::new(seed);
    // Asked a few times a round, and asked again and again while something is waited for.
    let once = [
        chain::SIMULATE,
        chain::READ,
        chain::FEES,
        chain::GAS,
        "eth_getBalance",
    ];
    let again = [
        chain::NONCE,
        chain::RECEIPT,
        chain::HEAD,
        chain::BLOCK,
        chain::LOOK_UP,
    ];
    let calls = once
        .map(|call| (call, 4))
        .into_iter()
        .chain(again.map(|call| (call, 1)));
    for (call, weight) in calls {
        menu = menu
            .with(call, weight, Fault::page(500))
            .with(call, weight, Fault::rpc_error(-32_603, "internal error"))
            .with(call, weight, Fault::rpc_error(429, "request limit reached"))
            .with(call, weight, Fault::HangUp)
            .with(call, weight, Fault::Cut)
            .with(call, weight, Fault::Late(Duration::from_millis(700)));
    }
    menu.with(chain::BLOCK, 3, Fault::Edit("stale head", stale_head))
        .with(chain::SEND, 25, Fault::LoseAnswer)
        .with(chain::SEND, 25, Fault::HangUp)
        .with(chain::SEND, 20, Fault::page(502))
        .with(
            chain::SEND,
            20,
            Fault::rpc_error(-32_000, "transaction pool is full"),
        )
        .with(chain::SEND, 20, Fault::Late(Duration::from_millis(800)))
}

/// An attestor's faults on the way to it.
fn attestor_menu(seed: u64) -> Chance {
    Chance::new(seed)
        .with(chain::ATTEST, 20, Fault::Late(Duration::from_millis(1_500)))
        .with(chain::ATTEST, 20, Fault::HangUp)
        .with(chain::ATTEST, 15, Fault::LoseAnswer)
        .with(chain::ATTEST, 15, Fault::page(502))
        .with(chain::ATTEST, 10, Fault::Cut)
}

/// Lets everything be struck by chance.
pub(super) fn begin(world: &World, seed: u64) {
    world.exchange.rules.chance(Some(exchange_menu(seed, 42)));
    world.rpc.rules.chance(Some(chain_menu(seed + 1)));
    for (number, attestor) in (2..).zip(&world.attestors) {
        attestor
            .front
            .rules
            .chance(Some(attestor_menu(seed + number)));
        let own = exchange_menu(seed + 100 + number, 21);
        attestor.exchange.rules.chance(Some(own));
    }
}

/// Lets the sky clear.
pub(super) fn end(world: &World) {
    world.exchange.rules.chance(None);
    world.rpc.rules.chance(None);
    for attestor in &world.attestors {
        attestor.front.rules.chance(None);
        attestor.exchange.rules.chance(None);
    }
}

/// What has struck so far: place and kind to number.
pub(super) fn struck(world: &World) -> std::collections::BTreeMap<String, u64> {
    let mut all = std::collections::BTreeMap::new();
    let mut add = |place: &str, struck: std::collections::BTreeMap<&'static str, u64>| {
        for (kind, count) in struck {
            *all.entry(format!("{place}: {kind}")).or_insert(0) += count;
        }
    };
    add("exchange", world.exchange.rules.struck());
    add("chain", world.rpc.rules.struck());
    for attestor in &world.attestors {
        add("attestor", attestor.front.rules.struck());
        add("attestor's exchange", attestor.exchange.rules.struck());
    }
    all
}
