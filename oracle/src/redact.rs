//! What may hold an access token is cut before anybody reads it.
//!
//! Providers of RPC endpoints put the token into the URL's path or query, others into its user part. No log line, error
//! message or record of this program holds more of a URL than scheme, host and port.

use std::borrow::Cow;

const SCHEMES: [&str; 4] = ["http", "https", "ws", "wss"];

/// Cuts every URL of a text down to scheme, host and port; `/...` stands for the rest.
///
/// ```
/// let text = "error sending request for url (https://key@rpc.example/v2/TOKEN?x=1)";
/// assert_eq!(veriregime::redact::urls(text), "error sending request for url (https://rpc.example/...)");
/// ```
pub fn urls(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        clean.push_str(before);
        clean.push_str("://");
        rest = after;
        let scheme = before
            .rsplit(|letter: char| !letter.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
            let (url, next) = after.split_at(end(after));
            clean.push_str(&bare(url));
            rest = next;
        }
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// Where a URL ends in running text: at a blank, a quote or a closing bracket, not counting those of an IPv6 host.
fn end(after: &str) -> usize {
    let skip = match after.starts_with('[') {
        true => after.find(']').map_or(0, |at| at + 1),
        false => 0,
    };
    let ends = |letter: char| {
        letter.is_whitespace() || letter.is_control() || "\"'`<>(){}[]\\|^,;".contains(letter)
    };
    let tail = after.get(skip..).unwrap_or_default();
    tail.find(ends).map_or(after.len(), |at| skip + at)
}

/// Host and port of what follows the scheme.
fn bare(url: &str) -> String {
    let (authority, path) = match url.find(['/', '?', '#']) {
        Some(at) => url.split_at(at),
        None => (url, ""),
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let rest = match path {
        "" | "/" => path,
        _ => "/...",
    };
    format!("{host}{rest}")
}

#[cfg(test)]
mod tests {
    use super::urls;

    #[test]
    fn urls_keep_scheme_host_and_port_alone() {
        for (text, clean) in [
            ("no URL: at all // here", "no URL: at all // here"),
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
            ("http://127.0.0.1:8545/", "http://127.0.0.1:8545/"),
            (
                "at https://h.example/v3/KEY: refused",
                "at https://h.example/...",
            ),
            (
                "{\"url\":\"wss://u:p@h.example:1/KEY\",\"n\":1}",
                "{\"url\":\"wss://h.example:1/...\",\"n\":1}",
            ),
            ("https://h.example?key=KEY end", "https://h.example/... end"),
            (
                "http://[::1]:8545/v2/KEY, http://b/KEY",
                "http://[::1]:8545/..., http://b/...",
            ),
            ("a\\\"http://b/KEY\\\"", "a\\\"http://b/...\\\""),
            ("sqlite://file/path stays", "sqlite://file/path stays"),
            ("://", "://"),
        ] {
            let got = urls(text);
            assert!(got.starts_with(clean), "{got}");
            assert!(!got.contains("KEY"), "{got}");
        }
    }
}
