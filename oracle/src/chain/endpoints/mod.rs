//! Several RPC URLs that answer as one: tried in turn, never at once.
//!
//! ```text
//! request ──► the URL that worked last ──answer──► caller        an answer is also a JSON-RPC error such as a revert
//!                │ no connection, time-out, 5xx, 429, HTML, too large, wrong chain id, stale head
//!                └──► the next URL ──► ... ──► EndpointsError: what was wrong with each
//! ```
//! Before a URL is used its chain id is read, again after every failure. With several URLs the age of the newest block
//! is compared, too: a node that is far behind the others is used only if no other answers. A URL may contain an API
//! key: nothing here shows more than its scheme and host.

mod endpoint;
mod error;
mod policy;
mod rotation;
mod url;

pub use error::{EndpointFault, EndpointsError, Fault};
pub use policy::EndpointPolicy;
pub use rotation::Endpoints;
