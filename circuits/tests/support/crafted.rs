//! A prover that breaks the rules of encoding: a transcript with any bytes for infinity, with
//! scalars that are not below r or with challenges of the prover's choice, and randomness that begins
//! with zeros.

use std::io;

use halo2_axiom::{
    halo2curves::{
        bn256::{Fr, G1Affine},
        ff::{FromUniformBytes, PrimeField},
    },
    transcript::{EncodedChallenge, Transcript, TranscriptWrite},
};
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha3::{Digest, Keccak256};
use veriregime_circuits::field::{MODULUS, Word, to_word};

use super::corpus::add;

/// Zeros, then a seeded stream.
pub struct Zeros {
    left: usize,
    after: ChaCha20Rng,
}

impl Zeros {
    /// So many bytes of zeros.
    pub fn new(left: usize) -> Self {
        Self {
            left,
            after: ChaCha20Rng::seed_from_u64(0),
        }
    }
}

impl RngCore for Zeros {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        if self.left >= bytes.len() {
            self.left -= bytes.len();
            bytes.fill(0);
        } else {
            self.after.fill_bytes(bytes);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Zeros {}

/// A challenge of the Keccak transcript.
#[derive(Debug, Clone, Copy)]
pub struct Challenge(Fr);

impl EncodedChallenge<G1Affine> for Challenge {
    type Input = [u8; 32];

    fn new(hash: &[u8; 32]) -> Self {
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(hash);
        wide[..32].reverse();
        Self(Fr::from_uniform_bytes(&wide))
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

/// How an encoding breaks the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trick {
    /// Infinity is written as these bytes, and a commitment is infinity.
    Infinity([u8; 64]),
    /// Public words are written with r added.
    Words,
    /// The public word in this row is written with r added.
    Word(usize),
    /// The evaluation of this index is written with r added.
    Evaluation(usize),
    /// The challenge of this index is one, whatever was hashed.
    Chosen(usize),
    /// The challenge of this index is the one before, and nothing is hashed for it.
    Repeated(usize),
}

impl Trick {
    /// Whether the public word in a row is written with r added.
    pub fn lifts(self, row: usize) -> bool {
        self == Self::Words || self == Self::Word(row)
    }
}

/// The Keccak transcript without its checks.
#[derive(Debug, Clone)]
pub struct Crafted {
    trick: Trick,
    buffer: Vec<u8>,
    evaluations: usize,
    absorbed: usize,
    /// Challenges so far.
    pub challenges: Vec<Fr>,
    pub proof: Vec<u8>,
}

/// A scalar as a word, with r added if so wanted.
pub fn encode(scalar: &Fr, lifted: bool) -> Word {
    let word = to_word(scalar);
    if lifted { add(&word, &MODULUS) } else { word }
}

impl Crafted {
    pub fn new(trick: Trick) -> Self {
        Self {
            trick,
            buffer: vec![],
            evaluations: 0,
            absorbed: 0,
            challenges: vec![],
            proof: vec![],
        }
    }

    fn point(&self, point: G1Affine) -> Vec<u8> {
        match self.trick {
            Trick::Infinity(bytes) if point == G1Affine::default() => bytes.to_vec(),
            _ => {
                let words = [point.x.to_repr(), point.y.to_repr()];
                words
                    .iter()
                    .flat_map(|word| word.iter().rev().copied())
                    .collect()
            }
        }
    }
}

impl Transcript<G1Affine, Challenge> for Crafted {
    fn squeeze_challenge(&mut self) -> Challenge {
        if let (true, Some(last)) = (
            self.trick == Trick::Repeated(self.challenges.len()),
            self.challenges.last().copied(),
        ) {
            self.challenges.push(last);
            return Challenge(last);
        }
        if self.buffer.len() == 32 {
            self.buffer.push(1);
        }
        let hash: [u8; 32] = Keccak256::digest(&self.buffer).into();
        self.buffer = hash.to_vec();
        let challenge = match self.trick {
            Trick::Chosen(index) if index == self.challenges.len() => Challenge(Fr::one()),
            _ => Challenge::new(&hash),
        };
        self.challenges.push(challenge.0);
        challenge
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.buffer.extend(self.point(point));
        Ok(())
    }

    /// The key's digest first, then the public words.
    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        let row = self.absorbed.checked_sub(1);
        let lifted = row.is_some_and(|row| self.trick.lifts(row));
        self.absorbed += 1;
        self.buffer.extend(encode(&scalar, lifted));
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, Challenge> for Crafted {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.common_point(point)?;
        self.proof.extend(self.point(point));
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        let word = encode(&scalar, self.trick == Trick::Evaluation(self.evaluations));
        self.evaluations += 1;
        self.buffer.extend(word);
        self.proof.extend(word);
        Ok(())
    }
}
