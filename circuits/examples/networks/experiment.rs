//! The experiments: shapes as published.

use std::path::PathBuf;

use veriregime_circuits::{
    network::{Dims, Network},
    onnx::{Import, Model, Options, Samples},
    sheet::{Method, Visibilities},
};

use crate::{
    build::{After, Builder},
    fidelity,
};

/// What the peer's publication says; EZKL 23.0.3 with 125 GB of memory.
#[derive(Clone, Copy, Default, serde::Serialize)]
pub struct Published {
    /// Circuit size in rows.
    pub rows: &'static str,
    /// Proving.
    pub prove: &'static str,
    /// Length of a proof.
    pub proof: &'static str,
}

/// A function of the reals.
type Function = fn(f64) -> f64;

/// One experiment.
pub struct Experiment {
    pub name: String,
    pub shape: String,
    pub bits: u32,
    pub builder: Builder,
    pub visibilities: Visibilities,
    pub windows: usize,
    /// Places to cut at; none for a whole circuit, or as few slices as fit.
    pub cuts: Vec<usize>,
    pub published: Published,
    /// How convolutions are proven; none for the shortest way.
    pub method: Option<Method>,
    pub repeat: usize,
}

impl Experiment {
    pub fn network(&self) -> Network {
        match self.windows {
            1 => self.builder.network.clone(),
            windows => self.builder.network.batch(windows),
        }
    }

    pub fn input(&self, seed: u64) -> Vec<i64> {
        (0..self.windows)
            .flat_map(|window| self.builder.input(seed * 1000 + window as u64))
            .collect()
    }
}

pub fn suite(name: &str) -> Vec<Experiment> {
    match name {
        "layers" => layers(),
        "lenet" => lenet(),
        "batch" => batches(),
        "convolution" => convolution(),
        other => panic!("no suite {other}"),
    }
}

const fn published(rows: &'static str, prove: &'static str, proof: &'static str) -> Published {
    Published { rows, prove, proof }
}

fn layers() -> Vec<Experiment> {
    let (values, image) = (Dims(1, 64, 64), Dims(32, 64, 64));
    let mut all = vec![];
    for bits in [8, 11] {
        let mut add = |name: &str, dims: Dims, published, make: &dyn Fn(&mut Builder)| {
            let mut builder = Builder::new(dims, bits);
            make(&mut builder);
            let output = *builder.network.dims().last().unwrap();
            all.push(Experiment {
                name: format!("{name}/{bits}"),
                shape: format!("{dims} to {output}"),
                bits,
                builder,
                visibilities: Visibilities::COMMITTED,
                windows: 1,
                cuts: vec![],
                published,
                method: None,
                repeat: if dims.len() > 100_000 { 1 } else { 3 },
            });
        };
        let functions: [(&str, Published, Function); 4] = [
            ("ReLU", published("96,256", "5.2 s", "1.2 MB"), |x| {
                x.max(0.0)
            }),
            ("SiLU", published("67,584", "5.2 s", "1.2 MB"), |x| {
                x / (1.0 + (-x).exp())
            }),
            ("Tanh", published("65,536", "5.1 s", "1.2 MB"), f64::tanh),
            ("x^2", published("65,536", "4.7 s", "1.2 MB"), |x| {
                x * x / 8.0
            }),
        ];
        for (name, published, f) in functions {
            add(name, values, published, &|b| {
                let table = b.table(name, b.bits, f);
                b.lookup(0, table);
            });
        }
        add(
            "MaxPool2d",
            image,
            published("2,310,144", "260.8 s", "24.6 MB"),
            &|b| {
                b.max_pool(0);
            },
        );
        add(
            "AvgPool2d",
            image,
            published("1,884,162", "82.7 s", "24.6 MB"),
            &|b| {
                b.average_pool(0);
            },
        );
        add(
            "BatchNorm2d",
            image,
            published("2,097,152", "137.1 s", "39.1 MB"),
            &|b| {
                b.batch_norm(0);
            },
        );
        let oom = published("k = 24", "out of memory", "");
        add("LayerNorm", image, oom, &|b| {
            b.layer_norm(0);
        });
        let oom = published("", "out of memory", "");
        for (name, outputs, stride, groups) in [
            ("Conv2d 32->64 k3 s1 p1", 64, 1, 1),
            ("Conv2d 32->64 k3 s2 p1", 64, 2, 1),
            ("Conv2d depthwise 32 k3", 32, 1, 32),
        ] {
            add(name, image, oom, &|b| {
                let term = b.conv(0, outputs, 3, 1, stride, groups);
                b.convolution(term, After::Rescale);
            });
        }
        for (name, inputs, outputs, published) in [
            (
                "Dense 256->128",
                256,
                128,
                published("19,072", "1.3 to 2.3 s", "75 KB"),
            ),
            (
                "Dense 128->64",
                128,
                64,
                published("5,440", "1.1 s", "46 KB"),
            ),
            (
                "Dense 1024->512",
                1024,
                512,
                published("272,896", "16.8 s", "249 KB"),
            ),
        ] {
            add(name, Dims(inputs, 1, 1), published, &|b| {
                b.dense(0, outputs, After::Rescale);
            });
        }
        let (small, large) = (Dims(16, 32, 32), Dims(64, 128, 128));
        add(
            "Conv2d 16->32 k3",
            small,
            published("", "not run", ""),
            &|b| {
                let term = b.conv(0, 32, 3, 1, 1, 1);
                b.convolution(term, After::Rescale);
            },
        );
        add("Conv2d 64->128 k3", large, oom, &|b| {
            let term = b.conv(0, 128, 3, 1, 1, 1);
            b.convolution(term, After::Rescale);
        });
        let picture = Dims(3, 32, 32);
        add("CNN_ReLU", picture, oom, &|b| {
            cnn(b, [Act::Relu, Act::Relu], [Pool::Max, Pool::Max], 1)
        });
        let poly = published("5,531,480", "288.8 s", "479 KB");
        add("CNN_Poly", picture, poly, &|b| {
            cnn(
                b,
                [Act::Square, Act::Square],
                [Pool::Average, Pool::Average],
                1,
            );
        });
        let mixed = published("5,277,528", "291.1 s", "479 KB");
        add("CNN_Mixed", picture, mixed, &|b| {
            cnn(
                b,
                [Act::Square, Act::Relu],
                [Pool::Average, Pool::Average],
                1,
            );
        });
        let strided = published("1,144,660", "69.8 s", "479 KB");
        add("CNN_Strided", picture, strided, &|b| {
            cnn(b, [Act::Relu, Act::Relu], [Pool::None, Pool::None], 2);
        });
    }
    all
}

