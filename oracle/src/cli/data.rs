//! `veriregime data`: the exchange's history on disk.

use std::{fmt::Write, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Result;
use clap::{Args, Subcommand};

use super::{Ending, print, progress::Progress};
use crate::{
    download::{Download, Downloaded, FileSummary, Span},
    exchange::{Binance, Exchange},
    market::Market,
    utc,
};

/// A download of hours meets hiccups: five attempts a call, fifteen seconds each.
const TIMEOUT: Duration = Duration::from_secs(15);
const ATTEMPTS: usize = 5;
/// Gaps that the summary lists; --json has them all.
const LISTED: usize = 20;

const EXAMPLE: &str = "Example:
  veriregime data fetch --out data --symbol BTC/USDT --from 2021-01-01 --to 2025-07-01

The same command goes on where an earlier one was interrupted, and with a later --to it extends the files (docs/data.md).";

/// The exchange's history on disk.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Data {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Download candles and funding rates into a folder that --data reads.
    Fetch(Fetch),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
struct Fetch {
    /// Folder for SYMBOL_1m.csv.zst and funding_rate.csv; one folder holds one market.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Market in unified spelling.
    #[arg(long, default_value = "BTC/USDT")]
    symbol: String,
    /// First minute: 2021-01-01, 2021-01-01T12:30:00Z or UNIX seconds.
    #[arg(long, value_name = "TIME", value_parser = utc::parse)]
    from: u64,
    /// Candles close by then; default: the exchange's clock.
    #[arg(long, value_name = "TIME", value_parser = utc::parse)]
    to: Option<u64>,
    /// Host of the spot API, a mirror for example.
    #[arg(long, value_name = "URL", default_value = Binance::SPOT)]
    api: String,
    /// Host of the futures API, for funding rates; default: that of --api, or the public one.
    #[arg(long, value_name = "URL")]
    futures_api: Option<String>,
}

impl Data {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let Command::Fetch(fetch) = self.command;
        fetch.run(json).await
    }
}

impl Fetch {
    async fn run(self, json: bool) -> Result<Ending> {
        let market = Market::checked(&self.symbol, 60)?;
        let exchange = Arc::new(self.exchange()?);
        let to = match self.to {
            Some(to) => to,
            None => u64::try_from(exchange.fetch_time().await? / 1_000)?,
        };
        let span = Span::new(self.from, to)?;
        let download = Download::new(exchange, market, &self.out, span)?;
        let mut progress = Progress::new();
        let done = download.run(|reached| progress.reached(reached)).await;
        progress.end();
        let done = done?;
        print(json, &done, || describe(&done))?;
        Ok(Ending::Holds)
    }

    fn exchange(&self) -> Result<Binance> {
        let futures = match &self.futures_api {
            Some(url) => url,
            None if self.api == Binance::SPOT => Binance::FUTURES,
            None => &self.api,
        };
        Ok(Binance::at(&self.api, futures, TIMEOUT, ATTEMPTS)?)
    }
}

fn describe(done: &Downloaded) -> String {
    let (before, after) = done.missing_at_ends();
    let mut text = format!("{} from {}, {}\n", done.symbol, done.exchange, done.span);
    text += &file(&done.candles, "candles");
    text += &file(&done.funding, "funding rates");
    let _ = write!(
        text,
        "gaps: {} ({} minutes)",
        done.gaps.len(),
        done.missing()
    );
    for gap in done.gaps.iter().take(LISTED) {
        let _ = write!(
            text,
            "\n  {} minutes after {} UTC",
            gap.missing,
            moment(gap.previous_ms)
        );
    }
    if done.gaps.len() > LISTED {
        let _ = write!(text, "\n  and {} more (--json)", done.gaps.len() - LISTED);
    }
    for (minutes, place) in [(before, "before its first"), (after, "after its last")] {
        if minutes > 0 {
            let _ = write!(
                text,
                "\nnote: the exchange has no candle in the {minutes} minutes asked for {place} one"
            );
        }
    }
    text
}

fn file(file: &FileSummary, rows: &str) -> String {
    format!(
        "{}: {} {rows}, {} to {} UTC\n  sha256 {}\n",
        file.path.display(),
        file.rows,
        moment(file.first_ms),
        moment(file.last_ms),
        file.sha256
    )
}

fn moment(ms: i64) -> String {
    utc::minute(u64::try_from(ms / 1_000).unwrap_or(0))
}
