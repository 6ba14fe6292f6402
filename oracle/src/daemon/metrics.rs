//! Prometheus metrics; `docs/metrics.md` lists every one, and a test compares both.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Registry, Unit},
};

/// The oracle a figure is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfOracle {
    /// Its name in the configuration.
    pub oracle: String,
}

/// The oracle and the stable code of a reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfReason {
    /// Its name in the configuration.
    pub oracle: String,
    /// The code.
    pub reason: String,
}

/// An attestor and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfAttestor {
    /// Its URL as configured.
    pub attestor: String,
    /// The kind of fault.
    pub fault: String,
}

type Level = Gauge<f64, AtomicU64>;

/// Everything counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Time since the latest close that was handled, by the exchange's clock.
    pub candle_lag: Level,
    /// Looks at the exchange's clock that failed.
    pub clock_errors: Counter,
    /// Rounds in a block.
    pub published: Family<OfOracle, Counter>,
    /// Due rounds that this node did not publish.
    pub missed: Family<OfReason, Counter>,
    /// Attempts at a round that failed and were repeated.
    pub retried: Family<OfReason, Counter>,
    /// Wall time of proving.
    pub prove: Family<OfOracle, Histogram>,
    /// From a window's close to its transaction handed over.
    pub close_to_sent: Family<OfOracle, Histogram>,
    /// Gas of the last submission.
    pub gas: Family<OfOracle, Gauge>,
    /// Fees paid since the start, ether.
    pub fees: Counter<f64, AtomicU64>,
    /// The key's balance, ether.
    pub balance: Level,
    /// Close time of the last published round, UNIX time.
    pub last_close: Family<OfOracle, Gauge>,
    /// Proofs that a private model's filler still covers.
    pub proofs_left: Family<OfOracle, Gauge>,
    /// Blocks that held one of our transactions and were replaced.
    pub reorgs: Counter,
    /// Transactions replaced by dearer ones.
    pub replaced: Counter,
    /// Waits because the chain asks for more than `chain.max_fee_gwei`.
    pub fee_waits: Counter,
    /// Attestors that did not vouch.
    pub disagreements: Family<OfAttestor, Counter>,
}

fn histogram() -> Histogram {
    // 50 ms to 51 s.
    Histogram::new(exponential_buckets(0.05, 2.0, 11))
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("veriregime"),
            candle_lag: Level::default(),
            clock_errors: Counter::default(),
            published: Family::default(),
            missed: Family::default(),
            retried: Family::default(),
            prove: Family::new_with_constructor(histogram),
            close_to_sent: Family::new_with_constructor(histogram),
            gas: Family::default(),
            fees: Counter::default(),
            balance: Level::default(),
            last_close: Family::default(),
            proofs_left: Family::default(),
            reorgs: Counter::default(),
            replaced: Counter::default(),
            fee_waits: Counter::default(),
            disagreements: Family::default(),
        };
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        let ether = || Unit::Other("ether".into());
        let m = &mut metrics.registry;
        m.register("build", "Version of the program", build);
        m.register_with_unit(
            "candle_lag",
            "Time since the latest close that was handled, by the exchange's clock",
            Unit::Seconds,
            metrics.candle_lag.clone(),
        );
        m.register(
            "exchange_clock_errors",
            "Looks at the exchange's clock that failed",
            metrics.clock_errors.clone(),
        );
        m.register(
            "rounds_published",
            "Rounds of this node in a block",
            metrics.published.clone(),
        );
        m.register(
            "rounds_missed",
            "Due rounds that this node did not publish, by reason",
            metrics.missed.clone(),
        );
        m.register(
            "rounds_retried",
            "Attempts at a round that failed and were repeated, by reason",
            metrics.retried.clone(),
        );
        m.register_with_unit(
            "prove",
            "Wall time of proving",
            Unit::Seconds,
            metrics.prove.clone(),
        );
        m.register_with_unit(
            "close_to_sent",
            "From a window's close to its transaction handed over",
            Unit::Seconds,
            metrics.close_to_sent.clone(),
        );
        m.register_with_unit(
            "submit",
            "Gas of the last submission",
            Unit::Other("gas".into()),
            metrics.gas.clone(),
        );
        m.register_with_unit(
            "fees",
            "Fees paid for rounds since the start",
            ether(),
            metrics.fees.clone(),
        );
        m.register_with_unit(
            "balance",
            "Balance of the submitting key",
            ether(),
            metrics.balance.clone(),
        );
        m.register_with_unit(
            "last_close",
            "Close time of the last published round, UNIX time",
            Unit::Seconds,
            metrics.last_close.clone(),
        );
        m.register(
            "proofs_left",
            "Proofs that a private model's filler still covers",
            metrics.proofs_left.clone(),
        );
        m.register(
            "reorgs",
            "Blocks with a transaction of ours that were replaced",
            metrics.reorgs.clone(),
        );
        m.register(
            "transactions_replaced",
            "Transactions replaced by dearer ones",
            metrics.replaced.clone(),
        );
        m.register(
            "fee_waits",
            "Waits because the chain asks for more than chain.max_fee_gwei",
            metrics.fee_waits.clone(),
        );
        m.register(
            "attestor_disagreements",
            "Attestors that did not vouch for a window, by fault",
            metrics.disagreements.clone(),
        );
        metrics
    }

    /// The text that Prometheus reads (OpenMetrics).
    ///
    /// # Errors
    /// Never in practice: writing to a string does not fail.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