#[derive(Clone, Copy)]
enum Act {
    Relu,
    Square,
}

#[derive(Clone, Copy)]
enum Pool {
    Max,
    Average,
    None,
}

/// Conv 3->32 k3 p1, activation, pool, Conv 32->64 k3 p1, activation, pool, Dense to 10.
fn cnn(b: &mut Builder, acts: [Act; 2], pools: [Pool; 2], stride: usize) {
    let argument = b.bits + 3;
    let mut input = 0;
    for (outputs, (act, pool)) in [32, 64].into_iter().zip(acts.into_iter().zip(pools)) {
        let table = match act {
            Act::Relu => b.table("relu", argument, |x| x.max(0.0)),
            Act::Square => b.table("square", argument, |x| x * x / 8.0),
        };
        let term = b.conv(input, outputs, 3, 1, stride, 1);
        input = b.convolution(term, After::Table(table));
        input = match pool {
            Pool::Max => b.max_pool(input),
            Pool::Average => b.average_pool(input),
            Pool::None => input,
        };
    }
    let flat = b.flatten(input);
    b.dense(flat, 10, After::Logits);
}

/// LeNet-5 as PyTorch exports it, quantised with its fixture's inputs.
pub fn lenet_model() -> (Model, Import) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test/onnx");
    let bytes = std::fs::read(folder.join("lenet.onnx")).expect("test/onnx/lenet.onnx");
    let options = Options::default();
    let model = Model::read(&bytes, &options).expect("a model");
    // Inputs of their own, so that none of those that are measured was seen.
    let mut inputs = fidelity::inputs(170, model.inputs());
    let samples = Samples::new(inputs.split_off(70));
    let import = model.quantise(&samples, &options).expect("an import");
    (model, import)
}

/// Where the paper cuts LeNet-5: both convolutions with their pools, and every dense layer.
pub const LENET_CUTS: [usize; 4] = [2, 4, 6, 7];

fn lenet() -> Vec<Experiment> {
    let published = published(
        "",
        "EZKL 479 s whole, 163 s in five slices; JSTProve 9.8 s",
        "",
    );
    let (model, import) = lenet_model();
    let inputs = fidelity::inputs(2, model.inputs());
    let inputs: Vec<Vec<i64>> = inputs.iter().map(|input| import.integers(input)).collect();
    let experiment = |name: &str, cuts: Vec<usize>| Experiment {
        name: name.into(),
        shape: "3 x 32 x 32 to 10".into(),
        bits: 8,
        builder: Builder::of(import.network.clone(), 8, inputs.clone()),
        visibilities: Visibilities::PUBLIC,
        windows: 1,
        cuts,
        published,
        method: None,
        repeat: 9,
    };
    vec![
        experiment("LeNet-5 whole", vec![]),
        experiment("LeNet-5 in 2 slices", vec![4]),
        experiment("LeNet-5 in 5 slices", LENET_CUTS.to_vec()),
    ]
}

/// The product's network shape, dense and random: 496-128-64-32-3.
fn batches() -> Vec<Experiment> {
    let mut all = vec![];
    for windows in [1, 2, 4, 8, 16, 24, 32, 48, 64] {
        let mut b = Builder::new(Dims(496, 1, 1), 8);
        let relu = b.table("relu", 12, |x| x.max(0.0));
        let input = b.dense(0, 128, After::Table(relu));
        let input = b.dense(input, 64, After::Table(relu));
        let input = b.dense(input, 32, After::Table(relu));
        b.dense(input, 3, After::Logits);
        all.push(Experiment {
            name: format!("{windows} windows"),
            shape: "496-128-64-32-3".into(),
            bits: 8,
            builder: b,
            visibilities: Visibilities::windows(windows),
            windows,
            cuts: vec![],
            published: Published::default(),
            method: None,
            repeat: 3,
        });
    }
    all
}

/// One layer, proven in every way that there is.
fn convolution() -> Vec<Experiment> {
    let ways = Method::ALL.into_iter().map(|method| {
        let dims = Dims(4, 16, 16);
        let mut builder = Builder::new(dims, 8);
        let term = builder.conv(0, 8, 3, 1, 1, 1);
        builder.convolution(term, After::Rescale);
        let output = *builder.network.dims().last().unwrap();
        Experiment {
            name: method.to_string(),
            shape: format!("{dims} to {output}"),
            bits: 8,
            builder,
            visibilities: Visibilities::COMMITTED,
            windows: 1,
            cuts: vec![],
            published: Published::default(),
            method: Some(method),
            repeat: 9,
        }
    });
    ways.collect()
}
