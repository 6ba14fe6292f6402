//! Hit rates over the share of smaller margins: margins themselves spread over orders of magnitude.

use crate::plot::{Axis, Lines, Series};

use super::{Bin, Calibration, Transfer};

pub(super) fn of(calibration: &Calibration) -> Lines {
    let all = [
        ("all classes", points(&calibration.bins, |bin| bin.hit_rate)),
        (
            "all classes, smoothed",
            points(&calibration.bins, |bin| bin.smoothed),
        ),
    ];
    let series = |(name, points): (&str, Vec<(f64, f64)>)| Series {
        name: name.to_owned(),
        points,
    };
    let classes = calibration
        .classes
        .iter()
        .filter(|class| !class.bins.is_empty())
        .map(|class| Series {
            name: class.class.clone(),
            points: points(&class.bins, |bin| bin.hit_rate),
        });
    Lines {
        title: format!("Hit rate by margin: {}", calibration.subject),
        x: Axis::numbers("answers with a smaller margin (%), middle of each tenth")
            .within(0.0, 100.0),
        y: Axis::numbers("right answers (%)"),
        bands: Vec::new(),
        series: all.into_iter().map(series).chain(classes).collect(),
        level: Some(calibration.hit_rate * 100.0),
    }
}

pub(super) fn of_transfer(transfer: &Transfer) -> Lines {
    let tenths = &transfer.fitted.bins;
    let places = points(tenths, |bin| bin.smoothed);
    let measured = places.iter().zip(&transfer.bins);
    let measured = measured
        .filter(|(_, bin)| bin.count > 0)
        .map(|(&(place, _), bin)| (place, bin.hit_rate * 100.0));
    let series = |name: &str, points: Vec<(f64, f64)>| Series {
        name: name.to_owned(),
        points,
    };
    Lines {
        title: format!("Hit rate by margin: {}", transfer.model),
        x: Axis::numbers("fitted answers with a smaller margin (%), middle of each tenth")
            .within(0.0, 100.0),
        y: Axis::numbers("right answers (%)"),
        bands: Vec::new(),
        series: vec![
            series("fitted", points(tenths, |bin| bin.hit_rate)),
            series("expected (fitted, smoothed)", places.clone()),
            series("measured on the other part", measured.collect()),
        ],
        level: Some(transfer.measured.hit_rate * 100.0),
    }
}

fn points(bins: &[Bin], rate: fn(&Bin) -> f64) -> Vec<(f64, f64)> {
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    let mut before = 0;
    bins.iter()
        .map(|bin| {
            let middle = (before as f64 + bin.count as f64 / 2.0) / total.max(1) as f64;
            before += bin.count;
            (middle * 100.0, rate(bin) * 100.0)
        })
        .collect()
}
