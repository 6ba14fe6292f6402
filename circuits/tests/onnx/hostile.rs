//! Damaged files: an error or a network, never a panic.

use std::{fs, path::PathBuf};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use veriregime_circuits::onnx::{Model, Options, Samples};

const FILES: [&str; 12] = [
    "mlp", "allconv", "polynomial", "mixer", "sk_logistic", "sk_mlp_binary", "qlinear", "qdq_mlp", "layernorm_old", "separable",
    "strided", "inception",
];

#[test]
fn damaged_files_are_refused_or_read_but_never_panic() {
    let iterations = std::env::var("VERIREGIME_FUZZ_ITERATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test/onnx");
    let files = FILES.map(|name| fs::read(folder.join(format!("{name}.onnx"))).unwrap());
    let (mut read, mut made) = (0, 0);
    for iteration in 0..iterations {
        let mut bytes = files[iteration % files.len()].clone();
        for _ in 0..generator.gen_range(1..=4) {
            let at = generator.gen_range(0..bytes.len());
            match generator.gen_range(0..6) {
                0 => bytes[at] ^= 1 << generator.gen_range(0..8),
                1 => bytes[at] = generator.r#gen(),
                2 => {
                    bytes.remove(at);
                }
                3 => bytes.insert(at, generator.r#gen()),
                4 => bytes.truncate(at.max(1)),
                _ => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][generator.gen_range(0..5)],
            }
        }
        let options = Options::default();
        let Ok(model) = Model::read(&bytes, &options) else {
            continue;
        };
        read += 1;
        if model.inputs() > 4_096 {
            continue;
        }
        let input: Vec<f64> = (0..model.inputs()).map(|_| generator.gen_range(-2.0..2.0)).collect();
        made += u32::from(model.quantise(&Samples::new(vec![input]), &options).is_ok());
    }
    println!("{iterations} damaged files: {read} read, {made} quantised");
    assert!(read > 0 && read < iterations);
}

#[test]
fn calibration_files_of_any_kind_are_refused_or_read() {
    let good = [&b"[[1,2],[3,4]]"[..], b"[1,2]", br#"{"input_data":[[[1,2],[3,4]]]}"#];
    for text in good {
        assert!(Samples::parse(text).is_ok());
    }
    let bad = [&b""[..], b"{}", b"7", b"[[\"a\"]]", b"[[1e999]]", b"{\"input_data\":5}", b"[[null]]"];
    for text in bad {
        assert!(Samples::parse(text).is_err(), "{}", String::from_utf8_lossy(text));
    }
}
