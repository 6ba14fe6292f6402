//! Which call meets which fault, and who waits for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::sync::watch;

use super::{Chance, Fault};
use crate::locked;

/// Every call, whatever its name.
pub const ANY: &str = "*";

/// The rules of one front; clones share them.
#[derive(Clone, Debug)]
pub struct Rules(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Counts changes of the state: whoever waits looks again.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    scripts: Vec<Script>,
    chance: Option<Chance>,
    /// Calls by name since the front began.
    seen: BTreeMap<String, u64>,
    /// Calls by name that are kept waiting now.
    held: BTreeMap<String, u64>,
    /// Faults that happened by chance, by kind.
    struck: BTreeMap<&'static str, u64>,
    /// Raised by every [`Rules::lift`].
    lifted: u64,
}

#[derive(Debug)]
struct Script {
    name: String,
    skip: u64,
    times: u64,
    fault: Fault,
}

/// A call that is kept waiting; ends when dropped.
pub(super) struct Held {
    rules: Rules,
    name: String,
}

impl Rules {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            changed: watch::Sender::new(0),
        }))
    }

    /// Every call called `name` meets `fault`, until the rules are lifted.
    pub fn always(&self, name: &str, fault: Fault) {
        self.script(name, 0, u64::MAX, fault);
    }

    /// After `skip` more calls called `name`, the next `times` meet `fault`.
    pub fn script(&self, name: &str, skip: u64, times: u64, fault: Fault) {
        locked(&self.0.state).scripts.push(Script {
            name: name.to_owned(),
            skip,
            times,
            fault,
        });
    }

    /// Faults by chance from now on, where no script says otherwise; `None` for none.
    pub fn chance(&self, chance: Option<Chance>) {
        locked(&self.0.state).chance = chance;
    }

    /// Forgets every script and lets go of every call that is kept waiting.
    pub fn lift(&self) {
        let mut state = locked(&self.0.state);
        state.scripts.clear();
        state.lifted += 1;
        drop(state);
        self.tell();
    }

    /// Calls called `name` so far.
    #[must_use]
    pub fn seen(&self, name: &str) -> u64 {
        locked(&self.0.state).seen.get(name).copied().unwrap_or(0)
    }

    /// Faults that happened by chance, by kind.
    #[must_use]
    pub fn struck(&self) -> BTreeMap<&'static str, u64> {
        locked(&self.0.state).struck.clone()
    }

    /// Waits until `count` calls called `name` have arrived.
    pub async fn arrived(&self, name: &str, count: u64) {
        self.until(|state| state.seen.get(name).copied().unwrap_or(0) >= count)
            .await;
    }

    /// Waits until a call called `name` is kept waiting.
    pub async fn held(&self, name: &str) {
        self.until(|state| state.held.get(name).copied().unwrap_or(0) > 0)
            .await;
    }

    /// Notes a call and says what happens to it.
    pub(super) fn meet(&self, name: &str) -> Option<Fault> {
        let mut state = locked(&self.0.state);
        let seen = state.seen.entry(name.to_owned()).or_insert(0);
        let count = *seen;
        *seen += 1;
        let fault = state.scripted(name).or_else(|| {
            let fault = state.chance.as_ref()?.draw(name, count)?;
            *state.struck.entry(fault.name()).or_insert(0) += 1;
            Some(fault)
        });
        drop(state);
        self.tell();
        fault
    }

    /// Keeps a call waiting until the rules are lifted.
    pub(super) async fn hold(&self, name: &str) {
        let lifted = {
            let mut state = locked(&self.0.state);
            *state.held.entry(name.to_owned()).or_insert(0) += 1;
            state.lifted
        };
        let _held = Held {
            rules: self.clone(),
            name: name.to_owned(),
        };
        self.tell();
        self.until(|state| state.lifted != lifted).await;
    }

    async fn until(&self, mut done: impl FnMut(&State) -> bool) {
        let mut changed = self.0.changed.subscribe();
        loop {
            changed.mark_unchanged();
            if done(&locked(&self.0.state)) {
                return;
            }
            // The sender lives in `self`: this cannot fail while we wait.
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    fn tell(&self) {
        self.0.changed.send_modify(|count| *count += 1);
    }
}

impl State {
    fn scripted(&mut self, name: &str) -> Option<Fault> {
        let script = self
            .scripts
            .iter_mut()
            .find(|script| (script.name == name || script.name == ANY) && script.times > 0)?;
        if script.skip > 0 {
            script.skip -= 1;
            return None;
        }
        script.times -= 1;
        Some(script.fault.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(count) = locked(&self.rules.0.state).held.get_mut(&self.name) {
            *count = count.saturating_sub(1);
        }
    }
}
