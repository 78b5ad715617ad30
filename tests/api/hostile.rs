//! Every route against what nobody should send.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

use super::{
    Free, faults,
    routes::{ROUTES, Route, Stage},
};
use crate::{
    on_every_database,
    support::{Answer, Engine, World},
};

/// A server with a stage on it.
struct Scene {
    world: Free,
    stage: Stage,
}

impl std::ops::Deref for Scene {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let world = Free::new(engine).await;
        let stage = Stage::new(&world).await;
        Self { world, stage }
    }

    /// Sends a body to a route as somebody it lets in.
    async fn send_to(&self, route: &Route, body: Value) -> Answer {
        let token = &self.stage.insider(route).token;
        self.call(token, route.method, &self.stage.path(route), body).await
    }

    /// Sends bytes to a path as somebody whom its route lets in.
    async fn raw(&self, route: &Route, path: &str, content_type: &str, bytes: Vec<u8>) -> Answer {
        let mut request = Request::builder()
            .method(route.method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.stage.insider(route).token));
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        self.send(request.body(Body::from(bytes)).expect("a request")).await
    }
}

/// Refuses a failure of the server, a refusal that is no problem document, and one that names no fault.
fn sane(answer: Answer, what: &str) -> Answer {
    let status = answer.status.as_u16();
    assert!(status < 500, "{what}: {status} {}", String::from_utf8_lossy(&answer.bytes));
    assert!(status != 422 || !faults(&answer).is_empty(), "{what}: refused without a fault");
    if status < 400 { answer } else { answer.expect(status) }
}

