//! The doctor on a real local chain: all green, then one prerequisite broken at a time turns exactly its own line red.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::Ordering,
    time::Duration,
};

use alloy::{node_bindings::Anvil, signers::local::PrivateKeySigner};
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::station::Station;
use tokio::io::{AsyncBufReadExt, BufReader};
use veriregime::{daemon::InstanceLock, key_file, project::Project};

/// What a run of the doctor found: the red lines with their codes, and the skipped ones.
struct Found {
    code: Option<i32>,
    checks: Vec<Value>,
}

impl Found {
    fn red(&self) -> BTreeMap<&str, &str> {
        self.checks
            .iter()
            .filter(|check| check["ok"] == false && check["skipped"] != true)
            .map(|check| {
                (
                    check["name"].as_str().unwrap(),
                    check["code"].as_str().unwrap(),
                )
            })
            .collect()
    }

    fn skipped(&self) -> Vec<&str> {
        let skipped = |check: &&Value| check["skipped"] == true;
        let names = self.checks.iter().filter(skipped);
        names.map(|check| check["name"].as_str().unwrap()).collect()
    }

    fn detail(&self, name: &str) -> &str {
        let found = self.checks.iter().find(|check| check["name"] == name);
        found.unwrap_or_else(|| panic!("no line {name}"))["detail"]
            .as_str()
            .unwrap()
    }
}

async fn examine(station: &Station, config: &str) -> Found {
    let mut program = station.program("doctor", config);
    let output = program.arg("--json").output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr))
    });
    let found = Found {
        code: output.status.code(),
        checks: value["checks"].as_array().unwrap().clone(),
    };
    let red = found.checks.iter().any(|check| check["ok"] != true);
    assert_eq!(value["ok"], !red);
    found
}

/// One breakage: exactly this line is red, with this code, and exactly these are skipped.
async fn broken(
    station: &Station,
    what: &str,
    config: &str,
    line: &str,
    code: &str,
    skipped: &[&str],
) {
    let found = examine(station, config).await;
    let all = || format!("{what}: {:#?}", found.checks);
    assert_eq!(found.red(), BTreeMap::from([(line, code)]), "{}", all());
    assert_eq!(found.skipped(), skipped, "{}", all());
    assert_eq!(found.code, Some(3), "{}", all());
    println!("{what}: {line} [{code}] {}", found.detail(line));
}

const NOT_PROVEN: [&str; 2] = ["signals.keys", "signals.route"];
const QUORUM: [&str; 4] = [
    "signals.attestor[0]",
    "signals.attestor[1]",
    "signals.attestor[2]",
    "signals.quorum",
];

/// A copy of the model's folder, changed.
fn model(station: &Station, name: &str, change: impl FnOnce(&Path)) -> String {
    let folder = station.file(name);
    fs::create_dir_all(&folder).unwrap();
    for file in ["manifest.json", "weights.json"] {
        fs::copy(station.model.join(file), folder.join(file)).unwrap();
    }
    change(&folder);
    let model = |path: &Path| format!("model = {path:?}");
    station
        .config()
        .replace(&model(&station.model), &model(&folder))
}

fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
}

