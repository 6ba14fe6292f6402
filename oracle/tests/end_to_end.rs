//! A round on a local chain for either question: the same contracts, attestors, node and auditor, two or three classes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{path::Path, sync::Arc, time::Duration};

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, Bytes},
    providers::Provider,
    rpc::types::TransactionRequest,
    signers::local::PrivateKeySigner,
    sol_types::SolCall,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use veriregime::{
    attestor::{Attestor, AttestorGuard, serve},
    audit::Auditor,
    chain::{
        Chain, ChainError, EndpointPolicy, Endpoints, ISignalOracle, ISignalOracle::submitCall,
        Submission,
    },
    demo::LocalChain,
    exchange::CandleSource,
    market::Market,
    model::{Model, class_name},
    project::Project,
    proof_file::ProofFile,
    prover::Prover,
    publisher::{PublishError, Publisher},
    statement::OracleId,
    store::RoundStore,
    transactions::{Event, SendError, SendPolicy, Sender},
    verifier_source,
};
use veriregime_circuits::{
    public::Schema,
    srs::Srs,
    tape::{Layout, Profile},
};
use veriregime_features::{INPUTS, labels::Question};

/// Forge scripts share the project's build folder: one deployment at a time.
static FORGE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// 2025-01-02 00:00 UTC.
const CLOSE: u64 = 1_735_776_000;

/// Serves an attestor that knows only the model's scale, and returns where it answers.
async fn attestor(model: &Model, oracle: OracleId, key: PrivateKeySigner, folder: &Path) -> String {
    let store = folder.join(format!("{}.sqlite", key.address()));
    let attestor = Arc::new(Attestor::new(
        CandleSource::synthetic(Market::btc_usdt_minutes()),
        model.manifest.scale,
        oracle,
        key,
        AttestorGuard::open(&store).unwrap(),
    ));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(attestor, listener, std::future::pending()));
    url
}

async fn read<C: SolCall>(chain: &Chain, call: &C) -> C::Return {
    let request = TransactionRequest::default()
        .with_to(chain.oracle().address)
        .with_input(call.abi_encode());
    let answer = chain.provider().call(request).await.unwrap();
    C::abi_decode_returns(&answer).unwrap()
}

async fn publish_and_audit(question: Question) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let project = Project::find(Some(root)).unwrap();
    if let Err(missing) = project.foundry("anvil") {
        eprintln!("skipped: a round on a local chain ({missing})");
        return;
    }
    let folder = TempDir::new().unwrap();
    let name = format!("{question:?}").to_lowercase();
    let model = Model::read(&support::write_model(folder.path(), &name, question)).unwrap();
    let layout = Layout::plan(&model.network, Profile::Gas).unwrap();
    let srs = Srs::development(layout.k);
    let prover = Arc::new(Prover::generate(layout, srs, 0).unwrap());

    // The scripts may only write below the project's target folder.
    let output = root.join(format!("target/end-to-end/{name}"));
    let local = LocalChain::start(&project, &output, CLOSE - 60)
        .await
        .unwrap();
    let keys = [(); 3].map(|()| PrivateKeySigner::random());
    let members: Vec<Address> = keys.iter().map(PrivateKeySigner::address).collect();
    let verifier = verifier_source::prepare(&prover, &project).unwrap();
    let deployment = {
        let _alone = FORGE.lock().await;
        local.deploy(&verifier, &members, 2, false).await.unwrap()
    };
    let oracle = deployment.oracle_id();
    let mut urls = Vec::new();
    for key in keys {
        urls.push(attestor(&model, oracle, key, folder.path()).await);
    }

    let node = PrivateKeySigner::random();
    local.fund(node.address()).await.unwrap();
    let chain = Chain::connect(&local.rpc(), oracle, Some(node.clone()))
        .await
        .unwrap();
    let classes = question.classes();
    let schema = Schema::of(&model.network);
    assert_eq!((schema.inputs, schema.classes), (INPUTS, classes.len()));
    chain.require_schema(&schema).await.unwrap();
    let other = Schema {
        classes: 5 - classes.len(),
        ..schema
    };
    let refused = chain.require_schema(&other).await.unwrap_err();
    assert!(
        matches!(refused, ChainError::WrongSchema { .. }),
        "{refused}"
    );

    let source = CandleSource::synthetic(Market::btc_usdt_minutes());
    let store = folder.path().join("node.sqlite");
    let publisher = Publisher::new(
        source.clone(),
        model.manifest.scale,
        prover.clone(),
        chain.clone(),
        Sender::open(chain.endpoints(), node, SendPolicy::default(), &store).unwrap(),
        RoundStore::open(&store, &oracle).unwrap(),
        urls,
    );
    local.move_clock(CLOSE + 2).await.unwrap();
    let before = anvil(&chain, "evm_snapshot", json!([])).await;
    let published = publisher.publish(CLOSE, &|_| ()).await.unwrap();
    let window = source
        .sourced_window(CLOSE, &model.manifest.scale)
        .await
        .unwrap();
    let own = model.network.infer(&window.window.values).unwrap();
    assert_eq!(own.logits.len(), classes.len());

    // The consumer's read: the class is one of the question's, and the one of the model.
    let id = published.round.try_into().unwrap();
    let round = read(&chain, &ISignalOracle::roundCall { roundId: id }).await;
    assert_eq!(usize::from(round.class), own.class);
    assert!(classes.contains(&class_name(question, round.class.into())));
    assert_eq!((round.closeTime, round.modelId), (CLOSE, prover.model_id()));

    let evidence = chain.evidence(published.round).await.unwrap();
    let verdict = Auditor {
        market: source.market(),
        source: source.kind(),
        window: Ok(&window),
        prover: &prover,
        question,
    }
    .judge(&evidence);
    assert!(verdict.ok, "{verdict:#?}");
    let signal = verdict
        .steps
        .iter()
        .find(|step| step.name == "stored signal is the proven class");
    assert_eq!(signal.unwrap().detail, class_name(question, own.class));

    let file = ProofFile::of(
        &published.work.as_ref().unwrap().proven,
        &oracle,
        source.kind(),
        &prover,
        question,
    );
    assert_eq!(file.signal, class_name(question, own.class));
    file.verify(&prover, question).unwrap();
    let again = publisher.publish(CLOSE, &|_| ()).await;
    assert!(matches!(again, Err(PublishError::Already { .. })));
    let submission = published.work.unwrap().submission;
    overtaken(&local, &chain, submission, &before, folder.path()).await;
}

