//! Loops over words of calldata, for circuits with so many that straight-line code fits no contract.

use super::{value::Value, yul::Code};

/// Words to a round: with more, the legacy optimiser keeps too much of it on the stack.
const ROUND: usize = 4;

/// Things up to which code is straight-line.
const FEW: usize = 64;

/// Whether so many things are worth a loop or a function.
pub(super) fn many(count: usize) -> bool {
    count > FEW
}

/// Code for `count` words of calldata, [`ROUND`] of them to a round of a loop; what is left follows
/// it.
pub(super) fn rounds(
    code: &mut Code,
    start: usize,
    count: usize,
    step: impl Fn(&mut Code, &[Value]),
) {
    let load = |index: usize| match index {
        0 => Value::new("calldataload(at)", 1),
        _ => Value::new(format!("calldataload(add(at, {}))", 32 * index), 1),
    };
    let loads: Vec<Value> = (0..ROUND).map(load).collect();
    let left = count % ROUND;
    let end = start + 32 * (count - left);
    code.nest("", |code| {
        code.line(format!("let at := {start}"));
        let head = format!("for {{}} lt(at, {end}) {{ at := add(at, {}) }}", 32 * ROUND);
        code.nest(&head, |code| step(code, &loads));
        step(code, loads.get(..left).unwrap_or_default());
    });
}
