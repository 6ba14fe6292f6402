//! Affine additions that share one inversion.
//!
//! With the inverse of x2 - x1 at hand an affine addition is two multiplications and a square.
//! Montgomery's trick buys the inverses of a whole batch for three multiplications each, so an
//! addition costs six, where mixed Jacobian coordinates need eleven.

use halo2_axiom::halo2curves::{
    bn256::{Fq, G1Affine},
    ff::Field,
};

use super::table::Aligned;

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
pub fn double_all(points: &mut [Aligned], times: u32) {
    let mut prefixes = vec![Fq::ZERO; points.len()];
    for _ in 0..times {
        let mut product = Fq::ONE;
        for (prefix, Aligned(p)) in prefixes.iter_mut().zip(&*points) {
            *prefix = product;
            product *= p.y.double();
        }
        let mut inverse = invert(product);
        for (prefix, Aligned(p)) in prefixes.iter().zip(&mut *points).rev() {
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

/// Memory that [`sum_runs`] keeps between calls.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Position of the first point of each pair, and of its sum.
    pairs: Vec<(u32, u32)>,
    sums: Vec<G1Affine>,
    denominators: Vec<Fq>,
    prefixes: Vec<Fq>,
}

/// Adds up runs of points: `points` holds `runs[0]` points, then `runs[1]` and so on, none of them
/// at infinity. Neighbours are added pairwise until every run is one point, or none if it was
/// empty; the sums end in `points`.
pub fn sum_runs(points: &mut Vec<G1Affine>, runs: &mut [u32], scratch: &mut Scratch) {
    let mut rare = false;
    loop {
        let used = scratch.pair_up(points, runs);
        if scratch.pairs.is_empty() {
            return;
        }
        // A product of differences is zero if and only if two x coordinates met.
        rare = rare || !scratch.add_distinct(points);
        if rare {
            scratch.add_any(points);
        }
        std::mem::swap(points, &mut scratch.sums);
        points.truncate(used);
    }
}

impl Scratch {
    /// Lists the pairs, moves the points without a partner to their places and halves the runs.
    /// Returns the number of points that are left.
    fn pair_up(&mut self, points: &[G1Affine], runs: &mut [u32]) -> usize {
        self.pairs.clear();
        if self.sums.len() < points.len() {
            self.sums.resize(points.len(), INFINITY);
        }
        let (mut from, mut to) = (0u32, 0u32);
        for run in runs {
            for pair in 0..*run / 2 {
                self.pairs.push((from + 2 * pair, to + pair));
            }
            from += *run;
            to += run.div_ceil(2);
            if *run % 2 == 1 {
                self.sums[to as usize - 1] = points[from as usize - 1];
            }
            *run = run.div_ceil(2);
        }
        to as usize
    }

    /// Adds the pairs if all of them have different x coordinates, and says whether they had.
    /// Fresh field elements are used where they are stored: copying them would wait for the store.
    fn add_distinct(&mut self, points: &[G1Affine]) -> bool {
        let count = self.pairs.len();
        if self.prefixes.len() < count + 2 {
            self.prefixes.resize(count + 2, Fq::ONE);
        }
        if self.denominators.len() < count {
            self.denominators.resize(count, Fq::ONE);
        }
        let (denominators, prefixes) = (&mut self.denominators, &mut self.prefixes);
        // Two products, of the even and of the odd pairs: one alone waits for its last factor.
        prefixes[0] = Fq::ONE;
        prefixes[1] = Fq::ONE;
        for (index, (from, _)) in self.pairs.iter().enumerate() {
            let from = *from as usize;
            denominators[index] = points[from + 1].x.sub(&points[from].x);
            prefixes[index + 2] = prefixes[index].mul(&denominators[index]);
        }
        let products = [prefixes[count], prefixes[count + 1]];
        let product = products[0] * products[1];
        if product == Fq::ZERO {
            return false;
        }
        let inverse = invert(product);
        let mut inverses = [inverse * products[1], inverse * products[0]];
        if count % 2 == 1 {
            inverses.reverse();
        }
        for (index, (from, to)) in self.pairs.iter().enumerate().rev() {
            let (p, q) = (&points[*from as usize], &points[*from as usize + 1]);
            let inverse = &mut inverses[index % 2];
            let slope = q.y.sub(&p.y).mul(&inverse.mul(&prefixes[index]));
            *inverse = inverse.mul(&denominators[index]);
            let sum = &mut self.sums[*to as usize];
            sum.x = slope.square().sub(&p.x).sub(&q.x);
            sum.y = p.x.sub(&sum.x).mul(&slope).sub(&p.y);
        }
        true
    }

    /// Adds the pairs whatever they are.
    fn add_any(&mut self, points: &[G1Affine]) {
        if self.prefixes.len() < self.pairs.len() {
            self.prefixes.resize(self.pairs.len(), Fq::ONE);
        }
        let mut product = Fq::ONE;
        for ((from, _), prefix) in self.pairs.iter().zip(&mut self.prefixes) {
            *prefix = product;
            product *= denominator(&points[*from as usize], &points[*from as usize + 1]);
        }
        let mut inverse = invert(product);
        for ((from, to), prefix) in self.pairs.iter().zip(&self.prefixes).rev() {
            let (p, q) = (&points[*from as usize], &points[*from as usize + 1]);
            self.sums[*to as usize] = add(p, q, &(inverse * prefix));
            inverse *= denominator(p, q);
        }
    }
}
