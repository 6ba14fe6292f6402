//! Affine additions that share one inversion.
//!
//! With the inverse of x2 - x1 at hand an affine addition is two multiplications and a square.
//! Montgomery's trick buys the inverses of a whole batch for three multiplications each, so an
//! addition costs six, where mixed Jacobian coordinates need eleven.

use halo2_axiom::halo2curves::{
    bn256::{Fq, G1Affine},
    ff::Field,
};

/// The point at infinity in affine coordinates, as halo2curves writes it.
pub const INFINITY: G1Affine = G1Affine {
    x: Fq::zero(),
    y: Fq::zero(),
};

/// Whether p is the point at infinity.
pub fn is_infinity(p: &G1Affine) -> bool {
    p.x == Fq::ZERO && p.y == Fq::ZERO
}

/// -p.
pub fn negate(p: &G1Affine) -> G1Affine {
    G1Affine { x: p.x, y: -p.y }
}

/// What has to be inverted to add p and q.
#[inline(always)]
pub fn denominator(p: &G1Affine, q: &G1Affine) -> Fq {
    let difference = q.x - p.x;
    if difference == Fq::ZERO || p.x == Fq::ZERO || q.x == Fq::ZERO {
        return rare_denominator(p, q);
    }
    difference
}

#[cold]
fn rare_denominator(p: &G1Affine, q: &G1Affine) -> Fq {
    if is_infinity(p) || is_infinity(q) {
        Fq::ONE
    } else if p.x != q.x {
        q.x - p.x
    } else if p.y == q.y {
        // The group's order is odd: no point has y = 0.
        p.y.double()
    } else {
        Fq::ONE
    }
}

/// p + q, given the inverse of their [`denominator`].
#[inline(always)]
pub fn add(p: &G1Affine, q: &G1Affine, inverse: &Fq) -> G1Affine {
    if p.x == q.x || p.x == Fq::ZERO || q.x == Fq::ZERO {
        return rare_add(p, q, inverse);
    }
    with_slope(p, q, (q.y - p.y) * inverse)
}

#[cold]
fn rare_add(p: &G1Affine, q: &G1Affine, inverse: &Fq) -> G1Affine {
    if is_infinity(p) {
        *q
    } else if is_infinity(q) {
        *p
    } else if p.x != q.x {
        with_slope(p, q, (q.y - p.y) * inverse)
    } else if p.y == q.y {
        with_slope(p, q, three_squares(&p.x) * inverse)
    } else {
        INFINITY
    }
}

#[inline(always)]
fn with_slope(p: &G1Affine, q: &G1Affine, slope: Fq) -> G1Affine {
    let x = slope.square() - p.x - q.x;
    let y = slope * (p.x - x) - p.y;
    G1Affine { x, y }
}

#[inline(always)]
fn three_squares(x: &Fq) -> Fq {
    let square = x.square();
    square.double() + square
}

/// The inverse of a product of denominators, none of which is zero.
fn invert(product: Fq) -> Fq {
    Option::from(product.invert()).unwrap_or(Fq::ZERO)
}

/// Doubles every point `times` times. None may be the point at infinity.
pub fn double_all(points: &mut [G1Affine], times: u32) {
    let mut prefixes = vec![Fq::ZERO; points.len()];
    for _ in 0..times {
        let mut product = Fq::ONE;
        for (prefix, p) in prefixes.iter_mut().zip(&*points) {
            *prefix = product;
            product *= p.y.double();
        }
        let mut inverse = invert(product);
        for (prefix, p) in prefixes.iter().zip(&mut *points).rev() {
            let slope = three_squares(&p.x) * (inverse * prefix);
            inverse *= p.y.double();
            *p = with_slope(p, p, slope);
        }
    }
}

/// sums[i] += terms[i] for all i, with `prefixes` as scratch of at least the same length.
pub fn add_all(sums: &mut [G1Affine], terms: &[G1Affine], prefixes: &mut [Fq]) {
    let mut product = Fq::ONE;
    for ((prefix, p), q) in prefixes.iter_mut().zip(&*sums).zip(terms) {
        *prefix = product;
        product *= denominator(p, q);
    }
    let mut inverse = invert(product);
    let used = sums.len().min(terms.len());
    for ((prefix, p), q) in prefixes.iter().zip(sums).zip(terms).take(used).rev() {
        let denominator = denominator(p, q);
        *p = add(p, q, &(inverse * prefix));
        inverse *= denominator;
    }
}

/// Adds up runs of points: `from` holds `runs[0]` points, then `runs[1]` and so on. Neighbours are
/// added pairwise until every run is one point, or none if it was empty; the sums end in `from`.
pub fn sum_runs(
    from: &mut Vec<G1Affine>,
    runs: &mut [u32],
    to: &mut Vec<G1Affine>,
    prefixes: &mut Vec<Fq>,
) {
    while runs.iter().any(|run| *run > 1) {
        prefixes.clear();
        let mut product = Fq::ONE;
        let mut rest = from.as_slice();
        for run in &*runs {
            let (points, after) = rest.split_at(*run as usize);
            for pair in points.chunks_exact(2) {
                prefixes.push(product);
                product *= denominator(&pair[0], &pair[1]);
            }
            rest = after;
        }
        let mut inverse = invert(product);
        let halves = runs.iter().map(|run| run.div_ceil(2) as usize).sum();
        to.clear();
        to.resize(halves, INFINITY);
        let mut sources = from.as_slice();
        let mut targets = to.as_mut_slice();
        let mut prefixes = prefixes.iter().rev();
        for run in runs.iter_mut().rev() {
            let (before, points) = sources.split_at(sources.len() - *run as usize);
            let (targets_before, sums) =
                targets.split_at_mut(targets.len() - run.div_ceil(2) as usize);
            let pairs = points.chunks_exact(2);
            if let ([single], Some(sum)) = (pairs.remainder(), sums.last_mut()) {
                *sum = *single;
            }
            let filled = sums.iter_mut().take(*run as usize / 2);
            for ((pair, sum), prefix) in pairs.zip(filled).rev().zip(&mut prefixes) {
                let denominator = denominator(&pair[0], &pair[1]);
                *sum = add(&pair[0], &pair[1], &(inverse * prefix));
                inverse *= denominator;
            }
            *run = run.div_ceil(2);
            (sources, targets) = (before, targets_before);
        }
        std::mem::swap(from, to);
    }
}
