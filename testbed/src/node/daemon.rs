//! One life of the daemon.

use std::{
    ffi::OsStr,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::{HANG, Log, peak_memory, program};

/// A running daemon; killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    pid: u32,
    /// Where its HTTP server answers; `None` when it could not listen.
    pub url: Option<String>,
    /// From the start of the process to its first line of output.
    pub ready_after: Duration,
}

/// How a daemon ended.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// Its exit status.
    pub status: ExitStatus,
    /// From the signal to the end.
    pub after: Duration,
}

impl Daemon {
    /// Starts the daemon and waits for its first line of output.
    ///
    /// # Errors
    /// When the process ends before, with the end of its log.
    pub async fn start(config: &Path, log: &Log, life: u32) -> Result<Self> {
        let begin = [
            OsStr::new("run"),
            OsStr::new("--config"),
            config.as_os_str(),
        ];
        Self::spawn(Command::new(program()?).args(begin), log, life).await
    }

    /// Starts the daemon, and strikes it with `kill -9` after a while, whether or not it has said anything.
    ///
    /// # Errors
    /// When the process cannot be started or waited for.
    pub async fn strike_start(config: &Path, after: Duration) -> Result<()> {
        let mut child = Command::new(program()?)
            .args([
                OsStr::new("run"),
                OsStr::new("--config"),
                config.as_os_str(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting the daemon")?;
        tokio::time::sleep(after).await;
        child.kill().await.context("killing a daemon that starts")
    }

    /// Starts any command that ends up as the daemon.
    ///
    /// # Errors
    /// As [`Daemon::start`].
    pub async fn spawn(command: &mut Command, log: &Log, life: u32) -> Result<Self> {
        let begun = Instant::now();
        let mut child = command
            .env_remove("RUST_LOG")
            .env_remove("VERIREGIME_DATA")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting the daemon")?;
        let pid = child.id().context("a daemon without a process id")?;
        let (output, errors) = (child.stdout.take(), child.stderr.take());
        let (output, errors) = output.zip(errors).context("a daemon without output")?;
        log.follow(errors, life);
        let mut lines = BufReader::new(output).lines();
        let first = tokio::time::timeout(HANG, lines.next_line())
            .await
            .context("the daemon says nothing")??;
        let Some(first) = first else {
            let status = child.wait().await?;
            // The reader of the log may be a moment behind.
            tokio::time::sleep(Duration::from_millis(50)).await;
            bail!(
                "the daemon ended at once ({status}); its log ends\n{}",
                log.tail(6)
            );
        };
        // Whatever follows on standard output belongs to the log, too, and must not fill the pipe.
        log.follow(lines.into_inner(), life);
        let first: Value = serde_json::from_str(&first).context("the daemon's first line")?;
        Ok(Self {
            child,
            pid,
            url: first["url"].as_str().map(str::to_owned),
            ready_after: begun.elapsed(),
        })
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Peak resident memory so far in kilobytes.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        peak_memory(self.pid)
    }

    /// `kill -9`, and waits for the end.
    ///
    /// # Errors
    /// When the process had already ended by itself, with its status.
    pub async fn kill(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the daemon had ended by itself ({status}) before it was to be killed");
        }
        let stopped = self.signal(Signal::KILL).await?;
        ensure!(
            stopped.status.signal() == Some(Signal::KILL.as_raw()),
            "the daemon ended with {} instead of being killed",
            stopped.status
        );
        Ok(())
    }

    /// `SIGTERM`, and waits for the end.
    ///
    /// # Errors
    /// When it does not end at all.
    pub async fn terminate(mut self) -> Result<Stopped> {
        self.signal(Signal::TERM).await
    }

    /// Waits for the daemon to end by itself.
    ///
    /// # Errors
    /// When it does not end at all.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        let ended = tokio::time::timeout(HANG, self.child.wait()).await;
        Ok(ended.context("the daemon does not end")??)
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// A page of its HTTP server: status and body.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn get(&self, path: &str) -> Result<(u16, String)> {
        let url = self.url.as_ref().context("the daemon does not listen")?;
        let answer = reqwest::get(format!("{url}{path}")).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    async fn signal(&mut self, signal: Signal) -> Result<Stopped> {
        let begun = Instant::now();
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        kill_process(pid.context("a process id")?, signal).context("signalling the daemon")?;
        let status = self.wait().await?;
        Ok(Stopped {
            status,
            after: begun.elapsed(),
        })
    }
}
