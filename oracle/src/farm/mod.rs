//! The proving farm: many proofs on many processes or machines, each finished exactly once.
//!
//! ```text
//! veriregime farm, slice            Queue                         veriregime worker
//!   Job { network, input } --submit--> ready --take--> Worker --Executor--> Backend::prove
//!   Finished, checked <---outcomes--- result <--finish--+         (threads, or processes of their own)
//! ```
//! The [`Queue`] is in this process ([`LocalQueue`]) or in NATS JetStream ([`NatsQueue`]); workers and callers do not
//! know which. docs/farm.md says how to run it and what it guarantees.

mod child;
mod clock;
mod digest;
mod error;
mod executor;
mod files;
mod job;
mod local;
mod nats;
mod plan;
mod queue;
mod run;
mod summary;
mod worker;

pub use child::{Processes, serve_standard_input};
pub use digest::{Digest, JobId};
pub use error::FarmError;
pub use executor::{Executor, Threads};
pub use files::Files;
pub use job::{Dead, Finished, Job, Made, Outcome};
pub use local::LocalQueue;
pub use nats::{NatsQueue, NatsSettings};
pub use plan::{Part, Place, Plan, visibilities};
pub use queue::{Handed, Lease, Queue, Submitted};
pub use run::Run;
pub use summary::{Line, Link, Origin, Summary};
pub use worker::{Tally, Worker};

/// The id of a job.
fn id_of(job: &Job) -> Result<JobId, FarmError> {
    job.id().map_err(|error| FarmError::Damaged {
        what: "a job".into(),
        problem: error.to_string(),
    })
}
