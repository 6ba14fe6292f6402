//! The sheet that plots are drawn on: the one place that knows the drawing library.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle, WHITE,
};

use super::Error;
use super::palette::INK;

/// Width of every plot: twice what a page shows, so that lines are fine although the library's pixels are whole.
pub(super) const WIDTH: i32 = 1_600;
/// Space left empty around everything.
pub(super) const MARGIN: i32 = 28;
/// Height of small text.
pub(super) const SMALL: i32 = 25;
/// Height of the title.
pub(super) const LARGE: i32 = 32;
/// Where the title ends.
pub(super) const TITLE_BOTTOM: i32 = MARGIN + LARGE + 14;

/// The library writes a font size divided by this.
const FONT_FACTOR: f64 = 1.24;

/// A pixel, from the top left.
pub(super) type Pixel = (i32, i32);

/// How text is placed and coloured.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub horizontal: HPos,
    pub vertical: VPos,
    pub colour: RGBColor,
    pub size: i32,
    pub bold: bool,
    /// Read from below.
    pub upright: bool,
}

impl Look {
    /// Small ink at an anchor.
    pub(super) fn at(horizontal: HPos, vertical: VPos) -> Self {
        Self {
            horizontal,
            vertical,
            colour: INK,
            size: SMALL,
            bold: false,
            upright: false,
        }
    }
}

/// Pixels that a text takes, about: fonts differ, so a little more than most.
pub(super) fn text_width(text: &str, size: i32) -> i32 {
    text.chars().count() as i32 * size * 29 / 50
}

/// An empty sheet with a title.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    title: &'a str,
}

/// The SVG text of what `paint` puts on a sheet of [`WIDTH`] by `height`.
pub(super) fn svg(
    title: &str,
    height: i32,
    paint: impl FnOnce(&Canvas<'_>) -> Result<(), Error>,
) -> Result<String, Error> {
    let mut text = String::new();
    {
        let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
        let canvas = Canvas {
            area: SVGBackend::with_string(&mut text, size).into_drawing_area(),
            title,
        };
        canvas
            .area
            .fill(&WHITE)
            .map_err(|error| canvas.refused(&error))?;
        let look = Look {
            size: LARGE,
            bold: true,
            ..Look::at(HPos::Left, VPos::Top)
        };
        canvas.text(title, (MARGIN, MARGIN), look)?;
        paint(&canvas)?;
        canvas
            .area
            .present()
            .map_err(|error| canvas.refused(&error))?;
    }
    Ok(text)
}

impl<'a> Canvas<'a> {
    fn refused(&self, reason: &dyn std::fmt::Display) -> Error {
        Error::Draw {
            plot: self.title.to_owned(),
            reason: reason.to_string(),
        }
    }

    fn draw<E>(&self, element: &E) -> Result<(), Error>
    where
        for<'e> &'e E: PointCollection<'e, Pixel>,
        E: Drawable<SVGBackend<'a>>,
    {
        self.area
            .draw(element)
            .map_err(|error| self.refused(&error))
    }

    /// A line through points.
    pub(super) fn path(
        &self,
        points: Vec<Pixel>,
        colour: RGBColor,
        width: u32,
    ) -> Result<(), Error> {
        self.draw(&PathElement::new(points, colour.stroke_width(width)))
    }

    /// A dashed straight line, level or upright.
    pub(super) fn dashes(&self, from: Pixel, to: Pixel, colour: RGBColor) -> Result<(), Error> {
        const DASH: i32 = 10;
        let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
        let at = |place: i32| {
            let along = |from: i32, to: i32| from + (to - from).signum() * place.min(length);
            (along(from.0, to.0), along(from.1, to.1))
        };
        (0..length)
            .step_by(2 * DASH as usize)
            .try_for_each(|start| self.path(vec![at(start), at(start + DASH)], colour, 2))
    }

    /// A filled rectangle.
    pub(super) fn block(&self, from: Pixel, to: Pixel, colour: RGBColor) -> Result<(), Error> {
        self.draw(&Rectangle::new([from, to], colour.filled()))
    }

    /// A filled polygon that lets the ground shine through.
    pub(super) fn veil(&self, points: Vec<Pixel>, colour: RGBColor) -> Result<(), Error> {
        self.draw(&Polygon::new(points, colour.mix(0.2)))
    }

    /// A filled disc with a white edge.
    pub(super) fn disc(&self, centre: Pixel, radius: i32, colour: RGBColor) -> Result<(), Error> {
        self.draw(&Circle::new(
            centre,
            radius + 2,
            ShapeStyle::from(WHITE).filled(),
        ))?;
        self.draw(&Circle::new(centre, radius, colour.filled()))
    }

    /// Text at an anchor.
    pub(super) fn text(&self, text: &str, at: Pixel, look: Look) -> Result<(), Error> {
        let mut font = ("sans-serif", f64::from(look.size) * FONT_FACTOR).into_font();
        if look.bold {
            font = font.style(FontStyle::Bold);
        }
        if look.upright {
            font = font.transform(FontTransform::Rotate270);
        }
        let style = TextStyle::from(font)
            .color(&look.colour)
            .pos(Pos::new(look.horizontal, look.vertical));
        self.area
            .draw_text(text, &style, at)
            .map_err(|error| self.refused(&error))
    }
}
