//! The commitment scheme that the prover is run with.

use std::{io, sync::Arc};

use halo2_axiom::{
    SerdeCurveAffine, SerdeFormat,
    halo2curves::bn256::{Bn256, Fr, G1, G1Affine},
    poly::{
        Coeff, LagrangeCoeff, Polynomial,
        commitment::{Blind, CommitmentScheme, Params, ParamsProver},
        kzg::{commitment::ParamsKZG, msm::MSMKZG},
    },
};

use super::{multiply, plan::Plan, table::Table};

/// halo2's KZG scheme with [`FixedBaseParams`].
#[derive(Debug, Clone, Copy)]
pub struct FixedBaseScheme;

/// A reference string with tables of multiples of its points. Clones share the tables.
#[derive(Debug, Clone)]
pub struct FixedBaseParams {
    params: Arc<ParamsKZG<Bn256>>,
    monomial: Option<Arc<Table>>,
    lagrange: Option<Arc<Table>>,
}

impl FixedBaseParams {
    /// Builds tables for both bases in at most `budget` bytes. With too small a budget for one
    /// multiple per point (2^k * 128 bytes) it builds none and commits as the library does.
    pub fn build(params: Arc<ParamsKZG<Bn256>>, budget: usize) -> Self {
        let points = params.get_g().len();
        match Plan::choose(points, budget / 2) {
            Some(plan) => Self::with_plan(params, plan),
            None => Self {
                params,
                monomial: None,
                lagrange: None,
            },
        }
    }

    /// Builds tables of a given shape.
    pub fn with_plan(params: Arc<ParamsKZG<Bn256>>, plan: Plan) -> Self {
        let table = |basis: &[G1Affine]| Table::build(basis, plan).map(Arc::new);
        Self {
            monomial: table(params.get_g()),
            lagrange: lagrange_basis(&params).and_then(|basis| table(&basis)),
            params,
        }
    }

    /// The reference string.
    pub fn params(&self) -> &ParamsKZG<Bn256> {
        &self.params
    }

    /// Shape of the tables, `None` when there are none.
    pub fn plan(&self) -> Option<Plan> {
        self.monomial.as_ref().map(|table| table.plan())
    }

    /// Bytes that the tables take.
    pub fn table_bytes(&self) -> usize {
        [&self.monomial, &self.lagrange]
            .into_iter()
            .flatten()
            .map(|table| table.plan().bytes(table.points()))
            .sum()
    }
}

/// The Lagrange basis, which the library keeps to itself but writes out after k and the monomials.
fn lagrange_basis(params: &ParamsKZG<Bn256>) -> Option<Vec<G1Affine>> {
    let format = SerdeFormat::RawBytesUnchecked;
    let mut bytes = vec![];
    params.write_custom(&mut bytes, format).ok()?;
    let monomials = params.get_g();
    let mut rest = bytes.get(size_of::<u32>() + size_of_val(monomials)..)?;
    monomials
        .iter()
        .map(|_| <G1Affine as SerdeCurveAffine>::read(&mut rest, format).ok())
        .collect()
}

impl CommitmentScheme for FixedBaseScheme {
    type Scalar = Fr;
    type Curve = G1Affine;
    type ParamsProver = FixedBaseParams;
    type ParamsVerifier = ParamsKZG<Bn256>;

    fn new_params(k: u32) -> FixedBaseParams {
        FixedBaseParams::new(k)
    }

    fn read_params<R: io::Read>(reader: &mut R) -> io::Result<FixedBaseParams> {
        FixedBaseParams::read(reader)
    }
}

impl<'params> Params<'params, G1Affine> for FixedBaseParams {
    type MSM = MSMKZG<Bn256>;

    fn k(&self) -> u32 {
        self.params.k()
    }

    fn n(&self) -> u64 {
        self.params.n()
    }

    /// Drops the tables: they belong to the larger Lagrange basis.
    fn downsize(&mut self, k: u32) {
        Arc::make_mut(&mut self.params).downsize(k);
        (self.monomial, self.lagrange) = (None, None);
    }

    fn empty_msm(&'params self) -> MSMKZG<Bn256> {
        self.params.empty_msm()
    }

    fn commit_lagrange(&self, poly: &Polynomial<Fr, LagrangeCoeff>, blind: Blind<Fr>) -> G1 {
        match &self.lagrange {
            Some(table) => multiply(table, poly),
            None => self.params.commit_lagrange(poly, blind),
        }
    }

    fn write<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        Params::write(&*self.params, writer)
    }

    fn read<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let params = <ParamsKZG<Bn256> as Params<'_, G1Affine>>::read(reader)?;
        Ok(Self::build(Arc::new(params), 0))
    }
}

impl<'params> ParamsProver<'params, G1Affine> for FixedBaseParams {
    type ParamsVerifier = ParamsKZG<Bn256>;

    fn new(k: u32) -> Self {
        Self::build(Arc::new(ParamsKZG::new(k)), 0)
    }

    fn commit(&self, poly: &Polynomial<Fr, Coeff>, blind: Blind<Fr>) -> G1 {
        match &self.monomial {
            Some(table) => multiply(table, poly),
            None => self.params.commit(poly, blind),
        }
    }

    fn get_g(&self) -> &[G1Affine] {
        self.params.get_g()
    }

    fn verifier_params(&'params self) -> &'params ParamsKZG<Bn256> {
        &self.params
    }
}
