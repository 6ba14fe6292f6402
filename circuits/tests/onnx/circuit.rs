//! Imported networks in their circuit, with the library's mock prover.

use std::{fs, path::PathBuf};

use halo2_axiom::dev::MockProver;
use veriregime_circuits::{
    field::{Fr, from_word},
    onnx::{Options, Samples, import},
    sheet::{Layout, SheetCircuit, Visibilities, Witness},
};

#[test]
fn imported_networks_satisfy_their_circuit() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test/onnx");
    let mut names: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.retain(|path| path.extension().is_some_and(|end| end == "onnx"));
    names.sort();
    for path in names {
        let samples = Samples::read(&path.with_extension("json")).unwrap();
        let made = import(&fs::read(&path).unwrap(), &samples, &Options::default()).unwrap();
        let name = path.file_stem().unwrap().display().to_string();
        let layout = Layout::with(&made.network, &Visibilities::PUBLIC, 5, None).unwrap();
        println!("{name}: {}, {} rows", layout.describe(), layout.row_count());
        let input: Vec<f64> = vec![0.5; made.network.input.dims.len()];
        let witness = Witness::generate(&layout, &made.integers(&input), [0; 32]).unwrap();
        assert_eq!(
            witness.output,
            made.network.trace(&made.integers(&input)).unwrap().output()
        );
        let mut instance = vec![Fr::zero(); (witness.words.len() - 1) * layout.stride() + 1];
        for (row, word) in instance
            .iter_mut()
            .step_by(layout.stride())
            .zip(&witness.words)
        {
            *row = from_word(word).unwrap();
        }
        let circuit = SheetCircuit {
            layout: &layout,
            witness: Some(&witness),
            whole: true,
        };
        let prover = MockProver::run(layout.shape.k, &circuit, vec![instance]).unwrap();
        if let Err(failures) = prover.verify() {
            panic!("{name}: {:#?}", &failures[..1]);
        }
    }
}
