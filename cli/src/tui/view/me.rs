//! The Me tab.

use campuszon_core::safe::SafeText;

use super::{
    pen::{Pen, fixed, row},
    state,
};
use crate::tui::{
    format,
    layout::{Panes, inside, padded},
    model::{Card, Model},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    pen.frame(panes.list, true);
    let area = padded(inside(panes.list));
    let Some(card) = &model.me.card else {
        return state::not_here(pen, area, &model.me.load);
    };
    let lines = facts(card, model);
    for (number, (label, value)) in (0..).zip(lines) {
        pen.pieces(row(area, number), &[(SafeText::line(&format!("{label:<9}")), Role::Muted), (value, Role::Text)]);
    }
}

fn facts(card: &Card, model: &Model) -> Vec<(&'static str, SafeText)> {
    let rating = card.rating.map_or_else(
        || fixed("no reviews yet"),
        |rating| SafeText::line(&format!("{rating:.1} of {}", format::count(card.review_count, "review"))),
    );
    vec![
        ("Name", card.name.clone()),
        ("E-mail", card.email.clone()),
        ("Campus", card.campus.clone()),
        ("Tokens", SafeText::line(&card.tokens.to_string())),
        ("Rating", rating),
        ("Joined", SafeText::line(&format::ago(model.now, card.joined))),
    ]
}
