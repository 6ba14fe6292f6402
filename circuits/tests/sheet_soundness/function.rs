//! Entries of functions with other values: of no argument, of another argument, of another table.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::{Fr, power_of_two},
    network::{Operator, Trace},
};

use crate::{
    case::{Block, Case},
    resume::resume,
    scale::Scale,
    tally::Tally,
};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    for entries in case.blocks("Entry") {
        others(case, entries, scale, &mut rng, &mut tally);
        values(case, entries, scale, &mut rng, &mut tally);
        if case.name.starts_with("twins") {
            fractions(case, entries, scale, &mut rng, &mut tally);
        }
    }
    tally
}

/// The argument is right, the value another one, the entry x + 2^b y of both in no table.
fn values(case: &Case, entries: &Block, scale: Scale, rng: &mut ChaCha20Rng, tally: &mut Tally) {
    let node = entries.number("node") as usize;
    let interval = case.key.layout().bounds().tensors[node + 1];
    for _ in 0..scale.pick(2, 8) {
        let index = rng.gen_range(0..entries.values.len());
        for more in [1, -1, 20] {
            let mut forged: Trace = case.trace.clone();
            forged.tensors[node + 1][index] += more;
            let value = forged.tensors[node + 1][index];
            if value < interval.low || value > interval.high {
                continue;
            }
            let Some(trace) = resume(&case.network, &forged, node) else {
                continue;
            };
            let values = case.values_of(&trace);
            tally.judge(case, &case.restated(&values), || {
                format!("node {node}: value {index} {more} more, with an entry of its own")
            });
        }
    }
}

/// The value and the entry of another of the network's functions.
fn others(case: &Case, entries: &Block, scale: Scale, rng: &mut ChaCha20Rng, tally: &mut Tally) {
    let node = entries.number("node") as usize;
    let mine = match &case.network.nodes[node].operator {
        Operator::Linear(linear) => linear.table.unwrap(),
        Operator::Lookup { table, .. } => *table,
        _ => return,
    };
    let tables = &case.network.tables;
    let interval = case.key.layout().bounds().tensors[node + 1];
    for (index, table) in tables.iter().enumerate() {
        let same = (table.low, table.values.len()) == (tables[mine].low, tables[mine].values.len());
        if index == mine || !same {
            continue;
        }
        for _ in 0..scale.pick(4, 16) {
            let at = rng.gen_range(0..entries.values.len());
            let argument = case.trace.nodes[node].quotients[at];
            let Some(value) = table.get(argument) else {
                continue;
            };
            // Entries count from the least value of their function.
            let value = i64::from(value - table.range().0 + tables[mine].range().0);
            let mut forged = case.trace.clone();
            forged.tensors[node + 1][at] = value;
            if value < interval.low || value > interval.high || forged == case.trace {
                continue;
            }
            let Some(trace) = resume(&case.network, &forged, node) else {
                continue;
            };
            let values = case.values_of(&trace);
            tally.judge(case, &case.restated(&values), || {
                format!("node {node}: value {at} of function {index}")
            });
        }
    }
}

/// Two equal arguments with the entry of another argument or of another table, and with whatever
/// value makes the sum right, mostly a fraction: the same for both, which the next layer cancels.
fn fractions(case: &Case, entries: &Block, scale: Scale, rng: &mut ChaCha20Rng, tally: &mut Tally) {
    let sheet = &case.sheet;
    let node = entries.number("node");
    let results = case.blocks(&format!("Tensor {{ tensor: {},", node + 1))[0];
    let base = sheet.fixed[sheet.base_column()][entries.rows[0]];
    let step = power_of_two(entries.number("bits")).invert().unwrap();
    let table = &sheet.fixed[sheet.table_column()];
    let half = entries.values.len() / 2;
    let honest = case.values[entries.values.start];
    assert_eq!(honest, case.values[entries.values.start + half]);
    for _ in 0..scale.pick(20, 200) {
        let entry = table[rng.gen_range(0..sheet.height())] - base;
        if entry == honest {
            continue;
        }
        let mut values = case.values.clone();
        for index in [0, half] {
            values[entries.values.start + index] = entry;
            values[results.values.start + index] += (entry - honest) * step;
        }
        tally.judge(case, &case.draft(&values), || {
            format!("node {node}: entries {entry:?} instead of {honest:?}")
        });
    }
    // A second reading of the same entry.
    for more in [1u64, 2, 40] {
        let mut values = case.values.clone();
        for index in [0, half] {
            values[results.values.start + index] += Fr::from(more);
        }
        tally.judge(case, &case.draft(&values), || {
            format!("node {node}: values {more} more than their entries'")
        });
    }
}
