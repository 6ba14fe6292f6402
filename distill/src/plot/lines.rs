//! Lines over numbers or dates.

use super::Error;
use super::axis::Axis;
use super::canvas::{MARGIN, svg};
use super::error::{as_many, finite};
use super::legend::{self, Sign};
use super::palette::{GUIDE, series};
use super::plane::{Plane, below};
use super::thin::thin;

const HEIGHT: i32 = 900;

/// A line plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// What the plot shows.
    pub title: String,
    /// The level axis.
    pub x: Axis,
    /// The upright axis.
    pub y: Axis,
    /// Ranges drawn behind the lines, each in the colour of the series after the last line.
    pub bands: Vec<Band>,
    /// The lines.
    pub series: Vec<Series>,
    /// A dashed level line at this value, such as the start of an equity curve.
    pub level: Option<f64>,
}

/// A named line; a line of a single point is drawn as a dot.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Points from left to right.
    pub points: Vec<(f64, f64)>,
}

/// A named range.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Its name in the legend.
    pub name: String,
    /// Places from left to right.
    pub x: Vec<f64>,
    /// Lower end at each place.
    pub low: Vec<f64>,
    /// Upper end at each place.
    pub high: Vec<f64>,
}

/// The plot as SVG text.
///
/// # Errors
/// [`Error::Empty`] without a point, [`Error::NotFinite`] or [`Error::Shape`] naming the series.
pub fn lines(plot: &Lines) -> Result<String, Error> {
    check(plot)?;
    let points = || plot.series.iter().flat_map(|series| &series.points);
    let bands = || plot.bands.iter();
    let x = plot.x.range(
        points()
            .map(|(x, _)| x)
            .chain(bands().flat_map(|band| &band.x)),
        0.0,
    );
    let ends = bands().flat_map(|band| band.low.iter().chain(&band.high));
    let y = plot.y.range(
        points().map(|(_, y)| y).chain(ends).chain(&plot.level),
        0.04,
    );
    svg(&plot.title, HEIGHT, |canvas| {
        let colour_of_band = |index: usize| series(plot.series.len() + index);
        let mut entries: Vec<legend::Entry<'_>> = Vec::new();
        for (index, line) in plot.series.iter().enumerate() {
            entries.push((&line.name, series(index), Sign::Line));
        }
        for (index, band) in bands().enumerate() {
            entries.push((&band.name, colour_of_band(index), Sign::Veil));
        }
        let top = legend::draw(canvas, &entries)?;
        let plane = Plane::draw(canvas, (top, HEIGHT - below()), (&plot.x, x), (&plot.y, y))?;
        for (index, band) in bands().enumerate() {
            let side = |ends: &[f64]| {
                let pairs = band.x.iter().zip(ends);
                thin(pairs.map(|(&x, &y)| plane.at(x, y)))
            };
            let mut edge = side(&band.high);
            edge.extend(side(&band.low).into_iter().rev());
            canvas.veil(edge, colour_of_band(index))?;
        }
        if let Some(level) = plot.level {
            let (left, right) = (plane.at(x.0, level), plane.at(x.1, level));
            canvas.dashes(left, right, GUIDE)?;
        }
        for (index, line) in plot.series.iter().enumerate() {
            let points = thin(line.points.iter().map(|&(x, y)| plane.at(x, y)));
            match points.as_slice() {
                &[point] => canvas.disc(point, MARGIN / 4, series(index))?,
                _ => canvas.path(points, series(index), 3)?,
            }
        }
        plane.edges(canvas)
    })
}

fn check(plot: &Lines) -> Result<(), Error> {
    let title = &plot.title;
    if plot.series.iter().all(|series| series.points.is_empty()) {
        return Err(Error::Empty {
            plot: title.clone(),
            what: "series with a point",
        });
    }
    for series in &plot.series {
        let numbers = series.points.iter().flat_map(|(x, y)| [x, y]);
        finite(title, &series.name, numbers)?;
    }
    for band in &plot.bands {
        as_many(title, &band.name, band.low.len(), band.x.len())?;
        as_many(title, &band.name, band.high.len(), band.x.len())?;
        finite(
            title,
            &band.name,
            band.x.iter().chain(&band.low).chain(&band.high),
        )?;
    }
    Ok(())
}
