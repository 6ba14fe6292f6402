//! Attestors over HTTP: who signs what, who refuses, and what the submitter makes of liars and strangers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use support::{Reply, Script};
use veriregime::{
    attestation::{self, Attestation, signing_hash},
    attestor::{Answer, Ask, Attestor, AttestorGuard, Fault, Quorum, RefusalCode, serve},
    exchange::{CandleSource, SourceKind, SyntheticExchange},
    market::Market,
    statement::{OracleId, WindowId, inputs_digest},
};

const CLOSE: u64 = 1_735_776_000;
const ORACLE: OracleId = OracleId {
    chain_id: 31_337,
    address: Address::repeat_byte(0xaa),
};

fn source(seed: u64) -> CandleSource {
    let exchange = Arc::new(SyntheticExchange::new(seed));
    CandleSource::of(SourceKind::Synthetic, exchange, Market::btc_usdt_minutes())
}

struct Node {
    url: String,
    address: Address,
    _folder: tempfile::TempDir,
}

async fn node(seed: u64) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let guard = AttestorGuard::open(&folder.path().join("guard.sqlite")).unwrap();
    let key = PrivateKeySigner::random();
    let address = key.address();
    let attestor = Arc::new(Attestor::new(
        source(seed),
        support::scale(),
        ORACLE,
        key,
        guard,
    ));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(attestor, listener, std::future::pending()));
    Node {
        url,
        address,
        _folder: folder,
    }
}

async fn window(seed: u64) -> (WindowId, B256) {
    let window = source(seed).window(CLOSE, &support::scale()).await.unwrap();
    let id = WindowId {
        market: Market::btc_usdt_minutes(),
        close_time: CLOSE,
        last_close: window.last_close,
    };
    (id, inputs_digest(&window.values).unwrap())
}

fn quorum(urls: &[&str], members: &[Address], threshold: usize) -> Quorum {
    let urls = urls.iter().map(ToString::to_string).collect();
    let members: BTreeSet<_> = members.iter().copied().collect();
    Quorum::new(urls, members, threshold, Duration::from_secs(5)).unwrap()
}

async fn refusal(node: &Node, ask: Ask) -> RefusalCode {
    let answer = reqwest::Client::new()
        .post(format!("{}/attest", node.url))
        .json(&ask)
        .send()
        .await
        .unwrap();
    assert!(!answer.status().is_success());
    let body: serde_json::Value = answer.json().await.unwrap();
    serde_json::from_value(body["code"].clone()).unwrap()
}

fn ask(close_time: u64) -> Ask {
    Ask {
        symbol: "BTC/USDT".into(),
        timeframe: 60,
        close_time,
    }
}

#[tokio::test]
async fn gather_stops_at_the_quorum_with_exactly_as_many_as_needed() {
    let nodes = [node(1).await, node(1).await, node(1).await];
    let (id, digest) = window(1).await;
    let members: Vec<_> = nodes.iter().map(|node| node.address).collect();
    let urls: Vec<_> = nodes.iter().map(|node| node.url.as_str()).collect();
    let witness = quorum(&urls, &members, 2)
        .gather(&ORACLE, &id, digest)
        .await
        .unwrap();
    assert_eq!(witness.attestations.len(), 2);
    assert_eq!(attestation::encode(&witness.attestations).len(), 130);
    for one in &witness.attestations {
        let hash = signing_hash(&ORACLE, &id, digest);
        Attestation::checked(one.signer, &one.signature.as_bytes(), hash).unwrap();
    }
}

