//! Attestors with several exchanges, in the library and on the command line.

use std::process::Stdio;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use veriregime::{
    attestor::{Ask, Attestor, AttestorGuard, RefusalCode},
    key_file,
    statement::OracleId,
};
use veriregime_features::labels::Question;

use crate::{
    scene::{CLOSE, Scene, expected, nudge, scale, sourced},
    support::{self, Reply, Script, dialect},
};

#[tokio::test]
async fn attestors_sign_nothing_while_their_exchanges_disagree() {
    let folder = tempfile::tempdir().unwrap();
    let attestor = |source| {
        let guard = AttestorGuard::open(&folder.path().join("guard.sqlite")).unwrap();
        let oracle = OracleId {
            chain_id: 31_337,
            address: Address::repeat_byte(0xaa),
        };
        let key = PrivateKeySigner::random();
        Attestor::new(source, support::scale(), oracle, key, guard)
    };
    let ask = Ask {
        symbol: "BTC/USDT".into(),
        timeframe: 60,
        close_time: CLOSE,
    };
    let spike = Scene::of(dialect::KRAKEN).with(|scene| scale(&mut scene.candles[299], 10, 1));
    let (source, _) = sourced(&[Scene::of(dialect::BINANCE), spike]).await;
    let refusal = attestor(source).attest(&ask).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::SourcesDisagree);
    assert!(refusal.reason.contains("binance and kraken"), "{refusal}");

    let (source, _) = sourced(&[Scene::of(dialect::BINANCE), Scene::of(dialect::KRAKEN)]).await;
    attestor(source).attest(&ask).await.unwrap();
}

/// `veriregime attest` as an operator starts it, with the exchanges of the command line.
struct Node {
    url: String,
    _child: tokio::process::Child,
    _folder: tempfile::TempDir,
}

async fn node(exchanges: &[(&str, &str)]) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    key_file::write_secret(&file("password"), "correct horse").unwrap();
    key_file::create(&file("key"), &file("password")).unwrap();
    let model = support::write_model(folder.path(), "small", Question::Signal);
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_veriregime"));
    command
        .env_clear()
        .args(["attest", "--listen", "127.0.0.1:0", "--chain-id", "31337"])
        .args(["--oracle", "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
        .arg("--key")
        .arg(file("key"))
        .arg("--password-file")
        .arg(file("password"))
        .arg("--store")
        .arg(file("store.sqlite"))
        .arg("--model")
        .arg(model);
    for (name, url) in exchanges {
        command.args(["--exchange", name]);
        command.arg("--exchange-url").arg(format!("{name}={url}"));
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    let first: Value = serde_json::from_str(&line).expect("the first line");
    assert_eq!(first["source"], "exchange");
    Node {
        url: first["url"].as_str().unwrap().into(),
        _child: child,
        _folder: folder,
    }
}

async fn asked(node: &Node) -> Value {
    let ask = json!({ "symbol": "BTC/USDT", "timeframe": 60, "close_time": CLOSE });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(format!("{}/attest", node.url))
        .json(&ask)
        .send()
        .await
        .unwrap();
    answer.json().await.unwrap()
}

#[tokio::test]
async fn attest_command_takes_its_exchanges_from_the_command_line() {
    let serve = |scene: Scene| async move {
        let dialect = scene.dialect;
        let mut replies = scene.replies();
        let listing = (dialect.listing)(dialect.live);
        replies.push(Reply::new(dialect.market, 200, listing));
        Script::serve(replies).await.0
    };
    let binance = serve(Scene::of(dialect::BINANCE)).await;
    let kraken = serve(Scene::of(dialect::KRAKEN)).await;
    let liar = Scene::of(dialect::COINBASE).with(|scene| nudge(&mut scene.candles[299], 80));
    let coinbase = serve(liar).await;

    let honest = node(&[("binance", &binance), ("kraken", &kraken)]).await;
    let answer = asked(&honest).await;
    let close = expected().await.window.last_close;
    assert_eq!(answer["last_close_e8"], close, "{answer}");

    let torn = node(&[
        ("binance", &binance),
        ("kraken", &kraken),
        ("coinbase", &coinbase),
    ])
    .await;
    let answer = asked(&torn).await;
    assert_eq!(answer["code"], "sources_disagree", "{answer}");
}

#[test]
fn attest_command_refuses_exchanges_that_make_no_sense() {
    for (arguments, words) in [
        (vec!["--exchange", "bybit"], "no source of candles"),
        (
            vec!["--exchange", "binance", "--source", "file"],
            "cannot be used with",
        ),
        (
            vec!["--exchange-url", "okx=http://127.0.0.1:1"],
            "--exchange <NAME>",
        ),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_veriregime"))
            .env_clear()
            .args(["prove", "--model", "nowhere"])
            .args(&arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}
