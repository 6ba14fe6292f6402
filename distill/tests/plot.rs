//! Plots: the same numbers give the same bytes, and what cannot be drawn is refused by name.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use veriregime_distill::plot::{
    Axis, Band, BarSeries, Bars, Better, Error, Front, Group, Heatmap, Lines, Panel, Point,
    Scatter, Series, bars, heatmap, lines, scatter,
};

fn curves() -> Lines {
    let wave = |phase: f64| {
        let at = move |i: i32| {
            let x = 1_722_262_200.0 + f64::from(i) * 300.0;
            (
                x,
                100.0
                    + phase
                    + 8.0 * (f64::from(i) / 900.0 + phase).sin()
                    + f64::from(i * 7 % 13) / 9.0,
            )
        };
        (0..29_000).map(at).collect::<Vec<_>>()
    };
    let series = |(name, phase): (&str, f64)| Series {
        name: name.into(),
        points: wave(phase),
    };
    Lines {
        title: "Value of a treasury of 1,000,000 USD on the test part".into(),
        x: Axis::dates("close time (UTC)"),
        y: Axis::numbers("value (% of the start)"),
        bands: vec![Band {
            name: "permuted signals, 5 % to 95 %".into(),
            x: wave(0.0).iter().map(|p| p.0).collect(),
            low: wave(0.0).iter().map(|p| p.1 - 6.0).collect(),
            high: wave(0.0).iter().map(|p| p.1 + 6.0).collect(),
        }],
        series: [
            ("signal rule", 0.0),
            ("signal rule with regime cap", 1.0),
            ("buy and hold", 2.0),
            ("constant mix 50/50", 3.0),
            ("always cash", 4.0),
        ]
        .map(series)
        .into(),
        level: Some(100.0),
    }
}

fn trade_offs() -> Scatter {
    let points = |list: &[(f64, f64, &str)]| {
        let point = |&(x, y, label): &(f64, f64, &str)| Point {
            x,
            y,
            label: label.into(),
        };
        list.iter().map(point).collect()
    };
    Scatter {
        title: "Macro-F1 against proving time by activation".into(),
        x: Axis::numbers("proving time (s, median of 9)"),
        y: Axis::numbers("macro-F1 on the test part"),
        groups: vec![
            Group {
                name: "polynomials".into(),
                points: points(&[
                    (0.61, 0.418, "x²"),
                    (0.63, 0.4185, "x + 0.1x³"),
                    (0.64, 0.416, "ReLU approximation"),
                    (0.645, 0.4165, "Swish approximation"),
                ]),
            },
            Group {
                name: "tables".into(),
                points: points(&[(0.9, 0.421, "ReLU"), (1.3, 0.4195, "sigmoid table")]),
            },
        ],
        front: Some(Front {
            x: Better::Small,
            y: Better::Large,
        }),
    }
}

fn bits() -> Heatmap {
    Heatmap {
        title: "Bits per layer by average budget".into(),
        x: "average budget (bits per weight)".into(),
        y: "layer".into(),
        value: "bits per weight".into(),
        columns: ["4", "5", "6", "7", "8"].map(String::from).into(),
        rows: ["480-128", "128-64", "64-32", "32-3"]
            .map(String::from)
            .into(),
        values: (0..4)
            .map(|row| {
                (0..5)
                    .map(|column| (row + column != 6).then(|| f64::from(3 + row + column)))
                    .collect()
            })
            .collect(),
        decimals: 0,
    }
}

fn shares() -> Bars {
    let series = |name: &str, from: f64, step: f64| BarSeries {
        name: name.into(),
        values: (0..12).map(|i| from + step * f64::from(i)).collect(),
        errors: None,
    };
    let panel = |name: &str| Panel {
        name: name.into(),
        series: vec![
            series("SELL", 40.0, -3.0),
            series("HOLD", 20.0, 6.0),
            series("BUY", 40.0, -3.0),
        ],
    };
    Bars {
        title: "Class shares by label threshold".into(),
        x: "threshold theta (%)".into(),
        y: Axis::numbers("share (%)").within(0.0, 100.0),
        categories: [
            "0.05", "0.1", "0.15", "0.2", "0.25", "0.3", "0.4", "0.5", "0.75", "1", "1.5", "2",
        ]
        .map(String::from)
        .into(),
        panels: ["training", "validation", "test"].map(panel).into(),
        stacked: true,
    }
}

