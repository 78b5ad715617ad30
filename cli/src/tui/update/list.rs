//! What the lists of all tabs have in common: moving in them, and taking the pages that come.

use campuszon_core::Timestamp;

use super::{Effects, SLOW, note, notice};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Arrival, Ask, Failure, Timer},
    model::{Connection, List, Load, Model, Page, Record, Tab},
};

/// Moves the selection; tells whether the action was one that moves.
pub(super) fn travel<R: Record>(list: &mut List<R>, action: Action, page: usize) -> bool {
    let Some(index) = target(list.index().unwrap_or(0), action, page) else { return false };
    list.select(index);
    true
}

/// Where a moving action leads from a row.
pub(super) fn target(index: usize, action: Action, page: usize) -> Option<usize> {
    Some(match action {
        Action::Down => index.saturating_add(1),
        Action::Up => index.saturating_sub(1),
        Action::PageDown => index.saturating_add(page),
        Action::PageUp => index.saturating_sub(page),
        Action::Top => 0,
        Action::Bottom => usize::MAX,
        _ => return None,
    })
}

/// How many rows a page key goes.
pub(super) fn page_height(model: &Model) -> usize {
    model.panes().map_or(1, |panes| panes.list_rows().max(1))
}

/// Begins to load a page of a tab's list; the rows that are here stay until it comes.
pub(super) fn ask(model: &mut Model, tab: Tab, cursor: Option<String>, effects: &mut Effects) -> Ask {
    let ticket = model.next_ticket();
    *model.load_mut(tab) = Load::running(ticket);
    effects.push(Effect::After(SLOW, Timer::SlowTab(tab, ticket)));
    Ask { ticket, cursor }
}

/// Takes a page that came into its list; answers the failure where it did not come.
///
/// Nobody waits for an answer that a later question made stale: then nothing happens.
pub(super) fn take<P, R: Record>(
    list: &mut List<R>,
    arrival: Arrival<P>,
    now: Timestamp,
    page: impl FnOnce(&P) -> Page<R>,
) -> Taken<P> {
    if !list.load.awaits(arrival.ticket) {
        return Taken::Stale;
    }
    match arrival.result {
        Ok(came) => {
            list.load = Load::Idle;
            let rows = page(&came);
            if arrival.first {
                list.replace(rows, now);
            } else {
                list.append(rows);
            }
            Taken::Fresh(came)
        }
        Err(failure) => {
            list.load = Load::Failed(failure.clone());
            Taken::Failed(failure, !list.rows.is_empty())
        }
    }
}

/// What became of an answer.
pub(super) enum Taken<P> {
    /// Nobody waits for it any more.
    Stale,
    /// It is in the list.
    Fresh(P),
    /// It did not come; there may be rows all the same.
    Failed(Failure, bool),
}

/// Draws the conclusions from an answer that are the same for every tab; hands on what came.
pub(super) fn conclude<P>(model: &mut Model, taken: Taken<P>, effects: &mut Effects) -> Option<P> {
    match taken {
        Taken::Stale => {
            model.changed = false;
            None
        }
        Taken::Fresh(came) => {
            model.connection = Connection::Online;
            Some(came)
        }
        Taken::Failed(failure, has_rows) => {
            note(model, &failure);
            if has_rows {
                notice(model, &format!("{} (r tries again)", failure.sentence), true, effects);
            }
            None
        }
    }
}
