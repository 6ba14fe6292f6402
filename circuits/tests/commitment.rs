//! Our commitments equal the library's, whatever the scalars, the budget and the thread count.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::sync::Arc;

use halo2_axiom::{
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine},
        ff::{Field, FromUniformBytes, PrimeField},
        group::{Curve, prime::PrimeCurveAffine},
    },
    poly::{
        Coeff, LagrangeCoeff, Polynomial,
        commitment::{Blind, Params, ParamsProver},
        kzg::commitment::ParamsKZG,
    },
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPoolBuilder;
use veriregime_circuits::commitment::{FixedBaseParams, Plan, Table, multiply};

const POINT: usize = 64;

fn params(k: u32) -> Arc<ParamsKZG<Bn256>> {
    Arc::new(ParamsKZG::setup(k, ChaCha20Rng::seed_from_u64(k.into())))
}

fn compare(ours: &FixedBaseParams, scalars: &[Fr]) {
    let library = ours.params();
    let monomial: Polynomial<Fr, Coeff> = Polynomial::new(scalars.to_vec());
    let lagrange: Polynomial<Fr, LagrangeCoeff> = Polynomial::new(scalars.to_vec());
    let blind = Blind::default();
    assert_eq!(
        ours.commit(&monomial, blind).to_affine(),
        library.commit(&monomial, blind).to_affine()
    );
    assert_eq!(
        ours.commit_lagrange(&lagrange, blind).to_affine(),
        library.commit_lagrange(&lagrange, blind).to_affine()
    );
}

/// Vectors that meet every special case.
fn edge_vectors(n: usize, rng: &mut ChaCha20Rng) -> Vec<Vec<Fr>> {
    let random: Vec<Fr> = (0..n).map(|_| Fr::random(&mut *rng)).collect();
    let of = |value: &mut dyn FnMut(usize) -> Fr| (0..n).map(value).collect::<Vec<_>>();
    let one = random[0];
    let mut vectors = vec![
        of(&mut |_| Fr::ZERO),
        of(&mut |_| Fr::ONE),
        of(&mut |_| -Fr::ONE),
        of(&mut |_| Fr::TWO_INV),
        of(&mut |_| one),
        of(&mut |i| if i % 2 == 0 { one } else { -one }),
        of(&mut |i| Fr::from(i as u64 % 4)),
        of(&mut |i| -Fr::from(i as u64 % 256)),
        of(&mut |i| Fr::from(2).pow_vartime([i as u64 % 254])),
        of(&mut |i| if i == n / 3 { one } else { Fr::ZERO }),
        of(&mut |i| if i == n - 1 { -Fr::ONE } else { Fr::ZERO }),
        of(&mut |i| if i % 7 == 0 { random[i] } else { Fr::ZERO }),
        of(&mut |i| {
            if i + 6 >= n {
                random[i]
            } else {
                Fr::from(i as u64 % 3)
            }
        }),
        random[..n / 2 + 1].to_vec(),
        vec![],
    ];
    vectors.push(random);
    vectors
}

#[test]
fn commit_edge_vectors_every_size_and_budget_equals_library() {
    for k in 4..=10 {
        let (library, n) = (params(k), 1usize << k);
        let vectors = edge_vectors(n, &mut ChaCha20Rng::seed_from_u64(9));
        // Levels 1, 2, 3, 5 and all; and no tables.
        for levels in [0, 1, 2, 3, 5, 40] {
            let ours = FixedBaseParams::build(library.clone(), 2 * n * POINT * levels);
            assert_eq!(ours.plan().is_some(), levels > 0);
            assert!(ours.table_bytes() <= 2 * n * POINT * levels);
            for scalars in &vectors {
                compare(&ours, scalars);
            }
        }
    }
}

