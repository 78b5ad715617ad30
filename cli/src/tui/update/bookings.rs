//! The Bookings tab: the list, the selected booking beside it, and what can be done about it.

use campuszon_core::{
    booking::{self, Side},
    safe::SafeText,
    wire::booking::{Booking, Bookings, Review},
};

use super::{Effects, chats, detail, form, list, me, note, notice, tabs};
use crate::tui::{
    effect::{Effect, Step},
    format,
    keys::Action,
    message::{Arrival, Failure, Ticket, Timer},
    model::{
        Act, BookingRow, Connection, Countdown, Deed, Dialog, Field, Form, Model, Overlay, Prompt, Purpose, Record,
        ReviewCard, Reviews, Tab, booking_page,
    },
    view,
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.bookings.list, action, page) {
        model.bookings.scroll = 0;
        return;
    }
    match action {
        Action::Open | Action::SwitchPane => model.bookings.reading = model.bookings.list.row().is_some(),
        other => act_on_selected(model, other, effects),
    }
}

pub(super) fn act_in_detail(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = text_height(model).max(1);
    if let Some(line) = list::target(model.bookings.scroll, action, page) {
        model.bookings.scroll = line;
        return;
    }
    match action {
        Action::Back | Action::SwitchPane => model.bookings.reading = false,
        Action::NextItem => neighbour(model, 1),
        Action::PreviousItem => neighbour(model, -1),
        other => act_on_selected(model, other, effects),
    }
}

fn neighbour(model: &mut Model, step: isize) {
    let next = model.bookings.list.index().and_then(|index| index.checked_add_signed(step));
    if let Some(next) = next {
        model.bookings.list.select(next);
        model.bookings.scroll = 0;
    }
}

fn act_on_selected(model: &mut Model, action: Action, effects: &mut Effects) {
    if action == Action::Retry {
        return load(model, None, effects);
    }
    let Some(row) = model.bookings.list.row().cloned() else { return };
    let act = match action {
        Action::OpenItem => return detail::open_from(model, Tab::Bookings, row.item, effects),
        Action::Chat => return talk(model, &row, effects),
        Action::Accept => Act::Accept,
        Action::Counter => Act::Counter,
        Action::Decline => Act::End,
        Action::Extend => Act::Extend,
        Action::Complete => Act::Complete,
        Action::ShowCode => Act::ShowCode,
        Action::Review => Act::Review,
        Action::Answer => Act::Answer,
        _ => return,
    };
    match possible(model, &row, act) {
        Ok(()) => begin(model, &row, act),
        Err(why) => notice(model, why.as_str(), true, effects),
    }
}

fn talk(model: &mut Model, row: &BookingRow, effects: &mut Effects) {
    tabs::go_to(model, Tab::Chats, effects);
    chats::open(model, row.chat, effects);
}

/// Whether an act can be begun now: else why not, and what would allow it.
fn possible(model: &Model, row: &BookingRow, act: Act) -> Result<(), SafeText> {
    row.allows(act, model.bookings.reviews_of(row.id))?;
    if act != Act::ShowCode && (model.connection == Connection::Offline || model.link.is_broken()) {
        return Err(SafeText::fixed(
            "There is no connection to the server, and bookings do not wait: R connects again",
        ));
    }
    Ok(())
}

/// Asks what an act needs to know, or whether it is meant.
fn begin(model: &mut Model, row: &BookingRow, act: Act) {
    match act {
        Act::Accept => confirm(model, row, "Accept", Step::Accept, accepting(row)),
        Act::Extend => {
            confirm(model, row, "Extend", Step::Extend, "There is more time to hand it over then, once.".to_owned());
        }
        Act::Complete if row.role == Side::Buyer => {
            let detail = format!("You say that you have it. {} says so too, or stays silent.", row.peer);
            confirm(model, row, "Confirm", Step::Complete(None), detail);
        }
        Act::Complete => ask(model, row, CODE, Purpose::Code(row.id)),
        Act::Counter => {
            ask(model, row, (COUNTER.0, COUNTER.1, 20, ""), Purpose::Counter { id: row.id, version: row.deal.version });
        }
        Act::End => {
            let declines = matches!(row.ending(), booking::Action::Decline);
            let words = if declines { DECLINE } else { CALL_OFF };
            ask(model, row, words, Purpose::End { id: row.id, declines });
        }
        Act::ShowCode => show_code(model, row),
        Act::Review => {
            let ticket = model.next_ticket();
            form::open(model, Form::of_review(row, ticket));
        }
        Act::Answer => {
            let review = model.bookings.reviews_of(row.id).and_then(|reviews| reviews.theirs.as_ref());
            let Some(id) = review.map(|review| review.id) else { return };
            ask(model, row, ANSWER, Purpose::Answer { booking: row.id, review: id });
        }
    }
}

