//! Whatever was acknowledged outlives the process, however often and whenever its life is taken.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use campuszon::client::{
    BookingQuery, Client, ClientError, Credentials, ItemQuery, Options, PageRequest, Server, follow,
};
use campuszon_core::{
    ChatId, Decimal,
    item::{Condition, ItemStatus},
    wire::{
        booking::CreateBooking,
        chat::{Message, SendMessage},
        item::CreateItem,
    },
};

use super::{Campus, PATIENCE, chaos::Chance};

/// How often the server is killed; `CAMPUSZON_KILLS` asks for another number.
const KILLS: usize = 5;

/// After fewer acknowledged writes than this the server is killed, and so many microseconds later at most.
const LIFE: u64 = 60;
const LATER: u64 = 5_000;

/// How many write at once.
const WRITERS: usize = 8;

/// A client that knows one server, and only for its life.
fn client(url: &str, token: &str) -> Client {
    let server = Server::parse(url, false).expect("an address");
    let credentials = Credentials::Token(token.to_owned());
    Client::new(Options { server, credentials, timeout: Duration::from_secs(10), trace: None })
}

/// What one writer goes on writing from one life of the server to the next. A write whose answer was lost is repeated
/// under the same key.
struct Writer {
    number: usize,
    token: String,
    task: Task,
    /// What the server has acknowledged: the key, and what it answered.
    done: BTreeMap<String, String>,
}

#[derive(Clone)]
enum Task {
    Messages(ChatId),
    Drafts,
    /// Asks for items, each of which the other student, with this token, lists first.
    Bookings(String),
}

impl Writer {
    fn key(&self) -> String {
        format!("w{}-{}", self.number, self.done.len())
    }

    /// The titles of all that was acknowledged, and their ids.
    fn expected(&self) -> Vec<(String, String)> {
        self.done.iter().map(|(key, id)| (format!("Item {key}"), id.clone())).collect()
    }

    async fn write(&mut self, client: &Client) -> Result<(), ClientError> {
        let key = self.key();
        let answer = match &self.task {
            Task::Messages(chat) => {
                let message = SendMessage::text(key.clone(), format!("message {key}"));
                client.send_message(*chat, &message).await?.seq.to_string()
            }
            Task::Drafts => client.create_item(&item(&key, true), Some(&key)).await?.summary.id.to_string(),
            Task::Bookings(seller) => {
                let seller = self::client(client.server().as_str(), seller);
                let listed = seller.create_item(&item(&key, false), Some(&key)).await?.summary.id;
                client.request(listed, &CreateBooking::default(), Some(&key)).await?.id.to_string()
            }
        };
        self.done.insert(key, answer);
        Ok(())
    }

