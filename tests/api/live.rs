//! The live connection, over a real listener: handshakes, frames, order, what was missed, and how it ends.

mod bounds;

use std::{net::SocketAddr, time::Duration};

use campuszon_core::permission::Role;
use campuszon_server::{
    gateway::listener::{self, Caps, Listener},
    platform::jobs::Kind,
};
use futures_util::{SinkExt, StreamExt, stream::SplitStream};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{Free, offer, routes::enroll};
use crate::{
    on_every_database,
    support::{Engine, Person, START, World, png},
};

/// A server that listens, with two people who have a chat.
struct Live {
    world: World,
    address: SocketAddr,
    url: String,
    stop: watch::Sender<bool>,
    serving: JoinHandle<usize>,
    ana: Person,
    ben: Person,
    chat: String,
}

impl std::ops::Deref for Live {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Live {
    async fn new(engine: Engine) -> Self {
        Self::on(Free::new(engine).await.0).await
    }

    async fn on(world: World) -> Self {
        let listener = Listener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let url = format!("ws://{address}/api/ws");
        let (stop, stopped) = watch::channel(false);
        let caps = Caps::from(&world.app.settings.limits);
        let serving =
            tokio::spawn(listener::serve(vec![listener], world.router.clone(), caps, stopped, Duration::from_secs(5)));
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");
        // These tests are about messages, and not about the news of them.
        for who in [&ana, &ben] {
            let muted = json!({"muted": ["chat_message"]});
            world.call(&who.token, "PATCH", "/api/notifications/preferences", muted).await.expect(200);
        }
        Self { world, address, url, stop, serving, ana, ben, chat }
    }

    /// Connects with these headers.
    async fn connect(&self, headers: &[(&str, &str)]) -> Result<Socket, Error> {
        let stream = TcpSocket::new_v4().expect("a socket");
        self.connect_over(stream, headers).await
    }

    async fn connect_over(&self, stream: TcpSocket, headers: &[(&str, &str)]) -> Result<Socket, Error> {
        let mut request = self.url.as_str().into_client_request().expect("a request");
        for (name, value) in headers {
            let name: axum::http::HeaderName = name.parse().expect("a name");
            request.headers_mut().insert(name, value.parse().expect("a value"));
        }
        let stream = stream.connect(self.address).await?;
        let (stream, _) = client_async(request, stream).await?;
        Ok(Socket(stream))
    }

    /// The status with which a handshake is refused.
    async fn refused(&self, headers: &[(&str, &str)]) -> u16 {
        match self.connect(headers).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
            Ok(_) => 101,
        }
    }

    /// A connection that has said `ping`, so that events flow at once; and its `ready` frame.
    async fn open(&self, who: &Person) -> (Socket, Value) {
        self.open_over(TcpSocket::new_v4().expect("a socket"), who).await
    }

    async fn open_over(&self, stream: TcpSocket, who: &Person) -> (Socket, Value) {
        let bearer = format!("Bearer {}", who.token);
        let headers = [("authorization", bearer.as_str()), ("sec-websocket-protocol", "campuszon.v1")];
        let mut socket = self.connect_over(stream, &headers).await.expect("a connection");
        let ready = socket.next().await;
        assert_eq!(ready["type"], "ready", "{ready}");
        socket.say(json!({"type": "ping"})).await;
        assert_eq!(socket.next().await["type"], "pong");
        (socket, ready)
    }

    async fn post_message(&self, who: &Person, client_id: &str) {
        let path = format!("/api/chats/{}/messages", self.chat);
        self.post(who, &path, json!({"client_id": client_id, "body": "hello"})).await.expect(201);
    }
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn say(&mut self, frame: Value) {
        self.raw(Message::text(frame.to_string())).await;
    }

    async fn raw(&mut self, message: Message) {
        self.0.send(message).await.expect("an open connection");
    }

    /// The next frame; the end as `{"closed": code}`.
    async fn next(&mut self) -> Value {
        next(&mut self.0).await
    }

    /// The next word on who comes and goes.
    async fn presence(&mut self) -> Value {
        loop {
            let message = timeout(Duration::from_secs(10), self.0.next()).await.expect("a frame in time");
            if let Some(Ok(Message::Text(text))) = message {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                if frame["type"] == "presence" {
                    return frame;
                }
            }
        }
    }

