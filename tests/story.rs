//! The stories of the marketplace, told with real processes: a server with its data, files and signals, and students
//! who type commands.

mod acme;
mod administration;
mod backup;
mod browser;
mod bucket;
mod chaos;
mod clock;
mod crash;
mod deadlines;
mod disk;
mod flush;
mod log;
mod logs;
mod maintenance;
mod manager;
mod network;
mod outbox;
pub mod photo;
mod pictures;
mod python;
mod restarts;
mod serving;
mod sessions;
mod sleeping;
mod slow;
mod tls;
mod trade;

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use campuszon::client::{Client, Credentials, Options, Server};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{PASSWORD, code_in, newest_mail};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until there is an answer.
#[track_caller]
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, ask)
}

/// The same for what takes longer, or should not.
#[track_caller]
pub fn within<T>(patience: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The program at a place of its own, untouched by the environment of the tests.
pub fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campuszon"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", home).env("CAMPUSZON_HOME", home).current_dir(home);
    command
}

/// Another program that is given a command to run, with its environment and folder.
fn given_to(outer: &mut Command, command: &Command) -> Command {
    let mut whole = Command::new(outer.get_program());
    whole.args(outer.get_args()).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    whole.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    whole.current_dir(command.get_current_dir().expect("a folder"));
    whole
}

/// Whether what a test needs of the system is there, as this command shows by succeeding. `CAMPUSZON_TEST_SYSTEM`, which
/// `scripts/check` sets, says that it must be.
fn can(what: &str, probe: &mut Command) -> bool {
    let shown = probe.output();
    if shown.as_ref().is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(std::env::var_os("CAMPUSZON_TEST_SYSTEM").is_none(), "{what} is needed: {shown:?}");
    eprintln!("skipped: {what} is not to be had here");
    false
}

/// What a run of the program said.
#[derive(Debug)]
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Checks the exit code and hands stdout on.
    #[track_caller]
    pub fn expect(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self.stdout
    }
}

/// Runs a command to its end, but no longer than patience lasts.
#[track_caller]
pub fn run(command: &mut Command, stdin: &str) -> Output {
    run_within(PATIENCE, command, stdin)
}

/// The same for what takes longer.
#[track_caller]
pub fn run_within(patience: Duration, command: &mut Command, stdin: &str) -> Output {
    let mut running = Running::start(command.stdin(Stdio::piped()).stderr(Stdio::piped()));
    // A command that does not read its input may be gone already.
    let _ = running.child.stdin.take().expect("stdin").write_all(stdin.as_bytes());
    let status = within(patience, "a command ends", || running.child.try_wait().expect("a state"));
    let stdout = running.lines.into_iter().map(|(line, _)| line).collect();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Output { code: status.code(), stdout, stderr: text(running.stderr.recv().unwrap_or_default()) }
}

/// A process that goes on, and ends with this value.
pub struct Running {
    child: ChildGuard,
    /// The lines of stdout with their ends, and when they came.
    lines: Receiver<(String, Instant)>,
    /// All of stderr, at its end.
    stderr: Receiver<Vec<u8>>,
}

impl Running {
    /// Starts it and follows what it says.
    pub fn start(command: &mut Command) -> Self {
        Self::attached(command.stdout(Stdio::piped()))
    }

    /// Starts it with its output going wherever the command says.
    pub fn attached(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let (sender, lines) = channel();
        if let Some(pipe) = child.stdout.take() {
            thread::spawn(move || {
                let (mut stdout, mut line) = (BufReader::new(pipe), Vec::new());
                while stdout.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                    let text = String::from_utf8(std::mem::take(&mut line)).expect("text");
                    if sender.send((text, Instant::now())).is_err() {
                        return;
                    }
                }
            });
        }
        let (sender, stderr) = channel();
        if let Some(mut pipe) = child.stderr.take() {
            thread::spawn(move || {
                let mut all = Vec::new();
                let _ = pipe.read_to_end(&mut all);
                let _ = sender.send(all);
            });
        }
        Self { child: ChildGuard(child), lines, stderr }
    }

    /// The next line of stdout, and when it came.
    #[track_caller]
    pub fn line(&self) -> (String, Instant) {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }

    /// Whether there is a line of stdout, which it takes away.
    pub fn has_line(&self) -> bool {
        self.lines.try_recv().is_ok()
    }

    /// Asks it to end.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Lets it print a line, ends it, and hands on all that it said.
    #[track_caller]
    pub fn end_after_a_line(mut self, signal: Signal) -> Output {
        let (first, _) = self.line();
        self.signal(signal);
        let status = self.end();
        let rest = self.lines.into_iter().map(|(line, _)| line);
        let stderr = String::from_utf8(self.stderr.recv().unwrap_or_default()).expect("text");
        Output { code: status.code(), stdout: std::iter::once(first).chain(rest).collect(), stderr }
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        until("a process ends", || self.child.try_wait().expect("a state"))
    }
}

