//! Quotients off by one and more, with remainders that make up for it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::network::Operator;

use crate::{case::Case, resume::resume, scale::Scale, tally::Tally};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    for (node, of) in case.network.nodes.iter().enumerate() {
        let (divisor, table) = match &of.operator {
            Operator::Linear(linear) => (linear.divisor as i64, linear.table),
            Operator::Norm(norm) => (norm.divisor as i64, None),
            _ => continue,
        };
        if divisor == 1 {
            continue;
        }
        for _ in 0..scale.pick(2, 8) {
            let index = rng.gen_range(0..case.trace.tensors[node + 1].len());
            for more in [1, -1, 2] {
                let mut forged = case.trace.clone();
                forged.nodes[node].remainders[index] -= more * divisor;
                let remainder = forged.nodes[node].remainders[index];
                let result = match table {
                    None => Some(forged.tensors[node + 1][index] + more),
                    Some(table) => {
                        forged.nodes[node].quotients[index] += more;
                        let quotient = forged.nodes[node].quotients[index];
                        case.network.tables[table].get(quotient).map(i64::from)
                    }
                };
                let Some(result) = result else { continue };
                forged.tensors[node + 1][index] = result;
                let Some(trace) = resume(&case.network, &forged, node) else {
                    continue;
                };
                let mut values = case.values_of(&trace);
                let meaning = format!("Remainder {{ node: {node},");
                case.write(&mut values, &meaning, index, remainder.into());
                tally.judge(case, &case.restated(&values), || {
                    format!("node {node}: quotient {index} {more} more, remainder {remainder}")
                });
            }
        }
    }
    tally
}