    /// What comes in answer to a frame.
    async fn ask(&mut self, frame: Value) -> Value {
        self.say(frame).await;
        self.next().await
    }

    /// Asserts that nothing is on its way: what comes next is the answer to a ping.
    async fn expect_silence(&mut self) {
        assert_eq!(
            self.ask(json!({"type": "ping", "ref": "silence"})).await,
            json!({"type": "pong", "ref": "silence"})
        );
    }
}

async fn next(stream: &mut (impl StreamExt<Item = Result<Message, Error>> + Unpin)) -> Value {
    loop {
        let message = timeout(Duration::from_secs(10), stream.next()).await.expect("a frame in time");
        match message {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                // Who comes and goes is looked at where it matters.
                if frame["type"] != "presence" {
                    return frame;
                }
            }
            Some(Ok(Message::Close(Some(frame)))) => return json!({"closed": u16::from(frame.code)}),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The next `count` messages: each as its `seq` and `since`.
async fn messages(stream: &mut SplitStream<WebSocketStream<TcpStream>>, count: usize) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    while found.len() < count {
        let frame = next(stream).await;
        match frame["type"].as_str() {
            Some("message") => found.push((
                frame["message"]["seq"].as_i64().expect("a number"),
                frame["since"].as_i64().expect("a number"),
            )),
            Some("sent") => {}
            _ => panic!("{frame}"),
        }
    }
    found
}

on_every_database! {
    async fn strangers_are_refused_before_the_upgrade(live: Live) {
        let good = format!("Bearer {}", live.ana.token);
        assert_eq!(live.refused(&[("authorization", "Bearer nonsense")]).await, 401);
        assert_eq!(live.refused(&[("authorization", &good), ("origin", "https://evil.example")]).await, 403);
        assert_eq!(live.refused(&[("origin", "null")]).await, 403);
        assert_eq!(live.refused(&[("authorization", &good), ("origin", "http://campus.test")]).await, 101);
        let plain = live.get(&live.ana, "/api/ws").await.expect(400);
        assert_eq!(plain.text("/code"), "invalid_request");
    }

    async fn the_first_frame_may_say_who_it_is(live: Live) {
        let mut socket = live.connect(&[]).await.expect("a connection");
        let ready = socket.ask(json!({"type": "auth", "token": live.ana.token})).await;
        assert_eq!(json!([ready["type"], ready["user_id"]]), json!(["ready", live.ana.id]));
        for first in [json!({"type": "auth", "token": "nonsense"}), json!({"type": "auth"}), json!({"type": "ping"}), json!(7)] {
            let mut socket = live.connect(&[]).await.expect("a connection");
            assert_eq!(socket.ask(first.clone()).await, json!({"closed": 4401}), "{first}");
        }
    }

    async fn another_protocol_is_refused(live: Live) {
        let bearer = format!("Bearer {}", live.ana.token);
        let headers = [("authorization", bearer.as_str()), ("sec-websocket-protocol", "campuszon.v9")];
        // The library itself may refuse a server that selects none of its protocols.
        if let Ok(mut socket) = live.connect(&headers).await {
            assert_eq!(socket.next().await, json!({"closed": 4406}));
        }
    }

    async fn a_message_reaches_every_connection_of_both(live: Live) {
        let (mut one, ready) = live.open(&live.ana).await;
        let (mut two, _) = live.open(&live.ana).await;
        let (mut bens, _) = live.open(&live.ben).await;
        let eve = live.sign_up("eve@uni.example", "Eve").await;
        let (mut eves, _) = live.open(&eve).await;
        assert!(ready["heartbeat_ms"].is_u64() && ready["limits"]["max_frame"] == 65_536, "{ready}");

        let send = json!({"type": "send", "ref": {"n": 1}, "chat_id": live.chat, "client_id": "c1", "body": "Still there?"});
        let answers = [one.ask(send.clone()).await, one.next().await];
        let sent = answers.iter().find(|frame| frame["type"] == "sent").expect("an answer");
        let own = answers.iter().find(|frame| frame["type"] == "message").expect("the message itself");
        assert_eq!(sent["ref"], json!({"n": 1}));
        assert_eq!(sent["message"], own["message"]);
        assert_eq!(json!([own["message"]["seq"], own["since"]]), json!([1, ready["since"].as_i64().expect("a number") + 1]));
        for socket in [&mut two, &mut bens] {
            let heard = socket.next().await;
            assert_eq!(json!([heard["type"], heard["message"]]), json!(["message", own["message"]]));
        }
        let repeated = one.ask(send).await;
        assert_eq!(json!([repeated["type"], repeated["message"]]), json!(["sent", sent["message"]]));
        for socket in [&mut one, &mut two, &mut bens, &mut eves] {
            socket.expect_silence().await;
        }
        assert!(live.app.metrics.fan_out_seconds.get_sample_count() >= 3);
        // What is sent over HTTP is heard too.
        live.post_message(&live.ana, "c2").await;
        assert_eq!(bens.next().await["message"]["seq"], 2);
    }

    async fn a_picture_is_heard_of_when_sent_and_when_it_is_ready(live: Live) {
        let image = live.upload(&live.ben, "image/png", png(64, 48, 7)).await.expect(202).text("/id");
        let (mut ana, ready) = live.open(&live.ana).await;
        let (mut ben, _) = live.open(&live.ben).await;
        let send = json!({"type": "send", "chat_id": live.chat, "client_id": "c", "image": image});
        let answers = [ben.ask(send.clone()).await, ben.next().await];
        assert!(answers.iter().any(|frame| frame["type"] == "sent"), "{answers:?}");
        let heard = ana.next().await;
        let (kind, status) = (&heard["message"]["kind"], &heard["message"]["image"]["status"]);
        assert_eq!(json!([heard["type"], kind, status]), json!(["message", "image", "pending"]));
        live.drain(Kind::Image).await;
        let heard = ana.next().await;
        let (id, status) = (&heard["message"]["image"]["id"], &heard["message"]["image"]["status"]);
        assert_eq!(json!([heard["type"], id, status]), json!(["message_updated", image, "ready"]));
        assert_eq!(heard["since"], ready["since"].as_i64().expect("a number") + 2);
        let own = [ben.next().await, ben.next().await];
        assert_eq!(own.each_ref().map(|frame| frame["type"].as_str()), [Some("message_updated"), Some("image")]);
        ana.expect_silence().await;
        let both = json!({"type": "send", "chat_id": live.chat, "client_id": "d", "image": image, "body": "x"});
        let again = json!({"type": "send", "chat_id": live.chat, "client_id": "d", "image": image});
        for (frame, field) in [(both, "body"), (again, "image")] {
            let refused = ben.ask(frame).await;
            assert_eq!(refused["code"], "invalid_request", "{refused}");
            assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(field)), "{refused}");
        }
    }

    async fn reading_gives_receipts_that_never_go_back(live: Live) {
        for client_id in ["a", "b", "c"] {
            live.post_message(&live.ben, client_id).await;
        }
        let (mut ana, _) = live.open(&live.ana).await;
        let (mut ben, _) = live.open(&live.ben).await;
        let read = |seq: i64| json!({"type": "read", "ref": seq, "chat_id": live.chat, "seq": seq});
        let answers = [ana.ask(read(2)).await, ana.next().await];
        assert!(answers.contains(&json!({"type": "ok", "ref": 2})), "{answers:?}");
        let receipt = ben.next().await;
        assert_eq!(json!([receipt["type"], receipt["user_id"], receipt["seq"]]), json!(["receipt", live.ana.id, 2]));
        assert_eq!(ana.ask(read(1)).await, json!({"type": "ok", "ref": 1}));
        assert_eq!(ana.ask(read(9)).await["code"], "invalid_request");
        ben.expect_silence().await;
        let chat = live.get(&live.ben, &format!("/api/chats/{}", live.chat)).await.json();
        assert_eq!(chat["peer_read_seq"], 2);
    }

    async fn numbers_are_contiguous_under_concurrent_sending(live: Live) {
        const EACH: usize = 100;
        let (anas, ready) = live.open(&live.ana).await;
        let (bens, _) = live.open(&live.ben).await;
        let before = ready["since"].as_i64().expect("a number");
        let talk = async |socket: Socket, name: &str| {
            let (mut sink, mut stream) = socket.0.split();
            let sending = async {
                for number in 0..EACH {
                    let client_id = format!("{name}-{number}");
                    let frame = json!({"type": "send", "chat_id": live.chat, "client_id": client_id, "body": "x"});
                    sink.send(Message::text(frame.to_string())).await.expect("an open connection");
                }
            };
            tokio::join!(sending, messages(&mut stream, 2 * EACH)).1
        };
        let (by_ana, by_ben) = tokio::join!(talk(anas, "a"), talk(bens, "b"));
        for heard in [&by_ana, &by_ben] {
            let seqs: Vec<i64> = heard.iter().map(|(seq, _)| *seq).collect();
            assert_eq!(seqs, (1..=200).collect::<Vec<i64>>());
        }
        let sinces: Vec<i64> = by_ana.iter().map(|(_, since)| *since).collect();
        assert_eq!(sinces, (before + 1..=before + 200).collect::<Vec<i64>>());
    }

    async fn bad_frames_are_answered_and_five_in_a_row_are_too_many(live: Live) {
        let (mut socket, _) = live.open(&live.ana).await;
        let unknown = socket.ask(json!({"type": "dance", "ref": "d"})).await;
        assert_eq!(json!([unknown["type"], unknown["code"], unknown["ref"]]), json!(["error", "unknown_type", "d"]));
        let send = json!({"type": "send", "ref": 1, "chat_id": "itm_1", "client_id": "a b", "body": "", "bdoy": 1});
        let refused = socket.ask(send).await;
        assert_eq!(json!([refused["code"], refused["ref"]]), json!(["invalid_request", 1]));
        for field in ["chat_id", "client_id", "body", "bdoy"] {
            assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(field)), "{field}: {refused}");
        }
        let eve = live.sign_up("eve@uni.example", "Eve").await;
        let (mut eves, _) = live.open(&eve).await;
        let chat = &live.chat;
        for frame in [
            json!({"type": "send", "chat_id": chat, "client_id": "c", "body": "let me in"}),
            json!({"type": "read", "chat_id": chat, "seq": 0}),
        ] {
            assert_eq!(eves.ask(frame).await["code"], "not_found");
        }
        for message in ["junk", "[]", "{}", "{\"type\":7}"] {
            socket.raw(Message::text(message)).await;
            assert_eq!(socket.next().await["code"], "invalid_request", "{message}");
        }
        socket.expect_silence().await;
        for _ in 0..5 {
            socket.raw(Message::binary(vec![1, 2, 3])).await;
        }
        for _ in 0..5 {
            assert_eq!(socket.next().await["code"], "invalid_request");
        }
        assert_eq!(socket.next().await, json!({"closed": 4400}));
    }

    async fn frames_have_a_largest_size(live: Live) {
        let (mut socket, _) = live.open(&live.ana).await;
        let body = "🙂".repeat(4_000);
        let escaped: String = body.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let frame = format!(r#"{{"type":"send","chat_id":"{}","client_id":"c","body":"{escaped}"}}"#, live.chat);
        socket.raw(Message::text(frame)).await;
        let kinds = [socket.next().await, socket.next().await].map(|frame| frame["type"].clone());
        assert!(kinds.contains(&json!("sent")) && kinds.contains(&json!("message")), "{kinds:?}");
        socket.raw(Message::text("x".repeat(64 * 1024 + 1))).await;
        assert_eq!(socket.next().await, json!({"closed": 1009}));
    }

    async fn what_was_missed_comes_again_exactly(live: Live) {
        let (mut socket, ready) = live.open(&live.ana).await;
        live.post_message(&live.ben, "heard").await;
        let since = socket.next().await["since"].as_i64().expect("a number");
        drop(socket);
        for number in 0..5 {
            live.post_message(&live.ben, &format!("missed-{number}")).await;
        }
        let (mut socket, _) = live.open(&live.ana).await;
        socket.say(json!({"type": "resume", "ref": "r", "since": since, "epoch": ready["epoch"]})).await;
        for number in 0..5 {
            let frame = socket.next().await;
            assert_eq!(frame["since"], since + 1 + number);
            assert_eq!(frame["message"]["client_id"], format!("missed-{number}"));
        }
        assert_eq!(socket.next().await, json!({"type": "resumed", "ref": "r", "since": since + 5}));
        live.post_message(&live.ben, "after").await;
        assert_eq!(socket.next().await["since"], since + 6);
        let nothing = socket.ask(json!({"type": "resume", "since": since + 6, "epoch": ready["epoch"]})).await;
        assert_eq!(nothing, json!({"type": "resumed", "since": since + 6}));
        for (since, epoch) in [(since, json!("another")), (since + 7, ready["epoch"].clone()), (i64::MAX, ready["epoch"].clone())] {
            let reset = socket.ask(json!({"type": "resume", "since": since, "epoch": epoch})).await;
            assert_eq!(reset["type"], "reset", "{since} {epoch}");
        }
    }

    async fn logging_out_closes_the_connections_of_that_session_only(live: Live) {
        let (mut first, _) = live.open(&live.ana).await;
        let phone = super::again(&live, &live.ana).await;
        let (mut second, _) = live.open(&phone).await;
        live.post(&live.ana, "/api/auth/logout", Value::Null).await.expect(204);
        assert_eq!(first.next().await, json!({"closed": 4401}));
        second.expect_silence().await;
        assert_eq!(live.refused(&[("authorization", &format!("Bearer {}", live.ana.token))]).await, 401);
    }

    async fn suspension_closes_every_connection_at_once(live: Live) {
        let wish = json!({"name": "script", "scopes": ["read"]});
        let token = live.post(&live.ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        let (mut browser, _) = live.open(&live.ana).await;
        let (mut script, _) = live.open(&Person { token, ..live.ana.clone() }).await;
        let (mut bens, _) = live.open(&live.ben).await;
        let campus = live.app.keys.verify(&live.ana.token, START).expect("claims").campus;
        let mia = enroll(&live, campus, "Mia", Role::Moderator).await;
        live.post(&mia, &format!("/api/admin/users/{}/suspend", live.ana.id), json!({})).await.expect(200);
        for socket in [&mut browser, &mut script] {
            // What they are told of it may come before the end.
            let mut frame = socket.next().await;
            if frame["type"] == "notification" {
                frame = socket.next().await;
            }
            assert_eq!(frame, json!({"closed": 4403}));
        }
        assert_eq!(live.refused(&[("authorization", &format!("Bearer {}", live.ana.token))]).await, 403);
        let send = json!({"type": "send", "chat_id": live.chat, "client_id": "c", "body": "hello?"});
        let refused = bens.ask(send).await;
        assert_eq!(json!([refused["type"], refused["code"]]), json!(["error", "conflict"]));
        live.post(&mia, &format!("/api/admin/users/{}/restore", live.ana.id), json!({})).await.expect(200);
        live.open(&live.ana).await;
    }

    async fn a_token_is_renewed_for_its_own_user_only(live: Live) {
        let (mut socket, _) = live.open(&live.ana).await;
        let renewed = super::again(&live, &live.ana).await;
        let auth = |token: &str| json!({"type": "auth", "ref": 1, "token": token});
        assert_eq!(socket.ask(auth(&renewed.token)).await, json!({"type": "ok", "ref": 1}));
        live.post(&live.ana, "/api/auth/logout", Value::Null).await.expect(204);
        socket.expect_silence().await;
        assert_eq!(socket.ask(auth(&live.ben.token)).await["code"], "forbidden");
        assert_eq!(socket.ask(auth("nonsense")).await["code"], "unauthenticated");
        socket.expect_silence().await;
    }

    async fn a_reading_token_cannot_send(live: Live) {
        let wish = json!({"name": "script", "scopes": ["read"]});
        let token = live.post(&live.ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        let (mut socket, ready) = live.open(&Person { token, ..live.ana.clone() }).await;
        assert_eq!(ready["session_id"], Value::Null);
        let send = json!({"type": "send", "chat_id": live.chat, "client_id": "c", "body": "x"});
        assert_eq!(socket.ask(send).await["code"], "forbidden");
        live.post_message(&live.ben, "c").await;
        assert_eq!(socket.next().await["type"], "message");
    }

    async fn news_come_live_and_again(live: Live) {
        let (mut socket, ready) = live.open(&live.ben).await;
        let since = ready["since"].as_i64().expect("a number");
        let items = live.get(&live.ben, "/api/items").await.json();
        let path = format!("/api/items/{}", items["items"][0]["id"].as_str().expect("an id"));
        live.call(&live.ben.token, "PUT", &format!("{path}/favorite"), Value::Null).await.expect(204);
        live.call(&live.ana.token, "PATCH", &path, json!({"price": 3})).await.expect(200);
        let news = socket.next().await;
        assert_eq!(json!([news["type"], news["since"], news["notification"]["kind"]]), json!(["notification", since + 1, "price_drop"]));
        let feed = live.get(&live.ben, "/api/notifications").await.json();
        assert_eq!(feed["notifications"][0], news["notification"]);
        let resume = json!({"type": "resume", "since": since, "epoch": ready["epoch"]});
        assert_eq!(socket.ask(resume).await, news);
    }

    async fn new_items_reach_those_who_watch_for_them(live: Live) {
        let (mut ben, _) = live.open(&live.ben).await;
        let eve = live.sign_up("eve@other.example", "Eve").await;
        let (mut eves, _) = live.open(&eve).await;
        let watch = |query: &str| json!({"type": "watch", "ref": "w", "query": query});
        let ok = json!({"type": "ok", "ref": "w"});
        for socket in [&mut ben, &mut eves] {
            assert_eq!(socket.ask(watch("q=lamp%20-broken&max_price=20&limit=5&sort=newest")).await, ok);
        }
        for (title, more) in [("Broken lamp", json!({})), ("Dear lamp", json!({"price": 21})), ("Drafted lamp", json!({"draft": true}))] {
            offer(&live, &live.ana, title, more).await;
        }
        let item = offer(&live, &live.ana, "Desk lamp", json!({})).await;
        let heard = ben.next().await;
        let listed = live.get(&live.ben, "/api/items?q=desk").await.json();
        assert_eq!(heard, json!({"type": "item", "item": listed["items"][0]}));
        assert_eq!(heard["item"]["id"], item.as_str());
        eves.expect_silence().await;
        for action in ["withdraw", "relist"] {
            live.post(&live.ana, &format!("/api/items/{item}/{action}"), Value::Null).await.expect(200);
        }
        assert_eq!(ben.next().await["item"]["id"], item.as_str(), "it is offered again");

        assert_eq!(ben.ask(watch("q=chair")).await, ok, "another watch takes its place");
        offer(&live, &live.ana, "Floor lamp", json!({})).await;
        offer(&live, &live.ana, "Chair", json!({})).await;
        assert_eq!(ben.next().await["item"]["title"], "Chair");
        for query in ["colour=red", "min_price=cheap", "category=boks", "q=a b"] {
            let refused = ben.ask(watch(query)).await;
            assert_eq!(json!([refused["type"], refused["code"]]), json!(["error", "invalid_request"]), "{query}");
        }
        offer(&live, &live.ana, "Another chair", json!({})).await;
        assert_eq!(ben.next().await["item"]["title"], "Another chair", "a refused watch leaves the one before");
        assert_eq!(ben.ask(watch("")).await, ok);
        offer(&live, &live.ana, "Last chair", json!({})).await;
        ben.expect_silence().await;
    }

    async fn presence_follows_the_connections(live: Live) {
        let path = format!("/api/users/{}", live.ana.id);
        assert_eq!(live.get(&live.ben, &path).await.json()["online"], false);
        let (_socket, _) = live.open(&live.ana).await;
        assert_eq!(live.get(&live.ben, &path).await.json()["online"], true);
        live.call(&live.ana.token, "PATCH", "/api/users/me", json!({"hide_presence": true})).await.expect(200);
        assert_eq!(live.get(&live.ben, &path).await.json()["online"], false);
    }

    async fn those_one_talks_with_hear_who_comes_and_goes(live: Live) {
        let (mut anas, _) = live.open(&live.ana).await;
        let (bens, _) = live.open(&live.ben).await;
        let shown = |online: bool| json!({"type": "presence", "user_id": live.ben.id, "online": online, "last_seen": null});
        assert_eq!(anas.presence().await, shown(true));
        // Hiding it and showing it again is seen at once.
        for hidden in [true, false] {
            live.call(&live.ben.token, "PATCH", "/api/users/me", json!({"hide_presence": hidden})).await.expect(200);
            assert_eq!(anas.presence().await, shown(!hidden));
        }
        // A second connection is no news, nor is the end of one of two.
        let (second, _) = live.open(&live.ben).await;
        drop(bens);
        drop(second);
        let went = anas.presence().await;
        assert_eq!((&went["user_id"], &went["online"]), (&json!(live.ben.id), &json!(false)));
        assert!(went["last_seen"].is_string(), "{went}");

        // Whoever hides it is neither seen nor announced.
        live.call(&live.ben.token, "PATCH", "/api/users/me", json!({"hide_presence": true})).await.expect(200);
        assert_eq!(anas.presence().await, shown(false));
        let (_bens, _) = live.open(&live.ben).await;
        let cem = live.sign_up("cem@uni.example", "Cem").await;
        let lamp = offer(&live, &cem, "Another lamp", json!({})).await;
        live.post(&live.ana, "/api/chats", json!({"item_id": lamp})).await.expect(201);
        let (_cems, _) = live.open(&cem).await;
        assert_eq!(anas.presence().await["user_id"], cem.id.as_str());
    }

    async fn writing_is_told_to_the_other_member_alone(live: Live) {
        let (mut anas, _) = live.open(&live.ana).await;
        let (mut bens, _) = live.open(&live.ben).await;
        let typing = |on: bool| json!({"type": "typing", "chat_id": live.chat, "on": on});
        for (on, times) in [(true, 3), (false, 1)] {
            for _ in 0..times {
                bens.say(typing(on)).await;
            }
            let heard = json!({"type": "typing", "chat_id": live.chat, "user_id": live.ben.id, "on": on});
            assert_eq!(anas.next().await, heard);
        }
        bens.expect_silence().await;
        anas.expect_silence().await;

        let eve = live.sign_up("eve@uni.example", "Eve").await;
        let (mut eves, _) = live.open(&eve).await;
        assert_eq!(eves.ask(typing(true)).await["code"], "not_found");
        // Across a block nothing is told, and nobody is told why.
        live.call(&live.ana.token, "PUT", &format!("/api/users/{}/block", live.ben.id), Value::Null).await.expect(204);
        bens.say(typing(true)).await;
        bens.expect_silence().await;
        anas.expect_silence().await;
        // Nothing of it is kept.
        let (mut again, _) = live.open(&live.ana).await;
        again.expect_silence().await;
    }

    async fn messages_are_resumed_by_conversation(live: Live) {
        for number in 0..5 {
            live.post_message(&live.ben, &format!("m{number}")).await;
        }
        let (mut socket, _) = live.open(&live.ana).await;
        socket.say(json!({"type": "resume", "ref": 1, "chats": {(live.chat.clone()): 2}})).await;
        for seq in 3..=5 {
            let frame = socket.next().await;
            assert_eq!((&frame["type"], &frame["message"]["seq"]), (&json!("message"), &json!(seq)));
        }
        let resumed = socket.next().await;
        assert_eq!((&resumed["type"], &resumed["ref"]), (&json!("resumed"), &json!(1)));
        let wrong = socket.ask(json!({"type": "resume", "chats": {"itm_1": 2}})).await;
        assert_eq!(wrong["code"], "invalid_request");
        let eve = live.sign_up("eve@uni.example", "Eve").await;
        let (mut eves, _) = live.open(&eve).await;
        let refused = eves.ask(json!({"type": "resume", "chats": {(live.chat.clone()): 0}})).await;
        assert_eq!(refused["code"], "not_found");
    }

    async fn messages_are_edited_and_deleted_where_they_stand(live: Live) {
        live.post_message(&live.ben, "first").await;
        let (mut anas, _) = live.open(&live.ana).await;
        let path = format!("/api/chats/{}/messages", live.chat);
        let id = live.get(&live.ben, &path).await.json()["messages"][0]["id"].as_str().expect("an id").to_owned();
        let one = format!("{path}/{id}");
        live.call(&live.ana.token, "PATCH", &one, json!({"body": "mine"})).await.expect(403);
        live.call(&live.ana.token, "DELETE", &one, Value::Null).await.expect(403);
        let edited = live.call(&live.ben.token, "PATCH", &one, json!({"body": "hello again"})).await.expect(200).json();
        assert_eq!((&edited["body"], &edited["seq"]), (&json!("hello again"), &json!(1)));
        let heard = anas.next().await;
        assert_eq!((&heard["type"], &heard["message"]), (&json!("message_updated"), &edited));
        live.wait(Duration::from_secs(15 * 60));
        let ben = super::again(&live, &live.ben).await;
        live.call(&ben.token, "PATCH", &one, json!({"body": "late"})).await.expect(409);
        live.call(&ben.token, "DELETE", &one, Value::Null).await.expect(204);
        live.call(&ben.token, "DELETE", &one, Value::Null).await.expect(204);
        let heard = loop {
            let frame = anas.next().await;
            if frame["type"] == "message_updated" {
                break frame;
            }
        };
        assert_eq!(heard["message"]["body"], "");
        assert!(heard["message"]["deleted_at"].is_string());
        live.call(&ben.token, "PATCH", &one, json!({"body": "x"})).await.expect(409);
        let again = live.get(&ben, &path).await.json();
        assert_eq!((&again["messages"][0]["body"], &again["messages"][0]["seq"]), (&json!(""), &json!(1)));
    }

    async fn a_muted_conversation_tells_nothing(live: Live) {
        let chat = format!("/api/chats/{}", live.chat);
        let muted = live.call(&live.ana.token, "PATCH", &chat, json!({"muted": true})).await.expect(200).json();
        assert_eq!(muted["muted"], true);
        live.post_message(&live.ben, "first").await;
        let feed = live.get(&live.ana, "/api/notifications").await.json();
        assert_eq!(feed["notifications"], json!([]));
        assert_eq!(live.get(&live.ana, &chat).await.json()["unread"], 1);
    }

    async fn a_user_has_so_many_connections(live: Live) {
        let mut open = Vec::new();
        for _ in 0..20 {
            open.push(live.open(&live.ana).await);
        }
        let bearer = format!("Bearer {}", live.ana.token);
        let mut last = live.connect(&[("authorization", &bearer)]).await.expect("a connection");
        assert_eq!(last.next().await, json!({"closed": 4409}));
    }

    async fn maintenance_sends_everybody_away_and_lets_administrators_back(live: Live) {
        let root = enroll(&live, super::routes::found(&live).await, "Ada", Role::Admin).await;
        let (mut student, _) = live.open(&live.ana).await;
        let (mut administrator, _) = live.open(&root).await;
        let path = "/api/admin/maintenance";
        live.call(&root.token, "PUT", path, json!({})).await.expect(200);
        for socket in [&mut student, &mut administrator] {
            assert_eq!(socket.next().await["type"], "drain");
            assert_eq!(socket.next().await, json!({"closed": 1001}));
        }
        let bearer = format!("Bearer {}", live.ana.token);
        assert_eq!(live.refused(&[("authorization", &bearer)]).await, 503);
        assert_eq!(live.refused(&[]).await, 503);
        live.open(&root).await;
        live.call(&root.token, "DELETE", path, Value::Null).await.expect(204);
        live.open(&live.ana).await;
    }

    async fn a_stopping_server_says_when_to_come_back(live: Live) {
        let (mut socket, _) = live.open(&live.ana).await;
        live.stop.send(true).expect("a listener");
        live.app.hub.drain();
        let drain = socket.next().await;
        assert_eq!(drain["type"], "drain");
        assert!(drain["retry_ms"].as_u64().is_some_and(|pause| (1..10_000).contains(&pause)), "{drain}");
        assert_eq!(socket.next().await, json!({"closed": 1001}));
        drop(socket);
        assert_eq!(live.serving.await.expect("no panic"), 0, "nobody is cut off");
    }
}
