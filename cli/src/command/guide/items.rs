//! Items: finding them, what can be done with one, and selling.

use campuszon_core::{
    BookingId, ItemId, UserId, booking,
    item::{Action as Lifecycle, Condition, ItemStatus, Listing},
    wire::item::{Item, ItemSummary},
};

use super::{
    Guide,
    ask::{List, Outcome, Picked},
    words,
};
use crate::{
    client::ItemQuery,
    command::{item::check_filters, shapes},
    files,
    tui::model,
};

/// What can be done with an item.
#[derive(Clone, Copy, Debug)]
enum Act {
    Write,
    Book,
    Booking(BookingId),
    Unlock,
    Seller,
    /// A step in the life of one's own.
    Step(&'static str),
    Edit,
    Waiting,
    Delete,
    Link,
    Again,
    /// Runs a command on it.
    Run(&'static [&'static str]),
}

/// The steps of one's own items, by their commands.
const STEPS: [(&str, &str, Lifecycle); 5] = [
    ("Publish it", "publish", Lifecycle::Publish { waiting: false }),
    ("Take it off", "withdraw", Lifecycle::Withdraw),
    ("Bring it back", "relist", Lifecycle::Relist),
    ("Renew it", "renew", Lifecycle::Renew),
    ("It is sold elsewhere", "sold", Lifecycle::Sell),
];

const FIELDS: [(&str, &str); 7] = [
    ("Title", "--title"),
    ("Description", "--description"),
    ("Price", "--price"),
    ("Category", "--category"),
    ("Condition", "--condition"),
    ("Where to collect it", "--pickup"),
    ("Another picture", "--image"),
];

impl Guide {
    /// Finds items by words that are asked for.
    pub async fn search(&self) -> Outcome {
        let question = "Words, and filters such as category:books, condition:good or price:<20:";
        let Some(words) = self.optional(question)? else { return Ok(()) };
        check_filters(&words)?;
        self.browse(Some(words)).await
    }

    /// The items that words find, else the newest.
    pub async fn browse(&self, words: Option<String>) -> Outcome {
        let save: &[_] = if words.is_some() { &[("save", "be told of new items that match")] } else { &[] };
        let (list, mut seen) = (List { empty: "No items.", words: save }, 0);
        let query = ItemQuery { q: words, ..ItemQuery::default() };
        while let Some(picked) = self.items(&list, &mut seen, &query).await? {
            let outcome = match picked {
                Picked::Row(item) => self.item(item.id).await,
                Picked::Word(_) => self.save(query.q.as_deref().unwrap_or_default()).await,
            };
            self.attempt(outcome)?;
        }
        Ok(())
    }

    async fn save(&self, words: &str) -> Outcome {
        let name = self.asked("What to call it:")?;
        self.run(&["search", "save", "--", &name, words]).await
    }

    /// One's own items, and listing another.
    pub async fn selling(&self) -> Outcome {
        let list = List { empty: "You have listed nothing.", words: &[("new", "list something")] };
        let query = ItemQuery { seller: Some("me".to_owned()), ..ItemQuery::default() };
        let mut seen = 0;
        while let Some(picked) = self.items(&list, &mut seen, &query).await? {
            let outcome = match picked {
                Picked::Row(item) => self.item(item.id).await,
                Picked::Word(_) => self.sell().await,
            };
            self.attempt(outcome)?;
        }
        Ok(())
    }

    async fn items(
        &self,
        list: &List<'_>,
        seen: &mut usize,
        query: &ItemQuery,
    ) -> Outcome<Option<Picked<ItemSummary>>> {
        let client = self.client()?;
        let fetch = async |page| {
            let items = client.items(query, page).await?;
            if let Some(corrected) = &items.corrected_query {
                self.say(&format!("Nothing matches as written; this is {corrected:?}."));
            }
            Ok(items)
        };
        self.pick(list, seen, words::item, fetch).await
    }

