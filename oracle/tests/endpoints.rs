//! RPC endpoints that fail and lie, before a real chain: the next one answers, and nothing is asked of two at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod anvil;

use std::time::Duration;

use alloy::{
    eips::BlockNumberOrTag,
    primitives::{Address, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
};
use anvil::{
    CHAIN_ID, COUNTER, GWEI, HANG, ONCE, Rig,
    proxy::{Lie, Proxy},
};
use serde_json::json;
use veriregime::{
    chain::{Chain, ChainError, EndpointPolicy, Endpoints, EndpointsError, Fault},
    statement::OracleId,
};

fn quick() -> EndpointPolicy {
    EndpointPolicy {
        timeout: Duration::from_millis(400),
        largest_answer: 1 << 20,
        look_every: Duration::ZERO,
        stale_after: Duration::from_secs(2),
    }
}

fn over(urls: &[&str]) -> Endpoints {
    Endpoints::new(urls, CHAIN_ID, quick()).unwrap()
}

/// What the first of two endpoints was found guilty of, although the second answered.
async fn fault(rig: &Rig, lie: Lie) -> Fault {
    let liar = Proxy::before(&rig.url(), lie).await;
    let both = over(&[&liar.url, &rig.url()]);
    let block = both.provider().get_block_number().await.unwrap();
    assert_eq!(block, rig.block().await);
    let alone = over(&[&liar.url]);
    match alone.check().await {
        Err(EndpointsError::Exhausted(faults)) => faults[0].fault.clone(),
        Ok(()) => match alone.provider().get_block_number().await {
            Ok(block) => panic!("it answered {block}"),
            Err(error) => {
                let words = error.to_string();
                panic!("only the request itself failed: {words}")
            }
        },
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_broken_endpoint_is_named_and_the_next_one_answers() {
    let Some(rig) = Rig::start("broken endpoints").await else {
        return;
    };
    let html = "<html><body>sorry</body></html>";
    for (lie, want) in [
        (Lie::Status(500, html.into()), Fault::Status(500)),
        (Lie::Status(503, String::new()), Fault::Status(503)),
        (Lie::Status(429, html.into()), Fault::Busy),
        (Lie::Status(403, html.into()), Fault::Status(403)),
        (Lie::Status(404, html.into()), Fault::Status(404)),
        (Lie::Status(302, String::new()), Fault::Status(302)),
        (Lie::Status(200, html.into()), Fault::NotJsonRpc),
        (Lie::Status(200, "{\"jsonrpc\":".into()), Fault::NotJsonRpc),
        (Lie::Status(200, "[]".into()), Fault::NotJsonRpc),
        (Lie::OtherId, Fault::NotJsonRpc),
        (Lie::Hang, Fault::TimedOut(quick().timeout)),
        (Lie::Huge(2 << 20), Fault::TooLarge(1 << 20)),
        (
            Lie::Chain(1),
            Fault::WrongChain {
                got: 1,
                want: CHAIN_ID,
            },
        ),
        (
            Lie::Refuses(
                "eth_chainId",
                -32005,
                "daily request count exceeded, request rate limited",
            ),
            Fault::Busy,
        ),
    ] {
        assert_eq!(fault(&rig, lie.clone()).await, want, "{lie:?}");
    }
    let both = over(&["http://127.0.0.1:9", &rig.url()]);
    both.provider().get_block_number().await.unwrap();
    let alone = over(&["http://127.0.0.1:9"]).check().await.unwrap_err();
    let words = alone.to_string();
    assert!(
        words.contains("RPC 1 (http://127.0.0.1): no connection") && words.contains("refused"),
        "{words}"
    );
}

#[tokio::test]
async fn the_endpoint_that_worked_last_is_asked_first_and_never_two_for_one_request() {
    let Some(rig) = Rig::start("sticky endpoints").await else {
        return;
    };
    let first = Proxy::before(&rig.url(), Lie::Honest).await;
    let second = Proxy::before(&rig.url(), Lie::Honest).await;
    // No looks at heads in between: only the requests are counted.
    let policy = EndpointPolicy {
        look_every: HANG,
        ..quick()
    };
    let endpoints = Endpoints::new(&[&first.url, &second.url], CHAIN_ID, policy).unwrap();
    let provider = endpoints.provider();
    provider.get_block_number().await.unwrap();
    assert_eq!((first.seen("eth_blockNumber"), second.requests()), (1, 0));

    first.now(Lie::Status(500, String::new()));
    provider.get_block_number().await.unwrap();
    assert_eq!(second.seen("eth_blockNumber"), 1);
    assert_eq!(
        second.seen("eth_chainId"),
        1,
        "checked before its first use"
    );
    first.now(Lie::Honest);
    first.forget();
    for _ in 0..3 {
        provider.get_block_number().await.unwrap();
    }
    assert_eq!((first.requests(), second.seen("eth_blockNumber")), (0, 4));

    // The first comes back into use, and is checked again: it may be another chain by now.
    second.now(Lie::Status(500, String::new()));
    first.now(Lie::Chain(5));
    assert!(provider.get_block_number().await.is_err());
    assert_eq!(first.seen("eth_blockNumber"), 0);
    first.now(Lie::Honest);
    provider.get_block_number().await.unwrap();
}

#[tokio::test]
async fn a_revert_is_an_answer_and_is_not_asked_elsewhere() {
    let Some(rig) = Rig::start("reverts over endpoints").await else {
        return;
    };
    let first = Proxy::before(&rig.url(), Lie::Honest).await;
    let second = Proxy::before(&rig.url(), Lie::Honest).await;
    let endpoints = over(&[&first.url, &second.url]);
    rig.elsewhere(&rig.key, ONCE, 0, 2 * GWEI).await;
    rig.mine(1).await;
    let call = TransactionRequest::default().to(ONCE);
    let error = endpoints.provider().call(call).await.unwrap_err();
    assert!(error.is_error_resp(), "{error}");
    assert!(veriregime::chain::reason(&error).contains("CloseTimeNotAfterLatest"));
    assert_eq!(second.requests(), 0);
    // An error in words alone, even under a 4xx, is an answer, too.
    first.now(Lie::Refuses(
        "eth_sendRawTransaction",
        -32000,
        "nonce too low",
    ));
    let refused = endpoints.provider().send_raw_transaction(&[2]).await;
    let Err(refused) = refused else {
        panic!("it was taken")
    };
    assert!(refused.to_string().contains("nonce too low"), "{refused}");
    assert_eq!(second.requests(), 0);
}

#[tokio::test]
async fn a_stale_head_is_left_for_a_fresh_one_but_used_if_there_is_no_other() {
    let Some(rig) = Rig::start("stale heads").await else {
        return;
    };
    let start = rig.now().await;
    rig.mine_at(start + 10).await;
    let old = rig.block().await;
    let first = Proxy::before(&rig.url(), Lie::Honest).await;
    let second = Proxy::before(&rig.url(), Lie::Honest).await;
    let endpoints = over(&[&first.url, &second.url]);
    let provider = endpoints.provider();
    assert_eq!(provider.get_block_number().await.unwrap(), old);
    // The first falls asleep at this block, the chain goes on.
    first.now(Lie::Stale(old));
    rig.mine_at(start + 1_000).await;
    let until = tokio::time::Instant::now() + HANG;
    while provider.get_block_number().await.unwrap() == old {
        assert!(tokio::time::Instant::now() < until, "never noticed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let latest = BlockNumberOrTag::Latest;
    let block = provider.get_block_by_number(latest).await.unwrap().unwrap();
    assert_eq!(block.header.timestamp, start + 1_000);
    // The fresh one goes away: a stale answer is better than none.
    second.now(Lie::Status(500, String::new()));
    assert_eq!(provider.get_block_number().await.unwrap(), old);
    // And it comes back: taken again as soon as the stale one is compared.
    second.now(Lie::Honest);
    while provider.get_block_number().await.unwrap() == old {
        assert!(tokio::time::Instant::now() < until, "never taken again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn connect_takes_one_url_or_several_and_names_a_wrong_chain() {
    let Some(rig) = Rig::start("connections").await else {
        return;
    };
    let oracle = OracleId {
        chain_id: CHAIN_ID,
        address: COUNTER,
    };
    let list = format!("http://127.0.0.1:9, {}", rig.url());
    let chain = Chain::connect(&list, oracle, None).await.unwrap();
    assert_eq!(chain.provider().get_block_number().await.unwrap(), 0);
    let elsewhere = OracleId {
        chain_id: 1,
        ..oracle
    };
    let wrong = Chain::connect(&rig.url(), elsewhere, None)
        .await
        .unwrap_err();
    assert!(
        matches!(
            wrong,
            ChainError::WrongChain {
                got: CHAIN_ID,
                want: 1
            }
        ),
        "{wrong}"
    );
    let shared = over(&[&rig.url()]);
    let wrong = Chain::over(&shared, elsewhere, None).await.unwrap_err();
    assert!(matches!(wrong, ChainError::WrongChain { .. }), "{wrong}");
    let empty: [&str; 0] = [];
    assert_eq!(
        Endpoints::new(&empty, 1, quick()).unwrap_err(),
        EndpointsError::None
    );
    let nowhere = OracleId {
        address: Address::repeat_byte(7),
        ..oracle
    };
    let missing = Chain::connect(&rig.url(), nowhere, None).await.unwrap_err();
    assert!(matches!(missing, ChainError::NoCode(_)), "{missing}");
    // Batches are requests as well.
    let balance = rig.provider.get_balance(rig.key.address()).await.unwrap();
    let client = shared.provider();
    let mut batch = alloy::rpc::client::BatchRequest::new(client.client());
    let parameters = json!([rig.key.address(), "latest"]);
    let one = batch
        .add_call::<_, U256>("eth_getBalance", &parameters)
        .unwrap();
    let two = batch
        .add_call::<_, U256>("eth_getBalance", &parameters)
        .unwrap();
    batch.send().await.unwrap();
    assert_eq!((one.await.unwrap(), two.await.unwrap()), (balance, balance));
}
