//! Processes that are measured from outside: the program itself on data that is there, and a bare axum handler.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use tokio::net::TcpListener;

use crate::client;

/// A server in a process of its own, killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// The program on the data in `folder`, with no limit of pace.
    pub fn program(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campuszon"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
        for limit in ["AUTH", "ITEMS_READ", "ITEMS_WRITE"] {
            command.env(format!("CAMPUSZON_LIMITS__{limit}"), "off");
        }
        Self::start(&mut command)
    }

    /// A bare handler that returns `body`.
    pub fn bare(folder: &Path, body: &[u8]) -> Self {
        let path = folder.join("body");
        std::fs::write(&path, body).expect("a file");
        let own = std::env::current_exe().expect("this program");
        Self::start(Command::new(own).arg("bare").arg(path))
    }

    /// Starts a server that says its address as the last word of its first line.
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
        let address = line.trim_end().rsplit('/').next().and_then(|address| address.parse().ok()).expect("an address");
        Self { child, address }
    }

    /// Resident memory in MiB.
    pub fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
        line.split_whitespace().nth(1).and_then(|size| size.parse::<f64>().ok()).expect("a number") / 1024.0
    }

    /// Seconds of processor time used so far.
    pub fn busy(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("Linux");
        let fields: Vec<&str> = stat.rsplit(") ").next().expect("fields").split(' ').collect();
        let ticks: f64 = [11, 12].iter().map(|at| fields[*at].parse::<f64>().expect("a number")).sum();
        // Linux counts in hundredths of a second on every platform it is built for.
        ticks / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fills the data below `folder`, in a process of its own; the token of somebody who reads it.
pub fn fill(folder: &Path, count: usize) -> String {
    let own = std::env::current_exe().expect("this program");
    let filled = Command::new(own).arg("fill").arg(folder).arg(count.to_string()).output().expect("a process");
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    String::from_utf8(filled.stdout).expect("a token").trim().to_owned()
}

/// How long the program takes from its start until `/readyz` says yes, stopped by a kill between.
pub async fn ready(folder: &Path) -> Duration {
    let began = Instant::now();
    let server = Server::program(folder);
    let answer = client::ask(server.address, &client::get("/readyz", ""), &mut None).await;
    let span = began.elapsed();
    assert_eq!(answer.expect("an answer").status, 200);
    span
}

/// What the process of the bare handler does.
pub async fn serve_bare(path: &Path) {
    let mut body = Vec::new();
    std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut body)).expect("a file");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    println!("listening on http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().route("/", get(move || async move { body }));
    axum::serve(listener, router).await.expect("a server");
}
