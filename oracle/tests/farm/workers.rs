//! Workers on every queue, with an executor that does as it is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use veriregime::{
    backend::{Input, Proof, Report},
    farm::{Dead, Executor, FarmError, Files, Job, LocalQueue, Outcome, Queue, Worker},
};

use super::{made, server::Server};

const PATIENCE: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(20);
const ATTEMPTS: u32 = 3;

/// The first number of an input says what becomes of it.
const WELL: i64 = 0;
const FAILS_ONCE: i64 = 1;
const FAILS: i64 = 2;
const IS_REFUSED: i64 = 3;
const TAKES_LONG: i64 = 4;

#[derive(Debug, Default, Clone)]
struct Obedient {
    tries: Arc<Mutex<BTreeMap<i64, u32>>>,
    now: Arc<AtomicU32>,
    most: Arc<AtomicU32>,
}

impl Executor for Obedient {
    async fn prove(&self, job: &Job, file: Arc<[u8]>) -> Result<(Proof, Report), FarmError> {
        assert_eq!(&*file, b"a network");
        let Input::Integers(input) = &job.input else {
            panic!("{:?}", job.input);
        };
        let tries = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry(input[1]).or_default();
            *tries += 1;
            *tries
        };
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let takes = match input[0] {
            TAKES_LONG => PATIENCE * 3,
            _ => Duration::from_millis(20),
        };
        tokio::time::sleep(takes).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        let failed = |is_final| FarmError::Failed {
            reason: "told to".into(),
            is_final,
        };
        match input[0] {
            FAILS => Err(failed(false)),
            FAILS_ONCE if tries == 1 => Err(failed(false)),
            IS_REFUSED => Err(failed(true)),
            _ => Ok(made::proof()),
        }
    }
}

fn job(kind: i64, number: i64) -> Job {
    Job {
        input: Input::Integers(vec![kind, number]),
        ..made::job(0)
    }
}

async fn all<Q: Queue>(queue: &Q, jobs: &[Job]) -> BTreeMap<i64, Outcome> {
    let number = |job: &Job| match &job.input {
        Input::Integers(input) => input[1],
        Input::Numbers(_) => -1,
    };
    let mut open: BTreeMap<_, _> = jobs
        .iter()
        .map(|job| (job.id().unwrap(), number(job)))
        .collect();
    let mut found = BTreeMap::new();
    let end = tokio::time::Instant::now() + LONG;
    while !open.is_empty() {
        assert!(tokio::time::Instant::now() < end, "still open: {open:?}");
        let ids: BTreeSet<_> = open.keys().copied().collect();
        for (id, outcome) in queue.outcomes(&ids, Duration::from_secs(1)).await.unwrap() {
            found.insert(open.remove(&id).unwrap(), outcome);
        }
    }
    found
}

