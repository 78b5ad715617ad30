//! The program in a pseudo-terminal: it starts, reacts, and gives the terminal back however it ends.

use std::{
    io::{Read, Write},
    num::NonZero,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use campuszon::tui::terminal::Screen;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use crate::{story::Campus, support::PASSWORD};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the sign-in says. Whether the cursor is hidden tells nothing: it is while a frame is drawn.
const WIZARD: &str = "where your campus trades";

/// The program on a terminal of its own.
pub(super) struct Session {
    child: Box<dyn Child + Send + Sync>,
    line: Box<dyn MasterPty + Send>,
    /// The settings of the line before anything ran, as `stty` prints them.
    settings: String,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    /// All that was written.
    raw: Vec<u8>,
    /// What goes with it.
    _home: Option<TempDir>,
}

impl Session {
    /// Where nobody is signed in, and there is no server.
    fn start() -> Self {
        Self::at("http://127.0.0.1:9")
    }

    /// One that talks to a server.
    fn at(server: &str) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_campuszon"));
        command.arg("tui");
        command.env_clear();
        command.env("HOME", home.path());
        command.env("CAMPUSZON_HOME", home.path());
        command.env("CAMPUSZON_SERVER", server);
        Self { _home: Some(home), ..Self::run(command) }
    }

    /// Runs a command on a terminal of its own.
    pub(super) fn run(mut command: CommandBuilder) -> Self {
        let [rows, columns] = [24, 80].map(|cells| NonZero::new(cells).expect("more than nothing"));
        let size = PtySize { rows: rows.get(), cols: columns.get(), pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        command.env("TERM", "xterm-256color");
        let settings = line_settings(&*pair.master);
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let keys = pair.master.take_writer().expect("keys");
        let mut reader = pair.master.try_clone_reader().expect("output");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let terminal = vt100::Parser::new(rows, columns, 0);
        Self { child, line: pair.master, settings, keys, output, terminal, raw: Vec::new(), _home: None }
    }

    pub(super) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a key");
        self.keys.flush().expect("a key");
    }

    /// Reads on until the screen shows what is wanted.
    pub(super) fn until(&mut self, wanted: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !wanted(self.terminal.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("not what was waited for:\n{}", self.terminal.screen().contents())
                }
            }
        }
    }

    pub(super) fn shows(&mut self, text: &str) {
        self.until(|screen| screen.contents().contains(text));
    }

    fn take(&mut self, bytes: &[u8]) {
        self.terminal.process(bytes);
        self.raw.extend_from_slice(bytes);
    }

    /// Reads on until something was written.
    pub(super) fn writes(&mut self, wanted: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.has_written(wanted) {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.output.recv_timeout(left) else { panic!("{wanted:?} was not written") };
            self.take(&bytes);
        }
    }

    pub(super) fn has_written(&self, text: &str) -> bool {
        self.raw.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }

    /// All that was written, as text.
    pub(super) fn written(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Waits for the end; answers how the program ended.
    pub(super) fn end(&mut self) -> u32 {
        self.until(|screen| !screen.alternate_screen());
        let status = self.child.wait().expect("an end");
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.take(&bytes);
        }
        status.exit_code()
    }

    /// Writes an answer and takes it, once the question is there.
    fn answer(&mut self, question: &str, answer: &str) {
        self.until(|screen| asks(screen, question));
        self.press(answer);
        self.press("\r");
    }

    /// Whether the terminal is as a shell expects it.
    pub(super) fn assert_restored(&self) {
        assert_eq!(line_settings(&*self.line), self.settings);
        let screen = self.terminal.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        // The emulator does not know of these.
        for mode in ["?1004", "?2026"] {
            let last = |sign| self.last_written(&format!("\u{1b}[{mode}{sign}"));
            assert!(last("l") >= last("h"), "{mode} is still on");
        }
    }

    fn last_written(&self, sequence: &str) -> Option<usize> {
        self.raw.windows(sequence.len()).rposition(|bytes| bytes == sequence.as_bytes())
    }

    /// Waits until the process stands still.
    fn stopped(&self) {
        let id = self.child.process_id().expect("a process").to_string();
        let end = Instant::now() + PATIENCE;
        let state = || std::process::Command::new("ps").args(["-o", "stat=", "-p", &id]).output().expect("ps").stdout;
        while !state().starts_with(b"T") {
            assert!(Instant::now() < end, "it does not stop");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("a process").to_string();
        let status = std::process::Command::new("kill").args(["-s", name, &id]).status().expect("kill");
        assert!(status.success());
    }
}

/// Raw mode, echo and the rest: what `stty` would compare.
fn line_settings(line: &dyn MasterPty) -> String {
    format!("{:?}", line.get_termios().expect("a terminal"))
}

/// Whether the cursor is in the row of a question.
fn asks(screen: &vt100::Screen, question: &str) -> bool {
    let (row, _) = screen.cursor_position();
    let line = screen.contents().lines().nth(usize::from(row)).unwrap_or_default().to_owned();
    !screen.hide_cursor() && line.contains(question)
}

