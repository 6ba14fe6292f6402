//! No secret leaves the program: every command that knows one is run at the loudest log level, and everything it says,
//! serves and stores is searched.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use alloy::signers::local::PrivateKeySigner;
use support::{
    station::{Station, program},
    token_proxy,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use veriregime::{filler_file::FillerFile, key_file};

const KEY: [u8; 32] = *b"\x5e\xc2\xe7\x01\x99\xaa\x13\x37\x42\x8f\x60\x0d\xd1\x5b\xe7\x0c\x21\x7d\x33\xc4\x6a\x90\x5f\x18\xbe\x27\x4c\xd0\x83\x1e\x76\x55";
const PASSWORD: &str = "open-sesame-7f3a";
const TOKEN: &str = "SECRETTOKEN";
const DEAD: &str = "http://127.0.0.1:9/v2/SECRETTOKEN";

/// The secrets, in every spelling that a log or a file might have.
struct Secrets(Vec<(&'static str, Vec<u8>)>);

impl Secrets {
    fn new(seed: &[u8]) -> Self {
        let mut all = vec![
            ("password", PASSWORD.as_bytes().to_vec()),
            ("RPC token", TOKEN.as_bytes().to_vec()),
        ];
        for (name, secret) in [("key", &KEY[..]), ("seed", seed)] {
            let list = format!("{secret:?}");
            all.extend([
                (name, secret.to_vec()),
                (name, hex::encode(secret).into_bytes()),
                (name, hex::encode_upper(secret).into_bytes()),
                (name, list.trim_matches(['[', ']']).as_bytes().to_vec()),
            ]);
        }
        Self(all)
    }

    fn absent(&self, place: &str, bytes: &[u8]) {
        for (name, secret) in &self.0 {
            let found = bytes
                .windows(secret.len())
                .position(|window| window == secret);
            if let Some(at) = found {
                let around = &bytes[at.saturating_sub(300)..(at + 100).min(bytes.len())];
                panic!(
                    "{name} in {place}: ...{}...",
                    String::from_utf8_lossy(around)
                );
            }
        }
    }

    fn said(&self, place: &str, output: &Output) {
        self.absent(&format!("standard output of {place}"), &output.stdout);
        self.absent(&format!("standard error of {place}"), &output.stderr);
        let log = String::from_utf8_lossy(&output.stderr);
        println!(
            "{place}: {} bytes of log, {:?}",
            log.len(),
            output.status.code()
        );
    }
}

fn loud(mut command: Command) -> Command {
    command.env("RUST_LOG", "trace");
    command
}

/// The station's files with our key and password.
fn keystore(station: &Station) -> (PathBuf, PathBuf) {
    let (key, password) = (station.file("known.key"), station.file("known.password"));
    key_file::write_secret(&password, PASSWORD).unwrap();
    let folder = station.folder.path();
    let mut random = rand::thread_rng();
    let name = Some("known.key");
    PrivateKeySigner::encrypt_keystore(folder, &mut random, KEY, PASSWORD, name).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&key, private).unwrap();
    (key, password)
}

async fn until_first_line(child: &mut Child) -> String {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines;
    let first = tokio::time::timeout(Duration::from_secs(120), lines.next_line()).await;
    first.unwrap().unwrap().unwrap_or_default()
}

/// Ends a service in order; its log.
async fn stop(mut child: Child, log: &Path) -> Vec<u8> {
    let id = child.id().unwrap().to_string();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(told.unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(60), child.wait()).await;
    ended.unwrap().unwrap();
    fs::read(log).unwrap()
}

async fn get(url: &str) -> Vec<u8> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).send().await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_said_served_or_stored() {
    let Some(station) = Station::start("redaction").await else {
        return;
    };
    let (key, password) = keystore(&station);
    station
        .local
        .fund(PrivateKeySigner::from_bytes(&KEY.into()).unwrap().address())
        .await
        .unwrap();
    let filler = station.file("model.filler");
    FillerFile::create(&filler, 100).unwrap();
    let seed: Vec<u8> = rusqlite::Connection::open(&filler)
        .unwrap()
        .query_row("SELECT seed FROM filler", [], |row| row.get(0))
        .unwrap();
    let secrets = Secrets::new(&seed);

    let rpc = station.local.rpc();
    let url = token_proxy::serve(rpc.clone(), TOKEN).await;
    let config = station
        .config()
        .replace(&format!("\"{rpc}\", \"{rpc}/\""), &format!("{url:?}"))
        .replace("node.key", "known.key")
        .replace("node.password", "known.password");
    assert!(config.contains(TOKEN) && !config.contains(PASSWORD));

    let doctor = loud(station.program("doctor", &config))
        .output()
        .await
        .unwrap();
    assert_eq!(
        doctor.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&doctor.stdout)
    );
    let log = String::from_utf8_lossy(&doctor.stderr);
    assert!(
        log.contains("\"TRACE\"") && log.contains("127.0.0.1"),
        "the libraries' logs are on"
    );
    secrets.said("doctor", &doctor);
    let dead = config.replace(&url, DEAD);
    let doctor = loud(station.program("doctor", &dead))
        .arg("--json")
        .output()
        .await
        .unwrap();
    assert_eq!(doctor.status.code(), Some(3));
    secrets.said("doctor on a dead RPC", &doctor);

    for (what, config, ok) in [("run on a dead RPC", &dead, false), ("run", &config, true)] {
        node(&station, &secrets, what, config, ok).await;
    }
    let store = fs::read(station.file("node.sqlite")).unwrap();
    secrets.absent("the store", &store);
    for ending in ["-wal", "-shm"] {
        if let Ok(bytes) = fs::read(station.file(&format!("node.sqlite{ending}"))) {
            secrets.absent(ending, &bytes);
        }
    }
    commands(&station, &secrets, &url, [&key, &password, &filler]).await;
    attest(&station, &secrets, &key, &password).await;
}