/// A process that does not outlive this value.
struct ChildGuard(Child);

impl std::ops::Deref for ChildGuard {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl std::ops::DerefMut for ChildGuard {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for ChildGuard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server as `campuszon serve` runs it, and the folder of all that belongs to it.
pub struct Campus {
    pub url: String,
    server: Option<Running>,
    environment: Vec<(String, String)>,
    /// Where it listens, when that is kept for it from one start to the next.
    listener: Option<TcpListener>,
    folder: TempDir,
}

impl Campus {
    /// Starts a server on fresh data with these settings, by their environment variables without `CAMPUSZON_`; those of
    /// storage begin with `AWS_`, those of a service manager with `NOTIFY_` and `WATCHDOG_`, those of `faketime` with `FAKETIME_`,
    /// `DONT_FAKE_` and `LD_`, and `SSL_CERT_FILE` says whom to trust.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        const OTHERS: [&str; 7] = ["AWS_", "DONT_FAKE_", "FAKETIME_", "LD_", "NOTIFY_", "SSL_", "WATCHDOG_"];
        let is_whole = |name: &str| OTHERS.iter().any(|others| name.starts_with(others));
        let full = |name: &str| if is_whole(name) { name.to_owned() } else { format!("CAMPUSZON_{name}") };
        let environment = settings.iter().map(|(name, value)| (full(name), (*value).to_owned())).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let mut campus = Self { url: String::new(), server: None, environment, listener: None, folder };
        campus.start();
        campus
    }

    /// Listens itself from now on and hands that over with every start, as a service manager does; starts again.
    #[track_caller]
    pub fn hand_over(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        // Many wait there while nobody accepts.
        rustix::net::listen(&listener, 4096).expect("room for them");
        self.listener = Some(listener);
        assert!(self.stop().success());
        self.start();
    }

    /// Starts a server as it comes.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// A server that counts no requests and asks for no pictures, for stories of something else.
    pub fn free() -> Self {
        Self::free_with(&[])
    }

    /// The same with further settings.
    pub fn free_with(further: &[(&str, &str)]) -> Self {
        let budgets = ["AUTH", "ITEMS_READ", "ITEMS_WRITE", "CHAT", "IMAGES"].map(|name| format!("LIMITS__{name}"));
        let mut settings: Vec<(&str, &str)> = budgets.iter().map(|name| (name.as_str(), "off")).collect();
        settings.push(("ITEMS__REQUIRE_IMAGE", "false"));
        settings.extend(further);
        Self::with(&settings)
    }

    /// Starts the server, again on the same data.
    #[track_caller]
    pub fn start(&mut self) {
        let mut serve = self.serve();
        if let Some(listener) = &self.listener {
            serve = manager::handing_over(&serve, manager::ONE, listener.try_clone().expect("a copy").into());
        } else {
            serve.stdin(Stdio::null());
        }
        self.start_as(serve);
    }

    /// The same by a command that becomes [`Campus::serve`].
    #[track_caller]
    fn start_as(&mut self, mut serve: Command) {
        let log = File::options().create(true).append(true).open(self.path("server.log")).expect("a log");
        let server = Running::start(serve.stderr(log));
        let Ok((line, _)) = server.lines.recv_timeout(PATIENCE) else { panic!("it does not start: {}", self.log()) };
        self.url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        self.server = Some(server);
    }

    /// The command that runs a server on this data.
    pub fn serve(&self) -> Command {
        let mut command = program(self.folder.path());
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        command.args(["serve", "--listen", "127.0.0.1:0"]).envs(environment);
        command.arg("--data").arg(self.data()).arg("--mail").arg(format!("file:{}", self.path("mail").display()));
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data().join("campuszon.db")
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("server.log")).unwrap_or_default()
    }

    /// The number of the server's process.
    pub fn process(&self) -> u32 {
        self.server.as_ref().expect("it runs").child.id()
    }

    /// Asks something of the server's process.
    pub fn signal(&self, signal: Signal) {
        self.server.as_ref().expect("it runs").signal(signal);
    }

