//! The submitter's memory: how far each round has come, and which statement it has committed to.
//!
//! ```text
//! fetched -> inferred -> proven -> verified -> attested -> simulated -> sent -> included -> final
//! ```
//! Every step is on disk before the next begins. A close time is bound to one statement, in an exclusive transaction,
//! before anything is sent: two instances on one store, or a restart with other candles, cannot publish twice.

mod rounds;
mod stage;

use std::{path::Path, time::Duration};

pub use rounds::{Commitment, Miss, Progress, RoundStore, StoreError};
use rusqlite::Connection;
pub use stage::Stage;

/// Opens a database with a write-ahead log and every commit synced to disk.
pub(crate) fn open_database(path: &Path, schema: &str) -> Result<Connection, rusqlite::Error> {
    let database = Connection::open(path)?;
    database.busy_timeout(Duration::from_secs(10))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(schema)?;
    Ok(database)
}
