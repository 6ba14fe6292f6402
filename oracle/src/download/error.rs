//! Why a download stopped.

use std::{io, path::PathBuf};

use veriregime_features::{PartFile, dataset::DatasetError};

use super::{Span, series::Series};
use crate::{exchange::ExchangeError, utc};

/// Each message names the thing, the place and the remedy; rows that were complete are kept in every case.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The exchange failed or answered what cannot be true.
    #[error("{source}{}", remedy(.source))]
    Exchange {
        /// The exchange's error.
        #[from]
        source: ExchangeError,
    },
    /// A file of the folder cannot be read or written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Nothing to download.
    #[error(
        "no whole minute lies between {} and {} UTC: give a --to after --from",
        utc::minute(*from),
        utc::minute(*to)
    )]
    Span {
        /// Asked for, UNIX seconds.
        from: u64,
        /// Asked for, UNIX seconds.
        to: u64,
    },
    /// The folder cannot be made, listed or locked.
    #[error("{path}: {source}: give a folder that may be written")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another download has the folder.
    #[error("{path}: another download writes to this folder: wait for it, or give another one")]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a candle file that ours would be confused with.
    #[error("{path}: a folder holds one market's candles, compressed: give another folder")]
    Foreign {
        /// The other file.
        path: PathBuf,
    },
    /// The rows on disk begin after the first one asked for.
    #[error(
        "{path} begins at {} UTC, the exchange has {rows} from {} on: move the file away, or ask from its first row on",
        moment(*ours),
        moment(*theirs)
    )]
    BeginsLater {
        /// The file.
        path: PathBuf,
        /// What it holds.
        rows: &'static str,
        /// Its first row, UNIX milliseconds.
        ours: i64,
        /// The exchange's first row in the span.
        theirs: i64,
    },
    /// The last row on disk is not the exchange's.
    #[error(
        "{path}: its last row is `{ours}`, the exchange answers {}: it is from another source, or the exchange has changed it; move the file away to begin anew",
        theirs.as_ref().map_or_else(|| "no row".into(), |row| format!("`{row}`"))
    )]
    Differs {
        /// The file.
        path: PathBuf,
        /// Its last row.
        ours: String,
        /// The exchange's answer for the same time.
        theirs: Option<String>,
    },
    /// The exchange has nothing in the span.
    #[error("{exchange} has no {rows} of {symbol} in {span}: check the symbol and the dates")]
    Empty {
        /// Exchange id.
        exchange: &'static str,
        /// What was asked for.
        rows: &'static str,
        /// The market.
        symbol: String,
        /// The span.
        span: Span,
    },
}

impl DownloadError {
    pub(super) fn begins_later<Row: Series>(part: &PartFile<Row>, ours: i64, theirs: i64) -> Self {
        Self::BeginsLater {
            path: on_disk(part),
            rows: Row::NAME,
            ours,
            theirs,
        }
    }

    pub(super) fn differs<Row: Series>(
        part: &PartFile<Row>,
        ours: &Row,
        theirs: Option<&Row>,
    ) -> Self {
        Self::Differs {
            path: on_disk(part),
            ours: ours.line(),
            theirs: theirs.map(|row| row.line()),
        }
    }
}

/// The file that the rows came from.
fn on_disk<Row: Series>(part: &PartFile<Row>) -> PathBuf {
    if part.part().exists() {
        part.part().into()
    } else {
        part.target().into()
    }
}

fn moment(ms: i64) -> String {
    utc::minute(u64::try_from(ms / 1_000).unwrap_or(0))
}

fn remedy(error: &ExchangeError) -> &'static str {
    if error.is_retryable() {
        ": complete rows are kept, the same command goes on from there"
    } else {
        ""
    }
}
