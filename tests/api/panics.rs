//! A fault of ours that panics ends the request or the job it is in, and nothing else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use axum::{body::Body, http::Request};
use campuszon_core::Timestamp;
use campuszon_server::platform::{
    entropy::{Clock, ManualClock},
    jobs::Kind,
};
use serde_json::json;
use tower::ServiceExt;

use crate::{
    on_every_database,
    support::{Engine, PASSWORD, World, code_in},
};

const EMAIL: &str = "ana@uni.example";

/// A clock that panics once when it is armed and asked by a task, which is where handlers and jobs run here.
struct Treacherous {
    clock: Arc<ManualClock>,
    armed: Arc<AtomicBool>,
}

impl Clock for Treacherous {
    fn now(&self) -> Timestamp {
        let is_task = thread::current().name() == Some("tokio-rt-worker");
        assert!(!(is_task && self.armed.swap(false, Ordering::SeqCst)), "planted");
        self.clock.now()
    }
}

struct Scene {
    world: World,
    armed: Arc<AtomicBool>,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let armed = Arc::<AtomicBool>::default();
        let arms = Arc::clone(&armed);
        let world = World::ticking(engine, "", None, |clock| Arc::new(Treacherous { clock, armed: arms })).await;
        Self { world, armed }
    }

    fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    fn has_gone_off(&self) -> bool {
        !self.armed.load(Ordering::SeqCst)
    }
}

on_every_database! {
    async fn a_panic_ends_one_request(scene: Scene) {
        let login = || {
            let body = json!({"email": EMAIL, "password": PASSWORD}).to_string();
            let request = Request::post("/api/auth/login").header("content-type", "application/json");
            let request = request.body(Body::from(body)).expect("a request");
            tokio::spawn(scene.world.router.clone().oneshot(request))
        };
        scene.arm();
        let answer = login().await.expect("a task that goes on").expect("an answer");
        assert!(scene.has_gone_off());
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let answer = login().await.expect("a task").expect("an answer");
        assert_eq!(answer.status(), 401, "nobody is registered");
    }

    /// Whose token it is, is asked before a handler is.
    async fn a_panic_while_the_caller_is_told_ends_one_request(scene: Scene) {
        let ana = scene.world.sign_up(EMAIL, "Ana").await;
        let me = || {
            let request = Request::get("/api/users/me").header("authorization", format!("Bearer {}", ana.token));
            let request = request.body(Body::empty()).expect("a request");
            tokio::spawn(scene.world.router.clone().oneshot(request))
        };
        scene.arm();
        let answer = me().await.expect("a task that goes on").expect("an answer");
        assert!(scene.has_gone_off());
        assert_eq!(answer.status(), 500);
        assert!(answer.headers().contains_key("x-request-id"));
        assert_eq!(me().await.expect("a task").expect("an answer").status(), 200);
    }

    /// The job is done again once nobody holds it any more.
    async fn a_panic_ends_one_job(scene: Scene) {
        let world = &scene.world;
        let body = json!({"email": EMAIL, "password": PASSWORD, "name": "Ana"});
        world.call("", "POST", "/api/auth/register", body).await.expect(202);
        scene.arm();
        let lease_ends = async {
            while !scene.has_gone_off() {
                tokio::task::yield_now().await;
            }
            world.wait(Duration::from_secs(16));
        };
        tokio::join!(world.drain(Kind::Mail), lease_ends);
        assert_eq!(code_in(&world.mail_folder(), EMAIL).map(|code| code.len()), Some(6));
    }
}
