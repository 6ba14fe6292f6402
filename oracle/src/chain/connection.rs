//! One connection to the chain of one oracle: reads, a simulation before every transaction, and sending.

use std::{collections::BTreeSet, time::Duration};

use alloy::{
    consensus::TxEnvelope,
    network::{EthereumWallet, TransactionBuilder},
    primitives::{Address, B256, Bytes, FixedBytes},
    providers::{DynProvider, Provider},
    rpc::types::{TransactionReceipt, TransactionRequest},
    signers::local::PrivateKeySigner,
    sol_types::SolCall,
};
use veriregime_circuits::public::Schema;

use super::{
    bindings::ISignalOracle::{self, ISignalOracleInstance},
    endpoints::{EndpointPolicy, Endpoints},
    error::{ChainError, read_error, rpc_error},
    revert::already_accepted,
};
use crate::{market::Market, statement::OracleId};

/// Longest wait for a transaction to get into a block.
const INCLUSION_TIMEOUT: Duration = Duration::from_secs(180);

/// What [`ISignalOracle::submitCall`] takes.
pub type Submission = ISignalOracle::Submission;

/// A signed transaction whose hash is known before anybody else sees it.
#[derive(Debug, Clone)]
pub struct Signed(TxEnvelope);

impl Signed {
    /// The transaction's hash.
    pub fn hash(&self) -> B256 {
        *self.0.tx_hash()
    }
}

/// A connection; cheap to clone.
#[derive(Debug, Clone)]
pub struct Chain {
    endpoints: Endpoints,
    provider: DynProvider,
    wallet: Option<(EthereumWallet, Address)>,
    oracle: OracleId,
}

impl Chain {
    /// Connects to one RPC URL, or to the first of several that answers (comma separated), and checks chain id and code
    /// at the oracle's address.
    pub async fn connect(
        rpc: &str,
        oracle: OracleId,
        key: Option<PrivateKeySigner>,
    ) -> Result<Self, ChainError> {
        let urls: Vec<_> = rpc.split(',').collect();
        let endpoints = Endpoints::new(&urls, oracle.chain_id, EndpointPolicy::default())?;
        Self::over(&endpoints, oracle, key).await
    }

    /// As [`Self::connect`], over endpoints that others may share.
    pub async fn over(
        endpoints: &Endpoints,
        oracle: OracleId,
        key: Option<PrivateKeySigner>,
    ) -> Result<Self, ChainError> {
        let (got, want) = (endpoints.chain_id(), oracle.chain_id);
        if got != want {
            return Err(ChainError::WrongChain { got, want });
        }
        endpoints.check().await?;
        let wallet = key.map(|key| {
            let address = key.address();
            (EthereumWallet::from(key), address)
        });
        let chain = Self {
            endpoints: endpoints.clone(),
            provider: endpoints.provider(),
            wallet,
            oracle,
        };
        chain.require_code(oracle.address).await?;
        Ok(chain)
    }

    /// The endpoints behind the provider.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The provider, for reads beyond this type.
    pub fn provider(&self) -> &DynProvider {
        &self.provider
    }

    /// The oracle this connection is for.
    pub fn oracle(&self) -> &OracleId {
        &self.oracle
    }

    /// Refuses an address without code.
    pub async fn require_code(&self, address: Address) -> Result<(), ChainError> {
        let code = self
            .provider
            .get_code_at(address)
            .await
            .map_err(rpc_error("reading code"))?;
        if code.is_empty() {
            Err(ChainError::NoCode(address))
        } else {
            Ok(())
        }
    }

    /// Refuses an oracle of another market.
    pub async fn require_market(&self, market: &Market) -> Result<(), ChainError> {
        let oracle = self.contract();
        let symbol = oracle
            .symbol()
            .call()
            .await
            .map_err(read_error("the oracle's symbol"))?;
        let timeframe = oracle
            .timeframe()
            .call()
            .await
            .map_err(read_error("the oracle's timeframe"))?;
        if (symbol, timeframe) != (market.symbol_word(), market.timeframe) {
            return Err(ChainError::WrongMarket {
                symbol,
                timeframe,
                want: market.symbol.clone(),
            });
        }
        Ok(())
    }

    /// Refuses an oracle for models of another shape: before a proof is made that it would not take.
    pub async fn require_schema(&self, model: &Schema) -> Result<(), ChainError> {
        let oracle = self.contract();
        let values = oracle
            .windowValues()
            .call()
            .await
            .map_err(read_error("the oracle's window"))?;
        let classes = oracle
            .classes()
            .call()
            .await
            .map_err(read_error("the oracle's classes"))?;
        if (usize::from(values), usize::from(classes)) != (model.inputs, model.classes) {
            return Err(ChainError::WrongSchema {
                values,
                classes,
                want_values: model.inputs,
                want_classes: model.classes,
            });
        }
        Ok(())
    }

    /// The attestors that the oracle accepts and how many it needs.
    pub async fn quorum(&self) -> Result<(BTreeSet<Address>, usize), ChainError> {
        let oracle = self.contract();
        let members = oracle
            .attestors()
            .call()
            .await
            .map_err(read_error("the attestors"))?;
        let threshold = oracle
            .threshold()
            .call()
            .await
            .map_err(read_error("the threshold"))?;
        Ok((members.into_iter().collect(), usize::from(threshold)))
    }