async fn node(station: &Station, secrets: &Secrets, what: &str, config: &str, ok: bool) {
    let log = station.file("run.log");
    let mut node = loud(station.program("run", config))
        .stdout(Stdio::piped())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let first = until_first_line(&mut node).await;
    secrets.absent(&format!("the first line of {what}"), first.as_bytes());
    if ok {
        // Some rounds are tried: candles, inference, proof, attestors, the chain's quorum.
        tokio::time::sleep(Duration::from_secs(5)).await;
        for page in [
            "live",
            "ready",
            "status",
            "metrics",
            "candles",
            "dashboard.json",
            "nothing",
        ] {
            let answer = get(&format!("http://{}/{page}", station.listen)).await;
            assert!(!answer.is_empty(), "{page}");
            secrets.absent(page, &answer);
        }
    }
    let text = match ok {
        true => stop(node, &log).await,
        false => {
            node.wait().await.unwrap();
            fs::read(&log).unwrap()
        }
    };
    let words = String::from_utf8_lossy(&text);
    assert!(words.contains("\"TRACE\""), "{what}");
    let stages = words.matches("round.stage").count();
    assert_eq!(stages > 0, ok, "{what}: {words}");
    secrets.absent(&format!("the log of {what}"), &text);
    println!("{what}: {} bytes of log, {stages} stages", text.len());
}

