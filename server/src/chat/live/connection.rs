//! The life of one live connection: authenticated, greeted, then events out and requests in until it ends.

use std::{convert::Infallible, time::Duration};

use campuszon_core::{
    CampusId, ChatId, UserId,
    item::{Candidate, ItemFilter},
    permission::Permission,
    wire::live::{LiveLimits, MAX_CLIENT_FRAME, ServerFrame, close},
};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    conduct::Conduct,
    cursor::InboxCursor,
    frames::{self, Incoming, Refusal, Reply, Request},
    hub::{Note, Seat},
    pass::Pass,
    presence,
    socket::{End, Received, Socket},
    timers::{Due, Timers},
    watch,
};
use crate::{
    App, Error,
    chat::service::{self, MessageRange, NewMessage},
    gateway::limits,
    platform::{database::Tx, inbox},
};

/// How long the first frame may take, where the handshake carried no token.
const AUTH_WITHIN: Duration = Duration::from_secs(5);

/// How many missed events are sent again; with more, fetching over HTTP is cheaper for both sides.
const MAX_MISSED: i64 = 300;

/// How soon the same word on a client's writing counts as a new one: it holds for six seconds.
const TYPING_EVERY: Duration = Duration::from_secs(2);

/// The pause that a stopping server asks for: at least, and how much more by chance, in milliseconds.
const RETRY_MS: (u64, u64) = (250, 2_750);

const UNAUTHENTICATED: End = End::Close { code: close::EXPIRED, reason: "the first frame has to be auth" };
const EXPIRED: End = End::Close { code: close::EXPIRED, reason: "the token is not valid or has ended" };
const SUSPENDED: End = End::Close { code: close::SUSPENDED, reason: "this account may not connect" };
const NO_PONG: End = End::Close { code: close::NO_PONG, reason: "the heartbeat was not answered" };
const TOO_MANY_FRAMES: End = End::Close { code: close::TOO_MANY_FRAMES, reason: "too many frames" };
const STOPPING: End = End::Close { code: close::GOING_AWAY, reason: "the server stops" };
const MAINTENANCE: End = End::Close { code: close::GOING_AWAY, reason: "the server is under maintenance" };
const UNAVAILABLE: End = End::Close { code: close::RESTART, reason: "the server cannot do it now: try again" };

/// Talks to a client until one side ends it. `pass` is the credential of the handshake.
pub(super) async fn converse(app: App, mut socket: Socket, pass: Option<Pass>) {
    let pass = match pass {
        Some(pass) => Ok(pass),
        None => Box::pin(first_frame(&app, &mut socket)).await,
    };
    match pass {
        Ok(pass) => seated(app, socket, pass).await,
        Err(end) => socket.close(end).await,
    }
}

/// Waits for the frame that says who the client is.
async fn first_frame(app: &App, socket: &mut Socket) -> Result<Pass, End> {
    let received = timeout(AUTH_WITHIN, socket.receive()).await.map_err(|_| UNAUTHENTICATED)??;
    let Received::Text(text) = received else { return Err(UNAUTHENTICATED) };
    let Ok(Request::Auth { token }) = frames::parse(&text).request else { return Err(UNAUTHENTICATED) };
    Pass::check(app, &token).await.map_err(|error| refused(&error))
}

/// How a connection ends whose credential is refused.
fn refused(error: &Error) -> End {
    match error {
        Error::Unauthenticated(_) | Error::TokenExpired => EXPIRED,
        Error::Forbidden(_) | Error::Unverified => SUSPENDED,
        _ => UNAVAILABLE,
    }
}

/// Gives the connection its seat in the hub for as long as it lives.
async fn seated(app: App, mut socket: Socket, pass: Pass) {
    let (campus, user) = (pass.who.campus, pass.who.user);
    let (seat, mailbox, was_away) = match app.hub.join(user) {
        Ok(joined) => joined,
        Err(end) => return socket.close(end).await,
    };
    // Who joined before it began is sent away by the hub; who joins after it is found here.
    if app.maintenance.refusal(Some(pass.who.role)).is_some() {
        return socket.close(MAINTENANCE).await;
    }
    if was_away {
        Box::pin(presence::arrived(&app, campus, user)).await;
    }
    let Err(end) = Connection::run(&app, &mut socket, &seat, pass, mailbox).await;
    tracing::debug!(%user, ?end, "live connection ended");
    socket.close(end).await;
    drop(seat);
    if !app.hub.has_left(user) {
        return;
    }
    let since = app.clock.now();
    tokio::spawn(presence::parted(app.clone(), campus, user, since));
    if let Err(error) = app.write(move |tx| service::left(tx, campus, user)).await {
        tracing::warn!(%user, %error, "cannot note when a user left");
    }
}

