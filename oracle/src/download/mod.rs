//! Market history from an exchange to the files that every part of the product reads.
//!
//! ```text
//! Exchange ─ pages, one request at a time ─ checks ─ PartFile ─ rename ─ btcusdt_1m.csv.zst, funding_rate.csv
//! ```
//! What is on disk when: see [`PartFile`](veriregime_features::PartFile). A run goes on from the rows it finds, after the
//! exchange has confirmed the last of them. What looks like missing data (a gap, an answer without rows) is asked for
//! twice and taken only if the answers agree.

mod error;
mod folder;
mod series;
mod span;
mod summary;

use std::{path::Path, sync::Arc, time::Duration};

use veriregime_features::{Candle, FundingRate, PartFile, candle::gaps, dataset::Dataset};

pub use error::DownloadError;
use folder::Folder;
use series::Series;
pub use span::Span;
pub use summary::{Downloaded, FileSummary};

use crate::{
    exchange::{Exchange, ExchangeError, market_id},
    market::Market,
};

/// A wait that the exchange asks for and that a download of hours may well take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Waits for one page before the error is passed on.
const WAITS: usize = 5;

/// How far a file has come; given after every page that is on disk.
#[derive(Debug, Clone, Copy)]
pub struct Reached<'a> {
    /// The file that holds the rows until it is finished.
    pub part: &'a Path,
    /// Rows in it.
    pub rows: usize,
    /// Time of the last of them, UNIX milliseconds.
    pub at_ms: i64,
    /// Where the file shall end.
    pub end_ms: i64,
}

/// One market, one span of time, one folder.
pub struct Download {
    exchange: Arc<dyn Exchange>,
    market: Market,
    id: String,
    folder: Folder,
    span: Span,
}

impl Download {
    /// Makes the folder and locks it for as long as the download lives.
    ///
    /// # Errors
    /// [`DownloadError`] for a symbol that cannot be a file's name, a folder that cannot be made, that another download
    /// uses, or that holds another market.
    pub fn new(
        exchange: Arc<dyn Exchange>,
        market: Market,
        folder: &Path,
        span: Span,
    ) -> Result<Self, DownloadError> {
        let id = market_id(&market.symbol)?.to_ascii_lowercase();
        Ok(Self {
            folder: Folder::lock(folder, &id)?,
            exchange,
            market,
            id,
            span,
        })
    }

    /// Downloads candles, then funding rates. Dropping the future at any moment keeps every page that was reported.
    ///
    /// # Errors
    /// [`DownloadError`]; what was complete stays on disk, and the same call goes on from there.
    pub async fn run(
        &self,
        mut reached: impl FnMut(Reached<'_>),
    ) -> Result<Downloaded, DownloadError> {
        let candles = self.series::<Candle>(&mut reached).await?;
        let funding = self.series::<FundingRate>(&mut reached).await?;
        let path = |name: String| self.folder.path().join(name);
        Ok(Downloaded {
            symbol: self.market.symbol.clone(),
            exchange: self.exchange.id(),
            span: self.span,
            gaps: gaps(&candles.rows),
            candles: FileSummary::of(path(Candle::file_name(&self.id)), &candles),
            funding: FileSummary::of(path(FundingRate::file_name(&self.id)), &funding),
        })
    }

    async fn series<Row: Series>(
        &self,
        reached: &mut impl FnMut(Reached<'_>),
    ) -> Result<Dataset<Row>, DownloadError> {
        let target = self.folder.path().join(Row::file_name(&self.id));
        let mut part = PartFile::<Row>::open(&target)?;
        let (from, end) = Row::bounds(self.span);
        self.check_begin(&part, from).await?;
        let mut known = part.rows().last().copied();
        let mut since = known.map_or(from, |row| row.time_ms());
        while since < end {
            let mut page: Vec<Row> = self.page(since, end).await?;
            page.retain(|row| row.time_ms() < end);
            if let Some(ours) = known.take() {
                if page.first() != Some(&ours) {
                    return Err(DownloadError::differs(&part, &ours, page.first()));
                }
                page.remove(0);
            }
            let Some(last) = page.last() else { break };
            let at_ms = last.time_ms();
            part.append(&page)?;
            since = at_ms + Row::STEP_MS;
            reached(Reached {
                part: part.part(),
                rows: part.rows().len(),
                at_ms,
                end_ms: end,
            });
        }
        if part.rows().is_empty() {
            return Err(DownloadError::Empty {
                exchange: self.exchange.id(),
                rows: Row::NAME,
                symbol: self.market.symbol.clone(),
                span: self.span,
            });
        }
        Ok(part.finish()?)
    }

    /// Rows that are on disk must reach back to the first row asked for; they may reach further.
    async fn check_begin<Row: Series>(
        &self,
        part: &PartFile<Row>,
        from: i64,
    ) -> Result<(), DownloadError> {
        let Some(ours) = part.rows().first().map(|row| row.time_ms()) else {
            return Ok(());
        };
        if ours <= from {
            return Ok(());
        }
        let asked: Vec<Row> = self.ask(from, 1).await?;
        match asked.first().map(|row| row.time_ms()) {
            Some(theirs) if theirs < ours => Err(DownloadError::begins_later(part, ours, theirs)),
            _ => Ok(()),
        }
    }

    /// The next rows; what looks like missing data is asked for twice.
    async fn page<Row: Series>(&self, since: i64, end: i64) -> Result<Vec<Row>, DownloadError> {
        let limit = Row::limit(since, end, self.exchange.candle_limit());
        let first: Vec<Row> = self.ask(since, limit).await?;
        if Row::is_whole(&first, since) {
            return Ok(first);
        }
        let second: Vec<Row> = self.ask(since, limit).await?;
        let upto = second.last().map_or(i64::MIN, |row| row.time_ms());
        // The second answer may know more, never less: a row that comes and goes is no market's.
        let lost = match first.iter().find(|row| !second.contains(row)) {
            Some(row) if row.time_ms() <= upto || second.len() < first.len() => row,
            _ => return Ok(second),
        };
        Err(self.bad(format!(
            "two answers to the same question disagree at {} ms",
            lost.time_ms()
        )))
    }

    /// One request, repeated if the exchange says when.
    async fn ask<Row: Series>(&self, since: i64, limit: usize) -> Result<Vec<Row>, DownloadError> {
        let mut waits = 0;
        let rows = loop {
            match Row::fetch(&*self.exchange, &self.market, since, limit).await {
                Ok(rows) => break rows,
                Err(error) => match error.retry_after() {
                    Some(wait) if wait <= PATIENCE && waits < WAITS => {
                        waits += 1;
                        tracing::warn!(%error, ?wait, "waiting as the exchange asks");
                        tokio::time::sleep(wait).await;
                    }
                    _ => return Err(error.into()),
                },
            }
        };
        let mut previous = None;
        for (index, row) in rows.iter().enumerate() {
            row.check_after(previous.replace(row.time_ms()), index)
                .map_err(|error| self.bad(error.to_string()))?;
            if row.time_ms() < since {
                return Err(self.bad(format!(
                    "asked for rows from {since} ms on, got one of {} ms",
                    row.time_ms()
                )));
            }
        }
        Ok(rows)
    }

    fn bad(&self, reason: String) -> DownloadError {
        let exchange = self.exchange.id();
        ExchangeError::BadResponse { exchange, reason }.into()
    }
}
