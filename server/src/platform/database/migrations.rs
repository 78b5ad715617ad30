//! The schema, as numbered steps that only go forward. All that are missing run in one transaction.
//!
//! The texts serve both databases; six placeholders stand for what differs: `{bytes}` for the
//! type of byte strings, `{clustered}` for storing a table in the order of its key, `{search}` and `{search_index}`
//! for the full-text table, which both databases insert into and delete from with the same statements,
//! `{position}` for the function that finds a text in another, and `{append_only} table` for refusing to change or delete its rows.

use super::{Dialect, OpenError, Tx};
use crate::params;

/// The steps; the position in this list, from 1, is the schema version.
const STEPS: [&str; 5] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
];

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

fn statements(step: &str, dialect: Dialect) -> Vec<String> {
    let (bytes, clustered, position, search, search_index) = match dialect {
        Dialect::Sqlite => (
            "BLOB",
            "WITHOUT ROWID",
            "INSTR",
            // `contentless` would save space, but titles and bodies are needed to rank the matches.
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
        .flat_map(|statement| match statement.strip_prefix("{append_only} ") {
            Some(table) => append_only(table, dialect),
            None => vec![statement.to_owned()],
        })
        .collect()
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

    /// The fifth step counts, for every campus, the listed items that have a word.
    #[test]
    fn the_vocabulary_is_made_of_what_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("campuszon.db");
        make_earlier(&path, 4).unwrap();
        let database = rusqlite::Connection::open(&path).unwrap();
        // Neither campuses nor sellers are needed.
        database.pragma_update(None, "foreign_keys", false).unwrap();
        let items = [(1, "a", "desk lamp", "a lamp"), (2, "a", "lamp", ""), (3, "b", "chair", "a chair")];
        for (number, campus, title, body) in items {
            let item =
                "INSERT INTO items (campus_id, id, number, seller_id, title, description, listing, price, category,
                            condition, status, listed, deleted, views, favorites, version, created_at, updated_at)
                        VALUES (?2, ?1, ?1, 's', 't', 'd', 'sale', 1, 'books', 'good', 'active', 1, 0, 0, 0, 1, 0, 0)";
            database.execute(item, (number, campus)).unwrap();
            let words = "INSERT INTO item_words (rowid, title, body, scope) VALUES (?1, ?2, ?3, 's')";
            database.execute(words, (number, title, body)).unwrap();
        }
        for statement in statements(STEPS[4], Dialect::Sqlite) {
            database.execute(&statement, []).unwrap();
        }
        let mut select = database.prepare("SELECT campus_id || word || uses FROM vocabulary ORDER BY 1").unwrap();
        let found: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, ["aa1", "adesk1", "alamp2", "ba1", "bchair1"]);
    }
}
