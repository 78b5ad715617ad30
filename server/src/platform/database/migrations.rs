//! The schema, as numbered steps that only go forward. All that are missing run in one transaction.
//!
//! The texts serve both databases; placeholders stand for what differs: `{bytes}` for the type of byte strings,
//! `{clustered}` for storing a table in the order of its key, `{search}` and `{search_index}` for the full-text table,
//! which both databases insert into and delete from with the same statements, `{search_apart}` for SQLite's index apart
//! from that table, `{position}` for the function that finds a text in another, and `{append_only} table` for refusing to
//! change or delete its rows.

use super::{Dialect, OpenError, Tx};
use crate::params;

/// The steps; the position in this list, from 1, is the schema version.
const STEPS: [&str; 6] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
];

/// How many letters the scope of an item's words has: a campus's id without its underscore.
const SCOPE_LETTERS: usize = 29;

/// The newest schema version.
pub(crate) const NEWEST: i64 = STEPS.len() as i64;

/// Runs the steps that are missing.
pub(super) fn run(tx: &mut Tx<'_>) -> Result<(), OpenError> {
    tx.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)",
        &[],
    )?;
    let found: i64 =
        tx.one("SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM schema_version", &[], |row| row.get(0))?;
    if found > NEWEST {
        return Err(OpenError::Newer { found, known: NEWEST });
    }
    for (version, step) in (1..).zip(STEPS).filter(|(version, _)| *version > found) {
        for statement in statements(step, tx.dialect()) {
            tx.execute(&statement, &[])?;
        }
        tx.execute("INSERT INTO schema_version (version, applied_at) VALUES (?1, ?2)", params![version, tx.now()])?;
    }
    Ok(())
}

/// What the whole schema consists of in SQLite, such as `index images_key`.
pub(super) fn parts() -> rusqlite::Result<Vec<String>> {
    let database = rusqlite::Connection::open_in_memory()?;
    for statement in STEPS.iter().flat_map(|step| statements(step, Dialect::Sqlite)) {
        database.execute(&statement, [])?;
    }
    let mut select = database.prepare("SELECT type || ' ' || name FROM sqlite_schema")?;
    select.query_map([], |row| row.get(0))?.collect()
}

fn statements(step: &str, dialect: Dialect) -> Vec<String> {
    let (bytes, clustered, position, search, search_index) = match dialect {
        Dialect::Sqlite => (
            "BLOB",
            "WITHOUT ROWID",
            "INSTR",
            "CREATE VIRTUAL TABLE item_words USING fts5(title, body, scope, tokenize = 'ascii', prefix = '1 2 3')",
            "",
        ),
        Dialect::Postgres => (
            "BYTEA",
            "",
            "STRPOS",
            "CREATE TABLE item_words (
                 rowid BIGINT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, scope TEXT NOT NULL,
                 words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || body || ' ' || scope)) STORED)",
            "CREATE INDEX item_words_words ON item_words USING gin (words)",
        ),
    };
    let text: String = step.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    text.replace("{bytes}", bytes)
        .replace("{clustered}", clustered)
        .replace("{position}", position)
        .replace("{search}", search)
        .replace("{search_index}", search_index)
        .split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
        .flat_map(|statement| match statement.split_once(' ') {
            Some(("{append_only}", table)) => append_only(table, dialect),
            None if statement == "{search_apart}" => search_apart(dialect),
            _ => vec![statement.to_owned()],
        })
        .collect()
}

/// Makes `item_words` a table like PostgreSQL's and `item_index` its full-text index, which follows it by triggers.
///
/// Each word in the index begins with its row's scope: a query reads no word of another campus, and needs no second term
/// that says so, which all listed items would have. The scope alone is a word too, for queries that only exclude. An index
/// by the first letters counts the scope's with them. The index holds no texts: reading them through it takes three times
/// as long as from a table.
fn search_apart(dialect: Dialect) -> Vec<String> {
    if dialect == Dialect::Postgres {
        return Vec::new();
    }
    let prefixes = [1, 2, 3].map(|letters| (SCOPE_LETTERS + letters).to_string()).join(" ");
    let scoped = |column: &str| format!("new.scope || REPLACE(new.{column}, ' ', ' ' || new.scope)");
    vec![
        "ALTER TABLE item_words RENAME TO item_words_before".to_owned(),
        "CREATE TABLE item_words (
             rowid INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, scope TEXT NOT NULL)"
            .to_owned(),
        format!(
            "CREATE VIRTUAL TABLE item_index USING fts5(
                 title, body, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '{prefixes}')"
        ),
        format!(
            "CREATE TRIGGER item_words_indexed AFTER INSERT ON item_words BEGIN
                 INSERT INTO item_index (rowid, title, body) VALUES (new.rowid, new.scope || ' ' || {}, {}); END",
            scoped("title"),
            scoped("body")
        ),
        "CREATE TRIGGER item_words_unindexed AFTER DELETE ON item_words BEGIN
             DELETE FROM item_index WHERE rowid = old.rowid; END"
            .to_owned(),
        "INSERT INTO item_words (rowid, title, body, scope)
         SELECT rowid, title, body, scope FROM item_words_before ORDER BY rowid"
            .to_owned(),
        "DROP TABLE item_words_before".to_owned(),
    ]
}

