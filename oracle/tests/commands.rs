//! Commands for beginners and shells: a configuration to start with, completions, manual pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use tempfile::TempDir;
use veriregime::config::{Config, EXAMPLE};
use veriregime_circuits::network::Network;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veriregime"));
    command.env_remove("RUST_LOG");
    command
}

#[test]
fn init_writes_the_example_once() {
    let folder = TempDir::new().unwrap();
    let init = || {
        program()
            .arg("init")
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    assert_eq!(init().status.code(), Some(0));
    let file = folder.path().join("veriregime.toml");
    assert_eq!(fs::read_to_string(&file).unwrap(), EXAMPLE);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o644
    );
    Config::read_with(&file, |_| None).unwrap();
    fs::write(&file, "mine").unwrap();
    assert_eq!(init().status.code(), Some(1));
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "mine",
        "never overwritten"
    );
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = program().args(["completions", shell]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let text = String::from_utf8(output.stdout).unwrap();
        for command in ["doctor", "audit", "attest", "write-bundle"] {
            assert!(text.contains(command), "{shell}: {command}");
        }
    }
    // The shell itself takes them, where it is there.
    let script = format!(
        "source <({} completions bash) && complete -p veriregime",
        env!("CARGO_BIN_EXE_veriregime")
    );
    if let Ok(output) = Command::new("bash").args(["-c", &script]).output() {
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_manual_page_is_there_for_every_command() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("man1");
    let output = program().args(["man", "--out"]).arg(&out).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let pages = fs::read_dir(&out).unwrap().count();
    assert!(pages >= 20, "{pages}");
    for page in [
        "veriregime.1",
        "veriregime-doctor.1",
        "veriregime-keys-new.1",
    ] {
        let text = fs::read_to_string(out.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    let alone = program().arg("man").output().unwrap();
    assert!(
        String::from_utf8(alone.stdout)
            .unwrap()
            .contains(".TH veriregime")
    );
}

#[test]
fn compile_writes_a_network_and_a_report_or_names_the_node() {
    let folder = TempDir::new().unwrap();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../test/onnx");
    let compile = |model: &str, more: &[&str]| {
        program()
            .args(["compile", model, "--json", "--calibrate"])
            .arg(format!("{fixtures}/mlp.json"))
            .arg("--out")
            .arg(folder.path().join("made"))
            .args(more)
            .output()
            .unwrap()
    };
    let output = compile(&format!("{fixtures}/mlp.onnx"), &[]);
    assert_eq!(output.status.code(), Some(0));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["report"]["agreement"]["same_class"], 16);
    let network = Network::read(&folder.path().join("made/network.json")).unwrap();
    let report = fs::read(folder.path().join("made/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["digest"], hex::encode(network.digest()));
    assert_eq!(report, said["report"]);

    let text = folder.path().join("text.onnx");
    fs::write(&text, "no model").unwrap();
    for (model, more, code) in [
        (text.to_str().unwrap(), &[][..], "onnx.malformed"),
        (&format!("{fixtures}/lenet.onnx"), &[], "onnx.calibration"),
        (
            &format!("{fixtures}/mlp.onnx"),
            &["--bits", "13"],
            "onnx.option",
        ),
        ("nowhere.onnx", &[], "file.failed"),
    ] {
        let output = compile(model, more);
        assert_eq!(output.status.code(), Some(1), "{model}");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["error"]["code"], code, "{model}");
    }
}
