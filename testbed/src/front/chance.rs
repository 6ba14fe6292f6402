//! Faults by chance, the same ones for the same seed.

use sha2::{Digest, Sha256};

use super::Fault;

/// A menu of faults with their frequencies. Which call of a name is struck depends on the seed, the name and the count
/// of such calls alone, not on what else happens at the same time.
#[derive(Clone, Debug)]
pub struct Chance {
    seed: u64,
    menu: Vec<(&'static str, u32, Fault)>,
}

impl Chance {
    /// An empty menu.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            menu: Vec::new(),
        }
    }

    /// Adds a fault that strikes `per_mille` of a thousand calls called `name`.
    #[must_use]
    pub fn with(mut self, name: &'static str, per_mille: u32, fault: Fault) -> Self {
        self.menu.push((name, per_mille, fault));
        self
    }

    /// What happens to the `count`th call of a name.
    pub(super) fn draw(&self, name: &str, count: u64) -> Option<Fault> {
        let mut left = self.number(name, count) % 1_000;
        for (of, per_mille, fault) in &self.menu {
            if *of != name {
                continue;
            }
            if left < u64::from(*per_mille) {
                return Some(fault.clone());
            }
            left -= u64::from(*per_mille);
        }
        None
    }

    fn number(&self, name: &str, count: u64) -> u64 {
        let digest = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(count.to_be_bytes())
            .chain_update(name)
            .finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draw_strikes_about_as_often_as_asked_and_repeats_for_a_seed() {
        let struck = |seed| {
            let chance = Chance::new(seed).with("a", 100, Fault::HangUp);
            (0..10_000)
                .filter(|count| chance.draw("a", *count).is_some())
                .collect::<Vec<_>>()
        };
        let once = struck(1);
        assert!((900..1_100).contains(&once.len()), "{}", once.len());
        assert_eq!(once, struck(1));
        assert_ne!(once, struck(2));
        let other = Chance::new(1).with("a", 1_000, Fault::HangUp);
        assert!(other.draw("b", 0).is_none());
    }
}
