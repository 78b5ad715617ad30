//! Whatever was acknowledged outlives the process.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use campuszon::client::{Client, ClientError, Credentials, ItemQuery, Options, PageRequest, Server, follow};
use campuszon_core::{
    ChatId, Decimal,
    item::{Condition, ItemStatus},
    wire::{
        chat::{Message, SendMessage},
        item::CreateItem,
    },
};

use super::{Campus, PATIENCE, Student};

/// After how many acknowledged writes of each life the server is killed.
const LIVES: [usize; 4] = [17, 60, 5, 41];

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

#[derive(Clone, Copy)]
enum Task {
    Messages(ChatId),
    Drafts,
}

impl Writer {
    fn key(&self) -> String {
        format!("w{}-{}", self.number, self.done.len())
    }

    async fn write(&mut self, client: &Client) -> Result<(), ClientError> {
        let key = self.key();
        let answer = match self.task {
            Task::Messages(chat) => {
                let message = SendMessage::text(key.clone(), format!("message {key}"));
                client.send_message(chat, &message).await?.seq.to_string()
            }
            Task::Drafts => client.create_item(&draft(&key), Some(&key)).await?.summary.id.to_string(),
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

fn draft(key: &str) -> CreateItem {
    CreateItem {
        title: format!("Draft {key}"),
        description: None,
        price: "5".parse::<Decimal>().ok(),
        currency: None,
        listing: None,
        rent_period: None,
        category: "books".to_owned(),
        condition: Condition::Good,
        pickup: None,
        images: Vec::new(),
        draft: Some(true),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9() {
    let mut campus = Campus::free();
    let [ada, ben] = ["ada", "ben"].map(|name| campus.sign_up(&format!("{name}@uni.example"), name));
    // In a pipe the secret stands alone.
    let create = ["auth", "token", "create", "--name", "writer", "--scope", "write"];
    let token = |student: &Student| student.run(&create).expect(0).trim().to_owned();
    let tokens = [token(&ada), token(&ben)];
    let item = ada.offer("Calculus", "30");
    let chat: ChatId = ben.made(&["chat", "start", &item]).parse().expect("an id");

    let mut writers: Vec<Writer> = (0..6)
        .map(|number| Writer {
            number,
            token: tokens[number % 2].clone(),
            task: if number < 4 { Task::Messages(chat) } else { Task::Drafts },
            done: BTreeMap::new(),
        })
        .collect();
    for wanted in LIVES {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let work =
            writers.into_iter().map(|writer| tokio::spawn(writer.go_on(campus.url.clone(), acknowledged.clone())));
        let work: Vec<_> = work.collect();
        let enough = async {
            while acknowledged.load(Ordering::SeqCst) < wanted {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, enough).await.expect("the server takes writes");
        campus.kill();
        writers = Vec::new();
        for writer in work {
            writers.push(tokio::time::timeout(PATIENCE, writer).await.expect("it ends").expect("no panic"));
        }
        campus.start();
    }
    // What was on its way at the last death.
    for writer in &mut writers {
        writer.write(&client(&campus.url, &writer.token)).await.expect("the server takes writes");
    }

    check_messages(&client(&campus.url, &tokens[0]), chat, &writers).await;
    check_drafts(&campus, &writers).await;
    assert!(campus.stop().success(), "{}", campus.log());
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

/// Every draft once, under the id that was acknowledged.
async fn check_drafts(campus: &Campus, writers: &[Writer]) {
    for writer in writers.iter().filter(|writer| matches!(writer.task, Task::Drafts)) {
        let client = client(&campus.url, &writer.token);
        let query =
            ItemQuery { seller: Some("me".to_owned()), status: vec![ItemStatus::Draft], ..ItemQuery::default() };
        let page = follow(None, None, async |page: PageRequest| client.items(&query, page).await);
        let drafts = page.await.expect("the drafts").rows;
        let titles: BTreeMap<String, String> =
            drafts.iter().map(|draft| (draft.title.clone(), draft.id.to_string())).collect();
        assert_eq!(titles.len(), drafts.len(), "a draft is there twice");
        assert_eq!(drafts.len(), writer.done.len());
        for (key, id) in &writer.done {
            assert_eq!(titles[&format!("Draft {key}")], *id, "{key}");
        }
    }
}
