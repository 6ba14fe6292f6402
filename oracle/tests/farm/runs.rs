//! Whole runs of `veriregime farm` and `veriregime slice` without a server.

use std::{fs, path::Path, process::Output};

use serde_json::Value;
use tempfile::TempDir;
use veriregime::farm::{Finished, Origin, Summary};

use super::{
    killed::{program, summary},
    made,
};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(&folder.join("cache"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn farm(folder: &Path, more: &[&str]) -> Output {
    let all = [
        "farm",
        "--network",
        "network.json",
        "--inputs",
        "windows.json",
        "--out",
        "out",
        "--json",
    ];
    run(folder, &[&all[..], more].concat())
}

fn code(output: &Output) -> (i32, String) {
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let code = value["error"]["code"].as_str().unwrap_or_default();
    (output.status.code().unwrap(), code.into())
}

#[test]
fn farm_proves_every_window_and_knows_what_it_has() {
    let folder = TempDir::new().unwrap();
    made::files(folder.path(), 3);
    let first = summary(&farm(folder.path(), &["--workers", "2"]));
    assert_eq!((first.asked, first.proven, first.failed), (3, 3, 0));
    let network = made::network();
    for (window, input) in made::windows(3).iter().enumerate() {
        let line = first
            .jobs
            .iter()
            .find(|line| line.window == window)
            .unwrap();
        assert_eq!(line.output, network.trace(input).unwrap().output());
        let report = line.report.as_ref().unwrap();
        assert!(report.rows > 0 && report.prove_ms > 0.0 && report.proof_bytes > 500);
    }
    let written: Summary =
        serde_json::from_slice(&fs::read(folder.path().join("out/report.json")).unwrap()).unwrap();
    assert_eq!(written.proven, 3);

    let again = summary(&farm(folder.path(), &[]));
    assert_eq!((again.proven, again.cached), (0, 3));
    assert!(
        again
            .jobs
            .iter()
            .all(|line| line.origin == Some(Origin::Folder))
    );

    // Another window's proof under this one's name, and a proof that was changed: both are noticed and made anew.
    let path = |line: usize| {
        let id = first.jobs[line].id;
        folder.path().join(format!("out/proofs/{id}.json"))
    };
    let read =
        |line| -> Finished { serde_json::from_slice(&fs::read(path(line)).unwrap()).unwrap() };
    let mut swapped = read(0);
    swapped.proof = read(1).proof;
    fs::write(path(0), serde_json::to_vec(&swapped).unwrap()).unwrap();
    let mut changed = read(2);
    let mut bytes = changed.proof.bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    changed.proof.bytes = bytes.into();
    fs::write(path(2), serde_json::to_vec(&changed).unwrap()).unwrap();
    let mended = summary(&farm(folder.path(), &[]));
    assert_eq!((mended.proven, mended.cached), (2, 1));
}

#[test]
fn farm_proves_slices_and_checks_their_links() {
    let folder = TempDir::new().unwrap();
    made::files(folder.path(), 2);
    let run = summary(&farm(folder.path(), &["--slices", "dense1,2"]));
    assert_eq!((run.asked, run.proven), (6, 6));
    assert_eq!(run.slices, ["dense0", "dense1", "dense2"]);
    assert!(run.links.len() == 2 && run.links.iter().all(|link| link.slices == 3));
    assert!(run.links_hold(), "{:?}", run.links);
}

#[test]
fn slice_lists_proves_some_and_refuses_what_is_not_there() {
    let folder = TempDir::new().unwrap();
    made::files(folder.path(), 1);
    let slice = |more: &[&str]| {
        run(
            folder.path(),
            &[&["slice", "network.json", "--out", "s", "--json"], more].concat(),
        )
    };
    let listed = slice(&["--at", "dense2"]);
    assert!(listed.status.success());
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["slices"][1]["name"], "dense2");
    assert!(folder.path().join("s/slice-1.json").is_file());

    let some = slice(&[
        "--at",
        "dense1,dense2",
        "--prove",
        "windows.json",
        "--only",
        "1,2",
    ]);
    let some: Value = serde_json::from_slice(&some.stdout).unwrap();
    let report: Summary = serde_json::from_value(some["report"].clone()).unwrap();
    assert_eq!((report.asked, report.proven), (2, 2));
    assert!(report.links_hold() && report.links[0].slices == 2);

    let whole = slice(&[
        "--k",
        "13",
        "--prove",
        "windows.json",
        "--table-memory",
        "0",
    ]);
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    let predicted = whole["slices"][0]["estimate"]["memory_bytes"]
        .as_f64()
        .unwrap();
    let peak = &whole["report"]["jobs"][0]["report"]["peak_memory_bytes"];
    let ratio = peak.as_f64().unwrap() / predicted;
    assert!(
        (0.6..1.6).contains(&ratio),
        "memory: {peak} bytes, predicted {predicted}"
    );
    let tight = slice(&["--memory-budget", "64"]);
    let tight: Value = serde_json::from_slice(&tight.stdout).unwrap();
    for slice in tight["slices"].as_array().unwrap() {
        assert!(slice["estimate"]["memory_bytes"].as_u64().unwrap() <= 64 << 20);
    }
    assert_eq!(code(&slice(&["--memory-budget", "1"])).1, "usage");

    for rows in ["512", "100000"] {
        let cut = slice(&["--rows-budget", rows]);
        let fits = cut.status.success();
        assert!(
            fits || code(&cut).1 == "circuit.too-long",
            "{rows}: {:?}",
            code(&cut)
        );
    }
    assert_eq!(code(&slice(&["--at", "nowhere"])), (1, "usage".into()));
    assert_eq!(code(&slice(&[])), (1, "usage".into()));
    let beyond = slice(&["--at", "dense1", "--prove", "windows.json", "--only", "7"]);
    assert_eq!(code(&beyond), (1, "circuit.inputs".into()));
}

#[test]
fn failures_have_codes() {
    let folder = TempDir::new().unwrap();
    made::files(folder.path(), 1);
    let at = |server: &str| farm(folder.path(), &["--nats", server]);
    assert_eq!(code(&at("nats://127.0.0.1:9")), (1, "farm.server".into()));
    assert_eq!(code(&at("no url at all")).1, "farm.server");
    assert_eq!(
        code(&run(folder.path(), &["worker", "--json"])),
        (1, "usage".into())
    );
    fs::write(folder.path().join("short.json"), "[[1, 2]]").unwrap();
    let inputs = |file| {
        let arguments = [
            "farm",
            "--network",
            "network.json",
            "--inputs",
            file,
            "--out",
            "x",
            "--json",
        ];
        run(folder.path(), &arguments)
    };
    assert_eq!(code(&inputs("short.json")).1, "farm.unfinished");
    assert_eq!(code(&inputs("missing.json")).1, "file.failed");
    fs::write(folder.path().join("odd.json"), "[[0.5]]").unwrap();
    assert_eq!(code(&inputs("odd.json")).1, "circuit.inputs");
    fs::write(folder.path().join("empty.json"), "[]").unwrap();
    assert_eq!(code(&inputs("empty.json")).1, "usage");
    let external = farm(
        folder.path(),
        &[
            "--backend",
            "ezkl",
            "--ezkl-python",
            "/nonexistent/python",
            "--attempts",
            "1",
        ],
    );
    assert_eq!(code(&external), (1, "farm.unfinished".into()));
    let said = String::from_utf8_lossy(&external.stderr);
    assert!(said.contains("VERIREGIME_EZKL_PYTHON"), "{said}");
}
