//! The units, the image and the rules say what the program does.
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
    process::Command,
};

use veriregime::config::OVERRIDES;

const UNITS: [&str; 2] = ["veriregime.service", "veriregime-attestor@.service"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn deploy(file: &str) -> String {
    let path = root().join("deploy").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The program's own words about a command's variables and options.
fn help(command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_veriregime"))
        .args([command, "--help"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn units_and_image_set_variables_that_the_program_knows() {
    let mut known: BTreeSet<String> = OVERRIDES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    known.extend(["VERIREGIME_CACHE", "VERIREGIME_CONFIG"].map(String::from));
    let attest = help("attest");
    for file in [
        "systemd/veriregime.service",
        "systemd/veriregime-attestor@.service",
        "docker/Dockerfile",
    ] {
        let text = deploy(file);
        let names = text.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
        let unknown: Vec<_> = names
            .filter(|name| name.starts_with("VERIREGIME_"))
            .filter(|name| !known.contains(*name) && !attest.contains(&format!("[env: {name}=")))
            .collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
    let unit = deploy("systemd/veriregime-attestor@.service");
    let start = unit
        .lines()
        .find(|line| line.starts_with("ExecStart="))
        .unwrap();
    for option in start
        .split_whitespace()
        .filter(|word| word.starts_with("--"))
    {
        assert!(attest.contains(option), "attest has no {option}");
    }
}

#[test]
fn units_are_sound_and_hardened() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        eprintln!("skipped: units (no systemd-analyze)");
        return;
    };
    assert!(version.status.success());
    // Verified below a root of their own, where the program is at its place.
    let system = tempfile::tempdir().unwrap();
    for unit in UNITS {
        let text = deploy(&format!("systemd/{unit}"));
        for line in [
            "LimitCORE=0",
            "NoNewPrivileges=yes",
            "DynamicUser=yes",
            "Restart=on-failure",
        ] {
            assert!(text.contains(line), "{unit}: {line}");
        }
        let program = env!("CARGO_BIN_EXE_veriregime");
        let here = text.replace("/usr/local/bin/veriregime", program);
        let name = unit.replace('@', "@one");
        let path = system.path().join(&name);
        fs::write(&path, here).unwrap();
        let verify = Command::new("systemd-analyze")
            .args(["verify", "--man=no"])
            .arg(&path)
            .output();
        let verify = verify.unwrap();
        let words = String::from_utf8_lossy(&verify.stderr);
        // Only words about this unit count, not those about the machine's others.
        let complaints: Vec<_> = words
            .lines()
            .filter(|line| line.contains("veriregime"))
            .collect();
        assert!(complaints.is_empty(), "{unit}: {complaints:?}");

        let security = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--threshold=20", "--no-pager"])
            .arg(&path)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&security.stdout);
        assert!(
            security.status.success(),
            "{unit} is exposed by more than 2.0: {words}"
        );
        println!(
            "{}",
            words
                .lines()
                .rfind(|line| line.contains("exposure"))
                .unwrap()
        );
    }
}

#[test]
fn image_pins_its_bases_and_runs_as_nobody() {
    let text = deploy("docker/Dockerfile");
    for line in text.lines().filter(|line| line.starts_with("FROM ")) {
        let image = line.split_whitespace().nth(1).unwrap();
        let tag = image.split_once(':').map(|(_, tag)| tag);
        assert!(
            tag.is_some_and(|tag| tag.contains('.')),
            "{image} is not pinned by version"
        );
    }
    let toolchain = fs::read_to_string(root().join("rust-toolchain.toml")).unwrap();
    let channel = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = "))
        .unwrap();
    assert!(text.contains(&format!("RUSTUP_TOOLCHAIN={}", channel.trim_matches('"'))));
    let last = text.rfind("FROM ").unwrap();
    assert!(text[last..].contains("\nUSER 10001:10001\n") && text[last..].contains("HEALTHCHECK"));
    let ignored = fs::read_to_string(root().join(".dockerignore")).unwrap();
    for secret in ["**/*.key", "**/*.password", "**/*.filler", "**/*.sqlite*"] {
        assert!(ignored.lines().any(|line| line == secret), "{secret}");
    }
}

/// Writable and executable memory is refused to a service; a proof must be made without.
#[test]
fn a_proof_is_made_without_writable_code() {
    let model = root().join("models/btcusdt-1m-60");
    let folder = tempfile::tempdir().unwrap();
    // PR_SET_MDWE (Linux 6.3) is what MemoryDenyWriteExecute= sets; it outlives exec.
    let script = "import ctypes, os, sys\n\
        refused = ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0)\n\
        sys.exit(77) if refused else os.execv(sys.argv[1], sys.argv[1:])";
    let output = Command::new("python3")
        .args(["-c", script, env!("CARGO_BIN_EXE_veriregime")])
        .args(["once", "--dry-run", "--source", "synthetic", "--model"])
        .arg(&model)
        .env("VERIREGIME_CACHE", folder.path())
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env_remove("VERIREGIME_SRS")
        .env_remove("VERIREGIME_DATA")
        .output();
    match output {
        Ok(output) if output.status.code() != Some(77) => {
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        _ => eprintln!("skipped: memory protection (no python3, or a kernel before 6.3)"),
    }
}
