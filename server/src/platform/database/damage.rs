//! What is looked at in a SQLite file before anything is written to it: whose it is, whether its end is there, and the
//! root page of every table and index. The rest is up to the full check.

use std::{fs, path::Path};

use rusqlite::Connection;

/// What is wrong with the file at `path`, which `connection` has open; `None` for a sound one and for an empty one.
///
/// # Errors
/// SQLite cannot read it.
pub(super) fn find(connection: &Connection, path: &Path) -> rusqlite::Result<Option<String>> {
    if is_foreign(connection)? {
        return Ok(Some("it holds the tables of another program".to_owned()));
    }
    if is_cut_off(connection, path)? {
        return Ok(Some("its end is missing".to_owned()));
    }
    Ok(broken_root(connection)?.map(|name| format!("the first page of {name} is none")))
}

fn is_foreign(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT COUNT(*) > 0 AND SUM(name = 'schema_version') = 0 FROM sqlite_schema";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Whether the file is shorter than it says. While there is a log, pages may be there alone.
fn is_cut_off(connection: &Connection, path: &Path) -> rusqlite::Result<bool> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Ok(false);
    }
    let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    let bytes: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(fs::metadata(path).is_ok_and(|file| file.len() < bytes.unsigned_abs()))
}

/// The first table or index whose root page is of no kind that roots have.
fn broken_root(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT name, (SELECT pagetype FROM dbstat WHERE name = roots.name LIMIT 1)
               FROM sqlite_schema AS roots WHERE rootpage > 0";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let kind: Option<String> = row.get(1)?;
        if !kind.is_some_and(|kind| ["internal", "leaf"].contains(&kind.as_str())) {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}
