//! Peak memory of this process, as the kernel counted it.

use anyhow::{Context, Result};

/// `VmHWM` of `/proc/self/status` in bytes.
pub(crate) fn peak_rss_bytes() -> Result<u64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("reading /proc/self/status")?;
    let kib = parse(&status).context("no VmHWM in /proc/self/status")?;
    Ok(1_024 * kib)
}

/// `VmHWM` of `/proc/self/status` in MB (10^6 bytes).
pub(super) fn peak_rss_mb() -> Result<f64> {
    Ok((peak_rss_bytes()? as f64 / 1e5).round() / 10.0)
}

fn parse(status: &str) -> Option<u64> {
    status.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?
            .trim()
            .strip_suffix(" kB")?
            .trim()
            .parse()
            .ok()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn parse_finds_the_high_water_mark() {
        let status = "Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t  123456 kB\nVmRSS:\t 7 kB\n";
        assert_eq!(super::parse(status), Some(123_456));
        assert_eq!(super::parse("Name:\tx\n"), None);
    }
}
