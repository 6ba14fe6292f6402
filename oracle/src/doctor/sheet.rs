//! The lines found so far.

use std::time::Duration;

use super::fault::Fault;
use crate::check::{Check, Complaint};

/// Longest look at anything that somebody else's machine answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a look gives: a value that later looks build on with words for a person, or a complaint.
pub(super) type Found<T> = Result<(T, String), Complaint>;

/// The lines in order.
#[derive(Debug, Default)]
pub(super) struct Sheet(Vec<Check>);

impl Sheet {
    /// Writes a line; its value, unless the line is red.
    pub(super) fn enter<T>(&mut self, name: impl Into<String>, found: Found<T>) -> Option<T> {
        match found {
            Ok((value, detail)) => {
                self.0.push(Check::good(name, detail));
                Some(value)
            }
            Err(Complaint { code, words }) => {
                self.0.push(Check::bad(name, Some(code), words));
                None
            }
        }
    }

    /// Writes that nothing was looked at.
    pub(super) fn skip(&mut self, name: impl Into<String>, needs: &str) {
        self.0.push(Check::skipped(name, needs));
    }

    pub(super) fn checks(self) -> Vec<Check> {
        self.0
    }
}

/// A look that does not wait for ever.
pub(super) async fn timed<T>(look: impl Future<Output = Found<T>>) -> Found<T> {
    tokio::time::timeout(PATIENCE, look)
        .await
        .unwrap_or_else(|_| {
            Err(Fault::NoAnswer {
                seconds: PATIENCE.as_secs(),
            }
            .into())
        })
}
