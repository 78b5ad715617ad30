//! Conversations as their readers see them: with the item, the other member and whether they are there.

use campuszon_core::{
    ChatId, Decimal,
    picture::Size,
    wire::chat::{Chat, ChatItem, Chats, Peer},
};

use crate::{
    App, Error, Principal,
    chat::store::{self, Overview, OverviewItem, OverviewPeer},
    images,
    platform::database::Tx,
};

/// One conversation of the caller.
///
/// # Errors
/// The caller is no member.
pub fn show(tx: &mut Tx<'_>, app: &App, who: &Principal, id: ChatId) -> Result<Chat, Error> {
    let overview = store::chat(tx, who.campus, who.user, id)?.ok_or(Error::NotFound("chat"))?;
    Ok(chat(app, overview))
}

/// A page of the caller's conversations, newest activity first.
///
/// # Errors
/// The cursor is not one of this list.
pub fn list(tx: &mut Tx<'_>, app: &App, who: &Principal, cursor: Option<&str>, limit: i64) -> Result<Chats, Error> {
    let scope = format!("chats of {} {}", who.campus, who.user);
    let (updated_at, id) = match cursor {
        Some(cursor) => app.cursors.open::<(i64, String)>(&scope, cursor)?,
        None => (i64::MAX, String::new()),
    };
    // One more than asked for tells whether there is another page.
    let mut overviews = store::chats(tx, who.campus, who.user, (updated_at, &id), limit + 1)?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = overviews.len() > page;
    overviews.truncate(page);
    let next_cursor = match overviews.last().filter(|_| has_more) {
        Some(last) => Some(app.cursors.seal(&scope, &(last.updated_at.millis(), last.id.to_string()))?),
        None => None,
    };
    Ok(Chats { chats: overviews.into_iter().map(|overview| chat(app, overview)).collect(), next_cursor })
}

fn chat(app: &App, overview: Overview) -> Chat {
    Chat {
        id: overview.id,
        item: item(app, overview.item),
        peer: peer(app, overview.peer),
        last_message: overview.last_message,
        last_seq: overview.last_seq,
        read_seq: overview.read_seq,
        peer_read_seq: overview.peer_read_seq,
        unread: overview.unread,
        muted: overview.muted,
        created_at: overview.created_at,
        updated_at: overview.updated_at,
    }
}

fn item(app: &App, item: OverviewItem) -> ChatItem {
    let currency = app.settings.currency;
    ChatItem {
        id: item.id,
        title: item.title,
        price: Decimal::from_minor(item.price, currency),
        currency: currency.to_string(),
        status: item.status,
        thumbnail: item.thumbnail.map(|key| images::address(&app.public_url, &key, Size::Thumbnail)),
    }
}

fn peer(app: &App, peer: OverviewPeer) -> Peer {
    let shown = !peer.hide_presence;
    Peer {
        id: peer.id,
        name: peer.name,
        online: shown && app.hub.is_online(peer.id),
        last_seen: peer.last_seen_at.filter(|_| shown),
    }
}
