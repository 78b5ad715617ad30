//! Many devices chat while the server is killed and connections are cut: the checker of histories finds nothing.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use campuszon_core::ChatId;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinSet, time};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{Campus, PATIENCE, Student, client};
use crate::history::{Chat, Device, Event, faults};

/// Two sellers and two buyers, each of whom talks with both sellers, on so many devices each.
const DEVICES: usize = 10;

/// How many messages are sent in all; `CAMPUSZON_CHAOS_MESSAGES` asks for another number.
const MESSAGES: usize = 20_000;

/// After how many acknowledged messages, in parts of all, the server is killed.
const KILLS: [usize; 3] = [5, 2, 1];

/// How long a device waits for an answer before it counts the connection as dead.
const SILENCE: Duration = Duration::from_secs(2);

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What all devices share.
struct Field {
    url: Mutex<String>,
    /// Counts events, so that all have one idea of before and after.
    clock: AtomicU64,
    acknowledged: AtomicUsize,
    wanted: usize,
}

impl Field {
    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn url(&self) -> String {
        self.url.lock().expect("no panic").clone()
    }

    fn is_done(&self) -> bool {
        self.acknowledged.load(Ordering::SeqCst) >= self.wanted
    }
}

/// A number that looks like chance and is the same in every run.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: u64) -> u64 {
        // Knuth's MMIX generator; the low bits are poor.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A device: what it saw, and what it is about to say.
struct Talker {
    number: usize,
    token: String,
    chats: Vec<String>,
    chance: Chance,
    field: Arc<Field>,
    device: Device,
    /// Where it is in its inbox: number and epoch.
    place: Option<(i64, String)>,
    /// Where the inbox was when its connection began.
    greeting: Option<(i64, String)>,
    /// The newest message it has of each chat.
    newest: HashMap<String, i64>,
    said: usize,
    /// Chat and name of the message that is not acknowledged yet.
    open: Option<(String, String)>,
}

impl Talker {
    async fn run(mut self) -> Self {
        while !self.field.is_done() || self.open.is_some() {
            if let Ok(stream) = self.connect().await {
                self.converse(stream).await;
            } else {
                time::sleep(Duration::from_millis(50)).await;
            }
        }
        self
    }

    async fn connect(&self) -> Result<Stream, ()> {
        let url = format!("{}/api/ws", self.field.url().replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a request");
        let bearer = format!("Bearer {}", self.token).parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        match time::timeout(SILENCE, connect_async(request)).await {
            Ok(Ok((stream, _))) => Ok(stream),
            _ => Err(()),
        }
    }

    /// Talks until the connection breaks, is cut, or all is said.
    async fn converse(&mut self, mut stream: Stream) {
        self.device.events.push(Event::Connected);
        let mut frames = 20 + self.chance.below(300);
        loop {
            let Ok(Some(Ok(message))) = time::timeout(SILENCE, stream.next()).await else { return };
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).expect("JSON");
            if self.hear(&mut stream, &frame).await.is_err() {
                return;
            }
            if self.open.is_none() && self.field.is_done() {
                return;
            }
            frames -= 1;
            match (frames, self.chance.below(4)) {
                (0, 0) => return,
                // Half open: it reads nothing for a while, and then is gone without a word.
                (0, 1) => return time::sleep(Duration::from_millis(300)).await,
                // It stalls, and then reads on, as far as the server has had patience.
                (0, 2) => {
                    time::sleep(Duration::from_millis(300)).await;
                    frames = 300;
                }
                (0, _) => {
                    let _ = stream.close(None).await;
                    return;
                }
                _ => {}
            }
        }
    }

