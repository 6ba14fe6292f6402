//! A window's data: exactly what its features read, and a digest that anything but the rows' spelling changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use support::scale;
use veriregime_features::decimal::{format_e8, parse_e8};
use veriregime_features::{
    CANDLES, Candle, FeatureError, FundingRate, Indicators, Window, WindowData, synthetic,
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// 2023-11-14 00:00 UTC, a settlement.
const SETTLED_MS: i64 = 1_699_920_000_000;

/// A window that begins so many minutes after a settlement, with days of funding rates on both sides.
fn series(minutes: i64) -> (Vec<Candle>, Vec<FundingRate>) {
    let start = SETTLED_MS + minutes * MINUTE_MS;
    (
        synthetic::candles(9, start, CANDLES),
        synthetic::funding(9, start, start + 48 * HOUR_MS),
    )
}

fn digest(candles: &[Candle], funding: &[FundingRate]) -> [u8; 32] {
    WindowData::select(candles, funding).unwrap().digest()
}

#[test]
fn the_rates_are_those_in_force_during_the_window() {
    // The window's first minute closes 241 minutes after the first candle's open, its last one 300 minutes after.
    for (minutes, rates) in [
        (480 - 301, 1), // settled a minute after the window's close
        (480 - 300, 2), // at the window's close
        (480 - 270, 2),
        (480 - 242, 2), // at the close of the second minute
        (480 - 241, 1), // at the close of the first: in force from the start
        (480 - 100, 1),
    ] {
        let (candles, funding) = series(minutes);
        let data = WindowData::select(&candles, &funding).unwrap();
        assert_eq!(data.candles(), candles);
        assert_eq!(data.funding().len(), rates, "{minutes} minutes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The selected rows suffice, and every selected rate is needed.
    #[test]
    fn the_data_is_what_the_features_read(minutes in 0i64..480) {
        let (candles, funding) = series(minutes);
        let data = WindowData::select(&candles, &funding).unwrap();
        let whole = Indicators::compute(&candles, &funding).unwrap();
        prop_assert_eq!(&whole, &Indicators::compute(data.candles(), data.funding()).unwrap());
        for index in 0..data.funding().len() {
            let mut changed = data.funding().to_vec();
            changed[index].rate += 1;
            prop_assert_ne!(&whole, &Indicators::compute(&candles, &changed).unwrap());
            prop_assert_ne!(data.digest(), digest(&candles, &changed));
        }
        let mut beyond = funding.clone();
        for rate in beyond.iter_mut().filter(|rate| !data.funding().contains(rate)) {
            rate.rate += 1;
        }
        prop_assert_eq!(data.digest(), digest(&candles, &beyond));
    }

    /// One unit of one field of any candle gives another digest.
    #[test]
    fn every_field_of_every_candle_counts(index in 0usize..CANDLES, field in 0usize..6) {
        let (candles, funding) = series(210);
        let mut changed = candles.clone();
        let candle = &mut changed[index];
        match field {
            0 => candle.open_time_ms += 1_000,
            1 => candle.open += 1,
            2 => candle.high += 1,
            3 => candle.low += 1,
            4 => candle.close += 1,
            _ => candle.volume += 1,
        }
        prop_assert_ne!(digest(&candles, &funding), digest(&changed, &funding));
    }
}

#[test]
fn settlements_stamped_late_within_the_second_are_the_same_data() {
    let (candles, funding) = series(210);
    let mut late = funding.clone();
    late.iter_mut().for_each(|rate| rate.time_ms += 7);
    assert_eq!(
        Window::compute(&candles, &funding, &scale()),
        Window::compute(&candles, &late, &scale())
    );
    assert_eq!(digest(&candles, &funding), digest(&candles, &late));
    late[3].time_ms += 1_000;
    assert_ne!(digest(&candles, &funding), digest(&candles, &late));
}

#[test]
fn what_is_no_window_has_no_data() {
    let (candles, funding) = series(210);
    assert_eq!(
        WindowData::select(&candles[1..], &funding),
        Err(FeatureError::WrongCount {
            expected: CANDLES,
            found: CANDLES - 1
        })
    );
    assert!(matches!(
        WindowData::select(&[], &funding),
        Err(FeatureError::WrongCount { .. })
    ));
    let close_ms = candles[240].open_time_ms + MINUTE_MS;
    let later = &funding[funding.partition_point(|rate| rate.time_ms <= close_ms)..];
    assert!(!later.is_empty());
    assert_eq!(
        WindowData::select(&candles, later),
        Err(FeatureError::FundingMissing { close_ms })
    );
}

/// One number in the spellings that files and exchanges use for it.
fn spelled(value: i64, spelling: usize) -> String {
    let short = format_e8(value);
    let point = if short.contains('.') { "" } else { ".0" };
    let text = match spelling % 3 {
        0 => short,
        1 => format!("{short}{point}"),
        _ => {
            let sign = if value < 0 { "-" } else { "" };
            let magnitude = value.unsigned_abs();
            format!(
                "{sign}{}.{:08}",
                magnitude / 100_000_000,
                magnitude % 100_000_000
            )
        }
    };
    assert_eq!(parse_e8(&text), Ok(value));
    text
}

/// The auditor's script on files with more than the window's rows, in every spelling.
#[test]
fn the_script_computes_the_same_digest_from_files() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/candles-digest.awk");
    for (minutes, spelling) in [
        (480 - 300, 0),
        (480 - 270, 1),
        (480 - 241, 2),
        (480 - 100, 2),
    ] {
        let (mut candles, mut funding) = series(minutes - 50);
        let more = synthetic::candles(9, candles[0].open_time_ms, CANDLES + 100);
        candles.splice(.., more);
        // The rates in force: the settlement before the series, and the next.
        funding[3].rate = 0;
        funding[4].rate = -funding[4].rate;
        candles[60].volume = 0;
        let folder = tempfile::tempdir().unwrap();
        let mut text = "open_time_ms,open,high,low,close,volume\n".to_owned();
        for candle in &candles {
            let values = [
                candle.open,
                candle.high,
                candle.low,
                candle.close,
                candle.volume,
            ];
            let values = values.map(|value| spelled(value, spelling)).join(",");
            text += &format!("{},{values}\n", candle.open_time_ms);
        }
        std::fs::write(folder.path().join("candles.csv"), text).unwrap();
        let mut text = "funding_time_ms,funding_rate\r\n".to_owned();
        for rate in &funding {
            text += &format!("{},{}\r\n", rate.time_ms + 3, spelled(rate.rate, spelling));
        }
        std::fs::write(folder.path().join("funding.csv"), text).unwrap();

        let window = &candles[50..50 + CANDLES];
        let close_time = window[CANDLES - 1].close_time();
        let output = Command::new("awk")
            .current_dir(&folder)
            .args(["-F", ",", "-v", &format!("close_time={close_time}"), "-f"])
            .arg(&script)
            .args(["candles.csv", "funding.csv"])
            .output();
        let output = match output {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                eprintln!("skipped: no awk");
                return;
            }
            output => output.unwrap(),
        };
        assert!(output.status.success(), "{output:?}");
        let rows: [u8; 32] = Sha256::digest(&output.stdout).into();
        assert_eq!(
            rows,
            digest(window, &funding),
            "{minutes} minutes, spelling {spelling}:\n{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}
