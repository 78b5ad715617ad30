//! Under a service manager such as systemd: sockets that it hands over, and what it hears. A shell stands for it, which gives
//! a process its number before the program is in it.

use std::{
    io::{Read, Write},
    net::TcpListener,
    os::{
        fd::OwnedFd,
        unix::net::{UnixDatagram, UnixListener, UnixStream},
    },
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::Signal;

use super::{Campus, PATIENCE, Running, program, serving::refused};

/// Hands over stdin as the first socket and stderr as the second one, then becomes the program.
const TWO: &str = r#"exec 3<&0 4<&2 </dev/null 2>server.log; LISTEN_FDS=2 LISTEN_PID=$$ exec "$@""#;

/// The same for stdin alone.
pub const ONE: &str = r#"exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@""#;

/// Says that the socket is for another process.
const OTHERS: &str = r#"exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=1 exec "$@""#;

/// A shell that runs `script` and then becomes `command`, with `socket` as its stdin.
pub fn handing_over(command: &Command, script: &str, socket: OwnedFd) -> Command {
    let mut shell = Command::new("sh");
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(command.get_current_dir().expect("a folder"));
    shell.args(["-c", script, "sh"]).arg(command.get_program()).args(command.get_args());
    shell.stdin(Stdio::from(socket)).stderr(Stdio::null());
    shell
}

fn serve(folder: &Path, script: &str, socket: OwnedFd) -> Command {
    handing_over(program(folder).arg("serve"), script, socket)
}

/// What a server answers on a stream.
#[track_caller]
fn healthy(mut stream: impl Read + Write) {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn sockets_that_are_handed_over_are_used_and_left_in_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let path = folder.path().join("socket");
    let unix = UnixListener::bind(&path).expect("a socket");
    let address = tcp.local_addr().expect("an address");
    for _ in 0..2 {
        let mut command = serve(folder.path(), TWO, tcp.try_clone().expect("a copy").into());
        command.stderr(Stdio::from(OwnedFd::from(unix.try_clone().expect("a copy"))));
        let mut server = Running::start(&mut command);
        assert_eq!(server.line().0, format!("listening on http://{address}\n"));
        assert_eq!(server.line().0, format!("listening on unix:{}\n", path.display()));
        healthy(std::net::TcpStream::connect(address).expect("a connection"));
        healthy(UnixStream::connect(&path).expect("a connection"));
        server.signal(Signal::TERM);
        assert!(server.end().success());
        assert!(path.exists(), "it belongs to the service manager");
        assert!(server.lines.recv_timeout(PATIENCE).is_err(), "it listened elsewhere, too");
    }
}

#[test]
fn what_is_meant_for_others_or_of_no_use_is_not_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut command = serve(folder.path(), OTHERS, tcp.into());
    let server = Running::start(command.args(["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]));
    let lines = [server.line().0, server.line().0];
    assert_ne!(lines[0], lines[1], "two of its own");
    server.signal(Signal::TERM);
    assert!(server.lines.recv_timeout(PATIENCE).is_err(), "and nowhere else");
    drop(server);

    let datagrams = UnixDatagram::unbound().expect("a socket");
    let said = refused(serve(folder.path(), ONE, datagrams.into()).stderr(Stdio::piped()));
    assert!(said.contains("cannot use socket 0 that the service manager hands over"), "{said}");
}

/// A service manager's ear.
struct Ear(UnixDatagram);

impl Ear {
    fn at(path: &Path) -> Self {
        Self(UnixDatagram::bind(path).expect("a socket"))
    }

    /// What is said within `patience`, if anything.
    fn hears(&self, patience: Duration) -> Option<String> {
        self.0.set_read_timeout(Some(patience)).expect("a time-out");
        let mut news = [0; 1024];
        let length = self.0.recv(&mut news).ok()?;
        Some(String::from_utf8_lossy(&news[..length]).into_owned())
    }

    #[track_caller]
    fn expects(&self, line: &str) {
        super::until(line, || self.hears(PATIENCE)?.lines().any(|told| told == line).then_some(()));
    }
}

#[test]
fn the_manager_hears_that_it_is_ready_makes_progress_and_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let ear = Ear::at(&path);
    let mut campus = Campus::with(&[("NOTIFY_SOCKET", path.to_str().expect("text")), ("WATCHDOG_USEC", "300000")]);
    let ready = ear.hears(PATIENCE).expect("news");
    assert!(
        ready.starts_with("READY=1\n") && ready.contains(&format!("STATUS=listening on {}", campus.url)),
        "{ready}"
    );
    for _ in 0..3 {
        ear.expects("WATCHDOG=1");
    }

    // While somebody else holds the database, no transaction of the writer ends.
    let database = rusqlite::Connection::open(campus.database()).expect("a database");
    database.execute_batch("BEGIN IMMEDIATE").expect("held");
    let is_silent = (0..5).any(|_| ear.hears(Duration::from_secs(1)).is_none());
    assert!(is_silent, "a server whose writer is stuck still says that it makes progress");
    database.execute_batch("ROLLBACK").expect("given back");
    ear.expects("WATCHDOG=1");

    assert!(campus.stop().success());
    ear.expects("STOPPING=1");
}
