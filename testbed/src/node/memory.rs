//! The most memory that a process has ever held.

/// Peak resident memory of a process in kilobytes (`VmHWM`); `None` once it is gone, or where there is no `/proc`.
#[must_use]
pub fn peak_memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
