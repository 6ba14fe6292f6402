//! Colours.

use plotters::style::RGBColor;

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xE3, 0xE3, 0xE3);
/// Helping lines such as a Pareto front.
pub(super) const GUIDE: RGBColor = RGBColor(0x80, 0x80, 0x80);

/// Okabe and Ito's colours without black and yellow, which is too pale for lines.
const SERIES: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0x44, 0x44, 0x44),
];

/// The colour of a series; they repeat after the seventh.
pub(super) fn series(index: usize) -> RGBColor {
    SERIES[index % SERIES.len()]
}

/// From pale to dark, by a share from 0 to 1: a single hue, so that more is darker in print, too.
pub(super) fn ramp(share: f64) -> RGBColor {
    const STOPS: [(f64, f64, f64); 3] = [
        (0xF4 as f64, 0xF8 as f64, 0xFC as f64),
        (0x5A as f64, 0xA5 as f64, 0xCF as f64),
        (0x08 as f64, 0x30 as f64, 0x6B as f64),
    ];
    let share = share.clamp(0.0, 1.0) * 2.0;
    let (from, to, part) = if share < 1.0 {
        (STOPS[0], STOPS[1], share)
    } else {
        (STOPS[1], STOPS[2], share - 1.0)
    };
    let mix = |a: f64, b: f64| (a + (b - a) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Whether text on this ground must be white.
pub(super) fn is_dark(colour: RGBColor) -> bool {
    let RGBColor(red, green, blue) = colour;
    299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) < 140_000
}