/// Two nodes submit one round: whoever comes second is told so by the real oracle, before sending or in the block.
async fn overtaken(
    local: &LocalChain,
    chain: &Chain,
    submission: Submission,
    before: &Value,
    folder: &Path,
) {
    let oracle = chain.oracle().address;
    let data: Bytes = submitCall { submission }.abi_encode().into();
    let policy = SendPolicy {
        poll: Duration::from_millis(50),
        ..SendPolicy::default()
    };
    let mut senders = Vec::new();
    for name in ["first", "second"] {
        let key = PrivateKeySigner::random();
        let endpoints = [local.rpc()];
        let endpoints = Endpoints::new(
            &endpoints,
            chain.oracle().chain_id,
            EndpointPolicy::default(),
        );
        let store = folder.join(format!("{name}.sqlite"));
        senders.push(Sender::open(&endpoints.unwrap(), key, policy, &store).unwrap());
    }
    let [first, second] = senders.as_slice() else {
        panic!("two senders")
    };
    local.fund(second.address()).await.unwrap();
    let refused = second.submit("late", oracle, data.clone(), None, |_| ());
    let refused = refused.await.unwrap_err();
    assert!(
        matches!(refused, SendError::Refused(_)) && refused.is_already_accepted(),
        "{refused}"
    );

    // Back to before the round; both would be accepted, and come into one block.
    anvil(chain, "evm_revert", json!([before])).await;
    for sender in [first, second] {
        local.fund(sender.address()).await.unwrap();
    }
    anvil(chain, "evm_setAutomine", json!([false])).await;
    let (ready, mut both) = tokio::sync::mpsc::unbounded_channel();
    let on = move |event| {
        if matches!(event, Event::Broadcast { .. }) {
            ready.send(()).ok();
        }
    };
    let block = async {
        both.recv().await;
        both.recv().await;
        anvil(chain, "evm_mine", json!([])).await;
    };
    let (one, two, ()) = tokio::join!(
        first.submit("round", oracle, data.clone(), None, on.clone()),
        second.submit("round", oracle, data, None, on),
        block
    );
    let (Ok(included), Err(error)) = (if one.is_ok() { (one, two) } else { (two, one) }) else {
        panic!("one of two is accepted")
    };
    assert_eq!(chain.accepted_round(&included.receipt).unwrap(), 1);
    assert!(
        matches!(error, SendError::Reverted { .. }) && error.is_already_accepted(),
        "{error}"
    );
}

async fn anvil(chain: &Chain, method: &'static str, parameters: Value) -> Value {
    let asked = chain.provider().raw_request(method.into(), parameters);
    asked.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_published_and_audited() {
    publish_and_audit(Question::Signal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regime_is_published_and_audited() {
    publish_and_audit(Question::Regime).await;
}
