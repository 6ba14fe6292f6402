//! Notices of outcomes: hints only, what they say is looked up.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_nats::{Client, SubscribeError};
use futures_util::StreamExt;
use tokio::{sync::Notify, task::JoinHandle, time::Instant};

use crate::farm::JobId;

/// Ids of jobs of which something was heard.
#[derive(Debug)]
pub(super) struct News {
    heard: Arc<Heard>,
    listening: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Heard {
    ids: Mutex<BTreeSet<JobId>>,
    more: Notify,
}

impl News {
    /// Listens on subjects of which one token is a job's id.
    pub(super) async fn listen(
        client: &Client,
        subjects: [String; 2],
    ) -> Result<Self, SubscribeError> {
        let heard = Arc::<Heard>::default();
        let mut listening = vec![];
        for subject in subjects {
            let mut notices = client.subscribe(subject).await?;
            let heard = heard.clone();
            listening.push(tokio::spawn(async move {
                while let Some(notice) = notices.next().await {
                    let token = |token: &str| token.parse::<JobId>().ok();
                    let ids = notice.subject.split('.').filter_map(token);
                    heard
                        .ids
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(ids);
                    heard.more.notify_waiters();
                }
            }));
        }
        Ok(Self { heard, listening })
    }

    /// Those of these jobs of which something was heard; none when nothing was by `end`.
    pub(super) async fn of(&self, ids: &BTreeSet<JobId>, end: Instant) -> Option<BTreeSet<JobId>> {
        loop {
            let more = self.heard.more.notified();
            tokio::pin!(more);
            more.as_mut().enable();
            let told = self.take(ids);
            if !told.is_empty() {
                return Some(told);
            }
            tokio::time::timeout_at(end, more).await.ok()?;
        }
    }

    fn take(&self, ids: &BTreeSet<JobId>) -> BTreeSet<JobId> {
        let mut heard = self
            .heard
            .ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let told: BTreeSet<JobId> = heard.intersection(ids).copied().collect();
        heard.retain(|id| !told.contains(id));
        told
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.listening.iter().for_each(JoinHandle::abort);
    }
}