    /// The verifier that the oracle's gateway routes a model to.
    pub async fn verifier(&self, model_id: FixedBytes<4>) -> Result<Address, ChainError> {
        let gateway = self
            .contract()
            .gateway()
            .call()
            .await
            .map_err(read_error("the gateway"))?;
        let gateway = super::ISignalVerifierGateway::new(gateway, &self.provider);
        let route = gateway
            .route(model_id)
            .call()
            .await
            .map_err(read_error("the model's route"))?;
        if route.verifier.is_zero() {
            let reason =
                format!("the gateway has no route for model {model_id}: deploy its verifier first");
            return Err(ChainError::Missing(reason));
        }
        Ok(route.verifier)
    }

    /// Runs a call from the node's own address without sending it; a revert comes back as its typed reason.
    pub async fn simulate<C: SolCall>(
        &self,
        to: Address,
        call: &C,
    ) -> Result<C::Return, ChainError> {
        let request = self.request(to, call.abi_encode().into());
        let data = self.provider.call(request).await.map_err(|error| {
            if already_accepted(&error) {
                return ChainError::AlreadyAccepted;
            }
            rpc_error("simulation refused")(error)
        })?;
        C::abi_decode_returns(&data).map_err(|error| {
            ChainError::Missing(format!("{to} answered something unexpected: {error}"))
        })
    }

    /// Fills and signs a transaction: nonce, gas with a margin of a quarter, EIP-1559 fees.
    pub async fn sign(&self, to: Address, data: Bytes) -> Result<Signed, ChainError> {
        let (wallet, from) = self.wallet.as_ref().ok_or(ChainError::NoKey)?;
        let request = self.request(to, data);
        let nonce = self
            .provider
            .get_transaction_count(*from)
            .pending()
            .await
            .map_err(rpc_error("nonce"))?;
        let gas = self
            .provider
            .estimate_gas(request.clone())
            .await
            .map_err(rpc_error("estimating gas"))?;
        let fees = self
            .provider
            .estimate_eip1559_fees()
            .await
            .map_err(rpc_error("estimating fees"))?;
        let envelope = request
            .with_chain_id(self.oracle.chain_id)
            .with_nonce(nonce)
            .with_gas_limit(gas + gas / 4)
            .with_max_fee_per_gas(fees.max_fee_per_gas)
            .with_max_priority_fee_per_gas(fees.max_priority_fee_per_gas)
            .build(wallet)
            .await
            .map_err(|error| ChainError::Sign(error.to_string()))?;
        Ok(Signed(envelope))
    }

    /// The age in seconds beyond which the oracle refuses a window.
    pub async fn max_age(&self) -> Result<u64, ChainError> {
        let age = self
            .contract()
            .maxAge()
            .call()
            .await
            .map_err(read_error("the oracle's greatest age"))?;
        Ok(u64::from(age))
    }

    /// Hands a signed transaction to the network and waits until it is in a block.
    pub async fn send(&self, signed: Signed) -> Result<TransactionReceipt, ChainError> {
        let hash = signed.hash();
        let pending = self
            .provider
            .send_tx_envelope(signed.0)
            .await
            .map_err(rpc_error("sending"))?;
        let receipt = pending
            .with_timeout(Some(INCLUSION_TIMEOUT))
            .get_receipt()
            .await
            .map_err(|error| {
                ChainError::Missing(format!("transaction {hash} got no receipt: {error}"))
            })?;
        if receipt.status() {
            Ok(receipt)
        } else {
            Err(ChainError::Reverted(hash))
        }
    }

    /// Simulates, signs and sends a call.
    pub async fn transact<C: SolCall>(
        &self,
        to: Address,
        call: &C,
    ) -> Result<TransactionReceipt, ChainError> {
        self.simulate(to, call).await?;
        let signed = self.sign(to, call.abi_encode().into()).await?;
        self.send(signed).await
    }

    /// The round id that a submission's receipt announces.
    pub fn accepted_round(&self, receipt: &TransactionReceipt) -> Result<u128, ChainError> {
        receipt
            .inner
            .logs()
            .iter()
            .filter(|log| log.address() == self.oracle.address)
            .find_map(|log| log.log_decode::<ISignalOracle::SignalAccepted>().ok())
            .map(|log| log.inner.data.roundId.to::<u128>())
            .ok_or_else(|| {
                let hash = receipt.transaction_hash;
                ChainError::Missing(format!(
                    "transaction {hash} carries no SignalAccepted of the oracle"
                ))
            })
    }

    pub(super) fn contract(&self) -> ISignalOracleInstance<&DynProvider> {
        ISignalOracle::new(self.oracle.address, &self.provider)
    }

    fn request(&self, to: Address, data: Bytes) -> TransactionRequest {
        let request = TransactionRequest::default().with_to(to).with_input(data);
        match &self.wallet {
            Some((_, from)) => request.with_from(*from),
            None => request,
        }
    }
}
