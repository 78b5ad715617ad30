//! What a buyer may wish for, read from a form.

use crate::{Currency, Day, Decimal, Fault, Timestamp, form::Form, item::Listing, text};

/// The longest rental, in days.
const MAX_RENTAL: i64 = 366;

/// What decides whether a wish is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WishRules {
    /// The currency of all prices.
    pub currency: Currency,
    /// Now.
    pub now: Timestamp,
    /// Today, in the time zone of the campus.
    pub today: Day,
}

/// A checked request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewBooking {
    /// A word to the seller.
    pub message: Option<String>,
    /// Another price than the list's, in minor units.
    pub offered_price: Option<i64>,
    /// When to meet.
    pub meet_at: Option<Timestamp>,
    /// Where to meet.
    pub meet_place: Option<String>,
    /// The first and last day of a rental.
    pub days: Option<(Day, Day)>,
}

impl NewBooking {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form, rules: &WishRules) -> Result<Self, Vec<Fault>> {
        let message = form.text("message").and_then(|raw| form.check(text::block("message", &raw, 1..=1000)));
        let offered_price = price(&mut form, "offered_price", rules.currency);
        let meet_at = form.time("meet_at");
        if meet_at.is_some_and(|time| time < rules.now) {
            form.fault(Fault::new("meet_at", "out_of_range", "lies in the past"));
        }
        let meet_place = form.text("meet_place").and_then(|raw| form.check(text::line("meet_place", &raw, 1..=120)));
        let days = days(&mut form, rules.today);
        form.finish(Some(Self { message, offered_price, meet_at, meet_place, days }))
    }

    /// Whether the wish fits what is offered: days exactly for a rental, and no price for a gift.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, listing: Listing) -> Result<(), Fault> {
        match (listing, self.days) {
            (Listing::Rent, None) => {
                return Err(Fault::new(
                    "from",
                    "required",
                    "is required for a rental, as is to: the first and last day",
                ));
            }
            (Listing::Rent, Some(_)) | (_, None) => {}
            (_, Some(_)) => return Err(Fault::new("from", "invalid", "is for rentals only")),
        }
        if listing == Listing::Free && self.offered_price.is_some_and(|price| price > 0) {
            return Err(Fault::new("offered_price", "invalid", "must be absent: the item is given away"));
        }
        Ok(())
    }
}

fn price(form: &mut Form, field: &'static str, currency: Currency) -> Option<i64> {
    let amount = form.decimal(field)?;
    form.check(minor(field, amount, currency))
}

fn minor(field: &str, amount: Decimal, currency: Currency) -> Result<i64, Fault> {
    amount.to_minor(currency).map_err(|error| Fault::new(field, "invalid", error.to_string()))
}

fn days(form: &mut Form, today: Day) -> Option<(Day, Day)> {
    let (from, to) = (form.parsed::<Day>("from"), form.parsed::<Day>("to"));
    if from.is_none() && to.is_none() {
        return None;
    }
    let (from, to) = form.require("from", from).zip(form.require("to", to))?;
    if from < today {
        form.fault(Fault::new("from", "out_of_range", format!("lies in the past; today is {today}")));
    } else if to < from {
        form.fault(Fault::new("to", "out_of_range", "must not be before from"));
    } else if to.number() - from.number() >= MAX_RENTAL {
        form.fault(Fault::new("to", "out_of_range", format!("a rental has at most {MAX_RENTAL} days")));
    }
    Some((from, to))
}

/// Reads the body of a counter-offer: its price in minor units and the version it answers.
///
/// # Errors
/// Every fault.
pub fn counter_price(mut form: Form, currency: Currency) -> Result<(i64, i64), Vec<Fault>> {
    let amount = form.decimal("price");
    let price = form.require("price", amount).and_then(|amount| form.check(minor("price", amount, currency)));
    let version = form.integer("version", 1..=i64::MAX);
    let version = form.require("version", version);
    form.finish(price.zip(version))
}

/// Reads an optional reason.
///
/// # Errors
/// Every fault.
pub fn reason(mut form: Form) -> Result<Option<String>, Vec<Fault>> {
    let reason = form.text("reason").and_then(|raw| form.check(text::block("reason", &raw, 1..=500)));
    form.finish(Some(reason))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(body: &Value) -> Result<NewBooking, Vec<(String, String)>> {
        let rules = WishRules {
            currency: "EUR".parse().expect("a currency"),
            now: Timestamp::from_millis(86_400_000),
            today: Day::from_number(1),
        };
        let form = Form::json(body.as_object().expect("an object").clone());
        let named = |fault: Fault| (fault.field, fault.code);
        NewBooking::read(form, &rules).map_err(|faults| faults.into_iter().map(named).collect())
    }

    #[test]
    fn a_wish_is_read() {
        assert_eq!(read(&json!({})), Ok(NewBooking::default()));
        let wish =
            read(&json!({"offered_price": 25.5, "from": "1970-01-02", "to": "1970-01-03", "meet_place": " Gate "}));
        let wish = wish.expect("a wish");
        assert_eq!((wish.offered_price, wish.meet_place.as_deref()), (Some(2550), Some("Gate")));
        assert!(wish.check(Listing::Rent).is_ok() && wish.check(Listing::Sale).is_err());
        assert!(NewBooking::default().check(Listing::Rent).is_err());
    }

    #[test]
    fn every_fault_of_a_wish_is_named() {
        let fault = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        let faults = read(&json!({"meet_at": "1970-01-01T00:00:00Z", "from": "1970-01-01", "to": "1970-01-01"}));
        assert_eq!(faults, Err(vec![fault("meet_at", "out_of_range"), fault("from", "out_of_range")]));
        assert_eq!(read(&json!({"from": "1970-01-03"})), Err(vec![fault("to", "required")]));
        assert_eq!(read(&json!({"from": "1970-01-03", "to": "1970-01-02"})), Err(vec![fault("to", "out_of_range")]));
        assert_eq!(read(&json!({"from": "1970-01-03", "to": "1971-01-04"})), Err(vec![fault("to", "out_of_range")]));
    }
}