/// The title, the label, the most characters, and what an answer may be.
type Words = (&'static str, &'static str, usize, &'static str);

const CODE: Words = ("Handed over", "Code", 12, "The buyer tells it to you when you meet. Empty is your word alone.");
const COUNTER: (&str, &str) = ("Another offer for", "Price");
const DECLINE: Words =
    ("Decline", "Reason", 500, "The buyer reads it, and gets back what the unlock cost. May be empty.");
const CALL_OFF: Words = (
    "Call off the booking of",
    "Reason",
    500,
    "The other reads it. When the buyer calls off, the token is gone; when the seller does, it comes back.",
);
const ANSWER: Words = ("Answer the review of", "Answer", 1_000, "Everybody who sees the review reads it. Once only.");

fn ask(model: &mut Model, row: &BookingRow, (title, label, longest, hint): Words, purpose: Purpose) {
    let on_table = || SafeText::line(&format!("On the table: {}, listed at {}.", row.full_price, row.list_price));
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::line(&format!("{title} “{}”", row.title)),
        field: Field::new(label, longest),
        hint: if hint.is_empty() { on_table() } else { SafeText::fixed(hint) },
        purpose,
    }));
}

fn accepting(row: &BookingRow) -> String {
    let held = match row.role {
        Side::Seller => format!("It is held for {}", row.peer),
        Side::Buyer => "It is held for you".to_owned(),
    };
    format!("At {}. {held}, and both see how to reach each other.", row.full_price)
}

fn confirm(model: &mut Model, row: &BookingRow, verb: &'static str, step: Step, detail: String) {
    let question = SafeText::line(&format!("{verb} the booking of “{}”?", row.title));
    let deed = Deed::Step(row.id, step);
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, SafeText::line(&detail), verb, deed)));
}

fn show_code(model: &mut Model, row: &BookingRow) {
    let Some(code) = &row.handover_code else { return };
    let question = SafeText::line(&format!("Your handover code: {code}"));
    let detail = SafeText::line(&format!(
        "Tell it to {} when you hold “{}”, not before: with it the deal is done.",
        row.peer, row.title
    ));
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Copy", Deed::Copy(code.to_string()))));
}

/// Takes a step of a booking; what comes of it is said where it was asked for.
pub(super) fn take(model: &mut Model, id: campuszon_core::BookingId, step: Step, effects: &mut Effects) {
    model.bookings.acting = Some(id).filter(|_| model.tab == Tab::Bookings);
    effects.push(Effect::Step { id, step });
}

