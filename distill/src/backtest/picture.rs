//! Equity curves.

use crate::plot::{Axis, Band, Lines, Series};

use super::Report;
use super::control::Rearrangement;

pub(super) fn of(report: &Report) -> Lines {
    let start = report.settings.start_value;
    let percent = |value: f64| value / start * 100.0;
    let series = report.strategies.iter().map(|strategy| Series {
        name: strategy.rule.name().to_owned(),
        points: std::iter::once((report.from as f64, 100.0))
            .chain((strategy.days.iter()).map(|day| (day.time as f64, percent(day.value))))
            .collect(),
    });
    let column = |of: fn(&super::Range) -> f64| report.rotated.iter().map(of);
    Lines {
        title: format!("Value of the treasury ({start:.0} USD at the start), after all costs"),
        x: Axis::dates("end of the day (UTC)"),
        y: Axis::numbers("value (% of the start)"),
        bands: vec![Band {
            name: format!(
                "{}, least to most of {}",
                Rearrangement::Rotated.name(),
                report.settings.controls
            ),
            x: column(|range| range.time as f64).collect(),
            low: column(|range| range.least).map(percent).collect(),
            high: column(|range| range.most).map(percent).collect(),
        }],
        series: series.collect(),
        level: Some(100.0),
    }
}
