//! The rows around the panes: the header with tabs and status, the footer with hints or a notice.

use campuszon_core::safe::SafeText;
use ratatui::layout::Position;

use super::pen::{Pen, Piece, fixed, length, shifted, width};
use crate::tui::{
    format,
    keys::{self, Key},
    layout::Panes,
    model::{Account, Connection, Link, Model, Tab},
    theme::Role,
};

pub(super) fn header(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let area = shifted(panes.header, 1);
    let used =
        tabs(model, area.width).iter().fold(0, |used, (_, pieces)| used + pen.pieces(shifted(area, used), pieces));
    let rest = shifted(area, used + 1);
    let mut pieces = status(pen, model, panes.roomy);
    while length(&pieces) >= rest.width && !pieces.is_empty() {
        // The last piece says whether there is a connection: it stays the longest.
        pieces.remove(0);
    }
    if pieces.is_empty() {
        pieces = vec![sign(pen, model)];
    }
    let free = rest.width.saturating_sub(length(&pieces)).saturating_sub(1);
    pen.pieces(shifted(rest, free), &pieces);
}

/// Room that the tabs leave for the least that is to be said of the connection.
const LEAST_STATUS: u16 = 4;

/// From here on the name of the program stands before the tabs.
const ROOM_FOR_NAME: u16 = 99;

/// The parts of the header's left side: tabs, and the name of the program.
type Parts = Vec<(Option<Tab>, Vec<Piece>)>;

/// The tabs, as much of them as fits: with the program's name, without it, or only the name of the one that is open.
fn tabs(model: &Model, width: u16) -> Parts {
    let all = |named: fn(Tab, Tab) -> bool| -> Parts {
        Tab::ALL.iter().map(|tab| (Some(*tab), tab_pieces(model, *tab, named(*tab, model.tab)))).collect()
    };
    let full = all(|_, _| true);
    let name = (None, vec![(fixed("CampusZon"), Role::Title), (fixed("  "), Role::Text)]);
    let named: Parts = std::iter::once(name).chain(full.iter().cloned()).collect();
    let cells = |parts: &Parts| parts.iter().map(|(_, pieces)| length(pieces)).sum::<u16>();
    let fits = |parts: &Parts| cells(parts).saturating_add(LEAST_STATUS) <= width;
    if width >= ROOM_FOR_NAME && fits(&named) {
        return named;
    }
    if fits(&full) { full } else { all(|tab, open| tab == open) }
}

/// The tab at a place of the header.
pub(in crate::tui) fn tab_at(model: &Model, panes: &Panes, at: Position) -> Option<Tab> {
    let area = shifted(panes.header, 1);
    if !area.contains(at) {
        return None;
    }
    let mut end = area.x;
    let parts = tabs(model, area.width);
    let found = parts.iter().find(|(_, pieces)| {
        end += length(pieces);
        at.x < end
    });
    found.and_then(|(tab, _)| *tab)
}

/// One tab: its number, its name where there is room, and how much in it is new.
fn tab_pieces(model: &Model, tab: Tab, with_name: bool) -> Vec<Piece> {
    let count = match tab {
        Tab::Chats => model.unread.messages,
        Tab::Alerts => model.unread.alerts,
        _ => 0,
    };
    let name = if with_name { format!(" {}", tab.label()) } else { String::new() };
    let role = if model.tab == tab { Role::Active } else { Role::Muted };
    let mut pieces = vec![(SafeText::line(&format!("{}{name}", tab.number())), role)];
    if count > 0 {
        pieces.push((SafeText::line(&format!("({})", count.min(99))), Role::Warning));
    }
    pieces.push((fixed(if with_name { "  " } else { " " }), Role::Text));
    pieces
}

/// The least that is to be said of the connection.
fn sign(pen: &Pen<'_>, model: &Model) -> Piece {
    match model.connection {
        Connection::Unknown => (fixed(pen.glyphs().ring), Role::Muted),
        Connection::Online => (fixed(pen.glyphs().dot), Role::Good),
        Connection::Offline => (fixed(pen.glyphs().ring), Role::Danger),
    }
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

/// What is wrong with the connection, and what becomes of it.
pub(super) fn banner(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let text = match &model.link {
        Link::Waiting { reason, until } => {
            let seconds = until.since(model.now).as_secs_f64().ceil();
            let next =
                if seconds > 0.0 { format!("again in {seconds:.0} s, R now") } else { "trying again".to_owned() };
            format!("No connection ({next}): {reason}")
        }
        Link::Ended(reason) => format!("No live connection (R tries again): {reason}"),
        Link::Off | Link::Connecting | Link::Up => return,
    };
    pen.text(shifted(panes.banner, 1), &SafeText::line(&text), Role::Danger);
}

pub(super) fn footer(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let area = shifted(panes.footer, 1);
    if let Some(notice) = &model.notice {
        let role = if notice.bad { Role::Danger } else { Role::Title };
        pen.text(area, &notice.text, role);
        return;
    }
    let mut used = 0;
    for (chord, key) in hints(model, area.width) {
        let pieces = [(fixed(chord), Role::Key), (fixed(" "), Role::Text), (fixed(key.label), Role::Muted)];
        used += pen.pieces(shifted(area, used), &pieces) + GAP;
    }
}

/// Between two hints.
const GAP: u16 = 2;

/// The hints that there is room for. The last one keeps its place however narrow it gets.
fn hints(model: &Model, room: u16) -> Vec<(&'static str, &'static Key)> {
    let (scope, glyphs) = (model.scope(), model.settings.theme.glyphs());
    let mut hints: Vec<(&'static str, &Key)> = keys::available(scope)
        .filter(|key| key.hint)
        .filter_map(|key| keys::shown_chord(key, scope).map(|chord| (glyphs.chord(chord), key)))
        .collect();
    while hints.iter().map(hint_width).sum::<u16>() > room && hints.len() > 1 {
        hints.remove(hints.len() - 2);
    }
    hints
}

fn hint_width((chord, key): &(&'static str, &Key)) -> u16 {
    width(&fixed(chord)) + width(&fixed(key.label)) + 1 + GAP
}

/// The key whose hint is at a place of the footer.
pub(in crate::tui) fn hint_at(model: &Model, panes: &Panes, at: Position) -> Option<&'static Key> {
    let area = shifted(panes.footer, 1);
    if !area.contains(at) || model.notice.is_some() {
        return None;
    }
    let mut end = area.x;
    let found = hints(model, area.width).into_iter().find(|hint| {
        end += hint_width(hint);
        at.x < end
    });
    found.map(|(_, key)| key)
}