/// Asks for a page of the bookings.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    if cursor.is_none() {
        model.bookings.reviews.clear();
    }
    let ask = list::ask(model, Tab::Bookings, cursor, effects);
    effects.push(Effect::LoadBookings(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Bookings>, effects: &mut Effects) {
    let taken = list::take(&mut model.bookings.list, arrival, model.now, booking_page);
    list::conclude(model, taken, effects);
}

/// A booking is new, or another than before: the lists know, and the item as it is then.
pub(super) fn changed(model: &mut Model, booking: &Booking) {
    if model.bookings.list.answered {
        let row = BookingRow::new(booking);
        let is_newer = |known: &BookingRow| known.deal.version <= row.deal.version;
        if !model.bookings.list.change(row.id, |known| {
            if is_newer(known) {
                *known = row.clone();
            }
        }) {
            model.bookings.list.put_first(row);
        }
    }
    let (item, status) = (booking.item.id, booking.item.status);
    model.browse.list.change(item, |row| row.status = status);
    model.selling.list.change(item, |row| row.status = status);
    if model.detail.full().is_none_or(|full| full.row.id != item || full.row.status != status) {
        model.detail.forget_one(item);
    }
}

/// What became of a step that was taken here: it is said, and what it may have changed is asked for anew.
pub(super) fn done(model: &mut Model, result: &Result<Box<Booking>, Failure>, effects: &mut Effects) {
    let Some(acting) = model.bookings.acting else { return };
    match result {
        Ok(booking) if booking.id == acting => {
            model.bookings.acting = None;
            notice(model, &format!("“{}” is {} now", booking.item.title, booking.status), false, effects);
            refresh(model, effects);
        }
        Ok(_) => {}
        Err(_) => {
            model.bookings.acting = None;
            // Somebody else may have been faster.
            load(model, None, effects);
        }
    }
}

/// Asks anew for what a booking may have changed: the lists, the balance, and the item on show.
pub(super) fn refresh(model: &mut Model, effects: &mut Effects) {
    for tab in [Tab::Bookings, Tab::Selling] {
        if tabs::is_answered(model, tab) {
            tabs::load(model, tab, effects);
        }
    }
    me::load(model, effects);
    if model.shows_detail() {
        detail::load(model, effects);
    }
}

pub(super) fn reviewed(model: &mut Model, ticket: Ticket, result: Result<Box<Review>, Failure>, effects: &mut Effects) {
    let had_form = form::answered(model, form::is(ticket), result.as_ref().err());
    match result {
        Ok(review) => {
            let when =
                if review.shown { "both reviews are shown now" } else { "it is shown once they have written too" };
            notice(model, &format!("Reviewed with {} of 5: {when}", review.rating), false, effects);
            load(model, None, effects);
        }
        Err(failure) => {
            note(model, &failure);
            if !had_form {
                notice(model, &format!("It was not reviewed: {}", failure.sentence), true, effects);
            }
        }
    }
}

pub(super) fn answered(model: &mut Model, result: Result<Box<Review>, Failure>, effects: &mut Effects) {
    match result {
        Ok(_) => {
            notice(model, "Your answer stands below the review", false, effects);
            load(model, None, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("It was not answered: {}", failure.sentence), true, effects);
        }
    }
}

/// What the two wrote of each other came, or did not: then it counts as nothing until the list is asked for again.
pub(super) fn reviews_came(
    model: &mut Model,
    id: campuszon_core::BookingId,
    (mine, theirs): (Option<&Review>, Option<&Review>),
) {
    let reviews = Reviews { mine: mine.map(ReviewCard::new), theirs: theirs.map(ReviewCard::new) };
    model.bookings.reviews.insert(id, Some(reviews));
}

/// Brings what depends on the selection and on the time into line.
pub(super) fn settle(model: &mut Model, effects: &mut Effects) {
    if model.tab != Tab::Bookings {
        return;
    }
    if model.bookings.list.row().is_none() {
        model.bookings.reading = false;
    }
    ask_for_reviews(model, effects);
    clamp_scroll(model);
    count_down(model, effects);
}

fn ask_for_reviews(model: &mut Model, effects: &mut Effects) {
    let Some(row) = model.bookings.list.row().filter(|_| model.shows_booking()).cloned() else { return };
    let Some(me) = model.me.card.as_ref().map(|card| card.id) else { return };
    let is_over = row.status() == booking::BookingStatus::Completed;
    if is_over && !model.bookings.reviews.contains_key(&row.id) {
        model.bookings.reviews.insert(row.id(), None);
        effects.push(Effect::LoadReviews { booking: row.id, me, peer: row.peer_id });
    }
}

fn text_height(model: &Model) -> usize {
    model.panes().map_or(0, |panes| usize::from(crate::tui::layout::inside(panes.detail).height))
}

fn clamp_scroll(model: &mut Model) {
    if model.bookings.scroll > 0 {
        let last = view::booking_lines(model).saturating_sub(text_height(model));
        model.bookings.scroll = model.bookings.scroll.min(last);
    }
}

/// Wakes up when the next countdown in view reads otherwise, and not before.
fn count_down(model: &mut Model, effects: &mut Effects) {
    let rows = &model.bookings.list.rows;
    let height = model.panes().map_or(0, |panes| panes.list_rows());
    let in_view = rows.iter().skip(model.bookings.list.top).take(height).chain(model.bookings.list.row());
    let ends = in_view.filter(|row| row.status().is_open()).filter_map(|row| row.deadline_at);
    let Some(wait) = ends.filter_map(|end| format::steady_for(model.now, end)).min() else { return };
    let due = model.now + wait;
    if model.bookings.countdown.is_some_and(|pending| pending.due <= due && pending.due > model.now) {
        return;
    }
    let ticket = model.next_ticket();
    model.bookings.countdown = Some(Countdown { ticket, due });
    effects.push(Effect::After(wait, Timer::Countdown(ticket)));
}

/// A countdown reads otherwise now; tells whether anybody sees it.
pub(super) fn counted(model: &mut Model, ticket: Ticket) -> bool {
    let is_it = model.bookings.countdown.is_some_and(|pending| pending.ticket == ticket);
    if is_it {
        model.bookings.countdown = None;
    }
    is_it && model.tab == Tab::Bookings
}
