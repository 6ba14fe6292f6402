//! The sum of all buckets, each as often as its index says.

use halo2_axiom::halo2curves::{
    bn256::{Fq, G1, G1Affine},
    ff::Field,
    group::{Group, prime::PrimeCurveAffine},
};

use super::addition::{INFINITY, Scratch, add_all, is_infinity, sum_runs};

/// Running sums that advance together and share inversions.
const LANES: usize = 128;
/// Bits of a bucket's index that are handled at once when few buckets are in use.
const NIBBLE: u32 = 4;

/// sum of (first + i) `buckets[i]`.
pub fn weigh(buckets: &[G1Affine], first: usize) -> G1 {
    let highest = buckets.iter().rposition(|bucket| !is_infinity(bucket));
    let buckets = &buckets[..highest.map_or(0, |index| index + 1)];
    let used: Vec<(usize, G1Affine)> = buckets
        .iter()
        .enumerate()
        .filter(|(_, bucket)| !is_infinity(bucket))
        .map(|(index, bucket)| (first + index, *bucket))
        .collect();
    let nibbles = (first + buckets.len()).ilog2() / NIBBLE + 1;
    if used.len() * nibbles as usize + 32 * nibbles as usize <= 2 * buckets.len() {
        weigh_sparse(&used, nibbles)
    } else {
        weigh_dense(buckets, first)
    }
}

/// Summation by parts in [`LANES`] lanes side by side.
fn weigh_dense(buckets: &[G1Affine], first: usize) -> G1 {
    let length = buckets.len().div_ceil(LANES).max(4);
    let lanes = buckets.len().div_ceil(length);
    // Sums of sums in the first half, sums in the second.
    let mut sums = vec![INFINITY; 2 * lanes];
    let mut terms = vec![INFINITY; 2 * lanes];
    let mut prefixes = vec![Fq::ZERO; 2 * lanes];
    for place in (0..length).rev() {
        terms[..lanes].copy_from_slice(&sums[lanes..]);
        for (term, lane) in terms[lanes..].iter_mut().zip(buckets.chunks(length)) {
            *term = lane.get(place).copied().unwrap_or(INFINITY);
        }
        add_all(&mut sums, &terms, &mut prefixes);
    }
    let (weighted, plain) = sums.split_at_mut(lanes);
    add_all(weighted, plain, &mut prefixes);
    // Lane l still lacks (first - 1 + l length) times its plain sum.
    let mut later = G1::identity();
    let mut by_lane = G1::identity();
    for sum in plain.iter().skip(1).rev() {
        later += sum;
        by_lane += later;
    }
    let all = later + plain.first().map_or(G1::identity(), |sum| sum.to_curve());
    let inside: G1 = weighted.iter().map(PrimeCurveAffine::to_curve).sum();
    inside + times(by_lane, length) + times(all, first.saturating_sub(1))
}

/// One small set of buckets per nibble of the index.
fn weigh_sparse(used: &[(usize, G1Affine)], nibbles: u32) -> G1 {
    let mut points = vec![];
    let mut scratch = Scratch::default();
    (0..nibbles).rev().fold(G1::identity(), |sum, nibble| {
        let value = |index: usize| index >> (nibble * NIBBLE) & ((1 << NIBBLE) - 1);
        let mut runs = [0u32; (1 << NIBBLE) - 1];
        points.clear();
        for (run, wanted) in runs.iter_mut().zip(1..) {
            let before = points.len();
            points.extend(
                used.iter()
                    .filter(|(index, _)| value(*index) == wanted)
                    .map(|(_, point)| *point),
            );
            *run = (points.len() - before) as u32;
        }
        sum_runs(&mut points, &mut runs, &mut scratch);
        let mut rest = points.iter().rev();
        let mut running = G1::identity();
        let mut weighted = G1::identity();
        for run in runs.iter().rev() {
            if let (1, Some(point)) = (run, rest.clone().next()) {
                rest.next();
                running += point;
            }
            weighted += running;
        }
        times(sum, 1 << NIBBLE) + weighted
    })
}

/// factor P by doubling and adding.
pub fn times(point: G1, factor: usize) -> G1 {
    (0..usize::BITS - factor.leading_zeros())
        .rev()
        .fold(G1::identity(), |product, bit| {
            let product = product.double();
            if factor >> bit & 1 == 1 {
                product + point
            } else {
                product
            }
        })
}
