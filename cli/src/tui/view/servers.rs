//! The choice of a server.

use campuszon_core::safe::SafeText;
use ratatui::layout::Rect;

use super::{
    overlay::{centred, open, visible},
    pen::{Pen, Piece, fixed, row, shifted},
};
use crate::tui::{
    layout::Panes,
    model::{Model, Switcher},
    servers::Named,
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes, switcher: &Switcher) {
    let servers = switcher.servers.as_deref().unwrap_or_default();
    let inner = open(pen, place(panes, switcher), "Servers");
    if let Some(problem) = &switcher.problem {
        pen.text(row(inner, inner.height.saturating_sub(1)), problem, Role::Danger);
    }
    let named = servers.iter().map(|server| pieces(pen, model, server));
    let another = vec![(fixed("another one, by its address"), Role::Text)];
    let rows: Vec<Vec<Piece>> = named.chain([another]).collect();
    for (number, (index, pieces)) in visible(rows.into_iter().enumerate(), switcher.selected, inner.height) {
        line(pen, row(inner, number), &pieces, index == switcher.selected);
    }
}

/// Where it lies.
pub(super) fn place(panes: &Panes, switcher: &Switcher) -> Rect {
    let servers = switcher.servers.as_ref().map_or(0, Vec::len);
    centred(panes, 66, u16::try_from(servers).unwrap_or(u16::MAX).saturating_add(4))
}

fn line(pen: &mut Pen<'_>, line: Rect, pieces: &[Piece], selected: bool) {
    if selected {
        pen.fill(line, Role::Selected);
    }
    let look = |role: Role| if selected { Role::Selected } else { role };
    let pieces: Vec<Piece> = pieces.iter().map(|(text, role)| (text.clone(), look(*role))).collect();
    let marker = if selected { pen.glyphs().marker } else { "  " };
    let used = pen.text(line, &fixed(marker), look(Role::Active));
    pen.pieces(shifted(line, used), &pieces);
}

fn pieces(pen: &Pen<'_>, model: &Model, server: &Named) -> Vec<Piece> {
    let is_here = server.address == model.settings.address();
    let sign = if is_here { pen.glyphs().unread } else { "  " };
    let user = server.user.as_deref().unwrap_or("nobody signed in");
    vec![
        (fixed(sign), Role::Good),
        (SafeText::line(&format!("{:<10} ", server.name)), Role::Title),
        (SafeText::line(&format!("{user}  ")), Role::Text),
        (SafeText::line(&server.address), Role::Muted),
    ]
}
