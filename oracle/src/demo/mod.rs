//! The whole path on one machine: a local chain, the real contracts, three attestors, one replay, one audit.
//!
//! ```text
//! anvil ← DemoMarket.s.sol, Deploy.s.sol          3 x `veriregime attest` (own key, store, candles)
//!   └─ per window: market moves → Publisher (infer, prove, verify, 2 of 3, simulate, submit) → treasury → next
//!        └─ audit of one round from chain data alone → report.json, report.html
//! ```
//! Everything started here ends with the [`run`] future, however it ends.

mod attestors;
mod chart;
mod local_chain;
mod page;
mod report;
mod treasury;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, ensure};
pub use attestors::Listening;
use attestors::{AttestorFiles, AttestorPlan, AttestorProcess};
pub use local_chain::{CHAIN_ID, LocalChain};
use report::{AuditFacts, Candles, ModelFacts, ReferenceString, RoundFacts, Totals};
pub use report::{Report, median};
use veriregime_circuits::public::Schema;
use veriregime_features::{Candle, labels::Question};

use crate::{
    audit::{Auditor, Verdict},
    chain::{Chain, Deployment, IDemoMarketMaker, ISignalVerifier},
    exchange::{CandleSource, SourceKind},
    key_file,
    model::{Model, class_name},
    project::Project,
    prover::Prover,
    publisher::{Published, Publisher},
    replay::Span,
    store::RoundStore,
    transactions::{SendPolicy, Sender},
    verifier_source,
};

/// Attestor nodes started.
const ATTESTORS: usize = 3;
/// Attestations needed.
const THRESHOLD: usize = 2;
/// The chain begins this long before the first round, so that the pool has a price history.
const HEAD_START: u64 = 180;
/// Candles shown before the first round.
const HISTORY: u64 = 30;
/// Seconds after a candle's close at which its round is handled.
const DELAY: u64 = 2;

/// Pause between two looks for a receipt.
const POLL: Duration = Duration::from_millis(50);

/// What a demonstration runs on.
pub struct Setting {
    /// The checkout.
    pub project: Project,
    /// The model.
    pub model: Model,
    /// Model, SRS and keys ready to prove.
    pub prover: Arc<Prover>,
    /// Candles.
    pub source: CandleSource,
    /// The options that give the attestors the same candles.
    pub candles: Vec<OsString>,
    /// The rounds to show.
    pub span: Span,
    /// Folder of everything written.
    pub output: PathBuf,
}

/// What a demonstration leaves.
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// The audit, step by step.
    pub verdict: Verdict,
    /// `report.json`.
    pub json: PathBuf,
    /// `report.html`.
    pub html: PathBuf,
}

/// Runs the demonstration; `tell` receives one line per step for a person.
pub async fn run(setting: Setting, tell: impl Fn(&str)) -> Result<Outcome> {
    ensure!(
        setting.model.question() == Question::Signal,
        "the model {} does not answer with signals, and the treasury trades on nothing else: name one that does with --model",
        setting.model.name()
    );
    let market = setting.source.market().clone();
    let closes = setting.span.close_times(market.timeframe);
    let first = *closes.first().context("the replay has no rounds")?;
    let candles = setting
        .source
        .candles(
            first - HISTORY * u64::from(market.timeframe),
            setting.span.to,
        )
        .await?;
    let close_at = |close_time| {
        candles
            .iter()
            .find(|candle| candle.close_time() == close_time)
            .map(|candle| candle.close)
    };
    let opening = close_at(first - u64::from(market.timeframe))
        .context("no candle before the first round")?;

    tell("starting a local chain and deploying (the first time compiles the contracts)");
    let node = node_key(&setting)?;
    let files = (1..=ATTESTORS)
        .map(|number| AttestorFiles::create(&setting.output.join("keys"), number))
        .collect::<Result<Vec<_>>>()?;
    let local = LocalChain::start(&setting.project, &setting.output, first - HEAD_START).await?;
    local.fund(node.address()).await?;
    let verifier = verifier_source::prepare(&setting.prover, &setting.project)?;
    let demo_market = local.deploy_market(opening).await?;
    let addresses: Vec<_> = files.iter().map(|file| file.address).collect();
    let deployment = local.deploy(&verifier, &addresses, THRESHOLD, true).await?;
    let oracle = deployment.oracle_id();

    tell(&format!(
        "starting {ATTESTORS} attestors, {THRESHOLD} of them needed"
    ));
    let plan = AttestorPlan {
        oracle,
        model: &setting.model.directory,
        candles: &setting.candles,
    };
    let mut attestors: Vec<AttestorProcess> = Vec::new();
    for file in &files {
        attestors.push(file.start(&plan).await?);
    }

    let chain = Chain::connect(&local.rpc(), oracle, Some(node.clone())).await?;
    chain.require_market(&market).await?;
    let schema = Schema::of(&setting.model.network);
    chain.require_schema(&schema).await?;
    let store = setting.output.join("keys/node.sqlite");
    let policy = SendPolicy {
        poll: POLL,
        ..SendPolicy::default()
    };
    let publisher = Publisher::new(
        setting.source.clone(),
        setting.model.manifest.scale,
        setting.prover.clone(),
        chain.clone(),
        Sender::open(chain.endpoints(), node, policy, &store)?,
        RoundStore::open(&store, &oracle)?,
        attestors
            .iter()
            .map(|attestor| attestor.url.clone())
            .collect(),
    );
    tell(&page::round_heading());
    let started = Instant::now();
    let mut rounds = Vec::new();
    for close_time in closes {
        let price =
            close_at(close_time).with_context(|| format!("no candle closes at {close_time}"))?;
        local.move_clock(close_time + DELAY).await?;
        let moved =
            alloy::primitives::U256::try_from(price).context("the close price is negative")?;
        local
            .operate(
                demo_market.maker,
                &IDemoMarketMaker::moveToCall { priceE8: moved },
            )
            .await?;
        let published = publisher.publish(close_time, &|_| ()).await?;
        let facts = finish(&chain, &deployment, &published).await?;
        tell(&page::round_line(&facts, price));
        rounds.push(facts);
    }
    let totals = Totals::of(&rounds, started.elapsed().as_secs_f64());

    let audited = rounds
        .iter()
        .rev()
        .find(|round| round.rebalance.executed)
        .or(rounds.last())
        .map(|round| round.round)
        .context("no round to audit")?;
    let verdict = audit(&setting, &chain, audited).await?;
    let report = Report {
        candles: Candles {
            source: setting.source.kind(),
            symbol: market.symbol.clone(),
            timeframe: market.timeframe,
            from: setting.span.from,
            to: setting.span.to,
        },
        srs: ReferenceString {
            source: setting.prover.srs().kind().as_str(),
            sha256: hex::encode(setting.prover.srs().sha256()),
        },
        model: ModelFacts {
            id: setting.prover.model_id(),
            activation: setting.model.manifest.model.activation.clone(),
            bits: setting.model.manifest.model.weight_bits.clone(),
            test_macro_f1: setting.model.manifest.metrics.test.macro_f1,
        },
        audit: AuditFacts {
            round: audited,
            ok: verdict.ok,
        },
        rounds,
        totals,
    };
    write(&setting, report, verdict, &candles)
}

