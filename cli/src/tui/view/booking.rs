//! The pane of one booking: where it stands, what was agreed on, and what can be done about it now.

use campuszon_core::{
    booking::{BookingStatus, MAX_ROUNDS, Side},
    safe::SafeText,
};
use ratatui::layout::Rect;

use super::{
    detail::flow,
    pen::{Pen, Piece, fixed, row, shifted},
    wrap::wrap,
};
use crate::tui::{
    format,
    keys::{self, Action, Scope},
    layout::{Panes, inside, padded},
    model::{Act, BookingRow, Model, ReviewCard},
    theme::{Glyphs, Role},
};

type Line = Vec<Piece>;

/// The column of the labels.
const LABELS: u16 = 11;

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    pen.frame(panes.detail, model.bookings.reading);
    let Some(booking) = model.bookings.list.row() else { return };
    let edge = Rect { width: panes.detail.width.saturating_sub(4), height: 1, ..shifted(panes.detail, 2) };
    let title = SafeText::line(&format!(" {}", booking.title)).truncate(usize::from(edge.width.saturating_sub(1)));
    pen.pieces(edge, &[(title, Role::Title), (fixed(" "), Role::Text)]);
    let area = padded(inside(panes.detail));
    for (number, line) in (0..area.height).zip(lines(model, booking, area.width).iter().skip(model.bookings.scroll)) {
        pen.pieces(row(area, number), line);
    }
}

/// How many lines the selected booking has in its pane.
pub(in crate::tui) fn line_count(model: &Model) -> usize {
    let area = model.panes().map(|panes| padded(inside(panes.detail)));
    let row = model.bookings.list.row();
    area.zip(row).map_or(0, |(area, row)| lines(model, row, area.width).len())
}

fn lines(model: &Model, booking: &BookingRow, width: u16) -> Vec<Line> {
    let mut page = Page { lines: Vec::new(), width };
    page.fact("State", &state(model, booking), state_role(booking));
    acts(&mut page, model, booking);
    let side = if booking.role == Side::Buyer { "You ask" } else { "Asks you" };
    page.fact(side, &peer(model, booking), Role::Text);
    page.fact("Price", &price(booking), Role::Price);
    agreed(&mut page, model, booking);
    if let Some(contact) = &booking.contact {
        for (label, line) in ["Contact"].into_iter().chain(std::iter::repeat("")).zip(contact.lines()) {
            page.fact(label, line, Role::Text);
        }
    }
    if let Some(code) = &booking.handover_code {
        page.fact("Your code", &SafeText::line(&format!("{code}: tell it when you hold the item")), Role::Title);
    }
    history(&mut page, model, booking);
    reviews(&mut page, model, booking);
    page.lines
}

/// Lines under way: a label at the left, what there is to say beside it.
struct Page {
    lines: Vec<Line>,
    width: u16,
}

impl Page {
    fn labels(&self) -> u16 {
        LABELS.min(self.width / 3)
    }

    fn fact(&mut self, label: &'static str, text: &SafeText, role: Role) {
        let lines = wrap(text, self.width.saturating_sub(self.labels()));
        self.labelled(label, lines.into_iter().map(|line| vec![(line, role)]).collect());
    }

    fn labelled(&mut self, label: &'static str, lines: Vec<Line>) {
        let width = usize::from(self.labels());
        let labels = [label].into_iter().chain(std::iter::repeat(""));
        self.lines.extend(labels.zip(lines).map(|(label, line)| {
            let label = (SafeText::line(&format!("{label:<width$}")), Role::Muted);
            [label].into_iter().chain(line).collect()
        }));
    }
}

fn state_role(booking: &BookingRow) -> Role {
    match booking.status() {
        _ if booking.is_my_turn => Role::Warning,
        BookingStatus::Accepted | BookingStatus::Completed => Role::Good,
        _ => Role::Text,
    }
}

/// Where it stands, whose turn it is, and how long there is.
fn state(model: &Model, booking: &BookingRow) -> SafeText {
    let separator = model.settings.theme.glyphs().separator;
    let mut parts = vec![booking.status().to_string()];
    if booking.status() == BookingStatus::Pending {
        parts.push(if booking.is_my_turn { "your turn".to_owned() } else { format!("{}'s turn", booking.peer) });
    }
    if booking.deal.awaits_confirmation() {
        let mine = booking.deal.has_confirmed(booking.role);
        parts.push(if mine {
            "you said that it is handed over".to_owned()
        } else {
            format!("{} said that it is handed over", booking.peer)
        });
    }
    parts.extend(booking.waiting.map(|place| format!("reserved for someone else, number {place} in line")));
    let is_open = booking.status().is_open();
    parts.extend(booking.deadline_at.filter(|_| is_open).map(|end| format!("{} left", format::left(model.now, end))));
    SafeText::line(&parts.join(separator))
}

