//! What every queue promises, tested on each.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use veriregime::{
    backend::Input,
    farm::{Dead, FarmError, Handed, LocalQueue, Outcome, Queue, Submitted},
};

use super::{
    made::{finished, job},
    server::Server,
};

const PATIENCE: Duration = Duration::from_secs(1);
const SOON: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(10);

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
    a_job_is_finished_once,
    the_lease_of_a_vanished_worker_runs_out,
    an_extended_lease_is_kept,
    a_released_job_comes_again,
    a_dead_job_can_be_submitted_again,
    a_refused_result_can_be_made_again,
    large_things_pass,
    outcomes_come_at_once,
);

fn one(job: &veriregime::farm::Job) -> BTreeSet<veriregime::farm::JobId> {
    [job.id().unwrap()].into()
}

async fn a_job_is_finished_once(queue: impl Queue) {
    let job = job(1);
    assert_eq!(queue.submit(&job).await.unwrap(), Submitted::New);
    assert_eq!(queue.submit(&job).await.unwrap(), Submitted::Waiting);
    let lease = queue.take(LONG).await.unwrap().unwrap();
    assert_eq!((lease.id, lease.attempt), (job.id().unwrap(), 1));
    assert_eq!(lease.job, job);
    assert!(
        queue.take(SOON).await.unwrap().is_none(),
        "one worker has it"
    );
    let result = finished(&job, "a");
    assert_eq!(queue.result(lease.id).await.unwrap(), None);
    assert_eq!(queue.finish(&lease, &result).await.unwrap(), Handed::First);
    // Handed over again because the receipt was lost: the same result, no duplicate.
    assert_eq!(queue.finish(&lease, &result).await.unwrap(), Handed::First);
    assert_eq!(queue.result(lease.id).await.unwrap(), Some(result.clone()));
    assert_eq!(queue.submit(&job).await.unwrap(), Submitted::Finished);
    assert!(queue.take(SOON).await.unwrap().is_none());
    let outcomes = queue.outcomes(&one(&job), LONG).await.unwrap();
    assert_eq!(outcomes, [(lease.id, Outcome::Finished(Box::new(result)))]);
    assert_eq!(queue.duplicates(&one(&job)).await.unwrap(), 0);
}

async fn the_lease_of_a_vanished_worker_runs_out(queue: impl Queue) {
    let job = job(2);
    queue.submit(&job).await.unwrap();
    let lost = queue.take(LONG).await.unwrap().unwrap();
    let begun = Instant::now();
    let again = queue.take(LONG).await.unwrap().unwrap();
    let after = begun.elapsed();
    assert!((PATIENCE / 2..PATIENCE * 4).contains(&after), "{after:?}");
    assert_eq!((again.id, again.attempt), (lost.id, 2));
    // The second worker is first. The one that was thought lost comes late: dropped and counted.
    let result = finished(&job, "second");
    assert_eq!(queue.finish(&again, &result).await.unwrap(), Handed::First);
    let late = finished(&job, "first");
    assert_eq!(queue.finish(&lost, &late).await.unwrap(), Handed::Duplicate);
    assert_eq!(queue.result(lost.id).await.unwrap(), Some(result));
    assert_eq!(queue.duplicates(&one(&job)).await.unwrap(), 1);
    assert_eq!(queue.duplicates(&BTreeSet::new()).await.unwrap(), 0);
    assert!(queue.take(PATIENCE * 2).await.unwrap().is_none());
}

async fn an_extended_lease_is_kept(queue: impl Queue) {
    queue.submit(&job(3)).await.unwrap();
    let lease = queue.take(LONG).await.unwrap().unwrap();
    for _ in 0..6 {
        assert!(queue.take(PATIENCE / 2).await.unwrap().is_none());
        queue.extend(&lease).await.unwrap();
    }
    let result = finished(&lease.job, "slow");
    assert_eq!(queue.finish(&lease, &result).await.unwrap(), Handed::First);
}

async fn a_released_job_comes_again(queue: impl Queue) {
    queue.submit(&job(4)).await.unwrap();
    let lease = queue.take(LONG).await.unwrap().unwrap();
    queue.release(&lease, SOON).await.unwrap();
    let again = queue.take(LONG).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempt), (lease.id, 2));
    queue.settle(&again).await.unwrap();
    assert!(queue.take(PATIENCE * 2).await.unwrap().is_none());
}

