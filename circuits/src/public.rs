//! Public inputs: their order, packing and canonical decoding.
//!
//! ```text
//! word 0              binding, 248 bits, opaque to the circuit
//! words 1..=P         inputs, 31 per word: sum_j (x_j + 128) 256^j, unused high bytes zero
//! words P+1..=P+L     logits, 3 per word: sum_i (y_i + 2^63) 2^(64 i)
//! last word           class
//! ```
//! Every word is below r and every statement has exactly one encoding.

use sha3::{Digest, Keccak256};

use crate::{
    Error,
    field::{self, Fr, Word},
    model::IntegerModel,
};

/// Inputs per packed word (31 bytes stay below r).
pub const INPUTS_PER_WORD: usize = 31;
/// Logits per packed word (3 x 64 bits).
pub const LOGITS_PER_WORD: usize = 3;
/// Added to an input to make its byte.
pub const INPUT_OFFSET: i16 = 128;
/// log2 of what is added to a logit to make its 64-bit field.
pub const LOGIT_OFFSET_BITS: u32 = 63;

/// Shape of a statement: how many inputs and classes its words carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// Number of int8 inputs.
    pub inputs: usize,
    /// Number of classes, hence of logits.
    pub classes: usize,
}

impl Schema {
    /// The schema of a model.
    pub fn of(model: &IntegerModel) -> Self {
        Self {
            inputs: model.input.len,
            classes: model.classes(),
        }
    }

    /// Number of packed input words.
    pub fn input_words(&self) -> usize {
        self.inputs.div_ceil(INPUTS_PER_WORD)
    }

    /// Number of packed logit words.
    pub fn logit_words(&self) -> usize {
        self.classes.div_ceil(LOGITS_PER_WORD)
    }

    /// Number of public inputs in all.
    pub fn words(&self) -> usize {
        self.input_words() + self.logit_words() + 2
    }
}

/// Words that hold `outputs` logits.
pub fn logit_words(outputs: usize) -> usize {
    outputs.div_ceil(LOGITS_PER_WORD)
}

/// The public inputs of one statement as big-endian words, each below r.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicInputs {
    schema: Schema,
    words: Vec<Word>,
}

/// What the words of a statement say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Opaque word that ties the proof to a chain, an oracle and a window.
    pub binding: Word,
    /// The network's inputs.
    pub inputs: Vec<i16>,
    /// The network's logits.
    pub logits: Vec<i64>,
    /// Index of the largest logit, the lowest one of equals.
    pub class: usize,
}

impl PublicInputs {
    /// Packs a statement.
    ///
    /// # Errors
    /// [`Error::PublicInput`] when the binding is not below 2^248, [`Error::Input`] when a value
    /// does not fit the schema.
    pub fn encode(schema: Schema, statement: &Statement) -> Result<Self, Error> {
        if statement.binding[0] != 0 {
            return Err(Error::PublicInput {
                index: 0,
                problem: "binding exceeds 248 bits; shift the hash right by 8".into(),
            });
        }
        if statement.inputs.len() != schema.inputs || statement.logits.len() != schema.classes {
            return Err(Error::Input(format!(
                "got {} inputs and {} logits, want {} and {}",
                statement.inputs.len(),
                statement.logits.len(),
                schema.inputs,
                schema.classes
            )));
        }
        let mut words = vec![statement.binding];
        for chunk in statement.inputs.chunks(INPUTS_PER_WORD) {
            let mut word = [0u8; 32];
            for (byte, &x) in word.iter_mut().rev().zip(chunk) {
                *byte = u8::try_from(i32::from(x) + i32::from(INPUT_OFFSET))
                    .map_err(|_| Error::Input(format!("value {x} does not fit int8")))?;
            }
            words.push(word);
        }
        for chunk in statement.logits.chunks(LOGITS_PER_WORD) {
            let mut word = [0u8; 32];
            for (field, &y) in word.rchunks_mut(8).zip(chunk) {
                field
                    .copy_from_slice(&(y.cast_unsigned() ^ (1 << LOGIT_OFFSET_BITS)).to_be_bytes());
            }
            words.push(word);
        }
        let mut class = [0u8; 32];
        class[31] = u8::try_from(statement.class)
            .map_err(|_| Error::Input(format!("class {} is too large", statement.class)))?;
        words.push(class);
        Ok(Self { schema, words })
    }

    /// Takes words as they come from a file or a chain.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for a wrong count or a word that no statement has.
    pub fn from_words(schema: Schema, words: Vec<Word>) -> Result<Self, Error> {
        if words.len() != schema.words() {
            return Err(Error::PublicInput {
                index: words.len(),
                problem: format!("got {} words, want {}", words.len(), schema.words()),
            });
        }
        let inputs = Self { schema, words };
        inputs.decode()?;
        Ok(inputs)
    }

    /// The words, big-endian, in order.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The shape of the statement.
    pub fn schema(&self) -> Schema {
        self.schema
    }

