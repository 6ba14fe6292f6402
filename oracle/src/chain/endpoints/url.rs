//! A URL that shows no more than its scheme and host: the rest may be an API key.

use std::fmt;

use reqwest::Url;

/// Shorter parts of a path or query are names such as `v2` or `mainnet`, not keys.
const SHORTEST_KEY: usize = 8;

/// An RPC URL; `Debug` and `Display` show scheme and host alone.
#[derive(Clone)]
pub(super) struct RpcUrl {
    url: Url,
    shown: String,
    secrets: Vec<String>,
}

impl RpcUrl {
    /// Reads a URL; the error is a reason without any part of the text.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut url: Url = text.trim().parse().map_err(|_| "it is not a URL")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("only http and https are supported");
        }
        let host = url.host_str().ok_or("it names no host")?;
        let shown = format!("{}://{host}", url.scheme());
        url.set_fragment(None);
        let path = url.path_segments().into_iter().flatten();
        let query = url
            .query()
            .into_iter()
            .flat_map(|query| query.split(['&', '=']));
        let credentials = [url.username(), url.password().unwrap_or_default()];
        let secrets = path
            .chain(query)
            .filter(|part| part.len() >= SHORTEST_KEY)
            .chain(credentials.into_iter().filter(|part| part.len() >= 4))
            .map(str::to_owned)
            .collect();
        Ok(Self {
            url,
            shown,
            secrets,
        })
    }

    /// The whole URL, for the HTTP client only.
    pub(super) fn whole(&self) -> &Url {
        &self.url
    }

    /// Scheme and host.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether the URL names this machine.
    pub(super) fn is_local(&self) -> bool {
        matches!(
            self.url.host_str(),
            Some("localhost" | "127.0.0.1" | "[::1]")
        )
    }

    /// `text` without the URL's keys, should a server repeat them.
    pub(super) fn redact(&self, text: &str) -> String {
        self.secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

impl fmt::Debug for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Display for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_and_host_are_shown() {
        let text = "https://user:hunter22@eth.example.org:8443/v2/0123456789abcdef?apikey=fedcba9876543210#x";
        let url = RpcUrl::parse(text).unwrap();
        for shown in [format!("{url}"), format!("{url:?}")] {
            assert_eq!(shown, "https://eth.example.org");
        }
        let said = "no such key 0123456789abcdef or fedcba9876543210 of user with hunter22 at /v2/";
        assert_eq!(
            url.redact(said),
            "no such key *** or *** of *** with *** at /v2/"
        );
    }

    #[test]
    fn reasons_do_not_repeat_the_text() {
        for text in [
            "sekret",
            "ftp://sekret.example",
            "http://",
            "ws://a/sekret",
            "http://[sekret",
        ] {
            let reason = RpcUrl::parse(text).unwrap_err();
            assert!(!reason.contains("sekret"), "{reason}");
        }
    }
}