fn variants() -> Bars {
    let series = |name: &str, by: f64| BarSeries {
        name: name.into(),
        values: (0..6).map(|i| 0.40 + by + 0.004 * f64::from(i)).collect(),
        errors: Some(vec![0.003, 0.005, 0.002, 0.004, 0.003, 0.006]),
    };
    Bars {
        title: "Macro-F1 by variant, mean and standard deviation of 3 seeds".into(),
        x: "variant".into(),
        y: Axis::numbers("macro-F1"),
        categories: [
            "CNN teacher",
            "MLP from scratch",
            "MLP hard labels",
            "MLP soft labels",
            "MLP combined",
            "MLP with circuit regulariser",
        ]
        .map(String::from)
        .into(),
        panels: vec![Panel {
            name: String::new(),
            series: vec![series("validation", 0.005), series("test", 0.0)],
        }],
        stacked: false,
    }
}

#[test]
fn plots_are_the_same_bytes_every_time_and_hold_their_words() {
    let draw = || {
        [
            lines(&curves()).unwrap(),
            scatter(&trade_offs()).unwrap(),
            heatmap(&bits()).unwrap(),
            bars(&shares()).unwrap(),
            bars(&variants()).unwrap(),
        ]
    };
    let (first, second) = (draw(), draw());
    assert_eq!(first, second);
    // To look at them: PLOTS=target/plots cargo test -p veriregime-distill --test plot.
    if let Ok(folder) = std::env::var("PLOTS") {
        std::fs::create_dir_all(&folder).unwrap();
        for (name, svg) in ["lines", "scatter", "heatmap", "stacked", "grouped"]
            .iter()
            .zip(&first)
        {
            std::fs::write(format!("{folder}/{name}.svg"), svg).unwrap();
        }
    }
    for (svg, words) in first.iter().zip([
        &[
            "close time (UTC)",
            "permuted signals, 5 % to 95 %",
            "2024-09",
        ][..],
        &["Pareto front", "sigmoid table", "macro-F1 on the test part"],
        &["480-128", "bits per weight"],
        &["threshold theta (%)", "validation", "HOLD", "0.75"],
        &["regulariser", "macro-F1"],
    ]) {
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert!(words.iter().all(|word| svg.contains(word)), "{words:?}");
        assert!(svg.len() < 300_000, "{}", svg.len());
    }
}

#[test]
fn names_are_escaped() {
    let mut plot = curves();
    plot.series[0].name = "a < b & c".into();
    assert!(lines(&plot).unwrap().contains("a &lt; b &amp; c"));
}

#[test]
fn what_cannot_be_drawn_is_refused_by_name() {
    let mut plot = curves();
    plot.series[1].points[3].1 = f64::NAN;
    let error = lines(&plot).unwrap_err();
    assert!(
        matches!(&error, Error::NotFinite { place, .. } if place == "signal rule with regime cap"),
        "{error}"
    );
    plot.series.clear();
    assert!(matches!(lines(&plot).unwrap_err(), Error::Empty { .. }));

    let mut plot = bits();
    plot.values[2].pop();
    let error = heatmap(&plot).unwrap_err();
    assert!(
        matches!(&error, Error::Shape { place, got: 4, want: 5, .. } if place == "64-32"),
        "{error}"
    );

    let mut plot = shares();
    plot.panels[1].series[2].values.pop();
    let error = bars(&plot).unwrap_err();
    assert!(
        matches!(&error, Error::Shape { place, got: 11, want: 12, .. } if place == "BUY"),
        "{error}"
    );

    let empty = Scatter {
        groups: vec![],
        ..trade_offs()
    };
    assert!(matches!(scatter(&empty).unwrap_err(), Error::Empty { .. }));
}

#[test]
fn a_single_value_still_has_axes() {
    let mut plot = curves();
    plot.bands.clear();
    plot.level = None;
    plot.series = vec![Series {
        name: "one".into(),
        points: vec![(0.0, 3.0)],
    }];
    let svg = lines(&plot).unwrap();
    assert!(svg.contains("<circle") && !svg.contains("NaN"));
}
