//! Small networks with every operator and attribute.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test support: every test binary uses its own part"
)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::network::{
    Convolution, Dims, FORMAT, Input, Linear, Network, Node, Norm, Operator, Table,
};

/// Builds a network node by node, with random weights.
#[derive(Debug)]
pub struct Maker {
    pub rng: ChaCha20Rng,
    pub network: Network,
}

impl Maker {
    pub fn new(seed: u64, dims: Dims) -> Self {
        Self {
            rng: ChaCha20Rng::seed_from_u64(seed),
            network: Network {
                format: FORMAT.into(),
                input: Input {
                    dims,
                    low: -128,
                    high: 127,
                },
                tables: vec![relu(), square()],
                nodes: vec![],
            },
        }
    }

    fn weights(&mut self, count: usize) -> Vec<i32> {
        (0..count).map(|_| self.rng.gen_range(-7..=7)).collect()
    }

    pub fn push(&mut self, operator: Operator) -> usize {
        let index = self.network.nodes.len();
        self.network.nodes.push(Node {
            name: format!("{}{index}", operator.kind()),
            operator,
        });
        index + 1
    }

    /// A convolution whose quotients fit the tables.
    pub fn convolution(
        &mut self,
        mut term: Convolution,
        table: Option<usize>,
        last: bool,
    ) -> usize {
        let channels = self.network.dims()[term.input].0;
        let fan = channels / term.groups * term.kernel[0] * term.kernel[1];
        term.weights = self.weights(term.outputs * fan);
        let bias = (0..term.outputs)
            .map(|_| self.rng.gen_range(-500..500))
            .collect();
        let reach = 256 * 7 * fan as u64 + 500;
        let divisor = if last {
            1
        } else {
            reach.div_ceil(500).next_power_of_two()
        };
        self.push(Operator::Linear(Linear {
            terms: vec![term],
            bias,
            divisor,
            table,
        }))
    }

    pub fn dense(&mut self, input: usize, outputs: usize, last: bool) -> usize {
        let table = (!last).then_some(0);
        self.convolution(Convolution::dense(input, outputs, vec![]), table, last)
    }

    pub fn input(&mut self) -> Vec<i64> {
        let count = self.network.input.dims.len();
        (0..count).map(|_| self.rng.gen_range(-128..=127)).collect()
    }
}

pub fn relu() -> Table {
    Table {
        name: "relu".into(),
        low: -600,
        values: (-600..600).map(|x: i32| x.clamp(0, 255)).collect(),
    }
}

pub fn square() -> Table {
    Table {
        name: "square".into(),
        low: -600,
        values: (-600..600)
            .map(|x: i32| (x * x / 512).min(255) - 100)
            .collect(),
    }
}

pub fn flatten(maker: &mut Maker, input: usize) -> usize {
    let count = maker.network.dims()[input].len();
    maker.push(Operator::Gather {
        inputs: vec![input],
        dims: Dims(count, 1, 1),
        index: vec![],
    })
}

pub fn conv(input: usize, outputs: usize, kernel: [usize; 2]) -> Convolution {
    Convolution {
        input,
        outputs,
        weights: vec![],
        kernel,
        stride: [1, 1],
        padding: [0; 4],
        dilation: [1, 1],
        groups: 1,
    }
}

