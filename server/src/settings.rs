//! The server's settings: every key of `server.toml` with its default and bounds, in one place.
//!
//! A value comes from an environment variable (`limits.auth` is `CAMPUSZON_LIMITS__AUTH`), else from the file, else it
//! is the default. All faults are found at once.

mod rules;
pub mod secret;
mod source;
mod value;

use std::time::Duration;

use campuszon_core::Currency;
use ipnet::IpNet;
use serde::Deserialize;

pub use source::{Effective, Origin, SettingsFault, environment};
pub use value::Rate;

use rules::{CAMPUSES, COLLECTOR, DISPLAY_NAME, DOMAINS, INTERVAL, ORIGINS, TIMEZONE, WORDS};
use source::Source;
use value::ByteSize;

/// What a server runs with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the server calls itself; at most 80 characters.
    pub name: String,
    /// The one currency of all prices.
    pub currency: Currency,
    /// The name of the time zone of the campus, such as `Europe/Berlin`.
    pub timezone: String,
    /// Who may sign up, and how.
    pub registration: Registration,
    /// The campuses; while there are none, each e-mail domain is its own.
    pub campuses: Vec<Campus>,
    /// How long people stay signed in.
    pub sessions: Sessions,
    /// The credit of the marketplace.
    pub tokens: Tokens,
    /// How much one may ask for.
    pub limits: Limits,
    /// What a listing may be.
    pub items: Items,
    /// What a picture may be, and how it is made ready.
    pub images: Images,
    /// How much each may keep.
    pub quota: Quota,
    /// How long things may wait between request and handover.
    pub bookings: Bookings,
    /// Reviews.
    pub reviews: Reviews,
    /// Reports.
    pub moderation: Moderation,
    /// The live connection.
    pub chat: Chat,
    /// Browsers on the live connection.
    pub websocket: WebSocket,
    /// How the server stops.
    pub shutdown: Shutdown,
    /// The backups it makes of itself.
    pub backup: Backup,
    /// The checks it makes of itself.
    pub check: Check,
    /// Who may see what it counts.
    pub metrics: Metrics,
    /// Where its traces go.
    pub traces: Traces,
    effective: Vec<Effective>,
}

/// `registration`
#[derive(Clone, Debug)]
pub struct Registration {
    /// Whether anybody may sign up.
    pub open: bool,
    /// Whether an address is confirmed by a mailed code.
    pub verification: bool,
    /// The e-mail domains that may sign up; empty for all but public providers.
    pub domains: Vec<String>,
    /// How long a mailed code works.
    pub code_lifetime: Duration,
    /// How often a code may be tried.
    pub code_attempts: u32,
    /// How long until another code is mailed.
    pub resend_after: Duration,
}

/// An entry of `campuses`: a university and its e-mail domains.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campus {
    /// What people call it.
    pub name: String,
    /// At least one, in lower case.
    pub domains: Vec<String>,
}

/// `sessions`
#[derive(Clone, Debug)]
pub struct Sessions {
    /// How long an access token works.
    pub access_lifetime: Duration,
    /// How long a refresh token works.
    pub refresh_lifetime: Duration,
    /// How long a refresh token that was used may be presented again.
    pub refresh_grace: Duration,
}

/// `tokens`
#[derive(Clone, Debug)]
pub struct Tokens {
    /// What a new user gets.
    pub signup_grant: u32,
    /// What an unlock costs; 0 switches the economy off.
    pub unlock_price: u32,
    /// Once a week, a smaller balance is lifted to this; 0 for never.
    pub weekly_top_up: u32,
    /// What a completed deal gives to both.
    pub deal_reward: u32,
}

/// `bookings`
#[derive(Clone, Debug)]
pub struct Bookings {
    /// How long an offer waits for its answer.
    pub pending_timeout: Duration,
    /// How long an accepted booking waits for the handover.
    pub accepted_timeout: Duration,
    /// How long one confirmation waits for the other before silence confirms.
    pub confirm_timeout: Duration,
    /// How many open bookings a buyer may have.
    pub max_open: u32,
}

/// `reviews`
#[derive(Clone, Debug)]
pub struct Reviews {
    /// How long after a deal its reviews may be written; then what was written is shown.
    pub reveal_after: Duration,
}

/// `moderation`
#[derive(Clone, Debug)]
pub struct Moderation {
    /// How many people's reports hide an item until a moderator decides.
    pub hide_after_reports: u32,
}

/// `limits`
#[derive(Clone, Debug)]
pub struct Limits {
    /// Credential endpoints, by address and by account.
    pub auth: Option<Rate>,
    /// Reading listings, by user.
    pub items_read: Option<Rate>,
    /// Changing listings, by user.
    pub items_write: Option<Rate>,
    /// Sending messages, by user.
    pub chat: Option<Rate>,
    /// Opening conversations, by user.
    pub new_chats: Option<Rate>,
    /// Uploading pictures, by user.
    pub images: Option<Rate>,
    /// Frames a client may send, by socket.
    pub frames: Option<Rate>,
    /// Connections in all.
    pub connections: u32,
    /// Connections that have not sent a whole request header yet.
    pub half_open: u32,
    /// Connections of one address.
    pub connections_per_address: u32,
    /// How long a client may take for a whole request header.
    pub header_timeout: Duration,
}

