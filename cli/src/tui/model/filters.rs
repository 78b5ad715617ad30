//! What narrows the list besides words, and the panel in which it is set.

use std::ops::Bound;

use campuszon_core::{
    Decimal, UserId,
    item::{Condition, Listing},
    query::{self, Query as Search, Span},
    safe::SafeText,
};

use super::Field;

/// What must hold of an item to be listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    pub category: Option<String>,
    /// It is in this condition, or a better one.
    pub condition: Option<Condition>,
    pub listing: Option<Listing>,
    pub from: Option<Decimal>,
    pub to: Option<Decimal>,
    pub has_image: bool,
    pub favorite: bool,
    /// Whose it is, with the name.
    pub seller: Option<(UserId, SafeText)>,
}

impl Filters {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The conditions that are good enough; empty for all.
    pub fn conditions(&self) -> Vec<Condition> {
        let Some(worst) = self.condition else { return Vec::new() };
        let better = Condition::ALL.iter().copied().take_while(|condition| *condition != worst);
        better.chain([worst]).collect()
    }

    /// Each thing that is asked for, in a few words.
    pub fn chips(&self) -> Vec<(Filter, SafeText)> {
        let plain = |condition: Condition| condition.as_str().replace('_', " ");
        let condition = self.condition.map(|condition| match condition {
            Condition::New => "new".to_owned(),
            worse => format!("{} or better", plain(worse)),
        });
        let texts = [
            (Filter::Category, self.category.clone()),
            (Filter::Condition, condition),
            (Filter::Listing, self.listing.map(|listing| listing.to_string())),
            (Filter::From, self.from.map(|price| format!("from {price}"))),
            (Filter::To, self.to.map(|price| format!("up to {price}"))),
            (Filter::Image, self.has_image.then(|| "with photos".to_owned())),
            (Filter::Favorite, self.favorite.then(|| "starred".to_owned())),
            (Filter::Seller, self.seller.as_ref().map(|(_, name)| format!("by {name}"))),
        ];
        texts.into_iter().filter_map(|(filter, text)| Some((filter, SafeText::line(&text?)))).collect()
    }

    /// The same but for one of them.
    #[must_use]
    pub fn without(mut self, filter: Filter) -> Self {
        match filter {
            Filter::Category => self.category = None,
            Filter::Condition => self.condition = None,
            Filter::Listing => self.listing = None,
            Filter::From => self.from = None,
            Filter::To => self.to = None,
            Filter::Image => self.has_image = false,
            Filter::Favorite => self.favorite = false,
            Filter::Seller => self.seller = None,
            Filter::Sort | Filter::Save | Filter::Saved => {}
        }
        self
    }

    /// Words and filters as one query, as a saved search keeps it. Stars are one's own, and no part of that.
    pub fn written(&self, words: &str) -> String {
        let mut search: Search = query::parse(words);
        search.filters.categories.extend(self.category.clone());
        search.filters.conditions.extend(self.conditions());
        search.filters.listings.extend(self.listing);
        search.filters.has_image |= self.has_image;
        if let Some((seller, _)) = &self.seller {
            search.filters.seller = Some(seller.to_string());
        }
        let bound = |price: Option<Decimal>, before| price.map_or(before, Bound::Included);
        let Span { from, to } = search.filters.price;
        search.filters.price = Span { from: bound(self.from, from), to: bound(self.to, to) };
        search.to_string()
    }
}

/// A row of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    Category,
    Condition,
    Listing,
    From,
    To,
    Image,
    Favorite,
    Seller,
    Sort,
    Save,
    Saved,
}

impl Filter {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::Category,
        Self::Condition,
        Self::Listing,
        Self::From,
        Self::To,
        Self::Image,
        Self::Favorite,
        Self::Seller,
        Self::Sort,
        Self::Save,
        Self::Saved,
    ];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Category => "Category",
            Self::Condition => "Condition",
            Self::Listing => "Kind",
            Self::From => "From",
            Self::To => "Up to",
            Self::Image => "Photos",
            Self::Favorite => "Starred",
            Self::Seller => "Seller",
            Self::Sort => "Order",
            Self::Save => "Save this search",
            Self::Saved => "Saved searches",
        }
    }
}

/// The panel while it is open.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    pub selected: usize,
    /// What is being written for the selected row.
    pub field: Option<Field>,
}

impl Panel {
    /// The selected row.
    pub fn filter(&self) -> Filter {
        Filter::ALL.get(self.selected).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_written_as_the_query_box_takes_it() {
        let filters = Filters {
            category: Some("books".to_owned()),
            condition: Some(Condition::Good),
            to: "20".parse().ok(),
            has_image: true,
            favorite: true,
            ..Filters::default()
        };
        let written = filters.written("calculus");
        assert_eq!(written, "calculus category:books condition:new,like_new,good has:image price:<=20");
        assert_eq!(query::parse(&written).to_string(), written);
        assert_eq!(Filters::default().written("price:>5 lamp"), "lamp price:>5");
    }
}
