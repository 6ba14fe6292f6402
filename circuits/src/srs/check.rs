//! Are these points consecutive powers of one secret?
//!
//! Every G1 point on the curve (its group order is prime, so that is the subgroup check as well),
//! the G2 point on the curve and in the subgroup, the first G1 point the generator, and
//! e(sum r_i g_i, tau G2) = e(sum r_i g_(i+1), G2) for random r_i.

use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::{
        CurveAffine,
        bn256::{Bn256, Fr, G1Affine, G2, G2Affine},
        ff::{Field, PrimeField},
        group::{Curve, Group, prime::PrimeCurveAffine},
        pairing::Engine,
    },
};
use rand::rngs::OsRng;
use rayon::prelude::*;

use super::Points;
use crate::Error;

pub(super) fn check(points: &Points) -> Result<(), Error> {
    let refuse = |problem: String| {
        Err(Error::Srs {
            place: points.place.display().to_string(),
            problem,
        })
    };
    let bad = points
        .g1
        .par_iter()
        .position_first(|p| !bool::from(p.is_on_curve()) || bool::from(p.is_identity()));
    if let Some(index) = bad {
        return refuse(format!(
            "G1 point {index} is not on the curve; the file is damaged"
        ));
    }
    if points.g1.first() != Some(&G1Affine::generator()) {
        return refuse("the first G1 point is not the generator; the file is damaged".into());
    }
    if !bool::from(points.s_g2.is_on_curve()) || !in_subgroup(&points.s_g2) {
        return refuse("tau G2 is not in the subgroup; the file is damaged".into());
    }
    if bool::from(points.s_g2.is_identity()) || points.s_g2 == G2Affine::generator() {
        return refuse("tau is 0 or 1; the file is not a ceremony's".into());
    }
    let count = points.g1.len() - 1;
    let scalars: Vec<Fr> = (0..count).map(|_| Fr::random(OsRng)).collect();
    let low = best_multiexp(&scalars, &points.g1[..count]).to_affine();
    let high = best_multiexp(&scalars, &points.g1[1..]).to_affine();
    if Bn256::pairing(&low, &points.s_g2) != Bn256::pairing(&high, &G2Affine::generator()) {
        return refuse("the points are not powers of one secret; the file is damaged".into());
    }
    Ok(())
}

/// r P = 0, computed as (r - 1) P + P.
fn in_subgroup(point: &G2Affine) -> bool {
    let mut sum = G2::identity();
    for byte in (-Fr::ONE).to_repr().iter().rev() {
        for bit in (0..8).rev() {
            sum = sum.double();
            if byte >> bit & 1 == 1 {
                sum += point;
            }
        }
    }
    bool::from((sum + point).is_identity())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srs::Srs;
    use halo2_axiom::poly::commitment::ParamsProver;

    fn points() -> Points {
        let srs = Srs::development(5);
        Points {
            g1: srs.params().get_g().to_vec(),
            s_g2: srs.params().s_g2(),
            place: "test".into(),
        }
    }

    #[test]
    fn check_consistent_points_accepted() {
        check(&points()).unwrap();
    }

    #[test]
    fn check_one_point_replaced_refused() {
        for index in [0, 1, 17, 31] {
            let mut points = points();
            points.g1[index] = (points.g1[index] + points.g1[2]).to_affine();
            assert!(check(&points).is_err(), "point {index}");
        }
    }

    #[test]
    fn check_other_secret_in_g2_refused() {
        let mut points = points();
        points.s_g2 = (points.s_g2 + G2Affine::generator()).to_affine();
        assert!(
            check(&points)
                .unwrap_err()
                .to_string()
                .contains("powers of one secret")
        );
    }

    #[test]
    fn check_trivial_secret_refused() {
        let mut points = points();
        points.s_g2 = G2Affine::generator();
        points.g1 = vec![G1Affine::generator(); 32];
        assert!(check(&points).unwrap_err().to_string().contains("0 or 1"));
    }
}
