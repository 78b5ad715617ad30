//! The background: loops that take jobs from the queues, and the hourly sweep. Nothing is polled: a loop sleeps until a
//! job is queued, the next one is due, or the server stops.

use std::{future, time::Duration};

use campuszon_core::{Timestamp, text, wire::notification::NotificationKind};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{self, MissedTickBehavior},
};
use tracing::{Instrument, Span};

use crate::{
    App, Error, deals,
    gateway::idempotency,
    images, items,
    notifications::{self, service::News},
    platform::{
        jobs::{self, Job, Kind},
        mail::{Mail, MailError},
        traces,
    },
    users,
};

/// How long a job belongs to a worker that says nothing more: the job of one that died is taken up by another after this.
const LEASE: Duration = Duration::from_secs(15);

/// How often a worker says that it is still at its job.
const RENEWAL: Duration = Duration::from_secs(5);

/// How long a loop rests after a failure of the database.
const RECOVERY: Duration = Duration::from_secs(1);

/// How long until a failed mail is tried again, at first.
const MAIL_BACKOFF: Duration = Duration::from_secs(5);

/// How long a mail that could not be sent is kept with its reason.
const DEAD_MAIL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How often what has ended is swept out.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// How many bookings or reviews are looked up at once.
const DUE: usize = 100;

/// The clock may be set, and deadlines may come from other nodes: look again after this at the latest.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How many balances one transaction lifts.
const TOP_UPS: i64 = 200;

/// Of how many users one transaction queues the daily mails.
const DIGESTS: i64 = 100;

/// How often [`drain`] looks whether others have finished.
const LOOK: Duration = Duration::from_millis(20);

/// Works until `stop` becomes true, or nobody is left to say so. Jobs that were begun are ended first.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    let mut loops = JoinSet::new();
    for _ in 0..app.settings.images.workers {
        loops.spawn(work(app.clone(), Kind::Image, stop.clone()));
    }
    loops.spawn(work(app.clone(), Kind::Mail, stop.clone()));
    loops.spawn(keep_deadlines(app.clone(), stop.clone()));
    loops.spawn(sweep(app, stop));
    while loops.join_next().await.is_some() {}
}

/// Works until no job of `kind` is left, waiting for those that others do and those to be tried again.
///
/// # Errors
/// The database's.
pub async fn drain(app: &App, kind: Kind) -> Result<(), Error> {
    loop {
        match step(app, kind).await? {
            Step::Worked => {}
            Step::Idle(None) => return Ok(()),
            Step::Idle(Some(pause)) => time::sleep(pause.min(LOOK)).await,
        }
    }
}

