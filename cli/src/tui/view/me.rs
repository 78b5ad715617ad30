//! The Me tab: the profile with what can be changed in it, and the list beside it.

use campuszon_core::safe::SafeText;
use ratatui::layout::Rect;

use super::{
    pen::{Pen, fixed, row, shifted},
    section, state,
};
use crate::tui::{
    format,
    layout::{Panes, inside, padded},
    model::{Card, MenuRow, Model},
    theme::Role,
};

/// The column of the labels.
const LABELS: u16 = 11;

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let shows_card = panes.side_by_side || model.me.section.is_none();
    if shows_card {
        card(pen, model, panes.list);
    }
    if panes.side_by_side || !shows_card {
        section::draw(pen, model, panes.detail);
    }
}

fn card(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let active = model.me.section.is_none();
    pen.frame(area, active);
    let area = inside(area);
    let Some(card) = &model.me.card else {
        return state::not_here(pen, padded(area), &model.me.load);
    };
    let facts = facts(card, model);
    let selected = facts.len() + model.me.selected;
    let choices = MenuRow::ALL.into_iter().map(|choice| (choice.label(), value(choice, card), true));
    let lines: Vec<(&'static str, SafeText, bool)> =
        facts.into_iter().map(|(label, text)| (label, text, false)).chain(choices).collect();
    let top = (selected + 1).saturating_sub(usize::from(area.height));
    for (number, (index, (label, text, can_be_chosen))) in (0..area.height).zip(lines.into_iter().enumerate().skip(top))
    {
        let line = row(area, number);
        let is_selected = index == selected;
        if is_selected && active {
            pen.fill(line, Role::Selected);
        }
        let look = |role: Role| match (is_selected, active) {
            (true, true) => Role::Selected,
            (true, false) => Role::Marked,
            _ => role,
        };
        let marker = if is_selected { pen.glyphs().marker } else { "  " };
        let used = pen.text(line, &fixed(marker), look(Role::Active));
        let rest = shifted(line, used);
        pen.text(rest, &fixed(label), look(if can_be_chosen { Role::Text } else { Role::Muted }));
        pen.text(shifted(rest, LABELS), &text, look(if can_be_chosen { Role::Title } else { Role::Text }));
    }
}

fn facts(card: &Card, model: &Model) -> Vec<(&'static str, SafeText)> {
    let rating = card.rating.map_or_else(
        || fixed("no reviews yet"),
        |rating| SafeText::line(&format!("{rating:.1} of {}", format::count(card.review_count, "review"))),
    );
    vec![
        ("E-mail", card.email.clone()),
        ("Campus", card.campus.clone()),
        ("Rating", rating),
        ("Joined", SafeText::line(&format::ago(model.now, card.joined))),
    ]
}

/// What stands beside a choice.
fn value(choice: MenuRow, card: &Card) -> SafeText {
    let or_none = |text: &SafeText| if text.as_str().is_empty() { fixed("not said") } else { text.clone() };
    match choice {
        MenuRow::Name => card.name.clone(),
        MenuRow::Residence => or_none(&card.residence),
        MenuRow::Phone => or_none(&card.phone),
        MenuRow::Presence if card.hide_presence => fixed("hidden: nobody sees when you are here"),
        MenuRow::Presence => fixed("shown: others see when you are here"),
        MenuRow::Wallet => SafeText::line(&format::count(card.tokens, "token")),
        MenuRow::Redeem => fixed("redeem one"),
        MenuRow::Searches => fixed("saved ones, to run again"),
        MenuRow::Notifications => fixed("bookings, messages, matches"),
        MenuRow::Devices => fixed("where you are signed in"),
        MenuRow::SignOut => fixed("on this device"),
    }
}
