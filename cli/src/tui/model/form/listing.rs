//! A listing: what is offered, at which price, and its pictures.

use std::{collections::BTreeMap, path::PathBuf};

use campuszon_core::{
    Fault, Id, ImageId,
    form::Form as Reader,
    item::{Condition, Listing, NewItem, RentPeriod},
    safe::SafeText,
    wire::item::Item,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Entry, Form, Kind, Purpose};
use crate::tui::{
    message::Ticket,
    model::{Rules, Upload},
};

/// To list it at once, or not yet.
pub const WHEN: [&str; 2] = ["now", "later"];

/// What is kept of a new listing until it is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListingDraft {
    pub fields: BTreeMap<String, String>,
    pub photos: Vec<KeptPhoto>,
}

/// A picture of a draft: the file, and the key under which the server takes it once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptPhoto {
    pub path: PathBuf,
    pub key: String,
}

impl Form {
    /// An empty form for a new listing.
    pub fn of_new_item(rules: Option<&Rules>, categories: &[String], ticket: Ticket) -> Self {
        let mut entries = entries(rules, categories);
        let when =
            Entry::new("draft", "List it", choice(&WHEN), 10).hint("Later keeps it as a draft that only you see");
        entries.push(when);
        let purpose = Purpose::Listing { item: None, etag: None };
        let mut form = Self::new(purpose, SafeText::fixed("A new listing"), entries, ticket);
        form.fill("listing", Listing::Sale.as_str());
        form.fill("draft", WHEN[0]);
        form
    }

    /// The form of an item that is there.
    pub fn of_item(
        item: &Item,
        etag: Option<String>,
        rules: Option<&Rules>,
        categories: &[String],
        numbers: impl Iterator<Item = Ticket>,
        ticket: Ticket,
    ) -> Self {
        let title = SafeText::line(&format!("Edit “{}”", item.summary.title));
        let purpose = Purpose::Listing { item: Some(item.summary.id), etag };
        let mut form = Self::new(purpose, title, entries(rules, categories), ticket);
        let summary = &item.summary;
        let period = summary.rent_period.map(RentPeriod::as_str).unwrap_or_default();
        let price = if summary.listing == Listing::Free { String::new() } else { summary.price.to_string() };
        for (name, text) in [
            ("title", summary.title.as_str()),
            ("description", &item.description),
            ("listing", summary.listing.as_str()),
            ("price", &price),
            ("rent_period", period),
            ("category", &summary.category),
            ("condition", summary.condition.as_str()),
            ("pickup", item.pickup.as_deref().unwrap_or_default()),
        ] {
            form.fill(name, text);
        }
        let images = numbers.zip(&item.images).zip(1..);
        form.photos = images.map(|((number, image), place)| Upload::of_server(number, image.id, place)).collect();
        form.before = form.body(rules);
        form
    }

    fn fill(&mut self, name: &str, text: &str) {
        if let Some(entry) = self.entry_mut(name) {
            entry.set(text);
        }
    }

    /// Whether this is a listing that is not there yet.
    pub fn is_new_item(&self) -> bool {
        matches!(self.purpose, Purpose::Listing { item: None, .. })
    }

    /// What is to be kept of it; nothing once nothing is written.
    pub fn draft(&self) -> Option<ListingDraft> {
        if !self.is_written || !self.is_new_item() {
            return None;
        }
        let fields = self.entries.iter().filter(|entry| !entry.text().is_empty());
        let fields = fields.map(|entry| (entry.name.to_owned(), entry.field.input.value().to_owned())).collect();
        let photos = self
            .photos
            .iter()
            .filter_map(|photo| Some(KeptPhoto { path: photo.path.clone()?, key: photo.key.clone() }));
        Some(ListingDraft { fields, photos: photos.collect() })
    }

    /// Puts what was kept into an empty form.
    pub fn restore(&mut self, draft: &ListingDraft, numbers: impl Iterator<Item = Ticket>) {
        draft.fields.iter().for_each(|(name, text)| self.fill(name, text));
        let photos = numbers.zip(&draft.photos);
        self.photos =
            photos.map(|(number, kept)| Upload::of_file(number, kept.path.clone(), kept.key.clone())).collect();
        self.is_written = true;
    }

    /// The pictures that the server has.
    pub fn images(&self) -> Vec<ImageId> {
        self.photos.iter().filter_map(Upload::image).collect()
    }

    /// What is another than before, as a change takes it: `null` clears.
    pub fn changes(&self, rules: Option<&Rules>) -> Map<String, Value> {
        let now = self.body(rules);
        let cleared = ["description", "pickup", "rent_period"].into_iter().filter(|name| !now.contains_key(*name));
        let cleared = cleared.filter(|name| self.before.contains_key(*name)).map(|name| (name.to_owned(), Value::Null));
        let changed = now.iter().filter(|(name, value)| self.before.get(*name) != Some(*value));
        changed
            .filter(|(name, _)| *name != "images")
            .map(|(name, value)| (name.clone(), value.clone()))
            .chain(cleared)
            .collect()
    }

    /// The pictures in their order, where that is another than before.
    pub fn changed_images(&self, rules: Option<&Rules>) -> Option<Vec<ImageId>> {
        let same = self.body(rules).get("images") == self.before.get("images");
        (!same).then(|| self.images())
    }
}

fn choice(words: &[&str]) -> Kind {
    Kind::Choice(words.iter().map(|word| (*word).to_owned()).collect())
}

fn words<T: Copy>(all: &[T], word: fn(&T) -> &'static str) -> Kind {
    Kind::Choice(all.iter().map(|one| word(one).to_owned()).collect())
}

fn entries(rules: Option<&Rules>, categories: &[String]) -> Vec<Entry> {
    let price = match rules {
        Some(rules) => format!("In {}, such as 12.50", rules.currency()),
        None => "Such as 12.50".to_owned(),
    };
    let new = Entry::new;
    vec![
        new("title", "Title", Kind::Line, 120).hint("What it is, in 3 to 120 characters"),
        new("description", "Description", Kind::Block, 4_000).hint("What there is to say about it; may be empty"),
        new("listing", "Offer", words(Listing::ALL, |word| word.as_str()), 10).hint("← and → choose"),
        new("price", "Price", Kind::Line, 20).hint(&price),
        new("rent_period", "Per", words(RentPeriod::ALL, |word| word.as_str()), 10).hint("What one price buys"),
        new("category", "Category", Kind::Choice(categories.to_vec()), 60).hint("← and → or its first letter"),
        new("condition", "Condition", words(Condition::ALL, |word| word.as_str()), 10).hint("How worn it is"),
        new("pickup", "Pick up", Kind::Line, 120).hint("Where to collect it; may be empty"),
        new("images", "Photos", Kind::Photos, 0),
    ]
}

/// What is wrong with a listing. A picture on its way counts as one.
pub(super) fn faults(mut body: Map<String, Value>, rules: &Rules, photos: &[Upload]) -> Vec<Fault> {
    let stand_in = |photo: &Upload| photo.image().unwrap_or_else(|| ImageId::from_bits(u128::from(photo.number)));
    let images: Vec<ImageId> = photos.iter().map(stand_in).collect();
    body.insert("images".to_owned(), json!(images));
    let mut form = Reader::json(body);
    let item = NewItem::read(&mut form, &rules.items);
    form.finish(item).err().unwrap_or_default()
}
