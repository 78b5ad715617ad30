//! The numbers in words, group by group.

use campuszon_core::{
    Timestamp,
    text::count,
    wire::{
        server::{Count, JobStats, RouteStats, ServerStats, Timing},
        trust::Stats,
    },
};

use crate::{
    output::{
        dashboard::{Line, Tone},
        table::relative,
    },
    pictures::size,
};

/// All of them; with what happened since an `earlier` reading.
pub fn lines(stats: &Stats, server: &ServerStats, earlier: Option<&ServerStats>) -> Vec<Line> {
    let rates = Rates { now: server, earlier: earlier.filter(|earlier| earlier.started == server.started) };
    let mut lines = vec![facts("Server", node(server))];
    lines.extend(maintenance(server));
    lines.push(facts("Requests", requests(server, &rates)));
    lines.extend(server.statuses.iter().map(|status| status_bar(status, server.requests.count)));
    lines.push(facts("Routes", vec!["share, requests, p50, p99".to_owned()]));
    lines.extend(server.routes.iter().map(|route| route_bar(route, server.requests.count)));
    lines.push(facts("Database", database(server, &rates)));
    lines.push(facts("Live", [vec![plural(server.sockets, "socket")], timing("fan-out", &server.fan_out)].concat()));
    lines.push(jobs("Pictures", &server.images, vec![format!("{} stored", bytes(server.blob_bytes))]));
    lines.push(jobs("Mails", &server.mails, Vec::new()));
    lines.push(facts("Refused", server.refusals.iter().map(named).collect()));
    lines.push(care(server));
    lines.extend(campus(stats));
    lines
}

fn facts(label: &'static str, facts: Vec<String>) -> Line {
    Line::Facts { label, facts, tone: Tone::Plain }
}

/// Two readings of one start of a server.
struct Rates<'a> {
    now: &'a ServerStats,
    earlier: Option<&'a ServerStats>,
}

impl Rates<'_> {
    /// How often something happened in a second, where that can be told.
    fn of(&self, count: impl Fn(&ServerStats) -> i64) -> Option<String> {
        let earlier = self.earlier?;
        let seconds = self.now.time.since(earlier.time).as_secs_f64();
        let more = count(self.now).saturating_sub(count(earlier)) as f64;
        (seconds > 0.0).then(|| format!("{:.1}/s", more / seconds))
    }
}

fn node(server: &ServerStats) -> Vec<String> {
    vec![format!("campuszon {}", server.version), format!("started {}", relative(server.started, server.time))]
}

fn maintenance(server: &ServerStats) -> Option<Line> {
    let maintenance = server.maintenance.as_ref()?;
    let began = format!("began {}", relative(maintenance.since, server.time));
    let facts = std::iter::once(began).chain(maintenance.message.clone()).collect();
    Some(Line::Facts { label: "Maintenance", facts, tone: Tone::Warning })
}

fn requests(server: &ServerStats, rates: &Rates<'_>) -> Vec<String> {
    let all = std::iter::once(grouped(server.requests.count));
    all.chain(rates.of(|server| server.requests.count)).chain(timing("", &server.requests)).collect()
}

/// `fan-out p50 1.2 ms` and the like; nothing where nothing was timed.
fn timing(of: &str, timing: &Timing) -> Vec<String> {
    let parts = [("p50", timing.p50_ms), ("p99", timing.p99_ms)];
    let told = parts.into_iter().filter_map(|(part, time)| Some(format!("{of} {part} {}", millis(time?))));
    told.map(|text| text.trim_start().to_owned()).collect()
}

fn status_bar(status: &Count, all: i64) -> Line {
    let share = share(status.count, all);
    let tone = match status.name.as_str() {
        "5xx" => Tone::Bad,
        "4xx" => Tone::Warning,
        _ => Tone::Plain,
    };
    Line::Bar { label: status.name.clone(), share, facts: vec![percent(share), grouped(status.count)], tone }
}

