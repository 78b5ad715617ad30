//! A checker of chats: from what concurrent clients invoked, were acknowledged and were delivered, it proves that
//! nothing acknowledged was lost or doubled, and that everybody saw one order. It trusts no server.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Something that a device did or saw, in its own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Began to send, at a time that all devices share.
    Invoked { chat: String, client_id: String, at: u64 },
    /// Was told that it is durable.
    Acknowledged { chat: String, client_id: String, seq: i64, at: u64 },
    /// Another connection: what came before on the last one says nothing of the order on this one.
    Connected,
    /// Was told to fetch: the order of a connection begins anew.
    Reset,
    /// A `message` frame.
    Delivered { chat: String, seq: i64, client_id: String },
    /// Read over HTTP, to fill what a reset left out.
    Fetched { chat: String, seq: i64, client_id: String },
    /// A `receipt` frame.
    Receipt { chat: String, user: String, seq: i64 },
}

/// All that one device saw.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Whose it is.
    pub user: String,
    /// In order.
    pub events: Vec<Event>,
}

/// A chat at the end, as the server has it.
#[derive(Clone, Debug, Default)]
pub struct Chat {
    /// Who is in it.
    pub members: Vec<String>,
    /// The `client_id` of each message, by its number.
    pub messages: Vec<(i64, String)>,
}

/// Everything that is wrong, in words. `chats` is what the server has in the end.
pub fn faults(devices: &[Device], chats: &BTreeMap<String, Chat>) -> Vec<String> {
    let mut faults = Vec::new();
    for (id, chat) in chats {
        numbering(id, chat, &mut faults);
    }
    let stored = places(chats);
    for (number, device) in devices.iter().enumerate() {
        let name = format!("device {number} of {}", device.user);
        acknowledgements(&name, device, &stored, &mut faults);
        order(&name, device, chats, &stored, &mut faults);
        receipts(&name, device, &mut faults);
        completeness(&name, device, chats, &mut faults);
    }
    real_time(devices, &mut faults);
    faults
}

type Places<'a> = HashMap<(&'a str, &'a str), Vec<i64>>;

fn places(chats: &BTreeMap<String, Chat>) -> Places<'_> {
    let mut places: Places<'_> = HashMap::new();
    for (id, chat) in chats {
        for (seq, client_id) in &chat.messages {
            places.entry((id, client_id)).or_default().push(*seq);
        }
    }
    places
}

/// The numbers of a chat are 1, 2, 3 …, and each message is there once.
fn numbering(id: &str, chat: &Chat, faults: &mut Vec<String>) {
    for (expected, (seq, _)) in (1..).zip(&chat.messages) {
        if *seq != expected {
            faults.push(format!("{id} has {seq} where {expected} should be"));
            return;
        }
    }
    let mut seen = BTreeSet::new();
    for (seq, client_id) in &chat.messages {
        if !seen.insert(client_id) {
            faults.push(format!("{id} has {client_id} twice, the second time as {seq}"));
        }
    }
}

/// What was acknowledged is there, once, under the number that was told.
fn acknowledgements(name: &str, device: &Device, stored: &Places<'_>, faults: &mut Vec<String>) {
    for event in &device.events {
        if let Event::Acknowledged { chat, client_id, seq, .. } = event {
            let found = stored.get(&(chat.as_str(), client_id.as_str()));
            if found != Some(&vec![*seq]) {
                faults.push(format!("{name} was told that {client_id} is {seq} of {chat}, but it is {found:?}"));
            }
        }
    }
}

