//! `veriregime completions` and `veriregime man`: what a shell and `man` want to know, from the commands themselves.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use clap_complete::Shell;

use super::Ending;

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime completions bash > /etc/bash_completion.d/veriregime\n  veriregime completions zsh > \"${fpath[1]}/_veriregime\""
)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, mut program: clap::Command) -> Result<Ending> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut program, "veriregime", &mut text);
        print!("{}", String::from_utf8_lossy(&text));
        Ok(Ending::Holds)
    }
}

/// Print the manual page, or write one for every command.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime man | man -l -\n  veriregime man --out /usr/local/share/man/man1"
)]
pub(super) struct Man {
    /// Folder for one page per command.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self, program: clap::Command) -> Result<Ending> {
        match self.out {
            Some(folder) => {
                std::fs::create_dir_all(&folder)
                    .and_then(|()| clap_mangen::generate_to(program, &folder))
                    .with_context(|| format!("writing manual pages to {}", folder.display()))?;
                println!("wrote the manual pages to {}", folder.display());
            }
            None => {
                let mut text = Vec::new();
                clap_mangen::Man::new(program)
                    .render(&mut text)
                    .context("making the manual page")?;
                print!("{}", String::from_utf8_lossy(&text));
            }
        }
        Ok(Ending::Holds)
    }
}
