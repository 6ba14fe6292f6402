//! Temporary timings.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::{sync::Arc, time::Instant};
use veriregime_circuits::{network::*, sheet::*, srs::Srs};

fn relu(bits: u32) -> Table {
    let n = 1i64 << (bits - 1);
    Table {
        name: "relu".into(),
        low: -n,
        values: (-n..n).map(|x| (x >> 3).clamp(0, 255) as i32).collect(),
    }
}
fn push(
    net: &mut Network,
    rng: &mut ChaCha20Rng,
    mut term: Convolution,
    table: Option<usize>,
    last: bool,
) -> usize {
    let channels = net.dims()[term.input].0;
    let fan = channels / term.groups * term.kernel[0] * term.kernel[1];
    term.weights = (0..term.outputs * fan)
        .map(|_| rng.gen_range(-127..=127))
        .collect();
    let worst: u64 = 255
        * (0..term.outputs)
            .map(|o| {
                term.row(o, channels)
                    .iter()
                    .map(|w| w.unsigned_abs() as u64)
                    .sum::<u64>()
            })
            .max()
            .unwrap()
        + 2000;
    let span = if table.is_some() { 2000 } else { 120 };
    let divisor = if last {
        1
    } else {
        worst.div_ceil(span).next_power_of_two()
    };
    let bias = (0..term.outputs)
        .map(|_| rng.gen_range(-1000..1000))
        .collect();
    net.nodes.push(Node {
        name: format!("n{}", net.nodes.len()),
        operator: Operator::Linear(Linear {
            terms: vec![term],
            bias,
            divisor,
            table,
        }),
    });
    net.nodes.len()
}
fn conv(input: usize, outputs: usize, kernel: [usize; 2], pad: usize) -> Convolution {
    Convolution {
        input,
        outputs,
        weights: vec![],
        kernel,
        stride: [1, 1],
        padding: [pad; 4],
        dilation: [1, 1],
        groups: 1,
    }
}
fn pool(net: &mut Network, input: usize) -> usize {
    net.nodes.push(Node {
        name: "pool".into(),
        operator: Operator::Maximum {
            input,
            kernel: [2, 2],
            stride: [2, 2],
            padding: [0; 4],
        },
    });
    net.nodes.len()
}
fn flat(net: &mut Network, input: usize) -> usize {
    let n = net.dims()[input].len();
    net.nodes.push(Node {
        name: "flat".into(),
        operator: Operator::Gather {
            inputs: vec![input],
            dims: Dims(n, 1, 1),
            index: vec![],
        },
    });
    net.nodes.len()
}
fn new(dims: Dims) -> Network {
    Network {
        format: FORMAT.into(),
        input: Input {
            dims,
            low: -128,
            high: 127,
        },
        tables: vec![relu(12)],
        nodes: vec![],
    }
}
fn lenet(rng: &mut ChaCha20Rng) -> Network {
    let mut n = new(Dims(3, 32, 32));
    let a = push(&mut n, rng, conv(0, 6, [5, 5], 0), Some(0), false);
    let a = pool(&mut n, a);
    let a = push(&mut n, rng, conv(a, 16, [5, 5], 0), Some(0), false);
    let a = pool(&mut n, a);
    let a = flat(&mut n, a);
    let a = push(
        &mut n,
        rng,
        Convolution::dense(a, 120, vec![]),
        Some(0),
        false,
    );
    let a = push(
        &mut n,
        rng,
        Convolution::dense(a, 84, vec![]),
        Some(0),
        false,
    );
    push(&mut n, rng, Convolution::dense(a, 10, vec![]), None, true);
    n
}
fn teacher(rng: &mut ChaCha20Rng) -> Network {
    let mut n = new(Dims(8, 1, 60));
    let a = push(&mut n, rng, conv(0, 64, [1, 5], 0), Some(0), false);
    let a = push(&mut n, rng, conv(a, 128, [1, 3], 0), Some(0), false);
    let len = n.dims()[a].2;
    let term = Convolution {
        weights: vec![1; 128 * len],
        groups: 128,
        ..conv(a, 128, [1, len], 0)
    };
    n.nodes.push(Node {
        name: "gap".into(),
        operator: Operator::Linear(Linear {
            terms: vec![term],
            bias: vec![27; 128],
            divisor: len as u64,
            table: None,
        }),
    });
    let a = n.nodes.len();
    let a = push(
        &mut n,
        rng,
        Convolution::dense(a, 64, vec![]),
        Some(0),
        false,
    );
    push(&mut n, rng, Convolution::dense(a, 3, vec![]), None, true);
    n
}
fn mlp(rng: &mut ChaCha20Rng) -> Network {
    let mut n = new(Dims(480, 1, 1));
    let a = push(
        &mut n,
        rng,
        Convolution::dense(0, 128, vec![]),
        Some(0),
        false,
    );
    let a = push(
        &mut n,
        rng,
        Convolution::dense(a, 64, vec![]),
        Some(0),
        false,
    );
    let a = push(
        &mut n,
        rng,
        Convolution::dense(a, 32, vec![]),
        Some(0),
        false,
    );
    push(&mut n, rng, Convolution::dense(a, 3, vec![]), None, true);
    n
}
fn one_conv(rng: &mut ChaCha20Rng) -> Network {
    let mut n = new(Dims(32, 64, 64));
    push(&mut n, rng, conv(0, 64, [3, 3], 1), None, false);
    n
}

