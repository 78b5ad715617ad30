//! Archives of a data directory: what comes back, what is refused, and what a cut-off restore leads to.

use std::os::unix::fs::PermissionsExt;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// A data directory with a database of one table, a picture and a key.
fn data(root: &Path) -> DataDirectory {
    let directory = DataDirectory::open(root).unwrap();
    let database = Connection::open(directory.database()).unwrap();
    database.pragma_update(None, "journal_mode", "wal").unwrap();
    database
        .execute_batch("CREATE TABLE facts (name TEXT, value TEXT); INSERT INTO facts VALUES ('epoch', 'x')")
        .unwrap();
    fs::create_dir_all(directory.blobs().join("ab")).unwrap();
    fs::write(directory.blobs().join("ab/cdef"), "picture").unwrap();
    fs::write(directory.blobs().join("ab/.half.1.0.tmp"), "not whole").unwrap();
    fs::write(directory.keys().join("server.key"), "secret").unwrap();
    directory
}

fn backed_up(directory: &DataDirectory) -> (PathBuf, Summary) {
    let file = usual_file(directory, NOW);
    let summary = make(directory, &directory.database(), Some(&directory.blobs()), &file, NOW).unwrap();
    (file, summary)
}

fn facts(database: &Path) -> i64 {
    let database = Connection::open(database).unwrap();
    database.query_row("SELECT COUNT(*) FROM facts", [], |row| row.get(0)).unwrap()
}

fn reason(result: Result<Summary, BackupError>) -> String {
    result.map(|_| String::new()).unwrap_or_else(|error| error.to_string())
}

/// Who makes room by removing older archives must not be left with that one.
#[test]
fn a_damaged_database_is_not_backed_up() {
    let temp = tempfile::tempdir().unwrap();
    let directory = data(temp.path());
    let (file, _) = backed_up(&directory);
    let earlier = fs::read(&file).unwrap();
    let mut bytes = fs::read(directory.database()).unwrap();
    // The second page is the root of the table.
    bytes[4096..4196].fill(0xff);
    fs::write(directory.database(), bytes).unwrap();
    let refused = make(&directory, &directory.database(), Some(&directory.blobs()), &file, NOW);
    let told = reason(refused);
    assert!(told.contains("the database is damaged") && told.contains("restore an earlier backup"), "{told}");
    assert_eq!(fs::read(&file).unwrap(), earlier);
    assert_eq!(fs::read_dir(directory.backups()).unwrap().count(), 1);
}

