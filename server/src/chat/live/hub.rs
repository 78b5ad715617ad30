//! All live connections of this node, by user: takes announcements of committed changes and hands each to the
//! connections of the user it is for.
//!
//! Handing over never waits. A connection whose queue is full is let go: it sends what it has and closes, and its
//! client comes back and resumes from the inbox, where nothing is lost.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use axum::extract::ws::Utf8Bytes;
use campuszon_core::{CampusId, UserId, item::Candidate, wire::live::close};
use tokio::sync::mpsc;

use super::socket::End;
use crate::platform::database::Announcement;

/// How many notes may wait for a connection before it counts as too slow.
const QUEUE: usize = 256;

/// How many connections a user may have.
const PER_USER: usize = 20;

/// What a connection is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// Its user's inbox has a new entry.
    Frame {
        /// The entry's number.
        since: i64,
        /// The frame, as JSON; shared by all connections.
        text: Utf8Bytes,
        /// When this heard of its commit.
        heard: Instant,
    },
    /// A passing frame: dropped when there is no room for it.
    Whisper(Utf8Bytes),
    /// An item of its campus is before buyers, which it asked to hear of.
    Offer(Arc<Candidate>),
    /// The user's credentials changed: see whether this one still holds.
    CredentialsChanged,
    /// Its user shows again that they are there.
    PresenceShown,
    /// The server stops.
    Drain,
}

/// The live connections of this node.
#[derive(Debug, Default)]
pub struct Hub {
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    by_user: HashMap<UserId, Vec<Line>>,
    /// Those who want to hear of items that are offered, by campus: no other campus's item comes near them.
    watching: HashMap<CampusId, HashSet<(UserId, u64)>>,
    /// Whose last connection has ended a moment ago, under the number of that parting: they still count as there.
    parting: HashMap<UserId, u64>,
    next_number: u64,
    /// How many connections there are, those that were let go and are on their way out included.
    open: usize,
    draining: bool,
}

#[derive(Debug)]
struct Line {
    number: u64,
    notes: mpsc::Sender<Note>,
}

/// A connection's place in the hub, given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    hub: Arc<Hub>,
    user: UserId,
    number: u64,
}

impl Hub {
    /// No connection yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands committed changes to the connections they concern.
    pub fn publish(&self, announcements: impl IntoIterator<Item = impl Borrow<Announcement>>) {
        let mut lines = self.lines();
        for announcement in announcements {
            lines.announce(announcement.borrow());
        }
    }

    /// Whether a user has a live connection here, or had one a moment ago.
    pub fn is_online(&self, user: UserId) -> bool {
        let lines = self.lines();
        lines.by_user.contains_key(&user) || lines.parting.contains_key(&user)
    }

    /// Lets a user who has left count as there for a while; `None` when they are back already, or everybody is sent
    /// away to come back.
    pub(super) fn linger(&self, user: UserId) -> Option<u64> {
        let mut lines = self.lines();
        if lines.draining || lines.by_user.contains_key(&user) {
            return None;
        }
        let number = lines.next_number;
        lines.next_number += 1;
        lines.parting.insert(user, number);
        Some(number)
    }

    /// Whether a user has stayed away since this parting; they do not count as there any more.
    pub(super) fn has_parted(&self, user: UserId, parting: u64) -> bool {
        let mut lines = self.lines();
        let is_away = lines.parting.get(&user) == Some(&parting);
        if is_away {
            lines.parting.remove(&user);
        }
        is_away
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.lines().open
    }

    /// Asks every client to come back later, and takes no more of them.
    pub fn drain(&self) {
        let mut lines = self.lines();
        lines.draining = true;
        lines.send_away();
    }

    /// Asks every client to come back later. Who is let in then is for others to say.
    pub fn send_away(&self) {
        self.lines().send_away();
    }

    /// Seats a connection of `user`; its notes come through the receiver, which ends when it was let go. Also answers
    /// whether the user was away before.
    ///
    /// # Errors
    /// Why the connection has to end.
    pub(super) fn join(self: &Arc<Self>, user: UserId) -> Result<(Seat, mpsc::Receiver<Note>, bool), End> {
        let mut lines = self.lines();
        if lines.draining {
            return Err(End::Close { code: close::GOING_AWAY, reason: "the server stops" });
        }
        let number = lines.next_number;
        let was_away = !lines.by_user.contains_key(&user) && !lines.parting.contains_key(&user);
        let of_user = lines.by_user.entry(user).or_default();
        if of_user.len() >= PER_USER {
            return Err(End::Close { code: close::TOO_MANY_SOCKETS, reason: "too many connections of one user" });
        }
        let (notes, mailbox) = mpsc::channel(QUEUE);
        of_user.push(Line { number, notes });
        lines.parting.remove(&user);
        lines.next_number += 1;
        lines.open += 1;
        Ok((Seat { hub: Arc::clone(self), user, number }, mailbox, was_away))
    }

