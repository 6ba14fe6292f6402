//! Bars side by side or on top of each other, in panels that share their categories.

use plotters::style::text_anchor::{HPos, VPos};

use super::Error;
use super::axis::Axis;
use super::canvas::{Canvas, Look, MARGIN, SMALL, WIDTH, svg, text_width};
use super::error::{as_many, finite};
use super::legend::{self, Sign};
use super::palette::{INK, series};
use super::plane::Plane;

/// Heights of the part between the axes: of a single panel and of one among several.
const SINGLE: i32 = 620;
const SEVERAL: i32 = 300;
/// Height of a panel's name.
const HEADING: i32 = SMALL + 12;
/// Between two panels.
const BETWEEN: i32 = SMALL;
/// Between the level axis and what stands below it.
const GAP: i32 = 14;

/// A bar plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What the plot shows.
    pub title: String,
    /// What the categories are, with the unit.
    pub x: String,
    /// The upright axis; it begins at 0 unless a range is set.
    pub y: Axis,
    /// One label per group of bars.
    pub categories: Vec<String>,
    /// One below the other, with the same names of series in the same order.
    pub panels: Vec<Panel>,
    /// On top of each other instead of side by side.
    pub stacked: bool,
}

/// One part of a bar plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Its heading; may be empty.
    pub name: String,
    /// Its series, a colour each.
    pub series: Vec<BarSeries>,
}

/// Bars of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct BarSeries {
    /// Its name in the legend.
    pub name: String,
    /// One value per category.
    pub values: Vec<f64>,
    /// Half the length of the error bar of each value, or none.
    pub errors: Option<Vec<f64>>,
}

/// The plot as SVG text.
///
/// # Errors
/// [`Error::Empty`] without a bar, [`Error::NotFinite`] or [`Error::Shape`] naming the series.
pub fn bars(plot: &Bars) -> Result<String, Error> {
    check(plot)?;
    let range = plot.y.range(extremes(plot).iter(), 0.0);
    let panel = if plot.panels.len() == 1 {
        SINGLE
    } else {
        SEVERAL
    };
    let slot = (WIDTH * 9 / 10) / plot.categories.len() as i32;
    let words: Vec<Vec<String>> = plot
        .categories
        .iter()
        .map(|label| wrap(label, slot))
        .collect();
    let widest = |lines: &Vec<String>| {
        let widths = lines.iter().map(|line| text_width(line, SMALL));
        widths.max().unwrap_or(0)
    };
    let upright = words.iter().map(widest).max().unwrap_or(0) > slot;
    let labels = if upright {
        let widths = plot.categories.iter().map(|label| text_width(label, SMALL));
        widths.max().unwrap_or(0)
    } else {
        let most = words.iter().map(Vec::len).max().unwrap_or(1);
        most as i32 * (SMALL + 6)
    };
    // The legend's height is known only when it is drawn: it grows the sheet by rows of names.
    let names: Vec<legend::Entry<'_>> = plot.panels.first().map_or_else(Vec::new, |panel| {
        let series_of = panel.series.iter().enumerate();
        series_of
            .map(|(index, bars)| (bars.name.as_str(), series(index), Sign::Block))
            .collect()
    });
    let count = plot.panels.len() as i32;
    let named = plot.panels.iter().filter(|panel| !panel.name.is_empty());
    let body = count * panel + (count - 1) * BETWEEN + named.count() as i32 * HEADING;
    let below = GAP + labels + GAP + SMALL + MARGIN;
    let height = legend_bottom(plot, &names)? + body + below;
    svg(&plot.title, height, |canvas| {
        let mut top = legend::draw(canvas, &names)?;
        for (index, part) in plot.panels.iter().enumerate() {
            if !part.name.is_empty() {
                let look = Look {
                    bold: true,
                    ..Look::at(HPos::Left, VPos::Top)
                };
                canvas.text(&part.name, (MARGIN + 4 * SMALL, top), look)?;
                top += HEADING;
            }
            let plane = Plane::of_columns(
                canvas,
                (top, top + panel),
                plot.categories.len(),
                (&plot.y, range),
            )?;
            fill(canvas, &plane, part, plot.stacked)?;
            plane.edges(canvas)?;
            if index + 1 == plot.panels.len() {
                categories(canvas, &plane, plot, &words, upright)?;
                plane.column_label(canvas, &plot.x, GAP + labels + GAP)?;
            }
            top += panel + BETWEEN;
        }
        Ok(())
    })
}