/// Small networks with every operator and attribute.
pub fn networks() -> Vec<(&'static str, Network, Vec<i64>)> {
    let mut all = vec![];
    let mut add = |name, mut maker: Maker| {
        let input = maker.input();
        maker.network.validate().unwrap();
        all.push((name, maker.network, input));
    };

    let mut maker = Maker::new(1, Dims(20, 1, 1));
    let hidden = maker.dense(0, 9, false);
    maker.dense(hidden, 3, true);
    add("dense", maker);

    let mut maker = Maker::new(2, Dims(3, 1, 12));
    let hidden = maker.convolution(conv(0, 5, [1, 3]), Some(0), false);
    let hidden = maker.convolution(conv(hidden, 4, [1, 3]), Some(1), false);
    let flat = flatten(&mut maker, hidden);
    maker.dense(flat, 3, true);
    add("sequence", maker);

    let mut maker = Maker::new(3, Dims(2, 7, 6));
    let term = Convolution {
        padding: [1, 1, 1, 1],
        ..conv(0, 4, [3, 3])
    };
    let hidden = maker.convolution(term, Some(0), false);
    let pool = maker.push(Operator::Maximum {
        input: hidden,
        kernel: [2, 2],
        stride: [2, 2],
        padding: [0; 4],
    });
    let flat = flatten(&mut maker, pool);
    maker.dense(flat, 3, true);
    add("image", maker);

    let mut maker = Maker::new(4, Dims(4, 9, 8));
    let term = Convolution {
        stride: [2, 3],
        padding: [2, 1, 0, 2],
        dilation: [2, 1],
        groups: 2,
        ..conv(0, 6, [3, 2])
    };
    let hidden = maker.convolution(term, Some(1), false);
    let term = Convolution {
        padding: [1, 1, 1, 1],
        groups: 6,
        ..conv(hidden, 6, [3, 3])
    };
    let hidden = maker.convolution(term, None, false);
    let pool = maker.push(Operator::Maximum {
        input: hidden,
        kernel: [3, 2],
        stride: [2, 1],
        padding: [1, 1, 1, 0],
    });
    let flat = flatten(&mut maker, pool);
    maker.dense(flat, 2, true);
    add("strided, dilated, grouped, depthwise", maker);

    // Residual sum, average pool with a divisor that is no power of two, concatenation.
    let mut maker = Maker::new(5, Dims(3, 6, 6));
    let term = Convolution {
        padding: [1, 1, 1, 1],
        ..conv(0, 3, [3, 3])
    };
    let hidden = maker.convolution(term, Some(1), false);
    let sum = maker.push(Operator::Linear(Linear {
        terms: vec![
            Convolution::scale(0, &[3, 3, 3]),
            Convolution::scale(hidden, &[2, 1, -2]),
        ],
        bias: vec![4, 5, 6],
        divisor: 4,
        table: Some(0),
    }));
    let pool = Convolution {
        stride: [3, 3],
        groups: 3,
        weights: vec![1; 27],
        ..conv(sum, 3, [3, 3])
    };
    let pool = maker.push(Operator::Linear(Linear {
        terms: vec![pool],
        bias: vec![4; 3],
        divisor: 9,
        table: None,
    }));
    let other = maker.push(Operator::Maximum {
        input: hidden,
        kernel: [3, 3],
        stride: [3, 3],
        padding: [0; 4],
    });
    let both = maker.push(Operator::Gather {
        inputs: vec![pool, other],
        dims: Dims(24, 1, 1),
        index: (0..24).rev().collect(),
    });
    maker.dense(both, 4, true);
    add("residual, pools, concatenation", maker);

    // A gather whose channels mix lower bounds, a lookup, a normalisation.
    let mut maker = Maker::new(6, Dims(12, 1, 1));
    let hidden = maker.dense(0, 12, false);
    let mixed = maker.push(Operator::Gather {
        inputs: vec![0, hidden],
        dims: Dims(2, 1, 12),
        index: (0..24).map(|i| i / 2 + i % 2 * 12).collect(),
    });
    let norm = maker.push(Operator::Norm(Norm {
        input: mixed,
        group: 12,
        epsilon: 144,
        precision: 10,
        scale: (0..12).map(|i| 90 + i).collect(),
        bias: (0..12).map(|i| 1000 * i - 300).collect(),
        divisor: 1 << 10,
    }));
    let table = Table {
        name: "clamp".into(),
        low: -1000,
        values: (-1000..1000)
            .map(|x: i32| (x / 4).clamp(-128, 127))
            .collect(),
    };
    maker.network.tables.push(table);
    let clamped = maker.push(Operator::Lookup {
        input: norm,
        table: 2,
    });
    let flat = flatten(&mut maker, clamped);
    maker.dense(flat, 3, true);
    add("gather, normalisation, lookup", maker);
    all
}

/// A division by 2^12, whose remainders would have a table of 4,096 entries where there are as many
/// rows, and an input.
pub fn remainders() -> (Network, Vec<i64>) {
    let mut maker = Maker::new(25, Dims(4, 1, 1));
    maker.network.tables = vec![];
    let linear = |term: Convolution, divisor| {
        Operator::Linear(Linear {
            bias: vec![30; term.outputs],
            terms: vec![term],
            divisor,
            table: None,
        })
    };
    let weights = (0..8).map(|_| maker.rng.gen_range(-2000..=2000)).collect();
    maker.push(linear(Convolution::dense(0, 2, weights), 4096));
    let weights = vec![3, -2, 5, 1, -4, 6];
    maker.push(linear(Convolution::dense(1, 3, weights), 1));
    let input = maker.input();
    maker.network.validate().unwrap();
    (maker.network, input)
}
