//! The mouse: a click does what the key for the same thing does, the wheel moves what is under it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{Effects, act, detail, dialog, filters, notice, run, scroll, tabs, talk};
use crate::tui::{
    effect::Effect,
    keys::Action,
    layout::{Panes, inside},
    model::{ChatFocus, Filter, Focus, List, Model, Overlay, Panel, Record, Tab},
    view::{self, Met},
};

/// How many rows or lines a notch of the wheel goes.
const NOTCH: usize = 3;

/// Takes the mouse, or hands it back so that the terminal selects text.
pub(super) fn toggle(model: &mut Model, effects: &mut Effects) {
    model.mouse = !model.mouse;
    effects.push(Effect::Mouse(model.mouse));
    let text = if model.mouse { "The mouse works here again" } else { "The mouse selects text; F2 takes it back" };
    notice(model, text, false, effects);
}

pub(super) fn point(model: &mut Model, event: MouseEvent, effects: &mut Effects) {
    let Some(panes) = model.panes() else { return };
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => click(model, &panes, at, effects),
        MouseEventKind::ScrollDown => wheel(model, &panes, at, true, effects),
        MouseEventKind::ScrollUp => wheel(model, &panes, at, false, effects),
        _ => model.changed = false,
    }
}

fn click(model: &mut Model, panes: &Panes, at: Position, effects: &mut Effects) {
    if let Some(key) = view::hint_at(model, panes, at) {
        return run(model, key, effects);
    }
    if let Some(Overlay::Dialog(dialog)) = &mut model.overlay {
        if let Some(on_verb) = view::button_at(dialog, panes, at) {
            dialog.on_verb = on_verb;
            dialog::act_in_dialog(model, Action::Open, effects);
        }
        return;
    }
    if matches!(model.overlay, Some(Overlay::Filters(_))) {
        return click_panel(model, panes, at, effects);
    }
    if model.overlay.is_some() {
        return click_overlay(model, panes, at, effects);
    }
    if let Some(tab) = view::tab_at(model, panes, at) {
        return tabs::go_to(model, tab, effects);
    }
    if panes.filters.contains(at) {
        if let Some(row) = view::filter_at(panes, &Panel::default(), at) {
            filters::open_at(model, row, effects);
        }
    } else if let Some(chip) = chip_at(model, panes, at) {
        filters::remove(model, chip, effects);
    } else if shows_list(model, panes) && panes.list.contains(at) {
        click_row(model, panes, at, effects);
    } else if panes.detail.contains(at) {
        click_detail(model, at, effects);
    }
}

/// A click selects a row of the panel, and changes the one that is selected; beside the panel it closes it.
fn click_panel(model: &mut Model, panes: &Panes, at: Position, effects: &mut Effects) {
    let Some(Overlay::Filters(panel)) = &mut model.overlay else { return };
    if !view::panel_place(panes).contains(at) {
        model.overlay = None;
        return;
    }
    let Some(row) = view::filter_at(panes, panel, at) else { return };
    if panel.selected == row {
        return act(model, Action::Open, effects);
    }
    panel.selected = row;
}

/// A click selects a row of what lies over the panes, and does the one that is selected; beside it closes it.
fn click_overlay(model: &mut Model, panes: &Panes, at: Position, effects: &mut Effects) {
    let Some(overlay) = &model.overlay else { return };
    let (index, count) = match (view::met_at(panes, overlay, at), overlay) {
        (Some(Met::Beside), _) => return model.overlay = None,
        (Some(Met::Row(index)), Overlay::Help(help)) => (index, help.rows().len()),
        (Some(Met::Row(index)), Overlay::Palette(palette)) => (index, palette.rows(model).len()),
        (Some(Met::Row(index)), Overlay::Menu(menu)) => (index, menu.rows.len()),
        (Some(Met::Row(index)), Overlay::Servers(switcher)) => {
            (index, switcher.servers.as_ref().map_or(0, |servers| servers.len() + 1))
        }
        _ => return,
    };
    let selected = match &mut model.overlay {
        Some(Overlay::Help(help)) => &mut help.selected,
        Some(Overlay::Palette(palette)) => &mut palette.selected,
        Some(Overlay::Menu(menu)) => &mut menu.selected,
        Some(Overlay::Servers(switcher)) => &mut switcher.selected,
        _ => return,
    };
    if index < count && std::mem::replace(selected, index) == index {
        act(model, Action::Open, effects);
    }
}

