//! Deployment, model, SRS and proving key of one oracle.

use std::sync::Arc;

use veriregime_circuits::{
    public::Schema,
    srs::{Srs, SrsKind},
    tape::Layout,
};

use super::{
    fault::Fault,
    sheet::{Found, Sheet},
};
use crate::{
    chain::Deployment,
    config::{Config, Oracle},
    demo::CHAIN_ID,
    filler_file::FillerFile,
    market::Market,
    model::Model,
    project::{self, Project},
    prover::Prover,
    reference_string,
};

/// What is known of one oracle so far.
pub(super) struct Seat<'a> {
    pub(super) oracle: &'a Oracle,
    pub(super) deployment: Option<Deployment>,
    pub(super) model: Option<Model>,
    pub(super) market: Option<Market>,
    pub(super) prover: Option<Arc<Prover>>,
    layout: Option<Layout>,
}

impl<'a> Seat<'a> {
    /// Lines `deployment` and `model`.
    pub(super) fn read(sheet: &mut Sheet, oracle: &'a Oracle) -> Self {
        let mut seat = Self {
            oracle,
            deployment: None,
            model: None,
            market: None,
            prover: None,
            layout: None,
        };
        let deployment = Deployment::read(&oracle.deployment).map(|deployment| {
            let id = deployment.oracle_id();
            let found = format!("chain {}, oracle {}", id.chain_id, id.address);
            (deployment, found)
        });
        seat.deployment = sheet.enter(seat.name("deployment"), deployment.map_err(Into::into));
        if let Some((model, market, layout)) = sheet.enter(seat.name("model"), plan(oracle)) {
            (seat.model, seat.market) = (Some(model), Some(market));
            seat.layout = Some(layout);
        }
        seat
    }

    /// `ORACLE.what`.
    pub(super) fn name(&self, what: &str) -> String {
        format!("{}.{what}", self.oracle.name)
    }

    pub(super) fn chain_id(&self) -> Option<u64> {
        self.deployment.as_ref().map(|found| found.chain_id)
    }

    /// The shape of the model's answers.
    pub(super) fn schema(&self) -> Option<Schema> {
        self.model.as_ref().map(|model| Schema::of(&model.network))
    }

    /// Lines `srs` and `keys`.
    pub(super) async fn prepare(&mut self, sheet: &mut Sheet, config: &Config) {
        let (srs, keys) = (self.name("srs"), self.name("keys"));
        let (Some(layout), Some(chain_id)) = (self.layout.take(), self.chain_id()) else {
            let needs = match &self.deployment {
                None => self.name("deployment"),
                Some(_) => self.name("model"),
            };
            sheet.skip(&srs, &needs);
            sheet.skip(&keys, &needs);
            return;
        };
        let found = reference(config, layout.k, chain_id).await;
        let Some(points) = sheet.enter(&srs, found) else {
            sheet.skip(&keys, &srs);
            return;
        };
        self.prover = sheet.enter(&keys, prepared(layout, points).await);
    }
}

/// The model with its digests checked, and the circuit planned for it.
fn plan(oracle: &Oracle) -> Found<(Model, Market, Layout)> {
    let model = if oracle.model.join("manifest.json").is_file() {
        Model::read(&oracle.model)?
    } else {
        Model::named(&Project::find(None)?.models(), &oracle.model)?
    };
    let schema = &model.manifest.schema;
    let market = Market::checked(&schema.symbol, schema.timeframe)?;
    let filler = oracle.filler.as_deref().map(FillerFile::open).transpose()?;
    let secret = filler.as_ref().map(|file| file.filler().clone());
    let layout = Layout::plan_private(&model.network, oracle.profile, secret)?;
    let found = format!(
        "{} for {}, weights {}, {}",
        model.name(),
        market.symbol,
        model.manifest.weights.sha256.get(..16).unwrap_or_default(),
        layout.describe()
    );
    Ok(((model, market, layout), found))
}

async fn reference(config: &Config, k: u32, chain_id: u64) -> Found<Srs> {
    let srs = reference_string::locate(config.node.srs.as_deref(), k, &project::cache()).await?;
    let kind = srs.kind();
    if kind == SrsKind::Development && chain_id != CHAIN_ID {
        return Err(Fault::DevelopmentSrs { chain_id }.into());
    }
    let found = format!("{}, sha256 {}", kind.as_str(), hex::encode(srs.sha256()));
    Ok((srs, found))
}

async fn prepared(layout: Layout, srs: Srs) -> Found<Arc<Prover>> {
    let open = move || Prover::open(layout, srs, &project::cache(), 0);
    let prover = tokio::task::spawn_blocking(open)
        .await
        .map_err(Fault::from)??;
    let found = format!(
        "model {}, proving key in {}",
        prover.model_id(),
        project::cache().display()
    );
    Ok((Arc::new(prover), found))
}
