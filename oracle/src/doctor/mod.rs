//! Everything a node needs, looked at one by one before it is started: `veriregime doctor`.
//!
//! ```text
//! config ─┬─ key, store, instance, disk, listen                     this machine
//!         ├─ ORACLE.deployment, ORACLE.model                        files
//!         ├─ chain.rpc[n], balance                                  the way to the chain
//!         ├─ exchange.NAME, ORACLE.window                           candles
//!         └─ ORACLE.{srs, keys, contract.NAME, oracle, route, attestor[n], quorum}
//! ```
//! A prerequisite that fails turns its own line red; a line that cannot be looked at because of it is skipped and says
//! what it needs. Nothing is sent, and nothing is written but what the node itself would write at its start: an empty
//! store, and the proving key in the cache.

mod attestors;
mod chain;
mod exchange;
mod fault;
mod files;
mod listening;
mod machine;
mod sheet;

use std::path::Path;

use serde::Serialize;

pub use self::fault::Fault;
use self::{files::Seat, sheet::Sheet};
use crate::{check::Check, config::Config, market::Market};

/// Every line, in order.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// Whether the node can be started.
    pub ok: bool,
    /// One per prerequisite.
    pub checks: Vec<Check>,
}

/// Looks at everything that the node of a configuration file needs.
pub async fn examine(path: &Path) -> Diagnosis {
    let mut sheet = Sheet::default();
    let read = Config::read(path).map(|config| {
        let (oracles, urls) = (config.oracles.len(), config.chain.rpc.len());
        let found = format!("{}: {oracles} oracle(s), {urls} RPC URL(s)", path.display());
        (config, found)
    });
    match sheet.enter("config", read.map_err(Into::into)) {
        Some(config) => look(&mut sheet, &config).await,
        None => sheet.skip("everything else", "config"),
    }
    let checks = sheet.checks();
    Diagnosis {
        ok: checks.iter().all(|check| check.ok),
        checks,
    }
}

async fn look(sheet: &mut Sheet, config: &Config) {
    let address = machine::key(sheet, config);
    let store = machine::store(sheet, config);
    machine::disk(sheet, config);
    let mut seats: Vec<Seat<'_>> = config
        .oracles
        .iter()
        .map(|oracle| Seat::read(sheet, oracle))
        .collect();
    let chain_id = seats.iter().find_map(Seat::chain_id);
    listening::look(sheet, config, address, chain_id, store).await;

    let provider = chain::endpoints(sheet, config, chain_id).await;
    chain::balance(sheet, provider.as_ref(), address).await;

    let market = seats.iter().find_map(|seat| seat.market.clone());
    let market = market.unwrap_or_else(Market::btc_usdt_minutes);
    let candles = exchange::sources(sheet, &config.candles, &market, chain_id).await;
    for seat in &mut seats {
        exchange::window(sheet, &config.candles, seat, candles).await;
        seat.prepare(sheet, config).await;
        let contracts = chain::contracts(sheet, provider.as_ref(), seat).await;
        attestors::look(sheet, seat, contracts.as_ref()).await;
    }
}
