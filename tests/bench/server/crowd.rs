//! Clients that ask one thing again and again: as often as they can, or at a pace.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep_until};

use crate::client;

/// How long each measurement lasts.
const SPAN: Duration = Duration::from_secs(5);

/// What so many clients got of their request within [`SPAN`].
pub struct Told {
    /// Answers of 200 a second.
    pub rate: f64,
    /// All other answers a second.
    pub refused: f64,
    /// How long the answers of 200 took, in order. At a pace it counts from when the request was due.
    spans: Vec<Duration>,
}

impl Told {
    /// How long the answers took that no more than this share of them exceeded, in milliseconds.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    pub fn millis(&self, share: f64) -> f64 {
        let at = (self.spans.len().saturating_sub(1) as f64 * share) as usize;
        self.spans.get(at).map_or(f64::NAN, |span| span.as_secs_f64() * 1000.0)
    }
}

/// `clients` that ask as often as they get answers.
pub async fn eager(address: SocketAddr, request: &str, clients: u32) -> Told {
    crowd(address, request, clients, None).await
}

/// `clients` that ask `pace` times a second in all, whether or not the answers keep up.
pub async fn paced(address: SocketAddr, request: &str, clients: u32, pace: u32) -> Told {
    crowd(address, request, clients, Some(Duration::from_secs(1) * clients / pace)).await
}

async fn crowd(address: SocketAddr, request: &str, clients: u32, every: Option<Duration>) -> Told {
    let request: Arc<str> = request.into();
    let began = Instant::now();
    let mut asking = JoinSet::new();
    for number in 0..clients {
        // Not all in step.
        let first = began + every.unwrap_or_default() * number / clients;
        let request = Arc::clone(&request);
        asking.spawn(async move { one(address, &request, first, every, began + SPAN).await });
    }
    let (mut spans, mut refused) = (Vec::new(), 0);
    for (of_one, not) in asking.join_all().await {
        spans.extend(of_one);
        refused += not;
    }
    spans.sort_unstable();
    let elapsed = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let rate = spans.len() as f64 / elapsed;
    Told { rate, refused: f64::from(refused) / elapsed, spans }
}

async fn one(
    address: SocketAddr,
    request: &str,
    first: Instant,
    every: Option<Duration>,
    end: Instant,
) -> (Vec<Duration>, u32) {
    let (mut spans, mut refused, mut kept) = (Vec::new(), 0, None);
    let mut due = first;
    while due < end && Instant::now() < end {
        // A sleep until now takes a millisecond.
        if every.is_some() {
            sleep_until(due.into()).await;
        }
        match client::ask(address, request, &mut kept).await {
            Some(answer) if answer.status == 200 => spans.push(due.elapsed()),
            _ => refused += 1,
        }
        due = every.map_or_else(Instant::now, |every| due + every);
    }
    (spans, refused)
}
