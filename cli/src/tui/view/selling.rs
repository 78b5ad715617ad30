//! The Selling tab.

use campuszon_core::{item::ItemStatus, safe::SafeText};
use ratatui::layout::Rect;

use super::{
    list::{self, Columns, Look, Nothing},
    pen::{Pen, fixed, width},
};
use crate::tui::{
    format,
    layout::Panes,
    model::{Model, Row, Upload},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let nothing = Nothing::fixed("You have listed nothing.", "a lists the first thing.");
    let row = |pen: &mut Pen<'_>, area: Rect, item: &Row, look: Look| own_row(pen, area, item, look, model);
    let whole = if panes.side_by_side { panes.list.union(panes.detail) } else { panes.list };
    list::pane(pen, whole, "Selling", &model.selling.list, true, &nothing, row);
    under_way(pen, model, whole);
}

/// What is being written and sent meanwhile, at the lower edge.
fn under_way(pen: &mut Pen<'_>, model: &Model, pane: Rect) {
    let Some(form) = model.selling.draft.as_ref() else { return };
    let running = form.photos.iter().filter(|photo| photo.is_running());
    let said = running.map(|photo| format!("{} {}", photo.name, photo.said())).next();
    let count = form.photos.iter().filter(|photo| Upload::is_running(photo)).count();
    let text = match said {
        Some(said) => format!(" {}: {said} ", format::count(i64::try_from(count).unwrap_or(0), "photo")),
        None => " a goes on with what you began ".to_owned(),
    };
    let edge = Rect {
        x: pane.x.saturating_add(2),
        y: pane.bottom().saturating_sub(1),
        width: pane.width.saturating_sub(4),
        height: 1,
    };
    pen.right(edge, &SafeText::line(&text), Role::Warning);
}

/// One's own item: where it stands, and how many wait for an answer.
fn own_row(pen: &mut Pen<'_>, area: Rect, item: &Row, look: Look, model: &Model) {
    let waiting = match model.selling.requests.get(&item.id) {
        Some(count) => SafeText::line(&format!("{count} waiting")),
        None => SafeText::default(),
    };
    let price = SafeText::line(&item.price);
    let roomy = area.width >= 50;
    Columns::new(pen, area, look)
        .right(if roomy { 5 } else { 0 }, &SafeText::line(&format::age(model.now, item.created_at)), Role::Muted)
        .left(11, &fixed(item.status.as_str()), role(item.status))
        .left(if roomy || width(&waiting) > 0 { 11 } else { 0 }, &waiting, Role::Warning)
        .right(if roomy { 9.max(width(&price)) } else { 0 }, &price, Role::Price)
        .rest(&[(item.title.clone(), Role::Text)]);
}

fn role(status: ItemStatus) -> Role {
    match status {
        ItemStatus::Active => Role::Good,
        ItemStatus::Reserved | ItemStatus::Processing => Role::Warning,
        ItemStatus::Removed => Role::Danger,
        _ => Role::Muted,
    }
}
