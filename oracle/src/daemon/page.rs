//! The dashboard's files, compiled in: one program is the whole node. `scripts/dashboard.mjs` builds them.

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

/// Path, type and content.
const FILES: [(&str, &str, &[u8]); 4] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_bytes!("../../../dashboard/dist/index.html"),
    ),
    (
        "/app.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../dashboard/dist/app.js"),
    ),
    (
        "/style.css",
        "text/css; charset=utf-8",
        include_bytes!("../../../dashboard/dist/style.css"),
    ),
    (
        "/licences.txt",
        "text/plain; charset=utf-8",
        include_bytes!("../../../dashboard/dist/licences.txt"),
    ),
];

/// Routes of all files.
pub(super) fn files<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES
        .into_iter()
        .fold(Router::new(), |router, (path, kind, content)| {
            router.route(path, get(async move || file(kind, content)))
        })
}

fn file(kind: &'static str, content: &'static [u8]) -> Response {
    // Asked for again after an upgrade; the files are small and usually local.
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content).into_response()
}
