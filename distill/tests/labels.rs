//! The study of label thresholds: it counts what the split holds, and the committed report is of the real history.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};

use veriregime_distill::Config;
use veriregime_distill::data::{History, Split};
use veriregime_distill::thresholds::{Part, Study, THETAS};

fn synthetic() -> (History, Config) {
    let config = Config::signal(0);
    (History::synthetic(5, 20_000, &config.data), config)
}

#[test]
fn study_counts_every_window_of_every_part_once() {
    let (history, config) = synthetic();
    let study = Study::of(&history, &config.data).unwrap();
    for part in &study.parts {
        assert_eq!(part.shares.len(), THETAS.len());
        for row in &part.shares {
            assert_eq!(row.counts.iter().sum::<u64>(), part.windows);
            assert!((row.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        // A larger threshold never makes fewer HOLD.
        let holds: Vec<u64> = part.shares.iter().map(|row| row.counts[1]).collect();
        assert!(holds.is_sorted(), "{holds:?}");
    }
}

#[test]
fn study_agrees_with_the_split_and_the_labels_of_training() {
    let (history, config) = synthetic();
    let study = Study::of(&history, &config.data).unwrap();
    let (places, skipped) = config
        .data
        .sampling()
        .places(&history.candles, 0..=u64::MAX);
    let times: Vec<u64> = places.iter().map(|place| place.close_time).collect();
    let split = Split::in_time(&times, config.data.horizon_minutes).unwrap();
    assert_eq!(
        (study.windows, study.skipped_windows),
        (places.len() as u64, skipped)
    );
    let buys = places[split.test.clone()]
        .iter()
        .filter(|place| place.label == 2)
        .count();
    let row = THETAS
        .iter()
        .position(|&theta| theta == config.data.theta)
        .unwrap();
    assert_eq!(study.parts[2].shares[row].counts[2], buys as u64);
    assert_eq!(study.parts[2].from, times[split.test.start]);
}

#[test]
fn study_is_written_in_three_forms() {
    let (history, config) = synthetic();
    let study = Study::of(&history, &config.data).unwrap();
    let folder = tempfile::tempdir().unwrap();
    study.exhibit().unwrap().write(folder.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    // Decimal text need not come back to the last bit; counts do.
    let back: Study = serde_json::from_str(&read("labels.json")).unwrap();
    for (back, part) in back.parts.iter().zip(&study.parts) {
        let counts = |part: &Part| part.shares.iter().map(|row| row.counts).collect::<Vec<_>>();
        assert_eq!(counts(back), counts(part));
    }
    assert!(read("labels.md").contains("| 0.05 % |"));
    assert!(read("labels.svg").contains("threshold theta (%)"));
}

#[test]
fn committed_report_is_of_the_real_history() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: set VERIREGIME_DATA to the folder with the candle files");
        return;
    };
    let config = Config::signal(0).data;
    let study = Study::of(&History::read(&data, &config).unwrap(), &config).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/reports/labels");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let exhibit = study.exhibit().unwrap();
    assert_eq!(exhibit.json, read("labels.json"));
    assert_eq!(exhibit.markdown, read("labels.md"));
    assert_eq!(exhibit.svg, read("labels.svg"));
}
