//! The price chart of the report: inline SVG, a line of closes and a mark per signal.

use std::fmt::Write;

use veriregime_features::{Candle, decimal::format_e8};

use super::report::RoundFacts;
use crate::utc;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 34.0;

/// Prices and times to picture coordinates.
struct Axes {
    from: f64,
    to: f64,
    low: f64,
    high: f64,
}

impl Axes {
    fn of(candles: &[Candle]) -> Self {
        let closes = || candles.iter().map(|candle| candle.close as f64);
        let (low, high) = (
            closes().fold(f64::MAX, f64::min),
            closes().fold(f64::MIN, f64::max),
        );
        let margin = ((high - low) * 0.08).max(1.0);
        let time =
            |candle: Option<&Candle>| candle.map_or(0.0, |candle| candle.close_time() as f64);
        Self {
            from: time(candles.first()),
            to: time(candles.last()),
            low: low - margin,
            high: high + margin,
        }
    }

    fn x(&self, close_time: u64) -> f64 {
        let span = (self.to - self.from).max(1.0);
        LEFT + (close_time as f64 - self.from) / span * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, price: i64) -> f64 {
        TOP + (self.high - price as f64) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)
    }
}

/// The chart; a sentence instead if there is nothing to draw.
pub(super) fn chart(candles: &[Candle], rounds: &[RoundFacts]) -> String {
    if candles.len() < 2 {
        return "<p>Too few candles for a chart.</p>".into();
    }
    let axes = Axes::of(candles);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Close prices with the signal of each round\">"
    );
    grid(&mut svg, &axes, candles);
    let points: Vec<String> = candles
        .iter()
        .map(|candle| {
            format!(
                "{:.1},{:.1}",
                axes.x(candle.close_time()),
                axes.y(candle.close)
            )
        })
        .collect();
    let _ = write!(
        svg,
        "<polyline class=\"price\" points=\"{}\"/>",
        points.join(" ")
    );
    for round in rounds {
        if let Some(candle) = candles
            .iter()
            .find(|candle| candle.close_time() == round.close_time)
        {
            mark(
                &mut svg,
                axes.x(round.close_time),
                axes.y(candle.close),
                round,
                candle.close,
            );
        }
    }
    svg + "</svg>"
}

fn grid(svg: &mut String, axes: &Axes, candles: &[Candle]) {
    for part in 0..=4 {
        let price = axes.low + (axes.high - axes.low) * f64::from(part) / 4.0;
        let y = TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - f64::from(part) / 4.0);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0,
            price / 1e8
        );
    }
    let step = (candles.len() / 6).max(1);
    for candle in candles.iter().step_by(step) {
        let time = utc::minute(candle.close_time());
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            axes.x(candle.close_time()),
            HEIGHT - 12.0,
            time.split(' ').next_back().unwrap_or(&time)
        );
    }
}

/// A triangle up for BUY, down for SELL, a dot for HOLD; the shape says it without the colour.
fn mark(svg: &mut String, x: f64, y: f64, round: &RoundFacts, price: i64) {
    let shape = match round.signal {
        "BUY" => format!("M{x:.1} {:.1} l8 14 h-16 z", y - 22.0),
        "SELL" => format!("M{x:.1} {:.1} l8 -14 h-16 z", y + 22.0),
        _ => format!("M{:.1} {y:.1} a4 4 0 1 0 8 0 a4 4 0 1 0 -8 0 z", x - 4.0),
    };
    let _ = write!(
        svg,
        "<path class=\"{}\" d=\"{shape}\"><title>round {}: {} at {} ({} UTC)</title></path>",
        round.signal.to_lowercase(),
        round.round,
        round.signal,
        format_e8(price),
        utc::minute(round.close_time)
    );
}
