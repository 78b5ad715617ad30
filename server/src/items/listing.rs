//! Lists of items: one query for every filter and order, its pages found by key and never by counting rows.

use campuszon_core::{
    CampusId, ItemId, SearchId, Timestamp, UserId,
    item::{Condition, ItemFilter, ItemStatus, Sort, Terms},
};
use serde::{Deserialize, Serialize};

use super::search;
use crate::{
    platform::database::{FromColumn, Row, StoreError, ToValue, Tx, Value},
    users,
};

/// An item with what lists show of its seller and its reader.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedItem {
    /// The item.
    pub id: ItemId,
    /// Its place by age.
    pub number: i64,
    /// As shown.
    pub title: String,
    /// Offer and price.
    pub terms: Terms,
    /// One of the server's.
    pub category: String,
    /// How worn it is.
    pub condition: Condition,
    /// Where in its life it is.
    pub status: ItemStatus,
    /// The key of its first picture.
    pub thumbnail: Option<String>,
    /// That picture's placeholder.
    pub placeholder: Option<String>,
    /// Whose it is.
    pub seller: UserId,
    /// The seller's name.
    pub seller_name: String,
    /// The seller's average.
    pub seller_rating: Option<f64>,
    /// Whether the seller shows to be there.
    pub seller_hidden: bool,
    /// Whether the reader starred it.
    pub favorite: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "i.id, i.number, i.title, i.listing, i.price, i.rent_period, i.category, i.condition, i.status,
     i.thumbnail, i.placeholder, i.seller_id, u.name, u.rating_sum, u.rating_count, u.hide_presence,
     CASE WHEN EXISTS (SELECT 1 FROM favorites f WHERE f.campus_id = ?1 AND f.user_id = ?2 AND f.item_id = i.id)
          THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END,
     i.created_at, i.updated_at";

const FROM: &str = "FROM items i JOIN users u ON u.campus_id = i.campus_id AND u.id = i.seller_id";

