//! Slices with keys: proving, verifying, linking.

use std::sync::Arc;

use rand::rngs::OsRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Slice, Source};
use crate::{
    Error,
    field::Word,
    sheet::{Layout, SheetKey, SheetProof, Visibility, Witness, prove_witness},
    srs::Srs,
};

/// Slices and their keys.
#[derive(Debug)]
pub struct Chain {
    /// From input to output.
    pub slices: Vec<Slice>,
    keys: Vec<Arc<SheetKey>>,
    srs: Srs,
}

/// Two places in proofs that must hold the same points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Link {
    /// The slice whose output it is.
    pub from: usize,
    /// The slice whose input it is; or another slice with the same input.
    pub to: usize,
    /// First byte in the proof of `from`.
    pub from_offset: usize,
    /// First byte in the proof of `to`.
    pub to_offset: usize,
    /// Bytes.
    pub length: usize,
}

/// Two slices with the same public input: their statements begin with the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shared {
    /// A slice.
    pub first: usize,
    /// A later one.
    pub other: usize,
    /// Words, the binding among them.
    pub words: usize,
}

/// Proofs of all slices, or of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainProof {
    /// One per slice; none for a slice that was not asked for.
    pub slices: Vec<Option<SheetProof>>,
}

impl Chain {
    /// Lays the slices out on 2^k rows and makes their keys.
    ///
    /// # Errors
    /// As [`Layout::plan`] and [`SheetKey::generate`].
    pub fn setup(slices: Vec<Slice>, srs: &Srs) -> Result<Self, Error> {
        let keys = slices
            .iter()
            .map(|slice| {
                let layout = Layout::plan(&slice.network, &slice.visibilities, Some(srs.k()))?;
                SheetKey::generate(layout, srs).map(Arc::new)
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            slices,
            keys,
            srs: srs.clone(),
        })
    }

    /// Keys of the slices.
    pub fn keys(&self) -> &[Arc<SheetKey>] {
        &self.keys
    }

    /// Runs all slices: the input of each.
    ///
    /// # Errors
    /// [`Error::Input`] for an input that the network refuses.
    pub fn inputs(&self, input: &[i64]) -> Result<Vec<Vec<i64>>, Error> {
        let mut inputs: Vec<Vec<i64>> = vec![];
        let mut outputs: Vec<Vec<i64>> = vec![];
        for slice in &self.slices {
            let mut values = vec![];
            for source in &slice.sources {
                match source {
                    Source::Input => values.extend_from_slice(input),
                    Source::Slice(index) => values.extend_from_slice(&outputs[*index]),
                }
            }
            outputs.push(slice.network.trace(&values)?.output().to_vec());
            inputs.push(values);
        }
        Ok(inputs)
    }

    /// Proves one slice.
    ///
    /// # Errors
    /// [`Error::Input`] or [`Error::Prover`].
    pub fn prove_slice(
        &self,
        index: usize,
        input: &[i64],
        binding: Word,
    ) -> Result<SheetProof, Error> {
        let key = self.keys.get(index).ok_or_else(|| self.unknown(index))?;
        let witness = Witness::generate(key.layout(), input, binding)?;
        prove_witness(key, &self.srs, &witness, OsRng)
    }

    /// Proves the slices asked for, all of them for `None`.
    ///
    /// # Errors
    /// As [`Self::prove_slice`].
    pub fn prove(
        &self,
        input: &[i64],
        binding: Word,
        asked: Option<&[usize]>,
    ) -> Result<ChainProof, Error> {
        let inputs = self.inputs(input)?;
        let slices = inputs.par_iter().enumerate().map(|(index, input)| {
            if asked.is_some_and(|asked| !asked.contains(&index)) {
                return Ok(None);
            }
            self.prove_slice(index, input, binding).map(Some)
        });
        Ok(ChainProof {
            slices: slices.collect::<Result<_, Error>>()?,
        })
    }

