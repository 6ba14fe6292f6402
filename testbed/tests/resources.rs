//! What runs out, and how the daemon ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::time::Duration;

use tokio::process::Command;
use veriregime_testbed::{
    FIRST_CLOSE, Verdict, World,
    exchange::calls as exchange,
    front::{Fault, Rules},
    node::{Daemon, program},
    proxy::calls as chain,
};

/// Stops the daemon while it is at work on the round of `close`, and checks how it ends.
async fn stops_in_time(world: &mut World, where_it_was: &str) {
    let stopped = world.terminate().await.unwrap();
    let limit = Duration::from_secs(world.config.stop_within_s);
    assert_eq!(
        stopped.status.code(),
        Some(0),
        "stopped {where_it_was}: {}",
        stopped.status
    );
    assert!(
        stopped.after < limit,
        "stopped {where_it_was}: took {:?}",
        stopped.after
    );
    eprintln!("stopped {where_it_was}: {:?}", stopped.after);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_the_daemon_in_time_wherever_it_is() {
    if support::no_chain("graceful stops") {
        return;
    }
    let mut world = support::world("stops", 3, 2).await;
    let mut due = Vec::new();
    let places: [(&str, Option<(Rules, &str)>); 5] = [
        ("while proving", None),
        (
            "while the exchange is silent",
            Some((world.exchange.rules.clone(), exchange::CANDLES)),
        ),
        (
            "while an attestor is silent",
            Some((world.attestors[0].front.rules.clone(), chain::ATTEST)),
        ),
        (
            "while the chain is silent",
            Some((world.rpc.rules.clone(), chain::SIMULATE)),
        ),
        (
            "while a transaction is handed over",
            Some((world.rpc.rules.clone(), chain::SEND)),
        ),
    ];
    for (minute, (place, silent)) in (0..).zip(places) {
        world.start().await.unwrap();
        if let Some((rules, call)) = &silent {
            rules.always(call, Fault::Silence);
        }
        let close = support::close(&world, minute);
        due.push(close);
        match &silent {
            None => world.stage(close, "inferred").await.unwrap(),
            Some((rules, call)) => rules.held(call).await,
        }
        stops_in_time(&mut world, place).await;
        if let Some((rules, _)) = &silent {
            rules.lift();
        }
        world.start().await.unwrap();
        assert_eq!(world.settled(close).await.unwrap(), None, "{place}");
        stops_in_time(&mut world, "while idle").await;
    }
    let verdict = Verdict::of(&world, due).await.unwrap();
    assert!(verdict.holds(), "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_costs_the_pages_and_not_the_rounds() {
    if support::no_chain("a taken port") {
        return;
    }
    let mut world = support::world("port", 3, 2).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    world.config.listen = taken.local_addr().unwrap().to_string();
    world.start().await.unwrap();
    let close = support::close(&world, 0);
    assert_eq!(world.settled(close).await.unwrap(), None);
    let port = taken.local_addr().unwrap().port().to_string();
    let said = world.log.since(0).into_iter().any(|line| {
        let level = line.value["level"].as_str().unwrap_or_default();
        matches!(level, "WARN" | "ERROR") && line.value.to_string().contains(&port)
    });
    assert!(said, "the log names the port:\n{}", world.log.tail(30));
    world.terminate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_loses_nothing() {
    if support::no_chain("a full disk") {
        return;
    }
    let mut world = support::world("full", 3, 2).await;
    let config = world.folder.join("veriregime.toml");
    world.config.write(&config).unwrap();
    // No file of the daemon may grow beyond 96 kB: writes fail as on a full disk. The signal that comes with that limit,
    // and does not come with a full disk, is ignored.
    let shell = "trap '' XFSZ; ulimit -f 192; exec \"$0\" run --config \"$1\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", shell])
        .arg(program().unwrap())
        .arg(&config);
    world.lives += 1;
    world.daemon = Some(Daemon::spawn(&mut command, &world.log, 1).await.unwrap());
    let mut due = Vec::new();
    let mut full = false;
    for minute in 0..60 {
        let from = world.log.len();
        due.push(support::close(&world, minute));
        let end = world.settled(due[due.len() - 1]);
        let failed = world.log.until(from, "a failing store", |line| {
            line.value.to_string().contains("round store").then_some(())
        });
        tokio::select! {
            settled = end => { settled.unwrap(); }
            failed = failed => {
                failed.unwrap();
                full = true;
                break;
            }
        }
    }
    assert!(full, "the store never failed:\n{}", world.log.tail(10));
    let words = world
        .log
        .since(0)
        .into_iter()
        .map(|line| line.value.to_string());
    let words: Vec<_> = words.filter(|line| line.contains("round store")).collect();
    assert!(
        words[0].contains("node.sqlite") && words[0].contains("disk space"),
        "{}",
        words[0]
    );
    // Room again: the daemon takes up where the disk ended.
    if world.daemon.as_mut().unwrap().runs().unwrap() {
        world.kill().await.unwrap();
    }
    world.start().await.unwrap();
    let last = support::close(&world, due.len() as u64);
    due.push(last);
    for close in [due[due.len() - 2], last] {
        world.settled(close).await.unwrap();
    }
    world.terminate().await.unwrap();
    let verdict = Verdict::of(&world, due).await.unwrap();
    assert!(verdict.holds(), "{verdict:?}");
    assert_eq!(verdict.accepted.iter().next(), Some(&FIRST_CLOSE));
}
