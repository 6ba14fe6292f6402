//! Rows by columns of numbers, each a coloured cell.

use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{RGBColor, WHITE};

use super::Error;
use super::canvas::{Canvas, Look, MARGIN, SMALL, TITLE_BOTTOM, WIDTH, svg, text_width};
use super::error::{as_many, finite};
use super::palette::{INK, is_dark, ramp};
use super::ticks::number;

const CELL: i32 = 84;
const BAR: i32 = 36;
const STEPS: i32 = 64;

/// A heat map.
#[derive(Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// What the plot shows.
    pub title: String,
    /// What the columns are, with the unit.
    pub x: String,
    /// What the rows are.
    pub y: String,
    /// What the cells hold, with the unit.
    pub value: String,
    /// One label per column.
    pub columns: Vec<String>,
    /// One label per row, from the top.
    pub rows: Vec<String>,
    /// `values[row][column]`; a cell without a number stays white.
    pub values: Vec<Vec<Option<f64>>>,
    /// Decimals of the numbers in the cells.
    pub decimals: usize,
}

/// The plot as SVG text.
///
/// # Errors
/// [`Error::Empty`] without a number, [`Error::NotFinite`] or [`Error::Shape`] naming the row.
pub fn heatmap(plot: &Heatmap) -> Result<String, Error> {
    check(plot)?;
    let numbers = plot.values.iter().flatten().flatten();
    let (low, high) = numbers.fold((f64::MAX, f64::MIN), |(low, high), &value| {
        (low.min(value), high.max(value))
    });
    let share = |value: f64| {
        if high > low {
            (value - low) / (high - low)
        } else {
            0.5
        }
    };
    let widest = |labels: &[String]| {
        let widths = labels.iter().map(|label| text_width(label, SMALL));
        widths.max().unwrap_or(0)
    };
    let ends = [low, high].map(|end| number(end, plot.decimals));
    let left = MARGIN + 2 * SMALL + widest(&plot.rows) + 16;
    let right = WIDTH - MARGIN - widest(&ends) - BAR - 3 * SMALL - SMALL;
    let top = TITLE_BOTTOM + SMALL;
    let bottom = top + CELL * plot.rows.len() as i32;
    let cell = (right - left) / plot.columns.len().max(1) as i32;
    let right = left + cell * plot.columns.len() as i32;
    let upright = widest(&plot.columns) > cell - 8;
    let labels = if upright {
        widest(&plot.columns)
    } else {
        SMALL
    };
    let height = bottom + 16 + labels + 16 + SMALL + MARGIN;
    svg(&plot.title, height, |canvas| {
        for (row, (label, values)) in (0i32..).zip(plot.rows.iter().zip(&plot.values)) {
            let y = top + row * CELL;
            let look = Look::at(HPos::Right, VPos::Center);
            canvas.text(label, (left - 16, y + CELL / 2), look)?;
            for (column, value) in (0i32..).zip(values) {
                let Some(value) = *value else { continue };
                let x = left + column * cell;
                let colour = ramp(share(value));
                canvas.block((x + 1, y + 1), (x + cell - 1, y + CELL - 1), colour)?;
                let text = number(value, plot.decimals);
                if text_width(&text, SMALL) < cell - 4 {
                    let look = Look {
                        colour: on(colour),
                        ..Look::at(HPos::Center, VPos::Center)
                    };
                    canvas.text(&text, (x + cell / 2, y + CELL / 2), look)?;
                }
            }
        }
        for (column, label) in (0i32..).zip(&plot.columns) {
            let x = left + column * cell + cell / 2;
            if upright {
                let look = Look {
                    upright: true,
                    ..Look::at(HPos::Right, VPos::Center)
                };
                canvas.text(label, (x, bottom + 16), look)?;
            } else {
                canvas.text(label, (x, bottom + 16), Look::at(HPos::Center, VPos::Top))?;
            }
        }
        let below = (((left + right) / 2), bottom + 16 + labels + 16);
        canvas.text(&plot.x, below, Look::at(HPos::Center, VPos::Top))?;
        let beside = Look {
            upright: true,
            ..Look::at(HPos::Center, VPos::Top)
        };
        canvas.text(&plot.y, (MARGIN, (top + bottom) / 2), beside)?;
        scale_bar(canvas, (right + 2 * SMALL, top, bottom), &ends, &plot.value)
    })
}

/// The colours with the numbers at their ends.
fn scale_bar(
    canvas: &Canvas<'_>,
    (left, top, bottom): (i32, i32, i32),
    [low, high]: &[String; 2],
    label: &str,
) -> Result<(), Error> {
    let right = left + BAR;
    for step in 0..STEPS {
        let edge = |step: i32| bottom - (bottom - top) * step / STEPS;
        let colour = ramp((f64::from(step) + 0.5) / f64::from(STEPS));
        // A little over the step below, so that no seam shows.
        canvas.block((left, edge(step + 1)), (right, edge(step) + 1), colour)?;
    }
    canvas.text(high, (right + 12, top), Look::at(HPos::Left, VPos::Top))?;
    canvas.text(
        low,
        (right + 12, bottom),
        Look::at(HPos::Left, VPos::Bottom),
    )?;
    let look = Look {
        upright: true,
        ..Look::at(HPos::Center, VPos::Top)
    };
    canvas.text(label, (right + 12, (top + bottom) / 2), look)
}

fn on(ground: RGBColor) -> RGBColor {
    if is_dark(ground) { WHITE } else { INK }
}

fn check(plot: &Heatmap) -> Result<(), Error> {
    let title = &plot.title;
    if plot.values.iter().flatten().flatten().next().is_none() {
        return Err(Error::Empty {
            plot: title.clone(),
            what: "number",
        });
    }
    as_many(title, "rows", plot.values.len(), plot.rows.len())?;
    for (label, values) in plot.rows.iter().zip(&plot.values) {
        as_many(title, label, values.len(), plot.columns.len())?;
        finite(title, label, values.iter().flatten())?;
    }
    Ok(())
}
