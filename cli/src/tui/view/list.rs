//! The list of items with the search box in its frame.

use campuszon_core::{item::ItemStatus, safe::SafeText};
use ratatui::layout::{Position, Rect};

use super::{
    pen::{Pen, fixed, row, shifted, width},
    state,
};
use crate::tui::{
    format,
    layout::{Panes, inside, padded},
    model::{Browse, Focus, Load, Model, Row},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    let active = model.focus != Focus::Detail;
    pen.frame(panes.list, active);
    let edge = Rect { width: panes.list.width.saturating_sub(4), height: 1, ..shifted(panes.list, 2) };
    let taken = summary(pen, edge, &model.browse);
    let field = Rect { width: edge.width.saturating_sub(taken + 1), ..edge };
    let cursor = search_box(pen, field, model);
    let bottom = Rect { y: panes.list.bottom().saturating_sub(1), ..edge };
    remark(pen, bottom, &model.browse);
    body(pen, model, inside(panes.list));
    cursor.filter(|_| model.focus == Focus::Search)
}

/// What narrows and orders the list, and how long it is, at the right of the upper edge.
fn summary(pen: &mut Pen<'_>, edge: Rect, browse: &Browse) -> u16 {
    let order = browse.order.label(browse.is_searching());
    let count = match (browse.list.total, browse.list.rows.len()) {
        (Some(total), _) => Some(total.to_string()),
        (None, 0) if !browse.list.answered => None,
        (None, loaded) if browse.list.next.is_some() => Some(format!("{loaded}+")),
        (None, loaded) => Some(loaded.to_string()),
    };
    let parts: Vec<&str> = [browse.category.as_deref(), Some(order), count.as_deref()].into_iter().flatten().collect();
    let text = SafeText::line(&format!(" {} ", parts.join(pen.glyphs().separator)));
    pen.right(edge, &text, Role::Muted);
    width(&text).min(edge.width)
}

/// The words of the search at the left of the upper edge, and where the cursor is in them.
fn search_box(pen: &mut Pen<'_>, field: Rect, model: &Model) -> Option<Position> {
    let input = &model.browse.input;
    let focused = model.focus == Focus::Search;
    if input.value().is_empty() && !focused {
        pen.text(field, &fixed(" / search "), Role::Muted);
        return None;
    }
    let used = pen.text(field, &fixed(" / "), Role::Key);
    let room = Rect { width: field.width.saturating_sub(used + 2), ..shifted(field, used) };
    let before: String = input.value().chars().take(input.cursor()).collect();
    let after: String = input.value().chars().skip(input.cursor()).collect();
    let before = tail(&before, room.width);
    let shown = SafeText::line(&format!("{before}{after} "));
    pen.text(room, &shown, Role::Title);
    Some(Position::new(room.x.saturating_add(width(&before)), room.y))
}

/// The end of a text, as much as fits so many cells.
fn tail(text: &str, cells: u16) -> SafeText {
    let mut start = 0;
    loop {
        let safe = SafeText::line(text.get(start..).unwrap_or_default());
        let next = unicode_segmentation::UnicodeSegmentation::graphemes(safe.as_str(), true).next().map(str::len);
        match next {
            Some(length) if width(&safe) > cells => start += length,
            _ => return safe,
        }
    }
}

/// What is to be known of the rows, at the left of the lower edge.
fn remark(pen: &mut Pen<'_>, edge: Rect, browse: &Browse) {
    if browse.list.rows.is_empty() {
        return;
    }
    let (text, role) = match (&browse.load, &browse.list.corrected) {
        (Load::Failed(failure), _) => (format!(" {} ", failure.sentence), Role::Danger),
        (Load::Running { slow: true, .. }, _) => (" loading ".to_owned(), Role::Muted),
        (_, Some(corrected)) => (format!(" showing “{corrected}” instead "), Role::Warning),
        _ => return,
    };
    pen.text(edge, &SafeText::line(&text), role);
}

