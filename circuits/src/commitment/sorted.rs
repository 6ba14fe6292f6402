//! The digits of a chunk of scalars, sorted by bucket.

use super::{
    plan::Plan,
    scalar::{Halves, for_each_digit},
};

/// Which points go into which bucket, for one half of some of the scalars.
#[derive(Debug)]
pub struct Sorted {
    /// Entries of bucket b are those from `starts[b]` to `starts[b + 1]`.
    starts: Vec<u32>,
    /// Twice the index into the table, plus 1 if the point is subtracted.
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
                    let entry = (level * points + first + index) * 2 + usize::from(negative);
                    visit(bucket, entry as u32);
                });
            }
        };
        let mut starts = vec![0u32; buckets * plan.stride as usize + 1];
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

    /// Entries of a bucket.
    pub fn bucket(&self, bucket: usize) -> &[u32] {
        &self.entries[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}