/// The configuration with a changed deployment file.
fn deployment(station: &Station, name: &str, change: impl FnOnce(&mut Value)) -> String {
    let file = station.file(name);
    fs::copy(&station.deployment_file, &file).unwrap();
    edit(&file, change);
    let deployment = |path: &Path| format!("deployment = {path:?}");
    station
        .config()
        .replace(&deployment(&station.deployment_file), &deployment(&file))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_broken_prerequisite_turns_exactly_its_own_line_red() {
    let Some(station) = Station::start("doctor").await else {
        return;
    };
    let good = station.config();
    let found = examine(&station, &good).await;
    assert!(
        found.red().is_empty() && found.skipped().is_empty(),
        "{:#?}",
        found.checks
    );
    assert_eq!(found.code, Some(0));
    assert!(found.checks.len() >= 22, "{:#?}", found.checks);
    for check in &found.checks {
        println!(
            "{:<24} {}",
            check["name"].as_str().unwrap(),
            check["detail"].as_str().unwrap()
        );
    }
    files(&station, &good).await;
    locks_and_disk(&station, &good).await;
    chain(&station, &good).await;
    models(&station, &good).await;
    candles(&station, &good).await;
    attestors(&station, &good).await;
    let found = examine(&station, &good).await;
    assert_eq!(found.code, Some(0), "mended again: {:#?}", found.checks);
    beside_the_running_node(&station, &good).await;
}

async fn files(station: &Station, good: &str) {
    let unknown = good.replace("[node]", "[node]\nstroe = \"x\"");
    let else_ = ["everything else"];
    broken(
        station,
        "unknown key",
        &unknown,
        "config",
        "config.malformed",
        &else_,
    )
    .await;

    let (key, password) = (station.file("node.key"), station.file("node.password"));
    for (file, what) in [(&key, "readable key"), (&password, "readable password")] {
        mode(file, 0o644);
        broken(station, what, good, "key", "key.exposed", &["balance"]).await;
        mode(file, 0o600);
    }
    key_file::write_secret(&station.file("other.password"), "wrong").unwrap();
    let other = good.replace("\"node.password\"", "\"other.password\"");
    broken(
        station,
        "wrong password",
        &other,
        "key",
        "key.locked",
        &["balance"],
    )
    .await;
    let gone = good.replace("\"node.key\"", "\"gone.key\"");
    broken(
        station,
        "no key",
        &gone,
        "key",
        "key.unreadable",
        &["balance"],
    )
    .await;

    fs::write(
        station.file("text.sqlite"),
        "this is no database, however long it is",
    )
    .unwrap();
    let text = good.replace("node.sqlite", "text.sqlite");
    broken(
        station,
        "store is text",
        &text,
        "store",
        "store.failed",
        &["instance"],
    )
    .await;
    let nowhere = good.replace("node.sqlite", "nowhere/node.sqlite");
    broken(
        station,
        "no folder",
        &nowhere,
        "store",
        "store.folder",
        &["instance"],
    )
    .await;
}

async fn locks_and_disk(station: &Station, good: &str) {
    let lock = InstanceLock::of_store(&station.file("node.sqlite")).unwrap();
    let code = "node.already-running";
    broken(
        station,
        "another node has the store",
        good,
        "instance",
        code,
        &[],
    )
    .await;
    drop(lock);
    let locks = station.file("cache/locks");
    let chain = station.deployment.chain_id;
    let lock = fs::File::create(locks.join(format!("{chain}-{}.lock", station.address))).unwrap();
    lock.lock().unwrap();
    broken(
        station,
        "another node has the key",
        good,
        "instance",
        code,
        &[],
    )
    .await;
    drop(lock);
    let taken = std::net::TcpListener::bind(&station.listen).unwrap();
    broken(
        station,
        "port taken",
        good,
        "listen",
        "node.port-taken",
        &[],
    )
    .await;
    drop(taken);

    // A file system of 4 MiB, where this process may make one.
    let small = station.file("small");
    fs::create_dir(&small).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
        .arg(&small)
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("skipped: full disk (no permission to mount one)");
        return;
    }
    let full = good.replace("node.sqlite", "small/node.sqlite");
    broken(station, "disk full", &full, "disk", "node.disk-full", &[]).await;
    let unmounted = std::process::Command::new("umount").arg(&small).status();
    assert!(unmounted.unwrap().success());
}

