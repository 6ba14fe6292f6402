//! How much is tried.

/// Small for `make test`, full for `make soundness`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Small,
    Full,
}

impl Scale {
    pub fn from_environment() -> Self {
        match std::env::var("VERIREGIME_SOUNDNESS") {
            Ok(value) if value == "full" => Self::Full,
            _ => Self::Small,
        }
    }

    pub fn pick<T>(self, small: T, full: T) -> T {
        match self {
            Self::Small => small,
            Self::Full => full,
        }
    }
}
