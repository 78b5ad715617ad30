//! An S3 server of the test's own, on loopback, that checks every signature.

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

const KEY: &str = "campus";

/// What the server's only user signs with.
pub const SECRET: &str = "a secret of tests";

/// The environment of a program that knows this secret.
pub fn variables(secret: &str) -> [(&'static str, &str); 2] {
    [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", secret)]
}

/// Starts a server with an empty bucket `pictures`: where it stores, what it runs on and ends with, and its address.
pub fn start() -> (TempDir, Runtime, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("pictures")).expect("a bucket");
    let runtime = Runtime::new().expect("a runtime");
    let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).expect("a server"));
    service.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = service.build();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let builder = Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    (folder, runtime, endpoint)
}
