//! The simulated treasury: value is conserved, the policy is kept, the future is not known.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::path::{Path as FilePath, PathBuf};

use proptest::prelude::*;
use veriregime_circuits::model::IntegerModel;
use veriregime_distill::Config;
use veriregime_distill::backtest::{
    Costs, Error, Guard, Market, Path, Policy, Report, Rule, Settings, Side, Signals, run, simulate,
};
use veriregime_distill::data::{History, Samples};
use veriregime_distill::pipeline::classify;
use veriregime_features::{Manifest, synthetic};

const RULES: [Rule; 5] = [
    Rule::Signal,
    Rule::CappedSignal,
    Rule::BuyAndHold,
    Rule::ConstantMix,
    Rule::Cash,
];

/// A market with gaps and signals at some of its closes.
#[derive(Clone, Debug)]
struct Case {
    times: Vec<u64>,
    closes: Vec<f64>,
    signal_times: Vec<u64>,
    classes: Vec<u8>,
    regimes: Vec<u8>,
    settings: Settings,
}

impl Case {
    fn market(&self) -> Market<'_> {
        Market {
            times: &self.times,
            closes: &self.closes,
        }
    }

    fn signals(&self) -> Signals<'_> {
        Signals {
            times: &self.signal_times,
            classes: &self.classes,
            regimes: Some(&self.regimes),
        }
    }

    fn path(&self, rule: Rule) -> Path {
        simulate(&self.market(), &self.signals(), &self.settings, rule).unwrap()
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let policy = (
        0.0..0.5f64,
        0.5..1.0f64,
        0.01..0.5f64,
        0.0..0.05f64,
        0u64..600,
        60u64..600,
        50_000.0..2_000_000.0f64,
        100.0..10_000.0f64,
    );
    let costs = (0.0..0.003f64, 0.0..0.002f64, 0.0..20.0f64);
    (policy, costs, 1u64..200, 0.0..1.0f64).prop_map(|(policy, costs, delay, start_allocation)| {
        let (sell_target, buy_target, max_step, dead_band, cooldown, round_ttl, turnover, loss) =
            policy;
        Settings {
            delay,
            start_allocation,
            policy: Policy {
                sell_target,
                buy_target,
                max_step,
                dead_band,
                cooldown,
                round_ttl,
                turnover_budget: turnover,
                loss_budget: loss,
                budget_period: 3_600,
                ..Policy::default()
            },
            costs: Costs {
                pool_fee: costs.0,
                slippage: costs.1,
                gas_price_gwei: costs.2,
                ..Costs::default()
            },
            ..Settings::default()
        }
    })
}

