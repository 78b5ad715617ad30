//! The pane of one item: its photo in a fixed box, and what there is to know.

use std::sync::Arc;

use campuszon_core::{
    item::{ItemStatus, Listing},
    safe::SafeText,
    wire::image::ImageStatus,
};
use ratatui::layout::Rect;

use super::{
    pen::{Pen, Piece, fixed, row, shifted, width},
    photo, state,
    wrap::wrap,
};
use crate::tui::{
    format,
    layout::{DetailParts, Panes, inside},
    model::{Focus, Full, Load, Model, Photo, PhotoKey, PhotoState, Row},
    theme::{Depth, Glyphs, Role},
};

type Line = Vec<Piece>;

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    pen.frame(panes.detail, model.focus == Focus::Detail);
    let Some(row_shown) = shown_row(model) else { return without_row(pen, model, panes) };
    let edge = Rect { width: panes.detail.width.saturating_sub(4), height: 1, ..shifted(panes.detail, 2) };
    let counter = photo_counter(model);
    pen.right(edge, &counter, Role::Muted);
    let room = Rect { width: edge.width.saturating_sub(width(&counter) + 1), ..edge };
    let title = SafeText::line(&format!(" {}", row_shown.title)).truncate(usize::from(room.width.saturating_sub(1)));
    let used = pen.text(room, &title, Role::Title);
    pen.text(shifted(room, used), &fixed(" "), Role::Text);

    let parts = DetailParts::of(panes.detail);
    draw_photo(pen, model, &parts);
    let visible = lines(model, parts.text.width);
    for (number, line) in (0..parts.text.height).zip(visible.iter().skip(model.detail.scroll)) {
        pen.pieces(row(parts.text, number), line);
    }
    if model.detail.full().is_none() {
        let below = u16::try_from(visible.len()).unwrap_or(u16::MAX).min(parts.text.height);
        let area = Rect { y: parts.text.y + below, height: parts.text.height - below, ..parts.text };
        not_here(pen, model, area);
    }
}

/// The pane of an item of which not even the list knows anything.
fn without_row(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let area = inside(panes.detail);
    if model.detail.id.is_some() {
        not_here(pen, model, area);
    }
}

fn not_here(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    match &model.detail.load {
        Load::Failed(failure) => state::failed(pen, area, failure),
        load => state::loading(pen, area, load),
    }
}

/// What is known of the item: from the item itself, else from the list.
fn shown_row(model: &Model) -> Option<&Arc<Row>> {
    match model.detail.full() {
        Some(full) => Some(&full.row),
        None => model.browse.list.find(model.detail.id?),
    }
}

/// The address of the photo that the list knows of the item shown.
pub(in crate::tui) fn thumbnail(model: &Model) -> Option<String> {
    shown_row(model)?.thumbnail.clone()
}

fn photo_counter(model: &Model) -> SafeText {
    match model.detail.full().map_or(0, |full| full.photos.len()) {
        0 | 1 => SafeText::default(),
        count => SafeText::line(&format!(" {}/{count} ", model.detail.photo + 1)),
    }
}

fn draw_photo(pen: &mut Pen<'_>, model: &Model, parts: &DetailParts) {
    let full = model.detail.full();
    let shown = full.and_then(|full| full.photos.get(model.detail.photo));
    let url = match (full, shown) {
        (_, Some(shown)) => shown.url.clone(),
        (None, None) => thumbnail(model),
        (Some(_), None) => None,
    };
    let state = url.map(|url| PhotoKey { url, cells: parts.photo.as_size() }).and_then(|key| model.photos.get(&key));
    if let Some(PhotoState::Ready(pixels)) = state {
        photo::draw(pen, parts.photo, pixels);
    }
    let caption = caption(model, full, shown, state, pen.glyphs());
    pen.text(parts.caption, &caption, Role::Muted);
}

fn caption(
    model: &Model,
    full: Option<&Arc<Full>>,
    shown: Option<&Photo>,
    state: Option<&PhotoState>,
    glyphs: &Glyphs,
) -> SafeText {
    let has_none = match full {
        Some(full) => full.photos.is_empty(),
        None => thumbnail(model).is_none(),
    };
    if has_none {
        return fixed(if full.is_some() { "No photo" } else { "" });
    }
    let count = full.map_or(1, |full| full.photos.len());
    let mut parts = vec![match count {
        1 => "Photo".to_owned(),
        _ => format!("Photo {} of {count}", model.detail.photo + 1),
    }];
    if let Some(shown) = shown {
        parts.push(format!("{}{}{}", shown.width, glyphs.times, shown.height));
    }
    let trouble = match (shown.map(|shown| shown.status), state) {
        (Some(ImageStatus::Pending), _) => Some("being prepared"),
        (Some(ImageStatus::Failed), _) => Some("could not be prepared"),
        (_, Some(PhotoState::Failed)) => Some("could not be loaded, r tries again"),
        _ if model.settings.theme.depth == Depth::None => Some("not drawn without colours"),
        _ => None,
    };
    parts.extend(trouble.map(str::to_owned));
    SafeText::line(&parts.join(glyphs.separator))
}

/// How many lines the text of the item has in its pane.
pub(in crate::tui) fn line_count(model: &Model) -> usize {
    model.panes().map_or(0, |panes| lines(model, DetailParts::of(panes.detail).text.width).len())
}

fn lines(model: &Model, width: u16) -> Vec<Line> {
    let Some(shown) = shown_row(model) else { return Vec::new() };
    let glyphs = model.settings.theme.glyphs();
    let mut lines = vec![facts(model, shown, glyphs), seller(shown, glyphs)];
    let Some(full) = model.detail.full() else { return lines };
    if let Some(place) = &full.pickup {
        lines.push(vec![(fixed("Pick up at "), Role::Muted), (place.clone(), Role::Text)]);
    }
    lines.push(Line::new());
    if full.description.as_str().trim().is_empty() {
        lines.push(vec![(fixed("No description."), Role::Muted)]);
    } else {
        lines.extend(wrap(&full.description, width).into_iter().map(|line| vec![(line, Role::Text)]));
    }
    lines.push(Line::new());
    lines.push(vec![(statistics(model, full, glyphs), Role::Muted)]);
    lines
}

/// Price, condition, category and age.
fn facts(model: &Model, item: &Row, glyphs: &Glyphs) -> Line {
    let separator = || (fixed(glyphs.separator), Role::Muted);
    let mut line = vec![(item.full_price.clone(), Role::Price)];
    let mut add = |text: SafeText, role: Role| line.extend([separator(), (text, role)]);
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
    line
}

fn seller(item: &Row, glyphs: &Glyphs) -> Line {
    let mut line = vec![(item.seller.clone(), Role::Text)];
    if let Some(rating) = item.rating {
        line.push((SafeText::line(&format!(" {}{rating:.1}", glyphs.star)), Role::Star));
    }
    if item.online {
        line.push((SafeText::line(&format!(" {} online", glyphs.dot)), Role::Good));
    }
    if item.favorite {
        line.push((SafeText::line(&format!("{}your favourite {}", glyphs.separator, glyphs.star)), Role::Star));
    }
    line
}

fn statistics(model: &Model, full: &Full, glyphs: &Glyphs) -> SafeText {
    let mut parts = vec![format::count(full.views, "view"), format::count(full.favorites, "favourite")];
    if let Some(expires) = full.expires_at {
        parts.push(format!("expires {}", format::ahead(model.now, expires)));
    }
    SafeText::line(&parts.join(glyphs.separator))
}
