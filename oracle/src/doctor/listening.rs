//! Port and locks: free, or held by the node of this very configuration.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use alloy::primitives::Address;
use serde::Deserialize;

use super::{
    fault::Fault,
    sheet::{Found, Sheet},
};
use crate::{
    config::Config,
    daemon::{InstanceLock, LockError},
};

/// A node looks at its own prerequisites before it answers.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a running node says of itself.
#[derive(Deserialize)]
struct Status {
    version: String,
    chain: Chain,
}

#[derive(Deserialize)]
struct Chain {
    address: Address,
}

/// Lines `instance` and `listen`.
pub(super) async fn look(
    sheet: &mut Sheet,
    config: &Config,
    address: Option<Address>,
    chain_id: Option<u64>,
    store: bool,
) {
    let running = running(config.node.listen, address).await;
    if store {
        let found = instance(config, address.zip(chain_id), running.as_deref());
        sheet.enter("instance", found);
    } else {
        sheet.skip("instance", "store");
    }
    sheet.enter("listen", port(config.node.listen, running.as_deref()));
}

/// No other node uses store or key. The locks are free again when this returns.
fn instance(config: &Config, key: Option<(Address, u64)>, running: Option<&str>) -> Found<()> {
    let mut locks = vec![InstanceLock::of_store(&config.node.store)];
    if let Some((address, chain_id)) = key {
        locks.push(InstanceLock::of_key(chain_id, address));
    }
    for lock in locks {
        match (lock, running) {
            (Ok(_), _) => {}
            (Err(LockError::Held { holder, .. }), Some(running)) => {
                return Ok(((), format!("the node runs: {running}, process {holder}")));
            }
            (Err(error), _) => return Err(error.into()),
        }
    }
    Ok(((), "no node runs with this store or key".into()))
}

fn port(listen: SocketAddr, running: Option<&str>) -> Found<()> {
    let warning = match listen.ip().is_loopback() {
        true => "",
        false => "; not a local address: everybody who reaches it can read status and metrics",
    };
    match (TcpListener::bind(listen), running) {
        (Ok(_), _) => Ok(((), format!("{listen} is free{warning}"))),
        (Err(_), Some(running)) => Ok((
            (),
            format!("{listen} is the running node's: {running}{warning}"),
        )),
        (Err(source), None) => Err(Fault::Port { listen, source }.into()),
    }
}

/// The node that answers at the configured address, if it submits with this key.
async fn running(listen: SocketAddr, address: Option<Address>) -> Option<String> {
    let address = address?;
    let mut at = listen;
    if at.ip().is_unspecified() {
        at.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .ok()?;
    let answer = client
        .get(format!("http://{at}/status"))
        .send()
        .await
        .ok()?;
    let status: Status = answer.json().await.ok()?;
    (status.chain.address == address).then(|| format!("version {} at http://{at}", status.version))
}