    /// The words as field elements.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for a word not below r.
    pub fn scalars(&self) -> Result<Vec<Fr>, Error> {
        self.words
            .iter()
            .enumerate()
            .map(|(index, word)| {
                field::from_word(word).ok_or(Error::PublicInput {
                    index,
                    problem: "not below the scalar modulus".into(),
                })
            })
            .collect()
    }

    /// Unpacks the statement, refusing every encoding but the one that [`Self::encode`] makes.
    ///
    /// # Errors
    /// [`Error::PublicInput`] naming the word.
    pub fn decode(&self) -> Result<Statement, Error> {
        let (input_words, logit_words) = (self.schema.input_words(), self.schema.logit_words());
        let mut inputs = Vec::with_capacity(self.schema.inputs);
        let mut logits = Vec::with_capacity(self.schema.classes);
        for word in self.words.iter().skip(1).take(input_words) {
            for byte in word
                .iter()
                .rev()
                .take((self.schema.inputs - inputs.len()).min(31))
            {
                inputs.push(i16::from(*byte) - INPUT_OFFSET);
            }
        }
        for word in self.words.iter().skip(1 + input_words).take(logit_words) {
            let count = (self.schema.classes - logits.len()).min(LOGITS_PER_WORD);
            for field in word.rchunks(8).take(count) {
                let mut bytes = [0u8; 8];
                bytes.copy_from_slice(field);
                logits.push((u64::from_be_bytes(bytes) ^ (1 << LOGIT_OFFSET_BITS)).cast_signed());
            }
        }
        let first = self.words.first().copied().unwrap_or_default();
        let last = self.words.last().copied().unwrap_or_default();
        let statement = Statement {
            binding: first,
            inputs,
            logits,
            class: usize::from(last[31]),
        };
        let canonical = Self::encode(self.schema, &statement)?;
        let differs = self
            .words
            .iter()
            .zip(&canonical.words)
            .position(|(a, b)| a != b);
        if let Some(index) = differs {
            return Err(Error::PublicInput {
                index,
                problem: "not a canonical encoding".into(),
            });
        }
        if statement.class >= self.schema.classes {
            return Err(Error::PublicInput {
                index: self.words.len() - 1,
                problem: format!(
                    "class {}, want below {}",
                    statement.class, self.schema.classes
                ),
            });
        }
        Ok(statement)
    }

    /// Keccak-256 of the packed input words: what attestors sign.
    pub fn inputs_digest(&self) -> Word {
        let mut hash = Keccak256::new();
        for word in self.words.iter().skip(1).take(self.schema.input_words()) {
            hash.update(word);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCHEMA: Schema = Schema {
        inputs: 33,
        classes: 3,
    };

    fn statement(inputs: Vec<i16>, logits: Vec<i64>) -> Statement {
        let mut binding = [7u8; 32];
        binding[0] = 0;
        Statement {
            binding,
            inputs,
            logits,
            class: 2,
        }
    }

    proptest! {
        #[test]
        fn decode_inverts_encode(
            inputs in prop::collection::vec(-128i16..=127, 33),
            logits in prop::collection::vec(any::<i64>(), 3),
        ) {
            let statement = statement(inputs, logits);
            let packed = PublicInputs::encode(SCHEMA, &statement).unwrap();
            prop_assert_eq!(packed.words().len(), 5);
            prop_assert_eq!(packed.decode().unwrap(), statement);
            prop_assert!(packed.scalars().is_ok());
        }
    }

    #[test]
    fn encode_refuses_inputs_outside_int8() {
        for value in [128, -129, i16::MAX, i16::MIN] {
            let mut inputs = vec![0; 33];
            inputs[32] = value;
            let error = PublicInputs::encode(SCHEMA, &statement(inputs, vec![0; 3])).unwrap_err();
            assert!(error.to_string().contains(&value.to_string()), "{error}");
        }
    }

    #[test]
    fn encode_places_first_input_in_lowest_byte() {
        let packed = PublicInputs::encode(SCHEMA, &statement(vec![-127; 33], vec![0; 3])).unwrap();
        let mut want = [1u8; 32];
        want[0] = 0;
        assert_eq!(packed.words()[1], want);
        assert_eq!(packed.words()[3][24..], [0x80, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn from_words_refuses_every_other_encoding() {
        let good = PublicInputs::encode(SCHEMA, &statement(vec![0; 33], vec![1, 2, 3])).unwrap();
        // (word, byte, value): binding too wide, spare byte of a full and of the last input word,
        // spare bytes of the logits, class out of range.
        for (word, byte, value) in [
            (0, 0, 1),
            (1, 0, 1),
            (2, 20, 1),
            (3, 7, 1),
            (4, 31, 3),
            (4, 0, 1),
        ] {
            let mut words = good.words().to_vec();
            words[word][byte] = value;
            let error = PublicInputs::from_words(SCHEMA, words).unwrap_err();
            assert!(
                matches!(error, Error::PublicInput { index, .. } if index == word),
                "word {word}: {error}"
            );
        }
        assert!(PublicInputs::from_words(SCHEMA, good.words()[..4].to_vec()).is_err());
    }
}