fn case() -> impl Strategy<Value = Case> {
    let step = (
        -0.006..0.006f64,
        prop_oneof![9 => Just(1u64), 1 => 2u64..20],
    );
    let steps = prop::collection::vec((step, 0u8..3, 0u8..2), 30..200);
    (steps, 1usize..6, settings()).prop_map(|(steps, stride, settings)| {
        let (mut time, mut close) = (1_700_000_040, 30_000.0);
        let mut case = Case {
            times: vec![],
            closes: vec![],
            signal_times: vec![],
            classes: vec![],
            regimes: vec![],
            settings,
        };
        for (index, ((change, minutes), class, regime)) in steps.into_iter().enumerate() {
            case.times.push(time);
            case.closes.push(close);
            if index % stride == 0 {
                case.signal_times.push(time);
                case.classes.push(class);
                case.regimes.push(regime);
            }
            time += 60 * minutes;
            close *= 1.0 + change;
        }
        case
    })
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn without_costs_and_price_moves_value_is_conserved(mut case in case()) {
        case.settings.costs = Costs::none();
        case.closes.fill(30_000.0);
        for rule in RULES {
            let path = case.path(rule);
            prop_assert!(path.values.iter().all(|&value| near(value, 1_000_000.0)), "{rule:?}");
        }
    }

    #[test]
    fn at_constant_prices_exactly_the_costs_are_lost(mut case in case()) {
        case.closes.fill(30_000.0);
        for rule in RULES {
            let path = case.path(rule);
            let traded: f64 = path.trades.iter().map(|trade| trade.fee + trade.slippage).sum();
            let last = *path.values.last().unwrap();
            prop_assert!(near(last, 1_000_000.0 - traded - path.gas), "{rule:?}");
            let costs = &case.settings.costs;
            if !path.trades.is_empty() && costs.pool_fee + costs.slippage + costs.gas_price_gwei > 0.0 {
                prop_assert!(last < 1_000_000.0, "{rule:?}");
            }
        }
    }

    #[test]
    fn value_moves_only_with_the_price_of_what_is_held_and_the_costs(mut case in case()) {
        case.settings.costs.gas_price_gwei = 0.0;
        for rule in RULES {
            let path = case.path(rule);
            for step in 1..case.times.len() {
                let change = case.closes[step] / case.closes[step - 1] - 1.0;
                let moved = path.values[step - 1] * (1.0 + path.allocations[step - 1] * change);
                let lost: f64 = path
                    .trades
                    .iter()
                    .filter(|trade| trade.step == step)
                    .map(|trade| trade.fee + trade.slippage)
                    .sum();
                prop_assert!(near(path.values[step], moved - lost), "{rule:?} at {step}");
            }
        }
    }

    #[test]
    fn allocation_stays_between_nothing_and_all(case in case()) {
        for rule in RULES {
            let path = case.path(rule);
            prop_assert!(path.allocations.iter().all(|share| (0.0..=1.0).contains(share)), "{rule:?}");
            prop_assert!(path.values.iter().all(|value| value.is_finite() && *value >= 0.0));
        }
    }

    #[test]
    fn every_trade_keeps_the_policy(case in case()) {
        let Settings { policy, delay, .. } = &case.settings;
        for rule in [Rule::Signal, Rule::CappedSignal, Rule::ConstantMix] {
            let path = case.path(rule);
            for trade in &path.trades {
                let before = trade.value / (1e-9 + policy.max_step);
                prop_assert!(trade.value <= policy.max_trade + 1e-6);
                prop_assert!(trade.value >= policy.min_trade - 1e-6);
                let age = trade.time - trade.signal_time;
                prop_assert!(age >= *delay && age <= policy.round_ttl);
                let value = path.values[trade.step] + trade.fee + trade.slippage + 1_000.0 * case.settings.costs.gas_price_gwei;
                prop_assert!(before <= value * (1.0 + 1e-6), "{before} {value}");
                let fell = trade.allocation_after < trade.allocation_before;
                prop_assert_eq!(fell, trade.side == Side::Sell);
                if rule == Rule::Signal {
                    let (target, class) = match trade.side {
                        Side::Sell => (policy.sell_target, 0),
                        Side::Buy => (policy.buy_target, 2),
                    };
                    prop_assert!((trade.allocation_before - target).abs() > policy.dead_band);
                    // Toward the target and not past it.
                    let (from, to) = (trade.allocation_before - target, trade.allocation_after - target);
                    prop_assert!(to * from >= -1e-12 && to.abs() < from.abs());
                    let signal = case.signal_times.binary_search(&trade.signal_time).unwrap();
                    prop_assert_eq!(case.classes[signal], class);
                }
            }
            for pair in path.trades.windows(2) {
                prop_assert!(pair[1].time - pair[0].time >= policy.cooldown);
                prop_assert!(pair[1].signal_time > pair[0].signal_time);
            }
            // As RefillingBudget.sol says: a window of one period sees at most twice the capacity.
            for trade in &path.trades {
                let window = path.trades.iter().filter(|other| {
                    other.time >= trade.time && other.time < trade.time + policy.budget_period
                });
                let (traded, lost) = window.fold((0.0, 0.0), |(traded, lost), other| {
                    (traded + other.value, lost + other.fee + other.slippage)
                });
                prop_assert!(traded <= 2.0 * policy.turnover_budget + 1e-6);
                prop_assert!(lost <= 2.0 * policy.loss_budget + 1e-6);
            }
        }
    }

    #[test]
    fn regime_cap_never_buys_beyond_the_cap_while_volatility_is_high(case in case()) {
        for trade in case.path(Rule::CappedSignal).trades {
            let signal = case.signal_times.binary_search(&trade.signal_time).unwrap();
            if case.regimes[signal] == 1 && trade.side == Side::Buy {
                prop_assert!(trade.allocation_after <= case.settings.high_cap + 1e-12);
            }
        }
    }

    #[test]
    fn buy_and_hold_is_the_ratio_of_prices_and_cash_is_constant(case in case()) {
        let held = case.path(Rule::BuyAndHold);
        for (value, close) in held.values.iter().zip(&case.closes) {
            prop_assert!(near(*value, 1_000_000.0 * close / case.closes[0]));
        }
        prop_assert!(case.path(Rule::Cash).values.iter().all(|&value| value == 1_000_000.0));
    }

    #[test]
    fn past_does_not_depend_on_the_future(case in case(), cut in 0.1..0.9f64, factor in 0.5..2.0f64) {
        let cut = (case.times.len() as f64 * cut) as usize;
        let mut other = case.clone();
        other.closes[cut + 1..].iter_mut().for_each(|close| *close *= factor);
        for index in 0..other.signal_times.len() {
            if other.signal_times[index] > case.times[cut] {
                other.classes[index] = 2 - other.classes[index];
                other.regimes[index] = 1 - other.regimes[index];
            }
        }
        for rule in RULES {
            let (one, two) = (case.path(rule), other.path(rule));
            prop_assert_eq!(&one.values[..=cut], &two.values[..=cut]);
            prop_assert_eq!(&one.allocations[..=cut], &two.allocations[..=cut]);
        }
        // Nor does a signal act at its own close, whatever it says.
        let at = |case: &Case, step: usize| case.path(Rule::Signal).trades.iter().any(|trade| trade.step == step && trade.signal_time == case.times[step]);
        prop_assert!((0..case.times.len()).all(|step| !at(&case, step)));
    }
}

