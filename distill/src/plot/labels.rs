//! Places for labels beside their points: off the points, off each other, inside the plane.

use super::canvas::{Pixel, SMALL, text_width};
use super::plane::Plane;

const OFF: i32 = 16;

/// Left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area(i32, i32, i32, i32);

impl Area {
    /// Pixels shared with another.
    fn overlap(self, other: Self) -> i64 {
        let along = |a: i32, b: i32, c: i32, d: i32| i64::from((b.min(d) - a.max(c)).max(0));
        along(self.0, self.2, other.0, other.2) * along(self.1, self.3, other.1, other.3)
    }

    /// Pixels outside of the plane.
    fn outside(self, plane: &Plane) -> i64 {
        let whole = i64::from(self.2 - self.0) * i64::from(self.3 - self.1);
        whole - self.overlap(Self(plane.left, plane.top, plane.right, plane.bottom))
    }
}

/// The top left of each label, greedily: the first of eight places around its point that is free, else the freest.
///
/// `line` is a stair of level and upright strokes that labels keep off, too.
pub(super) fn place(plane: &Plane, points: &[(Pixel, &str)], line: &[Pixel]) -> Vec<Pixel> {
    let dots: Vec<Area> = points
        .iter()
        .map(|&((x, y), _)| Area(x - 11, y - 11, x + 11, y + 11))
        .collect();
    let strokes: Vec<Area> = line
        .windows(2)
        .map(|ends| {
            let (from, to) = (ends[0], ends[1]);
            let (left, right) = (from.0.min(to.0), from.0.max(to.0));
            let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
            Area(left - 2, top - 2, right + 2, bottom + 2)
        })
        .collect();
    let mut taken: Vec<Area> = Vec::new();
    points
        .iter()
        .map(|&((x, y), text)| {
            let (width, height) = (text_width(text, SMALL), SMALL);
            let places = [
                (x + OFF, y - height / 2),
                (x - OFF - width, y - height / 2),
                (x - width / 2, y - OFF - height),
                (x - width / 2, y + OFF),
                (x + OFF / 2, y - OFF - height),
                (x + OFF / 2, y + OFF),
                (x - OFF / 2 - width, y - OFF - height),
                (x - OFF / 2 - width, y + OFF),
            ];
            let area = |&(left, top): &Pixel| Area(left, top, left + width, top + height);
            let cost = |place: &Pixel| {
                let area = area(place);
                let covered: i64 = taken
                    .iter()
                    .chain(&dots)
                    .chain(&strokes)
                    .map(|other| area.overlap(*other))
                    .sum();
                covered + 4 * area.outside(plane)
            };
            // The first of the least: `min_by_key` keeps the earlier of equals.
            let best = places.into_iter().min_by_key(cost).unwrap_or((x, y));
            taken.push(area(&best));
            best
        })
        .collect()
}
