//! A result in three forms: numbers for programs, a table for readers, a picture for a look.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::Error;

/// The files of a result, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// Name of the files, without their endings.
    pub name: String,
    /// All numbers.
    pub json: String,
    /// The numbers that matter, as a page.
    pub markdown: String,
    /// The picture.
    pub svg: String,
}

impl Exhibit {
    /// A result with its page and its picture.
    ///
    /// # Errors
    /// [`Error::Json`] when the result cannot be written as JSON.
    pub fn new(
        name: &str,
        result: &impl Serialize,
        markdown: String,
        svg: String,
    ) -> Result<Self, Error> {
        let json = serde_json::to_string_pretty(result).map_err(|source| Error::Json {
            path: format!("{name}.json").into(),
            source,
        })?;
        Ok(Self {
            name: name.to_owned(),
            json: json + "\n",
            markdown,
            svg,
        })
    }

    /// Writes `<name>.json`, `<name>.md` and `<name>.svg` into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`Error::Io`] naming the file.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(|source| Error::Io {
            path: folder.to_owned(),
            source,
        })?;
        for (ending, text) in [
            ("json", &self.json),
            ("md", &self.markdown),
            ("svg", &self.svg),
        ] {
            let path = folder.join(format!("{}.{ending}", self.name));
            fs::write(&path, text).map_err(|source| Error::Io { path, source })?;
        }
        Ok(())
    }
}