    /// An item, and what can be done with it.
    pub async fn item(&self, id: ItemId) -> Outcome {
        let client = self.client()?;
        let mut is_to_read = true;
        loop {
            let item = client.item(id).await?;
            if is_to_read {
                self.context.output.one(&shapes::ITEM, &item)?;
            }
            let is_own = self.me == Some(item.summary.seller.id);
            let acts = if is_own { own_acts(item.summary.status) } else { acts(&item) };
            let Some(act) = self.choose(&acts)? else { return Ok(()) };
            is_to_read = matches!(act, Act::Again);
            if let Act::Delete = act {
                return self.run(&["item", "delete", &id.to_string()]).await;
            }
            self.attempt(Box::pin(self.act(act, &item)).await)?;
        }
    }

    async fn act(&self, act: Act, item: &Item) -> Outcome {
        let id = item.summary.id.to_string();
        match act {
            Act::Write => {
                let chat = self.client()?.start_chat(item.summary.id, None).await?;
                self.write(chat.id).await
            }
            Act::Book => self.book(&item.summary).await,
            Act::Booking(booking) => self.booking(booking).await,
            Act::Unlock => {
                self.context.prompt.confirm("Unlock it for a token?")?;
                self.run(&["item", "unlock", &id]).await
            }
            Act::Seller => self.person(item.summary.seller.id).await,
            Act::Step(step) => self.advance_item(step, item).await,
            Act::Edit => self.edit(&id).await,
            Act::Waiting => self.bookings(Some(item.summary.id)).await,
            Act::Link => {
                self.say(&format!("{}/items/{id}", self.client()?.server()));
                Ok(())
            }
            Act::Run(words) => self.run(&[words, &[id.as_str()]].concat()).await,
            Act::Again | Act::Delete => Ok(()),
        }
    }

    /// Asks for an item, at the listed price unless another is named.
    async fn book(&self, item: &ItemSummary) -> Outcome {
        let mut questions = vec![
            ("--offer", "Another price, or Enter for the listed one:"),
            ("--message", "A word to the seller, or Enter for none:"),
            ("--meet-at", "When to meet, such as 2027-01-31T09:30:00Z, or Enter to leave it open:"),
            ("--meet-place", "Where to meet, or Enter to leave it open:"),
        ];
        if item.listing == Listing::Rent {
            questions.extend([("--from", "The first day, such as 2027-01-31:"), ("--to", "The last day:")]);
        }
        let given = self.arguments(&questions)?;
        self.request(item.id, &item.title, given).await
    }

    /// Asks for an item, once it is clear that this is meant.
    pub async fn request(&self, item: ItemId, title: &str, given: Vec<String>) -> Outcome {
        let question = format!("Ask for {title}? It costs a token, unless it is free or unlocked.");
        self.context.prompt.confirm(&question)?;
        let words = ["booking".to_owned(), "request".to_owned(), item.to_string()];
        self.run(&[&words[..], &given].concat()).await
    }

    async fn advance_item(&self, step: &str, item: &Item) -> Outcome {
        if item.summary.status == ItemStatus::Reserved {
            let question = "It is reserved, and this calls off the booking that you accepted. Go on?";
            self.context.prompt.confirm(question)?;
        }
        self.run(&["item", step, &item.summary.id.to_string()]).await
    }

    async fn edit(&self, id: &str) -> Outcome {
        let Some(flag) = self.choose(&FIELDS)? else { return Ok(()) };
        let mut words: Vec<String> = ["item", "edit", id].map(str::to_owned).into();
        if flag == "--image" {
            words.extend(self.pictures()?);
        } else {
            words.push(format!("{flag}={}", self.asked("What it is to be:")?));
        }
        self.run(&words).await
    }