async fn chain(station: &Station, good: &str) {
    let rpc = station.local.rpc();
    let second = |url: &str| good.replace(&format!("\"{rpc}/\""), &format!("\"{url}\""));
    let dead = second("http://127.0.0.1:9/v2/TOKEN");
    broken(
        station,
        "second RPC dead",
        &dead,
        "chain.rpc[1]",
        "chain.unreachable",
        &[],
    )
    .await;
    assert!(
        !examine(station, &dead)
            .await
            .detail("chain.rpc[1]")
            .contains("TOKEN")
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Project::find(Some(root)).unwrap().foundry("anvil").unwrap();
    let mainnet = Anvil::at(program).chain_id(1).try_spawn().unwrap();
    let other = second(&mainnet.endpoint());
    broken(
        station,
        "second RPC elsewhere",
        &other,
        "chain.rpc[1]",
        "chain.wrong-id",
        &[],
    )
    .await;

    let alone = good.replace(&format!("\"{rpc}\", \"{rpc}/\""), "\"http://127.0.0.1:9\"");
    let found = examine(station, &alone).await;
    let contracts = station.deployment.contracts.all();
    let lines = contracts
        .iter()
        .map(|(name, _)| format!("signals.contract.{name}"));
    let mut skipped = vec!["balance".to_owned()];
    skipped.extend(lines);
    skipped.extend(["signals.oracle", "signals.route"].map(String::from));
    skipped.extend(QUORUM.map(String::from));
    assert_eq!(
        found.red(),
        BTreeMap::from([("chain.rpc[0]", "chain.unreachable")])
    );
    assert_eq!(found.skipped(), skipped);

    let poor = key_file::create(&station.file("poor.key"), &station.file("node.password"));
    let low = good.replace("node.key", "poor.key");
    broken(
        station,
        "no money",
        &low,
        "balance",
        "chain.low-balance",
        &[],
    )
    .await;
    assert!(
        examine(station, &low)
            .await
            .detail("balance")
            .contains(&poor.unwrap().to_string())
    );

    let deployed = station.deployment_file.to_str().unwrap();
    let gone = good.replace(deployed, "/gone.json");
    let mut skipped = vec![
        "signals.srs",
        "signals.keys",
        "signals.contracts",
        "signals.oracle",
        "signals.route",
    ];
    skipped.extend(QUORUM);
    let line = "signals.deployment";
    broken(
        station,
        "no deployment file",
        &gone,
        line,
        "deployment.unreadable",
        &skipped,
    )
    .await;
    let replaced = deployment(station, "replaced.json", |file| {
        file["contracts"]["verifier"]["codehash"] = format!("0x{}", "11".repeat(32)).into();
    });
    let line = "signals.contract.verifier";
    broken(
        station,
        "another verifier's code",
        &replaced,
        line,
        "chain.wrong-code",
        &[],
    )
    .await;
    let empty = deployment(station, "empty.json", |file| {
        file["contracts"]["timelock"]["address"] =
            PrivateKeySigner::random().address().to_string().into();
    });
    let line = "signals.contract.timelock";
    broken(station, "no code", &empty, line, "chain.no-code", &[]).await;
    let elsewhere = deployment(station, "elsewhere.json", |file| {
        file["contracts"]["oracle"]["address"] =
            PrivateKeySigner::random().address().to_string().into();
    });
    let mut skipped = vec!["signals.oracle", "signals.route"];
    skipped.extend(QUORUM);
    let line = "signals.contract.oracle";
    broken(
        station,
        "no oracle",
        &elsewhere,
        line,
        "chain.no-code",
        &skipped,
    )
    .await;
}

async fn models(station: &Station, good: &str) {
    let weights = |folder: &Path| {
        edit(&folder.join("weights.json"), |model| {
            let bias = &mut model["layers"][1]["bias"][0];
            *bias = (bias.as_i64().unwrap() + 1).into();
        });
    };
    let unread = [
        "signals.window",
        "signals.srs",
        "signals.keys",
        "signals.oracle",
        "signals.route",
    ];
    let tampered = model(station, "tampered", weights);
    broken(
        station,
        "tampered weights",
        &tampered,
        "signals.model",
        "model.digest",
        &unread,
    )
    .await;
    let gone = good.replace(station.model.to_str().unwrap(), "/gone");
    let found = examine(station, &gone).await;
    assert_eq!(found.red().keys().collect::<Vec<_>>(), [&"signals.model"]);
    let other = model(station, "other", |folder| {
        weights(folder);
        let digest = hex::encode(Sha256::digest(
            fs::read(folder.join("weights.json")).unwrap(),
        ));
        edit(&folder.join("manifest.json"), |manifest| {
            manifest["weights"]["sha256"] = digest.into()
        });
    });
    broken(
        station,
        "a model not deployed",
        &other,
        "signals.route",
        "chain.no-route",
        &[],
    )
    .await;
    let ether = model(station, "ether", |folder| {
        edit(&folder.join("manifest.json"), |manifest| {
            manifest["schema"]["symbol"] = "ETH/USDT".into()
        });
    });
    broken(
        station,
        "another market",
        &ether,
        "signals.oracle",
        "chain.wrong-market",
        &[],
    )
    .await;

    fs::write(station.file("points.srs"), "no points").unwrap();
    // Points that were checked before are not read again.
    fs::remove_dir_all(station.file("cache/given")).ok();
    let srs = good
        .lines()
        .filter(|line| !line.starts_with("srs"))
        .collect::<Vec<_>>();
    let srs = srs
        .join("\n")
        .replace("[node]", "[node]\nsrs = \"points.srs\"");
    broken(
        station,
        "no points",
        &srs,
        "signals.srs",
        "srs.invalid",
        &NOT_PROVEN,
    )
    .await;
    let key = proving_key(&station.file("cache"));
    let kept = key.with_extension("kept");
    fs::rename(&key, &kept).unwrap();
    fs::create_dir(&key).unwrap();
    let route = ["signals.route"];
    broken(
        station,
        "key cannot be kept",
        good,
        "signals.keys",
        "file.failed",
        &route,
    )
    .await;
    fs::remove_dir(&key).unwrap();
    fs::rename(&kept, &key).unwrap();
}

fn proving_key(cache: &Path) -> PathBuf {
    let entries = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap());
    // The newest may be that of a model tried in between.
    let mut keys: Vec<_> = entries
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "key"))
        .map(|entry| (entry.metadata().unwrap().modified().unwrap(), entry.path()))
        .collect();
    keys.sort();
    keys.swap_remove(0).1
}

