//! A history file that is being written, so that a crash at any moment costs no complete row.
//!
//! ```text
//! FILE.csv.part      header and rows, plain text, appended and synced page by page; at most its last line is torn
//! FILE.csv.part.zst  while finishing: the part file, compressed and then read back
//! FILE.csv[.zst]     appears by a rename when it is complete and synced; it is never written in place
//! ```
//! [`PartFile::open`] goes on where an earlier run ended: it cuts a torn last line off the part file and reads all other
//! rows with the checks of [`dataset`](crate::dataset). Without a part file it goes on from a finished file, which stays
//! as it is until the longer one replaces it. Two writers of one folder are the caller's to prevent.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::dataset::{Dataset, DatasetError};
use crate::record::Record;

/// Small files in seconds; higher levels save a few percent for minutes of work.
const ZSTD_LEVEL: i32 = 9;

/// The rows written so far and the file that takes more.
#[derive(Debug)]
pub struct PartFile<Row> {
    target: PathBuf,
    part: PathBuf,
    rows: Vec<Row>,
    /// The open part file and the bytes of it that are known to be whole; none before the first append.
    open: Option<(File, u64)>,
    /// SHA-256 of the finished file that the rows came from.
    finished: Option<[u8; 32]>,
}

impl<Row: Record> PartFile<Row> {
    /// Goes on with what is on disk for `target`, whose name ends in `.csv` or `.csv.zst`. Writes nothing except that
    /// it cuts off a torn last line.
    ///
    /// # Errors
    /// [`DatasetError`] if the files cannot be read or hold anything but rows of this kind.
    pub fn open(target: &Path) -> Result<Self, DatasetError> {
        let plain = if is_compressed(target) {
            target.with_extension("")
        } else {
            target.to_owned()
        };
        let mut file = Self {
            target: target.to_owned(),
            part: extended(&plain, ".part"),
            rows: Vec::new(),
            open: None,
            finished: None,
        };
        if file.part.exists() {
            file.resume()?;
        } else if target.exists() {
            let dataset = Row::read(target)?;
            file.rows = dataset.rows;
            file.finished = Some(dataset.sha256);
        }
        Ok(file)
    }

    /// The rows so far.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The file that rows are appended to.
    #[must_use]
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// The file that [`PartFile::finish`] makes.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Appends rows and syncs them to disk. All of them are checked before the first is written.
    ///
    /// # Errors
    /// [`DatasetError::Row`] for an impossible row or one out of order, [`DatasetError::Write`] if the disk refuses; the
    /// part file then holds what it held before.
    pub fn append(&mut self, rows: &[Row]) -> Result<(), DatasetError> {
        let mut previous_ms = self.rows.last().map(Record::time_ms);
        for (index, row) in (self.rows.len()..).zip(rows) {
            row.check_after(previous_ms, index)
                .map_err(|source| DatasetError::Row {
                    path: self.part.clone(),
                    line: index + 2,
                    source,
                })?;
            previous_ms = Some(row.time_ms());
        }
        if rows.is_empty() {
            return Ok(());
        }
        let (mut file, whole) = match self.open.take() {
            Some(open) => open,
            None => self.begin().map_err(|source| self.refused(source))?,
        };
        let text = lines(rows);
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_data());
        if let Err(source) = written {
            // What this cannot take back, the next open does: at most the last line is torn.
            let _ = file.set_len(whole);
            return Err(self.refused(source));
        }
        self.open = Some((file, whole + text.len() as u64));
        self.rows.extend_from_slice(rows);
        Ok(())
    }

    /// Makes the finished file, reads it back and puts it in place; the part file is gone afterwards. A finished file
    /// to which nothing was appended stays untouched.
    ///
    /// # Errors
    /// [`DatasetError`] if the disk refuses or the file does not read back; the part file then stays.
    pub fn finish(mut self) -> Result<Dataset<Row>, DatasetError> {
        if let (None, Some(sha256)) = (&self.open, self.finished) {
            let rows = self.rows;
            return Ok(Dataset { rows, sha256 });
        }
        if self.open.is_none() {
            self.open = Some(self.begin().map_err(|source| self.refused(source))?);
        }
        let whole = if is_compressed(&self.target) {
            let packed = extended(&self.part, ".zst");
            compress(&self.part, &packed).map_err(|source| DatasetError::Write {
                path: packed.clone(),
                source,
            })?;
            packed
        } else {
            self.part.clone()
        };
        let dataset = Row::read(&whole)?;
        if dataset.rows != self.rows {
            let source = io::Error::other("the file does not read back as it was written");
            return Err(DatasetError::Write {
                path: whole,
                source,
            });
        }
        self.put_in_place(&whole)
            .map_err(|source| self.refused(source))?;
        Ok(dataset)
    }

    fn resume(&mut self) -> Result<(), DatasetError> {
        let error = |source| DatasetError::Io {
            path: self.part.clone(),
            source,
        };
        let bytes = fs::read(&self.part).map_err(error)?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let header = Row::COLUMNS.join(",");
        if whole == 0 && !header.as_bytes().starts_with(&bytes) {
            // Not ours: let the reader say what it is.
            return Row::read(&self.part).map(|_| ());
        }
        let mut file = OpenOptions::new()
            .append(true)
            .open(&self.part)
            .map_err(error)?;
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(error)?;
        }
        let mut length = whole as u64;
        if whole == 0 {
            let head = format!("{header}\n");
            file.write_all(head.as_bytes()).map_err(error)?;
            length = head.len() as u64;
        }
        file.sync_data().map_err(error)?;
        self.rows = Row::read(&self.part)?.rows;
        self.open = Some((file, length));
        Ok(())
    }

    /// A new part file with the header and the rows of the finished file, if there is one.
    fn begin(&self) -> io::Result<(File, u64)> {
        let mut file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&self.part)?;
        let text = format!("{}\n{}", Row::COLUMNS.join(","), lines(&self.rows));
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        sync_folder(&self.part)?;
        Ok((file, text.len() as u64))
    }

    fn put_in_place(&self, whole: &Path) -> io::Result<()> {
        File::open(whole)?.sync_all()?;
        fs::rename(whole, &self.target)?;
        sync_folder(&self.target)?;
        if whole != self.part {
            fs::remove_file(&self.part)?;
        }
        Ok(())
    }

    fn refused(&self, source: io::Error) -> DatasetError {
        DatasetError::Write {
            path: self.part.clone(),
            source,
        }
    }
}

fn lines<Row: Record>(rows: &[Row]) -> String {
    rows.iter().map(|row| row.line() + "\n").collect()
}

fn compress(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = BufReader::new(File::open(from)?);
    let sink = BufWriter::new(File::create(to)?);
    let mut encoder = zstd::stream::write::Encoder::new(sink, ZSTD_LEVEL)?;
    // With a checksum, a file cut off or altered is refused by every reader.
    encoder.include_checksum(true)?;
    io::copy(&mut source, &mut encoder)?;
    encoder.finish()?.into_inner()?.sync_all()
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zst")
}

fn extended(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes a creation or a rename durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
