//! `distill evaluate`: a stored teacher scores what it scored in training, and one that is damaged or not its model's is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use candle_core::{DType, Device, Tensor, safetensors};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use veriregime_distill::data::History;
use veriregime_distill::evaluate::evaluate;
use veriregime_distill::pipeline::{self, Measured, Outcome};
use veriregime_distill::shipped::{DESCRIPTION, TENSORS, TeacherError};
use veriregime_distill::{Config, Error, Shipped, ShippedTeacher, report};
use veriregime_features::evaluation::{self, Evaluation, EvaluationError};
use veriregime_features::labels::Question;
use veriregime_features::manifest::Scores;
use veriregime_features::{Manifest, Record};

const MINUTES: usize = 10_000;
/// A deviation that the made-up market exceeds about half of the time.
const THETA: f64 = 0.0008;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A run of a few steps: what it gave in memory, its folder, and its history as the files of some market.
struct Run {
    outcome: Outcome,
    model: PathBuf,
    data: PathBuf,
    _folder: TempDir,
}

fn text<Row: Record>(rows: &[Row]) -> String {
    let mut text = Row::COLUMNS.join(",") + "\n";
    for row in rows {
        writeln!(text, "{}", row.line()).unwrap();
    }
    text
}

fn run(question: Question) -> Run {
    let mut config = Config::of(question, 7).quick();
    for fit in [
        &mut config.student.fit,
        &mut config.swap.fit,
        &mut config.quantised.fit,
    ] {
        fit.epochs = 1;
        fit.samples_per_epoch = 512;
    }
    if question == Question::Regime {
        config.data.theta = THETA;
    }
    let folder = tempfile::tempdir().unwrap();
    let history = History::synthetic(1, MINUTES, &config.data);
    let checkpoints = folder.path().join("checkpoints");
    let outcome = pipeline::run(&config, &history, &checkpoints, false).unwrap();
    let (model, data) = (folder.path().join("example"), folder.path().join("data"));
    report::write(&model, "example", &outcome, &history, None).unwrap();
    fs::create_dir(&data).unwrap();
    fs::write(data.join("dogeeur_1m.csv"), text(&history.candles)).unwrap();
    fs::write(data.join("funding_rate.csv"), text(&history.funding)).unwrap();
    Run {
        outcome,
        model,
        data,
        _folder: folder,
    }
}

fn manifest(model: &Path) -> Manifest {
    Shipped::read(model).unwrap().manifest
}

fn scored(model: &Path, data: &Path, range: RangeInclusive<u64>) -> Result<Evaluation, Error> {
    let manifest = manifest(model);
    let teacher = ShippedTeacher::read(model, &manifest)?;
    let history = evaluation::History::read(data)?;
    evaluate(&teacher, &manifest, &history, range, 5)
}

/// An evaluation's scores as the manifest has them.
fn scores(evaluation: &Evaluation) -> Scores {
    Scores {
        accuracy: evaluation.accuracy,
        macro_f1: evaluation.macro_f1,
        classes: evaluation.per_class.iter().map(|row| row.metrics).collect(),
        confusion: evaluation.confusion.clone(),
    }
}

fn assert_scores_of_training(run: &Run) {
    let Run { model, data, .. } = run;
    let manifest = manifest(model);
    let splits = &manifest.training.splits;
    let (
        name,
        Measured {
            validation, test, ..
        },
    ) = (run.outcome.others.iter())
        .find(|(name, _)| name.starts_with("teacher"))
        .unwrap();
    for (part, expected) in [(&splits.validation, validation), (&splits.test, test)] {
        let evaluation = scored(model, data, part.range()).unwrap();
        assert_eq!(scores(&evaluation), *expected);
        assert_eq!(evaluation.windows, part.windows);
        assert_eq!((evaluation.skipped, evaluation.missing), (0, 0));
        assert_eq!(&evaluation.network, name);
        assert_eq!(evaluation.candles.file, "dogeeur_1m.csv");
    }
    // The offsets are what training chose, and they decide something.
    let teacher = ShippedTeacher::read(model, &manifest).unwrap();
    assert_eq!(teacher.offsets, run.outcome.teacher.offsets);
    assert!(teacher.offsets.iter().any(|&offset| offset != 0.0));
    let tables = [&validation.confusion, &test.confusion];
    let said = |class: usize| {
        tables
            .iter()
            .any(|table| table.iter().any(|row| row[class] > 0))
    };
    let classes = test.confusion.len();
    assert!(
        (0..classes).filter(|&class| said(class)).count() >= 2,
        "{tables:?}"
    );
}

#[test]
fn stored_teachers_score_what_they_scored_in_training() {
    assert_scores_of_training(&run(Question::Regime));
    let run = run(Question::Signal);
    assert_scores_of_training(&run);
    ranges_without_windows_are_refused(&run);
    the_command_prints_the_documented_json_and_table(&run);
    damaged_teachers_are_refused(&run);
}

