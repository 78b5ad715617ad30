//! The pane of one item: its photo in a fixed box, and what there is to know.

use campuszon_core::{
    item::{ItemStatus, Listing},
    safe::SafeText,
    wire::image::ImageStatus,
};
use ratatui::layout::Rect;

use super::{
    pen::{Pen, Piece, fixed, length, row, shifted, width},
    photo, state,
    wrap::wrap,
};
use crate::tui::{
    format,
    layout::{DetailParts, Panes, inside, padded},
    model::{Focus, Full, Model, PhotoState, Row},
    theme::{Depth, Glyphs, Role},
};

type Line = Vec<Piece>;

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    pen.frame(panes.detail, model.browse.focus == Focus::Detail);
    let Some(row_shown) = model.shown_row() else { return without_row(pen, model, panes) };
    let edge = Rect { width: panes.detail.width.saturating_sub(4), height: 1, ..shifted(panes.detail, 2) };
    let counter = photo_counter(model);
    pen.right(edge, &counter, Role::Muted);
    let room = Rect { width: edge.width.saturating_sub(width(&counter) + 1), ..edge };
    let star = if row_shown.favorite { pen.glyphs().star } else { "" };
    let starred = pen.pieces(room, &[(fixed(" "), Role::Text), (fixed(star), Role::Star)]);
    let gap = if row_shown.favorite { " " } else { "" };
    let room = shifted(room, starred);
    let title =
        SafeText::line(&format!("{gap}{}", row_shown.title)).truncate(usize::from(room.width.saturating_sub(1)));
    pen.pieces(room, &[(title, Role::Title), (fixed(" "), Role::Text)]);

    let Some(parts) = model.detail_parts() else { return };
    draw_photo(pen, model, &parts);
    let visible = lines(model, parts.text.width);
    for (number, line) in (0..parts.text.height).zip(visible.iter().skip(model.detail.scroll)) {
        pen.pieces(row(parts.text, number), line);
    }
    if model.detail.full().is_none() {
        let below = u16::try_from(visible.len()).unwrap_or(u16::MAX).min(parts.text.height);
        let area = Rect { y: parts.text.y + below, height: parts.text.height - below, ..parts.text };
        state::not_here(pen, area, &model.detail.load);
    }
}

/// The pane of an item of which not even the list knows anything.
fn without_row(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    if model.detail.id.is_some() {
        state::not_here(pen, padded(inside(panes.detail)), &model.detail.load);
    }
}

fn photo_counter(model: &Model) -> SafeText {
    match model.detail.full().map_or(0, |full| full.photos.len()) {
        0 | 1 => SafeText::default(),
        count => SafeText::line(&format!(" {}/{count} ", model.detail.photo + 1)),
    }
}

fn draw_photo(pen: &mut Pen<'_>, model: &Model, parts: &DetailParts) {
    let state = model.shown_photo().and_then(|key| model.photos.get(&key));
    if let Some(PhotoState::Ready(drawing)) = state.filter(|state| is_ready(state)).or_else(|| smaller(model)) {
        photo::draw(pen, parts.photo, drawing);
    }
    let caption = caption(model, state, pen.glyphs());
    pen.text(parts.caption, &caption, Role::Muted);
}

fn is_ready(state: &PhotoState) -> bool {
    matches!(state, PhotoState::Ready(_))
}

/// The first photo as the list knows it, until the one that is as large as the box is there.
fn smaller(model: &Model) -> Option<&PhotoState> {
    let key = model.thumbnail_key(model.shown_row().filter(|_| model.detail.photo == 0)?)?;
    model.photos.get(&key)
}

/// Which photo it is, how large it was taken, and why it is not to be seen.
fn caption(model: &Model, state: Option<&PhotoState>, glyphs: &Glyphs) -> SafeText {
    let photos = model.detail.full().map(|full| full.photos.as_slice());
    let mut parts = match photos {
        None if model.shown_row().is_none_or(|row| row.thumbnail.is_none()) => return fixed(""),
        Some([]) => return fixed("No photo"),
        None | Some([_]) => vec!["Photo".to_owned()],
        Some(several) => vec![format!("Photo {} of {}", model.detail.photo + 1, several.len())],
    };
    let shown = photos.and_then(|photos| photos.get(model.detail.photo));
    parts.extend(shown.map(|shown| format!("{}{}{}", shown.width, glyphs.times, shown.height)));
    let trouble = match (shown.map(|shown| shown.status), state) {
        (Some(ImageStatus::Pending), _) => Some("being prepared"),
        (Some(ImageStatus::Failed), _) => Some("could not be prepared"),
        (_, Some(PhotoState::Failed)) => Some("could not be loaded, r tries again"),
        (_, Some(PhotoState::Loading)) => Some("loading"),
        _ if model.settings.theme.depth == Depth::None => Some("not drawn without colours"),
        _ => None,
    };
    parts.extend(trouble.map(str::to_owned));
    SafeText::line(&parts.join(glyphs.separator))
}

