//! Points that no other point beats in both directions.

/// Which end of an axis is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Small numbers.
    Small,
    /// Large numbers.
    Large,
}

impl Better {
    fn key(self, value: f64) -> f64 {
        match self {
            Self::Small => value,
            Self::Large => -value,
        }
    }
}

/// What is better on both axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    /// On the level axis.
    pub x: Better,
    /// On the upright axis.
    pub y: Better,
}

impl Front {
    /// The points that no other point beats in both directions, from the best on the level axis on; of equal points, one.
    #[must_use]
    pub fn of(&self, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let key = |point: &(f64, f64)| (self.x.key(point.0), self.y.key(point.1));
        let mut sorted = points.to_vec();
        sorted.sort_by(|a, b| {
            let (a, b) = (key(a), key(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let mut best = f64::INFINITY;
        sorted.retain(|point| {
            let better = key(point).1 < best;
            best = best.min(key(point).1);
            better
        });
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::{Better, Front};

    #[test]
    fn front_has_exactly_the_points_that_nothing_beats() {
        let front = Front {
            x: Better::Small,
            y: Better::Large,
        };
        let points = [
            (3.0, 5.0),
            (1.0, 1.0),
            (2.0, 4.0),
            (2.0, 3.0),
            (4.0, 5.0),
            (2.5, 0.5),
        ];
        assert_eq!(front.of(&points), [(1.0, 1.0), (2.0, 4.0), (3.0, 5.0)]);
        for point in points {
            let beaten = points
                .iter()
                .any(|other| other != &point && other.0 <= point.0 && other.1 >= point.1);
            assert_eq!(!beaten, front.of(&points).contains(&point), "{point:?}");
        }
    }
}
