//! Largest values of windows, one candidate after the other.
//!
//! m_0 = x_0, m_i = m_(i-1) + max(x_i - m_(i-1), 0): each step has an entry of x -> max(x, 0) and the
//! raise; all windows are checked at once.

use super::{
    block::Meaning,
    compiler::Compiler,
    form::{Form, MAX_RANGE},
    lookup::Kind,
    row::{Late, Value},
};
use crate::{
    field::{Fr, from_int},
    network::{Dims, window},
};

/// Index of the candidate of every window in one step: padding repeats the first.
pub(crate) fn candidates(
    input: Dims,
    output: Dims,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
) -> Vec<Vec<usize>> {
    let mut steps = vec![Vec::with_capacity(output.len()); kernel[0] * kernel[1]];
    for channel in 0..output.0 {
        for row in 0..output.1 {
            for column in 0..output.2 {
                let cells: Vec<usize> = window(input, [row, column], kernel, stride, padding)
                    .map(|(y, x)| (channel * input.1 + y) * input.2 + x)
                    .collect();
                for (index, step) in steps.iter_mut().enumerate() {
                    step.push(cells.get(index).copied().unwrap_or(cells[0]));
                }
            }
        }
    }
    steps
}

impl Compiler<'_> {
    pub(super) fn maximum(
        &mut self,
        node: usize,
        input: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 4],
    ) -> Result<Form, String> {
        let tensor = node + 1;
        let (from, to) = (self.dims[input], self.dims[tensor]);
        let values: Vec<Value> = self.single(input)?.to_vec();
        let lows = self.forms[input].lows.clone();
        // Values of one channel share their lower bound, so differences need none.
        let interval = self.bounds.tensors[tensor];
        let size = interval.len();
        if 2 * size > MAX_RANGE {
            return Err(format!(
                "largest of {size} possible values, want at most {}",
                MAX_RANGE / 2
            ));
        }
        let table = self.lookup(Kind::Positive(size));
        let bits = self.writer.lookups.argument_bits(table);
        let steps = candidates(from, to, kernel, stride, padding);
        let range = self.lookup(Kind::Range(size));
        let at = |step: &[usize]| step.iter().map(|&index| values[index]).collect::<Vec<_>>();
        let mut maximum: Vec<(Fr, Late)> = vec![(Fr::one(), self.flat(&at(&steps[0])))];
        for (step, indices) in steps.iter().enumerate().skip(1) {
            let entry = Meaning::StepEntry { node, step };
            let entry = self.part(to.len(), Some(table), Fr::one(), entry);
            let raise = Meaning::Step { node, step };
            let raise = self.part(to.len(), Some(range), Fr::one(), raise);
            let candidate = self.flat(&at(indices));
            let entry = self.flat(&entry.values);
            let raise = self.flat(&raise.values);
            let ones = self.ones(0, &[(1, to.len())]);
            let mut terms = vec![
                (-Fr::one(), entry),
                (Fr::one(), candidate),
                (from_int((size - 1).into()), ones),
                (from_int(1 << bits), raise),
            ];
            terms.extend(maximum.iter().map(|&(weight, late)| (-weight, late)));
            self.vanish(&terms);
            maximum.push((Fr::one(), raise));
        }
        // The result in values of its own, each channel with the input's lower bound.
        let meaning = Meaning::Tensor {
            tensor,
            lows: lows.clone(),
            offset: 0,
            width: 0,
        };
        let result = self.part(to.len(), Some(range), Fr::one(), meaning);
        let late = self.flat(&result.values);
        maximum.push((-Fr::one(), late));
        self.vanish(&maximum);
        Ok(Form {
            dims: to,
            parts: vec![result],
            lows,
        })
    }
}
