//! `veriregime evaluate`: synthetic histories counted a second time by hand, the shipped model's card on the real one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{
    fmt::Write,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;
use veriregime::{
    evaluate::{EvaluateError, Evaluation, EvaluationError, History, evaluate, test_part},
    model::Model,
};
use veriregime_features::{
    Candle, FeatureError, FundingRate, Window, decimal::format_e8, labels::Question, series,
    synthetic,
};

/// 2024-03-01 00:00 UTC.
const START: u64 = 1_709_251_200;
const START_MS: i64 = START as i64 * 1_000;
const MINUTES: usize = 2_000;
/// Range of the closes that are asked for: from minute 600 to minute 1,500.
const FROM: u64 = START + 600 * 60;
const TO: u64 = START + 1_500 * 60;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A small model under the shipped one's manifest: labels, stride and classes are those of the product.
fn model() -> Model {
    let mut model = Model::only(&root().join("models")).unwrap();
    model.network = support::network();
    model.manifest.scale = support::scale();
    model
}

fn series() -> (Vec<Candle>, Vec<FundingRate>) {
    let end_ms = START_MS + MINUTES as i64 * 60_000;
    (
        synthetic::candles(5, START_MS, MINUTES),
        synthetic::funding(5, START_MS, end_ms),
    )
}

fn candle_text(candles: &[Candle]) -> String {
    let mut text = String::from("open_time_ms,open,high,low,close,volume\n");
    for candle in candles {
        let numbers = [
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            candle.volume,
        ];
        let numbers = numbers.map(format_e8).join(",");
        writeln!(text, "{},{numbers}", candle.open_time_ms).unwrap();
    }
    text
}

/// A market's folder; its name says that no symbol is special.
fn folder(candles: &[Candle], funding: Option<&[FundingRate]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("dogeeur_1m.csv"), candle_text(candles)).unwrap();
    if let Some(rates) = funding {
        let mut text = String::from("funding_time_ms,funding_rate\n");
        for rate in rates {
            writeln!(text, "{},{}", rate.time_ms, format_e8(rate.rate)).unwrap();
        }
        fs::write(folder.path().join("funding_rate.csv"), text).unwrap();
    }
    folder
}

fn evaluated(folder: &TempDir) -> Evaluation {
    let history = History::read(folder.path()).unwrap();
    evaluate(&model(), &history, FROM..=TO, 5).unwrap()
}

/// The confusion matrix and the number of windows, close by close, without the code under test.
fn by_hand(candles: &[Candle], funding: &[FundingRate]) -> (Vec<Vec<u64>>, u64) {
    let model = model();
    let close_at = |time: u64| {
        candles
            .iter()
            .find(|candle| candle.close_time() == time)
            .map(|candle| candle.close)
    };
    let mut confusion = vec![vec![0; 3]; 3];
    let mut windows = 0;
    for close_time in (FROM..=TO).step_by(300) {
        let horizon: Option<Vec<i64>> = (0..=60)
            .map(|minute| close_at(close_time + minute * 60))
            .collect();
        let window = series::ending_at(candles, close_time)
            .and_then(|candles| Window::compute(candles, funding, &model.manifest.scale));
        let (Some(horizon), Ok(window)) = (horizon, window) else {
            continue;
        };
        let gain = (horizon[60] - horizon[0]) as f64 / horizon[0] as f64;
        let actual = match gain {
            gain if gain > 0.002 => 2,
            gain if gain < -0.002 => 0,
            _ => 1,
        };
        let predicted = model.network.infer(&window.values).unwrap().class;
        confusion[actual][predicted] += 1;
        windows += 1;
    }
    (confusion, windows)
}

#[test]
fn evaluate_on_whole_candles_counts_every_stride_of_the_range() {
    let (candles, funding) = series();
    let evaluation = evaluated(&folder(&candles, Some(&funding)));
    let (confusion, windows) = by_hand(&candles, &funding);
    assert_eq!(windows, 181);
    assert_eq!(evaluation.windows, windows);
    assert_eq!((evaluation.skipped, evaluation.missing), (0, 0));
    assert_eq!(evaluation.confusion, confusion);
    let right: u64 = (0..3).map(|class| confusion[class][class]).sum();
    assert_eq!(evaluation.accuracy, right as f64 / 181.0);
    assert_eq!(evaluation.candles.file, "dogeeur_1m.csv");
    // The example says something: the market moved, and the model has more than one opinion.
    let column = |class: usize| confusion.iter().map(|row| row[class]).sum::<u64>();
    assert!((0..3).filter(|&class| column(class) > 0).count() >= 2);
    assert!(
        confusion
            .iter()
            .filter(|row| row.iter().sum::<u64>() > 0)
            .count()
            >= 2
    );
}

