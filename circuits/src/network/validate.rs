//! Checks of a network that comes from a file.

use super::{
    Bounds, Convolution, Dims, FORMAT, Linear, MAX_TABLE, MAX_WEIGHT, Network, Norm, Operator,
};
use crate::Error;

/// Most values of a tensor.
const MAX_VALUES: usize = 1 << 23;
/// Largest magnitude of a table's values and of the input.
const MAX_VALUE: i32 = 1 << 15;
/// Largest divisor.
const MAX_DIVISOR: u64 = 1 << 40;

impl Network {
    /// Checks shapes, ranges and worst cases.
    ///
    /// # Errors
    /// [`Error::Model`] with the first offending place.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |place: String, problem: String| Err(Error::Model { place, problem });
        if self.format != FORMAT {
            return refuse(
                "format".into(),
                format!("got {:?}, want {FORMAT:?}", self.format),
            );
        }
        let input = self.input;
        let values = -MAX_VALUE..=MAX_VALUE;
        if input.low > input.high || !values.contains(&input.low) || !values.contains(&input.high) {
            let (low, high) = (input.low, input.high);
            return refuse(
                "input".into(),
                format!("range {low}..={high}, want an interval within 16 bits"),
            );
        }
        if let Err(problem) = check_dims(input.dims) {
            return refuse("input".into(), problem);
        }
        for (index, table) in self.tables.iter().enumerate() {
            let length = table.values.len();
            if length == 0 || length > MAX_TABLE || table.low.unsigned_abs() > 1 << 40 {
                return refuse(
                    format!("table {index}"),
                    format!("{length} entries from {}, want 1 to {MAX_TABLE}", table.low),
                );
            }
            if let Some(value) = table.values.iter().find(|value| !values.contains(value)) {
                return refuse(
                    format!("table {index}"),
                    format!("value {value}, want at most 16 bits"),
                );
            }
        }
        if self.nodes.is_empty() {
            return refuse("nodes".into(), "there are none, want at least one".into());
        }
        let mut dims = vec![input.dims];
        for node in &self.nodes {
            let place = || format!("node {}", node.name);
            if let Some(input) = node.operator.inputs().iter().find(|&&t| t >= dims.len()) {
                return refuse(place(), format!("reads tensor {input}, which comes later"));
            }
            if let Err(problem) = self.check(&node.operator, &dims) {
                return refuse(place(), problem);
            }
            let Some(result) = node.operator.dims(&dims) else {
                return refuse(place(), "no window fits the input".into());
            };
            if let Err(problem) = check_dims(result) {
                return refuse(place(), problem);
            }
            dims.push(result);
        }
        Bounds::of(self).map(|_| ())
    }

    fn check(&self, operator: &Operator, dims: &[Dims]) -> Result<(), String> {
        match operator {
            Operator::Linear(linear) => {
                self.check_table(linear.table)?;
                linear.check(dims)
            }
            Operator::Lookup { table, .. } => self.check_table(Some(*table)),
            Operator::Maximum {
                kernel,
                stride,
                padding,
                ..
            } => {
                if kernel.contains(&0) || stride.contains(&0) {
                    return Err("a kernel or stride is 0".into());
                }
                if (0..4).any(|side| padding[side] >= kernel[side % 2]) {
                    return Err(format!(
                        "padding {padding:?} leaves windows without a value"
                    ));
                }
                Ok(())
            }
            Operator::Gather {
                inputs,
                dims: result,
                index,
            } => {
                let available: usize = inputs.iter().map(|&input| dims[input].len()).sum();
                let taken = if index.is_empty() {
                    available
                } else {
                    index.len()
                };
                if taken != result.len() {
                    return Err(format!("takes {taken} values for a result of {result}"));
                }
                match index.iter().find(|&&from| from as usize >= available) {
                    Some(from) => Err(format!("takes value {from} of {available}")),
                    None => Ok(()),
                }
            }
            Operator::Norm(norm) => norm.check(dims[norm.input]),
        }
    }

    fn check_table(&self, table: Option<usize>) -> Result<(), String> {
        match table {
            Some(index) if index >= self.tables.len() => {
                Err(format!("table {index} of {}", self.tables.len()))
            }
            _ => Ok(()),
        }
    }
}

