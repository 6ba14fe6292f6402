//! Servers that break HTTP or TLS itself, below what a scripted answer can do.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// What a connection gets.
#[derive(Clone, Copy)]
pub enum Answer {
    /// A head that promises a body, then a byte every 50 ms for ever.
    Drip,
    /// A head that promises more bytes than come before the connection ends.
    Cut,
    /// Bytes that are no HTTP.
    Noise,
    /// Nothing, for ever.
    Silence,
}

/// Heads of the requests that were read.
pub type Heads = Arc<Mutex<Vec<String>>>;

pub async fn serve(answer: Answer) -> (String, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Heads::default();
    let seen = heads.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(one(stream, answer, seen.clone()));
        }
    });
    (url, heads)
}

async fn one(mut stream: TcpStream, answer: Answer, heads: Heads) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    heads
        .lock()
        .unwrap()
        .push(String::from_utf8(head).unwrap().to_ascii_lowercase());
    let promise = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n[";
    match answer {
        Answer::Drip => {
            let _ = stream.write_all(promise).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Answer::Cut => {
            let _ = stream.write_all(promise).await;
        }
        Answer::Noise => {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n").await;
        }
        Answer::Silence => std::future::pending().await,
    }
}

/// A TLS server whose certificate nobody vouches for, and the number of handshakes that a client completed.
pub async fn self_signed() -> (String, Arc<AtomicUsize>) {
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let completed = Arc::new(AtomicUsize::new(0));
    let count = completed.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            // With TLS 1.3 the server may finish before the client refuses: only a request counts.
            if stream.read_u8().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    (url, completed)
}
