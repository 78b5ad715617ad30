//! What to list, and in which order: the parameters of `GET /api/items`, the query box included.

use std::ops::Bound;

use crate::{
    Currency, Decimal, Fault, Timestamp, UserId,
    form::Form,
    query::{self, Query, Span},
};

use super::{Condition, ItemRules, ItemStatus, Listing, input};

crate::words! {
    /// The order of a list.
    Sort {
        /// Best match first; the default when there are words.
        Relevance = "relevance",
        /// Newest first; the default otherwise.
        Newest = "newest",
        /// Oldest first.
        Oldest = "oldest",
        /// Cheapest first.
        Price = "price",
        /// Dearest first.
        PriceDescending = "-price",
    }
}

/// What is listed, which is what a filter asks for by itself.
const LISTED: [ItemStatus; 2] = [ItemStatus::Active, ItemStatus::Reserved];

/// A checked filter. Empty lists and `None` ask for nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemFilter {
    /// The words, and the filters of the query box, which are merged into the fields below.
    pub query: Query,
    /// Any of these.
    pub categories: Vec<String>,
    /// Any of these.
    pub conditions: Vec<Condition>,
    /// Any of these.
    pub listings: Vec<Listing>,
    /// At least this, in minor units.
    pub min_price: Option<i64>,
    /// At most this, in minor units.
    pub max_price: Option<i64>,
    /// Of this user.
    pub seller: Option<UserId>,
    /// Any of these; `active` and `reserved` unless the caller asks for their own.
    pub statuses: Vec<ItemStatus>,
    /// With or without a picture.
    pub has_image: Option<bool>,
    /// Posted at this time or later.
    pub since: Option<Timestamp>,
    /// Posted at this time or earlier.
    pub until: Option<Timestamp>,
    /// Starred by the caller, or not.
    pub favorite: Option<bool>,
    /// The order.
    pub sort: Sort,
    /// Two filters exclude each other: nothing can match.
    pub nothing: bool,
}

impl ItemFilter {
    /// Reads the parameters for the caller `me`; faults stay in the form.
    pub fn read(form: &mut Form, rules: &ItemRules, me: UserId, now: Timestamp) -> Self {
        let query = query::parse(&form.text("q").unwrap_or_default());
        let mut filter = Self {
            categories: categories(form, rules),
            conditions: form.parsed_list("condition").unwrap_or_default(),
            listings: form.parsed_list("listing").unwrap_or_default(),
            min_price: price(form, "min_price", rules.currency),
            max_price: price(form, "max_price", rules.currency),
            seller: seller(form, me),
            statuses: form.parsed_list("status").unwrap_or_default(),
            has_image: form.boolean("has_image"),
            since: form.time("since"),
            until: None,
            favorite: form.boolean("favorite"),
            sort: form.parsed("sort").unwrap_or(Sort::Relevance),
            nothing: false,
            query,
        };
        filter.merge_query(rules.currency, me, now);
        filter.settle_statuses(form, me);
        if filter.sort == Sort::Relevance && !filter.query.has_words() {
            filter.sort = Sort::Newest;
        }
        filter
    }

    /// What a query box alone asks for, on behalf of `me`.
    pub fn of_query(query: Query, currency: Currency, me: UserId, now: Timestamp) -> Self {
        let mut filter = Self {
            query,
            categories: Vec::new(),
            conditions: Vec::new(),
            listings: Vec::new(),
            min_price: None,
            max_price: None,
            seller: None,
            statuses: LISTED.to_vec(),
            has_image: None,
            since: None,
            until: None,
            favorite: None,
            sort: Sort::Newest,
            nothing: false,
        };
        filter.merge_query(currency, me, now);
        filter
    }

    /// The filters of the query box hold besides the parameters.
    fn merge_query(&mut self, currency: Currency, me: UserId, now: Timestamp) {
        let filters = self.query.filters.clone();
        self.nothing |= both(&mut self.categories, filters.categories);
        self.nothing |= both(&mut self.conditions, filters.conditions);
        self.nothing |= both(&mut self.listings, filters.listings);
        if let Some(asked) = filters.seller {
            let asked = if asked == "me" { Some(me) } else { asked.parse().ok() };
            self.nothing |= asked.is_none() || self.seller.is_some_and(|seller| Some(seller) != asked);
            self.seller = asked;
        }
        let (min, max) = minor_bounds(filters.price, currency);
        self.min_price = self.min_price.max(min);
        self.max_price = least(self.max_price, max);
        let since = bound(filters.posted.from, |when| when.at(now).millis(), 1);
        let until = bound(filters.posted.to, |when| when.at(now).millis(), -1);
        self.since = self.since.max(since.map(Timestamp::from_millis));
        self.until = until.map(Timestamp::from_millis);
        if filters.has_image {
            self.nothing |= self.has_image == Some(false);
            self.has_image = Some(true);
        }
    }

