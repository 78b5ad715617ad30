//! The lines of a conversation, entry by entry: headings, texts, pictures, and cards of bookings.

use campuszon_core::{
    booking::{BookingStatus, Side},
    safe::SafeText,
    wire::{chat::MessageKind, image::ImageStatus},
};
use ratatui::layout::Size;

use super::{
    pen::{Piece, fixed, width},
    wrap::wrap,
};
use crate::tui::{
    format,
    keys::{self, Action, Scope},
    model::{ChatRow, Conversation, Deal, Entry, Model, Pending, Photo, PhotoKey, Said, Speaker},
    theme::{Glyphs, Role},
};

/// How far texts are from the left, which leaves room for the mark of what is selected.
pub(super) const INDENT: u16 = 2;

/// Room at the right for the state of a message.
const STATE: u16 = 4;

/// The box of a picture, the same for every one, so that nothing jumps.
const PICTURE: Size = Size { width: 32, height: 8 };

/// Below this many rows pictures are only named.
const LOWEST_WITH_PICTURES: u16 = 12;

/// How long somebody may pause without being named again, in minutes.
const PAUSE: u64 = 10;

/// A line of a conversation.
pub(super) enum Line {
    /// Who speaks, or what is new.
    Heading(Vec<Piece>),
    /// What is said, and how far it is.
    Body(Vec<Piece>, Piece),
    /// A row of a picture.
    Picture(PhotoKey, u16),
}

/// The lines of an entry.
pub(super) struct Block {
    pub(super) entry: Entry,
    pub(super) lines: Vec<Line>,
}

impl Block {
    pub(super) fn height(&self) -> (Entry, usize) {
        (self.entry.clone(), self.lines.len())
    }
}

/// Lays out a conversation.
struct Layout<'a> {
    model: &'a Model,
    talk: &'a Conversation,
    row: Option<&'a ChatRow>,
    glyphs: &'static Glyphs,
    area: Size,
}

/// The open conversation, from the top.
pub(super) fn of(model: &Model, area: Size) -> Vec<Block> {
    let (Some(chat), Some(talk)) = (model.chats.open, model.chats.talk()) else { return Vec::new() };
    let row = model.chats.open_row().map(AsRef::as_ref);
    let layout = Layout { model, talk, row, glyphs: model.settings.theme.glyphs(), area };
    let mut blocks = Vec::new();
    let mut before: Option<&Said> = None;
    for said in talk.messages() {
        blocks.push(layout.said(said, before));
        before = Some(said);
    }
    let mut last = before.map(|said| layout.speaker(said));
    for pending in model.chats.pending_in(chat) {
        blocks.push(layout.pending(pending, last == Some(Speaker::Me)));
        last = Some(Speaker::Me);
    }
    blocks
}

