//! What the screen looks like: functions that draw the model and change nothing.

mod chrome;
mod detail;
mod help;
mod list;
mod pen;
mod photo;
mod state;
mod wrap;

use campuszon_core::safe::SafeText;
use ratatui::{
    Frame,
    layout::{Position, Rect},
};

use self::pen::Pen;
use super::{
    layout::{MINIMUM, Panes},
    model::{Focus, Model, Overlay},
    theme::Role,
};

pub(super) use detail::line_count as detail_lines;

/// Draws everything.
pub fn view(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    let mut pen = Pen::new(frame.buffer_mut(), model.settings.theme);
    let cursor = match Panes::of(area.as_size()) {
        Some(panes) => draw(&mut pen, model, &panes),
        None => too_small(&mut pen, area),
    };
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the panes, and what lies over them; tells where the cursor is.
fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    chrome::header(pen, model, panes);
    chrome::footer(pen, model, panes);
    let shows_list = panes.side_by_side || model.focus != Focus::Detail;
    let cursor = if shows_list { list::draw(pen, model, panes) } else { None };
    if panes.side_by_side || !shows_list {
        detail::draw(pen, model, panes);
    }
    match &model.overlay {
        Some(Overlay::Help(help)) => help::keys(pen, panes, help),
        Some(Overlay::Categories { selected }) => {
            help::categories(pen, panes, &model.categories, *selected);
            None
        }
        None => cursor,
    }
}

fn too_small(pen: &mut Pen<'_>, area: Rect) -> Option<Position> {
    let needed = format!("it needs {}x{}", MINIMUM.width, MINIMUM.height);
    let here = format!("CampusZon: {}x{} is too small,", area.width, area.height);
    for (y, line) in (area.y..area.bottom()).zip([here, needed]) {
        pen.text(Rect { y, height: 1, ..area }, &SafeText::line(&line), Role::Text);
    }
    None
}
