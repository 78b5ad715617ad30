//! The panel of filters: each change narrows the list at once.

use campuszon_core::{
    Decimal,
    item::{Condition, Listing},
    safe::SafeText,
    wire::notification::Search,
};
use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::to_input_request;

use super::{Effects, browse, dialog, list, note, notice, section, tabs};
use crate::tui::{
    effect::{Effect, Errand},
    keys::Action,
    message::Failure,
    model::{Field, Filter, Filters, Focus, Model, Overlay, Panel, SearchRow, Section, Tab, pasted},
};

pub(super) fn open(model: &mut Model, effects: &mut Effects) {
    if model.categories.is_empty() {
        effects.push(Effect::LoadCategories);
    }
    model.overlay = Some(Overlay::Filters(Panel::default()));
}

/// Opens the panel with one of its rows selected.
pub(super) fn open_at(model: &mut Model, selected: usize, effects: &mut Effects) {
    open(model, effects);
    if let Some(Overlay::Filters(panel)) = &mut model.overlay {
        panel.selected = selected;
    }
}

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(Overlay::Filters(panel)) = &mut model.overlay else { return };
    if let Some(row) = list::target(panel.selected, action, Filter::ALL.len()) {
        panel.selected = row.min(Filter::ALL.len() - 1);
        return;
    }
    let filter = panel.filter();
    match action {
        Action::Back => model.overlay = None,
        Action::Clear => clear(model, effects),
        Action::Delete => remove(model, filter, effects),
        Action::Open => enter(model, filter, effects),
        Action::NextValue => step(model, filter, true, effects),
        Action::PreviousValue => step(model, filter, false, effects),
        _ => {}
    }
}

fn enter(model: &mut Model, filter: Filter, effects: &mut Effects) {
    let filters = &model.browse.filters;
    let price = |price: Option<Decimal>| price.map(|price| price.to_string()).unwrap_or_default();
    match filter {
        Filter::From => write_in(model, Field::new("From", 20).with(&price(filters.from))),
        Filter::To => write_in(model, Field::new("Up to", 20).with(&price(filters.to))),
        Filter::Save => {
            let name = filters.written(model.browse.words());
            write_in(model, Field::new("Name", 60).with(&name));
        }
        Filter::Saved => {
            model.overlay = None;
            model.tab = Tab::Me;
            section::open(model, Section::Searches, effects);
        }
        _ => step(model, filter, true, effects),
    }
}

fn write_in(model: &mut Model, field: Field) {
    if let Some(Overlay::Filters(panel)) = &mut model.overlay {
        panel.field = Some(field);
    }
}

/// Takes the next or the previous value of a row.
fn step(model: &mut Model, filter: Filter, on: bool, effects: &mut Effects) {
    if filter == Filter::Sort {
        return browse::reorder(model, on, effects);
    }
    let mut filters = model.browse.filters.clone();
    match filter {
        Filter::Category => filters.category = turned(&model.categories, filters.category.as_ref(), on),
        Filter::Condition => filters.condition = turned(Condition::ALL, filters.condition.as_ref(), on),
        Filter::Listing => filters.listing = turned(Listing::ALL, filters.listing.as_ref(), on),
        Filter::Image => filters.has_image = !filters.has_image,
        Filter::Favorite => filters.favorite = !filters.favorite,
        Filter::Seller => {
            let selected = model.browse.list.row().map(|row| (row.seller_id, row.seller.clone()));
            filters.seller = if filters.seller.is_some() { None } else { selected };
        }
        Filter::From | Filter::To | Filter::Sort | Filter::Save | Filter::Saved => return,
    }
    narrow(model, filters, effects);
}

/// The value after another one, or the one before it; before the first and after the last there is none.
fn turned<T: Clone + PartialEq>(all: &[T], now: Option<&T>, on: bool) -> Option<T> {
    let index = now.and_then(|now| all.iter().position(|one| one == now));
    let next = match (index, on) {
        (None, true) => Some(0),
        (None, false) => all.len().checked_sub(1),
        (Some(index), true) => Some(index + 1),
        (Some(index), false) => index.checked_sub(1),
    };
    next.and_then(|index| all.get(index)).cloned()
}