/// Three days of made-up minutes, a signal every five.
fn synthetic_case(days: usize) -> Case {
    let candles = synthetic::candles(11, 1_722_470_400_000, days * 1_440);
    let times: Vec<u64> = candles.iter().map(|candle| candle.close_time()).collect();
    let closes: Vec<f64> = candles
        .iter()
        .map(|candle| candle.close as f64 * 1e-8)
        .collect();
    let signal_times: Vec<u64> = times
        .iter()
        .copied()
        .filter(|time| time % 300 == 0)
        .collect();
    // Runs of an hour, as a model's answers have them.
    let classes = signal_times
        .iter()
        .map(|time| (time / 3_600 % 5 % 3) as u8)
        .collect();
    let regimes = signal_times
        .iter()
        .map(|time| (time / 86_400 % 2) as u8)
        .collect();
    Case {
        times,
        closes,
        signal_times,
        classes,
        regimes,
        settings: Settings::default(),
    }
}

/// The classes of somebody who knows the next hour.
fn foresight(case: &Case) -> Vec<u8> {
    let close = |time: u64| {
        case.times
            .binary_search(&time)
            .ok()
            .map(|index| case.closes[index])
    };
    let class = |&time: &u64| match (close(time), close(time + 3_600)) {
        (Some(now), Some(later)) if later > now => 2,
        (Some(_), Some(_)) => 0,
        _ => 1,
    };
    case.signal_times.iter().map(class).collect()
}

#[test]
fn one_trade_by_hand() {
    let case = Case {
        times: vec![600, 660, 720],
        closes: vec![100.0, 100.5, 110.0],
        signal_times: vec![600],
        classes: vec![2],
        regimes: vec![0],
        settings: Settings {
            start_value: 1_000.0,
            policy: Policy {
                min_trade: 1.0,
                ..Policy::default()
            },
            costs: Costs {
                slippage: 0.0,
                gas_price_gwei: 0.0,
                ..Costs::default()
            },
            ..Settings::default()
        },
    };
    let path = case.path(Rule::Signal);
    // 5 coins and 500: worth 1002.5 at 100.5; a tenth of that buys at 0.05 %.
    assert_eq!(path.trades.len(), 1);
    let trade = path.trades[0];
    assert!(near(trade.value, 100.25) && near(trade.fee, 0.050_125) && trade.time == 660);
    let coins = 5.0 + 100.25 * 0.999_5 / 100.5;
    assert!(near(path.values[1], 1_002.5 - 0.050_125));
    assert!(near(path.values[2], coins * 110.0 + 399.75));
}

#[test]
fn rounds_that_meet_a_gap_expire_and_a_jump_blocks() {
    let mut case = synthetic_case(1);
    case.times.truncate(3);
    case.closes = vec![100.0; 3];
    case.signal_times = vec![case.times[0]];
    (case.classes, case.regimes) = (vec![2], vec![0]);
    case.times[1] = case.times[0] + 301;
    case.times[2] = case.times[0] + 360;
    assert_eq!(case.path(Rule::Signal).blocked[&Guard::RoundExpired], 1);
    case.times[1] = case.times[0] + 300;
    assert_eq!(case.path(Rule::Signal).trades.len(), 1);
    case.closes[1] = 101.2;
    assert_eq!(case.path(Rule::Signal).blocked[&Guard::CloseDeviates], 1);
}

