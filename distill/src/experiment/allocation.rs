//! Bits per layer by dynamic programming: the least expected growth of the loss within a total of bits.

use super::sensitivity::Sensitivity;

/// The bits of every layer that grow the loss least with at most `average` bits per weight; `None` when even the fewest are
/// more.
#[must_use]
pub fn allocate(layers: &[Sensitivity], average: f64) -> Option<Vec<u32>> {
    let unit = layers
        .iter()
        .map(|layer| layer.weights)
        .fold(0, greatest_divisor)
        .max(1);
    let total: usize = layers.iter().map(|layer| layer.weights).sum();
    let budget = (average * total as f64 / unit as f64 + 1e-9).floor() as usize;
    // best[spent]: the least cost of the layers so far with exactly that many units, and their bits.
    let mut best: Vec<Option<(f64, Vec<u32>)>> = vec![None; budget + 1];
    best[0] = Some((0.0, Vec::new()));
    for layer in layers {
        let mut next: Vec<Option<(f64, Vec<u32>)>> = vec![None; budget + 1];
        for (spent, state) in best.iter().enumerate() {
            let Some((cost, bits)) = state else { continue };
            for (choice, more) in layer.costs() {
                let after = spent + layer.weights / unit * choice as usize;
                let Some(place) = next.get_mut(after) else {
                    break;
                };
                let sum = cost + more;
                if place.as_ref().is_none_or(|(least, _)| sum < *least) {
                    let mut bits = bits.clone();
                    bits.push(choice);
                    *place = Some((sum, bits));
                }
            }
        }
        best = next;
    }
    best.into_iter()
        .flatten()
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, bits)| bits)
}

fn greatest_divisor(a: usize, b: usize) -> usize {
    if b == 0 {
        a
    } else {
        greatest_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::allocate;
    use crate::experiment::sensitivity::Sensitivity;

    fn layer(weights: usize, fisher: f64) -> Sensitivity {
        let rounding = (2..=16)
            .map(|bits| (bits, weights as f64 * 4f64.powi(-(bits as i32))))
            .collect();
        Sensitivity {
            weights,
            fisher,
            rounding,
        }
    }

    fn cost(layers: &[Sensitivity], bits: &[u32]) -> f64 {
        let find = |(layer, &bits): (&Sensitivity, &u32)| {
            layer
                .costs()
                .find(|(choice, _)| *choice == bits)
                .map_or(0.0, |(_, cost)| cost)
        };
        layers.iter().zip(bits).map(find).sum()
    }

    #[test]
    fn allocation_is_the_best_of_all() {
        let layers = [layer(60, 1.0), layer(20, 9.0), layer(10, 300.0)];
        let found = allocate(&layers, 5.0).unwrap();
        let mut least = f64::MAX;
        for a in 2..=16u32 {
            for b in 2..=16u32 {
                for c in 2..=16u32 {
                    if 60 * a + 20 * b + 10 * c <= 450 {
                        least = least.min(cost(&layers, &[a, b, c]));
                    }
                }
            }
        }
        assert_eq!(cost(&layers, &found), least);
        assert!(found[2] > found[1] && found[1] > found[0], "{found:?}");
    }

    #[test]
    fn too_small_a_budget_has_no_allocation() {
        assert_eq!(allocate(&[layer(10, 1.0)], 1.5), None);
        assert_eq!(allocate(&[layer(10, 1.0)], 2.0), Some(vec![2]));
    }
}