/// A fresh key and store for every demonstration: the chain is fresh, too.
fn node_key(setting: &Setting) -> Result<PrivateKeySigner> {
    let folder = setting.output.join("keys");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("removing {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let (key, password) = (folder.join("node.key"), folder.join("node.password"));
    key_file::write_secret(&password, &hex::encode(rand::random::<[u8; 24]>()))?;
    key_file::create(&key, &password)?;
    Ok(key_file::open(&key, &password)?)
}

/// The treasury's part of a round, and the verifier's gas on its own.
async fn finish(
    chain: &Chain,
    deployment: &Deployment,
    published: &Published,
) -> Result<RoundFacts> {
    let module = deployment
        .contracts
        .module
        .context("the deployment has no treasury module")?
        .address;
    let work = published
        .work
        .as_ref()
        .context("a fresh store cannot know a round already")?;
    let proven = &work.proven;
    let rebalance =
        treasury::rebalance(chain, module, published.round, proven.window.last_close).await?;
    let call = ISignalVerifier::verifyCall {
        publicInputs: work.submission.publicInputs.clone(),
        proof: work.submission.proof.clone(),
    };
    let verifier = chain.verifier(work.submission.modelId).await?;
    let alone = chain.transact(verifier, &call).await?;
    Ok(RoundFacts {
        round: published.round,
        close_time: proven.window.close_time,
        signal: class_name(Question::Signal, proven.inference.class),
        logits: proven.inference.logits.clone(),
        prove_ms: proven.prove_ms,
        verify_ms: proven.verify_ms,
        proof_bytes: proven.proof.bytes.len(),
        gas_submit: published.gas,
        gas_verify: alone.gas_used,
        tx: published.tx,
        rebalance,
    })
}

async fn audit(setting: &Setting, chain: &Chain, round: u128) -> Result<Verdict> {
    let evidence = chain.evidence(round).await?;
    let window = setting
        .source
        .sourced_window(evidence.close_time, &setting.model.manifest.scale)
        .await;
    let auditor = Auditor {
        market: setting.source.market(),
        source: setting.source.kind(),
        window: window.as_ref().map_err(ToString::to_string),
        prover: &setting.prover,
        question: setting.model.question(),
    };
    Ok(auditor.judge(&evidence))
}

fn write(
    setting: &Setting,
    report: Report,
    verdict: Verdict,
    candles: &[Candle],
) -> Result<Outcome> {
    let (json, html) = (
        setting.output.join("report.json"),
        setting.output.join("report.html"),
    );
    let text = serde_json::to_string_pretty(&report)? + "\n";
    std::fs::write(&json, text).with_context(|| format!("writing {}", json.display()))?;
    let page = page::page(&report, &verdict, candles, setting.model.name());
    std::fs::write(&html, page).with_context(|| format!("writing {}", html.display()))?;
    Ok(Outcome {
        report,
        verdict,
        json,
        html,
    })
}

/// The warning that belongs under every result made without real candles or without the ceremony.
pub fn caveat(source: SourceKind, srs: &str) -> Option<String> {
    let mut words = Vec::new();
    if source == SourceKind::Synthetic {
        words.push("SYNTHETIC candles: invented, nothing about a market follows from them");
    }
    if srs == "development" {
        words.push("DEVELOPMENT SRS: proofs under it can be forged by anybody, chain 31337 only");
    }
    (!words.is_empty()).then(|| words.join(". "))
}