#[test]
fn report_is_complete_repeatable_and_comes_back_from_json() {
    let case = synthetic_case(40);
    let report = run(&case.market(), &case.signals(), &case.settings).unwrap();
    let again = run(&case.market(), &case.signals(), &case.settings).unwrap();
    assert!(report == again);
    let rules: Vec<Rule> = report
        .strategies
        .iter()
        .map(|strategy| strategy.rule)
        .collect();
    assert_eq!(rules, RULES);
    let signal = report.strategy(Rule::Signal).unwrap();
    let months: Vec<&str> = signal
        .months
        .iter()
        .map(|month| month.month.as_str())
        .collect();
    assert_eq!(months, ["2024-08", "2024-09"]);
    let product: f64 = signal
        .months
        .iter()
        .map(|month| 1.0 + month.total_return)
        .product();
    assert!(near(product, 1.0 + signal.total_return));
    assert_eq!(
        signal.months.iter().map(|month| month.trades).sum::<u64>(),
        signal.trades
    );
    assert_eq!(signal.days.len(), 40);
    for control in &report.controls {
        assert_eq!((control.seeds.len(), control.returns.len()), (20, 20));
    }
    let folder = tempfile::tempdir().unwrap();
    report
        .exhibit("backtest")
        .unwrap()
        .write(folder.path())
        .unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    // Decimal text need not come back to the last bit.
    let back: Report = serde_json::from_str(&read("backtest.json")).unwrap();
    assert_eq!(
        (&back.settings, back.classes, back.to),
        (&report.settings, report.classes, report.to)
    );
    assert!(near(back.strategies[0].final_value, signal.final_value));
    let page = read("backtest.md");
    for words in [
        "within what luck gives",
        "| always cash | +0.00 % |",
        "2024-09",
        "(backtest.svg)",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(read("backtest.svg").contains("rotated signals, least to most of 20"));
    if let Ok(folder) = std::env::var("PLOTS") {
        report
            .exhibit("backtest")
            .unwrap()
            .write(FilePath::new(&folder))
            .unwrap();
    }
}

/// The shipped model's signals every five minutes of its test part, executed at one-minute closes.
#[test]
fn shipped_model_walks_through_its_own_test_part() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: set VERIREGIME_DATA to the folder with the candle files");
        return;
    };
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../models/btcusdt-1m-60");
    let manifest = Manifest::read(&folder.join("manifest.json")).unwrap();
    let model = IntegerModel::read(&folder.join("weights.json")).unwrap();
    let config = Config::signal(0).data;
    let history = History::read(&data, &config).unwrap();
    let part = &manifest.training.splits.test;
    let (places, _) = config
        .sampling()
        .places(&history.candles, part.from..=part.to);
    let samples = Samples::compute(config.question, &history, &places, &manifest.scale).unwrap();
    let classes = classify(&model, &samples, 0..samples.len()).unwrap();
    let span = part.from..=part.to + 60;
    let candles = history
        .candles
        .iter()
        .filter(|candle| span.contains(&candle.close_time()));
    let (times, closes): (Vec<u64>, Vec<f64>) = candles
        .map(|candle| (candle.close_time(), candle.close as f64 * 1e-8))
        .unzip();
    let market = Market {
        times: &times,
        closes: &closes,
    };
    let signals = Signals {
        times: &samples.close_times,
        classes: &classes,
        regimes: None,
    };
    let report = run(&market, &signals, &Settings::default()).unwrap();
    assert_eq!(report.classes.iter().sum::<u64>(), part.windows);
    let held = report.strategy(Rule::BuyAndHold).unwrap();
    assert!(near(
        held.total_return,
        closes.last().unwrap() / closes[0] - 1.0
    ));
    println!("{}", report.markdown());
    if let Ok(folder) = std::env::var("PLOTS") {
        report
            .exhibit("backtest-shipped")
            .unwrap()
            .write(FilePath::new(&folder))
            .unwrap();
    }
}

#[test]
fn without_regimes_there_is_no_cap_to_compare() {
    let case = synthetic_case(3);
    let signals = Signals {
        regimes: None,
        ..case.signals()
    };
    let report = run(&case.market(), &signals, &case.settings).unwrap();
    assert!(report.strategy(Rule::CappedSignal).is_none() && report.high.is_none());
    assert!(!report.markdown().contains("regime cap"));
}