    async fn sell(&self) -> Outcome {
        let meta = self.client()?.meta().await?;
        let conditions: Vec<&str> = Condition::ALL.iter().map(|condition| condition.as_str()).collect();
        let listing = "sale, rent, free or wanted; Enter for sale:";
        let mut given = self.arguments(&[("--title", "Title:"), ("--listing", listing)])?;
        let is = |given: &[String], listing| given.contains(&format!("--listing={listing}"));
        if is(&given, Listing::Rent) {
            given.extend(self.arguments(&[("--rent-period", "The price is for a day, week, month or semester:")])?);
        }
        if !is(&given, Listing::Free) {
            given.extend(self.arguments(&[("--price", &format!("Price in {}:", meta.currency))])?);
        }
        given.extend(self.arguments(&[
            ("--category", &format!("Category, of {}:", meta.categories.join(", "))),
            ("--condition", &format!("Condition, of {}:", conditions.join(", "))),
            ("--description", "What there is to say about it, or Enter for nothing:"),
            ("--pickup", "Where to collect it, or Enter to leave it open:"),
        ])?);
        given.extend(self.pictures()?);
        self.run(&[&["item".to_owned(), "create".to_owned()], &given[..]].concat()).await
    }

    /// The arguments for pictures, which are waited for.
    fn pictures(&self) -> Outcome<Vec<String>> {
        let mut given = Vec::new();
        while let Some(typed) = self.optional("The path of a picture, or Enter for no more:")? {
            let paths = model::paths(&typed).unwrap_or_else(|| vec![typed.into()]);
            given.extend(paths.iter().map(|path| format!("--image={}", files::expanded(path).display())));
        }
        given.extend((!given.is_empty()).then(|| "--wait".to_owned()));
        Ok(given)
    }

    /// Somebody, and what others wrote of them.
    async fn person(&self, id: UserId) -> Outcome {
        const ACTS: [(&str, &[&str]); 2] = [("Block them", &["user", "block"]), ("Report them", &["user", "report"])];
        let id = id.to_string();
        self.run(&["user", "show", &id]).await?;
        self.run(&["user", "reviews", &id]).await?;
        let Some(words) = self.choose(&ACTS)? else { return Ok(()) };
        self.run(&[words, &[id.as_str()]].concat()).await
    }
}

/// What can be done with somebody else's item now.
fn acts(item: &Item) -> Vec<(&'static str, Act)> {
    let can_be_had = booking::is_bookable(item.summary.listing) && item.summary.status.is_listed();
    let mut acts = vec![("Write to the seller", Act::Write)];
    match item.viewer.booking {
        Some(booking) => acts.push(("Your booking", Act::Booking(booking))),
        None if can_be_had => acts.push(("Book it", Act::Book)),
        None => {}
    }
    match item.viewer.unlocked {
        true => acts.push(("How to reach the seller", Act::Run(&["item", "unlock"]))),
        false if can_be_had => acts.push(("Unlock it, to see how to reach the seller", Act::Unlock)),
        false => {}
    }
    acts.push(match item.viewer.favorite {
        true => ("Take the star away", Act::Run(&["item", "unfavorite"])),
        false => ("Star it", Act::Run(&["item", "favorite"])),
    });
    acts.extend([
        ("The seller", Act::Seller),
        ("Report it", Act::Run(&["item", "report"])),
        ("Its link", Act::Link),
        ("Read it again", Act::Again),
    ]);
    acts
}

/// What can be done with one's own item now.
fn own_acts(status: ItemStatus) -> Vec<(&'static str, Act)> {
    let steps = STEPS.into_iter().filter(|(.., step)| status.after(*step).is_some());
    let mut acts: Vec<(&str, Act)> = steps.map(|(label, step, _)| (label, Act::Step(step))).collect();
    acts.extend([
        ("Change it", Act::Edit),
        ("Who asks for it", Act::Waiting),
        ("Delete it", Act::Delete),
        ("Its link", Act::Link),
        ("Read it again", Act::Again),
    ]);
    acts
}
