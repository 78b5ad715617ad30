//! What the lists of the tabs ask the server for.

use campuszon_core::item::ItemStatus;

use crate::{
    client::{ItemQuery, PageRequest},
    tui::model::{Order, Query},
};

/// What Browse asks for. How many there are is said with the first page.
pub(super) fn wanted(query: Query, page: &PageRequest) -> ItemQuery {
    ItemQuery {
        q: Some(query.words).filter(|words| !words.is_empty()),
        category: query.category.into_iter().collect(),
        sort: sort(query.order).map(str::to_owned),
        count: page.cursor.is_none(),
        ..ItemQuery::default()
    }
}

/// One's own items in every state.
pub(super) fn own() -> ItemQuery {
    ItemQuery { seller: Some("me".to_owned()), status: ItemStatus::ALL.to_vec(), ..ItemQuery::default() }
}

fn sort(order: Order) -> Option<&'static str> {
    match order {
        Order::Natural => None,
        Order::Newest => Some("newest"),
        Order::Cheapest => Some("price"),
        Order::Dearest => Some("-price"),
        Order::Oldest => Some("oldest"),
    }
}