/// Asks for the list anew, where it is another one now.
fn narrow(model: &mut Model, filters: Filters, effects: &mut Effects) {
    if model.browse.filters != filters {
        model.browse.filters = filters;
        browse::start_over(model, effects);
    }
}

/// Takes one of the filters away.
pub(super) fn remove(model: &mut Model, filter: Filter, effects: &mut Effects) {
    narrow(model, model.browse.filters.clone().without(filter), effects);
}

/// Takes the filters away.
pub(super) fn clear(model: &mut Model, effects: &mut Effects) {
    narrow(model, Filters::default(), effects);
}

pub(super) fn act_in_field(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(Overlay::Filters(panel)) = &mut model.overlay else { return };
    let (filter, Some(field)) = (panel.filter(), &panel.field) else { return };
    let text = field.text().to_owned();
    if action == Action::Back {
        panel.field = None;
    }
    if action != Action::Open {
        return;
    }
    let taken = take(model, filter, &text, effects);
    let Some(Overlay::Filters(panel)) = &mut model.overlay else { return };
    match (taken, &mut panel.field) {
        (Err(problem), Some(field)) => field.problem = Some(problem),
        _ => panel.field = None,
    }
}

fn take(model: &mut Model, filter: Filter, text: &str, effects: &mut Effects) -> Result<(), SafeText> {
    if filter == Filter::Save {
        return save(model, text, effects);
    }
    let price = if text.is_empty() { None } else { Some(dialog::amount(text)?) };
    let mut filters = model.browse.filters.clone();
    match filter {
        Filter::From => filters.from = price,
        _ => filters.to = price,
    }
    if filters.from.zip(filters.to).is_some_and(|(from, to)| is_above(from, to)) {
        return Err(SafeText::fixed("The lower price is above the higher one."));
    }
    narrow(model, filters, effects);
    Ok(())
}

fn save(model: &mut Model, name: &str, effects: &mut Effects) -> Result<(), SafeText> {
    let query = model.browse.filters.written(model.browse.words());
    if query.is_empty() {
        return Err(SafeText::fixed("There is nothing to save: search for words or set a filter first."));
    }
    if name.is_empty() {
        return Err(SafeText::fixed("Write a name for it."));
    }
    let key = model.next_key();
    effects.push(Effect::Account(Errand::SaveSearch { name: name.to_owned(), query, key }));
    Ok(())
}

/// A search was saved, or not.
pub(super) fn saved(model: &mut Model, result: Result<Box<Search>, Failure>, effects: &mut Effects) {
    match result {
        Ok(search) => {
            let left_out = if model.browse.filters.favorite { "; that they are starred is no part of it" } else { "" };
            let said = format!("Saved “{}”: new matches come as alerts{left_out}", search.name);
            notice(model, &said, false, effects);
            if model.me.searches.answered {
                model.me.searches.put_first(SearchRow::from(&*search));
            }
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("The search was not saved: {}", failure.sentence), true, effects);
        }
    }
}

/// Shows what a saved search finds.
pub(super) fn run(model: &mut Model, query: &str, effects: &mut Effects) {
    model.browse.filters = Filters::default();
    model.browse.input = query.into();
    model.browse.focus = Focus::List;
    model.browse.home = None;
    tabs::go_to(model, Tab::Browse, effects);
    browse::start_over(model, effects);
}

/// A key that is text or moves the cursor in the field.
pub(super) fn write(model: &mut Model, event: KeyEvent) {
    if let Some(Overlay::Filters(Panel { field: Some(field), .. })) = &mut model.overlay {
        field.edit(to_input_request(&Event::Key(event)));
    }
}

pub(super) fn paste(model: &mut Model, text: &str) {
    if let Some(Overlay::Filters(Panel { field: Some(field), .. })) = &mut model.overlay {
        field.edit(pasted(text));
    }
}

/// Whether a price is above another one.
fn is_above(one: Decimal, other: Decimal) -> bool {
    let number = |price: Decimal| price.to_string().parse::<f64>().unwrap_or_default();
    number(one) > number(other)
}