    async fn hear(&mut self, stream: &mut Stream, frame: &Value) -> Result<(), ()> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match frame["type"].as_str().unwrap_or_default() {
            "ready" => {
                self.greeting = Some((number(&frame["since"]), text(&frame["epoch"])));
                match self.place.clone() {
                    Some((since, epoch)) => {
                        say(stream, json!({"type": "resume", "since": since, "epoch": epoch})).await?;
                    }
                    None => self.place = self.greeting.clone(),
                }
                self.speak(stream).await?;
            }
            "message" => {
                let (chat, seq) = (text(&frame["message"]["chat_id"]), number(&frame["message"]["seq"]));
                self.move_to(&frame["since"]);
                self.newest.insert(chat.clone(), seq);
                let client_id = text(&frame["message"]["client_id"]);
                self.device.events.push(Event::Delivered { chat: chat.clone(), seq, client_id });
                if self.chance.below(20) == 0 {
                    say(stream, json!({"type": "read", "chat_id": chat, "seq": seq})).await?;
                }
            }
            "receipt" => {
                self.move_to(&frame["since"]);
                let (chat, user) = (text(&frame["chat_id"]), text(&frame["user_id"]));
                self.device.events.push(Event::Receipt { chat, user, seq: number(&frame["seq"]) });
            }
            "sent" => {
                let message = &frame["message"];
                let (chat, client_id) = (text(&message["chat_id"]), text(&message["client_id"]));
                if self.open.as_ref().is_some_and(|open| *open == (chat.clone(), client_id.clone())) {
                    let (seq, at) = (number(&message["seq"]), self.field.now());
                    self.device.events.push(Event::Acknowledged { chat, client_id, seq, at });
                    self.field.acknowledged.fetch_add(1, Ordering::SeqCst);
                    // Now and then it is said again all the same.
                    if self.chance.below(10) == 0 {
                        let (chat, client_id) = self.open.clone().unwrap_or_default();
                        send(stream, &chat, &client_id).await?;
                    }
                    self.open = None;
                }
                self.speak(stream).await?;
            }
            "reset" => {
                // What comes from now on comes by itself; what was before is fetched.
                self.device.events.push(Event::Reset);
                self.place = self.greeting.clone();
                self.fetch().await?;
            }
            "ping" => {
                self.move_to(&frame["since"]);
                say(stream, json!({"type": "pong"})).await?;
            }
            // What the server cannot do at the moment is tried again on another connection.
            "error" => return Err(()),
            _ => self.move_to(&frame["since"]),
        }
        Ok(())
    }

    fn move_to(&mut self, since: &Value) {
        if let (Some(since), Some((last, _))) = (since.as_i64(), &mut self.place) {
            *last = (*last).max(since);
        }
    }

    /// Says what is not acknowledged yet, or something new.
    async fn speak(&mut self, stream: &mut Stream) -> Result<(), ()> {
        if self.open.is_none() {
            if self.field.is_done() {
                return Ok(());
            }
            let chats = u64::try_from(self.chats.len()).expect("few");
            let chosen = usize::try_from(self.chance.below(chats)).expect("few");
            let client_id = format!("d{}-{}", self.number, self.said);
            self.said += 1;
            let chat = self.chats[chosen].clone();
            let at = self.field.now();
            self.device.events.push(Event::Invoked { chat: chat.clone(), client_id: client_id.clone(), at });
            self.open = Some((chat, client_id));
        }
        let (chat, client_id) = self.open.clone().unwrap_or_default();
        send(stream, &chat, &client_id).await
    }

    /// Reads over HTTP what came after the newest message it has.
    async fn fetch(&mut self) -> Result<(), ()> {
        let client = client(&self.field.url(), &self.token);
        for chat in self.chats.clone() {
            let id: ChatId = chat.parse().expect("an id");
            let newest = self.newest.get(&chat).copied().unwrap_or(0);
            for message in client.messages_after(id, newest).await.map_err(|_| ())? {
                self.newest.insert(chat.clone(), message.seq);
                let client_id = message.client_id.unwrap_or_default();
                self.device.events.push(Event::Fetched { chat: chat.clone(), seq: message.seq, client_id });
            }
        }
        Ok(())
    }
}

async fn say(stream: &mut Stream, frame: Value) -> Result<(), ()> {
    match time::timeout(SILENCE, stream.send(Message::text(frame.to_string()))).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(()),
    }
}