    /// Takes the server's life, whatever it is doing.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Asks the server to stop, and waits until it has.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        let mut server = self.server.take().expect("it runs");
        server.signal(Signal::TERM);
        server.end()
    }

    /// Status and body at a path of the server, or at a whole address.
    #[track_caller]
    pub fn fetch(&self, path: &str) -> (u16, Vec<u8>) {
        let path = path.strip_prefix(&self.url).unwrap_or(path);
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("headers");
        let status = std::str::from_utf8(&answer[9..12]).expect("a status").parse().expect("a number");
        (status, answer[end + 4..].to_vec())
    }

    /// Somebody with a place of their own, who is not signed in.
    pub fn visitor(&self) -> Student {
        let home = tempfile::tempdir().expect("a folder");
        let certificate = self.environment.iter().find(|(name, _)| name == "CAMPUSZON_TLS_CERT");
        let trusts = certificate.map(|(_, path)| PathBuf::from(path));
        Student { server: self.url.clone(), token: None, id: String::new(), trusts, home }
    }

    /// The code in the newest mail to an address.
    #[track_caller]
    pub fn code(&self, email: &str) -> String {
        until("a mail with a code", || code_in(&self.path("mail"), email))
    }

    /// The page that the newest mail to an address names.
    #[track_caller]
    pub fn link(&self, email: &str) -> String {
        let start = format!("at {}/", self.url);
        let at = |line: &str| line.split_once(&start).map(|(_, path)| format!("{}/{path}", self.url));
        until("a mail with a link", || newest_mail(&self.path("mail"), email)?.lines().find_map(at))
    }

    /// Registers by command and signs in with the mailed code.
    #[track_caller]
    pub fn sign_up(&self, email: &str, name: &str) -> Student {
        let mut student = self.visitor();
        let register = ["auth", "register", "--email", email, "--name", name, "--password-stdin"];
        let registered = student.run_with(&register, &format!("{PASSWORD}\n"));
        assert!(registered.stderr.contains("auth verify"), "{registered:?}");
        registered.expect(0);
        let verified = student.json(&["auth", "verify", "--email", email, "--code", &self.code(email)]);
        student.id = verified["id"].as_str().expect("an id").to_owned();
        student
    }
}

/// The library's client, with a token.
pub fn client(url: &str, token: &str) -> Client {
    let server = Server::parse(url, false).expect("an address");
    let credentials = Credentials::Token(token.to_owned());
    Client::new(Options { server, credentials, timeout: PATIENCE, trace: None })
}

/// Somebody at a shell.
pub struct Student {
    /// The server their commands go to.
    pub server: String,
    /// A token in their environment.
    pub token: Option<String>,
    pub id: String,
    /// The certificates they trust, where those of the system are not meant.
    pub trusts: Option<PathBuf>,
    home: TempDir,
}

impl Student {
    /// Somebody whose server is not there.
    pub fn without_server() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        Self { server: "http://127.0.0.1:9".to_owned(), token: None, id: String::new(), trusts: None, home }
    }

    /// Where their files are.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A command of theirs, not yet begun.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = program(self.home());
        command.env("CAMPUSZON_SERVER", &self.server).args(args);
        command.envs(self.trusts.as_ref().map(|path| ("SSL_CERT_FILE", path)));
        command.envs(self.token.as_ref().map(|token| ("CAMPUSZON_TOKEN", token)));
        command
    }

    /// Runs a command.
    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Output {
        self.run_with(args, "")
    }

    /// Runs a command with something on stdin.
    #[track_caller]
    pub fn run_with<S: AsRef<OsStr>>(&self, args: &[S], stdin: &str) -> Output {
        run(&mut self.command(args), stdin)
    }

    /// Runs a command with `--json`; it must succeed.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let stdout = self.run(&[args, &["--json"]].concat()).expect(0);
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
    }

    /// The id of what a command made or found.
    #[track_caller]
    pub fn made(&self, args: &[&str]) -> String {
        self.run(&[args, &["--format", "ids"]].concat()).expect(0).trim().to_owned()
    }

    /// Starts a command that goes on.
    pub fn start(&self, args: &[&str]) -> Running {
        Running::start(self.command(args).stdin(Stdio::null()).stderr(Stdio::piped()))
    }

    /// Lists a book without a picture, where the server takes that.
    #[track_caller]
    pub fn offer(&self, title: &str, price: &str) -> String {
        let fields = ["--title", title, "--price", price, "--category", "books", "--condition", "good"];
        self.made(&[&["item", "create"], &fields[..]].concat())
    }

    /// A token for a program of theirs.
    #[track_caller]
    pub fn device_token(&self) -> String {
        let create = ["auth", "token", "create", "--name", "device", "--scope", "write"];
        self.run(&create).expect(0).trim().to_owned()
    }

    /// Waits until somebody's live connection stands.
    #[track_caller]
    pub fn sees_online(&self, user: &str) {
        until("somebody comes online", || (self.json(&["user", "show", user])["online"] == true).then_some(()));
    }
}