/// The chip at a place, where chips are shown.
fn chip_at(model: &Model, panes: &Panes, at: Position) -> Option<Filter> {
    let has_chips = model.tab == Tab::Browse && shows_list(model, panes);
    has_chips.then(|| view::chip_at(panes, &model.browse.filters, at)).flatten()
}

/// Whether the list of the tab is on the screen.
fn shows_list(model: &Model, panes: &Panes) -> bool {
    panes.side_by_side
        || match model.tab {
            Tab::Browse => model.browse.focus != Focus::Detail,
            Tab::Chats => model.chats.focus == ChatFocus::List,
            _ => true,
        }
}

/// A click selects a row, and opens the one that is selected.
fn click_row(model: &mut Model, panes: &Panes, at: Position, effects: &mut Effects) {
    let had_focus = match model.tab {
        Tab::Browse => std::mem::take(&mut model.browse.focus) == Focus::List,
        Tab::Chats => std::mem::take(&mut model.chats.focus) == ChatFocus::List,
        _ => true,
    };
    let area = inside(panes.list);
    if !area.contains(at) {
        return;
    }
    let was_selected = pick(model, |top| Some(top + usize::from(at.y - area.y)));
    if was_selected == Some(true) && had_focus {
        return act(model, Action::Open, effects);
    }
    if model.tab == Tab::Browse {
        detail::follow(model, effects);
    }
}

/// Selects a row of the shown list, found from its first row on the screen; tells whether it was selected before.
fn pick(model: &mut Model, place: impl Fn(usize) -> Option<usize>) -> Option<bool> {
    match model.tab {
        Tab::Browse => pick_in(&mut model.browse.list, place),
        Tab::Chats => pick_in(&mut model.chats.list, place),
        Tab::Bookings => pick_in(&mut model.bookings.list, place),
        Tab::Selling => pick_in(&mut model.selling.list, place),
        Tab::Alerts => pick_in(&mut model.alerts.list, place),
        Tab::Me => None,
    }
}

fn pick_in<R: Record>(list: &mut List<R>, place: impl Fn(usize) -> Option<usize>) -> Option<bool> {
    let index = place(list.top)?;
    let id = list.rows.get(index)?.id();
    let before = list.selected.replace(id);
    Some(before == Some(id))
}

fn click_detail(model: &mut Model, at: Position, effects: &mut Effects) {
    match model.tab {
        Tab::Browse if model.browse.focus != Focus::Detail => detail::open(model, effects),
        Tab::Chats if model.chats.open.is_some() => {
            let messages = model.talk_parts().map_or(Rect::ZERO, |parts| parts.messages);
            if messages.contains(at) {
                talk::look(model);
            } else {
                talk::write(model);
            }
        }
        _ => {}
    }
}

fn wheel(model: &mut Model, panes: &Panes, at: Position, down: bool, effects: &mut Effects) {
    let action = if down { Action::Down } else { Action::Up };
    if model.overlay.is_some() {
        return act(model, action, effects);
    }
    if shows_list(model, panes) && panes.list.contains(at) {
        for _ in 0..NOTCH {
            let index = selected(model).and_then(|index| index.checked_add_signed(if down { 1 } else { -1 }));
            pick(model, |_| index);
        }
        if model.tab == Tab::Browse {
            detail::follow(model, effects);
        }
        return;
    }
    match model.tab {
        Tab::Browse if down => model.detail.scroll = model.detail.scroll.saturating_add(NOTCH),
        Tab::Browse => model.detail.scroll = model.detail.scroll.saturating_sub(NOTCH),
        Tab::Chats => scroll::by(model, down, NOTCH),
        _ => {}
    }
}

/// Where the selection of the shown list is.
fn selected(model: &Model) -> Option<usize> {
    match model.tab {
        Tab::Browse => model.browse.list.index(),
        Tab::Chats => model.chats.list.index(),
        Tab::Bookings => model.bookings.list.index(),
        Tab::Selling => model.selling.list.index(),
        Tab::Alerts => model.alerts.list.index(),
        Tab::Me => None,
    }
}
