//! How to spend memory on precomputed multiples.
//!
//! A commitment to n scalars with digits of c bits takes, in affine additions of six field
//! multiplications each, about
//!
//! ```text
//! 2 n w + 4 s 2^(c-1)      w = floor(127 / c) + 1 digits per half scalar, s = ceil(w / levels)
//! ```
//!
//! the first term to fill the buckets, the second to weigh them. A table of `levels` multiples per
//! point takes 64 n levels bytes; with levels = w all digits share one set of buckets per half.

use super::scalar::digits;

/// Bytes of an affine point.
const POINT_BYTES: usize = 64;
/// Widths that are considered: narrower never pays, wider does not fit the caches.
const WIDTHS: std::ops::RangeInclusive<u32> = 4..=16;

/// Digit width and table size for one basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Bits per digit.
    pub width: u32,
    /// Multiples stored per point: 2^(width stride j) P for j below this.
    pub levels: u32,
    /// Digits between two stored multiples; that many sets of buckets per half.
    pub stride: u32,
}

impl Plan {
    /// The cheapest plan for `points` points whose table takes at most `budget` bytes, `None` if
    /// not even one level fits.
    pub fn choose(points: usize, budget: usize) -> Option<Self> {
        WIDTHS
            .filter_map(|width| Self::with_width(points, budget, width))
            .min_by_key(|plan| plan.additions(points))
    }

    /// The plan for a given digit width, `None` unless it is 2 to 20 and one level fits.
    pub fn with_width(points: usize, budget: usize, width: u32) -> Option<Self> {
        if !(2..=20).contains(&width) {
            return None;
        }
        let affordable = budget / POINT_BYTES / points.max(1);
        let wanted = digits(width);
        let levels = wanted.min(u32::try_from(affordable).unwrap_or(u32::MAX));
        // Entries of the sorted digit lists are 32-bit table indices.
        if levels == 0 || points.checked_mul(wanted as usize)? > u32::MAX as usize {
            return None;
        }
        let stride = wanted.div_ceil(levels);
        Some(Self {
            width,
            levels: wanted.div_ceil(stride),
            stride,
        })
    }

    /// Affine additions for full-size scalars.
    pub fn additions(&self, points: usize) -> usize {
        2 * points * digits(self.width) as usize + 4 * self.stride as usize * self.buckets()
    }

    /// Buckets per set: one for each absolute value of a digit.
    pub fn buckets(&self) -> usize {
        1 << (self.width - 1)
    }

    /// Bytes of a table for `points` points.
    pub fn bytes(&self, points: usize) -> usize {
        points * self.levels as usize * POINT_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choose_stays_within_budget_and_gets_cheaper_with_it() {
        for k in 4..=16 {
            let points = 1 << k;
            let mut last = usize::MAX;
            for levels in [1, 2, 3, 5, 8, 32] {
                let budget = points * POINT_BYTES * levels;
                let plan = Plan::choose(points, budget).unwrap();
                assert!(plan.bytes(points) <= budget);
                assert!(plan.levels * plan.stride >= digits(plan.width));
                assert!(plan.additions(points) <= last);
                last = plan.additions(points);
            }
            assert_eq!(Plan::choose(points, points * POINT_BYTES - 1), None);
            assert_eq!(Plan::with_width(points, usize::MAX, 1), None);
        }
    }
}
