//! The submitter's memory: how far each round has come, and which statement it has committed to.
//!
//! ```text
//! fetched -> inferred -> proven -> verified -> attested -> simulated -> sent -> included -> final
//! ```
//! Every step is on disk before the next begins. A close time is bound to one statement, in an exclusive transaction,
//! before anything is sent: two instances on one store, or a restart with other candles, cannot publish twice.

mod rounds;
mod stage;

use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

pub use rounds::{Commitment, Miss, Progress, RoundStore, StoreError};
use rusqlite::{Connection, ErrorCode};
pub use stage::Stage;

/// How long another connection's lock is waited for.
const BUSY: Duration = Duration::from_secs(10);

/// Opens a database with a write-ahead log and every commit synced to disk.
pub(crate) fn open_database(path: &Path, schema: &str) -> Result<Connection, rusqlite::Error> {
    let database = Connection::open(path)?;
    database.busy_timeout(BUSY)?;
    write_ahead(&database)?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(schema)?;
    Ok(database)
}

/// Turns the write-ahead log on.
///
/// SQLite waits for no lock while it changes the mode (two that wait for each other would never end), so that of two
/// who open a new file at once one is told that it is busy: asked again here.
fn write_ahead(database: &Connection) -> Result<(), rusqlite::Error> {
    let asked = Instant::now();
    loop {
        match database.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && asked.elapsed() < BUSY =>
            {
                sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn a_new_database_is_opened_by_many_at_once() {
        const OPENERS: usize = 16;
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("new.sqlite");
            let start = Barrier::new(OPENERS);
            std::thread::scope(|scope| {
                for _ in 0..OPENERS {
                    scope.spawn(|| {
                        start.wait();
                        open_database(&path, "CREATE TABLE IF NOT EXISTS t (a INTEGER)").unwrap();
                    });
                }
            });
        }
    }
}
