//! Every route against what nobody should send, and against everybody who should not: one table of all routes, which
//! the OpenAPI document must agree with.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

use super::{Free, faults, offer};
use crate::{
    on_every_database,
    support::{Answer, Engine, Person, World},
};

/// A route, a good body for it (empty for none), and what others than the owner of the things in its path get: a
/// student of the same campus, and one of another. 0 where nothing is anybody's.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    body: &'static str,
    stranger: u16,
    foreigner: u16,
}

const fn route(method: &'static str, path: &'static str, body: &'static str, others: [u16; 2]) -> Route {
    Route { method, path, body, stranger: others[0], foreigner: others[1] }
}

pub const ROUTES: &[Route] = &[
    route(
        "POST",
        "/api/auth/register",
        r#"{"email":"new@uni.example","password":"a good password","name":"New"}"#,
        [0, 0],
    ),
    route("POST", "/api/auth/verify", r#"{"email":"new@uni.example","code":"000000"}"#, [0, 0]),
    route("POST", "/api/auth/verify/resend", r#"{"email":"new@uni.example"}"#, [0, 0]),
    route("POST", "/api/auth/login", r#"{"email":"new@uni.example","password":"x","device":"laptop"}"#, [0, 0]),
    route("POST", "/api/auth/refresh", r#"{"refresh_token":"czr_x"}"#, [0, 0]),
    route("POST", "/api/auth/logout", "", [0, 0]),
    route("GET", "/api/auth/sessions", "", [0, 0]),
    route("DELETE", "/api/auth/sessions/{id}", "", [404, 404]),
    route("POST", "/api/auth/password/forgot", r#"{"email":"new@uni.example"}"#, [0, 0]),
    route(
        "POST",
        "/api/auth/password/reset",
        r#"{"email":"new@uni.example","code":"000000","password":"a good password"}"#,
        [0, 0],
    ),
    route("PUT", "/api/auth/password", r#"{"current":"not this one","new":"a good password"}"#, [0, 0]),
    route("GET", "/api/auth/tokens", "", [0, 0]),
    route("POST", "/api/auth/tokens", r#"{"name":"script","scopes":["read"],"expires_in_days":9}"#, [0, 0]),
    route("DELETE", "/api/auth/tokens/{id}", "", [404, 404]),
    route("GET", "/api/users/me", "", [0, 0]),
    route("PATCH", "/api/users/me", r#"{"name":"Ana","residence":"x","phone":"x","hide_presence":true}"#, [0, 0]),
    route("DELETE", "/api/users/me", r#"{"password":"not this one"}"#, [0, 0]),
    route("GET", "/api/users/me/export", "", [0, 0]),
    route("GET", "/api/users/{id}", "", [200, 404]),
    route(
        "POST",
        "/api/setup",
        r#"{"token":"x","email":"new@uni.example","password":"a good password","name":"New"}"#,
        [0, 0],
    ),
    route("POST", "/api/images", "", [0, 0]),
    route("GET", "/api/images/queue", "", [403, 403]),
    route("GET", "/api/images/{id}", "", [200, 404]),
    route("GET", "/images/{key}/{file}", "", [0, 0]),
    route("GET", "/api/items", "", [0, 0]),
    route(
        "POST",
        "/api/items",
        r#"{"title":"A lamp","description":"x","price":5,"currency":"USD","listing":"sale","rent_period":null,
            "category":"other","condition":"good","pickup":"x","images":[],"draft":true}"#,
        [0, 0],
    ),
    route("GET", "/api/items/{id}", "", [200, 404]),
    route(
        "PATCH",
        "/api/items/{id}",
        r#"{"title":"A lamp","description":"x","price":5,"currency":"USD","listing":"sale","rent_period":null,
            "category":"other","condition":"good","pickup":"x"}"#,
        [403, 404],
    ),
    route("DELETE", "/api/items/{id}", "", [403, 404]),
    route("POST", "/api/items/{id}/publish", "", [403, 404]),
    route("POST", "/api/items/{id}/withdraw", "", [403, 404]),
    route("POST", "/api/items/{id}/relist", "", [403, 404]),
    route("POST", "/api/items/{id}/renew", "", [403, 404]),
    route("POST", "/api/items/{id}/sold", "", [403, 404]),
    route("PUT", "/api/items/{id}/images", r#"{"images":[]}"#, [403, 404]),
    route("PUT", "/api/items/{id}/favorite", "", [204, 404]),
    route("DELETE", "/api/items/{id}/favorite", "", [204, 404]),
    route("POST", "/api/items/{id}/unlock", "", [200, 404]),
    route("GET", "/api/bookings", "", [0, 0]),
    route("GET", "/api/bookings/{id}", "", [404, 404]),
    route("POST", "/api/bookings/{id}/accept", "", [404, 404]),
    route("POST", "/api/bookings/{id}/counter", r#"{"price":5,"version":1}"#, [404, 404]),
    route("POST", "/api/bookings/{id}/decline", r#"{"reason":"x"}"#, [404, 404]),
    route("POST", "/api/bookings/{id}/cancel", r#"{"reason":"x"}"#, [404, 404]),
    route("POST", "/api/bookings/{id}/extend", "", [404, 404]),
    route("POST", "/api/bookings/{id}/complete", r#"{"handover_code":"000000"}"#, [404, 404]),
    route("POST", "/api/bookings/{id}/review", r#"{"rating":5,"comment":"x"}"#, [404, 404]),
    route("POST", "/api/reviews/{id}/answer", r#"{"answer":"x"}"#, [403, 404]),
    route("GET", "/api/users/{id}/reviews", "", [200, 404]),
    route("GET", "/api/searches", "", [0, 0]),
    route("POST", "/api/searches", r#"{"name":"Chairs","query":"chair","digest":true}"#, [0, 0]),
    route("PATCH", "/api/searches/{id}", r#"{"name":"Tables","query":"table","digest":true}"#, [404, 404]),
    route("DELETE", "/api/searches/{id}", "", [404, 404]),
    route("GET", "/api/searches/{id}/matches", "", [404, 404]),
    route("GET", "/api/notifications", "", [0, 0]),
    route("DELETE", "/api/notifications", "", [0, 0]),
    route("POST", "/api/notifications/read", r#"{"ids":["$notification"]}"#, [404, 404]),
    route("DELETE", "/api/notifications/{id}", "", [404, 404]),
    route("GET", "/api/notifications/preferences", "", [0, 0]),
    route("PATCH", "/api/notifications/preferences", r#"{"muted":["tokens"],"digest":true}"#, [0, 0]),
    route("GET", "/api/chats", "", [0, 0]),
    route("POST", "/api/chats", r#"{"item_id":"$item"}"#, [201, 404]),
    // It opens the chat by itself.
    route(
        "POST",
        "/api/items/{id}/bookings",
        r#"{"message":"x","offered_price":5,"meet_at":"2030-01-01T00:00:00Z","meet_place":"x","from":null,"to":null}"#,
        [201, 404],
    ),
    route("GET", "/api/chats/{id}", "", [404, 404]),
    route("GET", "/api/chats/{id}/messages", "", [404, 404]),
    route("POST", "/api/chats/{id}/messages", r#"{"client_id":"c","body":"x"}"#, [404, 404]),
    route("POST", "/api/chats/{id}/read", r#"{"seq":0}"#, [404, 404]),
    route("GET", "/api/ws", "", [0, 0]),
    route("GET", "/api/meta", "", [0, 0]),
];

/// What may be called without a token.
pub const OPEN: [(&str, &str); 10] = [
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/verify"),
    ("POST", "/api/auth/verify/resend"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/setup"),
    ("POST", "/api/auth/password/forgot"),
    ("POST", "/api/auth/password/reset"),
    ("GET", "/images/{key}/{file}"),
    ("GET", "/api/meta"),
];

/// Method and path of every operation of an OpenAPI document.
pub fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().expect("operations").keys();
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

impl Route {
    fn is_open(&self) -> bool {
        // The socket may say who it is later.
        OPEN.contains(&(self.method, self.path)) || self.path == "/api/ws"
    }

    /// Whether it reads a body as JSON, be it only to see that there is none.
    fn takes_json(&self) -> bool {
        !self.body.is_empty() || (self.method == "POST" && self.path != "/api/images")
    }

    fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }
}

/// Ana, what is hers, and two others.
struct Stage {
    world: Free,
    ana: Person,
    stranger: Person,
    foreigner: Person,
    item: String,
    chat: String,
    booking: String,
    review: String,
    image: String,
    session: String,
    token: String,
    search: String,
    notification: String,
}

impl std::ops::Deref for Stage {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Stage {
    async fn new(engine: Engine) -> Self {
        let world = Free::new(engine).await;
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let stranger = world.sign_up("cem@uni.example", "Cem").await;
        let foreigner = world.sign_up("eve@other.example", "Eve").await;
        let image = world.picture(&ana, 7).await;
        let item = offer(&world, &ana, "A lamp", json!({"images": [image]})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");
        let (booking, review) = deal(&world, &ana, &ben).await;
        let wish = json!({"name": "script", "scopes": ["read"]});
        let token = world.post(&ana, "/api/auth/tokens", wish).await.expect(201).text("/id");
        super::again(&world, &ana).await;
        let sessions = world.get(&ana, "/api/auth/sessions").await.json();
        let spare = sessions["sessions"].as_array().into_iter().flatten().find(|session| session["current"] == false);
        let session = spare.and_then(|session| session["id"].as_str()).expect("another session").to_owned();
        let wish = json!({"name": "Lamps", "query": "lamp"});
        let search = world.post(&ana, "/api/searches", wish).await.expect(201).text("/id");
        let said = json!({"client_id": "a", "body": "Still there?"});
        world.post(&ben, &format!("/api/chats/{chat}/messages"), said).await.expect(201);
        let notification = world.get(&ana, "/api/notifications").await.text("/notifications/0/id");
        Self {
            world,
            ana,
            stranger,
            foreigner,
            item,
            chat,
            booking,
            review,
            image,
            session,
            token,
            search,
            notification,
        }
    }

    /// The path of a route with Ana's ids in it.
    fn path(&self, route: &Route) -> String {
        let id = match route.path.split('/').nth(2) {
            Some("items") => &self.item,
            Some("chats") => &self.chat,
            Some("images") => &self.image,
            Some("bookings") => &self.booking,
            Some("reviews") => &self.review,
            Some("users") => &self.ana.id,
            Some("searches") => &self.search,
            Some("notifications") => &self.notification,
            _ if route.path.contains("/sessions/") => &self.session,
            _ => &self.token,
        };
        route.path.replace("{id}", id).replace("{key}", &"0".repeat(64)).replace("{file}", "large.webp")
    }

    fn body(&self, route: &Route) -> Value {
        let body = route.body.replace("$item", &self.item).replace("$notification", &self.notification);
        serde_json::from_str(&body).unwrap_or_default()
    }

    /// Sends bytes to a path as Ana.
    async fn raw(&self, route: &Route, path: &str, content_type: &str, bytes: Vec<u8>) -> Answer {
        let mut request = Request::builder()
            .method(route.method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.ana.token));
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        self.send(request.body(Body::from(bytes)).expect("a request")).await
    }

    async fn call_as(&self, who: &Person, route: &Route) -> Answer {
        self.call(&who.token, route.method, &self.path(route), self.body(route)).await
    }
}

/// A completed deal, and what the buyer wrote of the seller.
async fn deal(world: &World, seller: &Person, buyer: &Person) -> (String, String) {
    let item = offer(world, seller, "A desk", json!({})).await;
    let asked = world.post(buyer, &format!("/api/items/{item}/bookings"), json!({})).await.expect(201);
    let path = format!("/api/bookings/{}", asked.text("/id"));
    world.post(seller, &format!("{path}/accept"), json!({})).await.expect(200);
    let code = world.get(buyer, &path).await.expect(200).text("/handover_code");
    world.post(seller, &format!("{path}/complete"), json!({"handover_code": code})).await.expect(200);
    let review = world.post(buyer, &format!("{path}/review"), json!({"rating": 5})).await.expect(201).text("/id");
    world.post(seller, &format!("{path}/review"), json!({"rating": 5})).await.expect(201);
    (asked.text("/id"), review)
}

/// Refuses a failure of the server, and a refusal that is no problem document.
fn sane(answer: Answer, what: &str) -> Answer {
    let status = answer.status.as_u16();
    assert!(status < 500, "{what}: {status} {}", String::from_utf8_lossy(&answer.bytes));
    if status < 400 { answer } else { answer.expect(status) }
}

on_every_database! {
    async fn nobody_gets_anywhere_without_a_token(stage: Stage) {
        for route in ROUTES.iter().filter(|route| !route.is_open()) {
            let path = stage.path(route);
            let answer = stage.call("", route.method, &path, stage.body(route)).await;
            assert_eq!((answer.status.as_u16(), answer.text("/code")), (401, "unauthenticated".to_owned()), "{path}");
        }
    }

    async fn others_get_what_the_table_says(stage: Stage) {
        for route in ROUTES {
            for (who, expected) in [(&stage.foreigner, route.foreigner), (&stage.stranger, route.stranger)] {
                if expected != 0 {
                    let answer = sane(stage.call_as(who, route).await, route.path);
                    assert_eq!(answer.status, expected, "{} {} by {}", route.method, route.path, who.email);
                }
            }
        }
    }

    async fn bodies_that_are_no_json_objects_are_refused(stage: Stage) {
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
            let path = stage.path(route);
            for (what, content_type, bytes, status) in &cases {
                let what = format!("{} {path}: a body that is {what}", route.method);
                let answer = sane(stage.raw(route, &path, content_type, bytes.clone()).await, &what);
                assert!(!route.takes_json() || answer.status == *status, "{what}: {}", answer.status);
            }
        }
    }

    async fn wrong_types_are_refused_field_by_field(stage: Stage) {
        for route in ROUTES.iter().filter(|route| !route.body.is_empty()) {
            let (path, good) = (stage.path(route), stage.body(route));
            for field in good.as_object().expect("an object").keys() {
                let with = async |value: Value| {
                    let mut body = good.clone();
                    body[field] = value;
                    let what = format!("{} {path} with {body}", route.method);
                    sane(stage.call(&stage.ana.token, route.method, &path, body).await, &what)
                };
                let answer = with(json!({})).await.expect(422);
                let named = faults(&answer);
                assert_eq!(named, [(field.as_str(), "wrong_type")], "{} {path}", route.method);
                let odd = [json!([[]]), json!(["\0"]), json!(-1), json!(1e308), json!(""), json!("\0"), json!("' OR 1=1 --")];
                for value in odd {
                    with(value).await;
                }
                with(json!("x".repeat(200_000))).await;
            }
        }
    }

    async fn fields_nobody_asked_for_are_refused(stage: Stage) {
        for route in ROUTES.iter().filter(|route| route.takes_json()) {
            let mut body = stage.body(route);
            body["nonsense"] = json!(1);
            let answer = stage.call(&stage.ana.token, route.method, &stage.path(route), body).await;
            let answer = sane(answer, route.path).expect(422);
            assert!(faults(&answer).contains(&("nonsense", "unknown_field")), "{} {}", route.method, route.path);
        }
    }

    async fn queries_nobody_asked_for_are_refused(stage: Stage) {
        for route in ROUTES {
            let path = stage.path(route);
            for query in ["%ff=%00", "&&&", "=", "a=b&a=c&a", "%", "limit=1&limit=2", "cursor[]=x"] {
                let answer = stage.call("", route.method, &format!("{path}?{query}"), stage.body(route)).await;
                sane(answer, &format!("{} {path}?{query}", route.method));
            }
            if route.is_api() {
                let answer = stage.call(&stage.ana.token, route.method, &format!("{path}?nonsense=1"), stage.body(route)).await;
                assert_eq!(answer.status, 422, "{} {path}", route.method);
                assert_eq!(faults(&answer), [("nonsense", "unknown_field")], "{} {path}", route.method);
            }
        }
    }

    async fn ids_that_name_nothing_are_not_found(stage: Stage) {
        let junk = ["x", "itm_", "itm", "_", "%00", "%2e%2e%2f", "%F0%9F%92%A1", "%ff", "-1", "'", "me%20", "itm_%20"];
        let mut ids: Vec<String> = junk.map(str::to_owned).to_vec();
        ids.push("9".repeat(5_000));
        let all = [
            &stage.item,
            &stage.chat,
            &stage.booking,
            &stage.image,
            &stage.ana.id,
            &stage.session,
            &stage.token,
            &stage.search,
            &stage.notification,
        ];
        ids.extend(all.map(|id| id.to_uppercase()));
        ids.extend(all.map(|id| format!("{id}0")));
        ids.extend(all.map(|id| id[..id.len() - 1].to_owned()));
        for route in ROUTES.iter().filter(|route| route.path.contains("{id}")) {
            let own = stage.path(route);
            let others = all.into_iter().filter(|id| !own.contains(id.as_str()));
            for id in ids.iter().chain(others) {
                let path = route.path.replace("{id}", id);
                let answer = stage.call(&stage.ana.token, route.method, &path, stage.body(route)).await;
                assert_eq!(sane(answer, &path).status, 404, "{} {path}", route.method);
            }
        }
        for id in ids.iter().filter(|id| !id.contains('%')) {
            let answer = stage.post(&stage.stranger, "/api/chats", json!({"item_id": id})).await.expect(422);
            assert_eq!(faults(&answer), [("item_id", "invalid")], "{id}");
        }
    }

    async fn foreign_cursors_are_refused(stage: Stage) {
        let document = stage.call("", "GET", "/api/openapi.json", Value::Null).await.json();
        let has_cursor = |route: &&Route| {
            let parameters = &document["paths"][route.path][route.method.to_lowercase()]["parameters"];
            parameters.as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "cursor"))
        };
        let lists: Vec<&Route> = ROUTES.iter().filter(has_cursor).collect();
        assert!(lists.len() >= 2);
        for route in lists {
            for cursor in ["x", "%00", "AAAA", "null", "-1", &"A".repeat(10_000), "eyJhIjoxfQ", "%ff"] {
                let path = format!("{}?cursor={cursor}", stage.path(route));
                let answer = sane(stage.get(&stage.ana, &path).await, &path).expect(422);
                assert_eq!(faults(&answer), [("cursor", "invalid")], "{path}");
            }
        }
    }

    async fn odd_headers_harm_nothing(stage: Stage) {
        let headers: [(&str, &str); 10] = [
            ("if-match", ""), ("if-match", "\"\""), ("if-match", "nonsense"), ("if-none-match", "\"\",,"),
            ("x-request-id", "a b"), ("x-request-id", "../../etc"), ("accept", "text/html"), ("accept-encoding", "br;q=9"),
            ("range", "bytes=9-1"), ("expect", "nothing"),
        ];
        for route in ROUTES.iter().filter(|route| route.method == "GET" || route.method == "PATCH") {
            for header in headers {
                let path = stage.path(route);
                let answer = stage.call_with(&stage.ana.token, route.method, &path, stage.body(route), &[header]).await;
                let answer = sane(answer, &format!("{path} with {header:?}"));
                let id = answer.header("x-request-id");
                assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{id}");
            }
        }
        let echoed = stage.call_with("", "GET", "/api/meta", Value::Null, &[("x-request-id", "mine-1")]).await;
        assert_eq!(echoed.header("x-request-id"), "mine-1");
    }

    async fn paths_and_methods_that_are_not_there_are_problems_too(stage: Stage) {
        for path in ["/", "/api", "/api/", "/api/nothing", "/api/items/", "//api/items", "/api/items/x/y", "/images/a", "/%00"] {
            stage.get(&stage.ana, path).await.expect(404);
        }
        for (method, path) in [("PATCH", "/api/items"), ("GET", "/api/auth/login"), ("TRACE", "/api/meta"), ("FOO", "/api/meta")] {
            let answer = stage.call(&stage.ana.token, method, path, Value::Null).await.expect(405);
            assert_eq!(answer.text("/code"), "method_not_allowed");
        }
        let head = stage.call(&stage.ana.token, "HEAD", "/api/items", Value::Null).await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    }
}