/// On one connection the numbers of a chat go up by one; what is shown is what is stored; and nobody sees a chat that
/// is not theirs.
fn order(name: &str, device: &Device, chats: &BTreeMap<String, Chat>, stored: &Places<'_>, faults: &mut Vec<String>) {
    let mut last: HashMap<&str, i64> = HashMap::new();
    for event in &device.events {
        match event {
            Event::Connected | Event::Reset => last.clear(),
            Event::Delivered { chat, seq, client_id } => {
                let before = last.insert(chat, *seq);
                if before.is_some_and(|before| *seq != before + 1) {
                    faults.push(format!("{name} got {seq} of {chat} after {before:?}"));
                }
                if stored.get(&(chat.as_str(), client_id.as_str())) != Some(&vec![*seq]) {
                    faults.push(format!("{name} got {client_id} as {seq} of {chat}, where it is not stored"));
                }
                let is_member = chats.get(chat).is_some_and(|chat| chat.members.contains(&device.user));
                if !is_member {
                    faults.push(format!("{name} saw {chat}, and is no member"));
                }
            }
            _ => {}
        }
    }
}

/// A reading position never goes back on one connection.
fn receipts(name: &str, device: &Device, faults: &mut Vec<String>) {
    let mut last: HashMap<(&str, &str), i64> = HashMap::new();
    for event in &device.events {
        match event {
            Event::Connected => last.clear(),
            Event::Receipt { chat, user, seq } => {
                let before = last.insert((chat, user), *seq);
                if before.is_some_and(|before| *seq <= before) {
                    faults.push(format!("{name} heard that {user} read {chat} to {seq} after {before:?}"));
                }
            }
            _ => {}
        }
    }
}

/// In the end a device has every message of its chats, from the first it saw on.
fn completeness(name: &str, device: &Device, chats: &BTreeMap<String, Chat>, faults: &mut Vec<String>) {
    let mut seen: HashMap<&str, BTreeSet<i64>> = HashMap::new();
    for event in &device.events {
        if let Event::Delivered { chat, seq, .. } | Event::Fetched { chat, seq, .. } = event {
            seen.entry(chat).or_default().insert(*seq);
        }
    }
    for (id, chat) in chats.iter().filter(|(_, chat)| chat.members.contains(&device.user)) {
        let Some(seen) = seen.get(id.as_str()) else { continue };
        let first = seen.first().copied().unwrap_or(1);
        let missing = chat.messages.iter().map(|(seq, _)| *seq).find(|seq| *seq >= first && !seen.contains(seq));
        if let Some(missing) = missing {
            faults.push(format!("{name} never got {missing} of {id}"));
        }
    }
}