/// Triggers that refuse to change or delete what was written.
fn append_only(table: &str, dialect: Dialect) -> Vec<String> {
    let trigger = |verb: &str, action: &str| {
        let name = format!("{table}_no_{}", verb.to_lowercase());
        format!("CREATE TRIGGER {name} BEFORE {verb} ON {table} {action}")
    };
    match dialect {
        Dialect::Sqlite => {
            let action = format!("BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END");
            ["UPDATE", "DELETE"].map(|verb| trigger(verb, &action)).to_vec()
        }
        Dialect::Postgres => {
            let function = format!(
                "CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
            );
            let action = format!("FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()");
            std::iter::once(function).chain(["UPDATE", "DELETE"].map(|verb| trigger(verb, &action))).collect()
        }
    }
}

/// Makes a SQLite database as the version left it whose newest schema was `version`. For tests.
#[cfg(test)]
pub(crate) fn make_earlier(path: &std::path::Path, version: usize) -> rusqlite::Result<()> {
    let mut database = rusqlite::Connection::open(path)?;
    database.pragma_update(None, "journal_mode", "wal")?;
    let transaction = database.transaction()?;
    transaction
        .execute_batch("CREATE TABLE schema_version (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)")?;
    for (number, step) in (1..).zip(STEPS).take(version) {
        for statement in statements(step, Dialect::Sqlite) {
            transaction.execute(&statement, [])?;
        }
        transaction.execute("INSERT INTO schema_version (version, applied_at) VALUES (?1, 0)", [number])?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database of the schema `version` that lists these items: number, campus, words of title and body. Neither campuses
    /// nor sellers are needed.
    fn listing(path: &std::path::Path, version: usize, items: &[(i64, &str, &str, &str)]) -> rusqlite::Connection {
        make_earlier(path, version).unwrap();
        let database = rusqlite::Connection::open(path).unwrap();
        database.pragma_update(None, "foreign_keys", false).unwrap();
        for (number, campus, title, body) in items {
            let item =
                "INSERT INTO items (campus_id, id, number, seller_id, title, description, listing, price, category,
                            condition, status, listed, deleted, views, favorites, version, created_at, updated_at)
                        VALUES (?2, ?1, ?1, 's', 't', 'd', 'sale', 1, 'books', 'good', 'active', 1, 0, 0, 0, 1, 0, 0)";
            database.execute(item, (number, campus)).unwrap();
            let words = "INSERT INTO item_words (rowid, title, body, scope) VALUES (?1, ?2, ?3, ?4)";
            database.execute(words, (number, title, body, campus)).unwrap();
        }
        database
    }

    fn step(database: &rusqlite::Connection, version: usize) {
        for statement in statements(STEPS[version - 1], Dialect::Sqlite) {
            database.execute(&statement, []).unwrap();
        }
    }

    /// The fifth step counts, for every campus, the listed items that have a word.
    #[test]
    fn the_vocabulary_is_made_of_what_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let items = [(1, "a", "desk lamp", "a lamp"), (2, "a", "lamp", ""), (3, "b", "chair", "a chair")];
        let database = listing(&folder.path().join("campuszon.db"), 4, &items);
        step(&database, 5);
        let mut select = database.prepare("SELECT campus_id || word || uses FROM vocabulary ORDER BY 1").unwrap();
        let found: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, ["aa1", "adesk1", "alamp2", "ba1", "bchair1"]);
    }

    /// The sixth step keeps what is found, each campus's apart, and the index follows the table.
    #[test]
    fn the_index_apart_finds_what_it_found() {
        let (one, other) = (format!("cmp{}", "0".repeat(26)), format!("cmp{}", "1".repeat(26)));
        assert_eq!(one.len(), SCOPE_LETTERS);
        let folder = tempfile::tempdir().unwrap();
        let items = [
            (1, one.as_str(), "desk lamp", "a lamp"),
            (2, one.as_str(), "kettle", ""),
            (3, other.as_str(), "lamp", ""),
        ];
        let database = listing(&folder.path().join("campuszon.db"), 5, &items);
        step(&database, 6);
        let find = |query: String| {
            let mut select = database.prepare("SELECT rowid FROM item_index WHERE item_index MATCH ?1").unwrap();
            select.query_map([query], |row| row.get(0)).unwrap().map(Result::unwrap).collect::<Vec<i64>>()
        };
        assert_eq!(find(format!("\"{one}lamp\"")), [1]);
        assert_eq!(find(format!("\"{one}desk {one}lamp\"")), [1]);
        assert_eq!(find(format!("\"{one}ke\" *")), [2]);
        assert_eq!(find(format!("\"{one}\"")), [1, 2]);
        assert_eq!(find(format!("\"{other}lamp\"")), [3]);
        database.execute("DELETE FROM item_words WHERE rowid = 1", []).unwrap();
        assert_eq!(find(format!("\"{one}\"")), [2]);
    }
}
