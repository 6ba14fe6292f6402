//! Long work: a bar or a spinner on a terminal, lines in a log otherwise.

use std::{
    borrow::Cow,
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// A log gets a line this often.
const LOG_EVERY: Duration = Duration::from_secs(10);
/// A spinner turns this often.
const TURN: Duration = Duration::from_millis(120);

/// Work in progress; what was drawn is gone when it is dropped.
pub struct Working {
    bar: ProgressBar,
    what: Cow<'static, str>,
    logged: Option<Mutex<Instant>>,
}

impl Working {
    /// Work of unknown length.
    pub fn spinner(what: impl Into<Cow<'static, str>>) -> Self {
        let working = Self::new(ProgressBar::new_spinner(), what.into());
        working.bar.enable_steady_tick(TURN);
        working
    }

    /// A download; without a total, what has come is counted.
    pub fn download(what: impl Into<Cow<'static, str>>, total: Option<u64>) -> Self {
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
        let style = match total {
            Some(_) => "{msg} [{bar:30}] {bytes}/{total_bytes}, {eta} left",
            None => "{msg} {bytes}",
        };
        // A template that does not parse leaves the default style: progress is no reason to fail.
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        let working = Self::new(bar, what.into());
        tracing::info!(code = "work.begun", what = %working.what, bytes = total, "begun");
        working
    }

    /// So many things, counted as they are done.
    pub fn count(what: impl Into<Cow<'static, str>>, total: u64) -> Self {
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}, {eta} left")
        {
            bar.set_style(style);
        }
        let working = Self::new(bar, what.into());
        working.bar.enable_steady_tick(TURN);
        working
    }

    fn new(bar: ProgressBar, what: Cow<'static, str>) -> Self {
        bar.set_message(what.clone());
        let logs = !std::io::stderr().is_terminal();
        Self {
            bar,
            what,
            logged: logs.then(|| Mutex::new(Instant::now())),
        }
    }

    /// So many more bytes have come, or things are done.
    pub fn advance(&self, bytes: usize) {
        self.bar.inc(bytes as u64);
        let Some(logged) = &self.logged else { return };
        let mut logged = logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.elapsed() >= LOG_EVERY {
            *logged = Instant::now();
            tracing::info!(code = "work.continues", what = %self.what, done = self.bar.position(), of = self.bar.length(), "continues");
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advance_counts_what_has_come() {
        let working = Working::download("points", Some(10));
        working.advance(4);
        working.advance(5);
        assert_eq!(
            (working.bar.position(), working.bar.length()),
            (9, Some(10))
        );
        assert_eq!(Working::download("points", None).bar.length(), None);
    }
}
