//! The bookings of a conversation: taking their steps from a card or a command.

use campuszon_core::{
    Decimal,
    booking::{BookingStatus, Side},
    safe::SafeText,
    wire::booking::{Booking, CreateBooking},
};

use super::{Effects, bookings, note, notice};
use crate::tui::{
    effect::{Effect, Step},
    keys::Action,
    message::Failure,
    model::{Connection, Deal, Deed, Dialog, Field, Model, Overlay, Prompt, Purpose},
};

/// What a step answers: why it cannot be taken.
type Outcome = Result<(), SafeText>;

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let outcome = match action {
        Action::Accept => accept(model, effects),
        Action::Counter => ask_for_counter(model),
        Action::Decline => ask_to_decline(model),
        Action::Complete => ask_to_complete(model, effects),
        _ => return,
    };
    if let Err(why) = outcome {
        notice(model, why.as_str(), true, effects);
    }
}

/// The booking that a step is of.
fn deal(model: &Model) -> Result<Deal, SafeText> {
    if model.connection == Connection::Offline {
        return Err(SafeText::fixed("There is no connection to the server, and bookings do not wait: try again later"));
    }
    model.chats.deal().cloned().ok_or(SafeText::fixed("There is no open booking here; /book asks for the item"))
}

/// The booking, where it is the reader's turn to answer.
fn answerable(model: &Model) -> Result<Deal, SafeText> {
    let deal = deal(model)?;
    match deal.status {
        BookingStatus::Pending if deal.is_my_turn => Ok(deal),
        BookingStatus::Pending => Err(SafeText::fixed("It is the other's turn to answer")),
        status => Err(SafeText::line(&format!("The booking is {status} already"))),
    }
}

pub(super) fn accept(model: &mut Model, effects: &mut Effects) -> Outcome {
    let deal = answerable(model)?;
    effects.push(Effect::Step { id: deal.id, step: Step::Accept });
    Ok(())
}

/// Names another price, or asks for the item at a price where nothing is booked.
pub(super) fn offer(model: &mut Model, price: Decimal, effects: &mut Effects) -> Outcome {
    if model.chats.deal().is_none_or(|deal| !deal.status.is_open()) {
        return ask_to_book(model, Some(price));
    }
    let deal = answerable(model)?;
    effects.push(Effect::Step { id: deal.id, step: Step::Counter { price, version: deal.version } });
    Ok(())
}

/// Asks whether the item of the conversation is to be booked, since that may cost a token.
pub(super) fn ask_to_book(model: &mut Model, price: Option<Decimal>) -> Outcome {
    if model.connection == Connection::Offline {
        return Err(SafeText::fixed("There is no connection to the server, and bookings do not wait: try again later"));
    }
    let row = model.chats.open_row().cloned().ok_or(SafeText::fixed("The conversation is not here yet"))?;
    let at = price.map_or_else(|| "the listed price".to_owned(), |price| price.to_string());
    let question = SafeText::line(&format!("Ask for “{}” at {at}?", row.title));
    let detail =
        SafeText::fixed("It costs a token, unless you unlocked it. The token comes back if nothing comes of it.");
    let wish = CreateBooking { offered_price: price, ..CreateBooking::default() };
    let deed = Deed::Book { id: row.item, wish: Box::new(wish), key: model.next_key() };
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Ask", deed)));
    Ok(())
}

fn ask_for_counter(model: &mut Model) -> Outcome {
    let deal = answerable(model)?;
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::line(&format!("Another offer for “{}”", deal.title)),
        field: Field::new("Price", 20),
        hint: SafeText::line(&format!("On the table: {}", deal.price)),
        purpose: Purpose::Counter { id: deal.id, version: deal.version },
    }));
    Ok(())
}

pub(super) fn ask_to_decline(model: &mut Model) -> Outcome {
    let deal = deal(model)?;
    let (verb, step) = match (deal.status, deal.role) {
        (BookingStatus::Pending, Side::Seller) => ("Decline", Step::Decline(None)),
        (BookingStatus::Pending, Side::Buyer) | (BookingStatus::Accepted, _) => ("Call off", Step::Cancel(None)),
        (status, _) => return Err(SafeText::line(&format!("The booking is {status} already"))),
    };
    let question = SafeText::line(&format!("{verb} the booking of “{}”?", deal.title));
    let detail = SafeText::line(&format!("At {}. The other is told.", deal.price));
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, verb, Deed::Step(deal.id, step))));
    Ok(())
}

/// The seller is asked for the buyer's code, the buyer only says so.
fn ask_to_complete(model: &mut Model, effects: &mut Effects) -> Outcome {
    let deal = accepted(model)?;
    if deal.role == Side::Buyer {
        return complete(model, None, effects);
    }
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::line(&format!("Handed over: “{}”", deal.title)),
        field: Field::new("Code", 12),
        hint: SafeText::fixed("The buyer tells it to you when you meet. Empty is your word alone."),
        purpose: Purpose::Code(deal.id),
    }));
    Ok(())
}

fn accepted(model: &Model) -> Result<Deal, SafeText> {
    let deal = deal(model)?;
    if deal.status == BookingStatus::Accepted {
        return Ok(deal);
    }
    Err(SafeText::line(&format!("The booking is {}: only what was accepted can be handed over", deal.status)))
}

pub(super) fn complete(model: &mut Model, code: Option<String>, effects: &mut Effects) -> Outcome {
    let deal = accepted(model)?;
    effects.push(Effect::Step { id: deal.id, step: Step::Complete(code) });
    Ok(())
}

/// A booking is new, or another than before.
pub(super) fn changed(model: &mut Model, booking: &Booking) {
    let known = model.chats.deals.get(&booking.id);
    if known.is_none_or(|known| known.version <= booking.version) {
        model.chats.deals.insert(booking.id, Deal::new(booking));
    }
    bookings::changed(model, booking);
}

/// What became of a step, or of asking.
pub(super) fn arrived(model: &mut Model, result: Result<Box<Booking>, Failure>, effects: &mut Effects) {
    bookings::done(model, &result, effects);
    match result {
        Ok(booking) => changed(model, &booking),
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("The booking is as it was: {}", failure.sentence), true, effects);
        }
    }
}