fn route_bar(route: &RouteStats, all: i64) -> Line {
    let share = share(route.timing.count, all);
    let time = |time: Option<f64>| time.map(millis).unwrap_or_default();
    let facts = vec![percent(share), grouped(route.timing.count), time(route.timing.p50_ms), time(route.timing.p99_ms)];
    Line::Bar { label: format!("{} {}", route.method, route.route), share, facts, tone: Tone::Plain }
}

fn database(server: &ServerStats, rates: &Rates<'_>) -> Vec<String> {
    let database = &server.database;
    let mut told = vec![bytes(database.bytes)];
    told.push(format!(
        "{} and {} waiting",
        plural(database.writes_waiting, "write"),
        plural(database.reads_waiting, "read")
    ));
    if let Some(batch) = database.batch_size {
        told.push(format!("{} of {batch:.1} writes", plural(database.commits, "commit")));
        told.extend(rates.of(|server| server.database.commits));
    }
    told
}

fn jobs(label: &'static str, jobs: &JobStats, more: Vec<String>) -> Line {
    let states = [(jobs.waiting, "waiting"), (jobs.active, "active"), (jobs.dead, "given up")];
    let told = states.map(|(count, state)| format!("{} {state}", grouped(count)));
    let tone = if jobs.dead > 0 { Tone::Bad } else { Tone::Plain };
    Line::Facts { label, facts: told.into_iter().chain(more).collect(), tone }
}

/// Backup and check: a fault is something wrong, and what is due twice over is worth a look.
fn care(server: &ServerStats) -> Line {
    let (backup, check) = (&server.backup, &server.check);
    let told = |what: &str, last: Option<Timestamp>, every: Option<i64>| match (last, every) {
        (Some(last), _) => format!("{what} {}", relative(last, server.time)),
        (None, Some(_)) => format!("no {what} yet"),
        (None, None) => format!("no {what} wanted"),
    };
    let mut facts = vec![told("backup", backup.last, backup.every_s), told("check", check.last, check.every_s)];
    if check.last.is_some() {
        facts.push(plural(check.faults, "fault"));
    }
    let is_late = [(backup.last, backup.every_s), (check.last, check.every_s)].into_iter().any(|(last, every)| {
        let since = last.map_or(server.started, |last| last.max(server.started));
        every.is_some_and(|every| server.time.since(since).as_secs_f64() > 2.0 * every as f64)
    });
    let tone = match (check.faults > 0, is_late) {
        (true, _) => Tone::Bad,
        (false, true) => Tone::Warning,
        (false, false) => Tone::Plain,
    };
    Line::Facts { label: "Care", facts, tone }
}

fn campus(stats: &Stats) -> Vec<Line> {
    let people = vec![
        format!("{} active", grouped(stats.users_active)),
        format!("{} unverified", grouped(stats.users_unverified)),
        format!("{} suspended", grouped(stats.users_suspended)),
        plural(stats.tokens_in_wallets, "token"),
        plural(stats.messages, "message"),
    ];
    let goods = vec![
        format!("{} listed", grouped(stats.items_listed)),
        format!("{} hidden", grouped(stats.items_hidden)),
        plural(stats.reports_open, "open report"),
    ];
    let deals = vec![
        format!("{} pending", grouped(stats.bookings_pending)),
        format!("{} accepted", grouped(stats.bookings_accepted)),
        format!("{} completed", grouped(stats.bookings_completed)),
    ];
    vec![facts("People", people), facts("Items", goods), facts("Bookings", deals)]
}

fn named(of: &Count) -> String {
    format!("{} {}", of.name, grouped(of.count))
}

fn share(part: i64, all: i64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn millis(millis: f64) -> String {
    if millis < 10.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
}

fn bytes(bytes: i64) -> String {
    const GIGABYTE: i64 = 1_000_000_000;
    match bytes {
        GIGABYTE.. => format!("{:.1} GB", bytes as f64 / GIGABYTE as f64),
        _ => size(u64::try_from(bytes).unwrap_or(0)),
    }
}

/// `1,234 tokens`.
fn plural(number: i64, noun: &str) -> String {
    let plain = count(number, noun);
    plain.replacen(&number.to_string(), &grouped(number), 1)
}

/// `1,234,567`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
