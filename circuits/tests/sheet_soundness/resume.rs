//! Traces that go on from a forged result.

use veriregime_circuits::network::{Dims, Network, Node, Operator, Trace};

/// The trace whose tensors up to the result of `node`, and what nodes up to there computed beside
/// them, are those of `forged`, and the rest what the network makes of them; none if that leaves a
/// table.
pub fn resume(network: &Network, forged: &Trace, node: usize) -> Option<Trace> {
    let known = &forged.tensors[..node + 2];
    let dims = network.dims();
    let mut rest = network.clone();
    let all = known.concat();
    rest.input.dims = Dims(all.len(), 1, 1);
    (rest.input.low, rest.input.high) = (i32::MIN, i32::MAX);
    let mut start = 0;
    rest.nodes = known
        .iter()
        .enumerate()
        .map(|(tensor, values)| {
            let index = (start..start + values.len()).map(|i| i as u32).collect();
            start += values.len();
            Node {
                name: format!("tensor {tensor}"),
                operator: Operator::Gather {
                    inputs: vec![0],
                    dims: dims[tensor],
                    index,
                },
            }
        })
        .collect();
    let later = network.nodes[node + 1..].iter().cloned();
    rest.nodes.extend(later.map(|mut node| {
        shift(&mut node.operator);
        node
    }));
    let resumed = rest.trace(&all).ok()?;
    let mut nodes = forged.nodes[..=node].to_vec();
    nodes.extend_from_slice(&resumed.nodes[known.len()..]);
    Some(Trace {
        tensors: resumed.tensors[1..].to_vec(),
        nodes,
    })
}

/// Tensors are one further.
fn shift(operator: &mut Operator) {
    match operator {
        Operator::Linear(linear) => linear.terms.iter_mut().for_each(|term| term.input += 1),
        Operator::Lookup { input, .. } | Operator::Maximum { input, .. } => *input += 1,
        Operator::Gather { inputs, .. } => inputs.iter_mut().for_each(|input| *input += 1),
        Operator::Norm(norm) => norm.input += 1,
    }
}