    /// Checks the proofs that are there, and that they are of one inference.
    ///
    /// # Errors
    /// [`Error::Rejected`] naming the slice or the link.
    pub fn verify(&self, proof: &ChainProof) -> Result<(), Error> {
        if proof.slices.len() != self.slices.len() {
            return Err(Error::Rejected(format!(
                "{} slices, the chain has {}",
                proof.slices.len(),
                self.slices.len()
            )));
        }
        let mut binding = None;
        for (index, (key, slice)) in self.keys.iter().zip(&proof.slices).enumerate() {
            let Some(slice) = slice else { continue };
            let name = |problem: String| {
                Error::Rejected(format!(
                    "slice {index} ({}): {problem}",
                    self.slices[index].name
                ))
            };
            key.verify(&self.srs, &slice.words, &slice.bytes)
                .map_err(|error| name(error.to_string()))?;
            let word = slice.words.first().copied();
            if *binding.get_or_insert(word) != word {
                return Err(name("another binding word than the slices before".into()));
            }
        }
        self.verify_shared_words(proof)?;
        for link in self.links() {
            let (Some(from), Some(to)) = (&proof.slices[link.from], &proof.slices[link.to]) else {
                continue;
            };
            let out = from
                .bytes
                .get(link.from_offset..link.from_offset + link.length);
            let into = to.bytes.get(link.to_offset..link.to_offset + link.length);
            if out.is_none() || out != into {
                return Err(Error::Rejected(format!(
                    "slices {} and {} do not belong together: the tensor between them differs",
                    link.from, link.to
                )));
            }
        }
        Ok(())
    }

    /// Slices that share a public input have the same words for it.
    fn verify_shared_words(&self, proof: &ChainProof) -> Result<(), Error> {
        for Shared {
            first,
            other,
            words,
        } in self.shared()
        {
            let (Some(left), Some(right)) = (&proof.slices[first], &proof.slices[other]) else {
                continue;
            };
            let (left, right) = (left.words.get(..words), right.words.get(..words));
            if left.is_none() || left != right {
                return Err(Error::Rejected(format!(
                    "slices {first} and {other} of one input carry different ones"
                )));
            }
        }
        Ok(())
    }

    /// Slices that share the network's public input, every pair of them: some slices may be verified
    /// without the others.
    pub fn shared(&self) -> Vec<Shared> {
        let slices = self.slices.iter().enumerate();
        let sharing: Vec<(usize, usize)> = slices
            .filter(|(_, slice)| {
                slice.sources == [Source::Input] && slice.visibilities.input == Visibility::Public
            })
            .map(|(index, slice)| {
                let words = slice.visibilities.input_words(&slice.network);
                (index, 1 + words)
            })
            .collect();
        let mut shared = vec![];
        for (at, &(first, words)) in sharing.iter().enumerate() {
            shared.extend(sharing[at + 1..].iter().map(|&(other, _)| Shared {
                first,
                other,
                words,
            }));
        }
        shared
    }

    /// What must be equal in the proofs of two slices.
    pub fn links(&self) -> Vec<Link> {
        let mut links = vec![];
        let mut inputs: Vec<usize> = vec![];
        for (to, slice) in self.slices.iter().enumerate() {
            let (parts, _) = self.keys[to].layout().boundary_columns();
            let mut to_offset = 0;
            for (part, source) in slice.sources.iter().enumerate() {
                let Some(columns) = parts.get(part) else {
                    continue;
                };
                let length = 64 * columns;
                match source {
                    Source::Slice(from) => links.push(Link {
                        from: *from,
                        to,
                        from_offset: self.output_offset(*from),
                        to_offset,
                        length,
                    }),
                    // Slices that share the network's committed input: every pair, as above.
                    Source::Input => {
                        links.extend(inputs.iter().map(|&from| Link {
                            from,
                            to,
                            from_offset: 0,
                            to_offset,
                            length,
                        }));
                        inputs.push(to);
                    }
                }
                to_offset += length;
            }
        }
        links
    }

    /// First byte of a slice's output in its proof.
    fn output_offset(&self, slice: usize) -> usize {
        let (parts, _) = self.keys[slice].layout().boundary_columns();
        64 * parts.iter().sum::<usize>()
    }

    fn unknown(&self, index: usize) -> Error {
        Error::Input(format!(
            "slice {index}, the chain has {}",
            self.slices.len()
        ))
    }
}
