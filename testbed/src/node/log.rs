//! A process's log, line by line, across its lives.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::watch,
};

use super::HANG;
use crate::locked;

/// One line of a log.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was read.
    pub at: Instant,
    /// Which life of the process wrote it, from 1.
    pub life: u32,
    /// The line as JSON; a line that is none is a string.
    pub value: Value,
}

/// Why a round was missed, in the node's own words.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Missed {
    /// The stable code.
    pub code: String,
    /// For a person.
    pub reason: String,
}

/// A growing log; clones share it.
#[derive(Clone, Debug)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    grown: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<Line>,
    bytes: u64,
}

impl Line {
    /// The stable code of the line, empty if it has none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.value["code"].as_str().unwrap_or_default()
    }

    /// The close time that the line speaks of.
    #[must_use]
    pub fn close_time(&self) -> Option<u64> {
        self.value["close_time"].as_u64()
    }

    /// Whether the line says that the round of `close_time` reached `stage`.
    #[must_use]
    pub fn is_stage(&self, close_time: u64, stage: &str) -> bool {
        self.code() == "round.stage"
            && self.close_time() == Some(close_time)
            && self.value["stage"] == stage
    }

    /// Close time and reason, if the line says that a round was missed.
    #[must_use]
    pub fn missed(&self) -> Option<(u64, Missed)> {
        if self.code() != "round.missed" {
            return None;
        }
        let text = |name: &str| self.value[name].as_str().unwrap_or_default().to_owned();
        Some((
            self.close_time()?,
            Missed {
                code: text("miss"),
                reason: text("reason"),
            },
        ))
    }
}

impl Log {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            grown: watch::Sender::new(0),
        }))
    }

    /// Reads a process's output to its end.
    pub(super) fn follow(&self, output: impl AsyncRead + Unpin + Send + 'static, life: u32) {
        let log = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(text)) = lines.next_line().await {
                let value = serde_json::from_str(&text).unwrap_or(Value::String(text.clone()));
                let length = {
                    let mut state = locked(&log.0.state);
                    state.bytes += text.len() as u64 + 1;
                    state.lines.push(Line {
                        at: Instant::now(),
                        life,
                        value,
                    });
                    state.lines.len()
                };
                log.0.grown.send_replace(length);
            }
        });
    }

    /// Lines so far.
    #[must_use]
    pub fn len(&self) -> usize {
        locked(&self.0.state).lines.len()
    }

    /// Whether nothing was written yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        locked(&self.0.state).bytes
    }

    /// The lines from number `from` on.
    #[must_use]
    pub fn since(&self, from: usize) -> Vec<Line> {
        let state = locked(&self.0.state);
        state.lines.get(from..).unwrap_or_default().to_vec()
    }

    /// Waits for a line, from number `from` on, for which `wanted` returns something.
    ///
    /// # Errors
    /// After [`HANG`], with the last lines.
    pub async fn until<T>(
        &self,
        from: usize,
        what: &str,
        wanted: impl Fn(&Line) -> Option<T>,
    ) -> Result<T> {
        let mut grown = self.0.grown.subscribe();
        let mut next = from;
        let search = async {
            loop {
                grown.mark_unchanged();
                for line in self.since(next) {
                    next += 1;
                    if let Some(found) = wanted(&line) {
                        return found;
                    }
                }
                if grown.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let found = tokio::time::timeout(HANG, search).await;
        found.with_context(|| format!("waited in vain for {what}; the log ends\n{}", self.tail(12)))
    }

    /// The last lines, for a person.
    #[must_use]
    pub fn tail(&self, lines: usize) -> String {
        let all = self.since(self.len().saturating_sub(lines));
        let texts: Vec<_> = all.iter().map(|line| line.value.to_string()).collect();
        texts.join("\n")
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}
