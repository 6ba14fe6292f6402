//! The node's contract bindings say what the Solidity sources say: names, parameter types, enum members, struct fields.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::{collections::BTreeMap, fs, path::Path};

/// Declarations by kind and name: canonical parameter types, fields or members.
type Declarations = BTreeMap<(String, String), Vec<String>>;

fn sources(folder: &Path, all: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("verifiers") {
            sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "sol") {
            all.push(fs::read_to_string(path).unwrap());
        }
    }
}

fn declarations(text: &str) -> Vec<((String, String), Vec<String>)> {
    let text: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join(" ");
    let mut found = Vec::new();
    for (kind, open, close) in [
        ("function", '(', ')'),
        ("error", '(', ')'),
        ("event", '(', ')'),
        ("enum", '{', '}'),
        ("struct", '{', '}'),
    ] {
        for (start, _) in text.match_indices(&format!("{kind} ")) {
            let rest = &text[start + kind.len() + 1..];
            let Some((name, body)) = rest.split_once(open) else {
                continue;
            };
            let name = name.trim();
            if name.is_empty() || !name.chars().all(char::is_alphanumeric) {
                continue;
            }
            let body = body.split(close).next().unwrap();
            let separator = if kind == "struct" { ';' } else { ',' };
            let parts = body
                .split(separator)
                .map(str::trim)
                .filter(|part| !part.is_empty());
            let canonical = |part: &str| match kind {
                "enum" => part.to_owned(),
                _ => ty(part),
            };
            found.push((
                (kind.to_owned(), name.to_owned()),
                parts.map(canonical).collect(),
            ));
        }
    }
    found
}

/// The first word of a parameter, with enums of other files as the ABI has them, and `indexed` kept.
fn ty(parameter: &str) -> String {
    let first = parameter.split_whitespace().next().unwrap();
    let first = if first == "Signal" { "uint8" } else { first };
    if parameter.contains(" indexed ") {
        format!("{first} indexed")
    } else {
        first.to_owned()
    }
}

#[test]
fn bindings_agree_with_the_contracts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bindings = fs::read_to_string(root.join("src/chain/bindings.rs")).unwrap();
    let mut contracts = Vec::new();
    sources(&root.join("../contracts"), &mut contracts);
    let mut declared: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (key, parts) in contracts.iter().flat_map(|source| declarations(source)) {
        declared.entry(key).or_default().push(parts);
    }
    let ours: Declarations = declarations(&bindings).into_iter().collect();
    assert!(
        ours.len() > 40,
        "only {} declarations found: is the parser broken?",
        ours.len()
    );
    for (key, parts) in ours {
        let theirs = declared
            .get(&key)
            .unwrap_or_else(|| panic!("no contract declares {key:?}"));
        assert!(
            theirs.contains(&parts),
            "{key:?}: the node says {parts:?}, the contracts {theirs:?}"
        );
    }
}