fn srs(k: u32) -> Srs {
    match std::env::var("VERIREGIME_SRS") {
        Ok(path) => Srs::open(std::path::Path::new(&path), k, None).unwrap(),
        Err(_) => Srs::development(k),
    }
}

fn measure(name: &str, network: &Network, see: &Visibilities) {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let start = Instant::now();
    let layout = Layout::plan(network, see, None).unwrap();
    println!(
        "{name}: {} rows {} plan {:?}",
        layout.describe(),
        layout.row_count(),
        start.elapsed()
    );
    let srs = srs(layout.shape.k);
    let start = Instant::now();
    let key = Arc::new(SheetKey::generate(layout, &srs).unwrap());
    println!("  keygen {:?}", start.elapsed());
    let input: Vec<i64> = (0..network.input.dims.len())
        .map(|_| rng.gen_range(-128..=127))
        .collect();
    for budget in [0usize, 128 << 20] {
        let prover = SheetProver::new(key.clone(), srs.clone(), budget);
        for _ in 0..2 {
            let start = Instant::now();
            let witness = Witness::generate(key.layout(), &input, [0; 32]).unwrap();
            let filled = start.elapsed();
            let proof = prover.prove_witness(&witness, rand::rngs::OsRng).unwrap();
            let proven = start.elapsed();
            let start = Instant::now();
            key.verify(&srs, &proof.words, &proof.bytes).unwrap();
            println!(
                "  budget {budget}: witness {filled:?}, proof {proven:?}, {} bytes, verify {:?}",
                proof.bytes.len(),
                start.elapsed()
            );
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!(
        "  {}",
        status.lines().find(|l| l.starts_with("VmHWM")).unwrap()
    );
}

#[test]
#[ignore]
fn timings() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let which = std::env::var("WHICH").unwrap_or_default();
    if which.contains('m') {
        measure("mlp", &mlp(&mut rng), &Visibilities::PUBLIC);
    }
    if which.contains('l') {
        measure("lenet", &lenet(&mut rng), &Visibilities::PUBLIC);
    }
    if which.contains('t') {
        measure("teacher", &teacher(&mut rng), &Visibilities::PUBLIC);
    }
    if which.contains('b') {
        measure(
            "batch",
            &mlp(&mut rng).batch(24),
            &Visibilities::windows(24),
        );
    }
    if which.contains('c') {
        measure("conv", &one_conv(&mut rng), &Visibilities::COMMITTED);
    }
}
