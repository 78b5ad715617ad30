//! Ctrl-C at every stage: nothing is left half-done, here or on the server, and what is run again is done once. SIGTERM
//! stands for it, which goes the same way: a shell that starts tests in the background has them ignore SIGINT.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use rustix::process::Signal;

use super::Scene;
use crate::story::{PATIENCE, Running, Student, until};

/// What of a request is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// It never reaches the server.
    Request,
    /// The server does it, and its answer goes nowhere.
    Answer,
}

/// A way to the server that holds back one request, by its number among those that begin so.
struct Gate {
    url: String,
    reached: Receiver<()>,
}

impl Gate {
    fn to(server: &str, begins: &'static str, number: usize, held: Held) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = server.trim_start_matches("http://").to_owned();
        let (sender, reached) = channel();
        let seen = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for near in listener.incoming() {
                let (near, far) = (near.expect("a connection"), TcpStream::connect(&server).expect("the server"));
                let (seen, sender) = (seen.clone(), sender.clone());
                thread::spawn(move || {
                    let counts = |request: &[u8]| {
                        request.starts_with(begins.as_bytes()) && seen.fetch_add(1, Ordering::Relaxed) + 1 == number
                    };
                    pass(near, far, counts, held, &sender);
                });
            }
        });
        Self { url, reached }
    }
}

/// Carries one connection, until the request that is held back.
fn pass(mut near: TcpStream, mut far: TcpStream, is_held: impl Fn(&[u8]) -> bool, held: Held, reached: &Sender<()>) {
    let (mut answers, mut to_near) = (far.try_clone().expect("a stream"), near.try_clone().expect("a stream"));
    let (stop, stopped) = channel::<()>();
    let answered = reached.clone();
    thread::spawn(move || {
        let mut chunk = [0; 65_536];
        while let Ok(length @ 1..) = answers.read(&mut chunk) {
            if stopped.try_recv().is_ok() {
                // The server has done what was asked. Told before, the client could go first and its request with it.
                let _ = answered.send(());
                return;
            }
            if to_near.write_all(&chunk[..length]).is_err() {
                return;
            }
        }
    });
    let mut chunk = [0; 65_536];
    while let Ok(length @ 1..) = near.read(&mut chunk) {
        let request = &chunk[..length];
        if is_held(request) {
            let _ = stop.send(());
            match held {
                Held::Request => drop(reached.send(())),
                Held::Answer => far.write_all(request).expect("sent"),
            }
        } else if far.write_all(request).is_err() {
            return;
        }
    }
    let _ = far.shutdown(Shutdown::Both);
}

impl Student {
    /// Runs a command that is interrupted at the gate.
    fn interrupted_at(&self, gate: &Gate, args: &[&str]) {
        let mut running = Running::start(self.command(args).stdin(Stdio::null()).stderr(Stdio::piped()));
        gate.reached.recv_timeout(PATIENCE).expect("it comes to the gate");
        running.signal(Signal::TERM);
        let status = running.end();
        // What a shell shows as 143, and as 130 of Ctrl-C.
        assert_eq!(status.signal(), Some(Signal::TERM.as_raw()), "{status:?}");
    }

    /// The titles of all items of theirs, in every state.
    fn titles(&self) -> Vec<String> {
        let listed = self.run(&["item", "export", "--jq", ".[].title"]).expect(0);
        listed.lines().map(str::to_owned).collect()
    }
}

/// The names of everything in a folder and below that is a file in the making.
fn unfinished(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(unfinished(&entry.path()));
        } else if name.starts_with('.') {
            found.push(name);
        }
    }
    found
}

const LAMP: [&str; 11] = [
    "item",
    "create",
    "--title",
    "Lamp",
    "--price",
    "7",
    "--category",
    "other",
    "--condition",
    "good",
    "--idempotency-key",
];

