//! Ways to prove a linear node.

/// How the products of a linear node are proven; polynomials need more than one position, else they are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A chain of rows for every output.
    Plain,
    /// A chain of rows for as many outputs of a position as fit a field element.
    Packed,
    /// The product of polynomials at the roots of unity, by fast Fourier transforms.
    Fourier,
    /// The product of polynomials at random points.
    RandomPoint,
}

impl Method {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Packed, Self::Fourier, Self::RandomPoint];
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Packed => "packed",
            Self::Fourier => "fourier",
            Self::RandomPoint => "random-point",
        })
    }
}
