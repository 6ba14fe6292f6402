//! Weights of few bits: the scale that rounds them best, and what the rounding costs.

/// Fewest bits per weight, sign included.
pub const FEWEST_BITS: u32 = 2;
/// Most bits per weight.
pub const MOST_BITS: u32 = 16;
/// Largest latent weights tried as the largest integer, as shares of the largest there is.
const CLIPS: [f64; 12] = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1];

/// The largest integer of a weight of some bits, sign included.
pub(super) fn limit(bits: u32) -> f64 {
    f64::from((1i32 << (bits.clamp(FEWEST_BITS, MOST_BITS) - 1)) - 1)
}

/// Integers per unit of these weights at some bits: the scale with the least squared rounding error.
#[must_use]
pub fn best_scale(weights: &[f32], bits: u32) -> f64 {
    let largest = weights
        .iter()
        .fold(0f32, |most, weight| most.max(weight.abs()));
    let scales = CLIPS.map(|clip| limit(bits) / (f64::from(largest) * clip).max(1e-9));
    scales
        .into_iter()
        .map(|scale| (rounding_error(weights, bits, scale), scale))
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .map_or(1.0, |(_, scale)| scale)
}

/// Sum of squared differences between weights and their integers at a scale.
#[must_use]
pub fn rounding_error(weights: &[f32], bits: u32, scale: f64) -> f64 {
    let limit = limit(bits);
    weights
        .iter()
        .map(|&weight| {
            let weight = f64::from(weight);
            (weight - (weight * scale).round().clamp(-limit, limit) / scale).powi(2)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{best_scale, rounding_error};

    #[test]
    fn best_scale_gives_up_an_outlier_where_bits_are_few_and_keeps_it_where_they_are_many() {
        let mut weights: Vec<f32> = (0..1_000)
            .map(|weight| (weight % 21) as f32 / 100.0 - 0.1)
            .collect();
        weights.push(1.0);
        let kept = |bits: u32, limit: f64| (best_scale(&weights, bits) - limit).abs() < 1e-9;
        assert!(!kept(3, 3.0) && kept(12, 2_047.0));
        for bits in [3, 4, 8] {
            let best = rounding_error(&weights, bits, best_scale(&weights, bits));
            let whole = rounding_error(&weights, bits, f64::from((1 << (bits - 1)) - 1));
            assert!(best <= whole, "{bits}: {best} {whole}");
        }
    }

    #[test]
    fn rounding_error_of_what_fits_is_nothing() {
        assert_eq!(rounding_error(&[0.0, 1.0, -3.0], 3, 1.0), 0.0);
        assert_eq!(rounding_error(&[4.0, 0.25], 3, 1.0), 1.0 + 0.0625);
    }
}
