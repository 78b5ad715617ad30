//! What a connection watches: the new items that a query of `GET /api/items` would list.

use axum::{extract::Query, http::Uri};
use campuszon_core::{
    form::Form,
    item::{Candidate, ItemFilter},
    wire::item::ItemSummary,
};

use crate::{App, Error, Principal, items::listing, views};

/// Reads the query string of `GET /api/items`; an empty one asks for nothing at all.
///
/// # Errors
/// It cannot be read, or with every fault of its parameters.
pub(super) fn read(app: &App, who: &Principal, query: &str) -> Result<Option<ItemFilter>, Error> {
    if query.is_empty() {
        return Ok(None);
    }
    let unreadable = || Error::Malformed("query is not a query string, such as q=lamp&max_price=20".to_owned());
    let uri: Uri = format!("/?{query}").parse().map_err(|_| unreadable())?;
    let pairs: Vec<(String, String)> = Query::try_from_uri(&uri).map_err(|_| unreadable())?.0;
    let mut form = Form::query(pairs);
    // How a list is cut into pages means nothing here.
    form.integer("limit", 1..=100);
    form.text("cursor");
    form.boolean("count");
    let filter = ItemFilter::read(&mut form, &app.item_rules(), who.user, app.clock.now());
    Ok(Some(form.finish(Some(filter))?))
}

/// The item as lists show it to the watcher, when `filter` lets it through and it is still listed. Where the database
/// cannot tell, nothing is told: the next list shows it.
pub(super) async fn found(app: &App, who: &Principal, filter: &ItemFilter, item: &Candidate) -> Option<ItemSummary> {
    if !filter.lets_through(item) {
        return None;
    }
    let (campus, user, id) = (who.campus, who.user, item.id);
    let read = app.read(move |tx| Ok(listing::listed(tx, campus, user, id)?)).await;
    let listed = read.inspect_err(|error| tracing::warn!(%user, %error, "cannot read an item that is watched for"));
    let listed = listed.ok().flatten()?;
    let is_wanted = filter.favorite.is_none_or(|wanted| listed.favorite == wanted);
    is_wanted.then(|| views::item::summary(app, listed))
}