async fn candles(station: &Station, good: &str) {
    let (line, window) = ("exchange.binance", ["signals.window"]);
    let front = &station.front;
    front.down.store(true, Ordering::SeqCst);
    broken(
        station,
        "exchange down",
        good,
        line,
        "exchange.not-available",
        &window,
    )
    .await;
    front.down.store(false, Ordering::SeqCst);
    for (skew, what) in [(45_000, "clock behind"), (-45_000, "clock ahead")] {
        front.skew_ms.store(skew, Ordering::SeqCst);
        broken(station, what, good, line, "exchange.clock-skew", &window).await;
    }
    front.skew_ms.store(20_000, Ordering::SeqCst);
    assert_eq!(
        examine(station, good).await.code,
        Some(0),
        "twenty seconds are fine"
    );
    front.skew_ms.store(0, Ordering::SeqCst);
    front.withheld.store(3, Ordering::SeqCst);
    broken(
        station,
        "no new candles",
        good,
        line,
        "exchange.stale",
        &window,
    )
    .await;
    front.withheld.store(0, Ordering::SeqCst);
    front.without_funding.store(true, Ordering::SeqCst);
    broken(
        station,
        "no funding",
        good,
        "signals.window",
        "candles.no-window",
        &[],
    )
    .await;
    front.without_funding.store(false, Ordering::SeqCst);
}

async fn attestors(station: &Station, good: &str) {
    let (line, last) = ("signals.attestor[2]", format!("{:?}", station.attestors[2]));
    let dead = good.replace(&last, "\"http://127.0.0.1:9\"");
    broken(
        station,
        "attestor down",
        &dead,
        line,
        "attestor.no-answer",
        &[],
    )
    .await;
    let program = good.replace(&last, &format!("{:?}", station.exchange));
    broken(
        station,
        "not an attestor",
        &program,
        line,
        "attestor.no-answer",
        &[],
    )
    .await;
    let stranger = support::spawn(axum::Router::new().route(
        "/live",
        axum::routing::get(|| async { PrivateKeySigner::random().address().to_string() }),
    ));
    let stranger = good.replace(&last, &format!("{:?}", stranger.await));
    broken(
        station,
        "a stranger",
        &stranger,
        line,
        "attestor.stranger",
        &[],
    )
    .await;
    let all = format!("{:?}", station.attestors);
    for few in [
        vec![&station.attestors[0]],
        vec![&station.attestors[0], &station.attestors[0]],
    ] {
        let few = good.replace(&all, &format!("{few:?}"));
        let code = "quorum.too-few-attestors";
        broken(
            station,
            "too few attestors",
            &few,
            "signals.quorum",
            code,
            &[],
        )
        .await;
    }
}

/// Held locks and a taken port are fine when the running node has them.
async fn beside_the_running_node(station: &Station, good: &str) {
    let mut node = station
        .program("run", good)
        .stdout(Stdio::piped())
        .stderr(fs::File::create(station.file("node.log")).unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(node.stdout.take().unwrap()).lines();
    let first = tokio::time::timeout(Duration::from_secs(120), lines.next_line()).await;
    let log = || fs::read_to_string(station.file("node.log")).unwrap();
    let first = first
        .unwrap()
        .unwrap()
        .unwrap_or_else(|| panic!("{}", log()));
    assert!(
        first
            .to_lowercase()
            .contains(&station.address.to_string().to_lowercase()),
        "{first}"
    );

    let found = examine(station, good).await;
    assert_eq!(found.code, Some(0), "{:#?}\n{}", found.checks, log());
    assert!(found.detail("instance").starts_with("the node runs"));
    assert!(found.detail("listen").contains("running node"));
    // Another configuration's node is not ours.
    let poor = good.replace("node.key", "poor.key");
    let found = examine(station, &poor).await;
    let red = BTreeMap::from([
        ("balance", "chain.low-balance"),
        ("instance", "node.already-running"),
        ("listen", "node.port-taken"),
    ]);
    assert_eq!(found.red(), red);

    let id = node.id().unwrap();
    let limits = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let core: Vec<_> = core.unwrap().split_whitespace().rev().take(3).collect();
    assert_eq!(core, ["bytes", "0", "0"], "the process leaves no core dump");
    node.kill().await.unwrap();
}