fn peer(model: &Model, booking: &BookingRow) -> SafeText {
    let star = model.settings.theme.glyphs().star;
    let rating = booking.rating.map_or_else(String::new, |rating| format!(" {star}{rating:.1}"));
    SafeText::line(&format!("{}{rating}", booking.peer))
}

fn price(booking: &BookingRow) -> SafeText {
    let listed = if booking.full_price == booking.list_price {
        String::new()
    } else {
        format!(", listed at {}", booking.list_price)
    };
    let rounds = match booking.deal.rounds {
        0 => String::new(),
        rounds => format!(", counter-offer {rounds} of {MAX_ROUNDS}"),
    };
    SafeText::line(&format!("{}{listed}{rounds}", booking.full_price))
}

/// What the buyer wished for, and why it ended.
fn agreed(page: &mut Page, model: &Model, booking: &BookingRow) {
    if let Some((from, to)) = booking.days {
        page.fact("Days", &SafeText::line(&format!("{from} to {to}")), Role::Text);
    }
    let timezone = model.rules.as_ref().map_or("UTC", |rules| rules.timezone.as_str());
    let time = booking.meet_at.map(|time| time.local(timezone));
    let meeting: Vec<String> = time.into_iter().chain(booking.meet_place.as_ref().map(ToString::to_string)).collect();
    if !meeting.is_empty() {
        page.fact("Meet", &SafeText::line(&meeting.join(", ")), Role::Text);
    }
    for (label, text) in [("Message", &booking.message), ("Reason", &booking.reason)] {
        text.iter().for_each(|text| page.fact(label, text, Role::Text));
    }
}

fn history(page: &mut Page, model: &Model, booking: &BookingRow) {
    let ended = booking.status().as_str();
    let steps = [("asked for", Some(booking.created_at)), ("accepted", booking.accepted_at), (ended, booking.ended_at)];
    let told = steps.into_iter().filter_map(|(what, when)| Some(format!("{what} {}", format::ago(model.now, when?))));
    let mut told: Vec<String> = told.collect();
    if booking.deal.extended {
        told.push("more time was given".to_owned());
    }
    page.fact("History", &SafeText::line(&told.join(", ")), Role::Muted);
}

fn reviews(page: &mut Page, model: &Model, booking: &BookingRow) {
    let Some(reviews) = model.bookings.reviews_of(booking.id) else { return };
    let glyphs = model.settings.theme.glyphs();
    for (label, review) in [("They wrote", &reviews.theirs), ("You wrote", &reviews.mine)] {
        let Some(review) = review else { continue };
        page.fact(label, &review_text(review, glyphs), Role::Text);
        review.answer.iter().for_each(|answer| page.fact("  Answer", answer, Role::Text));
    }
}

fn review_text(review: &ReviewCard, glyphs: &Glyphs) -> SafeText {
    let stars = glyphs.star.repeat(usize::try_from(review.rating).unwrap_or(0).min(5));
    let hidden = if review.shown { "" } else { " (not shown yet)" };
    let comment = review.comment.as_ref().map_or_else(String::new, |comment| format!(" {comment}"));
    SafeText::block(&format!("{stars}{hidden}{comment}"))
}

/// What can be done now, each with its key.
fn acts(page: &mut Page, model: &Model, booking: &BookingRow) {
    let reviews = model.bookings.reviews_of(booking.id);
    let allowed = Act::ALL.into_iter().filter(|act| booking.allows(*act, reviews).is_ok()).map(action);
    let facts = allowed.chain([Action::Chat, Action::OpenItem]).filter_map(|action| {
        let key = keys::all().find(|key| key.scope == Scope::Deal && key.action == action)?;
        let chord = key.chords.first()?;
        Some(vec![(fixed(chord), Role::Key), (fixed(" "), Role::Text), (fixed(key.label), Role::Text)])
    });
    let lines = flow(facts.collect(), "  ", page.width.saturating_sub(page.labels()));
    page.labelled("You can", lines);
}

fn action(act: Act) -> Action {
    match act {
        Act::Accept => Action::Accept,
        Act::Counter => Action::Counter,
        Act::End => Action::Decline,
        Act::Extend => Action::Extend,
        Act::Complete => Action::Complete,
        Act::ShowCode => Action::ShowCode,
        Act::Review => Action::Review,
        Act::Answer => Action::Answer,
    }
}
