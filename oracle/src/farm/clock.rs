//! Moments as jobs carry them.

use std::time::{SystemTime, UNIX_EPOCH};

/// UNIX time in milliseconds.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis().try_into().unwrap_or(u64::MAX))
}