/// How many lines the text of the item has in its pane.
pub(in crate::tui) fn line_count(model: &Model) -> usize {
    model.detail_parts().map_or(0, |parts| lines(model, parts.text.width).len())
}

fn lines(model: &Model, width: u16) -> Vec<Line> {
    let Some(shown) = model.shown_row() else { return Vec::new() };
    let glyphs = model.settings.theme.glyphs();
    let mut lines = facts(model, shown, glyphs, width);
    let Some(full) = model.detail.full() else { return lines };
    if let Some(place) = &full.pickup {
        lines.push(vec![(fixed("Pick up at "), Role::Muted), (place.clone(), Role::Text)]);
    }
    lines.extend(contact(model, full));
    lines.push(Line::new());
    if full.description.as_str().trim().is_empty() {
        lines.push(vec![(fixed("No description."), Role::Muted)]);
    } else {
        lines.extend(wrap(&full.description, width).into_iter().map(|line| vec![(line, Role::Text)]));
    }
    lines.push(Line::new());
    lines.extend(flow(statistics(model, full), glyphs.separator, width));
    lines
}

/// How to reach the seller, as far as that is known or can be.
fn contact(model: &Model, full: &Full) -> Vec<Line> {
    match model.detail.contacts.get(&full.row.id) {
        Some(contact) => {
            let card = |line: &SafeText| vec![(fixed("Contact "), Role::Muted), (line.clone(), Role::Good)];
            contact.lines().map(card).collect()
        }
        None if full.unlocked => vec![vec![(fixed("Unlocked: u shows how to reach the seller."), Role::Good)]],
        None => Vec::new(),
    }
}

/// What it costs, what it is, and who has it: as many facts on a line as fit.
fn facts(model: &Model, item: &Row, glyphs: &Glyphs, width: u16) -> Vec<Line> {
    let mut facts = vec![vec![(item.full_price.clone(), Role::Price)]];
    let mut add = |text: SafeText, role: Role| facts.push(vec![(text, role)]);
    match item.listing {
        Listing::Rent => add(fixed("for rent"), Role::Text),
        Listing::Wanted => add(fixed("wanted"), Role::Warning),
        Listing::Sale | Listing::Free => {}
    }
    if item.status != ItemStatus::Active {
        add(fixed(item.status.as_str()), Role::Warning);
    }
    add(SafeText::line(&item.condition.as_str().replace('_', " ")), Role::Text);
    add(item.category.clone(), Role::Text);
    add(SafeText::line(&format::ago(model.now, item.created_at)), Role::Muted);
    facts.push(seller(item, glyphs));
    flow(facts, glyphs.separator, width)
}

/// Lays facts one after the other, each in one piece, and begins a line where the next does not fit.
pub(super) fn flow(facts: Vec<Line>, separator: &'static str, width: u16) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for fact in facts {
        match lines.last_mut() {
            Some(line) if length(line).saturating_add(length(&fact)).saturating_add(3) <= width => {
                line.push((fixed(separator), Role::Muted));
                line.extend(fact);
            }
            _ => lines.push(fact),
        }
    }
    lines
}

fn seller(item: &Row, glyphs: &Glyphs) -> Line {
    let mut line = vec![(item.seller.clone(), Role::Text)];
    if let Some(rating) = item.rating {
        line.push((SafeText::line(&format!(" {}{rating:.1}", glyphs.star)), Role::Star));
    }
    if item.online {
        line.push((SafeText::line(&format!(" {} online", glyphs.dot)), Role::Good));
    }
    line
}

fn statistics(model: &Model, full: &Full) -> Vec<Line> {
    let mut facts = vec![format::count(full.views, "view"), format::count(full.favorites, "favourite")];
    facts.extend(full.expires_at.map(|expires| format!("expires {}", format::ahead(model.now, expires))));
    facts.iter().map(|fact| vec![(SafeText::line(fact), Role::Muted)]).collect()
}