async fn commands(
    station: &Station,
    secrets: &Secrets,
    url: &str,
    [key, password, filler]: [&Path; 3],
) {
    let base = |arguments: &[&str]| {
        let mut command = loud(program());
        command
            .env("VERIREGIME_CACHE", station.file("cache"))
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .args(arguments);
        command
    };
    let oracle = |command: &mut Command| {
        command.arg("--deployment").arg(&station.deployment_file);
    };
    let keyed = |command: &mut Command| {
        command
            .arg("--key")
            .arg(key)
            .arg("--password-file")
            .arg(password);
    };
    let model = |command: &mut Command| {
        command
            .arg("--model")
            .arg(&station.model)
            .args(["--source", "synthetic"]);
    };
    for rpc in [url, DEAD] {
        let mut once = base(&["once", "--json", "--rpc", rpc]);
        for attestor in &station.attestors {
            once.args(["--attestor", attestor]);
        }
        once.arg("--store").arg(station.file("once.sqlite"));
        oracle(&mut once);
        keyed(&mut once);
        model(&mut once);
        let output = once.output().await.unwrap();
        assert_eq!(
            output.status.code(),
            Some(1),
            "the synthetic candles are too old for the oracle"
        );
        assert!(String::from_utf8_lossy(&output.stdout).contains("\"code\":\"chain."));
        secrets.said("once", &output);

        let mut audit = base(&["audit", "1", "--json", "--rpc", rpc]);
        oracle(&mut audit);
        model(&mut audit);
        let output = audit.output().await.unwrap();
        assert_eq!(output.status.code(), Some(1), "there is no round");
        secrets.said("audit", &output);
    }
    let mut private = base(&["once", "--dry-run", "--filler"]);
    private.arg(filler);
    model(&mut private);
    let output = private.output().await.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    secrets.said("once with a private model", &output);

    let mut address = base(&["keys", "address"]);
    keyed(&mut address);
    let output = address.output().await.unwrap();
    assert!(output.status.success());
    secrets.said("keys address", &output);
    let mut new = base(&["keys", "new", "--out"]);
    new.arg(station.file("fresh.key"))
        .arg("--password-file")
        .arg(password);
    secrets.said("keys new", &new.output().await.unwrap());
    let mut other = base(&["keys", "filler", "--out"]);
    other.arg(station.file("fresh.filler"));
    let output = other.output().await.unwrap();
    let seed: Vec<u8> = rusqlite::Connection::open(station.file("fresh.filler"))
        .unwrap()
        .query_row("SELECT seed FROM filler", [], |row| row.get(0))
        .unwrap();
    Secrets::new(&seed).said("keys filler", &output);
    // The store's password given to a key of another one is not told either.
    key_file::write_secret(&station.file("wrong.password"), "not-the-password-91c").unwrap();
    let mut wrong = base(&["keys", "address", "--json"]);
    wrong
        .arg("--key")
        .arg(key)
        .arg("--password-file")
        .arg(station.file("wrong.password"));
    let output = wrong.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    for stream in [&output.stdout, &output.stderr] {
        let words = String::from_utf8_lossy(stream);
        assert!(
            words.contains("key.locked") && !words.contains("91c"),
            "{words}"
        );
    }
}

async fn attest(station: &Station, secrets: &Secrets, key: &Path, password: &Path) {
    let log = station.file("attest.log");
    let mut node = loud(program())
        .args(["attest", "--listen", "127.0.0.1:0", "--source", "synthetic"])
        .arg("--deployment")
        .arg(&station.deployment_file)
        .arg("--model")
        .arg(&station.model)
        .arg("--key")
        .arg(key)
        .arg("--password-file")
        .arg(password)
        .arg("--store")
        .arg(station.file("attest.sqlite"))
        .stdout(Stdio::piped())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let first = until_first_line(&mut node).await;
    secrets.absent("the first line of attest", first.as_bytes());
    let listening: serde_json::Value = serde_json::from_str(&first).unwrap();
    let url = listening["url"].as_str().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask =
        serde_json::json!({ "symbol": "BTC/USDT", "timeframe": 60, "close_time": 1_735_776_000 });
    let answer = client
        .post(format!("{url}/attest"))
        .json(&ask)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success());
    secrets.absent("an attestation", &answer.bytes().await.unwrap());
    secrets.absent("/live", &get(&format!("{url}/live")).await);
    let text = stop(node, &log).await;
    assert!(String::from_utf8_lossy(&text).contains("attestor.vouched"));
    secrets.absent("the log of attest", &text);
    secrets.absent(
        "the attestor's store",
        &fs::read(station.file("attest.sqlite")).unwrap(),
    );
}