#[test]
fn evaluate_across_a_gap_skips_and_counts() {
    let (mut candles, funding) = series();
    // Ten minutes from the 1,000th on.
    candles.drain(1_000..1_010);
    let evaluation = evaluated(&folder(&candles, Some(&funding)));
    let (confusion, windows) = by_hand(&candles, &funding);
    assert_eq!(evaluation.windows, windows);
    assert_eq!(evaluation.confusion, confusion);
    // Closes of minute 1,005 and 1,010 have no candle.
    assert_eq!(evaluation.missing, 2);
    assert_eq!(evaluation.skipped, 181 - 2 - windows);
    assert!(evaluation.skipped > 70);
}

/// A model of regimes under the shipped manifest, as far as its question allows.
fn regime_model() -> Model {
    let mut model = model();
    model.network = support::network_of(Question::Regime);
    model.manifest.training.question = Question::Regime;
    model.manifest.training.theta = 0.001;
    model
}

#[test]
fn evaluate_of_a_regime_counts_two_classes() {
    let (candles, funding) = series();
    let model = regime_model();
    let history = History::read(folder(&candles, Some(&funding)).path()).unwrap();
    let evaluation = evaluate(&model, &history, FROM..=TO, 5).unwrap();
    let mut confusion = vec![vec![0u64; 2]; 2];
    for close_time in (FROM..=TO).step_by(300) {
        let upto = series::ending_at(&candles, close_time).unwrap();
        let window = Window::compute(upto, &funding, &model.manifest.scale).unwrap();
        let last = candles
            .iter()
            .position(|candle| candle.close_time() == close_time)
            .unwrap();
        let returns: Vec<f64> = candles[last..=last + 60]
            .windows(2)
            .map(|pair| pair[1].close as f64 / pair[0].close as f64 - 1.0)
            .collect();
        let mean = returns.iter().sum::<f64>() / 60.0;
        let square = returns.iter().map(|value| value * value).sum::<f64>() / 60.0;
        let actual = usize::from((square - mean * mean).sqrt() > 0.001);
        confusion[actual][model.network.infer(&window.values).unwrap().class] += 1;
    }
    assert_eq!(evaluation.confusion, confusion);
    assert_eq!(
        (evaluation.windows, evaluation.question),
        (181, Question::Regime)
    );
    // The example says something: both answers were right at times.
    assert!(
        confusion.iter().all(|row| row.iter().sum::<u64>() > 0),
        "{confusion:?}"
    );
    let names: Vec<_> = evaluation.per_class.iter().map(|row| row.class).collect();
    assert_eq!(names, ["LOW", "HIGH"]);
    let table = evaluation.table();
    for part in ["deviate by more than 0.1 %", "LOW", "HIGH"] {
        assert!(table.contains(part), "{table}");
    }
    assert!(!table.contains("HOLD"), "{table}");
}

#[test]
fn evaluate_beyond_the_file_counts_what_is_missing() {
    let (candles, funding) = series();
    let history = History::read(folder(&candles, Some(&funding)).path()).unwrap();
    let to = START + 10_000 * 60;
    let evaluation = evaluate(&model(), &history, START + 1..=to, 5).unwrap();
    // Closes of minutes 300 to 1,940 have warm-up and label.
    assert_eq!((evaluation.windows, evaluation.skipped), (329, 0));
    assert_eq!(evaluation.missing, 2_000 - 329);
}

#[test]
fn evaluate_without_funding_takes_the_training_mean() {
    let (candles, _) = series();
    let model = model();
    let rate = model.manifest.scale.features[7].centre / 10;
    let constant: Vec<FundingRate> = synthetic::funding(5, START_MS, START_MS + 200_000_000)
        .into_iter()
        .map(|known| FundingRate { rate, ..known })
        .collect();
    let folder = folder(&candles, None);
    let evaluation = evaluated(&folder);
    assert_eq!(evaluation.funding, None);
    assert_eq!(evaluation.confusion, by_hand(&candles, &constant).0);
    let history = History::read(folder.path()).unwrap();
    let shipped = Model::only(&root().join("models")).unwrap().manifest.scale;
    let middle = shipped.features[7].quantise(history.funding(&shipped)[0].rate * 10);
    assert_eq!(middle, 0);
}