#[tokio::test]
async fn gather_goes_on_without_the_absent_and_the_differing_and_names_them() {
    let (honest, other_feed, second) = (node(1).await, node(2).await, node(1).await);
    let (id, digest) = window(1).await;
    let members = [honest.address, other_feed.address, second.address];
    let absent = "http://127.0.0.1:1";
    let urls = [absent, &other_feed.url, &honest.url, &second.url];
    // All three members are needed, one of them has another feed: no quorum, and both faults are named.
    let error = quorum(&urls, &members, 3)
        .gather(&ORACLE, &id, digest)
        .await
        .unwrap_err();
    assert_eq!(
        (error.got, error.want, error.disagreements.len()),
        (2, 3, 2)
    );
    let fault_of = |url: &str| {
        error
            .disagreements
            .iter()
            .find(|one| one.url == url)
            .map(|one| &one.fault)
    };
    assert!(matches!(fault_of(absent), Some(Fault::Transport(_))));
    assert!(matches!(
        fault_of(&other_feed.url),
        Some(Fault::OtherWindow { .. })
    ));
    assert!(error.to_string().contains(&other_feed.url));
    // Two are enough: the quorum is reached all the same.
    quorum(&urls, &members, 2)
        .gather(&ORACLE, &id, digest)
        .await
        .unwrap();
}

#[tokio::test]
async fn gather_refuses_strangers_repeats_and_bad_signatures() {
    let (member, stranger) = (node(1).await, node(1).await);
    let (id, digest) = window(1).await;
    let error = quorum(&[&member.url, &stranger.url], &[member.address], 2)
        .gather(&ORACLE, &id, digest)
        .await
        .unwrap_err();
    assert!(
        matches!(error.disagreements[0].fault, Fault::Stranger(address) if address == stranger.address)
    );

    let error = quorum(&[&member.url, &member.url], &[member.address], 2)
        .gather(&ORACLE, &id, digest)
        .await
        .unwrap_err();
    assert!(
        matches!(error.disagreements[0].fault, Fault::Repeated(address) if address == member.address)
    );

    // Claims the right digest in the member's name, signs something else.
    let liar = PrivateKeySigner::random();
    let forged = Attestation::sign(&liar, B256::repeat_byte(9)).unwrap();
    let answer = Answer {
        signer: member.address,
        signature: forged.signature.as_bytes().into(),
        inputs_digest: digest,
        last_close_e8: id.last_close,
    };
    let body = serde_json::to_string(&answer).unwrap();
    let (url, _) = Script::serve(vec![Reply::new("/attest", 200, body)]).await;
    let error = quorum(&[&url], &[member.address], 1)
        .gather(&ORACLE, &id, digest)
        .await
        .unwrap_err();
    assert!(matches!(error.disagreements[0].fault, Fault::Signature(_)));
}

#[tokio::test]
async fn attestors_refuse_with_codes() {
    let node = node(1).await;
    assert_eq!(
        refusal(
            &node,
            Ask {
                symbol: "ETH/USDT".into(),
                ..ask(CLOSE)
            }
        )
        .await,
        RefusalCode::WrongMarket
    );
    assert_eq!(
        refusal(
            &node,
            Ask {
                timeframe: 300,
                ..ask(CLOSE)
            }
        )
        .await,
        RefusalCode::WrongMarket
    );
    assert_eq!(refusal(&node, ask(CLOSE + 1)).await, RefusalCode::OffGrid);
    assert_eq!(refusal(&node, ask(CLOSE * 2)).await, RefusalCode::NotClosed);
    assert_eq!(refusal(&node, ask(600)).await, RefusalCode::NoWindow);
    let garbage = reqwest::Client::new()
        .post(format!("{}/attest", node.url))
        .body("{")
        .send()
        .await
        .unwrap();
    assert!(garbage.status().is_client_error());
}

#[tokio::test]
async fn an_attestor_whose_feed_changed_never_signs_a_second_digest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guard.sqlite");
    let attestor = |seed| {
        let guard = AttestorGuard::open(&path).unwrap();
        Attestor::new(
            source(seed),
            support::scale(),
            ORACLE,
            PrivateKeySigner::random(),
            guard,
        )
    };
    let first = attestor(1).attest(&ask(CLOSE)).await.unwrap();
    // Restarted on the same store with another feed: another digest, refused; the first one again is fine.
    assert_eq!(
        attestor(2).attest(&ask(CLOSE)).await.unwrap_err().code,
        RefusalCode::AlreadySigned
    );
    assert_eq!(
        attestor(1).attest(&ask(CLOSE)).await.unwrap().inputs_digest,
        first.inputs_digest
    );
}
