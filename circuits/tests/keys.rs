//! Keys on disk, and what their digest says.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

mod support;

use std::{collections::HashSet, fs};

use support::{keys, random_inputs, random_model, shapes};
use veriregime_circuits::{
    Error,
    keys::ProvingKey,
    model::{Activation, IntegerModel, Table},
    proof::{prove, verify},
    srs::Srs,
    tape::{Filler, Layout, Profile, RangeCheck, Shape},
};

fn layout(model: &IntegerModel) -> Layout {
    Layout::compile(model, Shape::default(), None).unwrap()
}

fn small(seed: u64) -> IntegerModel {
    random_model(seed, &[4, 3, 2], 4, &[0, 0, 1])
}

#[test]
fn key_read_back_proves_and_has_the_same_digest_in_every_shape() {
    let model = small(1);
    let folder = tempfile::tempdir().unwrap();
    for (index, shape) in shapes(false).into_iter().enumerate() {
        let layout = Layout::compile(&model, shape, None).unwrap();
        let srs = Srs::development(layout.k);
        let path = folder.path().join(format!("{index}.key"));
        let made = ProvingKey::read_or_generate(&path, layout.clone(), &srs).unwrap();
        let read = ProvingKey::read(&path, layout, &srs).unwrap();
        assert_eq!(read.verifying_key().digest(), made.verifying_key().digest());
        let proof = prove(&read, &srs, &random_inputs(1, 4), [0; 32]).unwrap();
        let (words, bytes) = (&proof.public_inputs, &proof.bytes);
        verify(made.verifying_key(), &srs, words, bytes).unwrap();
        // Without a file the same key is made again.
        fs::remove_file(&path).unwrap();
        assert!(matches!(
            ProvingKey::read(&path, made.layout().clone(), &srs),
            Err(Error::Io { .. })
        ));
    }
}

#[test]
fn key_of_another_model_truncated_or_altered_is_refused_by_name() {
    let mine = layout(&small(1));
    let srs = Srs::development(mine.k);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.key");
    let key = ProvingKey::generate(mine.clone(), &srs).unwrap();
    key.write(&path).unwrap();
    let refused = |layout: &Layout| {
        let read = ProvingKey::read(&path, layout.clone(), &srs);
        matches!(read, Err(Error::Key { .. }))
    };
    assert!(!refused(&mine));
    assert!(refused(&layout(&small(2))));
    let bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    let mut altered = bytes.clone();
    altered[middle] ^= 1;
    for other in [&bytes[..bytes.len() - 1], &bytes[..middle], &altered, b""] {
        fs::write(&path, other).unwrap();
        assert!(refused(&mine));
    }
}

#[test]
fn key_of_another_layout_of_the_model_is_refused() {
    let model = small(1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.key");
    let filler = |seed: u8, proofs| Some(Filler::new([seed; 32], proofs));
    let mut layouts: Vec<Layout> = shapes(false)
        .into_iter()
        .map(|shape| Layout::compile(&model, shape, None).unwrap())
        .collect();
    for filler in [filler(1, 3), filler(2, 3), filler(1, 4)] {
        layouts.push(Layout::compile(&model, Shape::default(), filler).unwrap());
    }
    for mine in &layouts {
        let srs = Srs::development(mine.k);
        let key = ProvingKey::generate(mine.clone(), &srs).unwrap();
        key.write(&path).unwrap();
        for other in &layouts {
            let read = ProvingKey::read(&path, other.clone(), &srs);
            let same = mine.describe() == other.describe();
            assert_eq!(read.is_ok(), same, "{}", other.describe());
            if !same && mine.k == other.k {
                assert!(matches!(read, Err(Error::Key { .. })));
            }
        }
    }
}

/// One digest per layout, whatever the number of threads; another one for every other layout.
#[test]
fn digest_depends_on_the_layout_and_on_nothing_else() {
    let model = random_model(3, &[40, 6, 3], 8, &[0, 0, 1]);
    let mut layouts: Vec<Layout> = shapes(false)
        .into_iter()
        .map(|shape| Layout::compile(&model, shape, None).unwrap())
        .collect();
    let taller = Shape {
        degree: 4,
        ..Shape::default()
    };
    layouts.push(Layout::compile(&model, taller, None).unwrap());
    let digest = |layout: &Layout, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().unwrap();
        pool.install(|| keys(layout.clone()).0.verifying_key().digest())
    };
    let mut digests = HashSet::new();
    for layout in &layouts {
        let one = digest(layout, 1);
        assert_eq!(one, digest(layout, 3), "{}", layout.describe());
        assert!(digests.insert(one), "{}", layout.describe());
    }
}

/// Planning is deterministic, so a model file and a profile name one key.
#[test]
fn digest_of_a_profile_is_the_same_for_any_number_of_threads() {
    let model = random_model(3, &[40, 6, 3], 8, &[0, 0, 1]);
    for profile in [Profile::Gas, Profile::Speed] {
        let digest = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            pool.install(|| {
                let (key, _) = keys(Layout::plan(&model, profile).unwrap());
                key.verifying_key().digest()
            })
        };
        assert_eq!(digest(1), digest(3), "{}", profile.as_str());
    }
}

/// Anyone makes a public model's key again, byte for byte.
#[test]
fn key_file_of_a_public_model_is_reproducible() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| {
        let path = folder.path().join(name);
        keys(layout(&small(1))).0.write(&path).unwrap();
        fs::read(path).unwrap()
    };
    assert_eq!(file("one"), file("two"));
}

/// A table's name is for reports: it is no part of the model's digest, so it must not shape the key.
#[test]
fn digest_does_not_depend_on_the_names_of_tables() {
    let model = |names: [&str; 2]| {
        let table = |name: &str| {
            let values = (-500..500).map(|q: i32| q.clamp(-9, 9)).collect();
            let (name, low) = (name.into(), -500);
            Activation::table(Table { name, low, values })
        };
        let mut model = random_model(1, &[4, 3, 3, 2], 4, &[0, 0, 1]);
        for (layer, name) in model.layers.iter_mut().zip(names) {
            layer.activation = table(name);
        }
        model
    };
    let (same, other) = (model(["a", "a"]), model(["a", "b"]));
    assert_eq!(same.digest(), other.digest());
    let digest = |model: &IntegerModel| {
        let shape = Shape::new(1, RangeCheck::Bits, true);
        let layout = Layout::compile(model, shape, None).unwrap();
        keys(layout).0.verifying_key().digest()
    };
    assert_eq!(digest(&same), digest(&other));
}
