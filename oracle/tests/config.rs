//! The daemon's configuration: defaults, overrides, and every way to get it wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use tempfile::TempDir;
use veriregime::{
    config::{Config, ConfigError, EXAMPLE, OVERRIDES},
    exchange::Urls,
};

const LEAST: &str = r#"
[chain]
rpc = ["http://127.0.0.1:8545"]
[key]
file = "node.key"
password_file = "node.password"
[[oracle]]
name = "signals"
model = "models/signals"
deployment = "deployment.json"
"#;

fn read_in(
    folder: &TempDir,
    text: &str,
    environment: &[(&str, &str)],
) -> Result<Config, ConfigError> {
    let path = folder.path().join("veriregime.toml");
    fs::write(&path, text).unwrap();
    let known: BTreeMap<_, _> = environment.iter().copied().collect();
    Config::read_with(&path, |name| known.get(name).map(|&value| value.to_owned()))
}

fn read(text: &str) -> Result<Config, ConfigError> {
    read_in(&TempDir::new().unwrap(), text, &[])
}

fn refusal(text: &str) -> String {
    read(text).expect_err(text).to_string()
}

/// The example with every key in force: `# key = value` becomes `key = value`.
fn uncommented() -> String {
    let line = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.split(' ').nth(1) == Some("=") => rest.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_comments_are_the_defaults() {
    let folder = TempDir::new().unwrap();
    let least = read_in(&folder, EXAMPLE, &[]).unwrap();
    let full = read_in(&folder, &uncommented(), &[]).unwrap();
    let shown = |config: &Config| {
        let mut config = config.clone();
        // No default, only an example.
        config.node.srs = None;
        config.candles.data = None;
        config.candles.urls = Urls::default();
        config.dashboard.rpc = None;
        config.oracles[0].filler = None;
        format!("{config:#?}")
    };
    assert_eq!(shown(&least), shown(&full));
    assert!(full.node.srs.is_some() && full.oracles[0].filler.is_some());
}

#[test]
fn paths_are_meant_beside_the_file_and_models_may_be_names() {
    let folder = TempDir::new().unwrap();
    let config = read_in(&folder, LEAST, &[]).unwrap();
    assert_eq!(config.node.store, folder.path().join("veriregime.sqlite"));
    assert_eq!(config.key.file, folder.path().join("node.key"));
    assert_eq!(config.oracles[0].model, PathBuf::from("models/signals"));
    fs::create_dir_all(folder.path().join("models/signals")).unwrap();
    let config = read_in(&folder, LEAST, &[]).unwrap();
    assert_eq!(
        config.oracles[0].model,
        folder.path().join("models/signals")
    );
}

#[test]
fn the_environment_replaces_the_file() {
    let folder = TempDir::new().unwrap();
    let values: Vec<(&str, &str)> = OVERRIDES
        .iter()
        .map(|(variable, key)| match *key {
            "node.listen" => (*variable, "127.0.0.1:9999"),
            "chain.rpc" => (*variable, "http://a.example, http://b.example"),
            "dashboard.rpc" => (*variable, "http://c.example"),
            _ => (*variable, "/elsewhere"),
        })
        .collect();
    let config = read_in(&folder, LEAST, &values).unwrap();
    let elsewhere = PathBuf::from("/elsewhere");
    assert_eq!(config.node.store, elsewhere);
    assert_eq!(config.node.listen.port(), 9_999);
    assert_eq!(config.node.srs, Some(elsewhere.clone()));
    assert_eq!(config.candles.data, Some(elsewhere.clone()));
    assert_eq!(config.chain.rpc, ["http://a.example", "http://b.example"]);
    assert_eq!(
        (config.key.file, config.key.password_file),
        (elsewhere.clone(), elsewhere)
    );
    assert_eq!(config.dashboard.rpc.as_deref(), Some("http://c.example"));
    let bad = read_in(&folder, LEAST, &[("VERIREGIME_LISTEN", "here")]).unwrap_err();
    assert!(bad.to_string().contains("VERIREGIME_LISTEN"), "{bad}");
    // Required keys may come from the environment alone, and an empty variable is none.
    let bare = LEAST.replace("rpc = [\"http://127.0.0.1:8545\"]", "");
    let config = read_in(&folder, &bare, &[("VERIREGIME_RPC", "http://d.example")]).unwrap();
    assert_eq!(config.chain.rpc, ["http://d.example"]);
    assert!(read_in(&folder, &bare, &[("VERIREGIME_RPC", "")]).is_err());
}

#[test]
fn a_remote_rpc_is_not_told_to_browsers_unless_asked_for() {
    assert_eq!(
        read(LEAST).unwrap().dashboard_rpc().as_deref(),
        Some("http://127.0.0.1:8545")
    );
    let remote = LEAST.replace("http://127.0.0.1:8545", "https://rpc.example/v2/token");
    assert_eq!(read(&remote).unwrap().dashboard_rpc(), None);
    for path in ["v2/token", "?key=token"] {
        let secret = LEAST.replace(
            "http://127.0.0.1:8545",
            &format!("http://127.0.0.1:8545/{path}"),
        );
        assert_eq!(read(&secret).unwrap().dashboard_rpc(), None, "{path}");
    }
    let public = format!("{remote}[dashboard]\nrpc = \"https://public.example\"\n");
    assert_eq!(
        read(&public).unwrap().dashboard_rpc().as_deref(),
        Some("https://public.example")
    );
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let unknown = refusal(&format!("[node]\nstroe = \"x\"\n{LEAST}"));
    assert!(
        unknown.contains("stroe") && unknown.contains("line 2"),
        "{unknown}"
    );
    let table = refusal(&format!("[noed]\n{LEAST}"));
    assert!(table.contains("noed"), "{table}");
    let kind = refusal(&format!("[node]\npoll_ms = \"fast\"\n{LEAST}"));
    assert!(kind.contains("line 2") && kind.contains("u64"), "{kind}");
    let policy = refusal(&format!("[node]\ncatch_up = \"some\"\n{LEAST}"));
    assert!(policy.contains("latest"), "{policy}");
    let bound = refusal(&format!("[node]\npoll_ms = 0\n{LEAST}"));
    assert!(
        bound.contains("node.poll_ms: 0 is not between 5 and 30000"),
        "{bound}"
    );
    let bump = refusal(&LEAST.replace("[key]", "bump_percent = 9\n[key]"));
    assert!(bump.contains("chain.bump_percent"), "{bump}");
    for (gone, key) in [
        ("rpc = [\"http://127.0.0.1:8545\"]", "chain.rpc"),
        ("file = \"node.key\"\n", "key.file"),
        ("password_file = \"node.password\"", "key.password_file"),
        ("deployment = \"deployment.json\"", "deployment"),
    ] {
        let missing = refusal(&LEAST.replacen(gone, "", 1));
        assert!(missing.contains(key), "{key}: {missing}");
    }
    let oracles = LEAST.split("[[oracle]]").next().unwrap();
    assert!(refusal(oracles).contains("add an [[oracle]] table"));
    let twice = format!(
        "{LEAST}[[oracle]]{}",
        LEAST.split("[[oracle]]").nth(1).unwrap()
    );
    assert!(refusal(&twice).contains("used twice"));
    let name = refusal(&LEAST.replace("\"signals\"", "\"a b\""));
    assert!(name.contains("oracle[0].name"), "{name}");
    let profile = refusal(&format!("{LEAST}profile = \"cheap\"\n"));
    assert!(profile.contains("gas"), "{profile}");
    let url = refusal(&LEAST.replace("http://127.0.0.1:8545", "ftp://user:secret@host"));
    assert!(
        url.contains("chain.rpc[0]") && !url.contains("secret"),
        "{url}"
    );
    let attestor = refusal(&format!("{LEAST}attestors = [\"nowhere\"]\n"));
    assert!(attestor.contains("oracle[0].attestors[0]"), "{attestor}");
    let gone = Config::read(&PathBuf::from("/nonexistent/veriregime.toml")).unwrap_err();
    assert!(gone.to_string().contains("veriregime init"), "{gone}");
}