/// `items`
#[derive(Clone, Debug)]
pub struct Items {
    /// Whether a listing other than `wanted` needs a picture.
    pub require_image: bool,
    /// How many pictures a listing may have.
    pub max_images: usize,
    /// The categories on offer, in order.
    pub categories: Vec<String>,
    /// How long a listing stays active.
    pub lifetime: Duration,
}

/// `images`
#[derive(Clone, Debug)]
pub struct Images {
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The most pixels, width times height.
    pub max_pixels: u64,
    /// How many pictures are made ready at once.
    pub workers: usize,
    /// How long until the second attempt; it doubles with each.
    pub backoff: Duration,
}

/// `quota`
#[derive(Clone, Debug)]
pub struct Quota {
    /// How many bytes the files of one user's pictures may have.
    pub images_per_user: u64,
}

/// `chat`
#[derive(Clone, Debug)]
pub struct Chat {
    /// How often the server pings a socket.
    pub heartbeat: Duration,
    /// How long a message may be edited.
    pub edit_window: Duration,
    /// How long somebody whose last connection ended still counts as there.
    pub offline_after: Duration,
}

/// `websocket`
#[derive(Clone, Debug)]
pub struct WebSocket {
    /// The browser origins that may connect, such as `https://market.uni.example`.
    pub origins: Vec<String>,
}

/// `shutdown`
#[derive(Clone, Debug)]
pub struct Shutdown {
    /// How long requests may take to finish.
    pub grace: Duration,
    /// How long the server goes on before it stops accepting, for a load balancer to notice.
    pub delay: Duration,
}

/// `backup`
#[derive(Clone, Debug)]
pub struct Backup {
    /// How long from one backup to the next; `None` for none.
    pub every: Option<Duration>,
    /// How many of them are kept.
    pub keep: usize,
}

/// `check`
#[derive(Clone, Debug)]
pub struct Check {
    /// How long from one full check to the next; `None` for none.
    pub every: Option<Duration>,
}

/// `metrics`
#[derive(Clone, Debug)]
pub struct Metrics {
    /// The networks that `/metrics` answers.
    pub allow: Vec<IpNet>,
}

/// `traces`, which only a program with the feature `otlp` takes.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// The base URL of the collector; `None` for no traces.
    pub endpoint: Option<String>,
    /// Which share of the traces that begin here is recorded, from 0 to 1.
    pub sample: f64,
}

const CATEGORIES: &str =
    "books,electronics,furniture,clothing,sports,art,instruments,appliances,transport,tickets,services,other";