fn ranges_without_windows_are_refused(run: &Run) {
    let refused = |range| match scored(&run.model, &run.data, range) {
        Err(Error::Evaluation(error)) => error,
        other => panic!("{other:?}"),
    };
    let order = refused(RangeInclusive::new(2, 1));
    assert!(matches!(order, EvaluationError::Order { .. }), "{order}");
    let none = refused(0..=86_400);
    assert!(matches!(none, EvaluationError::NoWindow { .. }), "{none}");
    assert!(none.to_string().contains("dogeeur_1m.csv"), "{none}");
}

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_distill"))
        .arg("evaluate")
        .args(arguments)
        .env_remove("VERIREGIME_DATA")
        .current_dir(root())
        .output()
        .unwrap()
}

fn the_command_prints_the_documented_json_and_table(run: &Run) {
    let [model, data] = [&run.model, &run.data].map(|path| path.to_str().unwrap());
    let arguments = ["--model", model, "--data", data];
    let output = command(&[&arguments[..], &["--symbol", "DOGE/EUR", "--json"]].concat());
    assert!(output.status.success(), "{output:?}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let test = manifest(&run.model).training.splits.test;
    let expected = scored(&run.model, &run.data, test.range()).unwrap();
    assert_eq!(value, serde_json::to_value(expected).unwrap());
    let documented = fs::read_to_string(root().join("docs/evaluating.md")).unwrap();
    for name in value.as_object().unwrap().keys() {
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
    let [from, to] = [test.from + 3_600, test.from + 7_200].map(|time| time.to_string());
    let hour = [
        &arguments[..],
        &["--from", &from, "--to", &to, "--stride", "60"],
    ]
    .concat();
    let table = String::from_utf8(command(&hour).stdout).unwrap();
    for part in [
        "network   teacher (CNN context, float)",
        "(0 skipped",
        "macro-F1  0.",
    ] {
        assert!(table.contains(part), "{table}");
    }
    for (arguments, part) in [
        (
            vec!["--model", "docs", "--data", data],
            "docs holds no shipped model",
        ),
        (
            vec!["--model", model, "--data", "docs"],
            "docs: no candle file",
        ),
        (
            [&arguments[..], &["--symbol", "ETH/EUR"]].concat(),
            "no candle file of ETH/EUR",
        ),
        (
            [&arguments[..], &["--from", "soon"]].concat(),
            "UNIX seconds",
        ),
        (
            [&arguments[..], &["--to", "86400"]].concat(),
            "before it begins",
        ),
    ] {
        let output = command(&arguments);
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && words.contains(part), "{words}");
    }
}

/// The model's folder again with other files of the teacher.
fn with(model: &Path, description: &Value, tensors: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["manifest.json", "weights.json"] {
        fs::copy(model.join(file), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join(DESCRIPTION), description.to_string()).unwrap();
    fs::write(folder.path().join(TENSORS), tensors).unwrap();
    folder
}

fn refused(folder: &TempDir) -> TeacherError {
    match ShippedTeacher::read(folder.path(), &manifest(folder.path())) {
        Err(Error::Teacher(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn damaged_teachers_are_refused(run: &Run) {
    let model = &run.model;
    let bytes = fs::read(model.join(TENSORS)).unwrap();
    let description = fs::read(model.join(DESCRIPTION)).unwrap();
    let description: Value = serde_json::from_slice(&description).unwrap();
    let whole = with(model, &description, &bytes);
    ShippedTeacher::read(whole.path(), &manifest(model)).unwrap();

    // One file missing, then the other.
    for file in [TENSORS, DESCRIPTION] {
        fs::remove_file(whole.path().join(file)).unwrap();
        let error = refused(&whole);
        assert!(matches!(error, TeacherError::Absent { .. }), "{error}");
        assert!(error.to_string().contains(file), "{error}");
    }
    // A bit of the tensors, then half of them gone.
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for damaged in [&flipped[..], &bytes[..bytes.len() / 2]] {
        let error = refused(&with(model, &description, damaged));
        assert!(matches!(error, TeacherError::Digest { .. }), "{error}");
    }
    // Fields of the description: of another format, then of another run.
    for (pointer, value) in [
        ("/format", json!("veriregime-teacher/2")),
        ("/steps_per_deviation", json!(16.0)),
        ("/offsets", json!([0.0])),
        ("/tensors/file", json!("../teacher.safetensors")),
    ] {
        let mut other = description.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        let error = refused(&with(model, &other, &bytes));
        assert!(matches!(error, TeacherError::Unsupported { .. }), "{error}");
    }
    for (pointer, value) in [
        ("/question", json!("regime")),
        ("/seed", json!(8)),
        ("/student_sha256", json!("00")),
    ] {
        let mut other = description.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        other["offsets"] = json!(vec![0.0; if pointer == "/question" { 2 } else { 3 }]);
        let error = refused(&with(model, &other, &bytes));
        assert!(matches!(error, TeacherError::Stranger { .. }), "{error}");
    }
    // No description at all, or one with a field too many.
    let mut longer = description.clone();
    longer["note"] = json!("mine");
    for other in [json!("no description"), longer] {
        let error = refused(&with(model, &other, &bytes));
        assert!(matches!(error, TeacherError::Description { .. }), "{error}");
    }
    wrong_tensors_are_refused(model, &description, &bytes);
}

/// Files whose digest the description names, with tensors that no such teacher has.
fn wrong_tensors_are_refused(model: &Path, description: &Value, bytes: &[u8]) {
    let named = |tensors: &[u8]| {
        let mut description = description.clone();
        description["tensors"]["sha256"] = json!(hex::encode(Sha256::digest(tensors)));
        with(model, &description, tensors)
    };
    let error = refused(&named(&bytes[..bytes.len() / 2]));
    assert!(matches!(error, TeacherError::Damaged { .. }), "{error}");

    let tensors = safetensors::load_buffer(bytes, &Device::Cpu).unwrap();
    let changed = |change: &dyn Fn(&mut HashMap<String, Tensor>)| {
        let mut tensors = tensors.clone();
        change(&mut tensors);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tensors");
        safetensors::save(&tensors, &path).unwrap();
        refused(&named(&fs::read(path).unwrap()))
    };
    let zeros = |shape: (usize, usize), of| Tensor::zeros(shape, of, &Device::Cpu).unwrap();
    // Missing, of another shape or type, one too many.
    type Change<'a> = &'a dyn Fn(&mut HashMap<String, Tensor>);
    let changes: [Change<'_>; 4] = [
        &|tensors| drop(tensors.remove("second.bias")),
        &|tensors| drop(tensors.insert("first.weight".into(), zeros((64, 35), DType::F32))),
        &|tensors| drop(tensors.insert("first.weight".into(), zeros((64, 40), DType::F64))),
        &|tensors| drop(tensors.insert("third.bias".into(), zeros((1, 1), DType::F32))),
    ];
    for change in changes {
        let error = changed(change);
        assert!(matches!(error, TeacherError::Tensor { .. }), "{error}");
    }
    let error = changed(&|tensors| {
        let infinite = Tensor::full(f32::INFINITY, 64, &Device::Cpu).unwrap();
        tensors.insert("first.bias".into(), infinite);
    });
    assert!(matches!(error, TeacherError::NotFinite { .. }), "{error}");
    // Another architecture wants other tensors.
    let mut other = description.clone();
    other["architecture"] = json!("proposal");
    let error = refused(&with(model, &other, bytes));
    assert!(matches!(error, TeacherError::Tensor { .. }), "{error}");
}

/// The shipped models, all of which have a teacher.
fn shipped() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("models")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path());
    let models: Vec<PathBuf> = folders
        .filter(|folder| folder.join("manifest.json").exists())
        .collect();
    assert!(models.len() >= 2);
    models
}

#[test]
fn shipped_teachers_belong_to_their_models() {
    let names: BTreeSet<String> = shipped()
        .iter()
        .map(|model| {
            let manifest = manifest(model);
            let teacher = ShippedTeacher::read(model, &manifest).unwrap();
            assert!(manifest.metrics.comparison.contains_key(&teacher.name()));
            manifest.name
        })
        .collect();
    assert!(names.contains("btcusdt-1m-60"), "{names:?}");
}

#[test]
fn shipped_teachers_score_on_the_test_part_what_the_manifest_says() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: the shipped teachers' scores (set VERIREGIME_DATA)");
        return;
    };
    let history = evaluation::History::read(&data).unwrap();
    for model in shipped() {
        let manifest = manifest(&model);
        let training = &manifest.training;
        let teacher = ShippedTeacher::read(&model, &manifest).unwrap();
        let test = &training.splits.test;
        let stride = training.stride_minutes;
        let evaluation = evaluate(&teacher, &manifest, &history, test.range(), stride).unwrap();
        let expected = &manifest.metrics.comparison[&teacher.name()];
        assert_eq!(scores(&evaluation), *expected, "{}", manifest.name);
        assert_eq!(evaluation.windows, test.windows);
        let card = fs::read_to_string(model.join("MODEL_CARD.md")).unwrap();
        let row = format!(
            "| {} | {:.4} | {:.4} |",
            evaluation.network, evaluation.macro_f1, evaluation.accuracy
        );
        assert!(card.contains(&row), "{row}");
    }
}
