//! Fewer points than a line has, without a visible difference.

use super::canvas::Pixel;

/// Width of a column, in pixels: less than a line's.
const COLUMN: i32 = 3;

/// Keeps of each column the first, the highest, the lowest and the last point, in their order.
pub(super) fn thin(points: impl Iterator<Item = Pixel>) -> Vec<Pixel> {
    let mut kept: Vec<Pixel> = Vec::new();
    let mut column: Vec<Pixel> = Vec::new();
    for point in points {
        if column
            .first()
            .is_some_and(|first| first.0 / COLUMN != point.0 / COLUMN)
        {
            flush(&mut column, &mut kept);
        }
        column.push(point);
    }
    flush(&mut column, &mut kept);
    kept
}

fn flush(column: &mut Vec<Pixel>, kept: &mut Vec<Pixel>) {
    let last = column.len().saturating_sub(1);
    let extreme = |better: fn(i32, i32) -> bool| {
        column.iter().enumerate().fold(0, |best, (index, point)| {
            if better(point.1, column[best].1) {
                index
            } else {
                best
            }
        })
    };
    let mut places = vec![0, extreme(|a, b| a < b), extreme(|a, b| a > b), last];
    places.sort_unstable();
    places.dedup();
    kept.extend(places.into_iter().filter_map(|place| column.get(place)));
    column.clear();
}

#[cfg(test)]
mod tests {
    use super::thin;

    #[test]
    fn thin_keeps_first_extremes_and_last_of_a_column() {
        let points = [(0, 5), (0, 6), (0, 1), (0, 7), (2, 2), (3, 3), (6, 4)];
        assert_eq!(
            thin(points.into_iter()),
            [(0, 5), (0, 1), (0, 7), (2, 2), (3, 3), (6, 4)]
        );
        assert_eq!(thin(std::iter::empty()), []);
    }
}
