//! stub
use super::Work;
use crate::Error;
use std::path::Path;
/// stub
pub struct Report {
    /// v
    pub verdict: String,
}
impl Report {
    /// stub
    /// # Errors
    /// none
    pub fn read(_: &Work) -> Result<Self, Error> {
        Ok(Self {
            verdict: String::new(),
        })
    }
    /// stub
    /// # Errors
    /// none
    pub fn write(&self, _: &Path) -> Result<(), Error> {
        Ok(())
    }
}