#[test]
fn a_student_registers_signs_out_and_in_again() {
    let campus = Campus::free();
    let mut session = Session::at(&campus.url);
    let email = "ana@uni.example";
    session.answer("Server", "");
    session.until(|screen| asks(screen, "E-mail"));
    session.press(email);
    session.press("\u{e}");
    session.answer("Name", "Ana");
    session.answer("Password", PASSWORD);
    session.answer("Again", PASSWORD);
    session.until(|screen| asks(screen, "Code"));
    session.press("000000\r");
    session.shows("4 tries remain");
    session.press("\u{15}");
    session.press(&campus.code(email));
    session.press("\r");
    session.shows("Signed in as Ana");
    session.press("6");
    session.shows(email);
    session.press("G\r\t\r");
    session.answer("Server", "");
    session.answer("E-mail", email);
    session.answer("Password", "not the password");
    session.shows("the address or the password is wrong");
    session.press("\u{15}");
    session.answer("Password", PASSWORD);
    session.shows("Signed in as Ana");
    session.press("q");
    assert_eq!(session.end(), 0);
    let shown = String::from_utf8_lossy(&session.raw).contains(PASSWORD);
    assert!(!shown, "a password is never drawn");
    session.assert_restored();
}

#[test]
fn it_starts_reacts_and_quits() {
    let mut session = Session::start();
    session.shows("Sign in");
    session.press("\u{1b}");
    session.until(|screen| !screen.contents().contains(WIZARD));
    session.press("?");
    session.shows("type to filter");
    session.press("\u{1b}");
    session.until(|screen| !screen.contents().contains("type to filter"));
    session.press("/");
    session.until(|screen| !screen.hide_cursor() && screen.contents().contains("Server"));
    session.press("\u{1b}");
    session.until(|screen| !screen.contents().contains(WIZARD));
    session.press("q");
    assert_eq!(session.end(), 0);
    session.assert_restored();
    // An answer to a question of ours would arrive among the keys.
    assert!(!session.raw.windows(4).any(|bytes| bytes == b"\x1b[6n"), "asks the terminal nothing");
}

#[test]
fn ctrl_c_twice_quits() {
    let mut session = Session::start();
    session.shows("Sign in");
    session.press("\u{3}");
    session.shows("Ctrl+C again");
    session.press("\u{3}");
    assert_eq!(session.end(), 0);
    session.assert_restored();
}

#[test]
fn a_signal_ends_it_in_order() {
    for (name, code) in [("TERM", 143), ("HUP", 129)] {
        let mut session = Session::start();
        session.shows("Sign in");
        session.signal(name);
        assert_eq!(session.end(), code);
        session.assert_restored();
    }
}

#[test]
fn it_stops_and_goes_on() {
    let mut session = Session::start();
    session.shows("Sign in");
    session.press("\u{1a}");
    session.until(|screen| !screen.alternate_screen());
    session.stopped();
    session.assert_restored();
    session.signal("CONT");
    session.shows("Sign in");
    // The first one leaves the sign-in, where q is a letter.
    session.press("\u{1b}");
    session.until(|screen| !screen.contents().contains(WIZARD));
    session.press("q");
    assert_eq!(session.end(), 0);
}

#[test]
fn no_key_is_lost_at_the_start() {
    let mut session = Session::start();
    // Long before the program listens.
    session.press("?mouse");
    session.until(|screen| screen.alternate_screen() && screen.contents().contains("mouse"));
    session.press("\u{3}\u{3}");
    assert_eq!(session.end(), 0);
    session.assert_restored();
}

/// What the next test runs in a terminal of its own.
#[test]
#[ignore = "takes the terminal over"]
fn a_fault_of_its_own() {
    let directory = std::env::var_os("CRASHES").expect("where to write it down");
    let mut screen = Screen::enter(directory.as_ref()).expect("a terminal");
    screen.draw(|frame| frame.render_widget("Everything is fine", frame.area())).expect("a frame");
    panic!("planted");
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_where_it_is_written_down() {
    let home = tempfile::tempdir().expect("a directory");
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
    command.args(["--ignored", "--exact", "--nocapture", "tui::pty::a_fault_of_its_own"]);
    command.env("CRASHES", home.path());
    let mut session = Session::run(command);
    session.shows("Everything is fine");
    assert_ne!(session.end(), 0);
    session.assert_restored();
    let report = home.path().read_dir().expect("a directory").next().expect("a report").expect("a report").path();
    let said = session.terminal.screen().contents().replace('\n', "");
    assert!(said.contains(&format!("the details are in {}", report.display())), "{said}");
    let report = std::fs::read_to_string(report).expect("a report");
    assert!(report.contains("planted") && report.contains("a_fault_of_its_own"), "{report}");
}
