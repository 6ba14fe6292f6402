//! What the protocol supports and refuses of phases and challenges.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "test")]

use halo2_axiom::{
    circuit::{Layouter, SimpleFloorPlanner},
    halo2curves::bn256::{Bn256, Fr},
    plonk::{
        Circuit, ConstraintSystem, Error, Expression, FirstPhase, SecondPhase, ThirdPhase,
        keygen_pk2,
    },
    poly::{Rotation, kzg::commitment::ParamsKZG},
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::protocol::Protocol;

/// How a circuit allocates its columns and challenges.
#[derive(Debug, Clone, Copy, Default)]
enum Order {
    #[default]
    FirstThenSecond,
    FirstBehindSecond,
    ThreePhases,
    ChallengeBehindSecond,
    SecondNotOpened,
}

/// A circuit of zeros.
#[derive(Debug, Clone)]
struct Zeros(Order);

impl Circuit<Fr> for Zeros {
    type Config = ();
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Order;

    fn params(&self) -> Order {
        self.0
    }

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(_: &mut ConstraintSystem<Fr>) {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, order: Order) {
        let instance = meta.instance_column();
        let mut columns = vec![meta.advice_column()];
        let challenge = meta.challenge_usable_after(FirstPhase);
        columns.push(meta.advice_column_in(SecondPhase));
        let mut factors = vec![challenge.expr()];
        match order {
            Order::FirstThenSecond => {}
            Order::FirstBehindSecond => columns.push(meta.advice_column()),
            Order::ThreePhases => columns.push(meta.advice_column_in(ThirdPhase)),
            Order::ChallengeBehindSecond => {
                factors.push(meta.challenge_usable_after(SecondPhase).expr());
            }
            Order::SecondNotOpened => {
                columns.pop();
            }
        }
        meta.create_gate("zeros", |meta| {
            let factor = factors
                .into_iter()
                .fold(Expression::Constant(Fr::one()), |product, factor| {
                    product * factor
                });
            let sum = columns.iter().fold(factor.clone(), |sum, column| {
                sum + meta.query_advice(*column, Rotation::cur())
            });
            let public = meta.query_instance(instance, Rotation::cur());
            vec![(sum - factor) * public]
        });
    }

    fn synthesize(&self, (): (), _: impl Layouter<Fr>) -> Result<(), Error> {
        Ok(())
    }
}

/// What the protocol says to a circuit: nothing, or why not.
fn refusal(order: Order) -> Option<String> {
    let params = ParamsKZG::<Bn256>::setup(4, ChaCha20Rng::seed_from_u64(1));
    let key = keygen_pk2(&params, &Zeros(order), false).unwrap();
    let refused = Protocol::new(key.get_vk(), 1, 1).err();
    refused.map(|error| error.to_string())
}

#[test]
fn two_phases_in_order_are_supported() {
    assert_eq!(refusal(Order::FirstThenSecond), None);
}

#[test]
fn other_orders_are_refused_by_name() {
    for (order, reason) in [
        (
            Order::FirstBehindSecond,
            "an advice column of the second phase before one of the first",
        ),
        (Order::ThreePhases, "more than two phases"),
        (
            Order::ChallengeBehindSecond,
            "challenges usable after the second phase",
        ),
        (Order::SecondNotOpened, "advice column 1 is never queried"),
    ] {
        let refused = refusal(order).unwrap_or_else(|| panic!("{order:?} supported"));
        assert!(refused.ends_with(reason), "{order:?}: {refused}");
    }
}