/// Where the legend ends, found by drawing it on a sheet that is thrown away.
fn legend_bottom(plot: &Bars, names: &[legend::Entry<'_>]) -> Result<i32, Error> {
    let mut bottom = 0;
    svg(&plot.title, SINGLE, |canvas| {
        bottom = legend::draw(canvas, names)?;
        Ok(())
    })?;
    Ok(bottom)
}

/// Ends of all bars and error bars, and 0.
fn extremes(plot: &Bars) -> Vec<f64> {
    let mut ends = vec![0.0];
    for panel in &plot.panels {
        if plot.stacked {
            ends.extend((0..plot.categories.len()).map(|category| {
                let values = panel
                    .series
                    .iter()
                    .filter_map(|bars| bars.values.get(category));
                values.sum::<f64>()
            }));
            continue;
        }
        for bars in &panel.series {
            let errors = bars
                .errors
                .clone()
                .unwrap_or_else(|| vec![0.0; bars.values.len()]);
            for (value, error) in bars.values.iter().zip(errors) {
                ends.extend([value - error, value + error]);
            }
        }
    }
    ends
}

fn fill(canvas: &Canvas<'_>, plane: &Plane, panel: &Panel, stacked: bool) -> Result<(), Error> {
    let lanes = if stacked { 1 } else { panel.series.len() };
    let width = 0.72 / lanes as f64;
    let categories = panel.series.first().map_or(0, |bars| bars.values.len());
    for category in 0..categories {
        let mut base = 0.0;
        for (index, bars) in panel.series.iter().enumerate() {
            let value = bars.values.get(category).copied().unwrap_or(0.0);
            let lane = if stacked { 0 } else { index };
            let left = category as f64 + 0.14 + lane as f64 * width;
            let (from, to) = (plane.at(left, base), plane.at(left + width, base + value));
            let right = if stacked { to.0 } else { to.0 - 2 };
            let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
            canvas.block((from.0, top), (right, bottom), series(index))?;
            let error = bars.errors.as_ref().and_then(|errors| errors.get(category));
            if let Some(error) = error.filter(|error| !stacked && **error > 0.0) {
                let middle = (from.0 + right) / 2;
                let (_, high) = plane.at(left, value + error);
                let (_, low) = plane.at(left, value - error);
                canvas.path(vec![(middle, high), (middle, low)], INK, 3)?;
                for end in [high, low] {
                    canvas.path(vec![(middle - 9, end), (middle + 9, end)], INK, 3)?;
                }
            }
            if stacked {
                base += value;
            }
        }
    }
    Ok(())
}

fn categories(
    canvas: &Canvas<'_>,
    plane: &Plane,
    plot: &Bars,
    words: &[Vec<String>],
    upright: bool,
) -> Result<(), Error> {
    for (index, (label, lines)) in plot.categories.iter().zip(words).enumerate() {
        let (x, _) = plane.at(index as f64 + 0.5, 0.0);
        let top = plane.bottom + GAP;
        if upright {
            let look = Look {
                upright: true,
                ..Look::at(HPos::Right, VPos::Center)
            };
            canvas.text(label, (x, top), look)?;
            continue;
        }
        for (line, text) in (0i32..).zip(lines) {
            let look = Look::at(HPos::Center, VPos::Top);
            canvas.text(text, (x, top + line * (SMALL + 6)), look)?;
        }
    }
    Ok(())
}

/// A label in lines that fit the width, broken at spaces only.
fn wrap(label: &str, width: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in label.split(' ') {
        match lines.last_mut() {
            Some(line) if text_width(line, SMALL) + text_width(word, SMALL) + SMALL < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn check(plot: &Bars) -> Result<(), Error> {
    let title = &plot.title;
    let series = || plot.panels.iter().flat_map(|panel| &panel.series);
    if plot.categories.is_empty() || series().next().is_none() {
        return Err(Error::Empty {
            plot: title.clone(),
            what: "series with a bar",
        });
    }
    for bars in series() {
        as_many(title, &bars.name, bars.values.len(), plot.categories.len())?;
        finite(title, &bars.name, &bars.values)?;
        if let Some(errors) = &bars.errors {
            as_many(title, &bars.name, errors.len(), plot.categories.len())?;
            finite(title, &bars.name, errors)?;
        }
    }
    Ok(())
}