    fn settle_statuses(&mut self, form: &mut Form, me: UserId) {
        if self.statuses.is_empty() {
            self.statuses = LISTED.to_vec();
        }
        let hidden = self.statuses.iter().find(|status| !status.is_listed());
        if let Some(hidden) = hidden
            && self.seller != Some(me)
        {
            form.fault(Fault::new("status", "invalid", format!("{hidden} items are listed with seller=me only")));
        }
    }

    /// Whether it asks for all listed items, which have an index of their own.
    pub fn all_listed(&self) -> bool {
        ItemStatus::ALL.iter().all(|status| status.is_listed() == self.statuses.contains(status))
    }

    /// Whether nothing but words decides which listed items match.
    pub fn only_words(&self) -> bool {
        let unfiltered = Self {
            query: self.query.clone(),
            statuses: self.statuses.clone(),
            sort: self.sort,
            categories: Vec::new(),
            conditions: Vec::new(),
            listings: Vec::new(),
            min_price: None,
            max_price: None,
            seller: None,
            has_image: None,
            since: None,
            until: None,
            favorite: None,
            nothing: false,
        };
        self.query.has_words() && self.all_listed() && *self == unfiltered
    }
}

fn categories(form: &mut Form, rules: &ItemRules) -> Vec<String> {
    let categories: Vec<String> = form.parsed_list("category").unwrap_or_default();
    for category in &categories {
        if let Err(fault) = input::known_category(category, rules) {
            form.fault(fault);
        }
    }
    categories
}

fn price(form: &mut Form, field: &'static str, currency: Currency) -> Option<i64> {
    let amount = form.decimal(field)?;
    form.check(input::minor(field, amount, currency))
}

fn seller(form: &mut Form, me: UserId) -> Option<UserId> {
    if form.peek("seller") == Some("me") {
        form.text("seller");
        return Some(me);
    }
    form.parsed("seller")
}

/// Narrows `ours` to what `theirs` allows too; whether nothing is left of two lists that both ask for something.
fn both<T: PartialEq>(ours: &mut Vec<T>, theirs: Vec<T>) -> bool {
    if theirs.is_empty() {
        return false;
    }
    if ours.is_empty() {
        *ours = theirs;
        return false;
    }
    ours.retain(|value| theirs.contains(value));
    ours.is_empty()
}

fn least(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// A bound as an inclusive number; an excluded one is moved `inwards` by one.
fn bound<T>(bound: Bound<T>, number: impl Fn(T) -> i64, inwards: i64) -> Option<i64> {
    match bound {
        Bound::Unbounded => None,
        Bound::Included(value) => Some(number(value)),
        Bound::Excluded(value) => Some(number(value).saturating_add(inwards)),
    }
}

/// Amounts that the currency cannot hold are rounded inwards by leaving the bound open.
fn minor_bounds(span: Span<Decimal>, currency: Currency) -> (Option<i64>, Option<i64>) {
    let number = |decimal: Decimal| decimal.to_minor(currency).unwrap_or(crate::money::MAX_MINOR);
    (bound(span.from, number, 1), bound(span.to, number, -1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Faults, Id};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000_000);

    fn rules() -> ItemRules {
        ItemRules {
            currency: "EUR".parse().expect("a currency"),
            categories: ["books", "electronics", "tickets"].map(str::to_owned).to_vec(),
            max_images: 8,
            require_image: true,
        }
    }

    fn read(query: &[(&str, &str)]) -> Result<ItemFilter, Faults> {
        let mut form = Form::query(query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let filter = ItemFilter::read(&mut form, &rules(), UserId::from_bits(1), NOW);
        form.finish(Some(filter))
    }

    #[test]
    fn the_query_box_narrows_the_parameters() {
        let filter =
            read(&[("category", "books,electronics"), ("q", "category:books price:<50 lamp"), ("max_price", "80")])
                .expect("a filter");
        assert_eq!(filter.categories, ["books"]);
        assert_eq!((filter.min_price, filter.max_price), (None, Some(4999)));
        assert_eq!(filter.sort, Sort::Relevance);
        assert!(read(&[("category", "tickets"), ("q", "category:books")]).expect("a filter").nothing);
    }

    #[test]
    fn others_see_listed_items_only() {
        assert!(read(&[("status", "draft")]).is_err());
        assert!(read(&[("status", "draft"), ("seller", "me")]).is_ok());
        assert!(read(&[]).expect("a filter").all_listed());
    }

    #[test]
    fn every_fault_is_named() {
        let faults = read(&[("category", "boks"), ("sort", "up"), ("min_price", "1.234"), ("colour", "red")]);
        let fields: Vec<String> = faults.expect_err("faults").into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["category", "min_price", "sort", "colour"]);
    }
}
