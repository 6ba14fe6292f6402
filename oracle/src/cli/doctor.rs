//! `veriregime doctor`: is everything there that a node needs?

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{Ending, print};
use crate::doctor::{self, Diagnosis};

/// Look at everything that the node of a configuration file needs, one line each, and say what to do.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime doctor --config veriregime.toml\n\nNothing is sent. Exit code 0 only if every line is ok, 3 otherwise; a line that cannot be looked at before another one is mended is\nskipped. The code in brackets is explained in docs/errors. It may be run beside the running node."
)]
pub(super) struct Doctor {
    /// Configuration file, written by `veriregime init`.
    #[arg(long, env = "VERIREGIME_CONFIG", default_value = "veriregime.toml")]
    config: PathBuf,
}

impl Doctor {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let diagnosis = doctor::examine(&self.config).await;
        print(json, &diagnosis, || describe(&diagnosis))?;
        Ok(if diagnosis.ok {
            Ending::Holds
        } else {
            Ending::Disagrees
        })
    }
}

fn describe(diagnosis: &Diagnosis) -> String {
    let checks = &diagnosis.checks;
    let width = checks
        .iter()
        .map(|check| check.name.len())
        .max()
        .unwrap_or(0);
    let mut words = String::new();
    for check in checks {
        let mark = match (check.ok, check.skipped) {
            (true, _) => "ok  ",
            (_, true) => "skip",
            _ => "FAIL",
        };
        let code = check
            .code
            .map_or_else(String::new, |code| format!("[{code}] "));
        words += &format!("  {mark}  {:<width$}  {code}{}\n", check.name, check.detail);
    }
    let red = checks
        .iter()
        .filter(|check| !check.ok && !check.skipped)
        .count();
    words
        + &match red {
            0 => "everything is in place: start it with `veriregime run`".to_owned(),
            red => format!(
                "{red} of {} lines must be mended before the node can run",
                checks.len()
            ),
        }
}
