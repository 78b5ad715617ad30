//! The Browse tab: the list of items with the search box in its frame.

use campuszon_core::{item::ItemStatus, safe::SafeText};
use ratatui::layout::{Position, Rect};

use super::{
    field, filters,
    list::{self, Columns, Look, Nothing},
    pen::{Pen, fixed, shifted, width},
};
use crate::tui::{
    format,
    layout::{Panes, inside},
    model::{Browse, Focus, Load, Model, Row},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    let active = model.browse.focus != Focus::Detail;
    pen.frame(panes.list, active);
    let edge = Rect { width: panes.list.width.saturating_sub(4), height: 1, ..shifted(panes.list, 2) };
    let taken = summary(pen, edge, &model.browse);
    let field = Rect { width: edge.width.saturating_sub(taken + 1), ..edge };
    let cursor = search_box(pen, field, model);
    filters::chips(pen, panes, &model.browse.filters);
    corrected(pen, Rect { y: panes.list.bottom().saturating_sub(1), ..edge }, &model.browse);
    let shown = &model.browse.list;
    list::remark(pen, panes.list, shown);
    let row = |pen: &mut Pen<'_>, area: Rect, item: &Row, look: Look| item_row(pen, area, item, look, model);
    list::rows(pen, inside(panes.list), shown, model.browse.focus == Focus::List, &nothing(&model.browse), row);
    cursor.filter(|_| model.browse.focus == Focus::Search)
}

/// In which order the list is, and how long it is, at the right of the upper edge.
fn summary(pen: &mut Pen<'_>, edge: Rect, browse: &Browse) -> u16 {
    let order = browse.order.label(browse.is_searching());
    let count = match (browse.list.total, browse.list.rows.len()) {
        (Some(total), _) => Some(total.to_string()),
        (None, 0) if !browse.list.answered => None,
        (None, loaded) if browse.list.next.is_some() => Some(format!("{loaded}+")),
        (None, loaded) => Some(loaded.to_string()),
    };
    let parts: Vec<&str> = [Some(order), count.as_deref()].into_iter().flatten().collect();
    let text = SafeText::line(&format!(" {} ", parts.join(pen.glyphs().separator)));
    pen.right(edge, &text, Role::Muted);
    width(&text).min(edge.width)
}

/// The words of the search at the left of the upper edge, and where the cursor is in them.
fn search_box(pen: &mut Pen<'_>, field: Rect, model: &Model) -> Option<Position> {
    let input = &model.browse.input;
    let focused = model.browse.focus == Focus::Search;
    if input.value().is_empty() && !focused {
        pen.text(field, &fixed(" / search "), Role::Muted);
        return None;
    }
    let used = pen.text(field, &fixed(" / "), Role::Key);
    let room = Rect { width: field.width.saturating_sub(used + 1), ..shifted(field, used) };
    Some(field::draw(pen, room, input, false))
}

/// The words that were searched for instead, at the left of the lower edge.
fn corrected(pen: &mut Pen<'_>, edge: Rect, browse: &Browse) {
    let Some(corrected) = browse.corrected.as_ref().filter(|_| browse.list.load == Load::Idle) else { return };
    if !browse.list.rows.is_empty() {
        pen.text(edge, &SafeText::line(&format!(" showing “{corrected}” instead ")), Role::Warning);
    }
}

/// Why there is nothing, and the next key.
fn nothing(browse: &Browse) -> Nothing {
    let words = browse.words();
    let chips: Vec<String> = browse.filters.chips().iter().map(|(_, text)| text.to_string()).collect();
    let filters = chips.join(", ");
    let (why, next) = match (words.is_empty(), chips.is_empty()) {
        (false, true) => (format!("Nothing matches “{words}”."), "Esc shows everything again."),
        (false, false) => (
            format!("Nothing matches “{words}” and the filters: {filters}."),
            "Esc clears the words, then the filters.",
        ),
        (true, false) => {
            (format!("Nothing fits the filters: {filters}."), "f changes the filters, Esc takes them away.")
        }
        (true, true) => (
            "Nothing is listed on this campus yet.".to_owned(),
            "`campuszon item create` lists the first thing, R looks again.",
        ),
    };
    Nothing { why: SafeText::line(&why), next: fixed(next) }
}

/// How wide the columns are; 0 leaves one out. The title takes the rest.
struct Widths {
    price: u16,
    state: u16,
    category: u16,
    age: u16,
}

impl Widths {
    fn of(width: u16) -> Self {
        let when = |from: u16, cells: u16| if width >= from { cells } else { 0 };
        Self { price: 9, age: when(39, 5), state: when(47, 9), category: when(69, 13) }
    }
}

/// A row of an item, here and in other lists of items.
pub(super) fn item_row(pen: &mut Pen<'_>, area: Rect, item: &Row, look: Look, model: &Model) {
    let widths = Widths::of(area.width);
    let (state, role) = standing(item);
    let price = SafeText::line(&item.price);
    let star = if item.favorite { pen.glyphs().star } else { "" };
    Columns::new(pen, area, look)
        .right(widths.age, &SafeText::line(&format::age(model.now, item.created_at)), Role::Muted)
        .left(widths.category, &item.category, Role::Muted)
        .left(widths.state, &state, role)
        // A price that needs more takes it from the title.
        .right(widths.price.max(width(&price)), &price, Role::Price)
        .right(2, &fixed(star), Role::Star)
        .rest(&[(item.title.clone(), title_role(item))]);
}

fn title_role(item: &Row) -> Role {
    if item.status == ItemStatus::Reserved { Role::Muted } else { Role::Text }
}

/// The condition of an item, or the state that matters more.
fn standing(item: &Row) -> (SafeText, Role) {
    match item.status {
        ItemStatus::Active => (SafeText::line(&item.condition.as_str().replace('_', " ")), Role::Muted),
        status => (fixed(status.as_str()), Role::Warning),
    }
}
