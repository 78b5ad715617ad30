//! The daily mail: what saved searches found and what was not read, for those who want it. At most one a day and user.
//! It names items and news by their titles, says of messages who wrote how many, and holds nobody's contact data.

use std::{collections::BTreeSet, time::Duration};

use campuszon_core::{CampusId, ItemId, UserId, permission::UserStatus};

use super::store;
use crate::{
    Error,
    notifications::{self, service::Unread},
    platform::{
        database::Tx,
        jobs::{self, Kind},
        mail::Letter,
    },
    users,
};

/// How long after a mail the next one is due.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many matches, and how many titles of news, one mail names.
const MOST: usize = 50;

/// Queues the mails that are due, of at most about `limit` users; answers whether there may be more.
///
/// # Errors
/// The database's.
pub fn send_due(tx: &mut Tx<'_>, limit: i64) -> Result<bool, Error> {
    let before = tx.now() - DAY;
    let mut due: BTreeSet<(CampusId, UserId)> = store::searches_due(tx, before, limit)?.into_iter().collect();
    due.extend(notifications::service::digests_due(tx, before, limit)?);
    for (campus, user) in &due {
        send(tx, *campus, *user)?;
    }
    Ok(i64::try_from(due.len()).is_ok_and(|sent| sent >= limit))
}

/// Queues the mail of one user, when there is anything to say. All that they want mailed is in it, so that what was
/// asked for at other hours of the day comes with it from now on.
fn send(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), Error> {
    // One more than is named, to know that there are more.
    let most = MOST as i64 + 1;
    let found = store::found_since_digest(tx, campus, user, most)?;
    store::note_digested(tx, campus, user)?;
    let unread = notifications::service::take_digest(tx, campus, user, most)?;
    let reader = users::service::user(tx, campus, user)?;
    if reader.status != UserStatus::Active || (found.is_empty() && unread == Unread::default()) {
        return Ok(());
    }
    let news = news(tx.public_url(), &found, &unread);
    let mail = Letter::Digest { news: &news }.to(&reader.email, &tx.settings().name, tx.public_url());
    let payload = serde_json::to_string(&mail).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(jobs::enqueue(tx, Kind::Mail, &payload)?)
}

/// Titles under headings, each followed by a blank line.
fn news(url: &str, found: &[(String, ItemId, String)], unread: &Unread) -> String {
    let mut text = String::new();
    let mut search = None;
    for (name, item, title) in found.iter().take(MOST) {
        if search != Some(name) {
            text.push_str(if search.is_some() { "\n" } else { "" });
            text.push_str(&format!("Your search “{name}” found:\n"));
            search = Some(name);
        }
        text.push_str(&format!("  {title}\n    {url}/items/{item}\n"));
    }
    more(&mut text, found.len());
    listed(&mut text, "You have not read:", &unread.titles);
    let waiting: Vec<String> = unread.messages.iter().map(|(name, many)| format!("{many} from {name}")).collect();
    listed(&mut text, "Messages wait for you:", &waiting);
    text
}

fn listed(text: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    text.push_str(if text.is_empty() { "" } else { "\n" });
    text.push_str(&format!("{heading}\n"));
    lines.iter().take(MOST).for_each(|line| text.push_str(&format!("  {line}\n")));
    more(text, lines.len());
}

fn more(text: &mut String, many: usize) {
    if many > MOST {
        text.push_str("  … and more\n");
    }
}

#[cfg(test)]
mod tests {
    use campuszon_core::Id;

    use super::*;

    #[test]
    fn a_mail_groups_what_was_found() {
        let item = ItemId::from_bits(7);
        let found = |search: &str, title: &str| (search.to_owned(), item, title.to_owned());
        let found = [found("books", "Calculus"), found("books", "Algebra"), found("lamps", "Desk lamp")];
        let unread = Unread { titles: vec!["A review can be read".to_owned()], messages: vec![("Ben".to_owned(), 3)] };
        let text = news("http://m.test", &found, &unread);
        let link = format!("    http://m.test/items/{item}");
        let expected = [
            "Your search “books” found:",
            "  Calculus",
            &link,
            "  Algebra",
            &link,
            "",
            "Your search “lamps” found:",
            "  Desk lamp",
            &link,
            "",
            "You have not read:",
            "  A review can be read",
            "",
            "Messages wait for you:",
            "  3 from Ben",
            "",
        ];
        assert_eq!(text, expected.join("\n"));
    }

    #[test]
    fn a_mail_ends_somewhere() {
        let many: Vec<String> = (0..=MOST).map(|number| format!("News {number}")).collect();
        let text = news("http://m.test", &[], &Unread { titles: many, messages: Vec::new() });
        assert_eq!(text.lines().count(), MOST + 2);
        assert!(text.ends_with("  News 49\n  … and more\n"), "{text}");
    }
}
