//! What a run has left behind, from five places that do not know of one another.
//!
//! ```text
//! log (claims) ─┐
//! chain         ├─> Evidence ─> Verdict
//! wire          │
//! stores        ┘
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use alloy::primitives::{Address, B256};
use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};

use crate::{
    chain::{Accepted, Mined},
    node::Missed,
    proxy::Wired,
    world::World,
};

/// What a store says of each close time: digest of the inputs and last close, eight decimals.
pub type Bound = BTreeMap<u64, (B256, i64)>;

/// Everything a verdict needs.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The node's address.
    pub node: Address,
    /// Attestations needed.
    pub threshold: usize,
    /// Close times that had to be served.
    pub due: BTreeSet<u64>,
    /// Misses that the log reports.
    pub missed: Vec<(u64, Missed)>,
    /// Rounds of the oracle.
    pub accepted: Vec<Accepted>,
    /// The node's transactions in blocks, in the chain's order.
    pub mined: Vec<Mined>,
    /// The node's number of transactions, as the chain counts.
    pub nonce: u64,
    /// Transactions seen on the wire, repeats included.
    pub wired: Vec<Wired>,
    /// The round store.
    pub own: Bound,
    /// The attestors' stores.
    pub vouched: Vec<Bound>,
}

impl Evidence {
    /// Collects it from a world whose daemon is stopped.
    ///
    /// # Errors
    /// When the chain or a store cannot be read.
    pub async fn gather(world: &World, due: impl IntoIterator<Item = u64>) -> Result<Self> {
        let own = "SELECT close_time, inputs_digest, last_close_e8 FROM rounds WHERE inputs_digest IS NOT NULL";
        let vouched = "SELECT close_time, inputs_digest, last_close_e8 FROM vouched";
        let stores = world.attestors.iter();
        let stores = stores.map(|attestor| read(&attestor.store, vouched));
        let lines = world.log.since(0);
        Ok(Self {
            node: world.node,
            threshold: world.threshold,
            due: due.into_iter().collect(),
            missed: lines.iter().filter_map(|line| line.missed()).collect(),
            accepted: world.chain.accepted().await?,
            mined: world.chain.mined(world.node).await?,
            nonce: world.chain.nonce(world.node).await?,
            wired: world.rpc.service.wired(),
            own: read(&world.config.store, own)?,
            vouched: stores.collect::<Result<_>>()?,
        })
    }
}

/// Reads close times, digests and prices from a store, past the program that owns it.
fn read(store: &Path, query: &str) -> Result<Bound> {
    let place = || format!("reading {}", store.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = Connection::open_with_flags(store, flags).with_context(place)?;
    let mut statement = database.prepare(query).with_context(place)?;
    let rows = statement.query_map([], |row| {
        let (close, digest, price): (i64, [u8; 32], i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((close.unsigned_abs(), (B256::from(digest), price)))
    });
    let rows = rows.with_context(place)?;
    rows.collect::<Result<_, _>>().with_context(place)
}
