//! Windows of the real history, when it is found: the committed numbers are features, the candles stay outside.
//!
//! `VERIREGIME_DATA` names the folder; `VERIREGIME_BLESS=1` rewrites `golden/history.json` after a change of the
//! feature definition.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use veriregime_features::dataset::{read_candles, read_funding};
use veriregime_features::{FeatureError, Window, series};

/// Close times across the years, the third on a funding settlement.
const CLOSE_TIMES: [u64; 5] = [
    1_673_740_800,
    1_692_309_600,
    1_710_403_200,
    1_722_816_000,
    1_730_937_600,
];

/// A close time within 300 minutes of the outage of 2023-03-24.
const AFTER_OUTAGE: u64 = 1_679_668_200;

#[derive(PartialEq, Debug, Serialize, Deserialize)]
struct Golden {
    candles_sha256: String,
    funding_sha256: String,
    windows: Vec<Entry>,
}

#[derive(PartialEq, Debug, Serialize, Deserialize)]
struct Entry {
    close_time: u64,
    last_close: i64,
    values: Vec<i16>,
}

#[test]
fn windows_of_the_real_history_are_the_committed_ones() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: VERIREGIME_DATA is not set, so the real candles are not compared");
        return;
    };
    let candles = read_candles(&data.join("btcusdt_1m.csv.zst")).unwrap();
    let funding = read_funding(&data.join("funding_rate.csv")).unwrap();
    let scale = support::scale();
    let windows = CLOSE_TIMES
        .map(|close_time| {
            let found = series::ending_at(&candles.rows, close_time).unwrap();
            let window = Window::compute(found, &funding.rows, &scale).unwrap();
            Entry {
                close_time,
                last_close: window.last_close,
                values: window.values.to_vec(),
            }
        })
        .into();
    let golden = Golden {
        candles_sha256: hex::encode(candles.sha256),
        funding_sha256: hex::encode(funding.sha256),
        windows,
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/history.json");
    if std::env::var_os("VERIREGIME_BLESS").is_some() {
        std::fs::write(&path, serde_json::to_string(&golden).unwrap() + "\n").unwrap();
    }
    let committed: Golden = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(golden, committed);

    let across = series::ending_at(&candles.rows, AFTER_OUTAGE).unwrap();
    assert!(matches!(
        Window::compute(across, &funding.rows, &scale),
        Err(FeatureError::Gap { .. })
    ));

    let begun = Instant::now();
    let rounds = 2_000;
    for end in (1_000_000..).take(rounds) {
        Window::compute(&candles.rows[end - 300..end], &funding.rows, &scale).unwrap();
    }
    eprintln!(
        "{:.1} microseconds per window",
        begun.elapsed().as_secs_f64() * 1e6 / rounds as f64
    );
}
