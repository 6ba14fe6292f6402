//! One prerequisite and what was found: what the doctor prints and the running node answers at `/ready`.

use serde::Serialize;

use crate::{code::Coded, redact};

/// One prerequisite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Whether nothing was looked at, because another prerequisite has to be met first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// The stable code of what is wrong, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// What was found, and what to do if it is not as it should be.
    pub detail: String,
}

impl Check {
    /// As it should be.
    pub fn good(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ok: true,
            skipped: false,
            code: None,
            detail: detail.into(),
        }
    }

    /// Not as it should be. Whatever the words quote, no token gets into them.
    pub fn bad(
        name: impl Into<String>,
        code: Option<&'static str>,
        words: impl std::fmt::Display,
    ) -> Self {
        Self {
            name: name.into(),
            ok: false,
            skipped: false,
            code,
            detail: redact::urls(&words.to_string()).into_owned(),
        }
    }

    /// Not looked at.
    pub fn skipped(name: impl Into<String>, needs: &str) -> Self {
        Self {
            name: name.into(),
            ok: false,
            skipped: true,
            code: None,
            detail: format!("not looked at: needs {needs}"),
        }
    }

    /// From a result: its value or its error in words.
    pub fn of<E: std::fmt::Display>(name: impl Into<String>, found: Result<String, E>) -> Self {
        match found {
            Ok(detail) => Self::good(name, detail),
            Err(error) => Self::bad(name, None, error),
        }
    }
}

/// What is wrong with a prerequisite: any error with a code.
#[derive(Debug)]
pub struct Complaint {
    pub(crate) code: &'static str,
    pub(crate) words: String,
}

impl<E: Coded + std::error::Error> From<E> for Complaint {
    fn from(error: E) -> Self {
        Self {
            code: error.code(),
            words: error.to_string(),
        }
    }
}