#[test]
fn what_is_backed_up_comes_back() {
    let (temp, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let directory = data(temp.path());
    let (file, summary) = backed_up(&directory);
    assert_eq!(file, temp.path().join("backups/campuszon-20260921T141320Z.tar"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(directory.backups()).unwrap().count(), 1);
    assert_eq!(summary.files, 3);

    let target = data(other.path());
    Connection::open(target.database()).unwrap().execute("INSERT INTO facts VALUES ('newer', 'x')", []).unwrap();
    fs::write(target.blobs().join("ab/newer"), "newer").unwrap();
    let folder = staging(target.path());
    assert_eq!(stage(&file, &folder).unwrap(), summary);
    assert!(!is_unfinished(target.path()));
    let aside = place(&target, NOW).unwrap().expect("what was there");
    assert_eq!(fs::read_to_string(target.blobs().join("ab/cdef")).unwrap(), "picture");
    assert!(!target.blobs().join("ab/newer").exists() && !folder.exists());
    assert_eq!(fs::read_to_string(aside.join("blobs/ab/newer")).unwrap(), "newer");
    assert_eq!((facts(&target.database()), facts(&aside.join("campuszon.db"))), (1, 2));
}

#[test]
fn what_was_set_aside_in_the_same_second_stays() {
    let temp = tempfile::tempdir().unwrap();
    let directory = data(temp.path());
    let (file, _) = backed_up(&directory);
    let mut kept = Vec::new();
    for round in 0..3 {
        fs::write(directory.blobs().join("round"), round.to_string()).unwrap();
        stage(&file, &staging(directory.path())).unwrap();
        kept.push(place(&directory, NOW).unwrap().expect("what was there"));
    }
    let rounds = kept.iter().map(|aside| fs::read_to_string(aside.join("blobs/round")).unwrap());
    assert_eq!(rounds.collect::<Vec<_>>(), ["0", "1", "2"]);
}

#[test]
fn nothing_but_a_backup_is_written_over() {
    let temp = tempfile::tempdir().unwrap();
    let directory = data(temp.path());
    let to = |file: &Path| reason(make(&directory, &directory.database(), Some(&directory.blobs()), file, NOW));
    let (archive, empty) = (temp.path().join("archive.tar"), temp.path().join("empty"));
    fs::write(&empty, "").unwrap();
    for file in [&archive, &archive, &empty, &empty] {
        assert_eq!(to(file), "");
    }
    for occupied in [directory.database(), directory.keys().join("server.key"), directory.keys(), "/dev/null".into()] {
        let refused = to(&occupied);
        assert!(refused.contains("is no backup: it is not written over"), "{refused}");
    }
    assert_eq!(facts(&directory.database()), 1);
}

#[test]
fn where_nothing_was_nothing_is_kept() {
    let (temp, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (file, _) = backed_up(&data(temp.path()));
    let target = DataDirectory::open(other.path()).unwrap();
    stage(&file, &staging(target.path())).unwrap();
    assert_eq!(place(&target, NOW).unwrap(), None);
    assert_eq!(facts(&target.database()), 1);
    assert_eq!(fs::read_dir(target.backups()).unwrap().count(), 0);
}

/// However far the last step came before the power went, it is completed.
#[test]
fn a_restore_that_was_cut_off_goes_on() {
    let names = ["campuszon.db-wal", "campuszon.db", "blobs", "keys"];
    for done in 0..=names.len() {
        let temp = tempfile::tempdir().unwrap();
        let directory = data(temp.path());
        let (file, _) = backed_up(&directory);
        let folder = staging(temp.path());
        stage(&file, &folder).unwrap();
        fs::write(temp.path().join("campuszon.db-wal"), "old").unwrap();
        fs::write(folder.join("READY"), "backups/aside").unwrap();
        let aside = directory.backups().join("aside");
        fs::create_dir(&aside).unwrap();
        for name in &names[..done] {
            fs::rename(temp.path().join(name), aside.join(name)).unwrap();
            // Half of the times the new one is in place already.
            if done % 2 == 0 && folder.join(name).exists() {
                fs::rename(folder.join(name), temp.path().join(name)).unwrap();
            }
        }
        assert!(is_unfinished(temp.path()));
        finish(temp.path()).unwrap();
        assert!(!is_unfinished(temp.path()) && !folder.exists());
        assert_eq!(facts(&directory.database()), 1, "{done}");
        assert!(!temp.path().join("campuszon.db-wal").exists());
        assert_eq!(fs::read_to_string(aside.join("campuszon.db-wal")).unwrap(), "old");
        assert_eq!(fs::read_to_string(directory.keys().join("server.key")).unwrap(), "secret");
        finish(temp.path()).unwrap();
    }
}

#[test]
fn damaged_archives_are_refused_and_leave_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let directory = data(temp.path());
    let (file, _) = backed_up(&directory);
    let (whole, folder) = (fs::read(&file).unwrap(), staging(temp.path()));
    let refused = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let reason = reason(stage(&file, &folder));
        assert!(reason.contains("is damaged or no backup") && !folder.exists(), "{reason:?}");
        reason
    };
    // The picture's content, somewhere behind its header.
    let at = whole.windows(7).position(|window| window == b"picture").unwrap();
    let mut changed = whole.clone();
    changed[at] ^= 1;
    assert!(refused(&changed).contains("blobs/ab/cdef is not what was backed up"));
    for end in [0, 100, 512, at, at + 600, whole.len() / 2] {
        refused(&whole[..end]);
    }
    refused(b"not an archive at all");
}

#[test]
fn archives_of_somebody_else_lead_nowhere() {
    let temp = tempfile::tempdir().unwrap();
    let (file, folder) = (temp.path().join("evil.tar"), temp.path().join("data/.restoring"));
    let made = |name: &str, kind: tar::EntryType| {
        let mut archive = tar::Builder::new(fs::File::create(&file).unwrap());
        let mut header = tar::Header::new_old();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(4);
        header.set_cksum();
        archive.append(&header, &b"evil"[..]).unwrap();
        archive.finish().unwrap();
    };
    for name in ["../evil", "/tmp/evil", "keys/../../evil", "LOCK", "server.toml", "blobs/../keys/x/../../../evil"] {
        made(name, tar::EntryType::Regular);
        assert!(reason(stage(&file, &folder)).contains("no part of a backup"), "{name}");
    }
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Directory, tar::EntryType::Fifo] {
        made("keys/server.key", kind);
        assert!(reason(stage(&file, &folder)).contains("no part of a backup"), "{kind:?}");
    }
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 2);
}