async fn every_job_ends_once<Q: Queue>(queue: Q) {
    let queue = Arc::new(queue);
    queue.keep(b"a network".to_vec().into()).await.unwrap();
    let mut jobs: Vec<Job> = (0..20).map(|number| job(WELL, number)).collect();
    jobs.extend([
        job(FAILS_ONCE, 20),
        job(FAILS, 21),
        job(IS_REFUSED, 22),
        job(TAKES_LONG, 23),
    ]);
    for job in &jobs {
        queue.submit(job).await.unwrap();
    }
    // A worker that takes a job and is never heard of again.
    let lost = queue.take(LONG).await.unwrap().unwrap();
    let folder = TempDir::new().unwrap();
    let executor = Obedient::default();
    let stop = CancellationToken::new();
    let workers: Vec<_> = ["a", "b", "c"]
        .map(|name| {
            let files = Files::new(folder.path().join(name));
            Arc::new(Worker::new(
                queue.clone(),
                executor.clone(),
                files,
                name.into(),
                ATTEMPTS,
            ))
        })
        .into();
    let serving: Vec<_> = workers
        .iter()
        .map(|worker| tokio::spawn(worker.clone().serve(2, stop.clone())))
        .collect();
    let found = all(&*queue, &jobs).await;
    stop.cancel();
    for serving in serving {
        serving.await.unwrap();
    }
    let dead = |number, attempts| match &found[&number] {
        Outcome::Dead(dead) => {
            assert_eq!((dead.attempts, dead.reason.as_str()), (attempts, "told to"))
        }
        outcome => panic!("{outcome:?}"),
    };
    dead(21, ATTEMPTS);
    dead(22, 1);
    let attempts = |number| match &found[&number] {
        Outcome::Finished(finished) => finished.made.attempt,
        outcome => panic!("{outcome:?}"),
    };
    assert_eq!(
        (attempts(20), attempts(23)),
        (2, 1),
        "a long job keeps its lease"
    );
    let Input::Integers(input) = &lost.job.input else {
        panic!()
    };
    assert_eq!(attempts(input[1]), 2);
    let sum = |of: fn(&Worker<Q, Obedient>) -> u64| workers.iter().map(|w| of(w)).sum::<u64>();
    assert_eq!(
        sum(|worker| worker.done.finished.load(Ordering::Relaxed)),
        22
    );
    assert_eq!(
        sum(|worker| worker.done.duplicates.load(Ordering::Relaxed)),
        0
    );
    assert_eq!(sum(|worker| worker.done.dead.load(Ordering::Relaxed)), 2);
    assert_eq!(sum(|worker| worker.done.retries.load(Ordering::Relaxed)), 3);
    let tries = executor.tries.lock().unwrap();
    assert!((0..20).all(|number| tries[&number] == 1), "{tries:?}");
    assert!(executor.most.load(Ordering::Relaxed) > 1, "in parallel");
}

async fn a_job_that_kills_its_workers_is_given_up<Q: Queue>(queue: Q) {
    let queue = Arc::new(queue);
    queue.keep(b"a network".to_vec().into()).await.unwrap();
    let job = job(WELL, 1);
    queue.submit(&job).await.unwrap();
    for attempt in 1..=ATTEMPTS {
        let lease = queue.take(LONG).await.unwrap().unwrap();
        assert_eq!(lease.attempt, attempt);
    }
    let folder = TempDir::new().unwrap();
    let files = Files::new(folder.path().into());
    let executor = Obedient::default();
    let worker = Worker::new(queue.clone(), executor.clone(), files, "a".into(), ATTEMPTS);
    let lease = queue.take(LONG).await.unwrap().unwrap();
    worker.work(&lease).await.unwrap();
    let found = all(&*queue, &[job]).await;
    let Outcome::Dead(Dead {
        reason, attempts, ..
    }) = &found[&1]
    else {
        panic!("{found:?}");
    };
    assert_eq!(*attempts, ATTEMPTS);
    assert!(reason.contains("no worker came to an end"), "{reason}");
    assert!(
        executor.tries.lock().unwrap().is_empty(),
        "never begun again"
    );
}

async fn a_file_is_fetched_once<Q: Queue>(queue: Q) {
    let digest = queue.keep(b"a network".to_vec().into()).await.unwrap();
    let folder = TempDir::new().unwrap();
    let files = Files::new(folder.path().join("files"));
    assert_eq!(&*files.get(&queue, digest).await.unwrap(), b"a network");
    let empty = LocalQueue::new(PATIENCE);
    assert_eq!(&*files.get(&empty, digest).await.unwrap(), b"a network");
    // A damaged copy is fetched anew.
    let copy = folder.path().join("files").join(digest.to_string());
    std::fs::write(&copy, b"rust").unwrap();
    assert!(files.get(&empty, digest).await.is_err());
    assert_eq!(&*files.get(&queue, digest).await.unwrap(), b"a network");
    assert_eq!(std::fs::read(copy).unwrap(), b"a network");
}

macro_rules! on_every_queue {
    ($($name:ident),* $(,)?) => {
        mod local {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(super::LocalQueue::new(super::PATIENCE)).await;
                }
            )*
        }
        mod nats {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    let Some(server) = super::Server::start() else { return };
                    super::$name(server.queue("test", super::PATIENCE).await).await;
                }
            )*
        }
    };
}

on_every_queue!(
    every_job_ends_once,
    a_job_that_kills_its_workers_is_given_up,
    a_file_is_fetched_once,
);
