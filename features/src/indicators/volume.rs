//! Mean volume over the last `N` candles, and its share of itself plus the long mean.

use super::{RAW_ONE, ratio};

/// A running sum over the last `N` volumes; volumes before the first push count as zero.
pub(super) struct VolumeMean<const N: usize> {
    recent: [i64; N],
    next: usize,
    sum: i128,
}

impl<const N: usize> VolumeMean<N> {
    pub(super) const fn new() -> Self {
        Self {
            recent: [0; N],
            next: 0,
            sum: 0,
        }
    }

    pub(super) fn push(&mut self, volume: i64) {
        if let Some(slot) = self.recent.get_mut(self.next) {
            self.sum += i128::from(volume) - i128::from(*slot);
            *slot = volume;
        }
        self.next = (self.next + 1) % N;
    }

    /// m / (m + l), m this mean and l the long one; one half when nothing was traded in the long span.
    pub(super) fn share<const LONG: usize>(&self, long: &VolumeMean<LONG>) -> i64 {
        // Both means times N * LONG, to stay in integers.
        let mine = self.sum * LONG as i128;
        let whole = mine + long.sum * N as i128;
        if whole == 0 {
            RAW_ONE / 2
        } else {
            ratio(mine, whole)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::VolumeMean;
    use crate::indicators::RAW_ONE;

    #[test]
    fn share_without_any_volume_is_one_half() {
        assert_eq!(
            VolumeMean::<5>::new().share(&VolumeMean::<240>::new()),
            RAW_ONE / 2
        );
    }

    #[test]
    fn share_of_constant_volume_is_one_half_and_of_a_pause_zero() {
        let (mut short, mut long) = (VolumeMean::<5>::new(), VolumeMean::<240>::new());
        for _ in 0..240 {
            short.push(i64::MAX);
            long.push(i64::MAX);
        }
        assert_eq!(short.share(&long), RAW_ONE / 2);
        for _ in 0..5 {
            short.push(0);
            long.push(0);
        }
        assert_eq!(short.share(&long), 0);
    }
}
