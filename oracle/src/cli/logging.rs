//! Logs on standard error: for people on a terminal, JSON lines otherwise. `RUST_LOG` chooses what.
//!
//! Whatever a library writes at whatever level, URLs lose their tokens on the way out.

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::EnvFilter;

use crate::redact;

/// Starts logging; a second call changes nothing.
pub(super) fn start() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,veriregime=info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Redacted);
    let started = if io::stderr().is_terminal() {
        builder.with_target(false).try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
    if let Err(error) = started {
        eprintln!("logging not started: {error}");
    }
}

/// Standard error without tokens. An event comes in one piece.
struct Redacted;

impl Write for Redacted {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        io::stderr().write_all(redact::urls(&text).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
