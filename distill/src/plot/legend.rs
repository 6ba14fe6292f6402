//! The legend: above the data, in as many rows as it needs.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::Error;
use super::canvas::{Canvas, Look, MARGIN, SMALL, TITLE_BOTTOM, WIDTH, text_width};

/// What stands before a name.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    /// A stroke.
    Line,
    /// A pale stripe.
    Veil,
    /// A square.
    Block,
    /// A disc.
    Disc,
}

/// Name, colour and sign of an entry.
pub(super) type Entry<'a> = (&'a str, RGBColor, Sign);

const SIGN: i32 = 44;
const SPACE: i32 = 36;
const ROW: i32 = SMALL + 14;

/// Draws the entries below the title; returns where the data may begin. A single entry says nothing and is left out.
pub(super) fn draw(canvas: &Canvas<'_>, entries: &[Entry<'_>]) -> Result<i32, Error> {
    if entries.len() < 2 {
        return Ok(TITLE_BOTTOM + SMALL);
    }
    let (mut x, mut y) = (MARGIN, TITLE_BOTTOM);
    for &(name, colour, sign) in entries {
        let width = SIGN + text_width(name, SMALL);
        if x + width > WIDTH - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + ROW);
        }
        let middle = y + SMALL / 2;
        match sign {
            Sign::Line => canvas.path(vec![(x, middle), (x + SIGN - 12, middle)], colour, 5)?,
            Sign::Veil => {
                let (top, bottom) = (middle - 10, middle + 10);
                let (left, right) = (x, x + SIGN - 12);
                let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
                canvas.veil(corners, colour)?;
            }
            Sign::Block => canvas.block((x + 8, middle - 12), (x + 32, middle + 12), colour)?,
            Sign::Disc => canvas.disc((x + 20, middle), 9, colour)?,
        }
        canvas.text(name, (x + SIGN, middle), Look::at(HPos::Left, VPos::Center))?;
        x += width + SPACE;
    }
    Ok(y + ROW + SMALL)
}
