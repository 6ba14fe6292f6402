//! Hiding the weights of a private model.
//!
//! A weight column is committed without blinding and opened at one point by every proof. Uniformly
//! random field elements in n of its unused rows leave every weight possible for a reader of the
//! commitment and of up to n - 1 proofs: n unknowns against at most n equations. The value columns
//! are zero on these rows, so the gates hold there whatever the filler is; a gate reads the row
//! after its own, so one row more stays empty before those that the proving system fills.

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Layout;
use crate::field::Fr;

/// An operator's secret and the number of proofs that it is good for.
#[derive(Clone)]
pub struct Filler {
    seed: Zeroizing<[u8; 32]>,
    proofs: usize,
}

impl Filler {
    /// A filler for a number of proofs from a secret seed of 256 bits of entropy. The same seed
    /// always gives the same verifying key; whoever learns it learns the weights from the key.
    pub fn new(seed: [u8; 32], proofs: usize) -> Self {
        Self {
            seed: Zeroizing::new(seed),
            proofs,
        }
    }

    /// Proofs that the key is good for.
    pub fn proofs(&self) -> usize {
        self.proofs
    }

    /// Rows that the filler takes: one for the commitment, one for every proof.
    pub fn rows(&self) -> usize {
        self.proofs.saturating_add(1)
    }

    /// Rows that a layout must have left: the filler's, and an empty one after them.
    pub(super) fn room(&self) -> usize {
        self.rows().saturating_add(1)
    }

    /// The numbers of one weight column. They depend on all that the columns hold, so that a seed
    /// used for two models gives unrelated numbers: the difference of two commitments would be one
    /// of weights alone otherwise.
    pub(super) fn column(&self, layout: &Layout, lane: usize) -> impl Iterator<Item = Fr> + use<> {
        let mut hash = Sha256::new();
        hash.update(b"veriregime-filler/1");
        hash.update(*self.seed);
        hash.update((self.proofs as u64).to_be_bytes());
        hash.update(layout.k.to_be_bytes());
        for row in &layout.rows {
            hash.update((row.lanes.len() as u64).to_be_bytes());
            for lane in &row.lanes {
                hash.update(lane.coefficient.to_repr());
            }
        }
        let seed = Zeroizing::new(hash.finalize().into());
        let mut rng = ChaCha20Rng::from_seed(*seed);
        rng.set_stream(lane as u64);
        // A zero would switch the row's gate off, which hides just as well.
        (0..self.rows()).map(move |_| Fr::random(&mut rng))
    }
}

impl std::fmt::Display for Filler {
    /// Number of proofs and a fingerprint of the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut hash = Sha256::new();
        hash.update(b"veriregime-filler-fingerprint/1");
        hash.update(*self.seed);
        let fingerprint = hash.finalize();
        let short = fingerprint.get(..8).unwrap_or_default();
        write!(
            f,
            "private for {} proofs, seed {}",
            self.proofs,
            hex::encode(short)
        )
    }
}

impl std::fmt::Debug for Filler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filler")
            .field("proofs", &self.proofs)
            .finish_non_exhaustive()
    }
}