#[test]
fn foresight_earns_and_no_rotation_does_as_well() {
    let mut case = synthetic_case(20);
    case.classes = foresight(&case);
    case.settings.costs = Costs::none();
    let report = run(&case.market(), &case.signals(), &case.settings).unwrap();
    let signal = report.strategy(Rule::Signal).unwrap();
    assert!(signal.total_return > report.strategy(Rule::ConstantMix).unwrap().total_return);
    assert!(report.controls.iter().all(|control| control.as_good == 0));
    assert!(report.markdown().contains("hardly luck on this span"));
}

#[test]
fn defaults_are_those_of_a_deployment() {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let source =
        std::fs::read_to_string(root.join("scripts/support/DeploymentConfig.sol")).unwrap();
    let number = |name: &str| {
        let at = source
            .find(&format!("VM.envOr(\"{name}\", uint256("))
            .unwrap();
        let text = source[at..]
            .split("uint256(")
            .nth(1)
            .unwrap()
            .split(')')
            .next()
            .unwrap();
        match text {
            "1 days" => 86_400.0,
            _ => {
                let (digits, scale) = text
                    .split_once("e6")
                    .map_or((text, 1.0), |(digits, _)| (digits, 1e6));
                digits.replace('_', "").parse::<f64>().unwrap() * scale
            }
        }
    };
    let policy = Policy::default();
    for (name, ours) in [
        ("SELL_TARGET_BPS", policy.sell_target * 1e4),
        ("BUY_TARGET_BPS", policy.buy_target * 1e4),
        ("MAX_STEP_BPS", policy.max_step * 1e4),
        ("DEAD_BAND_BPS", policy.dead_band * 1e4),
        ("MAX_SLIPPAGE_BPS", policy.max_slippage * 1e4),
        ("MAX_DEVIATION_BPS", policy.max_deviation * 1e4),
        ("COOLDOWN", policy.cooldown as f64),
        ("ROUND_TTL", policy.round_ttl as f64),
        ("BUDGET_PERIOD", policy.budget_period as f64),
        ("MIN_TRADE", policy.min_trade * 1e6),
        ("MAX_TRADE", policy.max_trade * 1e6),
        ("TURNOVER_BUDGET", policy.turnover_budget * 1e6),
        ("LOSS_BUDGET", policy.loss_budget * 1e6),
    ] {
        assert!(
            near(number(name), ours),
            "{name}: {} is not {ours}",
            number(name)
        );
    }
    let gas = std::fs::read_to_string(root.join("snapshots/Gas.json")).unwrap();
    let gas: serde_json::Value = serde_json::from_str(&gas).unwrap();
    let costs = Costs::default();
    assert_eq!(
        gas["submit (two attestations)"],
        costs.submit_gas.to_string()
    );
    assert_eq!(gas["execute (BUY)"], costs.execute_gas.to_string());
}

#[test]
fn nonsense_is_refused_by_name() {
    let case = synthetic_case(1);
    let refused = |change: &dyn Fn(&mut Case)| {
        let mut case = case.clone();
        change(&mut case);
        run(&case.market(), &case.signals(), &case.settings).unwrap_err()
    };
    assert!(matches!(
        refused(&|case| case.closes[5] = 0.0),
        Error::Price { .. }
    ));
    assert!(matches!(
        refused(&|case| {
            case.closes.pop();
        }),
        Error::Lengths { what: "closes", .. }
    ));
    assert!(matches!(
        refused(&|case| case.times.swap(3, 4)),
        Error::Disorder {
            what: "market",
            index: 4,
            ..
        }
    ));
    assert!(matches!(
        refused(&|case| case.signal_times[2] += 1),
        Error::NoClose { .. }
    ));
    assert!(matches!(
        refused(&|case| case.classes[2] = 3),
        Error::Class {
            what: "signals",
            index: 2,
            ..
        }
    ));
    assert!(matches!(
        refused(&|case| case.regimes[1] = 2),
        Error::Class {
            what: "regimes",
            index: 1,
            ..
        }
    ));
    assert!(matches!(
        refused(&|case| case.settings.delay = 0),
        Error::Setting { name: "delay", .. }
    ));
    assert!(matches!(
        refused(&|case| case.settings.controls = 19),
        Error::Setting {
            name: "controls",
            ..
        }
    ));
    let error = refused(&|case| case.settings.costs.pool_fee = 0.01);
    assert!(
        error.to_string().contains("would revert every trade"),
        "{error}"
    );
}
