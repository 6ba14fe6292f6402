//! A market's folder and the score of answers about its windows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use veriregime_features::evaluation::{EvaluationError, History, HistoryError, Selection};
use veriregime_features::{Candle, Manifest, Record, synthetic};

const MINUTES: usize = 1_000;

fn text<Row: Record>(rows: &[Row]) -> String {
    let mut text = Row::COLUMNS.join(",") + "\n";
    for row in rows {
        writeln!(text, "{}", row.line()).unwrap();
    }
    text
}

fn candles(seed: u64) -> Vec<Candle> {
    synthetic::candles(seed, support::START_MS, MINUTES)
}

/// A folder with candle files of the given markets, each with a series of its own.
fn folder(markets: &[&str], funding: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (seed, market) in (5..).zip(markets) {
        let file = folder.path().join(format!("{market}_1m.csv"));
        fs::write(file, text(&candles(seed))).unwrap();
    }
    if funding {
        let end_ms = support::START_MS + MINUTES as i64 * 60_000;
        let rates = synthetic::funding(5, support::START_MS, end_ms);
        fs::write(folder.path().join("funding_rate.csv"), text(&rates)).unwrap();
    }
    folder
}

fn manifest() -> Manifest {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let mut manifest = Manifest::read(&models.join("btcusdt-1m-60/manifest.json")).unwrap();
    manifest.scale = support::scale();
    manifest
}

#[test]
fn history_is_the_only_candle_file_of_a_folder() {
    let folder = folder(&["dogeeur"], true);
    // Of the same market compressed and plain, the plain one.
    fs::write(folder.path().join("dogeeur_1m.csv.zst"), "not read").unwrap();
    let history = History::read(folder.path()).unwrap();
    assert_eq!(history.candles().len(), MINUTES);
    fs::write(folder.path().join("etheur_1m.csv"), text(&candles(6))).unwrap();
    let several = History::read(folder.path()).unwrap_err();
    assert!(matches!(several, HistoryError::SeveralCandles { .. }));
    let words = several.to_string();
    assert!(
        words.contains("dogeeur_1m.csv, etheur_1m.csv") && words.contains("--symbol"),
        "{words}"
    );

    let empty = tempfile::tempdir().unwrap();
    let none = History::read(empty.path()).unwrap_err();
    assert!(matches!(none, HistoryError::NoCandles { .. }));
    fs::write(empty.path().join("x_1m.csv"), text::<Candle>(&[])).unwrap();
    let header = History::read(empty.path()).unwrap_err();
    assert!(matches!(header, HistoryError::Empty { .. }));
    let nowhere = History::read(&empty.path().join("nowhere")).unwrap_err();
    assert!(matches!(nowhere, HistoryError::Folder { .. }));
}

#[test]
fn history_of_a_symbol_is_its_file_among_others() {
    let folder = folder(&["dogeeur", "etheur"], false);
    for (symbol, file, seed) in [
        ("ETH/EUR", "etheur_1m.csv", 6),
        ("etheur", "etheur_1m.csv", 6),
        ("DOGE-EUR", "dogeeur_1m.csv", 5),
    ] {
        let history = History::read_symbol(folder.path(), symbol).unwrap();
        assert_eq!(history.candle_file().file, file);
        assert_eq!(history.candles(), candles(seed));
    }
    for symbol in ["BTC/EUR", "", "eur"] {
        let error = History::read_symbol(folder.path(), symbol).unwrap_err();
        assert!(matches!(error, HistoryError::NoSymbol { .. }), "{symbol}");
        assert!(error.to_string().contains("dogeeur_1m.csv, etheur_1m.csv"));
    }
    let nothing = tempfile::tempdir().unwrap();
    let error = History::read_symbol(nothing.path(), "ETH/EUR").unwrap_err();
    assert!(error.to_string().contains("none at all"), "{error}");
}

#[test]
fn history_of_a_symbol_refuses_funding_that_could_be_another_markets() {
    let alone = folder(&["etheur"], true);
    let history = History::read_symbol(alone.path(), "ETH/EUR").unwrap();
    assert_eq!(history.funding_file().unwrap().file, "funding_rate.csv");
    let shared = folder(&["dogeeur", "etheur"], true);
    let error = History::read_symbol(shared.path(), "ETH/EUR").unwrap_err();
    assert!(
        matches!(error, HistoryError::WhoseFunding { .. }),
        "{error}"
    );
}

#[test]
fn score_wants_one_class_per_window() {
    let folder = folder(&["dogeeur"], true);
    let history = History::read(folder.path()).unwrap();
    let manifest = manifest();
    let selection = Selection::new(&manifest, &history, 0..=u64::MAX, 5).unwrap();
    let right: Vec<u8> = selection.places().iter().map(|place| place.label).collect();
    let evaluation = selection.score("made up", &right).unwrap();
    assert_eq!(
        (evaluation.accuracy, evaluation.network.as_str()),
        (1.0, "made up")
    );
    assert_eq!(evaluation.windows, right.len() as u64);

    let mut other = right.clone();
    other[3] = 3;
    for answers in [&right[1..], &other, &[right.clone(), vec![1]].concat()] {
        let error = selection.score("made up", answers).unwrap_err();
        assert!(matches!(error, EvaluationError::Answers { .. }), "{error}");
    }
}
