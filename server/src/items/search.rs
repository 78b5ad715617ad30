//! Full-text search: which words of listed items are kept, how a query asks for them, and how matches are ranked.
//!
//! Both databases hold the same tokens, made by `core`. Ranking takes the newest matches and scores those here: asking
//! the database to rank all matches of a common word costs a hundred times as much.

use std::collections::BTreeSet;

use campuszon_core::{
    CampusId, ItemId, UserId,
    item::ItemFilter,
    query::{self, Pattern, Query, Term},
    text,
};

use super::{
    listing::{self, Conditions, Position},
    store::StoredItem,
};
use crate::{
    params,
    platform::database::{Dialect, StoreError, Tx},
};

/// How many of the newest matches are ranked; the list by relevance ends with them. Reading them is most of what a search
/// costs: 5 µs each.
const RANKED: usize = 200;

/// Beginnings up to this length, in characters, have an index of their own in SQLite.
const INDEXED_PREFIX: usize = 3;

/// How many words a longer beginning may stand for, to be searched for one by one.
const COMPLETIONS: usize = 64;

/// How many words a campus's vocabulary gives to correct a typing error from.
const VOCABULARY: i64 = 50_000;

/// The age in milliseconds at which a listing counts half as recent: two weeks.
const HALF_RECENT: f64 = 14.0 * 24.0 * 3_600_000.0;

/// Makes a listed item findable.
pub(super) fn index(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<(), StoreError> {
    let (title, body) = (text::tokens(&item.title), text::tokens(&item.description));
    tx.execute(
        "INSERT INTO item_words (rowid, title, body, scope) VALUES (?1, ?2, ?3, ?4)",
        params![item.number, title.join(" "), body.join(" "), scope(campus)],
    )?;
    for word in title.iter().chain(&body).collect::<BTreeSet<_>>() {
        tx.execute(
            "INSERT INTO vocabulary (campus_id, word, uses) VALUES (?1, ?2, 1)
             ON CONFLICT (campus_id, word) DO UPDATE SET uses = vocabulary.uses + 1",
            params![campus, word],
        )?;
    }
    Ok(())
}

/// Takes an item that is no longer listed out again; `item` is as it was when it went in.
pub(super) fn unindex(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<(), StoreError> {
    tx.execute("DELETE FROM item_words WHERE rowid = ?1", params![item.number])?;
    let (title, body) = (text::tokens(&item.title), text::tokens(&item.description));
    for word in title.iter().chain(&body).collect::<BTreeSet<_>>() {
        tx.execute("UPDATE vocabulary SET uses = uses - 1 WHERE campus_id = ?1 AND word = ?2", params![campus, word])?;
        tx.execute("DELETE FROM vocabulary WHERE campus_id = ?1 AND word = ?2 AND uses <= 0", params![campus, word])?;
    }
    Ok(())
}

/// What stands for a campus in the index, so that the index itself finds nothing of another.
fn scope(campus: CampusId) -> String {
    campus.to_string().replace('_', "")
}

/// The join and condition that let only matches of the query's words through; empty without words.
pub(super) fn join(
    tx: &mut Tx<'_>,
    query: &Query,
    campus: CampusId,
    conditions: &mut Conditions,
) -> Result<String, StoreError> {
    if query.words.is_empty() {
        return Ok(String::new());
    }
    Ok(format!("JOIN {} AS found ON found.rowid = i.number", matching(tx, query, campus, conditions)?))
}

/// The table whose rows, called `found`, are the matches of the query's words; adds the condition that says so.
fn matching(
    tx: &mut Tx<'_>,
    query: &Query,
    campus: CampusId,
    conditions: &mut Conditions,
) -> Result<&'static str, StoreError> {
    // The databases' full-text searches have nothing in common but the idea; this is the one place that knows.
    let (table, condition, words) = match tx.dialect() {
        Dialect::Sqlite => {
            let patterns = query.words.iter().map(|term| Ok((term.negated, pattern(tx, campus, term)?)));
            let patterns = patterns.collect::<Result<Vec<_>, StoreError>>()?;
            ("item_index", "found.item_index MATCH ?", fts5(&patterns, campus))
        }
        Dialect::Postgres => ("item_words", "found.words @@ to_tsquery('simple', ?)", tsquery(&query.words, campus)),
    };
    conditions.and(condition, words);
    Ok(table)
}

/// A term in the language of SQLite's FTS5, each word within the campus. Tokens are letters and digits only, so quoting
/// them is safe.
///
/// For a longer beginning FTS5 merges all matches of all words that begin so before it gives the first: 47 ms for a third
/// of a million items. The matches of whole words come one after the other, so the words are named where they are few.
fn pattern(tx: &mut Tx<'_>, campus: CampusId, term: &Term) -> Result<String, StoreError> {
    let scope = scope(campus);
    let scoped = |words: &[String], between: &str| {
        words.iter().map(|word| format!("{scope}{word}")).collect::<Vec<_>>().join(between)
    };
    let word = match &term.pattern {
        Pattern::Phrase(words) => return Ok(format!("\"{}\"", scoped(words, " "))),
        Pattern::Word(word) => word,
    };
    if word.chars().count() > INDEXED_PREFIX {
        let words = completions(tx, campus, word)?;
        if (1..=COMPLETIONS).contains(&words.len()) {
            return Ok(format!("(\"{}\")", scoped(&words, "\" OR \"")));
        }
    }
    Ok(format!("\"{scope}{word}\" *"))
}

/// The words of listed items that begin so; one more than [`COMPLETIONS`] where there are more.
fn completions(tx: &mut Tx<'_>, campus: CampusId, start: &str) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT word FROM vocabulary WHERE campus_id = ?1 AND word >= ?2 AND word < ?3 ORDER BY word LIMIT ?4",
        params![campus, start, format!("{start}{}", char::MAX), COMPLETIONS as i64 + 1],
        |row| row.get(0),
    )
}

