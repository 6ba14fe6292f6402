//! Hostile bytes: proofs and model files mutated at random.
//!
//! `VERIREGIME_FUZZ_ITERATIONS` says how many of each; inputs that once did harm are kept in
//! `fuzz/` and tried first.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "test")]
#![allow(clippy::indexing_slicing, reason = "test")]

mod support;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;
use support::{activations, keys, random_inputs, random_model, random_model_with};
use veriregime_circuits::{
    field::MODULUS,
    model::IntegerModel,
    proof::{prove, verify},
    public::PublicInputs,
    tape::{Layout, Profile, RangeCheck, Shape},
};

fn iterations(small: usize) -> usize {
    let wanted = std::env::var("VERIREGIME_FUZZ_ITERATIONS");
    wanted.map_or(small, |text| text.parse().unwrap())
}

/// One to four random edits: bits, runs of bytes, copies within, cuts and insertions.
fn mutate(bytes: &[u8], interesting: &[&[u8]], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.gen_range(1..5) {
        let at = rng.gen_range(0..=bytes.len());
        let end = (at + rng.gen_range(0..64)).min(bytes.len());
        match rng.gen_range(0..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.gen_range(0..8),
            1 => rng.fill(&mut bytes[at..end]),
            2 => {
                let part = bytes[at..end].to_vec();
                let to = rng.gen_range(0..=bytes.len() - part.len());
                bytes[to..to + part.len()].copy_from_slice(&part);
            }
            3 => drop(bytes.drain(at..end)),
            4 => {
                let token = interesting.choose(rng).unwrap();
                bytes.splice(at..at, token.iter().copied());
            }
            _ => {
                let token = interesting.choose(rng).unwrap();
                let end = (at + token.len()).min(bytes.len());
                bytes.splice(at..end, token.iter().copied());
            }
        }
    }
    bytes
}

/// Files of the corpus whose name begins with this.
fn corpus(prefix: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let mut files: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with(prefix))
        })
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| fs::read(path).unwrap())
        .collect()
}

/// The verifier answers every proof and every statement, and says yes to the original alone.
#[test]
fn proof_bytes() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let model = random_model(11, &[3, 2, 2], 4, &[1, -1, 1]);
    let zeros = [0; 32];
    let ones = [0xff; 32];
    let words: [&[u8]; 4] = [&zeros, &ones, &MODULUS, &[1]];
    let mut tried = 0;
    for shape in [
        Shape::default(),
        Shape::new(2, RangeCheck::Quads, false),
        Shape::new(2, RangeCheck::Bytes, false),
    ] {
        let (key, srs) = keys(Layout::compile(&model, shape, None).unwrap());
        let proof = prove(&key, &srs, &random_inputs(1, 3), [0; 32]).unwrap();
        let schema = proof.public_inputs.schema();
        let accepts = |public_inputs: &PublicInputs, bytes: &[u8]| {
            verify(key.verifying_key(), &srs, public_inputs, bytes).is_ok()
        };
        assert!(accepts(&proof.public_inputs, &proof.bytes));
        for bytes in corpus("proof") {
            assert!(!accepts(&proof.public_inputs, &bytes));
        }
        for _ in 0..iterations(700) {
            let bytes = if rng.gen_range(0..10) == 0 {
                (0..proof.bytes.len()).map(|_| rng.r#gen()).collect()
            } else {
                mutate(&proof.bytes, &words, &mut rng)
            };
            if bytes != proof.bytes {
                assert!(
                    !accepts(&proof.public_inputs, &bytes),
                    "{}",
                    hex::encode(bytes)
                );
            }
            tried += 1;
            // Statements that are well formed: the true one or none.
            let mut words = proof.public_inputs.words().to_vec();
            let word = rng.gen_range(0..words.len());
            words[word][rng.gen_range(0..32)] ^= 1 << rng.gen_range(0..8);
            if let Ok(other) = PublicInputs::from_words(schema, words) {
                assert!(!accepts(&other, &proof.bytes), "{other:?}");
                tried += 1;
            }
        }
    }
    println!("fuzz: {tried} proofs and statements, none accepted");
}

/// A model file is refused by a message or compiled, in bounded time; a model that is compiled
/// infers.
#[test]
fn model_file() {
    const PATIENCE: Duration = Duration::from_secs(20);
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    let mut seeds: Vec<Vec<u8>> = vec![];
    for (_, activation) in activations() {
        let model = random_model_with(19, &[3, 2, 2, 3], 4, activation);
        model.write(&path).unwrap();
        seeds.push(fs::read(&path).unwrap());
    }
    let tokens: Vec<&[u8]> = "0 1 -1 2 7 32767 -32768 65536 9223372036854775807 -9223372036854775808 \
        18446744073709551616 1e400 1.5 null true [] [[]] {} \"\" , [ ] { } : \
        \"kind\":\"relu\", \"shift\":60, \"activation\":[0,1], \"layers\":[], \"len\":1000000000000 \
        \u{0} \u{fffd} [0,0,0,1] {\"kind\":\"table\",\"name\":\"\",\"low\":0,\"values\":[0]}"
        .split(' ')
        .map(str::as_bytes)
        .collect();
    let (mut compiled, mut refused) = (0, 0);
    let mut check = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let start = Instant::now();
        match IntegerModel::read(&path) {
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
            Ok(model) => {
                let inputs = random_inputs(1, model.input.len);
                model.infer(&inputs).unwrap();
                let plan = Layout::plan(&model, Profile::Gas);
                if let Err(error) = plan {
                    assert!(!error.to_string().is_empty());
                }
                compiled += 1;
            }
        }
        assert!(
            start.elapsed() < PATIENCE,
            "{}",
            String::from_utf8_lossy(bytes)
        );
    };
    for bytes in corpus("model") {
        check(&bytes);
    }
    for _ in 0..iterations(3_000) {
        let seed = seeds.choose(&mut rng).unwrap();
        // Numbers replaced where they stand keep the file well formed more often than edits of bytes.
        let bytes = if rng.r#gen() {
            renumber(seed, &tokens, &mut rng)
        } else {
            mutate(seed, &tokens, &mut rng)
        };
        check(&bytes);
    }
    println!("fuzz: {refused} model files refused, {compiled} compiled");
    assert!(compiled > 0 && refused > 0);
}

/// Replaces one number of a JSON text by a token.
fn renumber(text: &[u8], tokens: &[&[u8]], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let starts: Vec<usize> = (1..text.len())
        .filter(|&i| digit(&text[i]) && !digit(&text[i - 1]))
        .collect();
    let start = *starts.choose(rng).unwrap();
    let len = text[start..].iter().take_while(|byte| digit(byte)).count();
    let token = tokens.choose(rng).unwrap();
    [&text[..start], token, &text[start + len..]].concat()
}
