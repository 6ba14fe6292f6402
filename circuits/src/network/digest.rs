//! A digest of a network's numbers, independent of names and of the file's formatting.

use sha2::{Digest, Sha256};

use super::{Dims, FORMAT, Network, Operator};

/// Numbers into a hash, each with its length before it where it varies.
struct Hash(Sha256);

impl Hash {
    fn number(&mut self, value: i128) {
        self.0.update(value.to_be_bytes());
    }

    fn size(&mut self, value: usize) {
        self.number(value as i128);
    }

    fn list<T: Copy + Into<i128>>(&mut self, values: &[T]) {
        self.size(values.len());
        for &value in values {
            self.number(value.into());
        }
    }

    fn sizes(&mut self, values: &[usize]) {
        self.size(values.len());
        for &value in values {
            self.size(value);
        }
    }

    fn dims(&mut self, Dims(channels, height, width): Dims) {
        self.sizes(&[channels, height, width]);
    }
}

impl Network {
    /// SHA-256 over every number of the network in a fixed order.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Hash(Sha256::new());
        hash.0.update(FORMAT.as_bytes());
        hash.dims(self.input.dims);
        hash.list(&[self.input.low, self.input.high]);
        hash.size(self.tables.len());
        for table in &self.tables {
            hash.number(table.low.into());
            hash.list(&table.values);
        }
        hash.size(self.nodes.len());
        for node in &self.nodes {
            node.operator.hash_into(&mut hash);
        }
        hash.0.finalize().into()
    }
}

impl Operator {
    fn hash_into(&self, hash: &mut Hash) {
        match self {
            Self::Linear(linear) => {
                hash.size(0);
                hash.size(linear.terms.len());
                for term in &linear.terms {
                    hash.sizes(&[term.input, term.outputs, term.groups]);
                    hash.list(&term.weights);
                    for pair in [term.kernel, term.stride, term.dilation] {
                        hash.sizes(&pair);
                    }
                    hash.sizes(&term.padding);
                }
                hash.list(&linear.bias);
                hash.number(linear.divisor.into());
                hash.number(linear.table.map_or(-1, |table| table as i128));
            }
            Self::Lookup { input, table } => hash.sizes(&[1, *input, *table]),
            Self::Maximum {
                input,
                kernel,
                stride,
                padding,
            } => {
                hash.sizes(&[2, *input]);
                hash.sizes(kernel);
                hash.sizes(stride);
                hash.sizes(padding);
            }
            Self::Gather {
                inputs,
                dims,
                index,
            } => {
                hash.size(3);
                hash.sizes(inputs);
                hash.dims(*dims);
                hash.list(index);
            }
            Self::Norm(norm) => {
                hash.sizes(&[4, norm.input, norm.group]);
                hash.number(norm.epsilon.into());
                hash.number(norm.precision.into());
                hash.list(&norm.scale);
                hash.list(&norm.bias);
                hash.number(norm.divisor.into());
            }
        }
    }
}
