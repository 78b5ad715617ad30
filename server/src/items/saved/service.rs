//! Saved searches: keeping them, and holding each item that is offered against those of its campus.

use std::{collections::BTreeMap, sync::Arc};

use campuszon_core::{
    CampusId, Fault, Id, ItemId, SearchId, Timestamp, UserId,
    form::Form,
    item::{Candidate, ItemFilter},
    query::{self, Query},
    text,
    wire::notification::NotificationKind,
};

pub use super::store::StoredSearch;

use super::store;
use crate::{
    Error, Principal,
    event::Event,
    items::{
        listing::{self, ListedItem},
        store::StoredItem,
    },
    notifications::service::{News, tell},
    platform::database::{Announcement, Tx},
    users,
};

/// How many searches a user may save.
pub const MAX_SEARCHES: i64 = 50;

const MAX_NAME: usize = 80;

/// A checked search that is to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSearch {
    name: String,
    query: String,
    digest: bool,
}

impl NewSearch {
    /// Reads the fields of a search; the faults stay with the form.
    pub fn read(form: &mut Form) -> Option<Self> {
        let name = form.required_text("name").and_then(|raw| form.check(name(&raw)));
        let query = form.required_text("query").and_then(|raw| form.check(query_text(&raw)));
        let digest = form.boolean("digest").unwrap_or(false);
        name.zip(query).map(|(name, query)| Self { name, query, digest })
    }
}

fn name(raw: &str) -> Result<String, Fault> {
    text::line("name", raw, 1..=MAX_NAME)
}

/// A query is kept as it was typed. It always reads; but it has to ask for something.
fn query_text(raw: &str) -> Result<String, Fault> {
    let text = text::line("query", raw, 1..=query::MAX_CHARS)?;
    if query::parse(&text) == Query::default() {
        return Err(Fault::new("query", "empty", "asks for nothing: give words or filters, such as lamp price:<20"));
    }
    Ok(text)
}

/// A change of a search; what is `None` stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPatch {
    name: Option<String>,
    query: Option<String>,
    digest: Option<bool>,
}

impl SearchPatch {
    /// Reads a patch; the faults stay with the form. A name and a query cannot be cleared.
    pub fn read(form: &mut Form) -> Option<Self> {
        for field in ["name", "query"] {
            if form.is_null(field) {
                form.fault(Fault::new(field, "required", "cannot be cleared"));
            }
        }
        let no_digest = form.is_null("digest");
        let name = form.text("name").and_then(|raw| form.check(name(&raw)));
        let query = form.text("query").and_then(|raw| form.check(query_text(&raw)));
        let digest = form.boolean("digest").or(no_digest.then_some(false));
        Some(Self { name, query, digest })
    }
}

/// Saves a search.
///
/// # Errors
/// The caller has another one of this name, or as many as one may.
pub fn create(tx: &mut Tx<'_>, who: &Principal, new: &NewSearch) -> Result<StoredSearch, Error> {
    if store::total(tx, who.campus, who.user)? >= MAX_SEARCHES {
        let message = format!("you have {MAX_SEARCHES} saved searches, which is the most: delete one first");
        return Err(Error::Conflict(message));
    }
    let search = StoredSearch {
        id: tx.new_id(),
        user: who.user,
        name: new.name.clone(),
        query: new.query.clone(),
        digest: new.digest,
        matches: 0,
        created_at: tx.now(),
    };
    require_free(tx, who, &search)?;
    store::insert(tx, who.campus, &search)?;
    Ok(search)
}

fn require_free(tx: &mut Tx<'_>, who: &Principal, search: &StoredSearch) -> Result<(), Error> {
    match store::called(tx, who.campus, who.user, &search.name)? {
        Some(other) if other != search.id => {
            Err(Error::Conflict(format!("you have a saved search called “{}” already", search.name)))
        }
        _ => Ok(()),
    }
}

/// A search of the caller.
///
/// # Errors
/// There is none.
pub fn find(tx: &mut Tx<'_>, who: &Principal, id: SearchId) -> Result<StoredSearch, Error> {
    store::search(tx, who.campus, who.user, id)?.ok_or(Error::NotFound("saved search"))
}

