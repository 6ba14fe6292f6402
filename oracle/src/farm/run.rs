//! One run: submits what is not there yet, waits, checks every proof, keeps it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use veriregime_circuits::slices::ChainProof;

use super::{
    FarmError, Finished, JobId, Outcome, Place, Plan, Queue, Submitted,
    summary::{Line, Link, Origin, Summary},
};
use crate::{code::Coded, prover::millis, working::Working};

/// Jobs are submitted so many at a time.
const AT_A_TIME: usize = 16;
/// Without news, every open job is looked at this often.
const SWEEP: Duration = Duration::from_secs(5);
/// A queue that fails is asked again for so long.
const SILENCE: Duration = Duration::from_secs(120);
/// So often.
const PAUSE: Duration = Duration::from_secs(1);

/// One run.
#[derive(Debug)]
pub struct Run<'run, Q> {
    queue: &'run Q,
    plan: &'run Plan,
    /// Finished jobs are kept here, one file each.
    folder: PathBuf,
    /// A result that does not hold is asked for again so often.
    attempts: u32,
}

/// What is known of a job of this run.
#[derive(Debug)]
enum State {
    Open { refused: u32 },
    Done(Box<Finished>, Origin, u32),
    Failed(String),
}

impl<'run, Q: Queue> Run<'run, Q> {
    /// Of a plan on a queue, with results in `folder`.
    pub fn new(queue: &'run Q, plan: &'run Plan, folder: PathBuf, attempts: u32) -> Self {
        Self {
            queue,
            plan,
            folder,
            attempts,
        }
    }