fn read(row: &Row<'_>) -> Result<ListedItem, StoreError> {
    Ok(ListedItem {
        id: row.get(0)?,
        number: row.get(1)?,
        title: row.get(2)?,
        terms: Terms { listing: row.get(3)?, price: row.get(4)?, rent_period: row.get(5)? },
        category: row.get(6)?,
        condition: row.get(7)?,
        status: row.get(8)?,
        thumbnail: row.get(9)?,
        placeholder: row.get(10)?,
        seller: row.get(11)?,
        seller_name: row.get(12)?,
        seller_rating: users::store::rating(row.get(13)?, row.get(14)?),
        seller_hidden: row.get(15)?,
        favorite: row.get(16)?,
        created_at: row.get(17)?,
        updated_at: row.get(18)?,
    })
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Position {
    /// By age: the last item's number.
    Age(i64),
    /// By price, equal prices by age.
    Price(i64, i64),
    /// By relevance: the newest number when the list began, then the bits of the last item's score, and its number. As
    /// decimal digits the score would come back as a neighbour, and its equals be skipped or repeated.
    Relevance(i64, u64, i64),
}

/// A query under construction: its conditions and their parameters. `?1` is the campus, `?2` the reader.
pub(super) struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    pub(super) fn new(campus: CampusId, reader: UserId) -> Self {
        Self { text: "i.campus_id = ?1".to_owned(), values: vec![campus.to_value(), reader.to_value()] }
    }

    /// For rows of the full-text index alone, whose words say the campus.
    pub(super) fn of_found(campus: CampusId, reader: UserId) -> Self {
        Self { text: "CAST(?1 AS TEXT) IS NOT NULL".to_owned(), ..Self::new(campus, reader) }
    }

    /// Adds a condition; `?` in it stands for `value`.
    pub(super) fn and(&mut self, condition: &str, value: impl ToValue) {
        let numbered = condition.replace('?', &self.bind(value));
        self.and_fixed(&numbered);
    }

    fn and_fixed(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    fn and_any<T: ToValue>(&mut self, column: &str, values: &[T]) {
        if values.is_empty() {
            return;
        }
        let places: Vec<String> = values.iter().map(|value| self.bind(value)).collect();
        self.and_fixed(&format!("{column} IN ({})", places.join(", ")));
    }

    fn bind(&mut self, value: impl ToValue) -> String {
        self.values.push(value.to_value());
        format!("?{}", self.values.len())
    }

    /// All that a filter asks for but its words.
    pub(super) fn filter(&mut self, filter: &ItemFilter) {
        self.and_fixed("i.deleted = 0");
        if filter.all_listed() {
            self.and_fixed("i.listed = 1");
        } else {
            self.and_any("i.status", &filter.statuses);
        }
        self.and_any("i.category", &filter.categories);
        self.and_any("i.condition", &filter.conditions);
        self.and_any("i.listing", &filter.listings);
        // The plus keeps the planner from the index by price, which would find the prices and then sort by age; only an
        // order by price is served by it.
        let (at_least, at_most) = match filter.sort {
            Sort::Price | Sort::PriceDescending => ("i.price >= ?", "i.price <= ?"),
            _ => ("+i.price >= ?", "+i.price <= ?"),
        };
        let bounds = [
            (at_least, filter.min_price.map(|price| price.to_value())),
            (at_most, filter.max_price.map(|price| price.to_value())),
            ("i.seller_id = ?", filter.seller.map(|seller| seller.to_value())),
            ("i.created_at >= ?", filter.since.map(|time| time.to_value())),
            ("i.created_at <= ?", filter.until.map(|time| time.to_value())),
        ];
        for (condition, value) in bounds {
            if let Some(value) = value {
                self.and(condition, value);
            }
        }
        match filter.has_image {
            Some(true) => self.and_fixed("i.thumbnail IS NOT NULL"),
            Some(false) => self.and_fixed("i.thumbnail IS NULL"),
            None => {}
        }
        let starred =
            "EXISTS (SELECT 1 FROM favorites s WHERE s.campus_id = ?1 AND s.user_id = ?2 AND s.item_id = i.id)";
        match filter.favorite {
            Some(true) => self.and_fixed(starred),
            Some(false) => self.and_fixed(&format!("NOT {starred}")),
            None => {}
        }
    }

    /// Runs `SELECT columns FROM … WHERE conditions rest`.
    pub(super) fn select<T>(
        &self,
        tx: &mut Tx<'_>,
        columns: &str,
        from: &str,
        rest: &str,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        // PostgreSQL refuses a parameter that no text uses; the reader is used by the columns of lists only.
        let sql = format!("SELECT {columns} {from} WHERE {} AND CAST(?2 AS TEXT) IS NOT NULL {rest}", self.text);
        tx.query(&sql, &self.values, read)
    }
}

/// The items after `position` that `filter` lets through, in its order, at most `limit`. Not for relevance.
pub(super) fn page(
    tx: &mut Tx<'_>,
    campus: CampusId,
    reader: UserId,
    filter: &ItemFilter,
    position: Option<Position>,
    limit: usize,
) -> Result<Vec<ListedItem>, StoreError> {
    let mut conditions = Conditions::new(campus, reader);
    conditions.filter(filter);
    let from = format!("{FROM} {}", search::join(tx, &filter.query, campus, &mut conditions)?);
    let order = match filter.sort {
        Sort::Newest | Sort::Relevance => "i.number DESC",
        Sort::Oldest => "i.number",
        Sort::Price => "i.price, i.number",
        Sort::PriceDescending => "i.price DESC, i.number DESC",
    };
    match (filter.sort, position) {
        (Sort::Oldest, Some(Position::Age(number))) => conditions.and("i.number > ?", number),
        (_, Some(Position::Age(number))) => conditions.and("i.number < ?", number),
        (Sort::Price, Some(Position::Price(price, number))) => after_price(&mut conditions, '>', price, number),
        (_, Some(Position::Price(price, number))) => after_price(&mut conditions, '<', price, number),
        _ => {}
    }
    conditions.select(tx, COLUMNS, &from, &format!("ORDER BY {order} LIMIT {limit}"), read)
}

fn after_price(conditions: &mut Conditions, direction: char, price: i64, number: i64) {
    let (price, number) = (conditions.bind(price), conditions.bind(number));
    conditions.and_fixed(&format!("(i.price, i.number) {direction} ({price}, {number})"));
}

/// The items with these numbers, in any order.
pub(super) fn by_numbers(
    tx: &mut Tx<'_>,
    campus: CampusId,
    reader: UserId,
    numbers: &[i64],
) -> Result<Vec<ListedItem>, StoreError> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let mut conditions = Conditions::new(campus, reader);
    conditions.and_any("i.number", numbers);
    conditions.select(tx, COLUMNS, FROM, "", read)
}

