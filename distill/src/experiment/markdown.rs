//! Tables of a page.

use std::fmt;

/// A table, printed as Markdown.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    columns: usize,
}

impl Table {
    /// A table with these column heads.
    #[must_use]
    pub fn new<'a>(heads: impl IntoIterator<Item = &'a str>) -> Self {
        let heads: Vec<String> = heads.into_iter().map(str::to_owned).collect();
        Self {
            columns: heads.len(),
            rows: vec![heads],
        }
    }

    /// Appends a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, row) in self.rows.iter().enumerate() {
            writeln!(text, "| {} |", row.join(" | "))?;
            if index == 0 {
                writeln!(text, "|{}", "---|".repeat(self.columns))?;
            }
        }
        Ok(())
    }
}

/// Numbers of bits by layer, such as `4/4/8`.
pub fn list(bits: &[u32]) -> String {
    let bits: Vec<String> = bits.iter().map(ToString::to_string).collect();
    bits.join("/")
}
