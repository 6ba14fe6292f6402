//! The digits of a chunk of scalars, sorted by bucket.

use super::{
    plan::Plan,
    scalar::{Halves, for_each_digit},
};

/// Which points go into which bucket, for one half of some of the scalars.
#[derive(Debug)]
pub struct Sorted {
    /// Bucket b adds the entries from `starts[2 b]` and subtracts those from `starts[2 b + 1]` on.
    starts: Vec<u32>,
    /// Indices into the table.
    entries: Vec<u32>,
}

impl Sorted {
    /// Counting sort of the digits of half `part` of the scalars from `first` on; `points` is the
    /// length of the basis.
    pub fn of(halves: &[Halves], part: usize, first: usize, points: usize, plan: &Plan) -> Self {
        let buckets = plan.buckets();
        let visit = |visit: &mut dyn FnMut(usize, u32)| {
            for (index, halves) in halves.iter().enumerate() {
                for_each_digit(halves.parts[part], plan.width, |window, digit| {
                    let set = (window % plan.stride) as usize;
                    let level = (window / plan.stride) as usize;
                    let bucket = set * buckets + digit.unsigned_abs() as usize - 1;
                    let negative = halves.negative != (digit < 0);
                    let entry = level * points + first + index;
                    visit(2 * bucket + usize::from(negative), entry as u32);
                });
            }
        };
        let mut starts = vec![0u32; 2 * buckets * plan.stride as usize + 1];
        visit(&mut |bucket, _| starts[bucket] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut entries = vec![0; sum as usize];
        visit(&mut |bucket, entry| {
            starts[bucket] -= 1;
            entries[starts[bucket] as usize] = entry;
        });
        Self { starts, entries }
    }

    /// Number of entries of a bucket.
    pub fn len(&self, bucket: usize) -> usize {
        (self.starts[2 * bucket + 2] - self.starts[2 * bucket]) as usize
    }

    /// Table indices of the points that a bucket adds, and of those that it subtracts.
    pub fn bucket(&self, bucket: usize) -> (&[u32], &[u32]) {
        let start = |key: usize| self.starts[key] as usize;
        let (from, middle, to) = (
            start(2 * bucket),
            start(2 * bucket + 1),
            start(2 * bucket + 2),
        );
        (&self.entries[from..middle], &self.entries[middle..to])
    }
}
