//! Layers: the scale of their weights, what their sums are divided by, and the table of their quotients.

use super::{
    Lowering, Quantity, of_pin,
    plan::{Plan, Source, fixed, plan},
    range, rule,
};
use crate::{
    network::{self, MAX_WEIGHT, Operator},
    onnx::{
        error::Error,
        function::Function,
        graph::{Linear, Node, Pin},
        lower::Origin,
        math::{floor_log2, power_of_two},
    },
};

/// Largest divisor that is no power of two.
const MAX_WINDOW: usize = 4096;
/// Largest binary logarithm of a divisor.
const MAX_SHIFT: i32 = 40;
/// From this many values on, an average may have a finer scale than what it averages.
const LARGE_WINDOW: usize = 16;

impl Lowering<'_> {
    /// A layer and the function of its sums; `sums` is the tensor before the function, `tensor` the one behind it.
    pub(super) fn linear(
        &mut self,
        node: &Node,
        linear: &Linear,
        function: &Function,
        target: Pin,
        tensor: usize,
        sums: usize,
    ) -> Result<Quantity, Error> {
        let sources = self.sources(node, linear)?;
        let keeps = function.keeps_integers();
        let useful = useful(function, target.scale, self.ranges.at(sums));
        // A scale that nobody else has to meet may be what divides well.
        let free = self.scales.is_free(tensor) && !self.is_pinned(tensor);
        let mut target = target;
        let plan = if let (Some(window), [source]) = (
            linear.average.filter(|&n| n <= MAX_WINDOW),
            sources.as_slice(),
        ) {
            let finest = if keeps { target.scale } else { useful };
            let plan = self.average(node, linear, source, window, finest, keeps)?;
            if keeps && free {
                target.scale = plan.step;
                if function.is_identity() && plan.divisor == window as u64 {
                    // No average is beyond the values.
                    target.low = target.low.min(plan.low as i32);
                    target.high = target.high.max(plan.high as i32);
                }
            }
            plan
        } else if let Some(scale) = fixed(&sources) {
            self.divided(node, linear, &sources, scale, useful)?
        } else {
            let plan = self.scaled(node, linear, &sources, useful)?;
            if free && keeps && plan.step > target.scale {
                // No finer than the quotients are.
                target.scale = plan.step;
            }
            plan
        };
        let rule = rule(function, plan.step, target);
        let fits = plan.low >= target.low.into() && plan.high <= target.high.into();
        if rule.is_identity() && fits {
            let quantity = Quantity {
                tensor: 0,
                scale: plan.step,
                low: plan.low,
                high: plan.high,
            };
            let origin = self.plain(tensor, plan.step);
            let tensor = self.emit(node, plan, None, origin);
            return Ok(Quantity { tensor, ..quantity });
        }
        let table = self
            .tables
            .index(&rule, plan.low, plan.high, 1 << self.options.table_bits);
        let origin = Origin {
            of: tensor,
            scale: target.scale,
            rule: Some(rule),
        };
        let tensor = self.emit(node, plan, Some(table), origin);
        Ok(of_pin(tensor, target))
    }

    /// The last layer: its sums are the outputs.
    pub(super) fn logits(&mut self, node: &Node, tensor: usize) -> Result<Quantity, Error> {
        let super::Operation::Linear(linear) = &node.operation else {
            return Err(range(node, "it is no layer", "report this file"));
        };
        let sources = self.sources(node, linear)?;
        let scale = match (linear.average, sources.as_slice()) {
            (Some(window), [source]) => source.input.scale / window as f64,
            _ => fixed(&sources).unwrap_or_else(|| self.finest(&sources)),
        };
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let plan =
            plan(linear, &sources, scale, 1).map_err(|problem| range(node, &problem, WEIGHTS))?;
        let quantity = Quantity {
            tensor: 0,
            scale,
            low: plan.low,
            high: plan.high,
        };
        let origin = self.plain(tensor, scale);
        let tensor = self.emit(node, plan, None, origin);
        Ok(Quantity { tensor, ..quantity })
    }

    fn sources<'a>(&mut self, node: &Node, linear: &'a Linear) -> Result<Vec<Source<'a>>, Error> {
        let sources = linear.terms.iter().map(|term| {
            let input = self.quantity(term.input, node)?;
            let tensor = self.viewed(input.tensor, term.view, node);
            Ok(Source {
                term,
                input: Quantity { tensor, ..input },
            })
        });
        sources.collect()
    }

    fn is_pinned(&self, tensor: usize) -> bool {
        let node = self.graph.producer(tensor);
        node.is_some_and(|node| {
            matches!(node.operation, super::Operation::Map { pin: Some(_), .. })
        })
    }

    /// The finest scale of sums at which every weight has its bits.
    fn finest(&self, sources: &[Source<'_>]) -> f64 {
        let mixed = sources.iter().any(|source| !source.term.is_diagonal());
        let scales = sources.iter().map(|source| {
            // Factors of a tensor beside a convolution are few: they may be longer.
            let limit = if mixed && source.term.is_diagonal() {
                MAX_WEIGHT
            } else {
                (1 << (self.options.weight_bits - 1)) - 1
            };
            let largest = source.term.weights.iter().fold(0f64, |m, w| m.max(w.abs()));
            source.input.scale * largest / f64::from(limit)
        });
        scales.fold(0.0, f64::max)
    }

    /// Weights at a scale of our own: quotients at `step` or, where the worst case fits no table, a multiple of it.
    fn scaled(
        &self,
        node: &Node,
        linear: &Linear,
        sources: &[Source<'_>],
        step: f64,
    ) -> Result<Plan, Error> {
        let finest = self.finest(sources);
        let mut step = step;
        let mut problem = "no scale fits".to_owned();
        for _ in 0..256 {
            if step >= finest {
                let shift = if finest > 0.0 {
                    floor_log2(step / finest).clamp(0, MAX_SHIFT)
                } else {
                    0
                };
                match plan(linear, sources, step / power_of_two(shift), 1 << shift) {
                    Ok(plan) if self.fits(&plan) => return Ok(Plan { step, ..plan }),
                    Ok(plan) => problem = format!("quotients can be {}..={}", plan.low, plan.high),
                    Err(wrong) => problem = wrong,
                }
            }
            step *= 2.0;
        }
        Err(range(node, &problem, WEIGHTS))
    }

    /// Weights at the scale of the file.
    fn divided(
        &self,
        node: &Node,
        linear: &Linear,
        sources: &[Source<'_>],
        scale: f64,
        useful: f64,
    ) -> Result<Plan, Error> {
        // Quotients and results are both rounded: the first finer than the second.
        let first = floor_log2(useful / 8.0 / scale).clamp(0, MAX_SHIFT);
        let mut problem = "no divisor fits".to_owned();
        for shift in first..=MAX_SHIFT {
            let plan = plan(linear, sources, scale, 1 << shift)
                .map_err(|problem| range(node, &problem, WEIGHTS))?;
            if self.fits(&plan) {
                return Ok(plan);
            }
            problem = format!("quotients can be {}..={}", plan.low, plan.high);
        }
        Err(range(node, &problem, WEIGHTS))
    }

    /// Sums of windows, divided by their size, or by less where the results are small.
    fn average(
        &self,
        node: &Node,
        linear: &Linear,
        source: &Source<'_>,
        window: usize,
        finest: f64,
        keeps: bool,
    ) -> Result<Plan, Error> {
        let unit = source.input.scale / window as f64;
        let step = |divisor: usize| unit * divisor as f64;
        let mut divisor = window;
        if keeps {
            while window >= LARGE_WINDOW && divisor > 1 && step(divisor / 2) >= finest {
                divisor /= 2;
            }
        } else {
            while divisor > 1 && step(divisor) > finest {
                divisor /= 2;
            }
        }
        loop {
            let plan = plan(linear, std::slice::from_ref(source), unit, divisor as u64)
                .map_err(|problem| range(node, &problem, WEIGHTS))?;
            if self.fits(&plan) || divisor >= window {
                return Ok(plan);
            }
            divisor = (divisor * 2).min(window);
        }
    }

    fn fits(&self, plan: &Plan) -> bool {
        plan.high - plan.low < 1 << self.options.table_bits
    }

    fn emit(&mut self, node: &Node, plan: Plan, table: Option<usize>, origin: Origin) -> usize {
        let linear = network::Linear {
            terms: plan.terms,
            bias: plan.bias,
            divisor: plan.divisor,
            table,
        };
        self.push(&node.name, Operator::Linear(linear), node.dims, origin)
    }
}

const WEIGHTS: &str = "train with smaller weights, or use more --table-bits or fewer --bits";

/// The coarsest step of arguments that a function's values need not regret.
pub(super) fn useful(function: &Function, unit: f64, (low, high): (f64, f64)) -> f64 {
    if function.keeps_integers() {
        return unit;
    }
    const POINTS: u32 = 256;
    let width = (high - low) / f64::from(POINTS);
    if width <= 0.0 || !width.is_finite() {
        return unit;
    }
    let at = |i: u32| function.at(low + width * f64::from(i));
    let slopes = (0..POINTS)
        .map(|i| ((at(i + 1) - at(i)) / width).abs())
        .filter(|slope| slope.is_finite());
    let slope = slopes.fold(0.0, f64::max);
    if slope > 0.0 {
        // A power of two, so that functions with two slopes have the same table everywhere.
        unit * power_of_two(floor_log2(0.25 / slope))
    } else {
        unit
    }
}
