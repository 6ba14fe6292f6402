//! The daemon's configuration file, for one world.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What the daemon is told. Pauses are short, because simulated time runs fast.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its store.
    pub store: PathBuf,
    /// Where it listens; port 0 takes a free one.
    pub listen: String,
    /// `latest` or `all`.
    pub catch_up: &'static str,
    /// Wait after a close, milliseconds.
    pub settle_ms: u64,
    /// Pause between looks at the exchange's clock, milliseconds.
    pub poll_ms: u64,
    /// First pause before a failed round is tried again, milliseconds.
    pub retry_ms: u64,
    /// How long a stop may take, seconds.
    pub stop_within_s: u64,
    /// The ceremony's points, if given.
    pub srs: Option<PathBuf>,
    /// URL of the exchange, spot and futures.
    pub exchange: String,
    /// Exchanges that must agree: name and URL.
    pub checks: Vec<(&'static str, String)>,
    /// URLs of the chain.
    pub rpc: Vec<String>,
    /// Blocks after which a round is final.
    pub confirmations: u64,
    /// Pause between looks at the chain, milliseconds.
    pub chain_poll_ms: u64,
    /// After how long without a block a transaction is replaced, seconds.
    pub stuck_after_s: u64,
    /// The most the node pays per gas, gwei.
    pub max_fee_gwei: u64,
    /// Keystore and password file.
    pub key: (PathBuf, PathBuf),
    /// The model's folder.
    pub model: PathBuf,
    /// The deployment file.
    pub deployment: PathBuf,
    /// URLs of the attestors.
    pub attestors: Vec<String>,
}

impl NodeConfig {
    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        let quoted = |urls: &[String]| {
            let urls: Vec<_> = urls.iter().map(|url| format!("{url:?}")).collect();
            urls.join(", ")
        };
        let srs = self
            .srs
            .as_ref()
            .map_or_else(String::new, |path| format!("srs = {path:?}\n"));
        let checks = self.checks.iter();
        let sources = checks.fold("\"binance\"".to_owned(), |all, (name, _)| {
            format!("{all}, {name:?}")
        });
        let urls: String = self
            .checks
            .iter()
            .map(|(name, url)| format!("{name} = {url:?}\n"))
            .collect();
        format!(
            "[node]\nstore = {store:?}\nlisten = {listen:?}\ncatch_up = {catch_up:?}\nsettle_ms = {settle}\npoll_ms = {poll}\nretry_ms = {retry}\n\
             stop_within_s = {stop}\n{srs}\n\
             [candles]\nsources = [{sources}]\n\n\
             [candles.urls]\nbinance = {exchange:?}\n{urls}\n\
             [chain]\nrpc = [{rpc}]\nconfirmations = {confirmations}\npoll_ms = {chain_poll}\nstuck_after_s = {stuck}\n\
             max_fee_gwei = {max_fee}\n\n\
             [key]\nfile = {key:?}\npassword_file = {password:?}\n\n\
             [[oracle]]\nname = \"signals\"\nmodel = {model:?}\ndeployment = {deployment:?}\nattestors = [{attestors}]\n",
            store = self.store,
            listen = self.listen,
            catch_up = self.catch_up,
            settle = self.settle_ms,
            poll = self.poll_ms,
            retry = self.retry_ms,
            stop = self.stop_within_s,
            exchange = self.exchange,
            rpc = quoted(&self.rpc),
            confirmations = self.confirmations,
            chain_poll = self.chain_poll_ms,
            stuck = self.stuck_after_s,
            max_fee = self.max_fee_gwei,
            key = self.key.0,
            password = self.key.1,
            model = self.model,
            deployment = self.deployment,
            attestors = quoted(&self.attestors),
        )
    }

    /// Writes the file.
    ///
    /// # Errors
    /// A path that cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        std::fs::write(path, self.text()).with_context(|| format!("writing {}", path.display()))
    }
}
