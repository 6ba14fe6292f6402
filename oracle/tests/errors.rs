//! Every code has a page and every page a code; the program says them as documented.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The string literals of a text.
fn literals(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

/// The literals in the bodies of functions with this head, as far as they are codes: `area.what` or a lone word of these.
fn codes_of(text: &str, head: &str, codes: &mut BTreeSet<String>) {
    for (start, _) in text.match_indices(head) {
        let body = &text[start + head.len()..];
        let indent = text[..start].rsplit('\n').next().unwrap().len()
            - text[..start]
                .rsplit('\n')
                .next()
                .unwrap()
                .trim_start()
                .len();
        let body = body
            .split(&format!("\n{}}}", " ".repeat(indent)))
            .next()
            .unwrap();
        let plain = |code: &&str| {
            let letters = |part: &str| {
                part.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            };
            ["usage", "internal"].contains(code)
                || code
                    .split_once('.')
                    .is_some_and(|(area, what)| letters(area) && letters(what))
        };
        codes.extend(literals(body).into_iter().filter(plain).map(String::from));
    }
}

fn codes() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["circuits/src", "oracle/src"] {
        sources(&root().join(folder), &mut files);
    }
    let mut codes = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        codes_of(&text, "fn code(&self) -> &'static str {", &mut codes);
        if file.ends_with("code/mod.rs") || file.ends_with("code/chain.rs") {
            codes_of(&text, "fn foreign(", &mut codes);
            codes_of(&text, "fn answered(", &mut codes);
        }
        if file.ends_with("daemon/http.rs") {
            let http = text
                .split("code: \"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap());
            codes.extend(http.map(String::from));
        }
    }
    codes
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let codes = codes();
    assert!(codes.len() > 100, "is the search broken? {codes:?}");
    let folder = root().join("docs/errors");
    let pages: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "README")
        .collect();
    let missing: Vec<_> = codes.difference(&pages).collect();
    let idle: Vec<_> = pages.difference(&codes).collect();
    assert!(
        missing.is_empty() && idle.is_empty(),
        "without a page: {missing:?}; without a code: {idle:?}"
    );
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    let listed = index.lines().filter(|line| line.starts_with("- [")).count();
    assert_eq!(listed, pages.len());
    for code in pages {
        assert!(
            index.contains(&format!("- [{code}]({code}.md): ")),
            "{code} is not in the index"
        );
        let page = fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
        assert!(page.starts_with(&format!("# {code}\n\n")), "{code}");
        let (causes, remedy) = (
            page.find("\n## Likely causes\n\n- "),
            page.find("\n## What to do\n\n- "),
        );
        assert!(
            causes.is_some() && causes < remedy,
            "{code}: causes, then what to do"
        );
    }
}

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veriregime"));
    for variable in [
        "VERIREGIME_RPC",
        "VERIREGIME_DEPLOYMENT",
        "VERIREGIME_CONFIG",
        "RUST_LOG",
    ] {
        command.env_remove(variable);
    }
    command.args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn errors_are_printed_with_their_code_and_as_json_when_asked() {
    let folder = TempDir::new().unwrap();
    let bad = folder.path().join("bad.toml");
    fs::write(&bad, "[node]\nstroe = 1\n").unwrap();
    let bad = bad.to_str().unwrap();
    for (arguments, code) in [
        (
            vec!["run", "--config", "/nonexistent.toml"],
            "config.unreadable",
        ),
        (vec!["run", "--config", bad], "config.malformed"),
        (vec!["verify", "/nonexistent.json"], "proof.unreadable"),
        (vec!["verify", bad], "proof.malformed"),
        (
            vec!["evaluate", "--data", "/nonexistent"],
            "candles.unreadable",
        ),
        (
            vec![
                "audit",
                "7",
                "--oracle",
                "0x0000000000000000000000000000000000000001",
                "--chain-id",
                "1",
            ],
            "usage",
        ),
        (
            vec!["keys", "address", "--key", bad, "--password-file", bad],
            "key.exposed",
        ),
        (
            vec!["keys", "new", "--out", bad, "--password-file", bad],
            "key.exists",
        ),
        (vec!["plan", "--model", "/nonexistent"], "model.unknown"),
        (vec!["init", "--out", bad], "config.exists"),
        (
            vec!["status", "--url", "http://127.0.0.1:9"],
            "node.no-status",
        ),
    ] {
        let human = program(&arguments);
        assert_eq!(human.status.code(), Some(1), "{arguments:?}");
        assert!(human.stdout.is_empty(), "{arguments:?}");
        let said = text(&human.stderr);
        assert!(
            said.starts_with(&format!("error[{code}]: ")),
            "{arguments:?}: {said}"
        );

        let json = program(&[&arguments[..], &["--json"]].concat());
        assert_eq!(json.status.code(), Some(1));
        assert_eq!(json.stderr, human.stderr, "standard error stays for people");
        let value: Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(value["error"]["code"], code);
        let message = value["error"]["message"].as_str().unwrap();
        assert!(said.contains(message), "{message}");
    }
}
