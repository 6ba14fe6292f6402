//! Where the node's program is.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};

/// How long anything may take before it counts as hung. Never a verdict on speed: a busy machine is slow.
pub const HANG: Duration = Duration::from_secs(300);

/// The program under test: `VERIREGIME_PROGRAM` if set, else `testbed-node`, which cargo builds beside this program.
///
/// # Errors
/// When neither is there.
pub fn program() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os("VERIREGIME_PROGRAM").filter(|given| !given.is_empty()) {
        return Ok(given.into());
    }
    let own = std::env::current_exe().context("finding this program")?;
    // A test lies in `deps`, one folder further down.
    let beside = own.ancestors().skip(1).take(2);
    let found = beside
        .map(|folder| folder.join("testbed-node"))
        .find(|program| program.is_file());
    match found {
        Some(program) => Ok(program),
        None => bail!(
            "no testbed-node beside {}: run `cargo build --package veriregime-testbed`, or name the program with VERIREGIME_PROGRAM",
            own.display()
        ),
    }
}
