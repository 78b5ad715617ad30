//! The panel of filters: over the list, or beside it where there is room.

use campuszon_core::{Decimal, safe::SafeText};
use ratatui::layout::{Position, Rect};

use super::{
    field,
    overlay::{centred, open},
    pen::{Pen, fixed, row, shifted, width},
    wrap::wrap,
};
use crate::tui::{
    layout::{Panes, inside, padded},
    model::{Browse, Field, Filter, Filters, Model, Order, Panel},
    theme::Role,
};

/// The column of the labels.
const LABELS: u16 = 11;

/// Draws the panel beside the list while it is not open.
pub(super) fn column(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    if panes.filters.width == 0 {
        return;
    }
    pen.frame(panes.filters, false);
    pen.text(shifted(panes.filters, 2), &fixed(" Filters "), Role::Title);
    rows(pen, padded(inside(panes.filters)), &model.browse, None);
}

/// Draws the open panel; tells where the cursor is while something is written in it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes, panel: &Panel) -> Option<Position> {
    let area = open(pen, panel_place(panes), "Filters");
    rows(pen, area, &model.browse, Some(panel))
}

/// Where the panel is while it is open: in its column, or over the list.
pub(in crate::tui) fn panel_place(panes: &Panes) -> Rect {
    if panes.filters.width == 0 { centred(panes, 46, 15) } else { panes.filters }
}

/// The row of the panel at a place, or of the column; none while something is written, which moves the rows.
pub(in crate::tui) fn row_at(panes: &Panes, panel: &Panel, at: Position) -> Option<usize> {
    let area = padded(inside(panel_place(panes)));
    if panel.field.is_some() || !area.contains(at) {
        return None;
    }
    let index = first_row(panel, area) + usize::from(at.y - area.y);
    (index < Filter::ALL.len()).then_some(index)
}

/// The first row that is shown, so that the selected one is, with what is wrong with it.
fn first_row(panel: &Panel, area: Rect) -> usize {
    let below = panel.field.as_ref().map_or(0, |field| problem(field, area).len());
    (panel.selected + 1 + below).saturating_sub(usize::from(area.height)).min(panel.selected)
}

/// What is wrong with what is being written, line by line.
fn problem(field: &Field, area: Rect) -> Vec<SafeText> {
    field.problem.iter().flat_map(|problem| wrap(problem, area.width)).collect()
}

fn rows(pen: &mut Pen<'_>, area: Rect, browse: &Browse, panel: Option<&Panel>) -> Option<Position> {
    let selected = panel.map(Panel::filter);
    let top = panel.map_or(0, |panel| first_row(panel, area));
    let mut cursor = None;
    let mut at = 0;
    for filter in Filter::ALL.into_iter().skip(top) {
        let line = row(area, at);
        at = at.saturating_add(1);
        let written = panel.filter(|_| selected == Some(filter)).and_then(|panel| panel.field.as_ref());
        if let Some(written) = written {
            pen.text(line, &written.label, Role::Active);
            cursor = Some(field::draw(pen, shifted(line, LABELS), &written.input, false));
            for text in problem(written, area) {
                pen.text(row(area, at), &text, Role::Danger);
                at = at.saturating_add(1);
            }
            continue;
        }
        choice(pen, line, filter, browse, selected == Some(filter));
    }
    cursor
}

fn choice(pen: &mut Pen<'_>, line: Rect, filter: Filter, browse: &Browse, selected: bool) {
    if selected {
        pen.fill(line, Role::Selected);
    }
    let look = |role: Role| if selected { Role::Selected } else { role };
    let label = fixed(filter.label());
    pen.text(line, &label, look(Role::Text));
    let (text, is_set) = value(filter, browse);
    let column = LABELS.max(width(&label).saturating_add(1));
    pen.text(shifted(line, column), &text, look(if is_set { Role::Active } else { Role::Muted }));
}

/// What a row is set to, and whether it narrows the list.
fn value(filter: Filter, browse: &Browse) -> (SafeText, bool) {
    let filters = &browse.filters;
    let said = |text: Option<String>| match text {
        Some(text) => (SafeText::line(&text), true),
        None => (fixed("any"), false),
    };
    let price = |price: Option<Decimal>| said(price.map(|price| price.to_string()));
    let switch = |on: bool, yes: &'static str| if on { (fixed(yes), true) } else { (fixed("any"), false) };
    match filter {
        Filter::Category => said(filters.category.clone()),
        Filter::Condition => {
            let only = Filters { condition: filters.condition, ..Filters::default() };
            said(only.chips().first().map(|(_, text)| text.to_string()))
        }
        Filter::Listing => said(filters.listing.map(|listing| listing.to_string())),
        Filter::From => price(filters.from),
        Filter::To => price(filters.to),
        Filter::Image => switch(filters.has_image, "only with photos"),
        Filter::Favorite => switch(filters.favorite, "only what I starred"),
        Filter::Seller => said(filters.seller.as_ref().map(|(_, name)| name.to_string())),
        Filter::Sort => (fixed(browse.order.label(browse.is_searching())), browse.order != Order::Natural),
        Filter::Save | Filter::Saved => (SafeText::default(), false),
    }
}

/// What narrows the list, at the right of its lower edge.
pub(super) fn chips(pen: &mut Pen<'_>, panes: &Panes, filters: &Filters) {
    for (_, text, place) in placed_chips(panes, filters) {
        pen.text(place, &text, Role::Active);
    }
}

/// The chip at a place.
pub(in crate::tui) fn chip_at(panes: &Panes, filters: &Filters, at: Position) -> Option<Filter> {
    placed_chips(panes, filters).into_iter().find(|(_, _, place)| place.contains(at)).map(|(filter, ..)| filter)
}

/// The chips with blanks around them, as many as there is room for.
fn placed_chips(panes: &Panes, filters: &Filters) -> Vec<(Filter, SafeText, Rect)> {
    let list = panes.list;
    let edge = Rect { y: list.bottom().saturating_sub(1), width: list.width.saturating_sub(4), height: 1, ..list };
    let chip = |(number, (filter, text)): (usize, (Filter, SafeText))| {
        let before = if number == 0 { " " } else { "" };
        (filter, SafeText::line(&format!("{before}[{text}] ")))
    };
    let chips: Vec<(Filter, SafeText)> = filters.chips().into_iter().enumerate().map(chip).collect();
    let cells = chips.iter().map(|(_, text)| width(text)).fold(0, u16::saturating_add);
    let mut rest = shifted(Rect { x: edge.x.saturating_add(2), ..edge }, edge.width.saturating_sub(cells));
    let place = |(filter, text): (Filter, SafeText)| {
        let place = Rect { width: width(&text).min(rest.width), ..rest };
        rest = shifted(rest, place.width);
        (filter, text, place)
    };
    chips.into_iter().map(place).collect()
}