fn body(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    let browse = &model.browse;
    if browse.list.rows.is_empty() {
        return nothing(pen, browse, padded(area));
    }
    let columns = Columns::of(area.width);
    let rows = browse.list.rows.iter().skip(browse.list.top);
    for (number, item) in (0..area.height).zip(rows) {
        let selected = browse.list.selected == Some(item.id);
        let look = match (selected, model.focus) {
            (false, _) => Look::Plain,
            (true, Focus::List) => Look::Selected,
            (true, _) => Look::Marked,
        };
        item_row(pen, row(area, number), item, look, &columns, model);
    }
}

fn nothing(pen: &mut Pen<'_>, browse: &Browse, area: Rect) {
    if browse.load != Load::Idle {
        return state::not_here(pen, area, &browse.load);
    }
    let words = browse.words();
    let (why, next) = match (words.is_empty(), &browse.category) {
        (false, None) => (format!("Nothing matches “{words}”."), "Esc shows everything again."),
        (false, Some(category)) => {
            (format!("Nothing in {category} matches “{words}”."), "Esc looks at everything again.")
        }
        (true, Some(category)) => {
            (format!("Nothing is listed in {category}."), "f chooses another category, Esc all of them.")
        }
        (true, None) => (
            "Nothing is listed on this campus yet.".to_owned(),
            "`campuszon item create` lists the first thing, R looks again.",
        ),
    };
    state::empty(pen, area, &SafeText::line(&why), &fixed(next));
}

/// How a row stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Plain,
    /// Selected in the pane that has the keys.
    Selected,
    /// Selected, while the keys go elsewhere.
    Marked,
}

impl Look {
    fn role(self, role: Role) -> Role {
        match self {
            Self::Plain => role,
            Self::Selected => Role::Selected,
            Self::Marked => Role::Marked,
        }
    }
}

/// How wide the columns are; 0 leaves one out. The title takes the rest.
struct Columns {
    price: u16,
    state: u16,
    category: u16,
    age: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        let when = |from: u16, cells: u16| if width >= from { cells } else { 0 };
        Self { price: 9, age: when(42, 5), state: when(50, 9), category: when(72, 13) }
    }
}

fn item_row(pen: &mut Pen<'_>, area: Rect, item: &Row, look: Look, columns: &Columns, model: &Model) {
    if look == Look::Selected {
        pen.fill(area, Role::Selected);
    }
    let marker = if look == Look::Plain { "  " } else { pen.glyphs().marker };
    pen.text(area, &fixed(marker), look.role(Role::Active));
    // Columns are laid from the right; a price that needs more takes it from the title.
    let mut rest = Rect { width: area.width.saturating_sub(3), ..shifted(area, 2) };
    let mut column = |pen: &mut Pen<'_>, cells: u16, text: &SafeText, role: Role, align: Align| {
        let cells = cells.min(rest.width);
        let place = shifted(rest, rest.width - cells);
        rest.width -= cells;
        match align {
            Align::Left => _ = pen.text(shifted(place, 1), text, look.role(role)),
            Align::Right => pen.right(place, text, look.role(role)),
        }
    };
    let age = SafeText::line(&format::age(model.now, item.created_at));
    column(pen, columns.age, &age, Role::Muted, Align::Right);
    column(pen, columns.category, &item.category, Role::Muted, Align::Left);
    let (state, role) = standing(item);
    column(pen, columns.state, &state, role, Align::Left);
    let price = SafeText::line(&item.price);
    column(pen, columns.price.max(width(&price)), &price, Role::Price, Align::Right);
    let star = if item.favorite { pen.glyphs().star } else { "" };
    column(pen, 2, &fixed(star), Role::Star, Align::Right);
    pen.text(Rect { width: rest.width.saturating_sub(1), ..rest }, &item.title, look.role(title_role(item)));
}

#[derive(Clone, Copy)]
enum Align {
    Left,
    Right,
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