/// The caller's searches before `before`, newest first.
///
/// # Errors
/// The database's.
pub fn list(
    tx: &mut Tx<'_>,
    who: &Principal,
    before: Option<SearchId>,
    limit: usize,
) -> Result<Vec<StoredSearch>, Error> {
    let before = before.unwrap_or(SearchId::from_bits(u128::MAX));
    Ok(store::page(tx, who.campus, who.user, before, limit)?)
}

/// Changes a search of the caller. Another query has found nothing yet.
///
/// # Errors
/// There is none, or the caller has another one of this name.
pub fn edit(tx: &mut Tx<'_>, who: &Principal, id: SearchId, patch: &SearchPatch) -> Result<StoredSearch, Error> {
    let before = find(tx, who, id)?;
    let after = StoredSearch {
        name: patch.name.clone().unwrap_or_else(|| before.name.clone()),
        query: patch.query.clone().unwrap_or_else(|| before.query.clone()),
        digest: patch.digest.unwrap_or(before.digest),
        ..before
    };
    require_free(tx, who, &after)?;
    store::update(tx, who.campus, &after)?;
    if after.query != before.query {
        store::delete_matches(tx, who.campus, id)?;
    }
    find(tx, who, id)
}

/// Deletes a search of the caller, with what it found.
///
/// # Errors
/// There is none.
pub fn delete(tx: &mut Tx<'_>, who: &Principal, id: SearchId) -> Result<(), Error> {
    if store::delete(tx, who.campus, who.user, id)? { Ok(()) } else { Err(Error::NotFound("saved search")) }
}

/// Where a page of matches ended.
pub type MatchPosition = (Timestamp, ItemId);

/// What a search of the caller has found and is still listed, the newest match first, each with when it was found.
///
/// # Errors
/// There is no such search.
pub fn matches(
    tx: &mut Tx<'_>,
    who: &Principal,
    id: SearchId,
    position: Option<MatchPosition>,
    limit: usize,
) -> Result<Vec<(ListedItem, Timestamp)>, Error> {
    find(tx, who, id)?;
    Ok(listing::found_by(tx, who.campus, who.user, id, position, limit)?)
}

/// An item is offered: tells the owners of the searches that it matches, and the live connections that watch. Each
/// search finds an item once, however often it is offered; each owner is told once, whatever their searches.
///
/// # Errors
/// The database's.
pub fn offer(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<(), Error> {
    let candidate = candidate(item);
    let (currency, now) = (tx.settings().currency, tx.now());
    let mut found: BTreeMap<UserId, Vec<String>> = BTreeMap::new();
    for wish in store::wishes(tx, campus, item.seller)? {
        let filter = ItemFilter::of_query(query::parse(&wish.query), currency, wish.user, now);
        if filter.lets_through(&candidate)
            && !users::store::is_blocked(tx, campus, wish.user, item.seller)?
            && store::insert_match(tx, campus, wish.search, item.id)?
        {
            found.entry(wish.user).or_default().push(wish.name);
        }
    }
    for (user, searches) in found {
        let title = format!("“{}” matches {}", item.title, names(&searches));
        tell(tx, campus, user, News { item: Some(item.id), ..News::new(NotificationKind::SearchMatch, title) })?;
    }
    tx.announce(Announcement::ItemOffered { campus, item: Arc::new(candidate) });
    Ok(())
}

/// The searches that found something, in words.
fn names(searches: &[String]) -> String {
    match searches {
        [] => "what you look for".to_owned(),
        [one] => format!("your search “{one}”"),
        [first, others @ ..] => format!("your search “{first}” and {} more", others.len()),
    }
}

/// An item as filters look at it.
fn candidate(item: &StoredItem) -> Candidate {
    let candidate = Candidate {
        id: item.id,
        title: Vec::new(),
        description: Vec::new(),
        category: item.category.clone(),
        condition: item.condition,
        terms: item.terms,
        status: item.status,
        seller: item.seller,
        has_image: item.thumbnail.is_some(),
        created_at: item.created_at,
    };
    candidate.with_words(&item.title, &item.description)
}

/// Follows what other services tell of.
///
/// # Errors
/// The cause must be rolled back.
pub fn follow(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    match event {
        Event::AccountDeleted { campus, user } => Ok(store::delete_all(tx, *campus, *user)?),
        _ => Ok(()),
    }
}