    /// Whether `user` has left: not so while everybody is sent away to come back at once.
    pub(super) fn has_left(&self, user: UserId) -> bool {
        let lines = self.lines();
        !lines.draining && !lines.by_user.contains_key(&user)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn announce(&mut self, announcement: &Announcement) {
        match announcement {
            Announcement::Inbox { user, since, frame, .. } if self.by_user.contains_key(user) => {
                // Copied once into what sockets take; the connections share that.
                let (text, heard) = (Utf8Bytes::from(&**frame), Instant::now());
                self.tell(*user, &Note::Frame { since: *since, text, heard });
            }
            Announcement::Whisper { to, frame } => self.whisper(to, frame),
            Announcement::ItemOffered { campus, item } => self.offer(*campus, item),
            Announcement::CredentialsChanged(user) => self.tell(*user, &Note::CredentialsChanged),
            Announcement::PresenceShown(user) => self.tell(*user, &Note::PresenceShown),
            Announcement::Inbox { .. } | Announcement::JobQueued => {}
        }
    }

    fn tell(&mut self, user: UserId, note: &Note) {
        self.retain(user, |line| line.notes.try_send(note.clone()).is_ok());
    }

    fn offer(&mut self, campus: CampusId, item: &Arc<Candidate>) {
        let Some(watching) = self.watching.get(&campus) else { return };
        let is_full = |(user, number): &&(UserId, u64)| {
            let line = self.by_user.get(user).and_then(|lines| lines.iter().find(|line| line.number == *number));
            line.is_some_and(|line| line.notes.try_send(Note::Offer(Arc::clone(item))).is_err())
        };
        let full: Vec<(UserId, u64)> = watching.iter().filter(is_full).copied().collect();
        for (user, number) in full {
            self.retain(user, |line| line.number != number);
        }
    }

    /// Hands a passing frame to whoever has room for it.
    fn whisper(&self, to: &[UserId], frame: &str) {
        let mut shared: Option<Utf8Bytes> = None;
        for line in to.iter().filter_map(|user| self.by_user.get(user)).flatten() {
            let text = shared.get_or_insert_with(|| Utf8Bytes::from(frame)).clone();
            let _ = line.notes.try_send(Note::Whisper(text));
        }
    }

    fn send_away(&mut self) {
        let users: Vec<UserId> = self.by_user.keys().copied().collect();
        for user in users {
            self.tell(user, &Note::Drain);
        }
    }

    fn retain(&mut self, user: UserId, keep: impl FnMut(&Line) -> bool) {
        let Some(of_user) = self.by_user.get_mut(&user) else { return };
        of_user.retain(keep);
        if of_user.is_empty() {
            self.by_user.remove(&user);
        }
    }
}

impl Seat {
    /// Says whether this connection wants to hear of items that are offered on its campus.
    pub(super) fn watch(&self, campus: CampusId, wanted: bool) {
        let (mut lines, place) = (self.hub.lines(), (self.user, self.number));
        if wanted {
            lines.watching.entry(campus).or_default().insert(place);
        } else {
            lines.forget_watch(place);
        }
    }
}

impl Lines {
    fn forget_watch(&mut self, place: (UserId, u64)) {
        self.watching.retain(|_, watching| {
            watching.remove(&place);
            !watching.is_empty()
        });
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut lines = self.hub.lines();
        lines.forget_watch((self.user, self.number));
        lines.retain(self.user, |line| line.number != self.number);
        lines.open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use campuszon_core::{
        Id, ItemId, Timestamp,
        item::{Condition, ItemStatus, Listing, Terms},
    };
    use tokio::sync::mpsc::error::TryRecvError;

    use super::*;

    fn entry(user: u128, since: i64) -> Announcement {
        let (campus, user) = (CampusId::from_bits(1), UserId::from_bits(user));
        Announcement::Inbox { campus, user, since, frame: format!("frame {since}").into() }
    }

    /// The number of the next note, which has to be the frame of this number.
    #[track_caller]
    fn frame(mailbox: &mut mpsc::Receiver<Note>) -> i64 {
        match mailbox.try_recv() {
            Ok(Note::Frame { since, text, .. }) if *text == *format!("frame {since}") => since,
            other => panic!("no frame: {other:?}"),
        }
    }

    #[test]
    fn announcements_reach_every_connection_of_their_user_and_no_other() {
        let hub = Arc::new(Hub::new());
        let (ada, bob) = (UserId::from_bits(1), UserId::from_bits(2));
        let (_seat, mut laptop, _) = hub.join(ada).expect("a seat");
        let (_seat, mut phone, _) = hub.join(ada).expect("a seat");
        let (_seat, mut other, _) = hub.join(bob).expect("a seat");

        hub.publish([entry(1, 7), Announcement::JobQueued, entry(3, 1), Announcement::CredentialsChanged(ada)]);

        for mailbox in [&mut laptop, &mut phone] {
            assert_eq!(frame(mailbox), 7);
            assert_eq!(mailbox.try_recv(), Ok(Note::CredentialsChanged));
        }
        assert_eq!(other.try_recv(), Err(TryRecvError::Empty));
    }

    fn offer(campus: u128) -> Announcement {
        let terms = Terms { listing: Listing::Sale, price: 1, rent_period: None };
        let item = Candidate {
            id: ItemId::from_bits(1),
            title: Vec::new(),
            description: Vec::new(),
            category: "other".to_owned(),
            condition: Condition::Good,
            terms,
            status: ItemStatus::Active,
            seller: UserId::from_bits(9),
            has_image: false,
            created_at: Timestamp::default(),
        };
        Announcement::ItemOffered { campus: CampusId::from_bits(campus), item: Arc::new(item) }
    }

    #[test]
    fn offers_reach_those_of_the_campus_who_watch() {
        let hub = Arc::new(Hub::new());
        let (watcher, mut watching, _) = hub.join(UserId::from_bits(1)).expect("a seat");
        let (foreigner, mut foreign, _) = hub.join(UserId::from_bits(2)).expect("a seat");
        let (_seat, mut silent, _) = hub.join(UserId::from_bits(1)).expect("a seat");
        watcher.watch(CampusId::from_bits(1), true);
        foreigner.watch(CampusId::from_bits(2), true);
        hub.publish([offer(1)]);
        assert!(matches!(watching.try_recv(), Ok(Note::Offer(_))));
        assert_eq!(silent.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(foreign.try_recv(), Err(TryRecvError::Empty));

        watcher.watch(CampusId::from_bits(1), false);
        hub.publish([offer(1)]);
        assert_eq!(watching.try_recv(), Err(TryRecvError::Empty));
        drop(foreigner);
        assert!(hub.lines().watching.is_empty());
    }

    #[test]
    fn who_cannot_follow_the_offers_is_let_go() {
        let hub = Arc::new(Hub::new());
        let (seat, mut mailbox, _) = hub.join(UserId::from_bits(1)).expect("a seat");
        seat.watch(CampusId::from_bits(1), true);
        hub.publish((0..=QUEUE).map(|_| offer(1)));
        assert!(!hub.is_online(UserId::from_bits(1)));
        while let Ok(note) = mailbox.try_recv() {
            assert!(matches!(note, Note::Offer(_)));
        }
        assert_eq!(mailbox.try_recv(), Err(TryRecvError::Disconnected));
    }

    #[test]
    fn a_seat_is_given_back() {
        let hub = Arc::new(Hub::new());
        let ada = UserId::from_bits(1);
        let seats: Vec<_> = (0..PER_USER).map(|_| hub.join(ada).expect("a seat")).collect();
        assert_eq!((hub.connections(), hub.is_online(ada)), (PER_USER, true));
        let refused = hub.join(ada).expect_err("full");
        assert!(matches!(refused, End::Close { code: close::TOO_MANY_SOCKETS, .. }));

        drop(seats);
        assert_eq!((hub.connections(), hub.is_online(ada), hub.has_left(ada)), (0, false, true));
        assert!(hub.lines().by_user.is_empty());
    }

    #[test]
    fn a_slow_connection_is_let_go_with_what_it_has() {
        let hub = Arc::new(Hub::new());
        let (seat, mut mailbox, _) = hub.join(UserId::from_bits(1)).expect("a seat");
        hub.publish((0..1_000).map(|since| entry(1, since)));
        assert_eq!((hub.is_online(UserId::from_bits(1)), hub.connections()), (false, 1));
        for since in 0..QUEUE {
            assert_eq!(frame(&mut mailbox), i64::try_from(since).expect("small"));
        }
        assert_eq!(mailbox.try_recv(), Err(TryRecvError::Disconnected));
        drop(seat);
        assert_eq!(hub.connections(), 0);
    }

    #[test]
    fn draining_tells_everybody_and_takes_no_more() {
        let hub = Arc::new(Hub::new());
        let (ada, bob) = (UserId::from_bits(1), UserId::from_bits(2));
        let (ada_seat, mut ada_mailbox, _) = hub.join(ada).expect("a seat");
        let (_seat, mut bob_mailbox, _) = hub.join(bob).expect("a seat");
        hub.drain();
        assert_eq!((ada_mailbox.try_recv(), bob_mailbox.try_recv()), (Ok(Note::Drain), Ok(Note::Drain)));
        assert!(hub.join(ada).is_err());
        drop(ada_seat);
        assert_eq!((hub.connections(), hub.has_left(ada)), (1, false));
    }
}