/// What was acknowledged before another message was begun has the smaller number.
fn real_time(devices: &[Device], faults: &mut Vec<String>) {
    let mut begun: HashMap<(&str, &str), u64> = HashMap::new();
    let mut done: BTreeMap<&str, Vec<(u64, i64, &str)>> = BTreeMap::new();
    for event in devices.iter().flat_map(|device| &device.events) {
        match event {
            // A repeated send was begun with the first.
            Event::Invoked { chat, client_id, at } => {
                let first = begun.entry((chat, client_id)).or_insert(*at);
                *first = (*first).min(*at);
            }
            Event::Acknowledged { chat, client_id, seq, at } => {
                done.entry(chat).or_default().push((*at, *seq, client_id));
            }
            _ => {}
        }
    }
    for (chat, mut acknowledged) in done {
        acknowledged.sort_unstable();
        // The largest number acknowledged up to each moment.
        let mut largest = 0;
        let upto: Vec<(u64, i64)> = acknowledged
            .iter()
            .map(|(at, seq, _)| {
                largest = largest.max(*seq);
                (*at, largest)
            })
            .collect();
        for (_, seq, client_id) in &acknowledged {
            let Some(began) = begun.get(&(chat, *client_id)) else { continue };
            let before = upto.partition_point(|(at, _)| at < began);
            let earlier = before.checked_sub(1).and_then(|last| upto.get(last)).map_or(0, |(_, largest)| *largest);
            if earlier >= *seq {
                faults.push(format!("{client_id} is {seq} of {chat}, and was begun when {earlier} was acknowledged"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(seq: i64, client_id: &str) -> Event {
        Event::Delivered { chat: "c".to_owned(), seq, client_id: client_id.to_owned() }
    }

    fn sent(client_id: &str, seq: i64, began: u64, ended: u64) -> [Event; 2] {
        let (chat, client_id) = ("c".to_owned(), client_id.to_owned());
        [
            Event::Invoked { chat: chat.clone(), client_id: client_id.clone(), at: began },
            Event::Acknowledged { chat, client_id, seq, at: ended },
        ]
    }

    /// Ana and Ben say three things, and all is well.
    fn good() -> (Vec<Device>, BTreeMap<String, Chat>) {
        let all = ["a", "b", "d"];
        let messages = (1..).zip(all.map(str::to_owned)).collect();
        let members = vec!["ana".to_owned(), "ben".to_owned()];
        let chats = BTreeMap::from([("c".to_owned(), Chat { members, messages })]);
        let mut anas = vec![Event::Connected];
        anas.extend(sent("a", 1, 10, 20));
        anas.extend([delivered(1, "a"), delivered(2, "b"), Event::Connected, delivered(3, "d")]);
        let mut bens = vec![Event::Connected, delivered(1, "a")];
        bens.extend(sent("b", 2, 30, 40));
        bens.extend([delivered(2, "b"), Event::Reset]);
        bens.extend(sent("d", 3, 50, 60));
        bens.push(Event::Fetched { chat: "c".to_owned(), seq: 3, client_id: "d".to_owned() });
        for (seq, user) in [(1, "ben"), (2, "ben"), (2, "ana")] {
            bens.push(Event::Receipt { chat: "c".to_owned(), user: user.to_owned(), seq });
        }
        let device = |user: &str, events| Device { user: user.to_owned(), events };
        (vec![device("ana", anas), device("ben", bens)], chats)
    }

    /// Spoils the good history and looks for a word in what is found.
    #[track_caller]
    fn finds(word: &str, spoil: impl FnOnce(&mut Vec<Device>, &mut Chat)) {
        let (mut devices, mut chats) = good();
        spoil(&mut devices, chats.get_mut("c").expect("the chat"));
        let found = faults(&devices, &chats);
        assert!(found.iter().any(|fault| fault.contains(word)), "{word} is not in {found:?}");
    }

    #[test]
    fn a_good_history_has_no_fault() {
        let (devices, chats) = good();
        assert_eq!(faults(&devices, &chats), Vec::<String>::new());
    }

    #[test]
    fn every_planted_fault_is_found() {
        finds("was told that d is 3", |_, chat| drop(chat.messages.pop()));
        finds("has a twice", |_, chat| chat.messages.push((4, "a".to_owned())));
        finds("where 3 should be", |_, chat| chat.messages[2].0 = 4);
        finds("where it is not stored", |devices, _| devices[0].events.push(delivered(4, "a")));
        finds("after Some(1)", |devices, _| {
            let at = devices[0].events.iter().position(|event| *event == delivered(2, "b")).expect("it");
            devices[0].events.remove(at);
            devices[0].events.insert(at, delivered(3, "d"));
        });
        finds("after Some(2)", |devices, _| devices[0].events.insert(5, delivered(2, "b")));
        finds("never got 3", |devices, _| drop(devices[0].events.pop()));
        finds("is no member", |devices, _| {
            devices.push(Device { user: "eve".to_owned(), events: vec![delivered(1, "a")] });
        });
        finds("heard that ben read", |devices, _| {
            devices[1].events.push(Event::Receipt { chat: "c".to_owned(), user: "ben".to_owned(), seq: 1 });
        });
        finds("was begun when 3 was acknowledged", |devices, _| {
            let late = sent("b", 2, 70, 80);
            devices[1].events.retain(|event| !matches!(event, Event::Invoked { client_id, .. } | Event::Acknowledged { client_id, .. } if client_id == "b"));
            devices[1].events.extend(late);
        });
    }
}
