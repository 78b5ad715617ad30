//! Commands on a terminal: one for stdin and stderr, and another for stdout, so that a test can tell the two apart.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    num::NonZero,
    os::unix::fs::OpenOptionsExt,
    process::{Child, Command},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use portable_pty::{MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::{
    fs::OFlags,
    termios::{LocalModes, tcgetattr},
};

use crate::story::{Output, until};

/// High enough that nothing is paged.
const ROWS: u16 = 200;
const COLUMNS: u16 = 100;

/// A terminal and what was written to it.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    /// Open until the end, so that it is not hung up on.
    slave: Box<dyn SlavePty + Send>,
    written: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    fn open() -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut output = pair.master.try_clone_reader().expect("output");
        let written = Arc::new(Mutex::new(Vec::new()));
        let all = written.clone();
        let reader = thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut chunk) {
                all.lock().expect("no panic").extend_from_slice(&chunk[..length]);
            }
        });
        Self { master: pair.master, slave: pair.slave, written, reader }
    }

    /// The end of it that a process gets.
    fn end(&self) -> File {
        let path = self.master.tty_name().expect("a name");
        let flags = OFlags::NOCTTY.bits().try_into().expect("flags");
        OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).expect("a terminal")
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().expect("no panic")).into_owned()
    }

    /// Everything that was written, once nobody writes any more.
    fn finish(self) -> Vec<u8> {
        drop(self.slave);
        drop(self.master);
        self.reader.join().expect("no panic");
        Arc::into_inner(self.written).expect("the last").into_inner().expect("no panic")
    }
}

/// A command on a terminal, which goes on.
pub struct Attended {
    child: Child,
    keys: Box<dyn Write + Send>,
    front: Terminal,
    stdout: Terminal,
}

impl Attended {
    pub fn start(command: &mut Command) -> Self {
        Self::between(command, Terminal::open(), Terminal::open(), false)
    }

    /// Starts a command with stdout on the same terminal, where everything stands in the order in which it was said.
    pub fn on_one(command: &mut Command) -> Self {
        Self::between(command, Terminal::open(), Terminal::open(), true)
    }

    fn between(command: &mut Command, front: Terminal, stdout: Terminal, is_one: bool) -> Self {
        let out = if is_one { front.end() } else { stdout.end() };
        command.env("TERM", "xterm-256color").stdin(front.end()).stderr(front.end()).stdout(out);
        let child = command.spawn().expect("the program starts");
        // The command holds the ends it was given.
        command
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .stdout(std::process::Stdio::null());
        let keys = front.master.take_writer().expect("keys");
        Self { child, keys, front, stdout }
    }

    /// Starts a command where `typed` is typed ahead.
    pub fn with(command: &mut Command, typed: &str) -> Self {
        let mut attended = Self::start(command);
        if !typed.is_empty() {
            // Ctrl-D at the start of a line ends the input.
            attended.press(&format!("{typed}\u{4}"));
        }
        attended
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a key");
        self.keys.flush().expect("a key");
    }

    /// What was said so far on the terminal of the keys, as it was written.
    pub fn so_far(&self) -> String {
        self.front.so_far()
    }

    /// What was printed so far on stdout, as it was written.
    pub fn stdout_so_far(&self) -> String {
        self.stdout.so_far()
    }

    /// Answers a question once it is asked.
    pub fn answer(&mut self, question: &str, keys: &str) {
        until(question, || self.front.so_far().contains(question).then_some(()));
        self.press(keys);
    }

    /// Whether anything was printed on stdout.
    pub fn has_printed(&self) -> bool {
        self.stdout.so_far().contains('\n')
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a state").is_some()
    }

    /// Whether the terminal shows what is typed and waits for whole lines, as a shell expects it.
    pub fn is_given_back(&self) -> bool {
        let modes = tcgetattr(self.front.end()).expect("modes").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// What came of it: stdout as it was written, of stderr what is left on the screen.
    #[track_caller]
    pub fn end(self) -> Output {
        let output = self.end_as_written();
        Output { stderr: screen(&output.stderr.replace('\n', "\r\n")), ..output }
    }

    /// What came of it, all as it was written; but a terminal's ends of lines are ours again.
    #[track_caller]
    pub fn end_as_written(mut self) -> Output {
        let status = until("a command ends", || self.child.try_wait().expect("a state"));
        let [stdout, stderr] = [self.stdout, self.front].map(|terminal| {
            let written = String::from_utf8(terminal.finish()).expect("text");
            written.replace("\r\n", "\n")
        });
        // Where they are laid down, a last line is typed.
        drop(self.keys);
        Output { code: status.code(), stdout, stderr }
    }
}

/// What stands on a terminal after all of this was written to it.
pub fn screen(written: &str) -> String {
    let [rows, columns] = [ROWS, COLUMNS].map(|cells| NonZero::new(cells).expect("more than nothing"));
    let mut terminal = vt100::Parser::new(rows, columns, 0);
    terminal.process(written.as_bytes());
    let lines = terminal.screen().contents();
    let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
    let text = lines.join("\n").trim_end().to_owned();
    if text.is_empty() { text } else { text + "\n" }
}