/// How many items `filter` lets through.
pub(super) fn count(tx: &mut Tx<'_>, campus: CampusId, reader: UserId, filter: &ItemFilter) -> Result<i64, StoreError> {
    let mut conditions = Conditions::new(campus, reader);
    conditions.filter(filter);
    let join = search::join(tx, &filter.query, campus, &mut conditions)?;
    let counted = conditions.select(tx, "COUNT(*)", &format!("FROM items i {join}"), "", |row| row.get(0))?;
    Ok(counted.into_iter().next().unwrap_or(0))
}

/// One item as lists show it.
pub fn one(tx: &mut Tx<'_>, campus: CampusId, reader: UserId, id: ItemId) -> Result<Option<ListedItem>, StoreError> {
    let mut conditions = Conditions::new(campus, reader);
    conditions.and("i.id = ?", id);
    Ok(conditions.select(tx, COLUMNS, FROM, "", read)?.into_iter().next())
}

/// One item as lists show it, when they show it at all.
pub fn listed(tx: &mut Tx<'_>, campus: CampusId, reader: UserId, id: ItemId) -> Result<Option<ListedItem>, StoreError> {
    let mut conditions = Conditions::new(campus, reader);
    conditions.and("i.id = ?", id);
    conditions.and_fixed("i.listed = 1 AND i.deleted = 0");
    Ok(conditions.select(tx, COLUMNS, FROM, "", read)?.into_iter().next())
}

/// The listed items that a saved search has found, each with when it did: those after `position`, the newest match first.
pub fn found_by(
    tx: &mut Tx<'_>,
    campus: CampusId,
    reader: UserId,
    search: SearchId,
    position: Option<(Timestamp, ItemId)>,
    limit: usize,
) -> Result<Vec<(ListedItem, Timestamp)>, StoreError> {
    let mut conditions = Conditions::new(campus, reader);
    conditions.and("m.search_id = ?", search);
    conditions.and_fixed("i.listed = 1 AND i.deleted = 0");
    if let Some((at, id)) = position {
        let (at, id) = (conditions.bind(at), conditions.bind(id));
        conditions.and_fixed(&format!("(m.created_at, m.item_id) < ({at}, {id})"));
    }
    let columns = format!("{COLUMNS}, m.created_at");
    let from = format!("{FROM} JOIN search_matches m ON m.campus_id = i.campus_id AND m.item_id = i.id");
    let order = format!("ORDER BY m.created_at DESC, m.item_id DESC LIMIT {limit}");
    conditions.select(tx, &columns, &from, &order, |row| Ok((read(row)?, row.get(19)?)))
}

/// Reads a pair of columns.
pub(super) fn pair<A: FromColumn, B: FromColumn>(row: &Row<'_>) -> Result<(A, B), StoreError> {
    Ok((row.get(0)?, row.get(1)?))
}
