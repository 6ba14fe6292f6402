//! The way to the chain, and what the deployment file promises there.

use alloy::{
    primitives::{Address, keccak256},
    providers::{DynProvider, Provider, ProviderBuilder},
};

use super::{
    fault::Fault,
    files::Seat,
    sheet::{Found, Sheet, timed},
};
use crate::{
    chain::{Chain, ChainError, Deployment, ISignalOracle, ISignalVerifierGateway},
    check::Complaint,
    config::Config,
    redact,
    reserve::Reserve,
};

/// Every RPC line's name without its number.
const RPC: &str = "chain.rpc";

/// An endpoint that serves the right chain.
pub(super) struct Endpoint {
    url: String,
    provider: DynProvider,
}

/// Lines `chain.rpc[n]`; the first endpoint that is as it should be.
pub(super) async fn endpoints(
    sheet: &mut Sheet,
    config: &Config,
    chain_id: Option<u64>,
) -> Option<Endpoint> {
    let mut first = None;
    for (index, url) in config.chain.rpc.iter().enumerate() {
        let found = timed(endpoint(url, chain_id)).await;
        let found = sheet.enter(format!("{RPC}[{index}]"), found);
        first = first.or(found);
    }
    first
}

async fn endpoint(url: &str, chain_id: Option<u64>) -> Found<Endpoint> {
    // The configuration has checked that it is one.
    let parsed = url
        .parse()
        .map_err(|_| ChainError::Missing("not a URL".into()))?;
    let provider = ProviderBuilder::new()
        .disable_recommended_fillers()
        .connect_http(parsed)
        .erased();
    let failed = |action| move |source| ChainError::Rpc { action, source };
    let got = provider
        .get_chain_id()
        .await
        .map_err(failed("reading the chain id"))?;
    if let Some(want) = chain_id.filter(|want| *want != got) {
        return Err(ChainError::WrongChain { got, want }.into());
    }
    let block = provider
        .get_block_number()
        .await
        .map_err(failed("reading the latest block"))?;
    let found = format!("{}: chain {got}, block {block}", redact::urls(url));
    let url = url.to_owned();
    Ok((Endpoint { url, provider }, found))
}

/// Line `balance`.
pub(super) async fn balance(
    sheet: &mut Sheet,
    endpoint: Option<&Endpoint>,
    address: Option<Address>,
) {
    match (endpoint, address) {
        (None, _) => sheet.skip("balance", RPC),
        (_, None) => sheet.skip("balance", "key"),
        (Some(endpoint), Some(address)) => {
            sheet.enter("balance", timed(pays(endpoint, address)).await);
        }
    }
}

async fn pays(endpoint: &Endpoint, address: Address) -> Found<()> {
    let reserve = Reserve::read(&endpoint.provider, address).await;
    let reserve = reserve.map_err(|source| ChainError::Rpc {
        action: "reading balance and fees",
        source,
    })?;
    Ok(((), reserve.check()?))
}

/// Lines `contract.NAME`, `oracle` and `route`; a connection to the oracle if it is the model's.
pub(super) async fn contracts(
    sheet: &mut Sheet,
    endpoint: Option<&Endpoint>,
    seat: &Seat<'_>,
) -> Option<Chain> {
    let (oracle, route) = (seat.name("oracle"), seat.name("route"));
    let Some(deployment) = &seat.deployment else {
        for line in [&seat.name("contracts"), &oracle, &route] {
            sheet.skip(line, &seat.name("deployment"));
        }
        return None;
    };
    let mut oracle_line = None;
    for (contract, listed) in deployment.contracts.all() {
        let line = seat.name(&format!("contract.{contract}"));
        match endpoint {
            None => sheet.skip(&line, RPC),
            Some(endpoint) => {
                let code = timed(code(endpoint, listed.address, listed.codehash)).await;
                sheet.enter(&line, code);
            }
        }
        if contract == "oracle" {
            oracle_line = Some(line);
        }
    }
    let Some(endpoint) = endpoint else {
        sheet.skip(&oracle, RPC);
        sheet.skip(&route, RPC);
        return None;
    };
    let Ok(chain) = Chain::connect(&endpoint.url, deployment.oracle_id(), None).await else {
        let needs = oracle_line.unwrap_or_default();
        sheet.skip(&oracle, &needs);
        sheet.skip(&route, &needs);
        return None;
    };
    match (&seat.market, seat.schema()) {
        (Some(_), Some(_)) => {
            sheet.enter(&oracle, timed(suits(&chain, seat)).await);
        }
        _ => sheet.skip(&oracle, &seat.name("model")),
    }
    match &seat.prover {
        Some(prover) => {
            let srs = prover.srs().kind().as_str();
            let found = timed(routed(&chain, deployment, prover.model_id(), srs)).await;
            sheet.enter(&route, found);
        }
        None => sheet.skip(&route, &seat.name("keys")),
    }
    Some(chain)
}

/// Code is there, and the one that was deployed.
async fn code(
    endpoint: &Endpoint,
    address: Address,
    want: Option<alloy::primitives::B256>,
) -> Found<()> {
    let code = endpoint.provider.get_code_at(address).await;
    let code = code.map_err(|source| ChainError::Rpc {
        action: "reading code",
        source,
    })?;
    if code.is_empty() {
        return Err(ChainError::NoCode(address).into());
    }
    let got = keccak256(&code);
    match want {
        Some(want) if want == got => Ok((
            (),
            format!("{address}, {} bytes, hash as deployed", code.len()),
        )),
        Some(want) => Err(Fault::Codehash { address, got, want }.into()),
        None => Ok((
            (),
            format!(
                "{address}, {} bytes; the deployment file names no hash",
                code.len()
            ),
        )),
    }
}

/// The oracle is for the model's market and answers.
async fn suits(chain: &Chain, seat: &Seat<'_>) -> Found<()> {
    let mut words = Vec::new();
    if let Some(market) = &seat.market {
        chain.require_market(market).await?;
        words.push(format!("{} at {} s", market.symbol, market.timeframe));
    }
    if let Some(schema) = seat.schema() {
        chain.require_schema(&schema).await?;
        words.push(format!(
            "{} values, {} classes",
            schema.inputs, schema.classes
        ));
    }
    Ok(((), words.join(", ")))
}

/// The gateway routes our model to the deployment's verifier.
async fn routed(
    chain: &Chain,
    deployment: &Deployment,
    model: alloy::primitives::FixedBytes<4>,
    srs: &'static str,
) -> Found<()> {
    let provider = chain.provider();
    let read = |action| {
        move |source| -> Complaint {
            let source = Box::new(source);
            ChainError::Read { action, source }.into()
        }
    };
    let gateway = ISignalOracle::new(chain.oracle().address, provider)
        .gateway()
        .call()
        .await
        .map_err(read("the oracle's gateway"))?;
    if let Some(want) = deployment.contracts.gateway.map(|found| found.address)
        && want != gateway
    {
        return Err(Fault::OtherGateway { got: gateway, want }.into());
    }
    let route = ISignalVerifierGateway::new(gateway, provider)
        .route(model)
        .call()
        .await
        .map_err(read("the model's route"))?;
    if route.verifier.is_zero() {
        let deployed = deployment.model.id;
        return Err(Fault::NoRoute {
            model,
            srs,
            deployed,
        }
        .into());
    }
    let (got, want) = (route.verifier, deployment.contracts.verifier.address);
    if got != want && model == deployment.model.id {
        return Err(Fault::OtherVerifier { model, got, want }.into());
    }
    if route.frozen {
        return Err(Fault::Frozen(model).into());
    }
    Ok(((), format!("model {model} to verifier {got}")))
}
