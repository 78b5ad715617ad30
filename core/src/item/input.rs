//! What a seller may write: a new listing, and a change to one.

use crate::{
    Currency, Decimal, Fault, ImageId,
    form::{Form, Patch},
    text,
};

use super::{Condition, Listing, RentPeriod};

/// The server's settings that decide what a valid listing is.
#[derive(Clone, Debug)]
pub struct ItemRules {
    /// The server's one currency.
    pub currency: Currency,
    /// The categories on offer.
    pub categories: Vec<String>,
    /// How many pictures a listing may have.
    pub max_images: usize,
    /// Whether a listing other than `wanted` needs a picture.
    pub require_image: bool,
}

/// Kind of offer, price in minor units and rent period: the fields that depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What is offered.
    pub listing: Listing,
    /// In minor units; 0 exactly when free.
    pub price: i64,
    /// Exactly when for rent.
    pub rent_period: Option<RentPeriod>,
}

/// A checked new listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// 3–120 characters.
    pub title: String,
    /// At most 4,000 characters.
    pub description: String,
    /// Offer and price.
    pub terms: Terms,
    /// One of the server's categories.
    pub category: String,
    /// How worn it is.
    pub condition: Condition,
    /// Where to collect it.
    pub pickup: Option<String>,
    /// In the order shown.
    pub images: Vec<ImageId>,
    /// Keep it unpublished.
    pub draft: bool,
}

/// A checked change to a listing; what is absent stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemPatch {
    /// A new title.
    pub title: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// Another kind of offer.
    pub listing: Option<Listing>,
    /// A new price in minor units.
    pub price: Option<i64>,
    /// Another rent period, or none.
    pub rent_period: Patch<RentPeriod>,
    /// Another category.
    pub category: Option<String>,
    /// Another condition.
    pub condition: Option<Condition>,
    /// Another pickup place, or none.
    pub pickup: Patch<String>,
}

impl Terms {
    /// The rules between the three fields.
    ///
    /// # Errors
    /// One fault for each field that does not fit the others.
    pub fn check(self) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if (self.price == 0) != (self.listing == Listing::Free) {
            let message = if self.price == 0 {
                "must be above 0; to give it away use listing free"
            } else {
                "must be 0 or absent when the listing is free"
            };
            faults.push(Fault::new("price", "invalid", message));
        }
        if self.rent_period.is_some() != (self.listing == Listing::Rent) {
            let fault = if self.listing == Listing::Rent {
                Fault::new(
                    "rent_period",
                    "required",
                    "is required when the listing is rent: day, week, month or semester",
                )
            } else {
                Fault::new("rent_period", "invalid", "only goes with listing rent")
            };
            faults.push(fault);
        }
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }
}

impl NewItem {
    /// Reads the body of a new listing; faults stay in the form.
    pub fn read(form: &mut Form, rules: &ItemRules) -> Option<Self> {
        let title = form.required_text("title").and_then(|raw| form.check(title(&raw)));
        let raw_description = form.text("description").unwrap_or_default();
        let description = form.check(self::description(&raw_description));
        let listing = if form.is_absent("listing") { Some(Listing::Sale) } else { form.parsed("listing") };
        let price = price(form, rules);
        let price = match listing {
            Some(Listing::Free) => price.or(Some(0)),
            _ => form.require("price", price),
        };
        let rent_period = form.parsed("rent_period");
        let category = category(form, rules);
        let category = form.require("category", category);
        let condition = form.parsed("condition");
        let condition = form.require("condition", condition);
        let pickup = form.text("pickup").map(|raw| form.check(pickup(&raw)));
        let images = if form.is_absent("images") { Some(Vec::new()) } else { form.parsed_list("images") };
        let draft = form.boolean("draft").unwrap_or(false);
        let images = images.and_then(|images| checked_images(form, images, rules));
        let has_none = images.as_ref().is_some_and(Vec::is_empty);
        if rules.require_image && has_none && !draft && listing != Some(Listing::Wanted) {
            form.fault(Fault::new("images", "required", "at least one image is required; or save it as a draft"));
        }
        let terms = Terms { listing: listing?, price: price?, rent_period };
        let terms = terms.check().map_err(|faults| faults.into_iter().for_each(|fault| form.fault(fault))).ok();
        Some(Self {
            title: title?,
            description: description?,
            terms: terms?,
            category: category?,
            condition: condition?,
            pickup: match pickup {
                Some(checked) => Some(checked?),
                None => None,
            },
            images: images?,
            draft,
        })
    }
}

