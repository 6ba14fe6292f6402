//! Reports from shipped files: they can be made again, the card says what they say, and what does not belong together is refused.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use veriregime_distill::backtest::{Report, Rule};
use veriregime_distill::calibration::{Calibration, Transfer};
use veriregime_distill::data::History;
use veriregime_distill::report::evidence::Walk;
use veriregime_distill::report::{self, Evidence};
use veriregime_distill::{Config, Error, Shipped, pipeline};
use veriregime_features::labels::Question;

const MINUTES: usize = 8_000;

fn history() -> History {
    History::synthetic(1, MINUTES, &Config::signal(7).data)
}

/// A run of a few steps, written into a folder named after it.
fn train(dir: &Path, name: &str, question: Question, regime: Option<&Shipped>) -> PathBuf {
    let mut config = Config::of(question, 7).quick();
    for fit in [
        &mut config.teacher.fit,
        &mut config.student.fit,
        &mut config.swap.fit,
        &mut config.quantised.fit,
    ] {
        fit.epochs = 1;
        fit.samples_per_epoch = 256;
    }
    let history = history();
    let outcome = pipeline::run(&config, &history, &dir.join("checkpoints"), false).unwrap();
    let folder = dir.join(name);
    report::write(&folder, name, &outcome, &history, regime).unwrap();
    folder
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join("reports").join(file)).unwrap()
}

fn card(folder: &Path) -> String {
    fs::read_to_string(folder.join("MODEL_CARD.md")).unwrap()
}

fn percent(ratio: f64) -> String {
    format!("{:.1} %", ratio * 100.0)
}

fn signed(ratio: f64) -> String {
    format!("{:+.2} %", ratio * 100.0)
}

fn assert_card_says_calibration(card: &str, transfer: &Transfer) {
    for row in &transfer.kept {
        let line = format!(
            "| {:.0} % | {} | {} | {} | {} |",
            (1.0 - row.fitted_share) * 100.0,
            percent(row.fitted_hit_rate),
            row.count,
            percent(row.share),
            percent(row.hit_rate)
        );
        assert!(card.contains(&line), "{line}\n{card}");
    }
    let gap = format!("{:.1} points apart", transfer.gap * 100.0);
    assert!(card.contains(&gap), "{gap}\n{card}");
}

fn assert_card_says_backtest(card: &str, report: &Report) {
    for strategy in &report.strategies {
        let costs = strategy.pool_fees + strategy.slippage + strategy.gas;
        let line = format!(
            "| {} | {} | {} | {costs:.0} | {} | {} |",
            strategy.rule.name(),
            signed(strategy.total_return),
            signed(strategy.return_before_costs),
            percent(strategy.max_drawdown),
            strategy.trades
        );
        assert!(card.contains(&line), "{line}\n{card}");
    }
    assert_eq!(report.controls.len(), 2);
    for control in &report.controls {
        let line = format!(
            "| {} | {} | {} | {} | {} | {} |",
            control.name,
            control.returns.len(),
            signed(control.mean),
            signed(control.mean_before_costs),
            control.as_good,
            control.as_good_before_costs
        );
        assert!(card.contains(&line), "{line}\n{card}");
    }
}

#[test]
fn card_says_what_the_reports_say_and_the_reports_can_be_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let regime_folder = train(dir.path(), "regime", Question::Regime, None);
    let regime = Shipped::read(&regime_folder).unwrap();
    let folder = train(dir.path(), "signal", Question::Signal, Some(&regime));
    let shipped = Shipped::read(&folder).unwrap();

    let transfer: Transfer = serde_json::from_str(&read(&folder, "calibration.json")).unwrap();
    let splits = &shipped.manifest.training.splits;
    assert_eq!(transfer.fitted.count, splits.validation.windows);
    assert_eq!(transfer.measured.count, splits.test.windows);
    // Hit rates over all answers are the accuracies of the manifest, which training counted by another way.
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let metrics = &shipped.manifest.metrics;
    assert!(near(transfer.measured.hit_rate, metrics.test.accuracy));
    assert!(near(transfer.fitted.hit_rate, metrics.validation.accuracy));
    assert_card_says_calibration(&card(&folder), &transfer);

    let walk: Walk = serde_json::from_str(&read(&folder, "backtest.json")).unwrap();
    assert_eq!(walk.signals.digest, hex::encode(shipped.model.digest()));
    assert_eq!(walk.regimes.unwrap().model, "regime");
    assert!(walk.report.strategy(Rule::CappedSignal).is_some());
    let signals: u64 = walk.report.classes.iter().sum();
    assert_eq!(signals, splits.test.windows);
    assert_eq!(walk.report.from, splits.test.from);
    assert_card_says_backtest(&card(&folder), &walk.report);

    let again = dir.path().join("again");
    let evidence = Evidence::of(&shipped, &history(), Some(&regime)).unwrap();
    evidence.write(&again).unwrap();
    for name in ["calibration", "backtest"] {
        for ending in ["json", "md", "svg"] {
            let file = format!("{name}.{ending}");
            let anew = fs::read_to_string(again.join(&file)).unwrap();
            assert_eq!(anew, read(&folder, &file), "{file}");
        }
    }
    let alone = Evidence::of(&shipped, &history(), None).unwrap();
    let alone = alone.backtest.unwrap();
    assert!(alone.regimes.is_none() && alone.report.strategy(Rule::CappedSignal).is_none());

    let transfer: Transfer =
        serde_json::from_str(&read(&regime_folder, "calibration.json")).unwrap();
    assert_card_says_calibration(&card(&regime_folder), &transfer);
    assert!(!regime_folder.join("reports/backtest.json").exists());
    assert!(card(&regime_folder).contains("the regime cap of the backtest"));
    for folder in [&folder, &regime_folder] {
        let card = card(folder);
        assert!(card.contains("## Intended use") && card.contains("## Limits"));
    }
    refusals(&folder, &shipped, &regime);
}

