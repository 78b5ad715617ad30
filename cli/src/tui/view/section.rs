//! The lists of the Me tab: the wallet, the devices, and what one wants to be told of.

use campuszon_core::{safe::SafeText, text};
use ratatui::layout::Rect;

use super::{
    list::{self, Columns, Look, Nothing},
    pen::{Pen, fixed, row},
};
use crate::tui::{
    format,
    layout::{inside, padded},
    model::{DeviceRow, Model, SearchRow, Section, WalletRow, Wish, WishRow},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Rect) {
    match model.me.section {
        None => {
            pen.frame(area, false);
            pen.text(row(padded(inside(area)), 0), &fixed("Enter opens or changes the row."), Role::Muted);
        }
        Some(Section::Wallet) => {
            let nothing = Nothing::fixed("No tokens were given or spent yet.", "Esc goes back.");
            let row = |pen: &mut Pen<'_>, area: Rect, entry: &WalletRow, look: Look| {
                movement(pen, area, entry, look, model);
            };
            list::pane(pen, area, "Wallet", &model.me.wallet, true, &nothing, row);
        }
        Some(Section::Notifications) => {
            let nothing = Nothing::fixed("There is nothing to be told of.", "Esc goes back.");
            let row = |pen: &mut Pen<'_>, area: Rect, entry: &WishRow, look: Look| wish(pen, area, entry, look, model);
            list::pane(pen, area, "Told of", &model.me.wishes, true, &nothing, row);
        }
        Some(Section::Searches) => {
            let nothing = Nothing::fixed("You saved no searches.", "f in Browse saves the present one.");
            list::pane(pen, area, "Searches", &model.me.searches, true, &nothing, search);
        }
        Some(Section::Devices) => {
            let nothing = Nothing::fixed("No device is signed in.", "Esc goes back.");
            let row = |pen: &mut Pen<'_>, area: Rect, entry: &DeviceRow, look: Look| {
                device(pen, area, entry, look, model);
            };
            list::pane(pen, area, "Devices", &model.me.devices, true, &nothing, row);
        }
    }
}

fn search(pen: &mut Pen<'_>, area: Rect, entry: &SearchRow, look: Look) {
    Columns::new(pen, area, look).right(12, &SafeText::line(&text::count(entry.matches, "match")), Role::Muted).rest(
        &[(entry.name.clone(), Role::Text), (fixed("  "), Role::Text), (SafeText::line(&entry.query), Role::Muted)],
    );
}

fn movement(pen: &mut Pen<'_>, area: Rect, entry: &WalletRow, look: Look, model: &Model) {
    let role = if entry.delta < 0 { Role::Text } else { Role::Good };
    Columns::new(pen, area, look)
        .right(5, &SafeText::line(&format::age(model.now, entry.created_at)), Role::Muted)
        .right(6, &SafeText::line(&entry.balance.to_string()), Role::Muted)
        .right(6, &SafeText::line(&format!("{:+}", entry.delta)), role)
        .rest(&[(SafeText::line(&entry.reason.as_str().replace('_', " ")), Role::Text)]);
}

fn device(pen: &mut Pen<'_>, area: Rect, entry: &DeviceRow, look: Look, model: &Model) {
    let here = if entry.current { "this one" } else { "" };
    Columns::new(pen, area, look)
        .right(5, &SafeText::line(&format::age(model.now, entry.last_used_at)), Role::Muted)
        .left(10, &fixed(here), Role::Good)
        .rest(&[(entry.name.clone(), Role::Text)]);
}

fn wish(pen: &mut Pen<'_>, area: Rect, entry: &WishRow, look: Look, model: &Model) {
    let quiet = model.settings.quiet_hours;
    let on = if entry.wish == Wish::Quiet { quiet.is_some() } else { entry.on };
    let (sign, role) = if on { ("[x] ", Role::Text) } else { ("[ ] ", Role::Muted) };
    let name = match entry.wish {
        Wish::Quiet => quiet.map_or_else(
            || fixed("quiet hours, in which no bell rings here"),
            |hours| SafeText::line(&format!("quiet hours: no bell rings here {hours}, by the campus's clock")),
        ),
        Wish::Digest => fixed("a daily mail of what was not read"),
        Wish::Kind(kind) => SafeText::line(&kind.as_str().replace('_', " ")),
    };
    Columns::new(pen, area, look).rest(&[(fixed(sign), role), (name, role)]);
}