    /// Proves all places; a job that fails is in the summary, not an error.
    ///
    /// # Errors
    /// When the queue or the folder fails.
    pub async fn prove(&self, places: &[Place]) -> Result<Summary, FarmError> {
        let begun = Instant::now();
        // Windows that are alike are one job.
        let jobs: BTreeMap<JobId, &Place> = places.iter().map(|place| (place.id, place)).collect();
        let working = Working::count("proofs", jobs.len() as u64);
        for part in &self.plan.parts {
            self.queue.keep(part.file.clone()).await?;
        }
        let submitting = stream::iter(&jobs).map(|(id, place)| async {
            let state = self.submit(place).await?;
            working.advance(usize::from(!matches!(state, State::Open { .. })));
            Ok::<_, FarmError>((*id, state))
        });
        let mut states: BTreeMap<JobId, State> =
            submitting.buffer_unordered(AT_A_TIME).try_collect().await?;
        let mut heard = Instant::now();
        loop {
            let open: BTreeSet<JobId> = states
                .iter()
                .filter(|(_, state)| matches!(state, State::Open { .. }))
                .map(|(id, _)| *id)
                .collect();
            if open.is_empty() {
                break;
            }
            let outcomes = match self.queue.outcomes(&open, SWEEP).await {
                Ok(outcomes) => outcomes,
                Err(error) if heard.elapsed() < SILENCE => {
                    tracing::warn!(code = "farm.queue", error_code = error.code(), %error, "the queue fails: trying again");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            heard = Instant::now();
            for (id, outcome) in outcomes {
                let (Some(place), Some(State::Open { refused })) = (jobs.get(&id), states.get(&id))
                else {
                    continue;
                };
                let state = self.settle(place, outcome, *refused).await?;
                working.advance(usize::from(!matches!(state, State::Open { .. })));
                states.insert(id, state);
            }
        }
        let duplicates = self
            .queue
            .duplicates(&jobs.keys().copied().collect())
            .await?;
        let links = self.links(places, &states);
        Ok(Summary::new(
            self.plan,
            places.iter().map(|place| line(place, &states)).collect(),
            links,
            duplicates,
            millis(begun),
        ))
    }

    /// A job that is neither in the folder nor done is queued.
    async fn submit(&self, place: &Place) -> Result<State, FarmError> {
        if let Some(finished) = self.kept(place).await {
            return Ok(State::Done(Box::new(finished), Origin::Folder, 0));
        }
        if self.queue.submit(&place.job).await? == Submitted::Finished
            && let Some(finished) = self.queue.result(place.id).await?
        {
            return self.take(place, finished, Origin::Queue, 0).await;
        }
        Ok(State::Open { refused: 0 })
    }

    async fn settle(
        &self,
        place: &Place,
        outcome: Outcome,
        refused: u32,
    ) -> Result<State, FarmError> {
        match outcome {
            Outcome::Dead(dead) => Ok(State::Failed(dead.reason)),
            Outcome::Finished(finished) => {
                self.take(place, *finished, Origin::Proven, refused).await
            }
        }
    }

    /// Checks a result; one that does not hold is removed, and the job queued again.
    async fn take(
        &self,
        place: &Place,
        finished: Finished,
        origin: Origin,
        refused: u32,
    ) -> Result<State, FarmError> {
        let Err(error) = self.check(place, &finished).await else {
            self.keep(&finished).await?;
            return Ok(State::Done(Box::new(finished), origin, refused));
        };
        tracing::warn!(code = "farm.refused", job = %place.id, worker = finished.made.worker, %error, "a result does not hold");
        self.queue.refuse(place.id).await?;
        let refused = refused + 1;
        if refused >= self.attempts {
            return Ok(State::Failed(format!(
                "{error} ({refused} results refused)"
            )));
        }
        self.queue.submit(&place.job).await?;
        Ok(State::Open { refused })
    }

    async fn check(&self, place: &Place, finished: &Finished) -> Result<(), FarmError> {
        let Some(checker) = self
            .plan
            .parts
            .get(place.part)
            .and_then(|part| part.checker.clone())
        else {
            return Ok(());
        };
        let (job, proof) = (place.job.clone(), finished.proof.clone());
        let checking = tokio::task::spawn_blocking(move || {
            let input = job.input.integers()?;
            checker.check(input, job.binding.0, &proof)
        });
        match checking.await {
            Ok(checked) => Ok(checked?),
            Err(error) => Err(FarmError::Process(format!("does not check: {error}"))),
        }
    }

    fn path(&self, id: JobId) -> PathBuf {
        self.folder.join("proofs").join(format!("{id}.json"))
    }

    /// A result of an earlier run that holds.
    async fn kept(&self, place: &Place) -> Option<Finished> {
        let bytes = tokio::fs::read(self.path(place.id)).await.ok()?;
        let finished: Finished = serde_json::from_slice(&bytes).ok()?;
        let holds = finished.id == place.id && self.check(place, &finished).await.is_ok();
        holds.then_some(finished)
    }

    async fn keep(&self, finished: &Finished) -> Result<(), FarmError> {
        let path = self.path(finished.id);
        let io = |source| FarmError::Io {
            action: "cannot write",
            path: path.clone(),
            source,
        };
        let text = serde_json::to_vec_pretty(finished).map_err(|error| io(error.into()))?;
        let made = tokio::fs::create_dir_all(self.folder.join("proofs")).await;
        made.map_err(io)?;
        // Under a name of its own first: half a file is no result.
        let part = path.with_extension("part");
        tokio::fs::write(&part, text).await.map_err(io)?;
        tokio::fs::rename(&part, &path).await.map_err(io)
    }

    /// Whether the slices of each window belong together.
    fn links(&self, places: &[Place], states: &BTreeMap<JobId, State>) -> Vec<Link> {
        let Some(chain) = self.plan.chain() else {
            return vec![];
        };
        let windows: BTreeSet<usize> = places.iter().map(|place| place.window).collect();
        let link = |window| {
            let mut slices = vec![None; chain.slices.len()];
            for place in places.iter().filter(|place| place.window == window) {
                if let (Some(State::Done(finished, ..)), Some(slot)) =
                    (states.get(&place.id), slices.get_mut(place.part))
                {
                    *slot = Some(finished.proof.to_sheet());
                }
            }
            let proven = slices.iter().flatten().count();
            let problem = chain.verify(&ChainProof { slices }).err();
            Link {
                window,
                slices: proven,
                problem: problem.map(|error| error.to_string()),
            }
        };
        windows.into_iter().map(link).collect()
    }
}

fn line(place: &Place, states: &BTreeMap<JobId, State>) -> Line {
    let mut line = Line {
        id: place.id,
        window: place.window,
        slice: place.part,
        origin: None,
        retries: 0,
        refused: 0,
        made: None,
        report: None,
        output: vec![],
        failure: None,
    };
    match states.get(&place.id) {
        Some(State::Done(finished, origin, refused)) => {
            line.origin = Some(*origin);
            line.retries = finished.made.attempt.saturating_sub(1);
            line.refused = *refused;
            line.made = Some(finished.made.clone());
            line.report = Some(finished.report.clone());
            line.output.clone_from(&finished.proof.output);
        }
        Some(State::Failed(reason)) => line.failure = Some(reason.clone()),
        Some(State::Open { .. }) | None => line.failure = Some("not proven".into()),
    }
    line
}
