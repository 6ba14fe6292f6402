//! Networks of given shapes with random integer weights.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::network::{
    Convolution, Dims, FORMAT, Input, Linear, Network, Node, Norm, Operator, Table,
};

/// A network under construction; every number has `bits` bits.
pub struct Builder {
    rng: ChaCha20Rng,
    pub bits: u32,
    pub network: Network,
    /// Inputs to take instead of random ones.
    pub inputs: Vec<Vec<i64>>,
}

/// What follows a linear layer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// A function.
    Table(usize),
    /// Nothing but the division.
    Rescale,
    /// Not even that.
    Logits,
}

impl Builder {
    pub fn new(dims: Dims, bits: u32) -> Self {
        let half = 1 << (bits - 1);
        let network = Network {
            format: FORMAT.into(),
            input: Input {
                dims,
                low: -half,
                high: half - 1,
            },
            tables: vec![],
            nodes: vec![],
        };
        Self {
            rng: ChaCha20Rng::seed_from_u64(7),
            bits,
            network,
            inputs: vec![],
        }
    }

    /// A network that is there already.
    pub fn of(network: Network, bits: u32, inputs: Vec<Vec<i64>>) -> Self {
        Self {
            network,
            inputs,
            ..Self::new(Dims(1, 1, 1), bits)
        }
    }

    /// Values of an input.
    pub fn input(&self, seed: u64) -> Vec<i64> {
        if let Some(input) = self.inputs.get(seed as usize % self.inputs.len().max(1)) {
            return input.clone();
        }
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let Input { dims, low, high } = self.network.input;
        (0..dims.len())
            .map(|_| rng.gen_range(low..=high).into())
            .collect()
    }

    /// A function of numbers of `argument` bits; the argument is scaled to -8..8.
    pub fn table(&mut self, name: &str, argument: u32, f: impl Fn(f64) -> f64) -> usize {
        let half = 1i64 << (argument - 1);
        let out = f64::from(1 << (self.bits - 1));
        let value = |x: i64| {
            let y = f(x as f64 / half as f64 * 8.0) / 8.0 * out;
            y.round().clamp(-out, out - 1.0) as i32
        };
        self.network.tables.push(Table {
            name: name.into(),
            low: -half,
            values: (-half..half).map(value).collect(),
        });
        self.network.tables.len() - 1
    }

    fn push(&mut self, operator: Operator) -> usize {
        let name = format!("{}{}", operator.kind(), self.network.nodes.len());
        self.network.nodes.push(Node { name, operator });
        self.network.nodes.len()
    }

    pub fn lookup(&mut self, input: usize, table: usize) -> usize {
        self.push(Operator::Lookup { input, table })
    }

    /// A convolution with random weights.
    pub fn convolution(&mut self, mut term: Convolution, after: After) -> usize {
        let channels = self.network.dims()[term.input].0;
        let fan = term.fan(channels) * term.kernel[0] * term.kernel[1];
        let limit = (1 << (self.bits - 1)) - 1;
        term.weights = (0..term.outputs * fan)
            .map(|_| self.rng.gen_range(-limit..=limit))
            .collect();
        self.linear(term, after)
    }

    /// A linear node whose quotients fit what follows.
    pub fn linear(&mut self, term: Convolution, after: After) -> usize {
        let channels = self.network.dims()[term.input].0;
        let largest = 1u64 << self.bits;
        let worst = (0..term.outputs).map(|output| {
            let row = term.row(output, channels);
            row.iter()
                .map(|weight| u64::from(weight.unsigned_abs()))
                .sum::<u64>()
        });
        let worst = worst.max().unwrap_or(1) * largest;
        let span = match after {
            After::Table(table) => self.network.tables[table].high().unsigned_abs(),
            After::Rescale => 1 << (self.bits - 1),
            After::Logits => u64::MAX,
        };
        let divisor = worst.div_ceil(span).next_power_of_two();
        let outputs = term.outputs;
        self.push(Operator::Linear(Linear {
            terms: vec![term],
            bias: vec![divisor as i64 / 2; outputs],
            divisor: if after == After::Logits { 1 } else { divisor },
            table: match after {
                After::Table(table) => Some(table),
                _ => None,
            },
        }))
    }

    pub fn conv(
        &mut self,
        input: usize,
        outputs: usize,
        kernel: usize,
        pad: usize,
        stride: usize,
        groups: usize,
    ) -> Convolution {
        Convolution {
            input,
            outputs,
            weights: vec![],
            kernel: [kernel, kernel],
            stride: [stride, stride],
            padding: [pad; 4],
            dilation: [1, 1],
            groups,
        }
    }

    pub fn max_pool(&mut self, input: usize) -> usize {
        self.push(Operator::Maximum {
            input,
            kernel: [2, 2],
            stride: [2, 2],
            padding: [0; 4],
        })
    }

    pub fn average_pool(&mut self, input: usize) -> usize {
        let channels = self.network.dims()[input].0;
        let term = Convolution {
            weights: vec![1; 4 * channels],
            ..self.conv(input, channels, 2, 0, 2, channels)
        };
        self.push(Operator::Linear(Linear {
            terms: vec![term],
            bias: vec![2; channels],
            divisor: 4,
            table: None,
        }))
    }

    pub fn batch_norm(&mut self, input: usize) -> usize {
        let channels = self.network.dims()[input].0;
        let term = self.conv(input, channels, 1, 0, 1, channels);
        self.convolution(term, After::Rescale)
    }

    pub fn layer_norm(&mut self, input: usize) -> usize {
        let group = self.network.dims()[input].len();
        let precision = 12;
        // Eight deviations to either side, in the numbers' range.
        let root = (group as f64).sqrt();
        let unit = root * f64::from(1 << precision);
        let scale = f64::from(1 << self.bits) / 16.0 * 64.0;
        let norm = self.push(Operator::Norm(Norm {
            input,
            group,
            epsilon: (group as u64).pow(2),
            precision,
            scale: vec![64; group],
            bias: vec![0; group],
            divisor: ((unit * 64.0 / scale) as u64).next_power_of_two(),
        }));
        let values = self.network.validate().map_or(14, |()| 14);
        let table = self.network.tables.len();
        let half = 1i64 << values;
        let limit = (1 << (self.bits - 1)) - 1;
        self.network.tables.push(Table {
            name: "clamp".into(),
            low: -half,
            values: (-half..half)
                .map(|x| (x as i32).clamp(-limit - 1, limit))
                .collect(),
        });
        self.lookup(norm, table)
    }

    pub fn flatten(&mut self, input: usize) -> usize {
        let count = self.network.dims()[input].len();
        self.push(Operator::Gather {
            inputs: vec![input],
            dims: Dims(count, 1, 1),
            index: vec![],
        })
    }

    pub fn dense(&mut self, input: usize, outputs: usize, after: After) -> usize {
        self.convolution(Convolution::dense(input, outputs, vec![]), after)
    }
}
