//! Scales, tables and options.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use veriregime_circuits::{
    network::{MAX_WEIGHT, Operator},
    onnx::{Import, Model, Options, Samples},
};

use crate::file::{File, ints};

/// A network of three layers with ReLU, from a seed.
fn layers(seed: u64, widths: [i64; 4]) -> File {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut file = File::new(&[1, widths[0]]);
    for layer in 0..3 {
        let (inputs, outputs) = (widths[layer], widths[layer + 1]);
        let size = (inputs as f32).sqrt().recip();
        let weights: Vec<f32> = (0..inputs * outputs)
            .map(|_| generator.gen_range(-size..size) * 1.7)
            .collect();
        let (from, weight, to) = (
            if layer == 0 {
                "x".to_owned()
            } else {
                format!("h{layer}")
            },
            format!("w{layer}"),
            format!("z{layer}"),
        );
        file = file.constant(&weight, &[inputs, outputs], &weights).node(
            "MatMul",
            &[&from, &weight],
            &to,
            vec![],
        );
        if layer < 2 {
            file = file.node("Relu", &[&to], &format!("h{}", layer + 1), vec![]);
        }
    }
    file
}

fn inputs(seed: u64, count: usize, length: i64) -> Vec<Vec<f64>> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| {
            (0..length)
                .map(|_| generator.gen_range(-1.0..1.0))
                .collect()
        })
        .collect()
}

fn made(file: &File, samples: &[Vec<f64>], options: &Options) -> Import {
    let model = Model::read(&file.bytes(), options).unwrap();
    model
        .quantise(&Samples::new(samples.to_vec()), options)
        .unwrap()
}

#[test]
fn more_bits_are_nearer_to_the_reals() {
    let file = layers(1, [40, 24, 16, 5]);
    let samples = inputs(2, 20, 40);
    let error = |bits, weight_bits, table_bits| {
        let options = Options {
            bits,
            weight_bits,
            table_bits,
            ..Options::default()
        };
        made(&file, &samples, &options)
            .report
            .layers
            .last()
            .unwrap()
            .error
            .relative
    };
    let (coarse, usual, fine) = (error(4, 6, 12), error(8, 12, 12), error(10, 16, 14));
    assert!(
        coarse > 3.0 * usual && usual > 1.2 * fine,
        "{coarse} {usual} {fine}"
    );
    assert!(usual < 0.02, "{usual}");
}

#[test]
fn every_worst_case_is_within_tables_and_options() {
    for seed in 0..12 {
        let file = layers(seed, [300, 20, 30, 4]);
        let options = Options {
            table_bits: 8 + (seed % 7) as u32,
            bits: 2 + (seed % 9) as u32,
            weight_bits: 2 + (seed % 15) as u32,
            ..Options::default()
        };
        let made = made(&file, &inputs(seed, 4, 300), &options);
        // Validated when it was made: every table covers the worst case.
        made.network.validate().unwrap();
        for table in &made.network.tables {
            assert!(table.values.len() <= 1 << options.table_bits);
            assert!(
                table
                    .values
                    .iter()
                    .all(|&v| (0..1 << options.bits).contains(&v))
            );
        }
        let most = (1 << (options.weight_bits - 1)) - 1;
        for node in &made.network.nodes {
            if let Operator::Linear(linear) = &node.operator {
                assert!(
                    linear
                        .terms
                        .iter()
                        .flat_map(|t| &t.weights)
                        .all(|w| w.abs() <= most && w.abs() <= MAX_WEIGHT)
                );
            }
        }
    }
}

#[test]
fn relu_layers_share_one_table() {
    let made = made(
        &layers(3, [30, 20, 20, 4]),
        &inputs(3, 10, 30),
        &Options::default(),
    );
    assert_eq!(made.network.tables.len(), 1);
    let table = &made.network.tables[0];
    assert!((0..=table.high().min(255)).all(|q| table.get(q) == Some(q as i32)));
    assert_eq!(table.get(table.low), Some(0));
}

#[test]
fn zero_is_zero_with_padding_and_without() {
    let file = File::new(&[1, 1, 4, 4]).constant("w", &[2, 1, 3, 3], &[0.3; 18]);
    let file = file
        .node("Conv", &["x", "w"], "z", vec![ints("pads", &[1, 1, 1, 1])])
        .node("Sigmoid", &["z"], "y", vec![]);
    let made = made(&file, &inputs(1, 3, 16), &Options::default());
    let trace = made.network.trace(&[0; 16]).unwrap();
    let half = (0.5 / made.report.output_scale).round() as i64;
    assert!(
        trace.output().iter().all(|&v| (v - half).abs() <= 1),
        "{:?}",
        trace.output()
    );
}

#[test]
fn the_same_file_makes_the_same_network_on_any_number_of_threads() {
    let file = layers(7, [40, 24, 16, 5]);
    let samples = inputs(2, 8, 40);
    let digests = [1, 2, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| made(&file, &samples, &Options::default()).network.digest())
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

#[test]
fn values_beyond_calibration_are_cut_off_and_counted() {
    let file = layers(9, [10, 8, 8, 3]);
    let small: Vec<Vec<f64>> = inputs(4, 5, 10);
    let network = made(&file, &small, &Options::default());
    assert_eq!(network.report.input.saturated, 0.0);
    let large: Vec<f64> = small[0].iter().map(|x| x * 100.0).collect();
    let integers = network.integers(&large);
    assert!(integers.iter().all(|x| (-128..=127).contains(x)));
    // Whatever is within the input's range has an inference.
    network.network.trace(&[-128; 10]).unwrap();
    network.network.trace(&[127; 10]).unwrap();
}

#[test]
fn dead_layers_and_zero_weights_are_no_problem() {
    let file = File::new(&[1, 2])
        .constant("w", &[2, 2], &[0.0; 4])
        .constant("v", &[2, 2], &[0.0; 4]);
    let file = file
        .node("MatMul", &["x", "w"], "a", vec![])
        .node("Relu", &["a"], "b", vec![])
        .node("MatMul", &["b", "v"], "y", vec![]);
    let made = made(&file, &[vec![0.0, 0.0]], &Options::default());
    assert_eq!(made.network.trace(&[5, -5]).unwrap().output(), [0, 0]);
}

#[test]
fn large_averages_have_finer_scales() {
    // One large value among many: the average is small.
    let file = File::new(&[1, 1, 8, 8])
        .constant("w", &[1, 1, 1, 1], &[1.0])
        .node("Relu", &["x"], "r", vec![]);
    let file =
        file.node("GlobalAveragePool", &["r"], "g", vec![])
            .node("Conv", &["g", "w"], "y", vec![]);
    let mut sample = vec![0.0; 64];
    sample[5] = 1.0;
    let made = made(&file, &[sample.clone()], &Options::default());
    let average = made
        .report
        .layers
        .iter()
        .find(|layer| layer.node == "g")
        .unwrap();
    assert!(average.divisor < Some(4), "{}", made.report);
    let got = crate::file::outputs(&made, &sample)[0];
    assert!((got - 1.0 / 64.0).abs() < 1e-4, "{got}");
}
