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
        condition: query.filters.conditions(),
        category: query.filters.category.into_iter().collect(),
        listing: query.filters.listing.into_iter().collect(),
        min_price: query.filters.from,
        max_price: query.filters.to,
        seller: query.filters.seller.map(|(seller, _)| seller.to_string()),
        has_image: query.filters.has_image.then_some(true),
        favorite: query.filters.favorite.then_some(true),
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
