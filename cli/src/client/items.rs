//! Listings: finding, writing, and their lifecycle.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use std::time::Duration;

use campuszon_core::{
    Decimal, ImageId, ItemId, Timestamp,
    item::{Condition, ItemStatus, Listing},
    wire::{
        image::{Image, ImageStatus},
        item::{CreateItem, Item, Items, SetImages},
    },
};
use serde::Serialize;

use super::{Client, ClientError, PageRequest, Tagged, call::Call, images::poll};

/// What to look for; an empty one finds everything listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemQuery {
    /// Words and keys of the query language.
    pub q: Option<String>,
    /// Any of these categories.
    pub category: Vec<String>,
    /// Any of these conditions.
    pub condition: Vec<Condition>,
    /// Any of these kinds of offer.
    pub listing: Vec<Listing>,
    /// At least this price.
    pub min_price: Option<Decimal>,
    /// At most this price.
    pub max_price: Option<Decimal>,
    /// A user's id, or `me`.
    pub seller: Option<String>,
    /// Any of these states; others than `active` and `reserved` only with `seller` `me`.
    pub status: Vec<ItemStatus>,
    /// With a picture, or without.
    pub has_image: Option<bool>,
    /// Posted since then.
    pub since: Option<Timestamp>,
    /// Starred by the caller.
    pub favorite: Option<bool>,
    /// `relevance`, `newest`, `oldest`, `price` or `-price`.
    pub sort: Option<String>,
    /// Whether to count all matches.
    pub count: bool,
}

impl ItemQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let one = |name, value: Option<String>| value.map(|value| (name, value));
        let lists = [
            ("category", self.category.join(",")),
            ("condition", joined(&self.condition)),
            ("listing", joined(&self.listing)),
            ("status", joined(&self.status)),
        ];
        let singles = [
            one("q", self.q.clone()),
            one("min_price", self.min_price.map(|price| price.to_string())),
            one("max_price", self.max_price.map(|price| price.to_string())),
            one("seller", self.seller.clone()),
            one("has_image", self.has_image.map(|has| has.to_string())),
            one("since", self.since.map(|since| since.to_string())),
            one("favorite", self.favorite.map(|favorite| favorite.to_string())),
            one("sort", self.sort.clone()),
            one("count", self.count.then(|| "true".to_owned())),
        ];
        singles.into_iter().flatten().chain(lists.into_iter().filter(|(_, list)| !list.is_empty())).collect()
    }
}

impl ItemQuery {
    /// As the query string that a live connection watches; never empty, since that would end a watch.
    pub fn encoded(&self) -> Result<String, ClientError> {
        let mut url = reqwest::Url::parse("watch:/").map_err(|error| ClientError::Answer(error.to_string()))?;
        let q = ("q", self.q.clone().unwrap_or_default());
        let others = self.pairs().into_iter().filter(|(name, _)| *name != "q");
        url.query_pairs_mut().extend_pairs(std::iter::once(q).chain(others));
        Ok(url.query().unwrap_or_default().to_owned())
    }
}

fn joined(words: &[impl ToString]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A step in an item's life that its seller can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemAction {
    /// Lists a draft.
    Publish,
    /// Takes it off.
    Withdraw,
    /// Brings it back.
    Relist,
    /// Adds another lifetime.
    Renew,
    /// Says that it is sold elsewhere.
    Sold,
}

impl ItemAction {
    fn path(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Withdraw => "withdraw",
            Self::Relist => "relist",
            Self::Renew => "renew",
            Self::Sold => "sold",
        }
    }
}

impl Client {
    /// A page of items.
    pub async fn items(&self, query: &ItemQuery, page: PageRequest) -> Result<Items, ClientError> {
        self.ask(&Call::get("/api/items").query(query.pairs()).query(page.pairs())).await
    }

    /// A whole item.
    pub async fn item(&self, id: ItemId) -> Result<Item, ClientError> {
        self.ask(&Call::get(path(id))).await
    }

    /// A whole item and its version, for [`Client::edit_item`].
    pub async fn item_tagged(&self, id: ItemId) -> Result<Tagged<Item>, ClientError> {
        self.ask_tagged(&Call::get(path(id))).await
    }

    /// Lists an item. `key` makes a repetition answer the first result; a new one when `None`.
    pub async fn create_item(&self, item: &CreateItem, key: Option<&str>) -> Result<Item, ClientError> {
        self.ask(&Call::post("/api/items").json(item)?.keyed(key)).await
    }

    /// Changes an item: an object of the fields to change, where `null` clears. With `etag` only if nobody else has
    /// changed it since (412 otherwise).
    pub async fn edit_item(&self, id: ItemId, patch: &impl Serialize, etag: Option<&str>) -> Result<Item, ClientError> {
        self.ask(&Call::patch(path(id)).json(patch)?.if_match(etag)).await
    }

    /// Deletes an item.
    pub async fn delete_item(&self, id: ItemId) -> Result<(), ClientError> {
        self.tell(&Call::delete(path(id))).await
    }

    /// Takes a step in an item's life; 409 where its state does not allow it.
    pub async fn advance_item(&self, id: ItemId, action: ItemAction) -> Result<Item, ClientError> {
        self.ask(&Call::post(format!("{}/{}", path(id), action.path()))).await
    }

    /// Waits until an item is no longer processing, or `patience` runs out, and answers it as it is then.
    pub async fn await_item(&self, id: ItemId, patience: Duration) -> Result<Item, ClientError> {
        let fetch = async || self.item(id).await;
        poll(patience, fetch, |item| !is_pending(item)).await
    }

    /// Stars an item, or takes the star away.
    pub async fn set_favorite(&self, id: ItemId, favorite: bool) -> Result<(), ClientError> {
        let path = format!("{}/favorite", path(id));
        let call = if favorite { Call::put(path) } else { Call::delete(path) };
        self.tell(&call.repeatable()).await
    }

    /// Sets an item's pictures: their order, those that are new, and those left out.
    pub async fn set_item_images(&self, id: ItemId, images: Vec<ImageId>) -> Result<Item, ClientError> {
        self.ask(&Call::put(format!("{}/images", path(id))).json(&SetImages { images })?.repeatable()).await
    }
}

/// Whether the server is still at work on an item or a picture of it.
pub fn is_pending(item: &Item) -> bool {
    let is_unfinished = |image: &Image| !matches!(image.status, ImageStatus::Ready | ImageStatus::Failed);
    item.summary.status == ItemStatus::Processing || item.images.iter().any(is_unfinished)
}

fn path(id: ItemId) -> String {
    format!("/api/items/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_name_only_what_is_asked() {
        assert!(ItemQuery::default().pairs().is_empty());
        let query = ItemQuery {
            q: Some("calculus".into()),
            condition: vec![Condition::Good, Condition::LikeNew],
            max_price: "45.5".parse().ok(),
            ..ItemQuery::default()
        };
        let expected = [("q", "calculus"), ("max_price", "45.5"), ("condition", "good,like_new")];
        assert_eq!(query.encoded().expect("a query"), "q=calculus&max_price=45.5&condition=good%2Clike_new");
        assert_eq!(ItemQuery::default().encoded().expect("a query"), "q=");
        assert_eq!(query.pairs(), expected.map(|(name, value)| (name, value.to_owned())));
    }
}
