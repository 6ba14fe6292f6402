//! Multi-scalar multiplication over a table of precomputed multiples.
//!
//! ```text
//! scalars --Halves--> u, v --digits--> sorted by bucket --sum_runs--> buckets --weigh--> sum
//! ```
//! The digits of all windows share one set of buckets per half, because the table already holds
//! every window's multiple (Brickell, Gordon, McCurley, Wilson: Fast exponentiation with
//! precomputation, EUROCRYPT 1992; buckets after Pippenger). The buckets of v are summed as if its
//! points were those of u; the endomorphism is applied to the result.

use std::cell::RefCell;

use halo2_axiom::halo2curves::{
    CurveExt,
    bn256::{Fr, G1, G1Affine},
    group::Group,
};
use rayon::prelude::*;

use super::{
    addition::{INFINITY, Scratch, negate, sum_runs},
    scalar::Halves,
    sorted::Sorted,
    table::{Aligned, Table},
    weigh::{times, weigh},
};

/// Digits that are summed as one task: their points fit the second-level cache.
const TASK: usize = 4096;
/// Scalars that are split as one task.
const SPLIT: usize = 512;

/// Consecutive buckets of one half, to be summed by one thread.
struct Task<'a> {
    lists: &'a [Sorted],
    first: usize,
    sums: &'a mut [G1Affine],
}

/// Memory of one thread.
#[derive(Default)]
struct Workspace {
    points: Vec<G1Affine>,
    runs: Vec<u32>,
    additions: Scratch,
}

thread_local! {
    /// About a megabyte per thread, kept because clearing it anew costs as much as a task.
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// sum of scalar i times point i of the table's basis, on the current rayon pool. Scalars beyond
/// the basis are ignored.
pub fn multiply(table: &Table, scalars: &[Fr]) -> G1 {
    let plan = table.plan();
    let used = scalars
        .iter()
        .take(table.points())
        .rposition(|scalar| *scalar != Fr::zero())
        .map_or(0, |last| last + 1);
    let halves: Vec<Halves> = scalars[..used]
        .par_iter()
        .with_min_len(SPLIT)
        .map(Halves::of)
        .collect();
    if halves.is_empty() {
        return G1::identity();
    }
    let lists = sort(table, &halves);
    let buckets = plan.buckets() * plan.stride as usize;
    let mut sums = vec![INFINITY; 2 * buckets];
    let (first, second) = sums.split_at_mut(buckets);
    let mut tasks = tasks(&lists[0], first);
    tasks.extend(self::tasks(&lists[1], second));
    tasks.into_par_iter().with_max_len(1).for_each(|task| {
        WORKSPACE.with_borrow_mut(|workspace| task.run(table.multiples(), workspace));
    });
    // Few threads have more than enough sets; many share them out in segments.
    let sets = 2 * plan.stride as usize;
    let segment = plan
        .buckets()
        .div_ceil(rayon::current_num_threads().div_ceil(sets))
        .max(64);
    let weighed: Vec<G1> = sums
        .par_chunks(plan.buckets())
        .map(|set| {
            set.par_chunks(segment)
                .enumerate()
                .map(|(index, buckets)| weigh(buckets, index * segment + 1))
                .sum()
        })
        .collect();
    let mut halves = weighed.chunks(plan.stride as usize).map(|sets| {
        sets.iter()
            .rev()
            .fold(G1::identity(), |sum, set| times(sum, 1 << plan.width) + set)
    });
    let (u, v) = (halves.next(), halves.next());
    u.unwrap_or_default() + v.unwrap_or_default().endo()
}

/// Sorts both halves, in as many chunks as there are pairs of threads.
fn sort(table: &Table, halves: &[Halves]) -> [Vec<Sorted>; 2] {
    let length = halves
        .len()
        .div_ceil(rayon::current_num_threads().div_ceil(2));
    let part = |part: usize| -> Vec<Sorted> {
        halves
            .par_chunks(length)
            .enumerate()
            .map(|(chunk, halves)| {
                Sorted::of(halves, part, chunk * length, table.points(), &table.plan())
            })
            .collect()
    };
    let (first, second) = rayon::join(|| part(0), || part(1));
    [first, second]
}

/// Cuts the buckets of one half into tasks of about equal work.
fn tasks<'a>(lists: &'a [Sorted], mut sums: &'a mut [G1Affine]) -> Vec<Task<'a>> {
    let mut tasks = vec![];
    let (mut first, mut entries) = (0, 0);
    for bucket in 0..sums.len() {
        entries += lists.iter().map(|list| list.len(bucket)).sum::<usize>();
        if entries >= TASK {
            let (mine, rest) = sums.split_at_mut(bucket + 1 - first);
            tasks.push(Task {
                lists,
                first,
                sums: mine,
            });
            (first, entries, sums) = (bucket + 1, 0, rest);
        }
    }
    if entries > 0 {
        tasks.push(Task { lists, first, sums });
    }
    tasks
}

impl Task<'_> {
    fn run(self, multiples: &[Aligned], workspace: &mut Workspace) {
        let Workspace {
            points,
            runs,
            additions,
        } = workspace;
        let buckets = self.first..self.first + self.sums.len();
        points.clear();
        runs.clear();
        for bucket in buckets.clone() {
            let lengths = self.lists.iter().map(|list| list.len(bucket));
            runs.push(lengths.sum::<usize>() as u32);
        }
        for bucket in buckets {
            for list in self.lists {
                let (added, subtracted) = list.bucket(bucket);
                let point = |entry: &u32| &multiples[*entry as usize].0;
                points.extend(added.iter().map(point));
                points.extend(subtracted.iter().map(|entry| negate(point(entry))));
            }
        }
        sum_runs(points, runs, additions);
        let mut rest = points.iter();
        for (sum, run) in self.sums.iter_mut().zip(runs) {
            if *run == 1 {
                *sum = rest.next().copied().unwrap_or(INFINITY);
            }
        }
    }
}