#[test]
fn commit_every_width_and_stride_equals_library() {
    let (library, n) = (params(7), 128);
    let vectors = edge_vectors(n, &mut ChaCha20Rng::seed_from_u64(10));
    for width in 2..=16 {
        for levels in [1, 3, 64] {
            let plan = Plan::with_width(n, n * POINT * levels, width).unwrap();
            let ours = FixedBaseParams::with_plan(library.clone(), plan);
            for scalars in &vectors {
                compare(&ours, scalars);
            }
        }
    }
}

#[test]
fn commit_any_thread_count_equals_library() {
    let library = params(10);
    let vectors = edge_vectors(1024, &mut ChaCha20Rng::seed_from_u64(11));
    for threads in [1, 2, 3, 5] {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let ours = FixedBaseParams::build(library.clone(), 1 << 20);
            for scalars in &vectors {
                compare(&ours, scalars);
            }
        });
    }
}

/// Bases whose points collide: equal, opposite and small multiples of each other, so that buckets
/// double, cancel and pass through infinity.
#[test]
fn multiply_colliding_bases_equals_definition() {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    let generator = G1Affine::generator();
    for round in 0..40 {
        let n = 64;
        let logs: Vec<i64> = (0..n)
            .map(|_| match round % 4 {
                0 => 1,
                1 => *[1, -1].get(rng.gen_range(0..2)).unwrap(),
                2 => *[1, 2, -1, -2, 3].get(rng.gen_range(0..5)).unwrap(),
                _ => 1 << rng.gen_range(0..30),
            })
            .collect();
        let field = |v: i64| {
            if v < 0 {
                -Fr::from(v.unsigned_abs())
            } else {
                Fr::from(v as u64)
            }
        };
        let basis: Vec<G1Affine> = logs
            .iter()
            .map(|l| (generator * field(*l)).to_affine())
            .collect();
        let full = Fr::random(&mut rng);
        for width in [2, 4, 7, 12] {
            let plan = Plan::with_width(n, n * POINT * [1, 2, 64][round % 3], width).unwrap();
            let table = Table::build(&basis, plan).unwrap();
            for kind in 0..4 {
                let scalars: Vec<Fr> = (0..n)
                    .map(|_| match kind {
                        0 => full,
                        1 => field(rng.gen_range(-2..=2)),
                        2 => full * field(rng.gen_range(-1..=1)),
                        _ => Fr::ONE,
                    })
                    .collect();
                let want: Fr = scalars.iter().zip(&logs).map(|(s, l)| *s * field(*l)).sum();
                assert_eq!(multiply(&table, &scalars), generator * want);
            }
        }
    }
}

#[test]
fn table_with_infinity_in_the_basis_is_refused() {
    let basis = [G1Affine::generator(), G1Affine::identity()];
    let plan = Plan::with_width(2, 1 << 20, 4).unwrap();
    assert!(Table::build(&basis, plan).is_none());
    assert!(Table::build(&[], plan).is_none());
}

#[test]
fn downsized_params_commit_like_the_library() {
    let mut ours = FixedBaseParams::build(params(6), 1 << 20);
    ours.downsize(5);
    assert_eq!(ours.k(), 5);
    compare(
        &ours,
        &edge_vectors(32, &mut ChaCha20Rng::seed_from_u64(13))[15],
    );
}

fn scalar() -> impl Strategy<Value = Fr> {
    prop_oneof![
        any::<[u8; 64]>().prop_map(|bytes| Fr::from_uniform_bytes(&bytes)),
        any::<u128>().prop_map(Fr::from_u128),
        any::<u16>().prop_map(|v| Fr::from(u64::from(v))),
        (0u64..4).prop_map(Fr::from),
        (0u64..300).prop_map(|v| -Fr::from(v)),
        (0u64..256).prop_map(|bit| Fr::from(2).pow_vartime([bit])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn commit_random_vectors_equals_library(
        k in 4u32..=8,
        levels in 1usize..=20,
        scalars in proptest::collection::vec(scalar(), 0..256),
    ) {
        let n = 1usize << k;
        let ours = FixedBaseParams::build(params(k), 2 * n * POINT * levels);
        compare(&ours, &scalars[..scalars.len().min(n)]);
    }
}