    /// Writes until the server is gone.
    async fn go_on(mut self, url: String, acknowledged: Arc<AtomicUsize>) -> Self {
        let client = client(&url, &self.token);
        while self.write(&client).await.is_ok() {
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        self
    }
}

fn item(key: &str, draft: bool) -> CreateItem {
    CreateItem {
        title: format!("Item {key}"),
        description: None,
        price: "5".parse::<Decimal>().ok(),
        currency: None,
        listing: None,
        rent_period: None,
        category: "books".to_owned(),
        condition: Condition::Good,
        pickup: None,
        images: Vec::new(),
        draft: Some(draft),
    }
}

/// Ada lists and sells, Ben buys; both write.
fn gather(campus: &Campus) -> (ChatId, Vec<Writer>) {
    let [ada, ben] = ["ada", "ben"].map(|name| campus.sign_up(&format!("{name}@uni.example"), name));
    let tokens = [ada.device_token(), ben.device_token()];
    let item = ada.offer("Calculus", "30");
    let chat: ChatId = ben.made(&["chat", "start", &item]).parse().expect("an id");
    let task = |number: usize| match number {
        4 | 5 => Task::Drafts,
        // Of an odd number, and so Ben's.
        7 => Task::Bookings(tokens[0].clone()),
        _ => Task::Messages(chat),
    };
    let writer = |number: usize| {
        let token = tokens[number % tokens.len()].clone();
        Writer { number, token, task: task(number), done: BTreeMap::new() }
    };
    (chat, (0..WRITERS).map(writer).collect())
}

/// Lets all write until so many writes are acknowledged and a moment has passed, and takes the server's life.
async fn live_and_die(campus: &mut Campus, writers: Vec<Writer>, wanted: usize, moment: Duration) -> Vec<Writer> {
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let work = writers.into_iter().map(|writer| tokio::spawn(writer.go_on(campus.url.clone(), acknowledged.clone())));
    let work: Vec<_> = work.collect();
    let enough = async {
        while acknowledged.load(Ordering::SeqCst) < wanted {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, enough).await.expect("the server takes writes");
    tokio::time::sleep(moment).await;
    campus.kill();
    let ended = futures_util::future::join_all(work);
    let ended = tokio::time::timeout(PATIENCE, ended).await.expect("all end");
    ended.into_iter().map(|writer| writer.expect("no panic")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9() {
    let asked = std::env::var("CAMPUSZON_KILLS").ok().and_then(|text| text.parse().ok());
    let (kills, began, mut chance): (usize, _, _) = (asked.unwrap_or(KILLS), Instant::now(), Chance(0xdead));
    let mut campus = Campus::free_with(&[("TOKENS__UNLOCK_PRICE", "0"), ("BOOKINGS__MAX_OPEN", "1000")]);
    let (chat, mut writers) = gather(&campus);
    for _ in 0..kills {
        let wanted = usize::try_from(chance.below(LIFE)).expect("few");
        let moment = Duration::from_micros(chance.below(LATER));
        writers = live_and_die(&mut campus, writers, wanted, moment).await;
        campus.start();
        // What was on its way at the death is repeated under its key; then everything is there, and once.
        for writer in &mut writers {
            writer.write(&client(&campus.url, &writer.token)).await.expect("the server takes writes");
        }
        check(&campus, chat, &writers).await;
    }
    let of = |is: fn(&Task) -> bool| -> usize {
        writers.iter().filter(|writer| is(&writer.task)).map(|writer| writer.done.len()).sum()
    };
    println!(
        "{kills} kills in {:.1?}: {} messages, {} drafts and {} bookings acknowledged, each there once",
        began.elapsed(),
        of(|task| matches!(task, Task::Messages(_))),
        of(|task| matches!(task, Task::Drafts)),
        of(|task| matches!(task, Task::Bookings(_))),
    );
    assert!(campus.stop().success(), "{}", campus.log());
    assert_eq!(campus.admin(&["check", "--json"], "").expect(0).trim(), "[]");
}

async fn check(campus: &Campus, chat: ChatId, writers: &[Writer]) {
    check_messages(&client(&campus.url, &writers[0].token), chat, writers).await;
    for writer in writers {
        match writer.task {
            Task::Messages(_) => {}
            Task::Drafts => check_drafts(campus, writer).await,
            Task::Bookings(_) => check_bookings(campus, writer).await,
        }
    }
}

/// Every message once, under the number that was acknowledged, and the numbers without gaps.
async fn check_messages(client: &Client, chat: ChatId, writers: &[Writer]) {
    let messages: Vec<Message> = client.messages_after(chat, 0).await.expect("the messages");
    let numbers: Vec<i64> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(numbers, (1..=messages.len() as i64).collect::<Vec<_>>());
    let bodies: BTreeMap<&str, i64> = messages.iter().map(|message| (message.body.as_str(), message.seq)).collect();
    assert_eq!(bodies.len(), messages.len(), "a message is there twice");
    let acknowledged = writers.iter().filter(|writer| matches!(writer.task, Task::Messages(_)));
    let acknowledged: Vec<_> = acknowledged.flat_map(|writer| &writer.done).collect();
    assert_eq!(acknowledged.len(), messages.len());
    for (key, seq) in acknowledged {
        assert_eq!(bodies[format!("message {key}").as_str()].to_string(), *seq, "{key}");
    }
    let chat = client.chat(chat).await.expect("the chat");
    assert_eq!(chat.last_seq, messages.len() as i64);
}

/// Every draft of a student once, and those of a writer under the ids that were acknowledged.
async fn check_drafts(campus: &Campus, writer: &Writer) {
    let client = client(&campus.url, &writer.token);
    let query = ItemQuery { seller: Some("me".to_owned()), status: vec![ItemStatus::Draft], ..ItemQuery::default() };
    let page = follow(None, None, async |page: PageRequest| client.items(&query, page).await);
    let drafts = page.await.expect("the drafts").rows;
    let drafts = drafts.iter().map(|draft| (draft.title.clone(), draft.id.to_string()));
    assert_eq!(only_those_of(writer, drafts), writer.expected());
}

/// The same for bookings.
async fn check_bookings(campus: &Campus, writer: &Writer) {
    let client = client(&campus.url, &writer.token);
    let query = BookingQuery::default();
    let page = follow(None, None, async |page: PageRequest| client.bookings(&query, page).await);
    let bookings = page.await.expect("the bookings").rows;
    let bookings = bookings.iter().map(|booking| (booking.item.title.clone(), booking.id.to_string()));
    assert_eq!(only_those_of(writer, bookings), writer.expected());
}

/// The titles with a writer's number, and their ids, in order.
fn only_those_of(writer: &Writer, rows: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let prefix = format!("Item w{}-", writer.number);
    let mut rows: Vec<_> = rows.filter(|(title, _)| title.starts_with(&prefix)).collect();
    rows.sort();
    rows
}
