//! A server to test: put together as `serve` does, on either database, with a clock that the test moves.

pub mod s3;
pub mod vt;

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use campuszon_core::Timestamp;
use campuszon_server::{
    App,
    gateway::{self, listener::PeerAddress},
    platform::{
        directory::DataDirectory,
        entropy::{Clock, ManualClock},
        jobs::Kind,
    },
    serve::{self, Network, Options},
    settings::Settings,
    worker,
};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// When every test begins.
pub const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// The password of everybody in tests.
pub const PASSWORD: &str = "correct horse battery";

/// A database to test on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// SQLite, and PostgreSQL where `CAMPUSZON_TEST_POSTGRES` names one (`scripts/check` starts it).
    pub fn all() -> Vec<Self> {
        let postgres = postgres_url().map(|_| Self::Postgres);
        std::iter::once(Self::Sqlite).chain(postgres).collect()
    }
}

fn postgres_url() -> Option<String> {
    std::env::var("CAMPUSZON_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// The URL of a new, empty schema.
pub async fn fresh_schema() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let url = postgres_url().expect("CAMPUSZON_TEST_POSTGRES");
    let schema = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let (admin, name) = (url.clone(), schema.clone());
    tokio::task::spawn_blocking(move || {
        let mut client = postgres::Client::connect(&admin, postgres::NoTls).expect("PostgreSQL answers");
        client
            .batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))
            .expect("a fresh schema");
    })
    .await
    .expect("no panic");
    format!("{url}&options=-csearch_path%3D{schema}")
}

/// A server without a listener, and what surrounds it.
pub struct World {
    pub app: App,
    pub router: Router,
    pub clock: Arc<ManualClock>,
    directory: TempDir,
    _data: DataDirectory,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub email: String,
    pub id: String,
    pub token: String,
    pub refresh: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// A text field of the body.
    pub fn text(&self, pointer: &str) -> String {
        let json = self.json();
        let found = json.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer} in {}: {json}", self.status)).to_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Checks the status and hands the answer on.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        let body = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status.as_u16(), status, "{body}");
        if status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json", "{body}");
            let problem = self.json();
            assert_eq!(problem["status"], status);
            for member in ["type", "title", "detail", "instance", "code", "request_id"] {
                assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {problem}");
            }
        }
        self
    }
}

impl World {
    /// A server on `engine` whose settings begin with `settings` (TOML).
    pub async fn with(engine: Engine, settings: &str) -> Self {
        Self::mailing(engine, settings, None).await
    }

    /// The same with its mails going to `mail` and not to a folder.
    pub async fn mailing(engine: Engine, settings: &str, mail: Option<String>) -> Self {
        Self::ticking(engine, settings, mail, |clock| clock).await
    }

