//! What others did, said in a corner.

use std::time::Duration;

use campuszon_core::safe::SafeText;

use super::Effects;
use crate::tui::{effect::Effect, message::Timer, model::Model};

/// How long a toast stays.
const STAY: Duration = Duration::from_secs(5);

/// Says something for a few seconds.
pub(super) fn show(model: &mut Model, text: SafeText, effects: &mut Effects) {
    let ticket = model.next_ticket();
    model.write_down(&text, false);
    model.toasts.push(ticket, text);
    effects.push(Effect::After(STAY, Timer::Toast(ticket)));
}
