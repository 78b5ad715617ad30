//! What the screen looks like: functions that draw the model and change nothing.

mod alerts;
mod blocks;
mod booking;
mod bookings;
mod browse;
mod chats;
mod chrome;
mod detail;
mod field;
mod files;
mod filters;
mod form;
mod list;
mod log;
mod me;
mod overlay;
mod pen;
mod photo;
mod section;
mod selling;
mod servers;
mod state;
mod talk;
mod toasts;
mod wizard;
mod wrap;

use campuszon_core::safe::SafeText;
use ratatui::{
    Frame,
    layout::{Position, Rect},
};

use self::pen::Pen;
use super::{
    layout::{MINIMUM, Panes},
    model::{ChatFocus, Focus, Model, Overlay, Tab},
    theme::Role,
};

pub(super) use booking::line_count as booking_lines;
pub(super) use chrome::{hint_at, tab_at};
pub(super) use detail::line_count as detail_lines;
pub(super) use filters::{chip_at, panel_place, row_at as filter_at};
pub(super) use overlay::{Met, button_at, met_at};
pub(super) use talk::{heights as talk_heights, photos as talk_photos, top as talk_top};

/// Draws everything.
pub fn view(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    let mut pen = Pen::new(frame.buffer_mut(), model);
    pen.prime(area);
    let cursor = match model.panes_in(area.as_size()) {
        Some(panes) => draw(&mut pen, model, &panes),
        None => too_small(&mut pen, area),
    };
    pen.place_strips();
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the panes, and what lies over them; tells where the cursor is.
fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    chrome::header(pen, model, panes);
    chrome::banner(pen, model, panes);
    chrome::footer(pen, model, panes);
    let cursor = tab(pen, model, panes);
    let cursor = match &model.form {
        Some(form) => form::draw(pen, panes, form),
        None => cursor,
    };
    toasts::draw(pen, panes, &model.toasts);
    match &model.overlay {
        Some(Overlay::Help(help)) => overlay::keys(pen, panes, help),
        Some(Overlay::Servers(switcher)) => {
            servers::draw(pen, model, panes, switcher);
            None
        }
        Some(Overlay::Filters(panel)) => filters::draw(pen, model, panes, panel),
        Some(Overlay::Dialog(dialog)) => overlay::dialog(pen, panes, dialog),
        Some(Overlay::Prompt(prompt)) => overlay::prompt(pen, panes, prompt),
        Some(Overlay::Palette(palette)) => overlay::palette(pen, panes, palette, model),
        Some(Overlay::Log { top }) => {
            log::draw(pen, model, panes, *top);
            None
        }
        Some(Overlay::Menu(menu)) => overlay::menu(pen, panes, menu),
        Some(Overlay::Files(files)) => Some(files::draw(pen, panes, files)),
        None => cursor,
    }
}

/// Draws the panes of the tab; tells where the cursor is.
fn tab(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    match model.tab {
        _ if model.wizard.open => return wizard::draw(pen, model, panes),
        Tab::Browse => return items(pen, model, panes),
        Tab::Chats => return conversations(pen, model, panes),
        Tab::Bookings => {
            let shows_list = panes.side_by_side || !model.bookings.reading;
            if shows_list {
                bookings::draw(pen, model, panes);
            }
            if model.shows_booking() {
                booking::draw(pen, model, panes);
            }
        }
        Tab::Selling => selling::draw(pen, model, panes),
        Tab::Alerts => alerts::draw(pen, model, panes),
        Tab::Me => me::draw(pen, model, panes),
    }
    None
}

/// Draws the list of items and the item beside it, or one of the two.
fn items(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    filters::column(pen, model, panes);
    let shows_list = panes.side_by_side || model.browse.focus != Focus::Detail;
    let cursor = if shows_list { browse::draw(pen, model, panes) } else { None };
    if panes.side_by_side || !shows_list {
        detail::draw(pen, model, panes);
    }
    cursor
}

/// Draws the list of conversations and the open one beside it, or one of the two.
fn conversations(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    let shows_list = panes.side_by_side || model.chats.focus == ChatFocus::List;
    if shows_list {
        chats::draw(pen, model, panes);
    }
    if panes.side_by_side || !shows_list { talk::draw(pen, model, panes) } else { None }
}

fn too_small(pen: &mut Pen<'_>, area: Rect) -> Option<Position> {
    let needed = format!("it needs {}x{}", MINIMUM.width, MINIMUM.height);
    let here = format!("CampusZon: {}x{} is too small,", area.width, area.height);
    for (y, line) in (area.y..area.bottom()).zip([here, needed]) {
        pen.text(Rect { y, height: 1, ..area }, &SafeText::line(&line), Role::Text);
    }
    None
}