#[test]
fn evaluate_with_funding_that_ends_early_names_file_and_window() {
    let (candles, funding) = series();
    let history = History::read(folder(&candles, Some(&funding[..2])).path()).unwrap();
    let error = evaluate(&model(), &history, FROM..=TO, 5).unwrap_err();
    assert!(matches!(
        error,
        EvaluateError::Evaluation(EvaluationError::Feature {
            error: FeatureError::FundingStale { .. },
            ..
        })
    ));
    let words = error.to_string();
    assert!(words.contains("funding_rate.csv") && words.contains("--from"));
}

#[test]
fn evaluate_refuses_a_range_without_windows_and_a_network_that_does_not_fit_its_question() {
    let (candles, funding) = series();
    let history = History::read(folder(&candles, Some(&funding)).path()).unwrap();
    let mut model = model();
    let error = evaluate(&model, &history, 0..=86_400, 5).unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("dogeeur_1m.csv") && words.contains("2024-03-01 00:01"),
        "{words}"
    );
    let order = evaluate(&model, &history, RangeInclusive::new(TO, FROM), 5);
    assert!(matches!(
        order,
        Err(EvaluateError::Evaluation(EvaluationError::Order { .. }))
    ));
    // Three logits for two classes.
    model.manifest.training.question = Question::Regime;
    let classes = evaluate(&model, &history, FROM..=TO, 5);
    assert!(matches!(classes, Err(EvaluateError::Classes { .. })));
}

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_veriregime"))
        .arg("evaluate")
        .args(arguments)
        .env_remove("VERIREGIME_DATA")
        .env_remove("VERIREGIME_MODEL")
        .current_dir(root())
        .output()
        .unwrap()
}

#[test]
fn command_prints_the_documented_json_and_table() {
    let (candles, funding) = series();
    let folder = folder(&candles, Some(&funding));
    let data = folder.path().to_str().unwrap();
    let range = [
        "--data",
        data,
        "--model",
        "btcusdt-1m-60",
        "--from",
        "2024-03-01T10:00:00Z",
        "--to",
        "1709341200",
    ];
    let output = command(&[&range[..], &["--json"]].concat());
    assert!(output.status.success(), "{output:?}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&value["from"], &value["to"]), (&FROM.into(), &TO.into()));
    assert_eq!(value["windows"], 181);
    let documented = fs::read_to_string(root().join("docs/evaluating.md")).unwrap();
    for name in value.as_object().unwrap().keys() {
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
    let sparse = command(&[&range[..], &["--stride", "60", "--json"]].concat());
    let sparse: Value = serde_json::from_slice(&sparse.stdout).unwrap();
    assert_eq!(sparse["windows"], 16);
    assert_eq!(value["network"], "integer");
    let named = command(&[&range[..], &["--symbol", "DOGE/EUR", "--json"]].concat());
    assert_eq!(named.stdout, output.stdout);
    let table = String::from_utf8(command(&range).stdout).unwrap();
    for part in ["windows   181 (0 skipped", "macro-F1  0.", "precision"] {
        assert!(table.contains(part), "{table}");
    }
}

#[test]
fn command_says_what_is_missing_and_where() {
    for (arguments, part) in [
        (&[][..], "--data"),
        (&["--data", "docs"], "docs: no candle file"),
        (&["--data", "docs", "--model", "nobody"], "nobody: neither"),
        (
            &["--data", "docs", "--symbol", "ETH/EUR"],
            "no candle file of ETH/EUR",
        ),
        (&["--data", "docs", "--from", "soon"], "UNIX seconds"),
    ] {
        let output = command(arguments);
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && words.contains(part), "{words}");
    }
}

#[test]
fn shipped_model_scores_on_its_test_part_what_its_manifest_says() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: the shipped model's scores (set VERIREGIME_DATA)");
        return;
    };
    let model = Model::named(&root().join("models"), Path::new("btcusdt-1m-60")).unwrap();
    let manifest = &model.manifest;
    let training = &manifest.training;
    let history = History::read(&data).unwrap();
    let evaluation =
        evaluate(&model, &history, test_part(&model), training.stride_minutes).unwrap();
    let files = [Some(evaluation.candles), evaluation.funding].map(Option::unwrap);
    assert_eq!(files[..], training.sources);
    let test = &manifest.metrics.test;
    assert_eq!(evaluation.windows, training.splits.test.windows);
    assert_eq!((evaluation.skipped, evaluation.missing), (0, 0));
    assert_eq!(evaluation.confusion, test.confusion);
    assert_eq!(
        (evaluation.accuracy, evaluation.macro_f1),
        (test.accuracy, test.macro_f1)
    );
    let classes: Vec<_> = evaluation.per_class.iter().map(|row| row.metrics).collect();
    assert_eq!(classes, test.classes);
}