async fn send(stream: &mut Stream, chat: &str, client_id: &str) -> Result<(), ()> {
    let body = format!("message {client_id}");
    say(stream, json!({"type": "send", "chat_id": chat, "client_id": client_id, "body": body})).await
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// Who is there, with the token of their devices and the chats they are in.
struct Person {
    id: String,
    token: String,
    chats: Vec<String>,
}

fn gather(campus: &Campus) -> (Vec<Person>, BTreeMap<String, Chat>) {
    let enter = |name: &str| campus.sign_up(&format!("{name}@uni.example"), name);
    let (sellers, buyers) = ([enter("ana"), enter("ben")], [enter("cem"), enter("dua")]);
    let person =
        |student: &Student| Person { id: student.id.clone(), token: student.device_token(), chats: Vec::new() };
    let mut people: Vec<Person> = sellers.iter().chain(&buyers).map(person).collect();
    let mut chats = BTreeMap::new();
    for (seller, owner) in sellers.iter().enumerate() {
        let item = owner.offer("A lamp", "5");
        for (buyer, student) in (sellers.len()..).zip(&buyers) {
            let chat = student.made(&["chat", "start", &item]);
            people[seller].chats.push(chat.clone());
            people[buyer].chats.push(chat.clone());
            let members = vec![people[seller].id.clone(), people[buyer].id.clone()];
            chats.insert(chat, Chat { members, messages: Vec::new() });
        }
    }
    (people, chats)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_whatever_breaks() {
    let asked = std::env::var("CAMPUSZON_CHAOS_MESSAGES").ok().and_then(|text| text.parse().ok());
    let wanted: usize = asked.unwrap_or(MESSAGES);
    let mut campus = tokio::task::spawn_blocking(Campus::free).await.expect("a campus");
    let (people, mut chats) = tokio::task::block_in_place(|| gather(&campus));
    let field = Arc::new(Field {
        url: Mutex::new(campus.url.clone()),
        clock: AtomicU64::new(0),
        acknowledged: AtomicUsize::new(0),
        wanted,
    });
    let mut talkers = JoinSet::new();
    for number in 0..DEVICES * people.len() {
        let person = &people[number % people.len()];
        let talker = Talker {
            number,
            token: person.token.clone(),
            chats: person.chats.clone(),
            chance: Chance(0x5eed + u64::try_from(number).expect("few")),
            field: field.clone(),
            device: Device { user: person.id.clone(), events: Vec::new() },
            place: None,
            greeting: None,
            newest: HashMap::new(),
            said: 0,
            open: None,
        };
        talkers.spawn(talker.run());
    }
    for part in KILLS {
        while field.acknowledged.load(Ordering::SeqCst) < wanted / (part + 1) {
            time::sleep(Duration::from_millis(5)).await;
        }
        tokio::task::block_in_place(|| {
            campus.kill();
            campus.start();
        });
        field.url.lock().expect("no panic").clone_from(&campus.url);
    }
    let patience = PATIENCE * u32::try_from(2 + wanted / 1_000).expect("few");
    let talkers = time::timeout(patience, talkers.join_all()).await.expect("all is said in time");

    // In the end everybody fetches what they missed, and the server's word on each chat is asked of both members.
    let mut devices = Vec::new();
    for mut talker in talkers {
        talker.fetch().await.expect("the server answers");
        devices.push(talker.device);
    }
    for (id, chat) in &mut chats {
        let of = |token: &str| {
            let (client, id) = (client(&campus.url, token), id.parse::<ChatId>().expect("an id"));
            async move { client.messages_after(id, 0).await.expect("the server answers") }
        };
        let members: Vec<&Person> = people.iter().filter(|person| person.chats.contains(id)).collect();
        let (one, other) = (of(&members[0].token).await, of(&members[1].token).await);
        assert_eq!(one, other, "both members have one order");
        chat.messages = one.into_iter().map(|message| (message.seq, message.client_id.unwrap_or_default())).collect();
    }
    let found = faults(&devices, &chats);
    assert!(found.is_empty(), "{} faults, the first: {:#?}", found.len(), &found[..found.len().min(10)]);
    let stored: usize = chats.values().map(|chat| chat.messages.len()).sum();
    assert!(stored >= wanted, "{stored} messages of {wanted}");
}