struct Connection<'a> {
    app: &'a App,
    socket: &'a mut Socket,
    seat: &'a Seat,
    pass: Pass,
    mailbox: mpsc::Receiver<Note>,
    /// The new items that the client wants to hear of.
    watch: Option<ItemFilter>,
    /// What the client last said of its writing, and when.
    typed: Option<(ChatId, bool, Instant)>,
    epoch: String,
    cursor: InboxCursor,
    timers: Timers,
    conduct: Conduct,
    /// When the oldest event came that is not flushed yet.
    unflushed: Option<std::time::Instant>,
}

impl<'a> Connection<'a> {
    async fn run(
        app: &'a App,
        socket: &'a mut Socket,
        seat: &'a Seat,
        pass: Pass,
        mailbox: mpsc::Receiver<Note>,
    ) -> Result<Infallible, End> {
        let (campus, user) = (pass.who.campus, pass.who.user);
        // Read after the hub took us in: what is newer is in the mailbox.
        let (epoch, head) = app.read(move |tx| greeting(tx, campus, user)).await.map_err(|_| UNAVAILABLE)?;
        let now = Instant::now();
        let connection = Self {
            timers: Timers::new(app.settings.chat.heartbeat, pass.ends_at, now),
            conduct: Conduct::default(),
            cursor: InboxCursor::new(head),
            app,
            socket,
            seat,
            pass,
            mailbox,
            watch: None,
            typed: None,
            unflushed: None,
            epoch,
        };
        connection.serve().await
    }

