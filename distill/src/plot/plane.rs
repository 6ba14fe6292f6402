//! Two axes and their grid: from numbers to pixels.

use plotters::style::text_anchor::{HPos, VPos};

use super::Error;
use super::axis::Axis;
use super::canvas::{Canvas, Look, MARGIN, Pixel, SMALL, WIDTH, text_width};
use super::palette::{GRID, INK};
use super::ticks::Tick;

/// Pixels of a mark on an axis.
const MARK: i32 = 8;
/// Space between a mark's text and its surroundings.
const GAP: i32 = 12;
/// Fewest pixels between two marks of the upright axis.
const ROW: i32 = 70;

/// The rectangle between the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plane {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
    x: (f64, f64),
    y: (f64, f64),
}

/// Height of the text below a plane: marks and label.
pub(super) fn below() -> i32 {
    MARK + GAP + 2 * SMALL + GAP + MARGIN
}

impl Plane {
    /// Draws axes between `top` and `bottom` and returns what lies between them.
    pub(super) fn draw(
        canvas: &Canvas<'_>,
        (top, bottom): (i32, i32),
        (x_axis, x): (&Axis, (f64, f64)),
        (y_axis, y): (&Axis, (f64, f64)),
    ) -> Result<Self, Error> {
        let rows = y_axis.ticks(y, ((bottom - top) / ROW).max(2) as usize);
        let plane = Self {
            left: Self::left(&rows),
            right: WIDTH - MARGIN - SMALL,
            top,
            bottom,
            x,
            y,
        };
        plane.rows(canvas, &rows, &y_axis.label)?;
        plane.columns(canvas, x_axis)?;
        plane.edges(canvas)?;
        Ok(plane)
    }

    /// Draws the upright axis alone; the level one has unit steps from 0 to `columns`.
    pub(super) fn of_columns(
        canvas: &Canvas<'_>,
        (top, bottom): (i32, i32),
        columns: usize,
        (y_axis, y): (&Axis, (f64, f64)),
    ) -> Result<Self, Error> {
        let rows = y_axis.ticks(y, ((bottom - top) / ROW).max(2) as usize);
        let plane = Self {
            left: Self::left(&rows),
            right: WIDTH - MARGIN - SMALL,
            top,
            bottom,
            x: (0.0, columns as f64),
            y,
        };
        plane.rows(canvas, &rows, &y_axis.label)?;
        Ok(plane)
    }

    /// Room for the upright axis: its label, the widest mark.
    fn left(rows: &[Tick]) -> i32 {
        let widest = rows
            .iter()
            .map(|tick| text_width(&tick.text, SMALL))
            .max()
            .unwrap_or(0);
        MARGIN + SMALL + GAP + widest + GAP + MARK
    }

    /// The pixel of a point; beyond the range, at the edge.
    pub(super) fn at(&self, x: f64, y: f64) -> Pixel {
        let place = |value: f64, (low, high): (f64, f64), from: i32, to: i32| {
            let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
            from + (share * f64::from(to - from)).round() as i32
        };
        (
            place(x, self.x, self.left, self.right),
            place(y, self.y, self.bottom, self.top),
        )
    }

    fn rows(&self, canvas: &Canvas<'_>, ticks: &[Tick], label: &str) -> Result<(), Error> {
        for tick in ticks {
            let (_, y) = self.at(self.x.0, tick.at);
            canvas.path(vec![(self.left, y), (self.right, y)], GRID, 2)?;
            canvas.path(vec![(self.left - MARK, y), (self.left, y)], INK, 2)?;
            let look = Look::at(HPos::Right, VPos::Center);
            canvas.text(&tick.text, (self.left - MARK - GAP, y), look)?;
        }
        let look = Look {
            upright: true,
            ..Look::at(HPos::Center, VPos::Top)
        };
        canvas.text(label, (MARGIN, (self.top + self.bottom) / 2), look)
    }

    fn columns(&self, canvas: &Canvas<'_>, axis: &Axis) -> Result<(), Error> {
        // The fewer marks, the wider they may be: take the most that do not touch.
        let width = self.right - self.left;
        let fits = |ticks: &Vec<Tick>| {
            let taken = |tick: &Tick| text_width(&tick.text, SMALL) + 2 * GAP;
            ticks.windows(2).all(|pair| {
                let apart = self.at(pair[1].at, self.y.0).0 - self.at(pair[0].at, self.y.0).0;
                apart >= (taken(&pair[0]) + taken(&pair[1])) / 2
            })
        };
        let most = (width / 110).max(2) as usize;
        let ticks = (1..=most)
            .rev()
            .map(|most| axis.ticks(self.x, most))
            .find(fits)
            .unwrap_or_default();
        for tick in &ticks {
            let (x, _) = self.at(tick.at, self.y.0);
            canvas.path(vec![(x, self.top), (x, self.bottom)], GRID, 2)?;
            canvas.path(vec![(x, self.bottom), (x, self.bottom + MARK)], INK, 2)?;
            let look = Look::at(HPos::Center, VPos::Top);
            canvas.text(&tick.text, (x, self.bottom + MARK + GAP), look)?;
        }
        self.column_label(canvas, &axis.label, MARK + GAP + SMALL + GAP)
    }

    /// The level axis' label, `below` pixels under the plane.
    pub(super) fn column_label(
        &self,
        canvas: &Canvas<'_>,
        label: &str,
        below: i32,
    ) -> Result<(), Error> {
        let look = Look::at(HPos::Center, VPos::Top);
        canvas.text(
            label,
            ((self.left + self.right) / 2, self.bottom + below),
            look,
        )
    }

    /// The two axes themselves.
    pub(super) fn edges(&self, canvas: &Canvas<'_>) -> Result<(), Error> {
        let corner = (self.left, self.bottom);
        canvas.path(
            vec![(self.left, self.top), corner, (self.right, self.bottom)],
            INK,
            2,
        )
    }
}