/// What does not belong together.
fn refusals(folder: &Path, shipped: &Shipped, regime: &Shipped) {
    let history = history();
    let error = |shipped: &Shipped, history: &History, regime: Option<&Shipped>| {
        Evidence::of(shipped, history, regime).err().unwrap()
    };
    for (first, second) in [(regime, regime), (shipped, shipped)] {
        let error = error(first, &history, Some(second));
        assert!(matches!(error, Error::Question { .. }), "{error}");
    }
    let mut late = regime.clone();
    late.manifest.training.splits.validation.to = shipped.manifest.training.splits.test.from;
    let seen = error(shipped, &history, Some(&late));
    assert!(matches!(seen, Error::Seen { .. }), "{seen}");
    let other = History::synthetic(2, MINUTES, &Config::signal(7).data);
    let sources = error(shipped, &other, None);
    assert!(matches!(sources, Error::Sources { .. }), "{sources}");
    let mut short = history.clone();
    short.candles.truncate(MINUTES - 100);
    let windows = error(shipped, &short, None);
    assert!(matches!(windows, Error::Windows { .. }), "{windows}");

    let weights = folder.join("weights.json");
    let text = fs::read_to_string(&weights).unwrap();
    fs::write(&weights, text + "\n").unwrap();
    let error = Shipped::read(folder).err().unwrap();
    assert!(matches!(error, Error::Digest { .. }), "{error}");
}

/// Of every model that ships reports: they are what its files and the real history give.
#[test]
fn shipped_reports_are_what_the_shipped_files_give() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: set VERIREGIME_DATA to the folder with the candle files");
        return;
    };
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    for entry in fs::read_dir(&models).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("reports/calibration.json").exists() {
            continue;
        }
        let shipped = Shipped::read(&folder).unwrap();
        let walk = fs::read_to_string(folder.join("reports/backtest.json"));
        let walk: Option<Walk> = walk.ok().map(|text| serde_json::from_str(&text).unwrap());
        let regime = walk.and_then(|walk| walk.regimes);
        let regime = regime.map(|origin| Shipped::read(&models.join(origin.model)).unwrap());
        let history = History::read(&data, &shipped.data()).unwrap();
        let evidence = Evidence::of(&shipped, &history, regime.as_ref()).unwrap();
        let calibration = evidence.calibration.exhibit("calibration").unwrap();
        assert_eq!(calibration.json, read(&folder, "calibration.json"));
        assert_eq!(calibration.markdown, read(&folder, "calibration.md"));
        assert_card_says_calibration(&card(&folder), &evidence.calibration);
        if let Some(walk) = &evidence.backtest {
            let backtest = walk.exhibit("backtest").unwrap();
            assert_eq!(backtest.json, read(&folder, "backtest.json"));
            assert_eq!(backtest.markdown, read(&folder, "backtest.md"));
            assert_card_says_backtest(&card(&folder), &walk.report);
        }
    }
}

/// Counts of a calibration against itself: nothing is lost between the parts.
#[test]
fn transfer_to_the_same_part_changes_nothing() {
    use veriregime_distill::calibration::Answer;

    let answers: Vec<Answer> = (0u32..1_000)
        .map(|index| Answer {
            margin: f64::from(index * 37 % 1_000),
            class: (index % 2) as u8,
            label: u8::from(index * 37 % 1_000 > 300) * (index % 2) as u8,
        })
        .collect();
    let names = ["LOW", "HIGH"];
    let part = answers.as_slice();
    let transfer = Transfer::new("made up", ("a", part), ("b", part), &names).unwrap();
    let Calibration { bins, at_least, .. } = &transfer.fitted;
    assert_eq!(transfer.bins.len(), bins.len());
    for (carried, bin) in transfer.bins.iter().zip(bins) {
        assert_eq!((carried.count, carried.hit_rate), (bin.count, bin.hit_rate));
        assert_eq!(carried.expected, bin.smoothed);
    }
    for (kept, row) in transfer.kept.iter().zip(at_least) {
        assert_eq!((kept.count, kept.hit_rate), (row.count, row.hit_rate));
        assert_eq!(kept.fitted_hit_rate, row.hit_rate);
    }
    // Below and above what was fitted, the outer tenths serve.
    let beyond = [-0.0, 5_000.0].map(|margin| Answer {
        margin,
        class: 0,
        label: 0,
    });
    let transfer = Transfer::new("made up", ("a", &part[1..]), ("b", &beyond), &names).unwrap();
    assert_eq!(transfer.bins.iter().map(|bin| bin.count).sum::<u64>(), 2);
    assert_eq!((transfer.bins[0].count, transfer.bins[9].count), (1, 1));
}
