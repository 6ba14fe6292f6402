//! Provers kept in memory: the least recently used ones go first.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::Statement;
use crate::farm::Digest;

/// What keys depend on.
type Name = (Digest, Statement);

/// Values that are dear to make, under a budget of bytes. One that is being made is made once, however many
/// ask for it; others are not held up meanwhile.
pub struct Keys<V> {
    budget: u64,
    /// Most recently used last.
    kept: Mutex<Vec<Entry<V>>>,
}

struct Entry<V> {
    name: Name,
    slot: Arc<Mutex<()>>,
    value: Arc<OnceLock<(Arc<V>, u64)>>,
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            slot: self.slot.clone(),
            value: self.value.clone(),
        }
    }
}

impl<V> fmt::Debug for Keys<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} of at most {} bytes)", self.len(), self.budget)
    }
}

impl<V> Keys<V> {
    /// Keeps values of at most so many bytes together; one that is larger alone is kept until another comes.
    pub fn new(budget: u64) -> Self {
        Self {
            budget,
            kept: Mutex::new(vec![]),
        }
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a name, made now if it is not there; says whether it was made. `make` also returns its size.
    ///
    /// # Errors
    /// Those of `make`; nothing is kept then.
    pub fn get_or_make<E>(
        &self,
        network: &Digest,
        statement: &Statement,
        make: impl FnOnce() -> Result<(V, u64), E>,
    ) -> Result<(Arc<V>, bool), E> {
        let entry = self.entry(&(*network, statement.clone()));
        let making = entry.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = entry.value.get() {
            return Ok((value.clone(), false));
        }
        match make() {
            Ok((value, bytes)) => {
                let (value, _) = entry.value.get_or_init(|| (Arc::new(value), bytes));
                drop(making);
                self.shrink(&entry.name);
                Ok((value.clone(), true))
            }
            Err(error) => {
                drop(making);
                self.lock().retain(|kept| kept.name != entry.name);
                Err(error)
            }
        }
    }

    /// The entry of a name, moved to the end.
    fn entry(&self, name: &Name) -> Entry<V> {
        let mut kept = self.lock();
        let entry = match kept.iter().position(|entry| entry.name == *name) {
            Some(at) => kept.remove(at),
            None => Entry {
                name: name.clone(),
                slot: Arc::default(),
                value: Arc::default(),
            },
        };
        kept.push(entry.clone());
        entry
    }

    /// Lets go of what is over the budget, the oldest first, but not of `latest`.
    fn shrink(&self, latest: &Name) {
        let mut kept = self.lock();
        let bytes = |entry: &Entry<V>| entry.value.get().map_or(0, |(_, bytes)| *bytes);
        let mut total: u64 = kept.iter().map(bytes).sum();
        kept.retain(|entry| {
            let goes = total > self.budget && entry.name != *latest && entry.value.get().is_some();
            if goes {
                total -= bytes(entry);
            }
            !goes
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry<V>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use veriregime_circuits::sheet::Visibilities;

    use super::*;

    fn statement() -> Statement {
        Statement {
            visibilities: Visibilities::PUBLIC,
            k: Some(9),
        }
    }

    fn ask(keys: &Keys<u8>, name: u8) -> bool {
        let digest = Digest::of(&[name]);
        let made = keys.get_or_make(&digest, &statement(), || Ok::<_, Infallible>((name, 40)));
        let (value, made) = made.unwrap();
        assert_eq!(*value, name);
        made
    }

    #[test]
    fn get_or_make_lets_the_least_recently_used_go() {
        let keys = Keys::new(100);
        assert!(ask(&keys, 1) && ask(&keys, 2));
        assert!(!ask(&keys, 1), "kept");
        assert!(ask(&keys, 3), "a third is over the budget: 2 goes");
        assert_eq!(keys.len(), 2);
        assert!(!ask(&keys, 1) && !ask(&keys, 3) && ask(&keys, 2));
    }

    #[test]
    fn get_or_make_keeps_nothing_of_a_failure() {
        let keys = Keys::<u8>::new(100);
        let digest = Digest::of(b"x");
        let failed = keys.get_or_make(&digest, &statement(), || Err::<(u8, u64), _>("no"));
        assert_eq!(failed.unwrap_err(), "no");
        assert!(keys.is_empty());
    }

    #[test]
    fn get_or_make_makes_once_for_all_who_ask() {
        let keys = Keys::new(100);
        let made = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let make = || {
                        made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        std::thread::sleep(std::time::Duration::from_millis(30));
                        Ok::<_, Infallible>((7u8, 1))
                    };
                    keys.get_or_make(&Digest::of(b"x"), &statement(), make)
                        .unwrap();
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }
}
