//! Labelled points, with the Pareto front if wanted.

use plotters::style::text_anchor::{HPos, VPos};

use super::Error;
use super::axis::Axis;
use super::canvas::{Look, svg};
use super::error::finite;
use super::labels::place;
use super::legend::{self, Sign};
use super::palette::{GUIDE, series};
use super::pareto::Front;
use super::plane::{Plane, below};

const HEIGHT: i32 = 900;

/// A scatter plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// What the plot shows.
    pub title: String,
    /// The level axis.
    pub x: Axis,
    /// The upright axis.
    pub y: Axis,
    /// The points by kind, a colour each.
    pub groups: Vec<Group>,
    /// Draws the points that no other beats as a stair.
    pub front: Option<Front>,
}

/// Points of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name in the legend.
    pub name: String,
    /// Its points.
    pub points: Vec<Point>,
}

/// A point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Place on the level axis.
    pub x: f64,
    /// Place on the upright axis.
    pub y: f64,
    /// Text beside it; may be empty.
    pub label: String,
}

/// The plot as SVG text.
///
/// # Errors
/// [`Error::Empty`] without a point, [`Error::NotFinite`] naming the point.
pub fn scatter(plot: &Scatter) -> Result<String, Error> {
    let points: Vec<(usize, &Point)> = plot
        .groups
        .iter()
        .enumerate()
        .flat_map(|(index, group)| group.points.iter().map(move |point| (index, point)))
        .collect();
    if points.is_empty() {
        return Err(Error::Empty {
            plot: plot.title.clone(),
            what: "point",
        });
    }
    for (_, point) in &points {
        finite(
            &plot.title,
            &format!("point {:?}", point.label),
            [&point.x, &point.y],
        )?;
    }
    let x = plot.x.range(points.iter().map(|(_, point)| &point.x), 0.08);
    let y = plot.y.range(points.iter().map(|(_, point)| &point.y), 0.08);
    svg(&plot.title, HEIGHT, |canvas| {
        let mut entries: Vec<legend::Entry<'_>> = plot
            .groups
            .iter()
            .enumerate()
            .map(|(index, group)| (group.name.as_str(), series(index), Sign::Disc))
            .collect();
        if plot.front.is_some() {
            entries.push(("Pareto front", GUIDE, Sign::Line));
        }
        let top = legend::draw(canvas, &entries)?;
        let plane = Plane::draw(canvas, (top, HEIGHT - below()), (&plot.x, x), (&plot.y, y))?;
        let mut stair = Vec::new();
        if let Some(front) = plot.front {
            let all: Vec<(f64, f64)> = points.iter().map(|(_, point)| (point.x, point.y)).collect();
            for (x, y) in front.of(&all) {
                let (across, up) = plane.at(x, y);
                // What is worse on the level axis than the last point is reached at that point's height.
                if let Some(&(_, before)) = stair.last() {
                    stair.push((across, before));
                }
                stair.push((across, up));
            }
            canvas.path(stair.clone(), GUIDE, 3)?;
        }
        let pixels: Vec<((i32, i32), &str)> = points
            .iter()
            .map(|(_, point)| (plane.at(point.x, point.y), point.label.as_str()))
            .collect();
        for (&(group, _), &(pixel, _)) in points.iter().zip(&pixels) {
            canvas.disc(pixel, 9, series(group))?;
        }
        for (at, &(_, label)) in place(&plane, &pixels, &stair).into_iter().zip(&pixels) {
            if !label.is_empty() {
                canvas.text(label, at, Look::at(HPos::Left, VPos::Top))?;
            }
        }
        Ok(())
    })
}
