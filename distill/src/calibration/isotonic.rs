//! The nearest sequence that never falls.

/// The non-decreasing values nearest to the first of each pair in squares weighted by the second: pool adjacent
/// violators (Ayer et al., 1955). Weights are positive; others count as next to nothing.
#[must_use]
pub fn isotonic(weighted: &[(f64, f64)]) -> Vec<f64> {
    // Of each pool: mean, weight, number of values.
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(weighted.len());
    for &(value, weight) in weighted {
        let mut pool = (value, weight.max(f64::MIN_POSITIVE), 1);
        while let Some((mean, before, count)) = pools.pop_if(|before| before.0 > pool.0) {
            let both = before + pool.1;
            let together = (mean * before + pool.0 * pool.1) / both;
            pool = (together, both, count + pool.2);
        }
        pools.push(pool);
    }
    pools
        .into_iter()
        .flat_map(|(mean, _, count)| std::iter::repeat_n(mean, count))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::isotonic;

    #[test]
    fn rising_values_stay_and_a_fall_is_pooled() {
        let even = |values: &[f64]| {
            let weighted: Vec<_> = values.iter().map(|&value| (value, 1.0)).collect();
            isotonic(&weighted)
        };
        assert_eq!(even(&[1.0, 2.0, 2.0, 4.0]), [1.0, 2.0, 2.0, 4.0]);
        assert_eq!(even(&[1.0, 3.0, 2.0, 4.0]), [1.0, 2.5, 2.5, 4.0]);
        assert_eq!(even(&[3.0, 2.0, 1.0]), [2.0; 3]);
        assert_eq!(isotonic(&[(4.0, 1.0), (0.0, 3.0)]), [1.0, 1.0]);
        assert!(isotonic(&[]).is_empty());
    }
}
