//! Real processes: three workers, one of them killed while it proves.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use veriregime::farm::Summary;

use super::{made, server::Server};

const JOBS: usize = 9;
const LIMIT: Duration = Duration::from_secs(180);

/// The program without the surroundings' settings, and with a cache of its own.
pub fn program(cache: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veriregime"));
    for variable in ["VERIREGIME_NATS", "VERIREGIME_EZKL_PYTHON"] {
        command.env_remove(variable);
    }
    command.env("RUST_LOG", "warn,veriregime=info");
    command.env("VERIREGIME_CACHE", cache);
    // Without VERIREGIME_SRS no mirror is asked for points: a development SRS is the same everywhere.
    command.env("HTTPS_PROXY", "http://127.0.0.1:9");
    command
}

/// What a worker says, line by line; it is killed when this is dropped.
struct Running {
    process: Child,
    lines: Receiver<Value>,
}

impl Running {
    fn worker(url: &str, cache: &Path) -> Self {
        let mut process = program(cache)
            .args([
                "worker",
                "--nats",
                url,
                "--patience",
                "3",
                "--table-memory",
                "0",
            ])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let errors = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                if let Ok(line) = serde_json::from_str(&line) {
                    let _ = sender.send(line);
                }
            }
        });
        Self { process, lines }
    }

    /// Waits for a line with this code.
    fn says(&self, code: &str) -> Value {
        let end = Instant::now() + LIMIT;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("no {code}"));
            if line["code"] == code {
                return line;
            }
        }
    }

    fn name(&self) -> String {
        self.says("farm.worker")["worker"].as_str().unwrap().into()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn farm(folder: &Path, out: &str, arguments: &[&str]) -> Output {
    program(&folder.join("cache"))
        .current_dir(folder)
        .args([
            "farm",
            "--json",
            "--network",
            "network.json",
            "--inputs",
            "windows.json",
        ])
        .args(["--out", out])
        .args(arguments)
        .output()
        .unwrap()
}

pub fn summary(output: &Output) -> Summary {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_one_killed_while_it_proves_every_job_finished_once() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    made::files(folder.path(), JOBS);
    let cache = folder.path().join("cache");
    let url = server.url();
    let mut workers: Vec<_> = (0..3).map(|_| Running::worker(&url, &cache)).collect();
    let names: Vec<String> = workers.iter().map(Running::name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 3);
    let at = folder.path().to_owned();
    let server_url = url.clone();
    let caller =
        std::thread::spawn(move || farm(&at, "out", &["--k", "12", "--nats", &server_url]));

    // SIGKILL: nothing is said, nothing is given back.
    let taken = workers[0].says("farm.taken");
    let victim = workers.remove(0);
    drop(victim);
    let lost = taken["job"].as_str().unwrap();

    let run = summary(&caller.join().unwrap());
    assert_eq!((run.asked, run.proven, run.failed), (JOBS, JOBS, 0));
    let ids: BTreeSet<_> = run.jobs.iter().map(|job| job.id).collect();
    assert_eq!(ids.len(), JOBS);
    assert_eq!(run.duplicates, 0);
    let saved = run
        .jobs
        .iter()
        .find(|job| job.id.to_string() == lost)
        .unwrap();
    let made = saved.made.as_ref().unwrap();
    assert!(made.attempt >= 2, "{made:?}");
    assert!(
        names[1..].contains(&made.worker),
        "{made:?} after {names:?}"
    );
    assert!(run.retries >= 1);
    assert_eq!(run.workers.values().sum::<usize>(), JOBS);
    nothing_is_left(&server).await;
    for job in &run.jobs {
        let file = folder.path().join(format!("out/proofs/{}.json", job.id));
        assert!(fs::read_to_string(file).unwrap().contains("\"prove_ms\""));
    }

    // What is there is not proven again: from the folder, and from the server into another folder.
    for out in ["out", "other"] {
        let again = summary(&farm(folder.path(), out, &["--k", "12", "--nats", &url]));
        assert_eq!((again.proven, again.cached), (0, JOBS), "{out}");
    }

    // A worker ends in order when it is asked to.
    for worker in &mut workers {
        let id = rustix::process::Pid::from_child(&worker.process);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        let status = worker.process.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_killed_and_nothing_is_lost() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    made::files(folder.path(), JOBS);
    let cache = folder.path().join("cache");
    let url = server.url();
    let worker = Running::worker(&url, &cache);
    let at = folder.path().to_owned();
    let caller = std::thread::spawn(move || farm(&at, "out", &["--k", "12", "--nats", &url]));
    worker.says("farm.finished");
    worker.says("farm.taken");
    server.restart(Duration::from_secs(2));
    let run = summary(&caller.join().unwrap());
    assert_eq!((run.asked, run.proven, run.failed), (JOBS, JOBS, 0));
    nothing_is_left(&server).await;
}

/// A worker takes what was acknowledged in the server's last moments off the queue when it comes again.
async fn nothing_is_left(server: &Server) {
    let queue = server.queue("veriregime", Duration::from_secs(1)).await;
    let end = Instant::now() + Duration::from_secs(30);
    while queue.open_jobs().await.unwrap() > 0 {
        assert!(Instant::now() < end, "jobs are left in the queue");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Processes of a process.
fn children(parent: u32) -> Vec<u32> {
    let parent = format!("\t{parent}");
    let mut found = vec![];
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        if status
            .lines()
            .any(|line| line.strip_prefix("PPid:") == Some(&parent))
        {
            found.extend(entry.file_name().to_str().unwrap().parse::<u32>());
        }
    }
    found
}

#[test]
fn slices_are_proven_in_processes_one_killed_and_the_rest_goes_on() {
    let folder = TempDir::new().unwrap();
    made::files(folder.path(), 3);
    let mut caller = program(&folder.path().join("cache"))
        .current_dir(folder.path())
        .args([
            "slice",
            "network.json",
            "--out",
            "out",
            "--at",
            "dense1,dense2",
            "--k",
            "12",
        ])
        .args([
            "--prove",
            "windows.json",
            "--workers",
            "2",
            "--json",
            "--fidelity",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let errors = BufReader::new(caller.stderr.take().unwrap());
    let mut said = vec![];
    let mut killed = false;
    for line in errors.lines().map_while(Result::ok) {
        let taken = line.contains("\"farm.taken\"");
        said.push(line);
        if taken && !killed {
            let end = Instant::now() + Duration::from_secs(20);
            while children(caller.id()).is_empty() {
                assert!(Instant::now() < end, "no process to kill");
                std::thread::sleep(Duration::from_millis(5));
            }
            let pid = children(caller.id())[0].try_into().unwrap();
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            killed = true;
        }
    }
    let output = caller.wait_with_output().unwrap();
    assert!(output.status.success(), "{said:#?}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run: Summary = serde_json::from_value(value["report"].clone()).unwrap();
    assert_eq!((run.asked, run.proven, run.failed), (9, 9, 0));
    assert!(run.retries >= 1, "{said:#?}");
    assert!(run.links.len() == 3 && run.links_hold(), "{:?}", run.links);
    assert_eq!(value["fidelity"]["sliced"]["d1"], 0.0);
    assert_eq!(value["fidelity"]["sliced"]["same_class"], 1.0);
    let table: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/slices.json")).unwrap()).unwrap();
    assert_eq!(table["slices"].as_array().unwrap().len(), 3);
    assert!(
        table["slices"][0]["estimate"]["memory_bytes"]
            .as_u64()
            .unwrap()
            > 0
    );
}