async fn work(app: App, kind: Kind, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        // Made before the queue is looked at, so that what is queued in between wakes this loop too.
        let queued = app.jobs.notified();
        let pause = match step(&app, kind).await {
            Ok(Step::Worked) => continue,
            Ok(Step::Idle(pause)) => pause,
            Err(error) => {
                tracing::warn!(%error, kind = kind.as_str(), "a background loop rests");
                Some(RECOVERY)
            }
        };
        tokio::select! {
            () = queued => {}
            () = rest(pause) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// Sleeps for a while, or for ever.
async fn rest(pause: Option<Duration>) {
    match pause {
        Some(pause) => time::sleep(pause).await,
        None => future::pending().await,
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the server.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What a look at a queue led to.
enum Step {
    /// To a job, or to a race for one: look again.
    Worked,
    /// To nothing until the next job is due, if there is one.
    Idle(Option<Duration>),
}

/// Does the next job of `kind`, when one is due. A job that panics stays leased and comes back when its lease ends.
async fn step(app: &App, kind: Kind) -> Result<Step, Error> {
    let now = app.clock.now();
    match app.read(move |tx| Ok(jobs::next_due(tx, kind)?)).await? {
        Some(due) if due <= now => {}
        due => return Ok(Step::Idle(due.map(|due| due.since(now)))),
    }
    let Some(job) = app.write(move |tx| Ok(jobs::claim(tx, kind, LEASE)?)).await? else { return Ok(Step::Worked) };
    let claimed = job.clone();
    let span = traces::job(kind.as_str(), job.attempt);
    let work = tokio::spawn(process(app.clone(), kind, job).instrument(span.clone()));
    let ended = tokio::select! {
        ended = work => ended,
        never = keep(app, &claimed) => never,
    };
    if !matches!(ended, Ok(Ok(()))) {
        traces::fail(&span);
    }
    match ended {
        Ok(result) => result.map(|()| Step::Worked),
        Err(panic) => {
            tracing::error!(id = %claimed.id, %panic, "a job panicked");
            Ok(Step::Worked)
        }
    }
}

/// Keeps a job for as long as its work takes.
async fn keep<T>(app: &App, job: &Job) -> T {
    loop {
        time::sleep(RENEWAL).await;
        let held = job.clone();
        if let Err(error) = app.write(move |tx| Ok(jobs::renew(tx, &held, LEASE)?)).await {
            tracing::warn!(id = %job.id, %error, "a job may be taken up by another worker");
        }
    }
}

async fn process(app: App, kind: Kind, job: Job) -> Result<(), Error> {
    match kind {
        Kind::Image => images::worker::process(&app, job).await,
        Kind::Mail => send(&app, job).await,
    }
}

async fn send(app: &App, job: Job) -> Result<(), Error> {
    if job.is_deadly() {
        return app.write(move |tx| Ok(jobs::give_up(tx, job.id, "its workers died")?)).await;
    }
    let sent = try_send(app, &job.payload).await;
    if let Err(error) = &sent {
        traces::fail(&Span::current());
        tracing::warn!(id = %job.id, attempt = job.attempt, ends = error.is_final(), %error, "a mail was not sent");
    }
    app.write(move |tx| match &sent {
        Ok(()) => Ok(jobs::complete(tx, job.id)?),
        Err(error) if error.is_final() => Ok(jobs::give_up(tx, job.id, &error.to_string())?),
        Err(error) => Ok(jobs::fail(tx, &job, MAIL_BACKOFF, &error.to_string()).map(|_again| ())?),
    })
    .await
}

async fn try_send(app: &App, payload: &str) -> Result<(), MailError> {
    let mail: Mail = serde_json::from_str(payload).map_err(|error| MailError::Unreadable(error.to_string()))?;
    app.mailer.send(&mail, app.clock.now(), &*app.entropy).await
}

/// Ends bookings and shows reviews the moment they are due.
async fn keep_deadlines(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let queued = app.jobs.notified();
        let pause = match end_due(&app).await {
            Ok(next) => next.map_or(LONGEST_REST, |next| next.since(app.clock.now()).min(LONGEST_REST)),
            Err(error) => {
                tracing::warn!(%error, "a deadline could not be kept");
                RECOVERY
            }
        };
        tokio::select! {
            () = queued => {}
            () = time::sleep(pause) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// Ends what is due now, each in a transaction of its own, and answers when the next is.
///
/// # Errors
/// The last failure; the others were ended all the same.
pub async fn end_due(app: &App) -> Result<Option<Timestamp>, Error> {
    let mut result = Ok(());
    loop {
        let (bookings, reviews) =
            app.read(|tx| Ok((deals::service::due(tx, DUE)?, deals::service::due_reviews(tx, DUE)?))).await?;
        let is_last = bookings.len() < DUE && reviews.len() < DUE;
        for (campus, id) in bookings {
            result = result.and(app.write(move |tx| deals::service::time_out(tx, campus, id)).await);
        }
        for (campus, id) in reviews {
            result = result.and(app.write(move |tx| deals::service::reveal_due(tx, campus, id)).await);
        }
        // After a failure the same would be found again.
        if is_last || result.is_err() {
            result?;
            return app.read(deals::service::next_deadline).await;
        }
    }
}

/// Lifts small balances when a week has begun, some at a time so that nobody waits for it.
///
/// # Errors
/// The database's.
pub async fn top_up(app: &App) -> Result<(), Error> {
    loop {
        let done = app.write(|tx| {
            let lifted = users::ledger::top_up(tx, TOP_UPS)?;
            for (campus, user, tokens) in &lifted {
                let news = News::new(
                    NotificationKind::Tokens,
                    format!("The new week brings you {}", text::count(*tokens, "token")),
                );
                notifications::service::tell(tx, *campus, *user, news)?;
            }
            Ok(lifted.is_empty())
        });
        if done.await? {
            return Ok(());
        }
    }
}

/// Queues the daily mails that are due, some at a time so that nobody waits for it.
///
/// # Errors
/// The database's.
pub async fn digests(app: &App) -> Result<(), Error> {
    while app.write(|tx| items::saved::digest::send_due(tx, DIGESTS)).await? {}
    Ok(())
}

/// Ends what has run out of time, now and every hour.
async fn sweep(app: App, mut stop: watch::Receiver<bool>) {
    let mut hours = time::interval(SWEEP);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hour = 0_u64;
    loop {
        tokio::select! {
            _ = hours.tick() => {}
            () = stopped(&mut stop) => return,
        }
        let swept = app.write(|tx| {
            idempotency::sweep(tx)?;
            users::service::sweep(tx)?;
            let forgotten = tx.now() - DEAD_MAIL;
            jobs::forget_dead(tx, forgotten)?;
            images::service::sweep(tx)?;
            items::service::expire_due(tx)
        });
        if let Err(error) = swept.await {
            tracing::warn!(%error, "the hourly sweep failed");
        }
        // Files are many and seldom left behind. Whoever starts a server on the wrong database has an hour to see it.
        let tidied = match hour % 24 {
            0 => images::clearing::look(&app).await.map(drop),
            1 => images::clearing::sweep(&app).await,
            _ => Ok(()),
        };
        if let Err(error) = tidied {
            tracing::warn!(%error, "files of pictures were left behind");
        }
        hour += 1;
        if let Err(error) = top_up(&app).await {
            tracing::warn!(%error, "the weekly top-up was interrupted");
        }
        if let Err(error) = digests(&app).await {
            tracing::warn!(%error, "the daily mails were interrupted");
        }
    }
}
