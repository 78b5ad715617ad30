//! How a server is reached: by whom, and who that is.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use super::{
    Campus, PATIENCE, Running, program, run,
    serving::{mode, refused},
};

/// The status of a sign-in that fails, to an account of its own, with these header lines.
fn guess(url: &str, account: usize, headers: &str) -> u16 {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    guess_through(&mut stream, account, headers)
}

/// The same through a connection that stands.
fn guess_through(stream: &mut (impl Read + Write), account: usize, headers: &str) -> u16 {
    let body = format!(r#"{{"email":"nobody{account}@uni.example","password":"a wrong guess"}}"#);
    let length = body.len();
    write!(
        stream,
        "POST /api/auth/login HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer[9..12].parse().expect("a status")
}

/// What four guesses get with these headers, where an address may fail three times.
fn guesses(campus: &Campus, headers: [&str; 4]) -> [u16; 4] {
    let mut account = 0;
    headers.map(|headers| {
        account += 1;
        guess(&campus.url, account, headers)
    })
}

const FROM_SEVEN: &str = "x-forwarded-for: 203.0.113.7\r\n";
const SPENT: [u16; 4] = [401, 401, 401, 429];

#[test]
fn a_trusted_proxy_tells_its_clients_apart() {
    let campus = Campus::with(&[("TRUSTED_PROXIES", "10.0.0.0/8,127.0.0.1"), ("LIMITS__AUTH", "3/15m")]);
    assert_eq!(guesses(&campus, [FROM_SEVEN; 4]), SPENT);
    assert_eq!(guess(&campus.url, 1, "x-forwarded-for: 203.0.113.8\r\n"), 401, "another client is not locked out");
    assert_eq!(guess(&campus.url, 2, "x-forwarded-for: 198.51.100.1, 203.0.113.7, 10.1.1.1\r\n"), 429);
    // Whatever a client claims to be, its proxy adds where it is.
    let claims = ["198.51.100.1", "unknown", "::1", "127.0.0.1"].map(|claim| {
        let header = format!("x-forwarded-for: {claim}\r\nx-forwarded-for: 2001:db8::7\r\n");
        header
    });
    assert_eq!(guesses(&campus, claims.each_ref().map(String::as_str)), SPENT);
}

#[test]
fn nobody_else_is_believed() {
    let campus = Campus::with(&[("TRUSTED_PROXIES", "10.0.0.0/8"), ("LIMITS__AUTH", "3/15m")]);
    let spoofed = ["203.0.113.1", "203.0.113.2", "10.0.0.1", "::ffff:203.0.113.4"];
    let spoofed = spoofed.map(|address| format!("x-forwarded-for: {address}\r\n"));
    assert_eq!(guesses(&campus, spoofed.each_ref().map(String::as_str)), SPENT);
}

#[test]
fn the_log_names_the_client_and_a_network_that_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let serve = |proxy: &str| {
        let mut command = program(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "debug", "--trusted-proxy", proxy]);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let mut server = Running::start(&mut serve("127.0.0.1"));
    let (line, _) = server.line();
    guess(line.trim().trim_start_matches("listening on "), 1, FROM_SEVEN);
    server.signal(Signal::TERM);
    assert!(server.end().success());
    let log = String::from_utf8(server.stderr.recv().expect("a log")).expect("text");
    let request = log.lines().find(|line| line.contains("/api/auth/login")).expect("a line for the request");
    assert!(request.contains("address=203.0.113.7"), "{request}");

    let refused = run(&mut serve("proxy.example"), "");
    assert_eq!(refused.code, Some(13));
    assert!(refused.stderr.contains("proxy.example") && refused.stderr.contains("10.0.0.0/8"), "{refused:?}");
}

/// A server on a Unix socket, on data of its own.
fn on_socket(folder: &Path, data: &str, socket: &Path) -> Command {
    let mut command = program(folder);
    command.args(["serve", "--public-url", "https://market.example", "--data", data]);
    command.arg("--listen").arg(format!("unix:{}", socket.display())).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn what_is_no_address_is_refused_with_one_that_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused_with = |arguments: &[&str]| refused(program(folder.path()).arg("serve").args(arguments));
    for listen in ["foo", "127.0.0.1:99999", ""] {
        let told = refused_with(&["--listen", listen]);
        assert!(told.contains("such as 127.0.0.1:8080"), "{told}");
    }
    let elsewhere = refused_with(&["--listen", "192.0.2.1:0"]);
    assert!(elsewhere.contains("no such address"), "{elsewhere}");
    for url in ["foo", "ftp://market.example", "https://", "https://market.example?a=b", ""] {
        let told = refused_with(&["--listen", "127.0.0.1:0", "--public-url", url]);
        assert!(told.contains("such as https://market.uni.example"), "{told}");
    }
}

#[test]
fn a_unix_socket_is_made_for_owner_and_group_and_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let mut server = Running::start(&mut on_socket(folder.path(), "data", &socket));
    assert_eq!(server.line().0, format!("listening on unix:{}\n", socket.display()));
    assert_eq!(mode(&socket), 0o660);
    let second = refused(on_socket(folder.path(), "other", &socket).stderr(Stdio::piped()));
    assert!(second.contains("another process listens there"), "{second}");

    // A proxy behind a socket is believed, and so its clients are told apart.
    for (account, client) in (0..12).zip(["203.0.113.7", "203.0.113.8"].into_iter().cycle()) {
        let mut stream = UnixStream::connect(&socket).expect("a connection");
        assert_eq!(guess_through(&mut stream, account, &format!("x-forwarded-for: {client}\r\n")), 401);
    }
    server.signal(Signal::TERM);
    assert!(server.end().success());
    assert!(!socket.exists());
}

#[test]
fn a_socket_that_was_left_behind_is_replaced_and_another_file_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let killed = Running::start(&mut on_socket(folder.path(), "data", &socket));
    killed.line();
    drop(killed);
    assert!(socket.exists());
    let server = Running::start(&mut on_socket(folder.path(), "data", &socket));
    server.line();
    UnixStream::connect(&socket).expect("a connection");
    drop(server);

    fs::remove_file(&socket).expect("removed");
    fs::write(&socket, "a letter").expect("written");
    let letter = refused(on_socket(folder.path(), "data", &socket).stderr(Stdio::piped()));
    assert!(letter.contains("is no socket"), "{letter}");
    assert_eq!(fs::read_to_string(&socket).expect("a file"), "a letter");
    let long = refused(on_socket(folder.path(), "data", &folder.path().join("s".repeat(200))).stderr(Stdio::piped()));
    assert!(long.contains("SUN_LEN"), "{long}");

    let mut nameless = program(folder.path());
    nameless.args(["serve", "--listen"]).arg(format!("unix:{}", folder.path().join("new").display()));
    let nameless = refused(nameless.stderr(Stdio::piped()));
    assert!(nameless.contains("--public-url"), "{nameless}");
}

#[test]
fn several_addresses_are_listened_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program(folder.path());
    let listen = format!("127.0.0.1:0,[::1]:0,unix:{}", folder.path().join("socket").display());
    command.env("CAMPUSZON_LISTEN", listen).args(["serve", "--json"]).stderr(Stdio::null());
    let server = Running::start(&mut command);
    let addresses = [(); 3].map(|()| server.line().0);
    assert!(addresses[0].contains("http://127.0.0.1:") && addresses[1].contains("http://[::1]:"), "{addresses:?}");
    assert!(addresses[2].contains("unix:/"), "{addresses:?}");
}
