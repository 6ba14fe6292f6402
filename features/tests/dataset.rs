//! History files: exact values, digests, and errors with file, line, column.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use veriregime_features::dataset::{DatasetError, read_candles, read_funding};
use veriregime_features::{Candle, FeatureError};

const HEADER: &str = "open_time_ms,open,high,low,close,volume\n";

fn file(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn candle_error(rows: &str) -> DatasetError {
    let (_dir, path) = file("candles.csv", format!("{HEADER}{rows}"));
    read_candles(&path).unwrap_err()
}

#[test]
fn candles_are_read_exactly_plain_and_compressed() {
    let text = format!("{HEADER}60000,1,3.5,0.5,2.00000001,0\r\n240000,2,2,2,2,7.25\n");
    let expected = vec![
        Candle {
            open_time_ms: 60_000,
            open: 100_000_000,
            high: 350_000_000,
            low: 50_000_000,
            close: 200_000_001,
            volume: 0,
        },
        Candle {
            open_time_ms: 240_000,
            open: 200_000_000,
            high: 200_000_000,
            low: 200_000_000,
            close: 200_000_000,
            volume: 725_000_000,
        },
    ];
    let (_dir, plain) = file("candles.csv", &text);
    let (_dir2, packed) = file(
        "candles.csv.zst",
        zstd::encode_all(text.as_bytes(), 3).unwrap(),
    );
    let (plain, packed) = (
        read_candles(&plain).unwrap(),
        read_candles(&packed).unwrap(),
    );
    assert_eq!(plain.rows, expected);
    assert_eq!(packed.rows, expected);
    assert_ne!(plain.sha256, packed.sha256);
}

#[test]
fn header_of_another_format_is_named() {
    let (_dir, path) = file("candles.csv", "time,price\n1,2\n");
    let error = read_candles(&path).unwrap_err();
    assert!(
        matches!(&error, DatasetError::Header { found, .. } if found == "time,price"),
        "{error}"
    );
}

#[test]
fn bad_rows_are_named_by_line_and_column() {
    let error = candle_error("60000,1,1,1,1,0\n120000,1,1,1,1\n");
    assert!(
        matches!(
            error,
            DatasetError::Fields {
                line: 3,
                found: 5,
                expected: 6,
                ..
            }
        ),
        "{error}"
    );
    let error = candle_error("60000,1,1,1,1,0,0,0,0\n");
    assert!(
        matches!(
            error,
            DatasetError::Fields {
                line: 2,
                found: 9,
                ..
            }
        ),
        "{error}"
    );
    let error = candle_error("60000.0,1,1,1,1,0\n");
    assert!(
        matches!(
            error,
            DatasetError::Time {
                line: 2,
                column: "open_time_ms",
                ..
            }
        ),
        "{error}"
    );
    let error = candle_error("60000,1,1e3,1,1,0\n");
    assert!(
        matches!(
            error,
            DatasetError::Number {
                line: 2,
                column: "high",
                ..
            }
        ),
        "{error}"
    );
    let error = candle_error("60000,1,1,1,2,0\n");
    assert!(
        matches!(
            error,
            DatasetError::Row {
                line: 2,
                source: FeatureError::BadPrice { .. },
                ..
            }
        ),
        "{error}"
    );
    let error = candle_error("60000,1,1,1,1,0\n60000,1,1,1,1,0\n");
    assert!(
        matches!(
            error,
            DatasetError::Row {
                line: 3,
                source: FeatureError::Duplicate { .. },
                ..
            }
        ),
        "{error}"
    );
    let error = candle_error("120000,1,1,1,1,0\n60000,1,1,1,1,0\n");
    assert!(
        matches!(
            error,
            DatasetError::Row {
                line: 3,
                source: FeatureError::Disorder { .. },
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn missing_cut_off_or_binary_files_are_errors() {
    assert!(matches!(
        read_candles(&PathBuf::from("/no/such/file.csv")),
        Err(DatasetError::Io { .. })
    ));
    let packed = zstd::encode_all(HEADER.repeat(100).as_bytes(), 3).unwrap();
    let (_dir, path) = file("candles.csv.zst", &packed[..packed.len() / 2]);
    assert!(read_candles(&path).is_err());
    let (_dir, path) = file("candles.csv", [0xff, 0xfe, 0x00]);
    assert!(matches!(read_candles(&path), Err(DatasetError::Io { .. })));
}

#[test]
fn funding_is_read_in_order() {
    let (_dir, path) = file(
        "funding.csv",
        "funding_time_ms,funding_rate\n1,0.0001\n2,-0.00012345\n",
    );
    let rates = read_funding(&path).unwrap().rows;
    assert_eq!(
        rates.iter().map(|rate| rate.rate).collect::<Vec<_>>(),
        [10_000, -12_345]
    );
    let (_dir, path) = file("funding.csv", "funding_time_ms,funding_rate\n2,0\n2,0\n");
    let error = read_funding(&path).unwrap_err();
    assert!(
        matches!(
            error,
            DatasetError::Row {
                line: 3,
                source: FeatureError::FundingDisorder { .. },
                ..
            }
        ),
        "{error}"
    );
}
