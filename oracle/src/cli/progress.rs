//! Progress of a download on standard error: rows, the date reached, the time left.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::{download::Reached, utc};

/// How often a log gets a line; a terminal's line is rewritten with every page.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// One line on a terminal, a line now and then in a log. Dropped before its end (the command was interrupted), it says
/// what is kept and how to go on.
pub(super) struct Progress {
    terminal: bool,
    file: Option<File>,
    ended: bool,
}

/// The file that grows.
struct File {
    part: PathBuf,
    rows: usize,
    at_ms: i64,
    /// When and where this run's measurement began: after its first page.
    since: (Instant, i64),
    logged: Instant,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            file: None,
            ended: false,
        }
    }

    pub(super) fn reached(&mut self, reached: Reached<'_>) {
        let now = Instant::now();
        let fresh = !matches!(&self.file, Some(file) if file.part == reached.part);
        if fresh {
            self.break_line();
            self.file = Some(File {
                part: reached.part.into(),
                rows: 0,
                at_ms: 0,
                since: (now, reached.at_ms),
                logged: now,
            });
        }
        let Some(file) = &mut self.file else { return };
        (file.rows, file.at_ms) = (reached.rows, reached.at_ms);
        let at = moment(reached.at_ms);
        let left = left(file.since, (now, reached.at_ms), reached.end_ms);
        if self.terminal {
            eprint!(
                "\r\x1b[K{}: {} rows, {at} UTC, {left}",
                file.part.display(),
                file.rows
            );
            let _ = std::io::stderr().flush();
        } else if fresh || now - file.logged >= LOG_EVERY {
            file.logged = now;
            tracing::info!(file = %file.part.display(), rows = file.rows, reached = at, left, "downloading");
        }
    }

    /// The download ended, well or not: the result or the error says the rest.
    pub(super) fn end(&mut self) {
        self.break_line();
        self.ended = true;
    }

    fn break_line(&self) {
        if self.terminal && self.file.is_some() {
            eprintln!();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.break_line();
        match &self.file {
            Some(file) => eprintln!(
                "stopped: {} rows up to {} UTC are kept in {}; the same command goes on from there",
                file.rows,
                moment(file.at_ms),
                file.part.display()
            ),
            None => eprintln!("stopped before a new row came; the same command begins again"),
        }
    }
}

/// The time left at the speed since the first page.
fn left(since: (Instant, i64), now: (Instant, i64), end_ms: i64) -> String {
    let (done, open) = (now.1 - since.1, end_ms - now.1);
    if done <= 0 {
        return "time left unknown".into();
    }
    let seconds = (now.0 - since.0).as_secs_f64() * open.max(0) as f64 / done as f64;
    let seconds = seconds.ceil() as u64;
    match seconds {
        0..60 => format!("{seconds} s left"),
        60..3_600 => format!("{} min {:02} s left", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min left", seconds / 3_600, seconds / 60 % 60),
    }
}

fn moment(ms: i64) -> String {
    utc::minute(u64::try_from(ms / 1_000).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_follows_the_speed() {
        let begun = Instant::now();
        let after = |seconds, at| (begun + Duration::from_secs(seconds), at);
        assert_eq!(left((begun, 0), after(0, 0), 100), "time left unknown");
        assert_eq!(left((begun, 0), after(10, 50), 100), "10 s left");
        assert_eq!(left((begun, 0), after(100, 50), 100), "1 min 40 s left");
        assert_eq!(left((begun, 0), after(7_200, 50), 100), "2 h 00 min left");
        assert_eq!(left((begun, 0), after(1, 100), 100), "0 s left");
    }
}