    /// The same with a clock made of the one that tests move.
    pub async fn ticking(
        engine: Engine,
        settings: &str,
        mail: Option<String>,
        make: impl FnOnce(Arc<ManualClock>) -> Arc<dyn Clock>,
    ) -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let data = directory.path().join("data");
        let options = Options {
            data: data.clone(),
            network: Network::default(),
            database: match engine {
                Engine::Sqlite => None,
                Engine::Postgres => Some(fresh_schema().await),
            },
            mail: mail.unwrap_or_else(|| format!("file:{}", directory.path().join("mail").display())),
            blobs: None,
            public_url: None,
            config: None,
        };
        let settings = Settings::load(Some(("test", settings)), []).expect("settings");
        let clock = Arc::new(ManualClock::new(START));
        let data = DataDirectory::open(data).expect("a data directory");
        let url = "http://campus.test".to_owned();
        let app = serve::open(&options, settings, &data, url, make(clock.clone())).await.expect("a server");
        Self { router: gateway::router(app.clone()), app, clock, directory, _data: data }
    }

    /// A server on `engine` with the default settings.
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// Moves the clock.
    pub fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Sends a request from this machine's address.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(PeerAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Calls the API; `token` may be empty, and `body` null for none.
    pub async fn call(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        self.call_with(token, method, path, body, &[]).await
    }

    /// The same with further headers.
    pub async fn call_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).expect("a request")).await
    }

    /// Fetches a path.
    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        self.call(&who.token, "GET", path, Value::Null).await
    }

    /// Posts to a path.
    pub async fn post(&self, who: &Person, path: &str, body: Value) -> Answer {
        self.call(&who.token, "POST", path, body).await
    }

    /// Uploads a file.
    pub async fn upload(&self, who: &Person, content_type: &str, bytes: Vec<u8>) -> Answer {
        let request = Request::builder()
            .method("POST")
            .uri("/api/images")
            .header(header::AUTHORIZATION, format!("Bearer {}", who.token))
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(bytes));
        self.send(request.expect("a request")).await
    }

    /// Does the waiting background work of a kind. What is to be tried again later is waited for in vain, as time stands still.
    pub async fn drain(&self, kind: Kind) {
        let drained = tokio::time::timeout(Duration::from_secs(60), worker::drain(&self.app, kind));
        drained.await.expect("work that ends without time going by").expect("background work");
    }

    /// Where mails land.
    pub fn mail_folder(&self) -> PathBuf {
        self.directory.path().join("mail")
    }

    /// The code in the newest mail to an address.
    pub async fn code(&self, email: &str) -> String {
        self.drain(Kind::Mail).await;
        code_in(&self.mail_folder(), email).unwrap_or_else(|| panic!("no code was mailed to {email}"))
    }

    /// Registers, confirms and signs in.
    pub async fn sign_up(&self, email: &str, name: &str) -> Person {
        let body = serde_json::json!({"email": email, "password": PASSWORD, "name": name});
        self.call("", "POST", "/api/auth/register", body).await.expect(202);
        let body = serde_json::json!({"email": email, "code": self.code(email).await});
        let session = self.call("", "POST", "/api/auth/verify", body).await.expect(200);
        Person {
            email: email.to_owned(),
            id: session.text("/user/id"),
            token: session.text("/access_token"),
            refresh: session.text("/refresh_token"),
        }
    }

    /// Uploads a small picture that is ready to be used.
    pub async fn picture(&self, who: &Person, shade: u8) -> String {
        let uploaded = self.upload(who, "image/png", png(64, 48, shade)).await.expect(202);
        self.drain(Kind::Image).await;
        uploaded.text("/id")
    }

    /// Lists a book with a picture; `more` are further or other fields.
    pub async fn list_item(&self, who: &Person, title: &str, more: Value) -> String {
        let shade = title.bytes().fold(0, u8::wrapping_add);
        let mut body = serde_json::json!({
            "title": title, "price": 12.5, "category": "books", "condition": "good",
            "images": [self.picture(who, shade).await],
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post(who, "/api/items", body).await.expect(201).text("/id")
    }
}

/// The code that stands alone on a line of the newest mail to `email` that has one.
pub fn code_in(folder: &Path, email: &str) -> Option<String> {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    mails_to(folder, email).find_map(|text| text.lines().map(str::trim).find(is_code).map(str::to_owned))
}

/// The newest mail to `email`.
pub fn newest_mail(folder: &Path, email: &str) -> Option<String> {
    mails_to(folder, email).next()
}

fn mails_to(folder: &Path, email: &str) -> impl Iterator<Item = String> {
    let mut mails: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    mails.sort();
    let to = format!("To: {email}");
    mails.into_iter().rev().filter_map(|path| std::fs::read_to_string(path).ok()).filter(move |text| text.contains(&to))
}

/// A picture of one shade.
pub fn png(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([shade, 255 - shade, 128]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

/// Runs a test on every database.
#[macro_export]
macro_rules! on_every_database {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident: $kind:ty) $body:block)*) => {$(
        $(#[$doc])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for engine in $crate::support::Engine::all() {
                let $world = <$kind>::new(engine).await;
                $body
            }
        }
    )*};
}