impl Layout<'_> {
    fn speaker(&self, said: &Said) -> Speaker {
        self.model.chats.open.map_or(Speaker::Peer, |chat| self.model.speaker(chat, said.sender))
    }

    fn said(&self, said: &Said, before: Option<&Said>) -> Block {
        let mut lines = Vec::new();
        let is_first_new = |read: i64| said.seq > read && before.is_none_or(|before| before.seq <= read);
        let is_new = self.talk.divider.is_some_and(is_first_new);
        if is_new {
            lines.push(self.divider());
        }
        let speaker = self.speaker(said);
        let goes_on = before.is_some_and(|before| {
            let pause = said.created_at.since(before.created_at).as_secs() / 60;
            self.speaker(before) == speaker && pause < PAUSE
        });
        if speaker != Speaker::Server && (is_new || !goes_on) {
            lines.push(self.heading(speaker, &format::ago(self.model.now, said.created_at)));
        }
        self.body(said, speaker, &mut lines);
        Block { entry: Entry::Said(said.seq), lines }
    }

    fn divider(&self) -> Line {
        let side = self.glyphs.border.horizontal_top.repeat(usize::from(self.area.width.saturating_sub(5) / 2));
        Line::Heading(vec![(SafeText::line(&format!("{side} new {side}")), Role::Warning)])
    }

    fn heading(&self, speaker: Speaker, when: &str) -> Line {
        let name = match (speaker, self.row) {
            (Speaker::Me, _) => fixed("you"),
            (_, Some(row)) => row.peer.clone(),
            (_, None) => fixed("the other"),
        };
        let role = if speaker == Speaker::Me { Role::Active } else { Role::Title };
        let when = SafeText::line(&format!("{}{when}", self.glyphs.separator));
        Line::Heading(vec![(name, role), (when, Role::Muted)])
    }

    fn body(&self, said: &Said, speaker: Speaker, lines: &mut Vec<Line>) {
        let state = self.state(said, speaker);
        if said.deleted {
            return self.text(&fixed("(deleted)"), Role::Muted, &state, lines);
        }
        if let Some(id) = said.booking {
            return self.card(said, self.model.chats.deals.get(&id), lines);
        }
        if let Some(photo) = &said.photo {
            self.picture(photo, lines);
            let caption = self.caption(photo);
            return self.text(&caption, Role::Muted, &state, lines);
        }
        let role = if said.kind == MessageKind::System { Role::Muted } else { Role::Text };
        let width = self.text_width();
        let wrapped = said.lines.at(width, || {
            let edited = if said.edited { " (edited)" } else { "" };
            wrap(&SafeText::block(&format!("{}{edited}", said.body)), width)
        });
        bodies(wrapped.iter().cloned(), role, &state, lines);
    }

    /// How far a message of the reader is.
    fn state(&self, said: &Said, speaker: Speaker) -> Piece {
        match speaker {
            Speaker::Me if self.row.is_some_and(|row| row.peer_read_seq >= said.seq) => {
                (fixed(self.glyphs.read), Role::Good)
            }
            Speaker::Me => (fixed(self.glyphs.sent), Role::Muted),
            _ => (fixed(""), Role::Text),
        }
    }

    fn text(&self, text: &SafeText, role: Role, state: &Piece, lines: &mut Vec<Line>) {
        bodies(wrap(text, self.text_width()).into_iter(), role, state, lines);
    }

    fn text_width(&self) -> u16 {
        self.area.width.saturating_sub(INDENT + STATE).max(2)
    }

    fn picture(&self, photo: &Photo, lines: &mut Vec<Line>) {
        if !self.model.draws_photos() || self.area.height < LOWEST_WITH_PICTURES {
            return;
        }
        let cells = Size { width: PICTURE.width.min(self.area.width.saturating_sub(INDENT)), ..PICTURE };
        let Some(key) = photo.in_box(cells, self.model.settings.images) else { return };
        lines.extend((0..cells.height).map(|number| Line::Picture(key.clone(), number)));
    }

    fn caption(&self, photo: &Photo) -> SafeText {
        let size = format!("Photo{}{}{}{}", self.glyphs.separator, photo.width, self.glyphs.times, photo.height);
        match photo.status {
            ImageStatus::Ready => SafeText::line(&size),
            ImageStatus::Pending => SafeText::line(&format!("{size}{}being prepared", self.glyphs.separator)),
            ImageStatus::Failed => SafeText::line(&format!("Photo{}could not be prepared", self.glyphs.separator)),
        }
    }

    /// A booking: where it stands, what was said with it, and the keys that act on it.
    fn card(&self, said: &Said, deal: Option<&Deal>, lines: &mut Vec<Line>) {
        let bar = || (fixed(self.glyphs.bar), Role::Active);
        let none = || (fixed(""), Role::Text);
        if let Some(deal) = deal {
            let mut pieces = vec![bar(), (deal.price.clone(), Role::Price)];
            let dot = || (fixed(self.glyphs.separator), Role::Muted);
            pieces.extend([dot(), (self.standing(deal), Role::Warning)]);
            if let Some(end) = deal.deadline_at.filter(|_| deal.status.is_open()) {
                pieces.extend([
                    dot(),
                    (SafeText::line(&format!("ends {}", format::ahead(self.model.now, end))), Role::Muted),
                ]);
            }
            lines.push(Line::Body(pieces, none()));
        }
        let room = self.area.width.saturating_sub(INDENT + width(&fixed(self.glyphs.bar))).max(2);
        lines
            .extend(wrap(&said.body, room).into_iter().map(|line| Line::Body(vec![bar(), (line, Role::Text)], none())));
        let Some(deal) = deal else { return };
        if let Some(code) = deal.handover_code.as_ref().filter(|_| deal.status == BookingStatus::Accepted) {
            let text = SafeText::line(&format!("Tell the seller when you meet: {code}"));
            lines.push(Line::Body(vec![bar(), (text, Role::Title)], none()));
        }
        let steps = steps_of(deal);
        if !steps.is_empty() {
            let pieces = steps.iter().flat_map(|(action, label)| {
                let chord = keys::chord_of(Scope::Messages, *action).unwrap_or_default();
                [(fixed(chord), Role::Key), (SafeText::line(&format!(" {label}  ")), Role::Muted)]
            });
            lines.push(Line::Body(std::iter::once(bar()).chain(pieces).collect(), none()));
        }
    }

    fn standing(&self, deal: &Deal) -> SafeText {
        match (deal.status, deal.waiting) {
            (BookingStatus::Pending, Some(place)) => {
                SafeText::line(&format!("reserved for someone else, number {place} in line"))
            }
            (BookingStatus::Pending, None) if deal.is_my_turn => fixed("your turn"),
            (BookingStatus::Pending, None) => fixed("the other's turn"),
            (status, _) => fixed(status.as_str()),
        }
    }

    fn pending(&self, pending: &Pending, goes_on: bool) -> Block {
        let mut lines = Vec::new();
        if !goes_on {
            lines.push(self.heading(Speaker::Me, "now"));
        }
        match &pending.trouble {
            None => self.text(&pending.body, Role::Text, &(fixed(self.glyphs.ellipsis), Role::Muted), &mut lines),
            Some(why) => {
                self.text(&pending.body, Role::Text, &(fixed("!"), Role::Danger), &mut lines);
                let why = SafeText::line(&format!("! r retry{}{why}", self.glyphs.separator));
                self.text(&why, Role::Danger, &(fixed(""), Role::Text), &mut lines);
            }
        }
        Block { entry: Entry::Pending(pending.message.client_id.clone()), lines }
    }
}

/// The lines of a text, the last of which says how far it is.
fn bodies(text: impl ExactSizeIterator<Item = SafeText>, role: Role, state: &Piece, lines: &mut Vec<Line>) {
    let last = text.len().saturating_sub(1);
    let plain = || (fixed(""), Role::Text);
    let body = |(number, line)| Line::Body(vec![(line, role)], if number == last { state.clone() } else { plain() });
    lines.extend(text.enumerate().map(body));
}

/// What can be done with a booking now, and how that is called on its card.
fn steps_of(deal: &Deal) -> Vec<(Action, &'static str)> {
    match (deal.status, deal.role) {
        (BookingStatus::Pending, side) => {
            let answers = [(Action::Accept, "accept"), (Action::Counter, "offer")];
            let refuse = (Action::Decline, if side == Side::Seller { "decline" } else { "call off" });
            answers.into_iter().filter(|_| deal.is_my_turn).chain([refuse]).collect()
        }
        (BookingStatus::Accepted, _) => vec![(Action::Complete, "handed over"), (Action::Decline, "call off")],
        _ => Vec::new(),
    }
}