/// The query in the language of SQLite's FTS5: whether each pattern is negated, and the pattern.
fn fts5(patterns: &[(bool, String)], campus: CampusId) -> String {
    let (unwanted, wanted): (Vec<_>, Vec<_>) = patterns.iter().partition(|(negated, _)| *negated);
    let wanted: Vec<&str> = wanted.iter().map(|(_, pattern)| pattern.as_str()).collect();
    let all = if wanted.is_empty() { format!("\"{}\"", scope(campus)) } else { wanted.join(" AND ") };
    unwanted.iter().fold(all, |text, (_, pattern)| format!("({text}) NOT {pattern}"))
}

/// The query in the language of PostgreSQL's `to_tsquery`.
fn tsquery(terms: &[Term], campus: CampusId) -> String {
    let pattern = |term: &Term| {
        let not = if term.negated { "!" } else { "" };
        match &term.pattern {
            Pattern::Word(word) => format!("{not}{word}:*"),
            Pattern::Phrase(words) => format!("{not}({})", words.join(" <-> ")),
        }
    };
    let terms = terms.iter().map(pattern);
    std::iter::once(scope(campus)).chain(terms).collect::<Vec<_>>().join(" & ")
}

/// A page of the ranking: numbers and scores after `position`, best first, and the newest number it began with.
pub(super) struct Ranked {
    /// Numbers and scores.
    pub(super) page: Vec<(i64, f64)>,
    /// The newest number when the list began: later listings do not shift its pages.
    pub(super) newest: i64,
}

/// Ranks the newest matches and takes the page after `position`.
pub(super) fn ranked(
    tx: &mut Tx<'_>,
    campus: CampusId,
    reader: UserId,
    filter: &ItemFilter,
    position: Option<Position>,
    limit: usize,
) -> Result<Ranked, StoreError> {
    // The index has listed items and no others: where only words decide, the items themselves need not be read.
    let (mut conditions, items) = if filter.only_words() {
        (Conditions::of_found(campus, reader), "")
    } else {
        let mut conditions = Conditions::new(campus, reader);
        conditions.filter(filter);
        (conditions, "JOIN items i ON i.number = found.rowid")
    };
    let table = matching(tx, &filter.query, campus, &mut conditions)?;
    let mut newest = None;
    if let Some(Position::Relevance(first, ..)) = position {
        conditions.and("found.rowid <= ?", first);
        newest = Some(first);
    }
    let mut scored: Vec<(i64, f64)> = conditions.select(
        tx,
        "found.rowid, words.title, words.body",
        &format!("FROM {table} AS found JOIN item_words AS words ON words.rowid = found.rowid {items}"),
        &format!("ORDER BY found.rowid DESC LIMIT {RANKED}"),
        |row| {
            let number = row.get(0)?;
            let newest = *newest.get_or_insert(number);
            Ok((number, score(&filter.query.words, row.text(1)?, row.text(2)?, newest, number)))
        },
    )?;
    let newest = newest.unwrap_or_default();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    let is_after = |(number, score): &(i64, f64)| match position {
        Some(Position::Relevance(_, last_score, last_number)) => {
            score.total_cmp(&f64::from_bits(last_score)).then(number.cmp(&last_number)).is_lt()
        }
        _ => true,
    };
    Ok(Ranked { page: scored.into_iter().filter(is_after).take(limit).collect(), newest })
}