on_every_database! {
    async fn bodies_that_are_no_json_objects_are_refused(scene: Scene) {
        let deep = |open: &str| format!("{{\"a\":{}", open.repeat(100_000)).into_bytes();
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(300 * 1024)).into_bytes();
        let cases: [(&str, &str, Vec<u8>, u16); 14] = [
            ("malformed", "application/json", b"{\"a\":".to_vec(), 400),
            ("an array", "application/json", b"[]".to_vec(), 400),
            ("a text", "application/json", b"\"x\"".to_vec(), 400),
            ("null", "application/json", b"null".to_vec(), 400),
            ("two objects", "application/json", b"{}{}".to_vec(), 400),
            ("not UTF-8", "application/json", b"{\"a\":\"\xff\xfe\"}".to_vec(), 400),
            ("half a surrogate", "application/json", b"{\"a\":\"\\ud800\"}".to_vec(), 400),
            ("a byte order mark", "application/json", b"\xef\xbb\xbf{}".to_vec(), 400),
            ("deep lists", "application/json", deep("["), 400),
            ("deep objects", "application/json", deep("{\"a\":")[..200_000].to_vec(), 400),
            ("large", "application/json", large, 413),
            ("plain text", "text/plain", b"{}".to_vec(), 415),
            ("a form", "application/x-www-form-urlencoded", b"a=b".to_vec(), 415),
            ("of no type", "", b"{}".to_vec(), 415),
        ];
        for route in ROUTES {
            let path = scene.stage.path(route);
            for (what, content_type, bytes, status) in &cases {
                let what = format!("{} {path}: a body that is {what}", route.method);
                let answer = sane(scene.raw(route, &path, content_type, bytes.clone()).await, &what);
                assert!(!route.takes_json() || answer.status == *status, "{what}: {}", answer.status);
            }
        }
    }

    async fn wrong_types_are_refused_field_by_field(scene: Scene) {
        for route in ROUTES.iter().filter(|route| !route.body.is_empty()) {
            let (path, good) = (scene.stage.path(route), scene.stage.body(route));
            for field in good.as_object().expect("an object").keys() {
                let with = async |value: Value| {
                    let mut body = good.clone();
                    body[field] = value;
                    let what = format!("{} {path} with {body}", route.method);
                    sane(scene.send_to(route, body).await, &what)
                };
                let answer = with(json!({})).await.expect(422);
                let named = faults(&answer);
                assert_eq!(named, [(field.as_str(), "wrong_type")], "{} {path}", route.method);
                let odd = [json!(null), json!([[]]), json!(["\0"]), json!(-1), json!(1e308), json!(""), json!("\0"), json!("' OR 1=1 --")];
                for value in odd {
                    with(value).await;
                }
                with(json!("x".repeat(200_000))).await;
            }
        }
    }

    async fn fields_nobody_asked_for_are_refused(scene: Scene) {
        for route in ROUTES.iter().filter(|route| route.takes_json()) {
            let mut body = scene.stage.body(route);
            body["nonsense"] = json!(1);
            let answer = scene.send_to(route, body).await;
            let answer = sane(answer, route.path).expect(422);
            assert!(faults(&answer).contains(&("nonsense", "unknown_field")), "{} {}", route.method, route.path);
        }
    }

    async fn queries_nobody_asked_for_are_refused(scene: Scene) {
        for route in ROUTES {
            let path = scene.stage.path(route);
            for query in ["%ff=%00", "&&&", "=", "a=b&a=c&a", "%", "limit=1&limit=2", "cursor[]=x"] {
                let answer = scene.call("", route.method, &format!("{path}?{query}"), scene.stage.body(route)).await;
                sane(answer, &format!("{} {path}?{query}", route.method));
            }
            if route.is_api() {
                let answer = scene.call(&scene.stage.insider(route).token, route.method, &format!("{path}?nonsense=1"), scene.stage.body(route)).await;
                assert_eq!(answer.status, 422, "{} {path}", route.method);
                assert_eq!(faults(&answer), [("nonsense", "unknown_field")], "{} {path}", route.method);
            }
        }
    }

    async fn ids_that_name_nothing_are_not_found(scene: Scene) {
        let junk = ["x", "itm_", "itm", "_", "%00", "%2e%2e%2f", "%F0%9F%92%A1", "%ff", "-1", "'", "me%20", "itm_%20"];
        let mut ids: Vec<String> = junk.map(str::to_owned).to_vec();
        ids.push("9".repeat(5_000));
        let all = scene.stage.ids();
        ids.extend(all.iter().map(|id| id.to_uppercase()));
        ids.extend(all.iter().map(|id| format!("{id}0")));
        ids.extend(all.iter().map(|id| id[..id.len() - 1].to_owned()));
        for route in ROUTES.iter().filter(|route| route.path.contains("{id}")) {
            let own = scene.stage.path(route);
            // What is of another kind names nothing here.
            let others = all.iter().filter(|id| !own.contains(&id[..4]));
            for id in ids.iter().map(String::as_str).chain(others.copied()) {
                let path = scene.stage.path_with(route, id);
                let answer = scene.call(&scene.stage.insider(route).token, route.method, &path, scene.stage.body(route)).await;
                assert_eq!(sane(answer, &path).status, 404, "{} {path}", route.method);
            }
        }
        for id in ids.iter().filter(|id| !id.contains('%')) {
            let answer = scene.post(&scene.stage.stranger, "/api/chats", json!({"item_id": id})).await.expect(422);
            assert_eq!(faults(&answer), [("item_id", "invalid")], "{id}");
        }
    }

    async fn foreign_cursors_are_refused(scene: Scene) {
        let document = scene.call("", "GET", "/api/openapi.json", Value::Null).await.json();
        let has_cursor = |route: &&Route| {
            let parameters = &document["paths"][route.path][route.method.to_lowercase()]["parameters"];
            parameters.as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "cursor"))
        };
        let lists: Vec<&Route> = ROUTES.iter().filter(has_cursor).collect();
        assert!(lists.len() >= 2);
        for route in lists {
            for cursor in ["x", "%00", "AAAA", "null", "-1", &"A".repeat(10_000), "eyJhIjoxfQ", "%ff"] {
                let path = format!("{}?cursor={cursor}", scene.stage.path(route));
                let answer = sane(scene.get(scene.stage.insider(route), &path).await, &path).expect(422);
                assert_eq!(faults(&answer), [("cursor", "invalid")], "{path}");
            }
        }
    }

    async fn odd_headers_harm_nothing(scene: Scene) {
        let headers: [(&str, &str); 10] = [
            ("if-match", ""), ("if-match", "\"\""), ("if-match", "nonsense"), ("if-none-match", "\"\",,"),
            ("x-request-id", "a b"), ("x-request-id", "../../etc"), ("accept", "text/html"), ("accept-encoding", "br;q=9"),
            ("range", "bytes=9-1"), ("expect", "nothing"),
        ];
        for route in ROUTES.iter().filter(|route| route.method == "GET" || route.method == "PATCH") {
            for header in headers {
                let path = scene.stage.path(route);
                let answer = scene.call_with(&scene.stage.insider(route).token, route.method, &path, scene.stage.body(route), &[header]).await;
                let answer = sane(answer, &format!("{path} with {header:?}"));
                let id = answer.header("x-request-id");
                assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{id}");
            }
        }
        let echoed = scene.call_with("", "GET", "/api/meta", Value::Null, &[("x-request-id", "mine-1")]).await;
        assert_eq!(echoed.header("x-request-id"), "mine-1");
    }

    async fn headers_that_a_route_reads_are_documented(scene: Scene) {
        let document = scene.call("", "GET", "/api/openapi.json", Value::Null).await.expect(200).json();
        // These would sign out whoever calls.
        let keeps_session = |route: &&Route| !route.path.starts_with("/api/auth/logout") && !route.path.starts_with("/api/auth/sessions");
        for route in ROUTES.iter().filter(keeps_session) {
            for (name, bad) in [("Idempotency-Key", "a key with blanks"), ("If-Match", "\u{e9}")] {
                let path = scene.stage.path(route);
                let answer = scene.call_with(&scene.stage.insider(route).token, route.method, &path, scene.stage.body(route), &[(name, bad)]).await;
                let reads_it = answer.status == 400 && answer.json()["detail"].as_str().is_some_and(|detail| detail.contains(name));
                let operation = &document["paths"][route.path][route.method.to_lowercase()];
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let is_documented = parameters.filter(|parameter| parameter["in"] == "header").any(|parameter| parameter["name"] == name);
                assert_eq!(reads_it, is_documented, "{} {} and {name}", route.method, route.path);
            }
        }
    }

    async fn paths_and_methods_that_are_not_there_are_problems_too(scene: Scene) {
        for path in ["/", "/api", "/api/", "/api/nothing", "/api/items/", "//api/items", "/api/items/x/y", "/images/a", "/%00"] {
            scene.get(&scene.stage.ana, path).await.expect(404);
        }
        for (method, path) in [("PATCH", "/api/items"), ("GET", "/api/auth/login"), ("TRACE", "/api/meta"), ("FOO", "/api/meta")] {
            let answer = scene.call(&scene.stage.ana.token, method, path, Value::Null).await.expect(405);
            assert_eq!(answer.text("/code"), "method_not_allowed");
        }
        let head = scene.call(&scene.stage.ana.token, "HEAD", "/api/items", Value::Null).await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    }
}