impl Settings {
    /// Settles the values from a file (its name, for messages, and its text) and environment variables, of which those
    /// of other programs are ignored.
    ///
    /// # Errors
    /// Everything that is wrong with either.
    pub fn load(
        file: Option<(&str, &str)>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<SettingsFault>> {
        let mut source = Source::new(file, environment);
        let settings = Self::read(&mut source);
        let (effective, faults) = source.finish();
        match settings {
            Some(settings) if faults.is_empty() => Ok(Self { effective, ..settings }),
            _ => Err(faults),
        }
    }

    /// Every key with its value and where that came from, in the order of this file.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }

    /// `None` only after a fault.
    fn read(from: &mut Source) -> Option<Self> {
        Some(Self {
            name: from.checked("name", "CampusZon", DISPLAY_NAME, |name: &String| rules::is_display_name(name))?,
            currency: from.value("currency", "USD")?,
            timezone: from.checked("timezone", "UTC", TIMEZONE, |name: &String| rules::is_timezone(name))?,
            registration: Registration::read(from)?,
            campuses: from.checked("campuses", "[]", CAMPUSES, |list: &Vec<_>| rules::are_campuses(list))?,
            sessions: Sessions {
                access_lifetime: from.between("sessions.access_lifetime", "15m", ["1s", "1d"])?,
                refresh_lifetime: from.between("sessions.refresh_lifetime", "30d", ["1s", "365d"])?,
                refresh_grace: from.between("sessions.refresh_grace", "15s", ["0s", "5m"])?,
            },
            tokens: Tokens {
                signup_grant: from.between("tokens.signup_grant", "2", ["0", "1000000"])?,
                unlock_price: from.between("tokens.unlock_price", "1", ["0", "1000000"])?,
                weekly_top_up: from.between("tokens.weekly_top_up", "2", ["0", "1000000"])?,
                deal_reward: from.between("tokens.deal_reward", "1", ["0", "1000000"])?,
            },
            limits: Limits::read(from)?,
            items: Items {
                require_image: from.value("items.require_image", "true")?,
                max_images: from.between("items.max_images", "8", ["1", "100"])?,
                categories: from
                    .checked("items.categories", CATEGORIES, WORDS, |list: &Vec<_>| rules::are_words(list))?,
                lifetime: from.between("items.lifetime", "60d", ["1s", "3650d"])?,
            },
            images: Images {
                max_bytes: from.between::<ByteSize>("images.max_bytes", "20MB", ["1kB", "1GB"])?.0,
                max_pixels: from.between("images.max_pixels", "50000000", ["1", "1000000000"])?,
                workers: from.between("images.workers", &default_workers(), ["1", "256"])?,
                backoff: from.between("images.backoff", "2s", ["1ms", "1h"])?,
            },
            quota: Quota {
                images_per_user: from.between::<ByteSize>("quota.images_per_user", "500MB", ["1kB", "1000GB"])?.0,
            },
            bookings: Bookings {
                pending_timeout: from.between("bookings.pending_timeout", "72h", ["1s", "365d"])?,
                accepted_timeout: from.between("bookings.accepted_timeout", "7d", ["1s", "365d"])?,
                confirm_timeout: from.between("bookings.confirm_timeout", "72h", ["1s", "365d"])?,
                max_open: from.between("bookings.max_open", "5", ["1", "1000"])?,
            },
            reviews: Reviews { reveal_after: from.between("reviews.reveal_after", "14d", ["1s", "365d"])? },
            moderation: Moderation {
                hide_after_reports: from.between("moderation.hide_after_reports", "5", ["1", "1000"])?,
            },
            chat: Chat {
                heartbeat: from.between("chat.heartbeat", "25s", ["100ms", "1h"])?,
                edit_window: from.between("chat.edit_window", "15m", ["0s", "365d"])?,
                offline_after: from.between("chat.offline_after", "10s", ["0s", "1h"])?,
            },
            websocket: WebSocket {
                origins: from.checked("websocket.origins", "", ORIGINS, |list: &Vec<_>| rules::are_origins(list))?,
            },
            shutdown: Shutdown {
                grace: from.between("shutdown.grace", "10s", ["0s", "1h"])?,
                delay: from.between("shutdown.delay", "0s", ["0s", "1h"])?,
            },
            backup: Backup {
                every: from.checked("backup.every", "off", INTERVAL, rules::is_interval)?,
                keep: from.between("backup.keep", "7", ["1", "10000"])?,
            },
            metrics: Metrics { allow: from.value("metrics.allow", "127.0.0.0/8,::1/128")? },
            check: Check { every: from.checked("check.every", "7d", INTERVAL, rules::is_interval)? },
            traces: Traces::read(from)?,
            effective: Vec::new(),
        })
    }
}

impl Registration {
    fn read(from: &mut Source) -> Option<Self> {
        Some(Self {
            open: from.value("registration.open", "true")?,
            verification: from.value("registration.verification", "true")?,
            domains: from.checked("registration.domains", "", DOMAINS, |list: &Vec<_>| rules::are_domains(list))?,
            code_lifetime: from.between("registration.code_lifetime", "10m", ["1s", "1d"])?,
            code_attempts: from.between("registration.code_attempts", "5", ["1", "100"])?,
            resend_after: from.between("registration.resend_after", "1m", ["0s", "1d"])?,
        })
    }
}

impl Limits {
    fn read(from: &mut Source) -> Option<Self> {
        let chat: Option<Rate> = from.value("limits.chat", "100/1m")?;
        // A socket that may send any number of messages needs any number of frames.
        let frames = if chat.is_some() { "200/10s" } else { "off" };
        Some(Self {
            auth: from.value("limits.auth", "10/15m")?,
            items_read: from.value("limits.items_read", "600/1m")?,
            items_write: from.value("limits.items_write", "30/1m")?,
            chat,
            new_chats: from.value("limits.new_chats", "10/1d")?,
            images: from.value("limits.images", "20/5m")?,
            frames: from.value("limits.frames", frames)?,
            connections: from.between("limits.connections", "20000", ["1", "1000000"])?,
            half_open: from.between("limits.half_open", "2000", ["1", "1000000"])?,
            connections_per_address: from.between("limits.connections_per_address", "500", ["1", "1000000"])?,
            header_timeout: from.between("limits.header_timeout", "10s", ["100ms", "5m"])?,
        })
    }
}

impl Traces {
    fn read(from: &mut Source) -> Option<Self> {
        if !cfg!(feature = "otlp") {
            from.left_out(&["traces.endpoint", "traces.sample"], "otlp");
            return Some(Self::default());
        }
        let endpoint: String =
            from.checked("traces.endpoint", "off", COLLECTOR, |url: &String| rules::is_collector(url))?;
        Some(Self {
            endpoint: Some(endpoint).filter(|url| url != rules::OFF),
            sample: from.between("traces.sample", "1", ["0", "1"])?,
        })
    }
}

/// One below four cores, else half of them, so that pictures never slow the rest.
fn default_workers() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cores < 4 { 1 } else { cores / 2 }.to_string()
}

#[cfg(test)]
mod tests;
