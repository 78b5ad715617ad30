//! An item as the list shows it, made safe for the screen once, when it arrives.

use campuszon_core::{
    ItemId, Timestamp, UserId,
    item::{Condition, ItemStatus, Listing},
    query::{Pattern, Term},
    safe::SafeText,
    text,
    wire::item::{ItemSummary, Items},
};

use super::{Page, Record};
use crate::tui::format;

/// One item of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: ItemId,
    pub title: SafeText,
    /// As in the list: `12.50`, `free`, `4.00/day`.
    pub price: String,
    /// As in the item: with the currency.
    pub full_price: SafeText,
    pub listing: Listing,
    pub category: SafeText,
    pub condition: Condition,
    pub status: ItemStatus,
    pub favorite: bool,
    pub thumbnail: Option<String>,
    pub seller: SafeText,
    pub seller_id: UserId,
    pub rating: Option<f64>,
    pub online: bool,
    pub created_at: Timestamp,
    /// The words of the title as search sees them.
    tokens: Vec<String>,
}

impl Row {
    /// The row of an item.
    pub fn new(item: &ItemSummary) -> Self {
        let price = format::price(item);
        let full_price = if item.listing == Listing::Free {
            SafeText::line(&price)
        } else {
            SafeText::line(&format!("{price} {}", item.currency))
        };
        Self {
            id: item.id,
            title: SafeText::line(&item.title),
            price,
            full_price,
            listing: item.listing,
            category: SafeText::line(&item.category),
            condition: item.condition,
            status: item.status,
            favorite: item.favorite,
            thumbnail: item.thumbnail.clone(),
            seller: SafeText::line(&item.seller.name),
            seller_id: item.seller.id,
            rating: item.seller.rating,
            online: item.seller.online,
            created_at: item.created_at,
            tokens: text::tokens(&item.title),
        }
    }

    /// Whether the title alone has what the terms look for.
    pub fn matches(&self, terms: &[Term]) -> bool {
        terms.iter().all(|term| self.contains(&term.pattern) != term.negated)
    }

    fn contains(&self, pattern: &Pattern) -> bool {
        match pattern {
            Pattern::Word(start) => self.tokens.iter().any(|token| token.starts_with(start.as_str())),
            Pattern::Phrase(words) => self.tokens.windows(words.len().max(1)).any(|run| run == words.as_slice()),
        }
    }
}

impl Record for Row {
    type Id = ItemId;

    fn id(&self) -> ItemId {
        self.id
    }
}

/// A page of items, made safe.
pub fn item_page(page: &Items) -> Page<Row> {
    Page { rows: page.items.iter().map(Row::new).collect(), next: page.next_cursor.clone(), total: page.total }
}
