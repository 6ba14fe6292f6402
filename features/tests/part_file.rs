//! A history file survives a crash at every byte of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::fs;
use std::path::PathBuf;

use veriregime_features::dataset::{DatasetError, read_candles, read_funding};
use veriregime_features::{Candle, FundingRate, PartFile, Record, synthetic};

const START_MS: i64 = 1_735_689_600_000;

fn candles(minutes: usize) -> Vec<Candle> {
    synthetic::candles(7, START_MS, minutes)
}

#[test]
fn part_file_cut_at_any_byte_resumes_to_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let rows = candles(8);
    let whole_target = folder.path().join("whole_1m.csv.zst");
    let mut whole = PartFile::open(&whole_target).unwrap();
    whole.append(&rows).unwrap();
    let text = fs::read(folder.path().join("whole_1m.csv.part")).unwrap();
    let want = whole.finish().unwrap();
    assert_eq!(want.rows, rows);
    assert_eq!(read_candles(&whole_target).unwrap(), want);

    let target = folder.path().join("cut_1m.csv.zst");
    let part = folder.path().join("cut_1m.csv.part");
    for cut in 0..=text.len() {
        fs::write(&part, &text[..cut]).unwrap();
        let mut file = PartFile::<Candle>::open(&target).unwrap();
        let kept = file.rows().len();
        let complete = text[..cut].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(kept, complete.saturating_sub(1), "cut at {cut}");
        assert_eq!(file.rows(), &rows[..kept]);
        file.append(&rows[kept..]).unwrap();
        let got = file.finish().unwrap();
        assert_eq!(got, want, "cut at {cut}");
        assert!(!part.exists());
        fs::remove_file(&target).unwrap();
    }
}

#[test]
fn finished_file_is_extended_and_replaced_only_when_complete() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x_1m.csv.zst");
    let rows = candles(6);
    let mut file = PartFile::open(&target).unwrap();
    file.append(&rows[..3]).unwrap();
    let short = file.finish().unwrap();

    let untouched = PartFile::<Candle>::open(&target).unwrap().finish().unwrap();
    assert_eq!(untouched, short);

    let mut file = PartFile::open(&target).unwrap();
    file.append(&rows[3..]).unwrap();
    assert_eq!(
        read_candles(&target).unwrap(),
        short,
        "still the short file"
    );
    assert_eq!(file.finish().unwrap().rows, rows);
    assert_eq!(read_candles(&target).unwrap().rows, rows);
}

#[test]
fn append_of_rows_that_break_a_rule_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x_1m.csv.zst");
    let rows = candles(4);
    let mut file = PartFile::open(&target).unwrap();
    file.append(&rows[..2]).unwrap();
    let before = fs::read(file.part()).unwrap();
    let impossible = Candle { low: 0, ..rows[3] };
    for bad in [
        [rows[2], rows[2]],
        [rows[2], rows[1]],
        [rows[2], impossible],
    ] {
        assert!(matches!(
            file.append(&bad),
            Err(DatasetError::Row { line: 5, .. })
        ));
        assert_eq!(fs::read(file.part()).unwrap(), before);
    }
    file.append(&rows[2..]).unwrap();
    assert_eq!(file.finish().unwrap().rows, rows);
}

#[test]
fn part_file_of_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x_1m.csv.zst");
    let part = folder.path().join("x_1m.csv.part");
    for text in [
        "notes",
        "time,price\n1,2\n",
        "open_time_ms,open,high,low,close,volume\n1,2,3\nx",
    ] {
        fs::write(&part, text).unwrap();
        let error = PartFile::<Candle>::open(&target).unwrap_err().to_string();
        assert!(error.contains("x_1m.csv.part"), "{error}");
        assert!(!target.exists() && part.exists());
    }
}

#[test]
fn funding_rates_keep_their_eight_decimals() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("funding_rate.csv");
    let rows = [
        FundingRate {
            time_ms: 1,
            rate: -3_750_000,
        },
        FundingRate {
            time_ms: 2,
            rate: 10_000,
        },
    ];
    let mut file = PartFile::open(&target).unwrap();
    file.append(&rows).unwrap();
    let got = file.finish().unwrap();
    assert_eq!(got, read_funding(&target).unwrap());
    assert_eq!(
        fs::read_to_string(&target).unwrap(),
        "funding_time_ms,funding_rate\n1,-0.03750000\n2,0.00010000\n"
    );
}

/// The real files, when they are found: what we write is what they hold, byte for byte.
#[test]
fn lines_of_the_real_history_are_its_own() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: VERIREGIME_DATA is not set, so the real history is not compared");
        return;
    };
    let packed = fs::read(data.join("btcusdt_1m.csv.zst")).unwrap();
    let text = String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    let rows = read_candles(&data.join("btcusdt_1m.csv.zst")).unwrap().rows;
    assert_eq!(text.lines().count(), rows.len() + 1);
    for (line, row) in text.lines().skip(1).zip(&rows) {
        assert_eq!(line, row.line());
    }
    let text = fs::read_to_string(data.join("funding_rate.csv")).unwrap();
    let rows = read_funding(&data.join("funding_rate.csv")).unwrap().rows;
    for (line, row) in text.lines().skip(1).zip(&rows) {
        assert_eq!(line, row.line());
    }
}
