//! Bookings: whose turn it is, and what can be done about it.

use campuszon_core::{
    BookingId, ChatId, ItemId,
    booking::{Action, BookingStatus, Side},
    wire::booking::Booking,
};

use super::{
    Guide,
    ask::{List, Outcome, Picked},
    words,
};
use crate::{
    client::{BookingQuery, Page, PageRequest, follow},
    command::shapes,
    tui::model::{Act, BookingRow, ReviewCard, Reviews},
};

/// The most bookings that are looked through for one.
const LOOKED_THROUGH: usize = 100;

/// What can be chosen of a booking.
#[derive(Clone, Copy, Debug)]
enum Choice {
    Act(Act),
    Chat,
    Item,
    Again,
}

impl Guide {
    /// One's bookings, or the open ones of one's own item.
    pub async fn bookings(&self, of: Option<ItemId>) -> Outcome {
        let empty = if of.is_some() { "Nobody asks for it." } else { "No bookings." };
        let (list, mut seen) = (List { empty, words: &[] }, 0);
        let client = self.client()?;
        let query = of.map(|_| open(Some(Side::Seller))).unwrap_or_default();
        let fetch = async |page: PageRequest| {
            let limit = if of.is_some() { Some(LOOKED_THROUGH) } else { page.limit };
            let mut page: Page<Booking> = client.bookings(&query, PageRequest { limit, ..page }).await?.into();
            page.rows.retain(|booking| of.is_none_or(|item| booking.item.id == item));
            Ok(page)
        };
        while let Some(Picked::Row(booking)) = self.pick(&list, &mut seen, words::booking, &fetch).await? {
            self.attempt(Box::pin(self.booking(booking.id)).await)?;
        }
        Ok(())
    }

    /// The open booking that a conversation is about.
    pub async fn open_booking(&self, chat: ChatId) -> Outcome<Option<Booking>> {
        let (client, query) = (self.client()?, open(None));
        let open = follow(None, Some(LOOKED_THROUGH), async |page| client.bookings(&query, page).await).await?;
        Ok(open.rows.into_iter().find(|booking| booking.chat == chat))
    }

    /// A booking, and what can be done with it.
    pub async fn booking(&self, id: BookingId) -> Outcome {
        let client = self.client()?;
        let (mut is_to_read, mut said) = (true, String::new());
        loop {
            let booking = client.booking(id).await?;
            if is_to_read {
                self.context.output.one(&shapes::BOOKING, &booking)?;
            }
            let standing = words::standing(&booking);
            if said != standing {
                self.say(&format!("It is {standing}."));
                said = standing;
            }
            let reviews = self.reviews(&booking).await?;
            let Some(choice) = self.choose(&choices(&BookingRow::new(&booking), &reviews))? else { return Ok(()) };
            is_to_read = matches!(choice, Choice::Again);
            let outcome = match choice {
                Choice::Act(act) => self.step(act, &booking, &reviews).await,
                Choice::Chat => Box::pin(self.chat(booking.chat)).await,
                Choice::Item => Box::pin(self.item(booking.item.id)).await,
                Choice::Again => Ok(()),
            };
            self.attempt(outcome)?;
        }
    }

    /// What the other wrote, once both did.
    async fn reviews(&self, booking: &Booking) -> Outcome<Reviews> {
        let Some(me) = self.me.filter(|_| booking.status == BookingStatus::Completed && booking.reviewed) else {
            return Ok(Reviews::default());
        };
        let page = PageRequest { limit: Some(LOOKED_THROUGH), cursor: None };
        let reviews = self.client()?.reviews(me, page).await?.reviews;
        let theirs = reviews.iter().find(|review| review.booking == Some(booking.id)).map(ReviewCard::new);
        Ok(Reviews { mine: None, theirs })
    }

    async fn step(&self, act: Act, booking: &Booking, reviews: &Reviews) -> Outcome {
        let id = booking.id.to_string();
        let (step, given) = match act {
            Act::Accept => ("accept", Vec::new()),
            Act::Extend => ("extend", Vec::new()),
            Act::Counter => ("counter", vec![format!("--price={}", self.asked("Your price:")?)]),
            Act::End => return self.end(booking).await,
            Act::Complete if booking.role == Side::Seller => {
                ("complete", vec![format!("--code={}", self.asked("The buyer's code:")?)])
            }
            Act::Complete => {
                self.context.prompt.confirm("Was it handed over to you?")?;
                ("complete", Vec::new())
            }
            Act::ShowCode => {
                let code = booking.handover_code.as_deref().unwrap_or_default();
                self.say(&format!("Your code is {code}. Tell it to the seller when you meet."));
                return Ok(());
            }
            Act::Review => {
                let mut given = vec![format!("--rating={}", self.asked("From 1 to 5, 5 being best:")?)];
                given.extend(self.arguments(&[("--comment", "In words, or Enter for none:")])?);
                ("review", given)
            }
            Act::Answer => return self.answer_review(reviews).await,
        };
        self.run(&[&["booking".to_owned(), step.to_owned(), id], &given[..]].concat()).await
    }

    /// Declines a request, or calls a booking off.
    pub async fn end(&self, booking: &Booking) -> Outcome {
        let given = self.arguments(&[("--reason", "Why, for the other to read, or Enter for no reason:")])?;
        let step = match BookingRow::new(booking).ending() {
            Action::Decline => {
                self.context.prompt.confirm(&format!("Decline the booking of {}?", booking.item.title))?;
                "decline"
            }
            // The command asks by itself.
            _ => "cancel",
        };
        self.run(&[&["booking".to_owned(), step.to_owned(), booking.id.to_string()], &given[..]].concat()).await
    }

    async fn answer_review(&self, reviews: &Reviews) -> Outcome {
        let Some(theirs) = &reviews.theirs else { return Ok(()) };
        let comment = theirs.comment.as_ref().map(|comment| format!(": {comment}")).unwrap_or_default();
        self.say(&format!("They gave {} of 5{comment}", theirs.rating));
        let answer = self.asked("Your answer:")?;
        self.run(&["booking", "answer", "--", &theirs.id.to_string(), &answer]).await
    }
}

/// What can be done with a booking now, and where it leads.
fn choices(row: &BookingRow, reviews: &Reviews) -> Vec<(&'static str, Choice)> {
    let allowed = Act::ALL.into_iter().filter(|act| row.allows(*act, Some(reviews)).is_ok());
    let acts = allowed.map(|act| (label(act, row), Choice::Act(act)));
    let ways = [("The conversation", Choice::Chat), ("The item", Choice::Item), ("Read it again", Choice::Again)];
    acts.chain(ways).collect()
}

fn open(role: Option<Side>) -> BookingQuery {
    let status = BookingStatus::ALL.iter().copied().filter(|status| status.is_open()).collect();
    BookingQuery { role, status }
}

fn label(act: Act, row: &BookingRow) -> &'static str {
    match act {
        Act::Accept => "Accept",
        Act::Counter => "Name another price",
        Act::End if row.ending() == Action::Decline => "Decline",
        Act::End => "Call it off",
        Act::Extend => "Allow more time",
        Act::Complete if row.role == Side::Seller => "Hand it over, by the buyer's code",
        Act::Complete => "Say that it was handed over",
        Act::ShowCode => "Your code for the seller",
        Act::Review => "Review",
        Act::Answer => "Answer their review",
    }
}
