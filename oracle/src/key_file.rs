//! Keys on disk: encrypted keystores, readable by their owner only.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use alloy::{
    primitives::Address,
    signers::local::{LocalSignerError, PrivateKeySigner},
};

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Unreadable or unwritable.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Others could read it.
    #[error("{path} can be read by others (mode {mode:o}): run `chmod 600 {path}`")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Wrong password or not a keystore.
    #[error("{path}: {}", locked(.source))]
    Keystore {
        /// The file.
        path: PathBuf,
        /// The keystore's reason.
        source: LocalSignerError,
    },
    /// The file to be made exists.
    #[error("{0} exists already: keys are never overwritten; choose another --out")]
    Exists(PathBuf),
}

/// A wrong password shows as a checksum that does not fit.
fn locked(source: &LocalSignerError) -> String {
    let words = source.to_string();
    if words == "Mac Mismatch" {
        return "the password does not open this keystore: name the file with its own password"
            .into();
    }
    format!("{words}: is this a keystore made by `veriregime keys new`?")
}

/// Makes a random key and writes it as an encrypted keystore with mode 600.
pub fn create(path: &Path, password_file: &Path) -> Result<Address, KeyError> {
    if path.exists() {
        return Err(KeyError::Exists(path.into()));
    }
    let password = secret(password_file)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|source| KeyError::Io {
        path: folder.into(),
        source,
    })?;
    let name = path.file_name().and_then(|name| name.to_str());
    let (key, _) = PrivateKeySigner::new_keystore(folder, &mut rand::thread_rng(), password, name)
        .map_err(|source| KeyError::Keystore {
            path: path.into(),
            source,
        })?;
    private(path)?;
    Ok(key.address())
}

/// Decrypts a keystore; both files must be closed to others.
pub fn open(path: &Path, password_file: &Path) -> Result<PrivateKeySigner, KeyError> {
    closed(path)?;
    let password = secret(password_file)?;
    PrivateKeySigner::decrypt_keystore(path, password).map_err(|source| KeyError::Keystore {
        path: path.into(),
        source,
    })
}

/// Writes a secret with mode 600.
pub fn write_secret(path: &Path, secret: &str) -> Result<(), KeyError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let io = |source| KeyError::Io {
        path: path.into(),
        source,
    };
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(io)?;
    file.write_all(secret.as_bytes()).map_err(io)
}

fn secret(path: &Path) -> Result<String, KeyError> {
    closed(path)?;
    let text = fs::read_to_string(path).map_err(|source| KeyError::Io {
        path: path.into(),
        source,
    })?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// Refuses a file that others than its owner could read.
pub(crate) fn closed(path: &Path) -> Result<(), KeyError> {
    closed_to_others(
        path,
        std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
    )
}

/// A credential of the service manager is shown to the service's user by an access list, whose mask looks like a right of
/// the group's; nobody else reaches that folder.
fn closed_to_others(path: &Path, credentials: Option<PathBuf>) -> Result<(), KeyError> {
    let handed_over = credentials.is_some_and(|folder| path.starts_with(folder));
    let refused = if handed_over { 0o037 } else { 0o077 };
    let metadata = fs::metadata(path).map_err(|source| KeyError::Io {
        path: path.into(),
        source,
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & refused == 0 {
        Ok(())
    } else {
        Err(KeyError::Exposed {
            path: path.into(),
            mode,
        })
    }
}

fn private(path: &Path) -> Result<(), KeyError> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|source| KeyError::Io {
        path: path.into(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn create_then_open_returns_the_key_and_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let (key, password) = (
            folder.path().join("node.key"),
            folder.path().join("password"),
        );
        write_secret(&password, "correct horse\n").unwrap();
        let address = create(&key, &password).unwrap();
        assert_eq!(open(&key, &password).unwrap().address(), address);
        assert!(matches!(create(&key, &password), Err(KeyError::Exists(_))));
        assert!(!fs::read_to_string(&key).unwrap().contains("correct horse"));
    }

    #[test]
    fn a_credential_may_show_its_mask_and_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.key");
        write_secret(&path, "x").unwrap();
        for (mode, as_file, as_credential) in [
            (0o400, true, true),
            (0o440, false, true),
            (0o444, false, false),
            (0o460, false, false),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(closed_to_others(&path, None).is_ok(), as_file, "{mode:o}");
            let credentials = Some(folder.path().to_owned());
            assert_eq!(
                closed_to_others(&path, credentials).is_ok(),
                as_credential,
                "{mode:o}"
            );
            let elsewhere = Some(folder.path().join("other"));
            assert_eq!(
                closed_to_others(&path, elsewhere).is_ok(),
                as_file,
                "{mode:o}"
            );
        }
    }

    #[test]
    fn open_refuses_exposed_files_and_wrong_passwords() {
        let folder = tempfile::tempdir().unwrap();
        let (key, password) = (
            folder.path().join("node.key"),
            folder.path().join("password"),
        );
        write_secret(&password, "one").unwrap();
        create(&key, &password).unwrap();
        let other = folder.path().join("other");
        write_secret(&other, "two").unwrap();
        let refused = open(&key, &other).unwrap_err();
        assert!(matches!(refused, KeyError::Keystore { .. }));
        assert!(
            refused.to_string().contains("the password does not open"),
            "{refused}"
        );
        assert!(
            open(&password, &other)
                .unwrap_err()
                .to_string()
                .contains("keys new")
        );
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            open(&key, &password),
            Err(KeyError::Exposed { mode: 0o644, .. })
        ));
    }
}
