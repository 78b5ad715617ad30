//! The server's pages in a real browser: Debian's `chromium`, which `scripts/check` installs, led by its `chromedriver`.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

use super::{Campus, PATIENCE};
use crate::support::PASSWORD;

const EMAIL: &str = "ada+new@uni.example";

/// What an element is called in the protocol: <https://www.w3.org/TR/webdriver2/#elements>.
const ELEMENT: &str = "/element-6066-11e4-a52e-4f735466cecf";

/// A browser that reaches this machine alone.
struct Browser {
    session: String,
    http: reqwest::Client,
    driver: Child,
}

impl Browser {
    /// One with an empty profile; `None` where it is not installed and need not be.
    async fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        // A group of its own, which ends as a whole: the driver leaves its browser behind when it is killed.
        command.process_group(0).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut driver) = command.spawn() else {
            assert!(std::env::var_os("CAMPUSZON_TEST_BROWSER").is_none(), "chromedriver is not installed");
            eprintln!("skipped: there is no browser (Debian: chromium, chromium-driver)");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().expect("stdout")).lines();
        let started = |line: String| Some(line.strip_suffix('.')?.rsplit_once("successfully on port ")?.1.to_owned());
        let port = lines.find_map(|line| started(line.expect("text"))).expect("a port");
        // reqwest wants a provider even where nothing is encrypted; there may be one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().expect("a client");
        let args =
            ["--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
        let wish = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": args}, "timeouts": {"implicit": 10_000},
        }}});
        let mut browser = Self { session: format!("http://127.0.0.1:{port}/session"), http, driver };
        let made = browser.post("", wish).await;
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().expect("a session"));
        Some(browser)
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}{path}", self.session)).json(&body).send().await.expect("an answer");
        let (status, answer) = (answer.status(), answer.json::<Value>().await.expect("JSON"));
        assert!(status.is_success(), "{path} {body}: {answer}");
        answer["value"].clone()
    }

    async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    /// The path of an element, which is waited for.
    async fn find(&self, selector: &str) -> String {
        let found = self.post("/element", json!({"using": "css selector", "value": selector})).await;
        format!("/element/{}", found.pointer(ELEMENT).and_then(Value::as_str).expect("an element"))
    }

    async fn fill(&self, field: &str, text: &str) {
        let field = self.find(&format!("input[name={field}]")).await;
        self.post(&format!("{field}/clear"), json!({})).await;
        self.post(&format!("{field}/value"), json!({"text": text})).await;
    }

    async fn submit(&self) {
        let button = self.find("button").await;
        self.post(&format!("{button}/click"), json!({})).await;
    }

    async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    async fn text(&self, selector: &str) -> String {
        self.find(selector).await;
        self.run(&format!("return document.querySelector('{selector}').innerText"))
            .await
            .as_str()
            .expect("text")
            .to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.driver), Signal::KILL);
        let _ = self.driver.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_confirmed_and_a_password_set_where_the_mail_is_read() {
    let Some(browser) = Browser::start().await else { return };
    let campus = Campus::free_with(&[("NAME", "<b>Campus & Co</b>")]);
    let ada = campus.visitor();
    let register = ["auth", "register", "--email", EMAIL, "--name", "Ada", "--password-stdin"];
    ada.run_with(&register, &format!("{PASSWORD}\n")).expect(0);

    // The code of the mail, first mistyped.
    let code = campus.code(EMAIL);
    let link = campus.link(EMAIL);
    assert_eq!(link, format!("{}/verify", campus.url));
    browser.open(&link).await;
    assert_eq!(browser.text("small").await, "<b>Campus & Co</b>");
    browser.fill("email", EMAIL).await;
    browser.fill("code", if code == "000000" { "000001" } else { "000000" }).await;
    browser.submit().await;
    let wrong = browser.text("[role=alert]").await;
    assert_eq!(wrong, "The code is wrong or has ended: ask for another one.");
    assert_eq!(browser.run("return document.querySelector('[name=email]').value").await, EMAIL);
    browser.fill("code", &code).await;
    browser.submit().await;
    assert!(browser.text("[role=status]").await.starts_with("Your address is confirmed."));
    let login = ["auth", "login", "--email", EMAIL, "--password-stdin"];
    ada.run_with(&login, &format!("{PASSWORD}\n")).expect(0);

    // A new password, by the page that the next mail names.
    ada.run(&["auth", "password", "reset", "--email", EMAIL]).expect(0);
    let link =
        super::until("a mail with the other page", || Some(campus.link(EMAIL)).filter(|link| link.ends_with("/reset")));
    browser.open(&link).await;
    browser.fill("email", EMAIL).await;
    browser.fill("code", &campus.code(EMAIL)).await;
    browser.fill("password", "another horse, another battery").await;
    browser.submit().await;
    assert!(browser.text("[role=status]").await.starts_with("Your new password is set"));
    ada.run_with(&login, &format!("{PASSWORD}\n")).expect(4);
    ada.run_with(&login, "another horse, another battery\n").expect(0);
}

/// The API's document is drawn from what the server itself has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documentation_needs_no_internet() {
    let Some(browser) = Browser::start().await else { return };
    let campus = Campus::free();
    browser.open(&format!("{}/docs/", campus.url)).await;
    assert!(browser.text("[data-path=\"/api/auth/login\"]").await.contains("/api/auth/login"));
    let loaded = browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)").await;
    let elsewhere: Vec<&str> = loaded
        .as_array()
        .expect("names")
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| !name.starts_with(&campus.url) && !name.starts_with("data:"))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}