impl ItemPatch {
    /// Reads the body of a change; faults stay in the form.
    pub fn read(form: &mut Form, rules: &ItemRules) -> Self {
        let required = ["title", "listing", "price", "category", "condition"];
        for field in required {
            if !form.is_null(field) {
                continue;
            }
            form.fault(Fault::new(field, "required", "cannot be cleared"));
        }
        Self {
            title: form.text("title").and_then(|raw| form.check(title(&raw))),
            description: match form.patch_text("description", description) {
                Patch::Keep => None,
                Patch::Clear => Some(String::new()),
                Patch::Set(text) => Some(text),
            },
            listing: form.parsed("listing"),
            price: price(form, rules),
            rent_period: form.patch_text("rent_period", |text| {
                text.parse().map_err(|message: String| Fault::new("rent_period", "invalid", message))
            }),
            category: category(form, rules),
            condition: form.parsed("condition"),
            pickup: form.patch_text("pickup", pickup),
        }
    }

    /// The terms after this change.
    ///
    /// # Errors
    /// The faults of a combination that does not hold.
    pub fn terms(&self, before: Terms) -> Result<Terms, Vec<Fault>> {
        let listing = self.listing.unwrap_or(before.listing);
        let rent_period = match (&self.rent_period, listing) {
            // Leaving `rent` leaves its period behind without being told to.
            (Patch::Keep, other) if other != Listing::Rent => None,
            (patch, _) => patch.clone().apply(before.rent_period),
        };
        let price = match (self.price, listing) {
            (None, Listing::Free) => 0,
            (price, _) => price.unwrap_or(before.price),
        };
        Terms { listing, price, rent_period }.check()
    }
}

/// Reads the images of a listing, as `PUT /api/items/{id}/images` sends them.
pub fn read_images(form: &mut Form, rules: &ItemRules) -> Option<Vec<ImageId>> {
    let images = form.parsed_list("images");
    let images = form.require("images", images)?;
    checked_images(form, images, rules)
}

fn checked_images(form: &mut Form, images: Vec<ImageId>, rules: &ItemRules) -> Option<Vec<ImageId>> {
    let max = rules.max_images;
    if images.len() > max {
        form.fault(Fault::new("images", "too_many", format!("at most {max} images are allowed")));
        return None;
    }
    let distinct: std::collections::BTreeSet<_> = images.iter().collect();
    if distinct.len() < images.len() {
        form.fault(Fault::new("images", "invalid", "names an image twice"));
        return None;
    }
    Some(images)
}

fn title(raw: &str) -> Result<String, Fault> {
    text::line("title", raw, 3..=120)
}

fn description(raw: &str) -> Result<String, Fault> {
    text::block("description", raw, 0..=4000)
}

fn pickup(raw: &str) -> Result<String, Fault> {
    text::line("pickup", raw, 1..=120)
}

fn price(form: &mut Form, rules: &ItemRules) -> Option<i64> {
    if let Some(currency) = form.text("currency")
        && currency != rules.currency.code()
    {
        form.fault(Fault::new("currency", "invalid", format!("must be {}, the server's currency", rules.currency)));
    }
    let price = form.decimal("price")?;
    form.check(minor("price", price, rules.currency))
}

/// The minor units of `amount`, or a fault of `field`.
pub(super) fn minor(field: &str, amount: Decimal, currency: Currency) -> Result<i64, Fault> {
    amount.to_minor(currency).map_err(|error| Fault::new(field, "invalid", error.to_string()))
}

fn category(form: &mut Form, rules: &ItemRules) -> Option<String> {
    let category = form.text("category")?;
    form.check(known_category(&category, rules))
}

pub(super) fn known_category(category: &str, rules: &ItemRules) -> Result<String, Fault> {
    if rules.categories.iter().any(|known| known == category) {
        return Ok(category.to_owned());
    }
    let known: Vec<&str> = rules.categories.iter().map(String::as_str).collect();
    Err(Fault::new("category", "invalid", crate::word::expected(category, &known)))
}
