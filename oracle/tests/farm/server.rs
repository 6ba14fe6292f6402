//! A NATS server for a test.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use veriregime::farm::{NatsQueue, NatsSettings};

/// A running server, gone when it is dropped.
pub struct Server {
    program: PathBuf,
    process: Child,
    pub port: u16,
    store: TempDir,
}

fn program() -> Option<PathBuf> {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("target/nats-server/usr/sbin/nats-server");
    if let Some(given) = std::env::var_os("NATS_SERVER").filter(|given| !given.is_empty()) {
        return Some(given.into());
    }
    let runs = |program: &PathBuf| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    [
        "nats-server".into(),
        "/usr/sbin/nats-server".into(),
        unpacked,
    ]
    .into_iter()
    .find(runs)
}

/// A process that listens.
fn serve(program: &Path, port: u16, store: &Path) -> Child {
    let process = Command::new(program)
        .args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"])
        .arg(store)
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "the server does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    process
}

impl Server {
    /// Starts one; none, loudly, where there is no program.
    pub fn start() -> Option<Self> {
        let Some(program) = program() else {
            assert!(
                std::env::var_os("VERIREGIME_REQUIRE_NATS").is_none(),
                "no nats-server"
            );
            eprintln!("SKIPPED: no nats-server (make farm fetches one, or set NATS_SERVER)");
            return None;
        };
        let store = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let process = serve(&program, port, store.path());
        Some(Self {
            program,
            process,
            port,
            store,
        })
    }

    /// Kills it and starts it anew on what it had stored, so long after.
    pub fn restart(&mut self, away: Duration) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::thread::sleep(away);
        self.process = serve(&self.program, self.port, self.store.path());
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub async fn queue(&self, name: &str, patience: Duration) -> NatsQueue {
        let settings = NatsSettings {
            url: self.url(),
            name: name.into(),
            patience,
        };
        NatsQueue::connect(&settings).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
