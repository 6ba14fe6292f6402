//! Concat.

use super::{
    super::{
        call::{Call, axis},
        graph::Operation,
        reader::Reader,
        refusal::refuse,
        tensor::{Tensor, count},
        value::{Activation, Kind, Value},
        view::{size, view},
    },
    Results,
};

/// Concat.
pub(super) fn run(reader: &mut Reader, call: &Call<'_>) -> Results {
    let values = (0..call.inputs.len())
        .map(|i| call.value(i))
        .collect::<Result<Vec<_>, _>>()?;
    let shapes: Option<Vec<&[usize]>> = values.iter().map(|value| value.shape()).collect();
    let Some((shapes, first)) = shapes.and_then(|shapes| Some((shapes.clone(), *shapes.first()?)))
    else {
        return refuse("nothing to concatenate", "want inputs with shapes");
    };
    let at = axis(call.attributes.int("axis", 0), first.len())?;
    let fits = |shape: &&[usize]| {
        shape.len() == first.len() && (0..first.len()).all(|a| a == at || shape[a] == first[a])
    };
    if !shapes.iter().all(fits) {
        return refuse(
            format!("shapes {shapes:?} along axis {at}"),
            "want shapes that agree in every other axis",
        );
    }
    let mut to = first.to_vec();
    to[at] = shapes.iter().map(|shape| shape[at]).sum();
    let outer: usize = first[..at].iter().product();
    let blocks: Vec<usize> = shapes
        .iter()
        .map(|shape| shape[at..].iter().product())
        .collect();
    if count(&to).is_none() {
        return refuse(format!("a result of shape {to:?}"), "want fewer values");
    }
    if let Some(constants) = values
        .iter()
        .map(|value| value.constant())
        .collect::<Option<Vec<_>>>()
    {
        let mut joined = Vec::new();
        for row in 0..outer {
            for (tensor, &block) in constants.iter().zip(&blocks) {
                joined.extend(&tensor.values[row * block..(row + 1) * block]);
            }
        }
        let data_type = constants.first().map_or(1, |tensor| tensor.data_type);
        return Ok(vec![
            Tensor {
                dims: to,
                values: joined,
                data_type,
            }
            .into(),
        ]);
    }
    let mut parts = Vec::with_capacity(values.len());
    let mut kinds = Vec::with_capacity(values.len());
    for value in &values {
        let Value::Activation(activation) = value else {
            return refuse(
                "constants beside activations",
                "concatenate activations only",
            );
        };
        kinds.push(activation.kind);
        parts.push(reader.whole(activation, &call.name()));
    }
    let kind = match kinds.first() {
        Some(&kind)
            if kinds.iter().all(|&k| k == kind) && !matches!(kind, Kind::Raw(_) | Kind::Ending) =>
        {
            kind
        }
        _ => return refuse("inputs of different kinds", "dequantise every input first"),
    };
    size(&to)?;
    let index = (outer > 1).then(|| interleaved(outer, &blocks));
    let gather = Operation::Gather {
        inputs: parts.iter().map(|part| part.tensor).collect(),
        index,
    };
    let tensor = reader.push(&call.name(), gather, view(&to));
    Ok(vec![Value::Activation(Activation {
        kind,
        ..Activation::plain(tensor, to)
    })])
}

/// Rows of several tensors in turns.
fn interleaved(outer: usize, blocks: &[usize]) -> Vec<u32> {
    let mut index = Vec::new();
    for row in 0..outer {
        let mut before = 0;
        for &block in blocks {
            let first = before + row * block;
            index.extend((first..first + block).map(|i| i as u32));
            before += outer * block;
        }
    }
    index
}
