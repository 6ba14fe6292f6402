//! The machine a proof was made on, and this process's memory.

use serde::{Deserialize, Serialize};

use crate::bench::peak_rss_bytes;

/// The machine a proof was made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Processor, as the system names it.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Memory.
    pub memory_bytes: u64,
}

impl Machine {
    /// This one; what the system does not tell is empty or 0.
    pub fn this() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            cpu: field(&read("/proc/cpuinfo"), "model name").to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: 1_024
                * field(&read("/proc/meminfo"), "MemTotal")
                    .trim_end_matches("kB")
                    .trim_end()
                    .parse()
                    .unwrap_or(0),
        }
    }
}

/// Largest resident set of this process so far; 0 where the system does not tell.
pub fn peak_memory_bytes() -> u64 {
    peak_rss_bytes().unwrap_or(0)
}

/// What follows the colon of the first line of this name.
fn field<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_once(':'))
        .map_or("", |(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_knows_cores_and_memory() {
        let machine = Machine::this();
        assert!(machine.cores > 0);
        if cfg!(target_os = "linux") {
            assert!(machine.memory_bytes > 1 << 20, "{machine:?}");
            assert!(peak_memory_bytes() > 1 << 20);
        }
    }
}
