//! This machine: key, store, disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy::primitives::Address;

use super::{
    fault::Fault,
    sheet::{Found, Sheet},
};
use crate::{
    check::Complaint, config::Config, key_file, project, statement::OracleId, store::RoundStore,
};

/// Free space that a node should have: a year of rounds takes some 200 MiB, keys and SRS some tens.
const FREE_MIB: u64 = 256;

/// The key opens: it exists, is closed to others, and the password fits.
pub(super) fn key(sheet: &mut Sheet, config: &Config) -> Option<Address> {
    let key = key_file::open(&config.key.file, &config.key.password_file);
    let found = key.map(|key| {
        let address = key.address();
        (
            address,
            format!("{address}, from {}", config.key.file.display()),
        )
    });
    sheet.enter("key", found.map_err(Complaint::from))
}

/// The store can be written: the folder takes a file, and the database opens. Whether it may be used is the lock's
/// question.
pub(super) fn store(sheet: &mut Sheet, config: &Config) -> bool {
    sheet.enter("store", writable(&config.node.store)).is_some()
}

fn writable(store: &Path) -> Found<()> {
    let folder = folder_of(store);
    let probe = folder.join(format!(".veriregime-doctor-{}", std::process::id()));
    let failed = |source| Fault::Folder {
        folder: folder.into(),
        source,
    };
    fs::write(&probe, "probe").map_err(failed)?;
    fs::remove_file(&probe).map_err(failed)?;
    if !store.exists() {
        return Ok(((), format!("{} will be made", store.display())));
    }
    // The table is shared by all oracles; which one asks makes no difference to opening it.
    let nobody = OracleId {
        chain_id: 0,
        address: Address::ZERO,
    };
    RoundStore::open(store, &nobody)?.latest()?;
    Ok(((), format!("{} opens and can be written", store.display())))
}

/// Room for store and cache.
pub(super) fn disk(sheet: &mut Sheet, config: &Config) {
    sheet.enter("disk", room(&config.node.store));
}

fn room(store: &Path) -> Found<()> {
    let mut words = Vec::new();
    for folder in [folder_of(store).to_owned(), project::cache()] {
        let folder = existing(&folder);
        let free_mib = free(&folder)?;
        if free_mib < FREE_MIB {
            return Err(Fault::DiskFull {
                folder,
                free_mib,
                want_mib: FREE_MIB,
            }
            .into());
        }
        words.push(format!("{free_mib} MiB free at {}", folder.display()));
    }
    words.dedup();
    Ok(((), words.join(", ")))
}

/// Free for this user, MiB.
fn free(folder: &Path) -> Result<u64, Fault> {
    let found = rustix::fs::statvfs(folder).map_err(|source| Fault::Disk {
        folder: folder.into(),
        source: source.into(),
    })?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize) >> 20)
}

/// The folder, or the nearest one above it that is there already.
fn existing(folder: &Path) -> PathBuf {
    let here = Path::new(".");
    let found = folder.ancestors().find(|one| one.is_dir());
    found.unwrap_or(here).to_owned()
}

fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