async fn a_dead_job_can_be_submitted_again(queue: impl Queue) {
    let job = job(5);
    queue.submit(&job).await.unwrap();
    let lease = queue.take(LONG).await.unwrap().unwrap();
    let dead = Dead {
        id: lease.id,
        reason: "the weights are too heavy".into(),
        attempts: 1,
        worker: "a".into(),
    };
    queue.bury(&lease, &dead).await.unwrap();
    let outcomes = queue.outcomes(&one(&job), LONG).await.unwrap();
    assert_eq!(outcomes, [(lease.id, Outcome::Dead(dead))]);
    assert!(queue.take(PATIENCE * 2).await.unwrap().is_none());

    assert_eq!(queue.submit(&job).await.unwrap(), Submitted::New);
    let outcomes = queue.outcomes(&one(&job), SOON).await.unwrap();
    assert!(
        outcomes.is_empty(),
        "the old letter does not count: {outcomes:?}"
    );
    let lease = queue.take(LONG).await.unwrap().unwrap();
    assert_eq!(lease.attempt, 1, "with all attempts before it");
    queue.finish(&lease, &finished(&job, "b")).await.unwrap();
    let outcomes = queue.outcomes(&one(&job), LONG).await.unwrap();
    assert!(
        matches!(&outcomes[..], [(_, Outcome::Finished(_))]),
        "{outcomes:?}"
    );
}

async fn a_refused_result_can_be_made_again(queue: impl Queue) {
    let job = job(6);
    queue.submit(&job).await.unwrap();
    let lease = queue.take(LONG).await.unwrap().unwrap();
    queue
        .finish(&lease, &finished(&job, "a liar"))
        .await
        .unwrap();
    queue.refuse(lease.id).await.unwrap();
    assert_eq!(queue.result(lease.id).await.unwrap(), None);
    assert_eq!(queue.submit(&job).await.unwrap(), Submitted::New);
    let lease = queue.take(LONG).await.unwrap().unwrap();
    let result = finished(&job, "honest");
    assert_eq!(queue.finish(&lease, &result).await.unwrap(), Handed::First);
    assert_eq!(queue.result(lease.id).await.unwrap(), Some(result));
}

async fn large_things_pass(queue: impl Queue) {
    let file: Vec<u8> = (0..3_000_000u64).map(|i| ((i * i) >> 7) as u8).collect();
    let digest = queue.keep(file.clone().into()).await.unwrap();
    assert_eq!(queue.keep(file.clone().into()).await.unwrap(), digest);
    assert_eq!(&*queue.fetch(digest).await.unwrap(), &file[..]);
    let unknown = veriregime::farm::Digest::of(b"unknown");
    let error = queue.fetch(unknown).await.unwrap_err();
    assert!(matches!(error, FarmError::NoFile(_)), "{error}");

    // Two megabytes of input and of output: more than a message of the server may have.
    let mut job = job(7);
    job.input = Input::Integers((0..400_000).map(|i| i % 1_000).collect());
    queue.submit(&job).await.unwrap();
    let lease = queue.take(LONG).await.unwrap().unwrap();
    assert_eq!(lease.job, job);
    let mut result = finished(&job, "a");
    result.proof.output = (0..400_000).collect();
    queue.finish(&lease, &result).await.unwrap();
    assert_eq!(queue.result(lease.id).await.unwrap(), Some(result));
}

async fn outcomes_come_at_once(queue: impl Queue) {
    let jobs: Vec<_> = (10..14).map(job).collect();
    for job in &jobs {
        queue.submit(job).await.unwrap();
    }
    let ids: BTreeSet<_> = jobs.iter().map(|job| job.id().unwrap()).collect();
    assert!(queue.outcomes(&ids, SOON).await.unwrap().is_empty());
    let worker = async {
        tokio::time::sleep(SOON).await;
        let lease = queue.take(LONG).await.unwrap().unwrap();
        let result = finished(&lease.job, "a");
        queue.finish(&lease, &result).await.unwrap();
        lease.id
    };
    let begun = Instant::now();
    let (outcomes, id) = tokio::join!(queue.outcomes(&ids, LONG), worker);
    assert_eq!(outcomes.unwrap()[0].0, id);
    assert!(begun.elapsed() < LONG / 2, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_job_is_discarded() {
    let Some(server) = Server::start() else {
        return;
    };
    let queue = server.queue("test", PATIENCE).await;
    let id = job(8).id().unwrap();
    let client = async_nats::connect(server.url()).await.unwrap();
    let subject = format!("test.jobs.{id}");
    client.request(subject, "{\"job\":1}".into()).await.unwrap();
    assert!(queue.take(LONG).await.unwrap().is_none());
    let outcomes = queue.outcomes(&[id].into(), LONG).await.unwrap();
    assert!(
        matches!(&outcomes[..], [(_, Outcome::Dead(dead))] if dead.reason.contains("damaged")),
        "{outcomes:?}"
    );
    assert_eq!(queue.open_jobs().await.unwrap(), 0);
    // The queue goes on.
    queue.submit(&job(9)).await.unwrap();
    assert!(queue.take(LONG).await.unwrap().is_some());
}
