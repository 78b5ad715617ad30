//! Whether a database is whole, as far as the engine can tell, and how large it is.

use super::{Dialect, StoreError, Tx, migrations};

impl Tx<'_> {
    /// What is damaged, a sentence each. PostgreSQL watches over its files and its foreign keys itself.
    ///
    /// # Errors
    /// The database's.
    pub fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        if self.dialect() == Dialect::Postgres {
            return Ok(Vec::new());
        }
        // Opening a cursor makes the full-text index look whether it was changed by another connection since this one
        // used it last; the check alone would compare what it remembers with what is there now.
        let _: Option<i64> = self.first("SELECT rowid FROM item_index LIMIT 1", &[], |row| row.get(0))?;
        let mut found: Vec<String> = self.query("PRAGMA integrity_check", &[], |row| row.get(0))?;
        found.retain(|verdict| verdict != "ok");
        let orphans = self.query("PRAGMA foreign_key_check", &[], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!("a row of {table} points at none of {parent}"))
        })?;
        found.extend(orphans);
        found.extend(self.missing_parts()?);
        Ok(found)
    }

    /// What the schema has and this database has not: that an index was dropped shows in nothing else.
    fn missing_parts(&mut self) -> Result<Vec<String>, StoreError> {
        let there: Vec<String> = self.query("SELECT type || ' ' || name FROM sqlite_schema", &[], |row| row.get(0))?;
        let parts = migrations::parts().map_err(|error| StoreError::Unexpected(error.to_string()))?;
        let missing = parts.into_iter().filter(|part| !there.contains(part));
        Ok(missing.map(|part| format!("the {part} is missing")).collect())
    }

    /// How many bytes the database has.
    ///
    /// # Errors
    /// The database's.
    pub fn size(&mut self) -> Result<i64, StoreError> {
        let sql = match self.dialect() {
            Dialect::Sqlite => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            Dialect::Postgres => "SELECT pg_database_size(current_database())",
        };
        self.one(sql, &[], |row| row.get(0))
    }
}