    async fn serve(mut self) -> Result<Infallible, End> {
        self.greet().await?;
        loop {
            self.socket.flush().await?;
            if let Some(heard) = self.unflushed.take() {
                self.app.metrics.fan_out_seconds.observe(heard.elapsed().as_secs_f64());
            }
            let (at, due) = self.timers.next();
            tokio::select! {
                // On the heap: an idle connection keeps no room for what it does at times.
                received = self.socket.receive() => Box::pin(self.receive(received?)).await?,
                note = self.mailbox.recv(), if self.timers.is_settled() => Box::pin(self.hear_all(note)).await?,
                () = sleep_until(at) => Box::pin(self.fall_due(due)).await?,
            }
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let ready = ServerFrame::Ready {
            user_id: self.pass.who.user,
            session_id: self.pass.who.session,
            epoch: self.epoch.clone(),
            since: self.cursor.last(),
            server_time: self.app.clock.now(),
            heartbeat_ms: millis(self.app.settings.chat.heartbeat),
            limits: LiveLimits { max_frame: MAX_CLIENT_FRAME as u64, max_body: service::MAX_BODY as u64 },
        };
        self.socket.say(&ready).await
    }

    /// Hears a note and those that wait behind it, so that they leave together.
    async fn hear_all(&mut self, note: Option<Note>) -> Result<(), End> {
        // No more notes: the hub let us go because they were more than we could send.
        let Some(note) = note else {
            self.socket.say(&ServerFrame::Lagging {}).await?;
            return Err(End::TOO_SLOW);
        };
        self.hear(note).await?;
        while let Ok(note) = self.mailbox.try_recv() {
            self.hear(note).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, note: Note) -> Result<(), End> {
        match note {
            Note::Frame { since, .. } if self.cursor.is_behind(since) => self.catch_up().await,
            Note::Frame { since, text, heard } if self.cursor.passes(since) => {
                self.unflushed.get_or_insert(heard);
                self.socket.feed(text).await
            }
            Note::Frame { .. } => Ok(()),
            Note::Whisper(text) => self.socket.feed(text).await,
            Note::Offer(item) => self.offer(&item).await,
            Note::CredentialsChanged => {
                let pass = self.pass.check_again(self.app).await.map_err(|error| refused(&error))?;
                self.go_on_with(pass);
                Ok(())
            }
            Note::PresenceShown => {
                presence::arrived(self.app, self.pass.who.campus, self.pass.who.user).await;
                Ok(())
            }
            Note::Drain => {
                let (least, more) = RETRY_MS;
                let chance = self.app.entropy.u128() % u128::from(more);
                let retry_ms = least + u64::try_from(chance).unwrap_or(more);
                self.socket.say(&ServerFrame::Drain { retry_ms }).await?;
                Err(if self.app.maintenance.current().is_some() { MAINTENANCE } else { STOPPING })
            }
        }
    }

    /// Sends what the inbox holds beyond the cursor. When the database cannot tell, the next heartbeat asks again.
    async fn catch_up(&mut self) -> Result<(), End> {
        loop {
            let (campus, user, last) = (self.pass.who.campus, self.pass.who.user, self.cursor.last());
            let read = self.app.read(move |tx| Ok(inbox::after(tx, campus, user, last, MAX_MISSED)?)).await;
            let entries = match read {
                Ok(entries) if entries.is_empty() => return Ok(()),
                Ok(entries) => entries,
                Err(error) => {
                    tracing::warn!(%user, %error, "cannot read an inbox");
                    return Ok(());
                }
            };
            for (since, text) in entries {
                if self.cursor.passes(since) {
                    self.socket.feed(text.into()).await?;
                }
            }
        }
    }

    async fn fall_due(&mut self, due: Due) -> Result<(), End> {
        match due {
            Due::Settled => self.timers.settle(),
            Due::Pong => return Err(NO_PONG),
            Due::Warning => {
                let in_ms = millis(self.timers.warned(Instant::now()));
                self.socket.say(&ServerFrame::AuthExpiring { in_ms }).await?;
            }
            Due::Expiry => return Err(EXPIRED),
            Due::Ping => {
                // Repairs what a lost announcement left out, so that the number below is never ahead of the frames.
                self.catch_up().await?;
                self.socket.say(&ServerFrame::Ping { since: self.cursor.last() }).await?;
                self.timers.pinged(Instant::now());
            }
        }
        Ok(())
    }

    async fn receive(&mut self, received: Received) -> Result<(), End> {
        self.count_frame()?;
        let Incoming { reference, request } = match received {
            Received::Text(text) => frames::parse(&text),
            Received::Binary => frames::malformed("send JSON in text frames"),
            Received::Control => return Ok(()),
        };
        let is_malformed = matches!(request, Err(Refusal::Malformed(_)));
        self.answer(reference, request).await?;
        self.timers.settle();
        self.conduct.judge(is_malformed)
    }

    /// Counts a frame against the budget of its user, whichever of their connections it came through.
    fn count_frame(&self) -> Result<(), End> {
        let (app, user) = (self.app, self.pass.who.user.to_string());
        let verdict = app.limiter.check(limits::frames(&app.settings.limits), &user, app.clock.now());
        if verdict.allowed { Ok(()) } else { Err(TOO_MANY_FRAMES) }
    }

    async fn answer(&mut self, reference: Option<Value>, request: Result<Request, Refusal>) -> Result<(), End> {
        let outcome = match request {
            Err(refusal) => Err(refusal),
            Ok(Request::Auth { token }) => self.renew(&token).await,
            Ok(Request::Send { chat, message }) => self.send(chat, message).await,
            Ok(Request::Read { chat, seq }) => self.read(chat, seq).await,
            Ok(Request::Resume { since, epoch }) => return self.resume(reference, since, &epoch).await,
            Ok(Request::ResumeChats(chats)) => return self.resume_chats(reference, chats).await,
            Ok(Request::Typing { chat, on }) => match self.typing(chat, on).await {
                // Nothing is said of it when it went well.
                Ok(()) => return Ok(()),
                Err(error) => Err(error.into()),
            },
            Ok(Request::Watch { query }) => self.watch(&query),
            Ok(Request::Ping) => Ok(Reply::Pong),
            Ok(Request::Pong) => {
                self.timers.ponged();
                return Ok(());
            }
        };
        if let Err(Refusal::Error(error @ Error::Internal(_))) = &outcome {
            tracing::error!(user = %self.pass.who.user, %error, "a live request failed");
        }
        self.socket.say(&frames::answer(outcome, reference)).await
    }

    /// Goes on with another token of the same user. One that is refused leaves the one before in force.
    async fn renew(&mut self, token: &str) -> Result<Reply, Refusal> {
        let pass = Pass::check(self.app, token).await?;
        if pass.who.user != self.pass.who.user {
            let message = "this connection belongs to another user: open a new one".to_owned();
            return Err(Error::Forbidden(message).into());
        }
        self.go_on_with(pass);
        Ok(Reply::Ok)
    }

    fn go_on_with(&mut self, pass: Pass) {
        self.timers.expire_at(pass.ends_at, Instant::now());
        self.pass = pass;
    }

    async fn send(&mut self, chat: ChatId, message: NewMessage) -> Result<Reply, Refusal> {
        let (app, who) = (self.app, self.pass.who.clone());
        who.require(Permission::Write)?;
        let verdict = app.limiter.check(limits::chat(&app.settings.limits), &who.user.to_string(), app.clock.now());
        if !verdict.allowed {
            return Err(Error::RateLimited(verdict).into());
        }
        let (message, _) = app.write(move |tx| service::send(tx, &who, chat, &message)).await?;
        Ok(Reply::Sent(Box::new(message)))
    }

    async fn read(&mut self, chat: ChatId, seq: i64) -> Result<Reply, Refusal> {
        let who = self.pass.who.clone();
        who.require(Permission::Write)?;
        self.app.write(move |tx| service::read(tx, &who, chat, seq)).await?;
        Ok(Reply::Ok)
    }

    /// Tells the other member that the client writes, or stops; not again within a moment.
    async fn typing(&mut self, chat: ChatId, on: bool) -> Result<(), Error> {
        self.pass.who.require(Permission::Write)?;
        let now = Instant::now();
        let is_repeated = self
            .typed
            .is_some_and(|(last, was_on, at)| (last, was_on) == (chat, on) && now.duration_since(at) < TYPING_EVERY);
        if is_repeated {
            return Ok(());
        }
        self.typed = Some((chat, on, now));
        presence::typing(self.app, &self.pass.who, chat, on).await
    }

    /// Begins to tell of new items, in place of those watched before; an empty query ends it.
    fn watch(&mut self, query: &str) -> Result<Reply, Refusal> {
        let who = &self.pass.who;
        who.require(Permission::Read)?;
        self.watch = watch::read(self.app, who, query)?;
        self.seat.watch(who.campus, self.watch.is_some());
        Ok(Reply::Ok)
    }

    /// Tells of an item that is offered, when the client watches for such.
    async fn offer(&mut self, item: &Candidate) -> Result<(), End> {
        let Some(filter) = &self.watch else { return Ok(()) };
        match watch::found(self.app, &self.pass.who, filter, item).await {
            Some(item) => self.socket.say(&ServerFrame::Item { item: Box::new(item) }).await,
            None => Ok(()),
        }
    }

    /// Sends again the messages after those numbers, conversation by conversation; one with too many is to be fetched.
    async fn resume_chats(&mut self, reference: Option<Value>, chats: Vec<(ChatId, i64)>) -> Result<(), End> {
        for (chat, seq) in chats {
            let who = self.pass.who.clone();
            let range = MessageRange { before: None, after: Some(seq), limit: MAX_MISSED + 1 };
            let missed = match self.app.read(move |tx| service::messages(tx, &who, chat, range)).await {
                Ok(missed) => missed,
                Err(error) => return self.socket.say(&frames::answer(Err(error.into()), reference)).await,
            };
            if i64::try_from(missed.len()).is_ok_and(|missed| missed > MAX_MISSED) {
                self.socket.say(&ServerFrame::Reset { scope: chat.to_string() }).await?;
                continue;
            }
            for message in missed {
                self.socket.say(&ServerFrame::Message { message, since: self.cursor.last() }).await?;
            }
        }
        self.socket.say(&ServerFrame::Resumed { reference, since: self.cursor.last() }).await
    }

    /// Sends again what came after `since`, or tells the client to fetch everything.
    async fn resume(&mut self, reference: Option<Value>, since: i64, epoch: &str) -> Result<(), End> {
        let (campus, user) = (self.pass.who.campus, self.pass.who.user);
        let missed =
            if epoch == self.epoch { self.app.read(move |tx| missed(tx, campus, user, since)).await } else { Ok(None) };
        match missed {
            Err(error) => self.socket.say(&frames::answer(Err(error.into()), reference)).await,
            Ok(None) => self.socket.say(&ServerFrame::Reset { scope: "all".to_owned() }).await,
            Ok(Some(entries)) => {
                self.cursor.passes(since);
                for (since, text) in entries {
                    self.cursor.passes(since);
                    self.socket.feed(text.into()).await?;
                }
                self.socket.say(&ServerFrame::Resumed { reference, since: self.cursor.last() }).await
            }
        }
    }
}

fn greeting(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(String, i64), Error> {
    let epoch = inbox::epoch(tx)?.ok_or_else(|| Error::Internal("the database has no epoch".to_owned()))?;
    Ok((epoch, inbox::head(tx, campus, user)?))
}

/// The entries after `since`; `None` when they are too many, are not all there any more, or never were.
fn missed(tx: &mut Tx<'_>, campus: CampusId, user: UserId, since: i64) -> Result<Option<Vec<(i64, String)>>, Error> {
    let gap = inbox::head(tx, campus, user)?.saturating_sub(since);
    if !(0..=MAX_MISSED).contains(&gap) {
        return Ok(None);
    }
    let entries = inbox::after(tx, campus, user, since, MAX_MISSED)?;
    let is_whole = i64::try_from(entries.len()).is_ok_and(|found| found == gap);
    Ok(is_whole.then_some(entries))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