#[test]
fn a_listing_is_made_whole_or_not_at_all() {
    let scene = Scene::set();
    let mut ben = scene.campus.sign_up("dan@uni.example", "Dan");
    image::RgbImage::from_pixel(640, 480, image::Rgb([90; 3])).save(ben.home().join("lamp.png")).expect("written");
    ben.token = Some(ben.device_token());
    let stages = [
        ("POST /api/images", Held::Request, 0),
        ("POST /api/images", Held::Answer, 0),
        ("POST /api/items ", Held::Request, 0),
        ("POST /api/items ", Held::Answer, 1),
    ];
    for (number, (begins, held, made)) in stages.into_iter().enumerate() {
        let key = format!("lamp-{number}");
        let create = [&LAMP[..], &[&key, "--image", "lamp.png", "--wait"]].concat();
        let gate = Gate::to(&scene.campus.url, begins, 1, held);
        ben.server.clone_from(&gate.url);
        ben.interrupted_at(&gate, &create);
        assert_eq!(ben.titles().len(), number + made, "{begins} {held:?}");
        // Run again it is there once, with its picture.
        let again = ben.json(&create);
        assert_eq!(again["images"].as_array().map(Vec::len), Some(1), "{begins} {held:?}: {again}");
        assert_eq!(ben.titles().len(), number + 1, "{begins} {held:?}");
        assert_eq!(unfinished(ben.home()), [""; 0], "{begins} {held:?}");
    }
}

#[test]
fn an_import_goes_on_where_it_was_interrupted() {
    let scene = Scene::set();
    let mut ben = scene.campus.sign_up("dan@uni.example", "Dan");
    ben.token = Some(ben.device_token());
    let mut expected = Vec::new();
    for (run, held) in [Held::Request, Held::Answer].into_iter().enumerate() {
        let titles: Vec<String> = (1..=3).map(|number| format!("Chair {run}.{number}")).collect();
        let rows: String = titles.iter().map(|title| format!("{title},5,furniture,good\n")).collect();
        fs::write(ben.home().join("chairs.csv"), format!("title,price,category,condition\n{rows}")).expect("written");
        let gate = Gate::to(&scene.campus.url, "POST /api/items ", 2, held);
        ben.server.clone_from(&gate.url);
        ben.interrupted_at(&gate, &["item", "import", "chairs.csv"]);
        ben.run(&["item", "import", "chairs.csv"]).expect(0);
        expected.extend(titles);
        let mut found = ben.titles();
        found.sort();
        assert_eq!(found, expected, "{held:?}");
        assert_eq!(unfinished(ben.home()), [""; 0], "{held:?}");
    }
}

#[test]
fn pictures_are_written_whole_or_not_at_all() {
    let ada = Student::without_server();
    let photo = image::RgbImage::from_fn(1600, 1200, |x, y| image::Rgb([(x ^ y) as u8, (x / 7) as u8, (y / 5) as u8]));
    let names: Vec<String> = (1..=4).map(|number| format!("{number}.png")).collect();
    for name in &names {
        photo.save(ada.home().join(name)).expect("written");
    }
    for round in 0..4 {
        let out = format!("ready-{round}");
        let mut args = vec!["image", "prepare", "--out", &out];
        args.extend(names.iter().map(String::as_str));
        let mut running = Running::start(ada.command(&args).stdin(Stdio::null()).stderr(Stdio::null()));
        let folder = ada.home().join(&out);
        until("something is written", || {
            fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_some()).then_some(())
        });
        running.signal(Signal::TERM);
        let status = running.end();
        assert!(status.signal() == Some(Signal::TERM.as_raw()) || status.success(), "{status:?}");
        assert_eq!(unfinished(&folder), [""; 0]);
        for file in fs::read_dir(&folder).expect("a folder") {
            image::open(file.expect("a file").path()).expect("a whole picture");
        }
    }
}

/// As `nohup` asks of it.
#[test]
fn what_is_to_be_ignored_is_ignored() {
    let scene = Scene::set();
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" item watch --fields title", env!("CARGO_BIN_EXE_campuszon")]);
    shell.env("CAMPUSZON_HOME", scene.ben.home()).env("CAMPUSZON_SERVER", &scene.ben.server);
    let mut watch = Running::start(shell.stdin(Stdio::null()).stderr(Stdio::null()));
    scene.ada.sees_online(&scene.ben.id);
    watch.signal(Signal::HUP);
    for title in ["Lamp", "Chair"] {
        scene.ada.offer(title, "5");
        assert_eq!(watch.line().0, format!("{title}\n"));
    }
    watch.signal(Signal::TERM);
    assert_eq!(watch.end().signal(), Some(Signal::TERM.as_raw()));
}