fn check_dims(dims: Dims) -> Result<(), String> {
    if dims.is_empty() || dims.len() > MAX_VALUES {
        return Err(format!("shape {dims}, want 1 to {MAX_VALUES} values"));
    }
    Ok(())
}

fn check_divisor(divisor: u64) -> Result<(), String> {
    if divisor == 0 || divisor > MAX_DIVISOR {
        return Err(format!("divisor {divisor}, want 1 to {MAX_DIVISOR}"));
    }
    Ok(())
}

impl Linear {
    fn check(&self, dims: &[Dims]) -> Result<(), String> {
        check_divisor(self.divisor)?;
        let mut results = self.terms.iter().enumerate().map(|(index, term)| {
            let problem = |problem: String| format!("term {index}: {problem}");
            term.check(dims[term.input]).map_err(problem)
        });
        let first = results.next().ok_or("no terms, want at least one")??;
        for (index, result) in results.enumerate() {
            let result = result?;
            if result != first {
                return Err(format!("term {} gives {result}, term 0 {first}", index + 1));
            }
        }
        if self.bias.len() != first.0 {
            return Err(format!(
                "{} biases for {} channels",
                self.bias.len(),
                first.0
            ));
        }
        if let Some(bias) = self.bias.iter().find(|bias| bias.unsigned_abs() > 1 << 60) {
            return Err(format!("bias {bias}, want at most 60 bits"));
        }
        Ok(())
    }
}

impl Convolution {
    fn check(&self, input: Dims) -> Result<Dims, String> {
        let sizes = [self.kernel, self.stride, self.dilation];
        if sizes
            .iter()
            .flatten()
            .chain(&[self.outputs])
            .any(|&size| size == 0)
        {
            return Err("a kernel, stride, dilation or number of outputs is 0".into());
        }
        let large = 1 << 16;
        let mut all = sizes.iter().flatten().chain(&self.padding);
        if let Some(size) = all.find(|&&size| size > large) {
            return Err(format!("size {size}, want at most {large}"));
        }
        let result = self.dims(input).ok_or_else(|| {
            format!(
                "kernel {:?} with padding {:?}, dilation {:?} and {} groups does not fit {input} to {} outputs",
                self.kernel, self.padding, self.dilation, self.groups, self.outputs
            )
        })?;
        let want = self.outputs * self.fan(input.0) * self.kernel[0] * self.kernel[1];
        if self.weights.len() != want {
            return Err(format!("{} weights, want {want}", self.weights.len()));
        }
        let limit = MAX_WEIGHT.unsigned_abs();
        match self.weights.iter().find(|w| w.unsigned_abs() > limit) {
            Some(weight) => Err(format!(
                "weight {weight}, want at most {limit} in magnitude"
            )),
            None => Ok(result),
        }
    }
}

impl Norm {
    fn check(&self, input: Dims) -> Result<(), String> {
        check_divisor(self.divisor)?;
        if self.group < 2 || !input.len().is_multiple_of(self.group) {
            return Err(format!("groups of {} in {input}", self.group));
        }
        if self.scale.len() != self.group || self.bias.len() != self.group {
            return Err(format!(
                "{} scales and {} biases for groups of {}",
                self.scale.len(),
                self.bias.len(),
                self.group
            ));
        }
        if self.epsilon == 0 || self.precision > 36 {
            return Err("want epsilon of at least 1 and at most 36 bits of precision".into());
        }
        let limit = MAX_WEIGHT.unsigned_abs();
        match self.scale.iter().find(|s| s.unsigned_abs() > limit) {
            Some(scale) => Err(format!("scale {scale}, want at most {limit} in magnitude")),
            None => Ok(()),
        }
    }
}
