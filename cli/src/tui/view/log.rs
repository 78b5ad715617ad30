//! The log of what was said lately, the newest first.

use campuszon_core::safe::SafeText;

use super::{
    overlay::{centred, open},
    pen::{Pen, fixed, row, shifted},
};
use crate::tui::{format, layout::Panes, model::Model, theme::Role};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes, top: usize) {
    let inner = open(pen, centred(panes, 76, 20), "Lately");
    if model.log.is_empty() {
        pen.text(row(inner, 0), &fixed("Nothing was said yet."), Role::Muted);
    }
    for (number, logged) in (0..inner.height).zip(model.log.iter().skip(top)) {
        let line = row(inner, number);
        pen.text(line, &SafeText::line(&format::age(model.now, logged.at)), Role::Muted);
        pen.text(shifted(line, 5), &logged.text, if logged.bad { Role::Danger } else { Role::Text });
    }
}
