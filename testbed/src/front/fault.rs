//! What can happen to a call.

use std::{fmt, time::Duration};

use super::Reply;

/// One misfortune. The first ones happen instead of an answer, the others to it.
#[derive(Clone)]
pub enum Fault {
    /// Another answer instead: a refusal, an error page, a lie. The call is not passed on.
    Instead(&'static str, Reply),
    /// The connection is closed without an answer; the call is not passed on.
    HangUp,
    /// Not passed on and never answered, until the rules are lifted; then the connection is closed.
    Silence,
    /// Held until the rules are lifted, then passed on and answered.
    Hold,
    /// Passed on; the answer is thrown away and the connection closed.
    LoseAnswer,
    /// Passed on; the answer is kept back until the rules are lifted, then the connection is closed.
    Mute,
    /// Passed on and answered, but late.
    Late(Duration),
    /// Passed on; half of the answer's bytes come back, as if they were all.
    Cut,
    /// Passed on; the answer is changed on its way.
    Edit(&'static str, fn(Vec<u8>) -> Vec<u8>),
}

impl Fault {
    /// An HTTP error with a page that is no JSON.
    #[must_use]
    pub fn page(status: u16) -> Self {
        let body = format!("<html><head><title>{status}</title></head><body>nginx</body></html>");
        Self::Instead(
            "html",
            Reply {
                status,
                headers: vec![("content-type", "text/html".into())],
                body: body.into(),
            },
        )
    }

    /// Refused by rate limit (429) or flood protection (418), with the seconds to wait.
    #[must_use]
    pub fn refused(status: u16, retry_after: u64) -> Self {
        let name = if status == 418 { "418" } else { "429" };
        Self::Instead(
            name,
            Reply {
                status,
                headers: vec![("retry-after", retry_after.to_string())],
                body: r#"{"code":-1003,"msg":"Too many requests."}"#.into(),
            },
        )
    }

    /// A JSON-RPC error.
    #[must_use]
    pub fn rpc_error(code: i64, message: &str) -> Self {
        let body = serde_json::json!({
            "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message }
        });
        Self::Instead("rpc error", Reply::json(body.to_string()))
    }

    /// The kind's name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Instead(name, _) | Self::Edit(name, _) => name,
            Self::HangUp => "connection closed",
            Self::Silence => "no answer",
            Self::Hold => "held",
            Self::LoseAnswer => "answer lost",
            Self::Mute => "answer kept back",
            Self::Late(_) => "slow",
            Self::Cut => "cut off",
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
