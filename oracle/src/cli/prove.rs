//! `veriregime prove`: one window, one proof file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{
    Ending,
    options::{self, CircuitOptions, ModelOptions, OracleOptions, SourceOptions},
    print,
};
use crate::{
    demo::caveat,
    exchange::CandleSource,
    model::Model,
    proof_file::ProofFile,
    prover::Prover,
    statement::{OracleId, WindowId},
    utc,
};

/// Prove the signal of one window and write a proof file.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime prove --data ../shared/data --srs ../shared/srs --close-time 1748736000 --out proof.json\n\nWithout --deployment or --oracle the proof is bound to the zero address on chain 31337: fine to look at, refused by every oracle."
)]
pub(super) struct Prove {
    /// Close of the window's last candle, UNIX seconds; default: the latest closed candle.
    #[arg(long)]
    close_time: Option<u64>,
    /// File to write.
    #[arg(long, default_value = "proof.json")]
    out: PathBuf,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
    #[command(flatten)]
    oracle: OracleOptions,
}

impl Prove {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let oracle = self.oracle.oracle_or_none()?;
        let model = self.model.model()?;
        let source = self.source.source(options::market(&model)?).await?;
        let prover = self.circuit.prover(&model).await?;
        let close_time = options::close_time(self.close_time, &source).await?;
        let file = make(&model, &source, &prover, &oracle, close_time).await?;
        options::write(&self.out, &[])?;
        file.write(&self.out)?;
        print(json, &file, || {
            format!("{}\nwritten to {}", describe(&file), self.out.display())
        })?;
        Ok(Ending::Holds)
    }
}

/// Fetches, infers, proves and verifies one window.
pub(super) async fn make(
    model: &Model,
    source: &CandleSource,
    prover: &std::sync::Arc<Prover>,
    oracle: &OracleId,
    close_time: u64,
) -> Result<ProofFile> {
    let window = source.window(close_time, &model.manifest.scale).await?;
    let id = WindowId {
        market: source.market().clone(),
        close_time,
        last_close: window.last_close,
    };
    let (worker, oracle) = (prover.clone(), *oracle);
    let proven = tokio::task::spawn_blocking(move || worker.prove(&oracle, &id, &window)).await??;
    Ok(ProofFile::of(
        &proven,
        &oracle,
        source.kind(),
        prover,
        model.question(),
    ))
}

/// The proof in words.
pub(super) fn describe(file: &ProofFile) -> String {
    let mut words = format!(
        "{} for {} at the close of {} UTC, logits {:?}\ncandles: {}   srs: {}   model: {}\nproof: {} bytes, made in {:.0} ms, verified in {:.1} ms",
        file.signal,
        file.market.symbol,
        utc::minute(file.close_time),
        file.logits,
        file.source,
        file.srs,
        file.model_id,
        file.proof.len(),
        file.prove_ms,
        file.verify_ms
    );
    if let Some(caveat) = caveat(file.source, &file.srs) {
        words = format!("{words}\nnote: {caveat}");
    }
    words
}
