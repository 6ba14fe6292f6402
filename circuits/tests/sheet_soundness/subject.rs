//! What is attacked: every operator's network, and small ones made for one attack.

use rand::Rng;
use rayon::prelude::*;
use veriregime_circuits::{
    network::{Convolution, Dims, Linear, Network, Operator, Table},
    sheet::{Method, Visibilities},
};

use crate::{
    case::Case,
    networks::{Maker, conv, flatten, networks, remainders},
    scale::Scale,
};

/// Every network with public and with committed tensors, at random points; one packed as well, in the
/// long version all of them. One has few rows, so that its ranges are put together from short tables.
pub fn cases(scale: Scale) -> Vec<Case> {
    let mut all = networks();
    all.extend(twins());
    all.push(offsets());
    let small = remainders();
    let all: Vec<_> = all.into_iter().map(|subject| (subject, None)).collect();
    let all = [all, vec![(("remainders", small.0, small.1), Some(10))]].concat();
    let lanes: &[usize] = scale.pick(&[5], &[2, 5, 8]);
    let cases: Vec<_> = all
        .iter()
        .flat_map(|(subject, k)| lanes.iter().map(move |lanes| (subject, (*lanes, *k))))
        .flat_map(|subject| {
            [Visibilities::PUBLIC, Visibilities::COMMITTED].map(|shown| (subject, shown))
        })
        .flat_map(|(subject, shown)| {
            let packed = subject.0.0 == "image" || scale.pick(false, true);
            let ways = [Method::RandomPoint, Method::Packed];
            let ways = ways.into_iter().take(1 + usize::from(packed));
            ways.map(move |way| (subject, shown.clone(), way))
        })
        .collect();
    cases
        .into_par_iter()
        .map(|(((name, network, input), shape), shown, way)| {
            Case::new(name, network.clone(), input, shown, shape, way)
        })
        .collect()
}

fn linear(term: Convolution, divisor: u64, table: Option<usize>) -> Operator {
    Operator::Linear(Linear {
        bias: vec![30; term.outputs],
        terms: vec![term],
        divisor,
        table,
    })
}

/// Networks with two equal channels that the last layer subtracts, the function in a packed layer,
/// in a node of its own and in a convolution.
fn twins() -> Vec<(&'static str, Network, Vec<i64>)> {
    let weights = vec![3, -2, 5, 1, 3, -2, 5, 1];
    let last = |input, count: usize| {
        let row: Vec<i32> = (0..2 * count)
            .map(|i| if i < count { 1 } else { -1 } * (1 + (i % count) as i32))
            .collect();
        let opposite = row.iter().map(|w| -2 * w);
        let weights = row.iter().copied().chain(opposite).collect();
        linear(Convolution::dense(input, 2, weights), 1, None)
    };
    let input = |maker: &mut Maker| -> Vec<i64> {
        let count = maker.network.input.dims.len();
        (0..count).map(|_| maker.rng.gen_range(0..60)).collect()
    };
    let mut packed = Maker::new(21, Dims(4, 1, 1));
    packed.push(linear(
        Convolution::dense(0, 2, weights.clone()),
        4,
        Some(0),
    ));
    packed.push(last(1, 1));
    let mut alone = Maker::new(22, Dims(4, 1, 1));
    alone.push(linear(Convolution::dense(0, 2, weights.clone()), 4, None));
    alone.push(Operator::Lookup { input: 1, table: 1 });
    alone.push(last(2, 1));
    let mut wide = Maker::new(23, Dims(2, 1, 3));
    let term = Convolution {
        weights,
        ..conv(0, 2, [1, 2])
    };
    wide.push(linear(term, 4, Some(0)));
    flatten(&mut wide, 1);
    wide.push(last(2, 2));
    [
        ("twins, packed", packed),
        ("twins, function alone", alone),
        ("twins, convolution", wide),
    ]
    .into_iter()
    .map(|(name, mut maker)| {
        let input = input(&mut maker);
        maker.network.validate().unwrap();
        (name, maker.network, input)
    })
    .collect()
}

/// A gather of tensors with different lower bounds: nothing else reads the constant 1.
fn offsets() -> (&'static str, Network, Vec<i64>) {
    let mut maker = Maker::new(24, Dims(4, 1, 1));
    let table = Table {
        name: "small".into(),
        low: -600,
        values: (-600..600)
            .map(|x: i32| (x / 8 + 30).clamp(0, 100))
            .collect(),
    };
    maker.network.tables = vec![table];
    let hidden = maker.dense(0, 4, false);
    // Channels of one lower bound each would need no values of their own.
    maker.push(Operator::Gather {
        inputs: vec![0, hidden],
        dims: Dims(2, 1, 4),
        index: (0..8).map(|i| i / 2 + i % 2 * 4).collect(),
    });
    let flat = flatten(&mut maker, 2);
    maker.dense(flat, 3, true);
    let input = maker.input();
    maker.network.validate().unwrap();
    ("offsets", maker.network, input)
}
