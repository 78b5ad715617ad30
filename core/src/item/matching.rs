//! Whether a filter lets an item through, decided in memory as lists decide it in the database.

use super::{Condition, ItemFilter, ItemStatus, Terms};
use crate::{ItemId, Timestamp, UserId, query, text};

/// What filters look at of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The item.
    pub id: ItemId,
    /// The tokens of its title.
    pub title: Vec<String>,
    /// The tokens of its description.
    pub description: Vec<String>,
    /// One of the server's.
    pub category: String,
    /// How worn it is.
    pub condition: Condition,
    /// Offer and price.
    pub terms: Terms,
    /// Where in its life it is.
    pub status: ItemStatus,
    /// Whose it is.
    pub seller: UserId,
    /// Whether it has a picture.
    pub has_image: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Candidate {
    /// The same with the tokens of these texts.
    pub fn with_words(self, title: &str, description: &str) -> Self {
        Self { title: text::tokens(title), description: text::tokens(description), ..self }
    }
}

impl ItemFilter {
    /// Whether it lets an item through. What only the database knows, such as stars, is not asked here.
    pub fn lets_through(&self, item: &Candidate) -> bool {
        let facts = !self.nothing
            && self.statuses.contains(&item.status)
            && is_any_of(&self.categories, &item.category)
            && is_any_of(&self.conditions, &item.condition)
            && is_any_of(&self.listings, &item.terms.listing)
            && self.min_price.is_none_or(|least| item.terms.price >= least)
            && self.max_price.is_none_or(|most| item.terms.price <= most)
            && self.seller.is_none_or(|seller| item.seller == seller)
            && self.since.is_none_or(|since| item.created_at >= since)
            && self.until.is_none_or(|until| item.created_at <= until)
            && self.has_image.is_none_or(|wanted| item.has_image == wanted);
        facts && query::matches(&self.query.words, &item.title, &item.description)
    }
}

/// Whether a list of alternatives allows `value`; an empty one allows everything.
fn is_any_of<T: PartialEq>(alternatives: &[T], value: &T) -> bool {
    alternatives.is_empty() || alternatives.contains(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, item::Listing, query::parse};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn lamp() -> Candidate {
        let item = Candidate {
            id: ItemId::from_bits(1),
            title: Vec::new(),
            description: Vec::new(),
            category: "electronics".to_owned(),
            condition: Condition::Good,
            terms: Terms { listing: Listing::Sale, price: 1250, rent_period: None },
            status: ItemStatus::Active,
            seller: UserId::from_bits(7),
            has_image: true,
            created_at: NOW,
        };
        item.with_words("Desk lamp", "Bright, hardly used")
    }

    fn passes(query: &str, item: &Candidate) -> bool {
        let currency = "EUR".parse().expect("a currency");
        ItemFilter::of_query(parse(query), currency, UserId::from_bits(9), NOW).lets_through(item)
    }

    #[test]
    fn words_and_filters_decide() {
        let seller = format!("seller:{}", UserId::from_bits(7));
        let yes = [
            "",
            "lam",
            "lamp bright",
            "\"desk lamp\"",
            "-broken",
            "category:books,electronics",
            "condition:good price:<12.51 price:>=12.5",
            "listing:sale has:image posted:<3d",
            &seller,
        ];
        for query in yes {
            assert!(passes(query, &lamp()), "{query}");
        }
        let no = [
            "lamps",
            "\"lamp desk\"",
            "lamp -bright",
            "category:books",
            "condition:new,poor",
            "listing:rent",
            "price:<12.5",
            "price:13..20",
            "posted:>3d",
            "seller:me",
        ];
        for query in no {
            assert!(!passes(query, &lamp()), "{query}");
        }
    }

    #[test]
    fn what_is_not_listed_and_has_no_picture_is_no_match() {
        assert!(!passes("lamp", &Candidate { status: ItemStatus::Sold, ..lamp() }));
        assert!(!passes("has:image", &Candidate { has_image: false, ..lamp() }));
    }
}
