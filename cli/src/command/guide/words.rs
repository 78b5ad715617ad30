//! Things as a line of a list, in words.

use campuszon_core::{
    Timestamp,
    booking::Side,
    item::{ItemStatus, Listing},
    safe::SafeText,
    text,
    wire::{
        account::Device,
        booking::Booking,
        chat::Chat,
        item::ItemSummary,
        notification::{Notification, Search},
    },
};

use crate::{clock, tui::model};

/// `Calculus, 3rd ed., 12.50 USD, good, 2 days ago`.
pub fn item(item: &ItemSummary) -> SafeText {
    let row = model::Row::new(item);
    let price = match (item.listing, item.rent_period) {
        (Listing::Rent, Some(period)) => format!("{} {} a {period}", item.price, item.currency),
        _ => row.full_price.to_string(),
    };
    let mut parts = vec![row.title.to_string(), price, item.condition.as_str().replace('_', " ")];
    parts.extend((item.listing == Listing::Wanted).then(|| "wanted".to_owned()));
    parts.extend((item.status != ItemStatus::Active).then(|| item.status.to_string()));
    parts.extend(item.favorite.then(|| "starred".to_owned()));
    parts.push(ago(item.created_at));
    SafeText::line(&parts.join(", "))
}

/// `Calculus, 12.50 USD, from Ben, pending, your turn, 23 hours left`.
pub fn booking(booking: &Booking) -> SafeText {
    let row = model::BookingRow::new(booking);
    let side = if row.role == Side::Buyer { "from" } else { "to" };
    let (title, price, peer, standing) = (&row.title, &row.full_price, &row.peer, standing(booking));
    SafeText::line(&format!("{title}, {price}, {side} {peer}, {standing}"))
}

/// How a booking stands, whose turn it is, and how long.
pub fn standing(booking: &Booking) -> String {
    let turn = booking.turn.map(|turn| match turn == booking.role {
        true => "your turn".to_owned(),
        false => format!("{}'s turn", SafeText::line(&booking.peer.name)),
    });
    let waiting = booking.waiting.map(|place| format!("number {place} on the waiting list"));
    let deadline = booking.deadline_at.filter(|_| booking.status.is_open());
    let left = deadline.map(|end| format!("{} left", span(end.since(clock::now()).as_secs())));
    let parts = [Some(booking.status.to_string()), turn, waiting, left];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `Ben on Calculus, 2 unread messages, muted, 5 minutes ago: Is it still there?`.
pub fn chat(chat: &Chat) -> SafeText {
    let mut parts = vec![format!("{} on {}", SafeText::line(&chat.peer.name), SafeText::line(&chat.item.title))];
    parts.extend((chat.unread > 0).then(|| text::count(chat.unread, "unread message")));
    parts.extend(chat.muted.then(|| "muted".to_owned()));
    parts.push(ago(chat.updated_at));
    let last = chat.last_message.as_ref().map(|last| format!(": {}", model::summary(last)));
    SafeText::line(&format!("{}{}", parts.join(", "), last.unwrap_or_default()))
}

/// `New: Ben asks for Calculus, 2 hours ago`.
pub fn alert(alert: &Notification) -> SafeText {
    let row = model::AlertRow::new(alert);
    let new = if row.read { "" } else { "New: " };
    let body = if row.body.as_str().is_empty() { String::new() } else { format!(": {}", row.body) };
    SafeText::line(&format!("{new}{}{body}, {}", row.title, ago(row.created_at)))
}

/// `maths: calculus price:<30, 2 matches so far`.
pub fn search(search: &Search) -> SafeText {
    let matches = match search.matches {
        1 => "1 match".to_owned(),
        many => format!("{many} matches"),
    };
    SafeText::line(&format!("{}: {}, {matches} so far", search.name, search.query))
}

/// `laptop, this one, used 2 hours ago`.
pub fn device(device: &Device) -> SafeText {
    let name = device.device.as_deref().unwrap_or("without a name");
    let this = if device.current { ", this one" } else { "" };
    SafeText::line(&format!("{name}{this}, used {}", ago(device.last_used_at)))
}

/// How long ago something was.
pub fn ago(time: Timestamp) -> String {
    match clock::now().since(time).as_secs() {
        0..60 => "just now".to_owned(),
        seconds => format!("{} ago", span(seconds)),
    }
}

const UNITS: [(u64, &str); 6] =
    [(31_557_600, "year"), (2_629_800, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];

/// A time in the largest unit that fits.
fn span(seconds: u64) -> String {
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| seconds >= *unit).unwrap_or((1, "second"));
    text::count(i64::try_from(seconds / unit).unwrap_or(i64::MAX), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_words() {
        let spans = [0, 1, 59, 60, 7_199, 86_400, 200_000_000].map(span);
        assert_eq!(spans, ["0 seconds", "1 second", "59 seconds", "1 minute", "1 hour", "1 day", "6 years"]);
    }
}
