//! The environment variables that replace single keys: what differs between two machines with the same file.

use std::path::PathBuf;

use super::Config;

/// Variable and key, in the order of the documentation. The names are those that every other command knows.
pub const OVERRIDES: [(&str, &str); 8] = [
    ("VERIREGIME_STORE", "node.store"),
    ("VERIREGIME_LISTEN", "node.listen"),
    ("VERIREGIME_SRS", "node.srs"),
    ("VERIREGIME_DATA", "candles.data"),
    ("VERIREGIME_RPC", "chain.rpc"),
    ("VERIREGIME_KEY", "key.file"),
    ("VERIREGIME_PASSWORD_FILE", "key.password_file"),
    ("VERIREGIME_DASHBOARD_RPC", "dashboard.rpc"),
];

/// Applies every variable that is set and not empty.
///
/// # Errors
/// The variable's name and what is wrong with its value.
pub(super) fn apply(
    config: &mut Config,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<(), (String, String)> {
    for (variable, key) in OVERRIDES {
        let Some(value) = environment(variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        let path = || PathBuf::from(&value);
        match key {
            "node.store" => config.node.store = path(),
            "node.listen" => {
                config.node.listen = value.parse().map_err(|_| {
                    (
                        variable.to_owned(),
                        format!("`{value}` is not an address such as 127.0.0.1:8790"),
                    )
                })?;
            }
            "node.srs" => config.node.srs = Some(path()),
            "candles.data" => config.candles.data = Some(path()),
            "chain.rpc" => {
                config.chain.rpc = value.split(',').map(|url| url.trim().to_owned()).collect();
            }
            "key.file" => config.key.file = path(),
            "key.password_file" => config.key.password_file = path(),
            _ => config.dashboard.rpc = Some(value.clone()),
        }
    }
    Ok(())
}
