//! Timing for the examples.
#![allow(
    clippy::indexing_slicing,
    reason = "a measurement that stops at the first problem"
)]

use std::{hint::black_box, time::Instant};

/// Milliseconds of wall and of processor time, the latter less disturbed by other processes.
#[derive(Default)]
pub struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Times {
    /// Times one run.
    pub fn add<T>(&mut self, work: impl FnOnce() -> T) {
        let (started, cpu) = (Instant::now(), processor_millis());
        black_box(work());
        self.wall.push(millis(started));
        self.cpu.push(processor_millis() - cpu);
    }

    /// The wall time of a rank: 0 for the fastest run.
    pub fn wall(&self, rank: usize) -> f64 {
        let mut sorted = self.wall.clone();
        sorted.sort_by(f64::total_cmp);
        round(sorted[rank])
    }

    /// The least processor time.
    pub fn cpu(&self) -> f64 {
        round(self.cpu.iter().copied().fold(f64::INFINITY, f64::min))
    }
}

/// Processor time of all threads so far (Linux; elsewhere zero).
fn processor_millis() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let nanoseconds = |task: std::io::Result<std::fs::DirEntry>| -> Option<f64> {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    tasks.filter_map(nanoseconds).sum::<f64>() / 1e6
}

/// Milliseconds since.
pub fn millis(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

/// To microseconds, for milliseconds.
pub fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
