//! The rows around the panes: the header with tabs and status, the footer with hints or a notice.

use campuszon_core::safe::SafeText;

use super::pen::{Pen, Piece, fixed, length, shifted, width};
use crate::tui::{
    format,
    keys::{self, Key},
    layout::Panes,
    model::{Account, Connection, Model},
    theme::Role,
};

pub(super) fn header(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let area = shifted(panes.header, 1);
    let used = pen.pieces(
        area,
        &[(fixed("CampusZon"), Role::Title), (fixed("  "), Role::Text), (fixed("1 Browse"), Role::Active)],
    );
    let rest = shifted(area, used + 2);
    let mut pieces = status(pen, model, panes.roomy);
    while length(&pieces) >= rest.width && !pieces.is_empty() {
        // The last piece says whether there is a connection: it stays the longest.
        pieces.remove(0);
    }
    let free = rest.width.saturating_sub(length(&pieces)).saturating_sub(1);
    pen.pieces(shifted(rest, free), &pieces);
}

fn status(pen: &Pen<'_>, model: &Model, roomy: bool) -> Vec<Piece> {
    let glyphs = pen.glyphs();
    let mut texts = Vec::new();
    if roomy {
        texts.push((model.settings.server.clone(), Role::Muted));
    }
    match &model.account {
        Account::Unknown => {}
        Account::SignedOut => texts.push((fixed("signed out"), Role::Warning)),
        Account::SignedIn { name, campus, tokens } => {
            if roomy {
                texts.push((campus.clone(), Role::Muted));
            }
            texts.push((name.clone(), Role::Text));
            if roomy {
                texts.push((SafeText::line(&format::count(*tokens, "token")), Role::Text));
            }
        }
    }
    match model.connection {
        Connection::Unknown => texts.push((fixed("connecting"), Role::Muted)),
        Connection::Online => texts.push((SafeText::line(&format!("{} online", glyphs.dot)), Role::Good)),
        Connection::Offline => texts.push((SafeText::line(&format!("{} offline", glyphs.ring)), Role::Danger)),
    }
    joined(texts, glyphs.separator)
}

/// Each piece but the last is followed by the separator.
fn joined(texts: Vec<Piece>, separator: &'static str) -> Vec<Piece> {
    let last = texts.len().saturating_sub(1);
    let spaced = texts.into_iter().enumerate().map(|(index, (text, role))| {
        let text = if index == last { text } else { SafeText::line(&format!("{text}{separator}")) };
        (text, role)
    });
    spaced.collect()
}

pub(super) fn footer(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let area = shifted(panes.footer, 1);
    if let Some(notice) = &model.notice {
        let role = if notice.bad { Role::Danger } else { Role::Title };
        pen.text(area, &notice.text, role);
        return;
    }
    let scope = model.scope();
    let mut hints: Vec<(&'static str, &Key)> = keys::available(scope)
        .filter(|key| key.hint)
        .filter_map(|key| keys::shown_chord(key, scope).map(|chord| (pen.glyphs().chord(chord), key)))
        .collect();
    while hints.iter().map(hint_width).sum::<u16>() > area.width && hints.len() > 1 {
        hints.remove(hints.len() - 2);
    }
    let mut used = 0;
    for (chord, key) in hints {
        let pieces = [(fixed(chord), Role::Key), (fixed(" "), Role::Text), (fixed(key.label), Role::Muted)];
        used += pen.pieces(shifted(area, used), &pieces) + 2;
    }
}

fn hint_width((chord, key): &(&'static str, &Key)) -> u16 {
    width(&fixed(chord)) + width(&fixed(key.label)) + 3
}
