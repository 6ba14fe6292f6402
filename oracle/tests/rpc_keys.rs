//! API keys in RPC URLs, whatever goes wrong: in no log at any level and in no error. One test, because a log's
//! collector belongs to the whole process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod anvil;

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use alloy::{primitives::Address, providers::Provider};
use anvil::{
    CHAIN_ID, Rig,
    proxy::{Lie, Proxy},
};
use veriregime::{
    chain::{Chain, EndpointPolicy, Endpoints, EndpointsError},
    statement::OracleId,
};

fn policy() -> EndpointPolicy {
    EndpointPolicy {
        timeout: Duration::from_millis(400),
        ..EndpointPolicy::default()
    }
}

fn over(urls: &[&str]) -> Endpoints {
    Endpoints::new(urls, CHAIN_ID, policy()).unwrap()
}

/// Collects what a program would log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn api_keys_appear_in_no_log_and_no_error() {
    let Some(rig) = Rig::start("API keys").await else {
        return;
    };
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new("trace"))
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let keys = [
        "k3yInThePathOfTheUrl",
        "k3yInTheQueryString",
        "k3yAsPassword",
        "k3yAsUser",
    ];
    let with_keys = |url: &str| {
        let rest = url.trim_start_matches("http://");
        let [path, query, password, user] = keys;
        format!("http://{user}:{password}@{rest}/v2/{path}?apikey={query}")
    };
    let said = format!("no such key {} or {} here", keys[0], keys[1]);
    let said: &'static str = said.leak();
    let honest = Proxy::before(&rig.url(), Lie::Honest).await;
    let mut words = Vec::new();
    for lie in [
        Lie::Honest,
        Lie::Hang,
        Lie::Status(500, said.into()),
        Lie::Status(401, said.into()),
        Lie::Status(200, said.into()),
        Lie::Refuses("eth_blockNumber", -32000, said),
        Lie::Refuses("eth_chainId", -32000, said),
        Lie::Chain(9),
    ] {
        let liar = Proxy::before(&rig.url(), lie).await;
        let endpoints = over(&[&with_keys(&liar.url)]);
        words.push(format!("{endpoints:?} {}", endpoints.current()));
        if let Err(error) = endpoints.provider().get_block_number().await {
            words.push(format!("{error} {error:?}"));
        }
        let oracle = OracleId {
            chain_id: CHAIN_ID,
            address: Address::repeat_byte(1),
        };
        if let Err(error) = Chain::over(&endpoints, oracle, None).await {
            words.push(format!("{error} {error:?}"));
        }
        let both = over(&[&with_keys(&liar.url), &with_keys(&honest.url)]);
        both.provider().get_block_number().await.ok();
    }
    let closed = over(&[&with_keys("http://127.0.0.1:9")]);
    let error = closed.check().await.unwrap_err();
    words.push(format!("{error} {error:?}"));
    for bad in ["k3yInThePathOfTheUrl", "wss://host/k3yInThePathOfTheUrl"] {
        let error = Endpoints::new(&[bad], CHAIN_ID, policy()).unwrap_err();
        assert!(matches!(error, EndpointsError::Url { number: 1, .. }));
        words.push(format!("{error} {error:?}"));
    }
    drop(guard);
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("another RPC endpoint answers"), "{logged}");
    for text in words.iter().chain([&logged]) {
        for key in keys {
            assert!(!text.contains(key), "{key} in: {text}");
        }
    }
    // They are sent, of course.
    assert!(
        words.iter().any(|words| words.contains("no such key ***")),
        "{words:#?}"
    );
}
