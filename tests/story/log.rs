//! A write-ahead log that a power cut left short, at any length: what is there is a beginning of what was written, whole.

use std::fs;

use rusqlite::Connection;

use super::Campus;

const MESSAGES: i64 = 12;

#[test]
fn a_log_cut_off_anywhere_replays_to_a_beginning() {
    let mut campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let chat = ben.made(&["chat", "start", &ada.offer("A lamp", "5")]);
    for number in 0..MESSAGES {
        ben.run(&["chat", "send", &chat, &format!("message {number}")]).expect(0);
    }
    campus.kill();
    let database = fs::read(campus.database()).expect("a database");
    let log = fs::read(campus.database().with_extension("db-wal")).expect("a log");
    let page = usize::from(u16::from_be_bytes([database[16], database[17]]));
    // Around the end of every frame, and within it: https://www.sqlite.org/walformat.html
    let ends = (32..=log.len()).step_by(24 + page);
    let mut lengths: Vec<usize> = ends.flat_map(|end| [end, end + 1, end + 24, end + 24 + page / 2]).collect();
    lengths.extend([0, 31, log.len()]);
    lengths.retain(|length| *length <= log.len());
    lengths.sort_unstable();

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campuszon.db");
    let mut before = 0;
    for length in lengths {
        let _ = fs::remove_file(path.with_extension("db-shm"));
        fs::write(&path, &database).expect("written");
        fs::write(path.with_extension("db-wal"), &log[..length]).expect("written");
        let opened = Connection::open(&path).expect("it opens");
        let sound: String = opened.query_row("PRAGMA quick_check", [], |row| row.get(0)).expect("a check");
        assert_eq!(sound, "ok", "{length} bytes of {}", log.len());
        let count = "SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM messages";
        let (count, newest): (i64, i64) =
            opened.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap_or_default();
        assert_eq!(count, newest, "no gaps after {length} bytes");
        assert!(count >= before, "more of the log never shows less");
        before = count;
    }
    assert!(before >= MESSAGES, "{before}");
}