fn score(terms: &[Term], title: &str, body: &str, newest: i64, number: i64) -> f64 {
    let (title, body) = (words(title), words(body));
    #[expect(clippy::cast_precision_loss, reason = "an age in milliseconds needs no 53 bits")]
    let age = (super::service::number_millis(newest) - super::service::number_millis(number)).max(0) as f64;
    query::score(terms, &title, &body, HALF_RECENT / (HALF_RECENT + age))
}

/// The words of tokens as they are kept. Done for every candidate: growing as words come would be most of the work.
fn words(tokens: &str) -> Vec<&str> {
    let mut words = Vec::with_capacity(tokens.len() / 4);
    words.extend(tokens.split_ascii_whitespace());
    words
}

/// The query with each word that matches nothing replaced by the word it was probably meant to be; `None` when there
/// is none to replace.
pub(super) fn corrected(
    tx: &mut Tx<'_>,
    campus: CampusId,
    reader: UserId,
    query: &Query,
) -> Result<Option<Query>, StoreError> {
    let mut corrected = query.clone();
    let mut vocabulary: Option<Vec<(String, u64)>> = None;
    for term in corrected.words.iter_mut().filter(|term| !term.negated) {
        let Pattern::Word(word) = &mut term.pattern else { continue };
        if matches_any(tx, campus, reader, word)? {
            continue;
        }
        let known = match &mut vocabulary {
            Some(known) => known,
            empty => empty.insert(self::vocabulary(tx, campus)?),
        };
        let known = known.iter().map(|(word, uses)| (word.as_str(), *uses));
        match query::correct(word, known) {
            Some(meant) => *word = meant.to_owned(),
            None => return Ok(None),
        }
    }
    Ok((corrected != *query).then_some(corrected))
}

fn matches_any(tx: &mut Tx<'_>, campus: CampusId, reader: UserId, word: &str) -> Result<bool, StoreError> {
    let mut conditions = Conditions::new(campus, reader);
    let query = Query { words: vec![Term::word(word)], ..Query::default() };
    let join = join(tx, &query, campus, &mut conditions)?;
    let found: Vec<ItemId> =
        conditions.select(tx, "i.id", &format!("FROM items i {join}"), "LIMIT 1", |row| row.get(0))?;
    Ok(!found.is_empty())
}

fn vocabulary(tx: &mut Tx<'_>, campus: CampusId) -> Result<Vec<(String, u64)>, StoreError> {
    tx.query(
        "SELECT word, uses FROM vocabulary WHERE campus_id = ?1 ORDER BY uses DESC, word LIMIT ?2",
        params![campus, VOCABULARY],
        listing::pair,
    )
}

#[cfg(test)]
mod tests {
    use campuszon_core::Id;

    use super::*;

    #[test]
    fn queries_in_both_languages() {
        let campus = CampusId::from_bits(0);
        let terms = query::parse("calc \"linear algebra\" -used").words;
        let scope = scope(campus);
        let fts5 = |patterns: &[(bool, &str)]| {
            fts5(
                &patterns.iter().map(|(negated, pattern)| (*negated, (*pattern).to_owned())).collect::<Vec<_>>(),
                campus,
            )
        };
        let unwanted = (true, "(\"used\" OR \"useful\")");
        assert_eq!(
            fts5(&[(false, "\"cal\" *"), unwanted, (false, "\"linear algebra\"")]),
            "(\"cal\" * AND \"linear algebra\") NOT (\"used\" OR \"useful\")"
        );
        assert_eq!(fts5(&[unwanted]), format!("(\"{scope}\") NOT (\"used\" OR \"useful\")"));
        assert_eq!(tsquery(&terms, campus), format!("{scope} & calc:* & (linear <-> algebra) & !used:*"));
    }
}
