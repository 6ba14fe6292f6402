//! ccxt's unified symbols: `BTC/USDT` is a spot market, `BTC/USDT:USDT` the perpetual contract settled in USDT.

use super::ExchangeError;

/// A unified symbol in its parts: nothing else may reach a URL or a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// What is traded.
    pub base: &'a str,
    /// What it is priced in.
    pub quote: &'a str,
    /// What a contract is settled in; none for a spot market.
    pub settle: Option<&'a str>,
}

impl<'a> Symbol<'a> {
    /// Longest currency code; the longest on any exchange here has ten letters.
    const LONGEST: usize = 12;

    /// Takes a symbol apart.
    ///
    /// # Errors
    /// [`ExchangeError::BadSymbol`] for anything but codes of up to twelve capital letters and digits in the places of
    /// `BTC/USDT` or `BTC/USDT:USDT`.
    pub fn parse(exchange: &'static str, text: &'a str) -> Result<Self, ExchangeError> {
        Self::parts(text).ok_or_else(|| ExchangeError::BadSymbol {
            exchange,
            symbol: text.chars().take(40).collect(),
        })
    }

    /// The same for a spot market only.
    ///
    /// # Errors
    /// [`ExchangeError::BadSymbol`], also for a contract.
    pub fn spot(exchange: &'static str, text: &'a str) -> Result<Self, ExchangeError> {
        match Self::parse(exchange, text)? {
            spot @ Self { settle: None, .. } => Ok(spot),
            _ => Err(ExchangeError::BadSymbol {
                exchange,
                symbol: text.into(),
            }),
        }
    }

    fn parts(text: &'a str) -> Option<Self> {
        let (pair, settle) = match text.split_once(':') {
            Some((pair, settle)) => (pair, Some(settle)),
            None => (text, None),
        };
        let (base, quote) = pair.split_once('/')?;
        let code = |code: &str| {
            (1..=Self::LONGEST).contains(&code.len())
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        (code(base) && code(quote) && settle.is_none_or(code)).then_some(Self {
            base,
            quote,
            settle,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_of_unified_symbols_gives_their_parts() {
        let spot = Symbol::parse("test", "BTC/USDT").unwrap();
        assert_eq!((spot.base, spot.quote, spot.settle), ("BTC", "USDT", None));
        let swap = Symbol::parse("test", "1000SATS/USDT:USDT").unwrap();
        assert_eq!((swap.base, swap.settle), ("1000SATS", Some("USDT")));
        assert!(Symbol::spot("test", "BTC/USDT:USDT").is_err());
    }

    #[test]
    fn parse_of_anything_else_is_refused() {
        for text in [
            "",
            "/",
            "BTC",
            "BTCUSDT",
            "BTC/",
            "/USDT",
            "btc/usdt",
            "BTC/USDT:",
            "BTC/USDT:USDT:USDT",
            "BTC/USDT/EUR",
            "BTC-USDT",
            "BTC/USDT&limit=1",
            "../../x",
            "BTC /USDT",
            "BTC/USDT\n",
            "BTC/ÜSDT",
            "ABCDEFGHIJKLM/USDT",
        ] {
            assert!(
                matches!(
                    Symbol::parse("test", text),
                    Err(ExchangeError::BadSymbol { .. })
                ),
                "{text}"
            );
        }
    }
}
