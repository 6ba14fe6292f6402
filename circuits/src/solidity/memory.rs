//! Where the verifier keeps things: calldata offsets of the canonical encoding, words of memory.

/// Calldata offset of the first public input: selector, two offsets, length of the inputs.
pub(super) const INPUTS: usize = 4 + 3 * 32;

// Memory: points under work and hashing below 0x400, then these words.
pub(super) const Y_GATE: usize = 0x400;
pub(super) const BETA: usize = 0x420;
pub(super) const GAMMA: usize = 0x440;
pub(super) const X: usize = 0x460;
pub(super) const Y_OPEN: usize = 0x480;
pub(super) const V: usize = 0x4a0;
pub(super) const U: usize = 0x4c0;
pub(super) const H_EVAL: usize = 0x500;
pub(super) const OPEN_INVERSE: usize = 0x520;
pub(super) const STEP_INVERSE: usize = 0x540;
pub(super) const INSTANCE: usize = 0x560;
pub(super) const FIRST: usize = 0x580;
pub(super) const LAST: usize = 0x5a0;
pub(super) const BLIND: usize = 0x5c0;
/// Factors of the batched inversion, then their running products.
pub(super) const FACTORS: usize = 0x600;

/// Offsets of the proof's parts in calldata.
pub(super) struct Proof {
    pub a: usize,
    pub acc: usize,
    pub product: usize,
    pub random: usize,
    pub quotient: [usize; 4],
    pub evals: usize,
    pub w1: usize,
    pub w2: usize,
}

impl Proof {
    pub fn at(start: usize) -> Self {
        let point = |index: usize| start + 64 * index;
        let evals = point(8);
        Self {
            a: point(0),
            acc: point(1),
            product: point(2),
            random: point(3),
            quotient: [point(4), point(5), point(6), point(7)],
            evals,
            w1: evals + 320,
            w2: evals + 384,
        }
    }

    pub fn points(&self) -> Vec<usize> {
        let [h0, h1, h2, h3] = self.quotient;
        vec![
            self.a,
            self.acc,
            self.product,
            self.random,
            h0,
            h1,
            h2,
            h3,
            self.w1,
            self.w2,
        ]
    }

    // Evaluations in transcript order.
    pub fn eval(&self, index: usize) -> String {
        format!("calldataload({})", self.evals + 32 * index)
    }
}

pub(super) const EVAL_A: usize = 0;
pub(super) const EVAL_ACC: usize = 1;
pub(super) const EVAL_ACC_NEXT: usize = 2;
pub(super) const EVAL_FIXED: usize = 3;
pub(super) const EVAL_RANDOM: usize = 6;
pub(super) const EVAL_SIGMA: usize = 7;
pub(super) const EVAL_PRODUCT: usize = 8;
pub(super) const EVAL_PRODUCT_NEXT: usize = 9;
