//! Every route of the server in one table: a good body for it, and what each kind of caller gets. The OpenAPI document
//! must agree with it; `access.rs` calls every route as everybody, `hostile.rs` sends each what nobody should send.

use std::sync::atomic::{AtomicU32, Ordering};

use campuszon_core::{
    CampusId, ImageId, UserId,
    permission::{Role, UserStatus},
    wire::{image::ImageStatus, wallet::TokenReason},
};
use campuszon_server::{
    App, Error,
    images::store::StoredImage,
    platform::{database::Tx, maintenance},
    trust::maintenance::node,
    users::{ledger, sessions, store},
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::offer;
use crate::support::{Answer, PASSWORD, Person, World};

/// Who calls, in the order of a row. The things in a path are the owner's.
pub const CALLERS: [&str; 9] = [
    "nobody",
    "unverified",
    "suspended",
    "stranger",
    "stranger of another campus",
    "owner",
    "moderator",
    "moderator of another campus",
    "administrator",
];

/// A route, a good body for it (empty for none), and the status that each caller gets.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub body: &'static str,
    pub access: [u16; 9],
}

const fn route(method: &'static str, path: &'static str, body: &'static str, access: [u16; 9]) -> Route {
    Route { method, path, body, access }
}

/// Open to everybody, with or without a token.
const fn open(status: u16) -> [u16; 9] {
    [status; 9]
}

/// For everybody who is signed in: about what is theirs, or their campus's.
const fn all(status: u16) -> [u16; 9] {
    [401, 403, 403, status, status, status, status, status, status]
}

/// About a thing that its whole campus sees.
const fn campus(status: u16) -> [u16; 9] {
    owner(status, status)
}

/// About a thing: what its owner gets, and what the others of its campus get.
const fn owner(own: u16, others: u16) -> [u16; 9] {
    [401, 403, 403, others, 404, own, others, 404, others]
}

/// For moderators, about their campus.
const fn moderators(status: u16) -> [u16; 9] {
    [401, 403, 403, 403, 403, 403, status, status, status]
}

/// For moderators, about a thing.
const fn moderated(status: u16) -> [u16; 9] {
    [401, 403, 403, 403, 403, 403, status, 404, status]
}

/// For administrators.
const fn administrators(status: u16) -> [u16; 9] {
    [401, 403, 403, 403, 403, 403, 403, 403, status]
}

pub const ROUTES: &[Route] = &[
    // users
    route(
        "POST",
        "/api/auth/register",
        r#"{"email":"new@uni.example","password":"a good password","name":"New"}"#,
        open(202),
    ),
    route("POST", "/api/auth/verify", r#"{"email":"new@uni.example","code":"000000"}"#, open(422)),
    route("POST", "/api/auth/verify/resend", r#"{"email":"new@uni.example"}"#, open(202)),
    route("POST", "/api/auth/login", r#"{"email":"new@uni.example","password":"x","device":"laptop"}"#, open(401)),
    route("POST", "/api/auth/refresh", r#"{"refresh_token":"czr_x"}"#, open(401)),
    route("POST", "/api/auth/logout", "", all(204)),
    route("GET", "/api/auth/sessions", "", all(200)),
    route("DELETE", "/api/auth/sessions/{id}", "", owner(204, 404)),
    route("POST", "/api/auth/password/forgot", r#"{"email":"new@uni.example"}"#, open(202)),
    route(
        "POST",
        "/api/auth/password/reset",
        r#"{"email":"new@uni.example","code":"000000","password":"a good password"}"#,
        open(422),
    ),
    route("PUT", "/api/auth/password", r#"{"current":"not this one","new":"a good password"}"#, all(422)),
    route("GET", "/api/auth/tokens", "", all(200)),
    route("POST", "/api/auth/tokens", r#"{"name":"script","scopes":["read"],"expires_in_days":9}"#, all(201)),
    route("DELETE", "/api/auth/tokens/{id}", "", owner(204, 404)),
    route("GET", "/api/users/me", "", all(200)),
    route("PATCH", "/api/users/me", r#"{"name":"Ana","residence":"x","phone":"x","hide_presence":true}"#, all(200)),
    route("DELETE", "/api/users/me", r#"{"password":"not this one"}"#, all(422)),
    route("GET", "/api/users/me/export", "", all(200)),
    route("GET", "/api/users/{id}", "", campus(200)),
    route("GET", "/api/users/{id}/reviews", "", campus(200)),
    route("PUT", "/api/users/{id}/block", "", owner(409, 204)),
    route("DELETE", "/api/users/{id}/block", "", owner(409, 204)),
    route("GET", "/api/tokens", "", all(200)),
    route("POST", "/api/tokens/redeem", r#"{"code":"$voucher"}"#, [401, 403, 403, 200, 422, 200, 200, 422, 200]),
    route(
        "POST",
        "/api/setup",
        r#"{"token":"x","email":"new@uni.example","password":"a good password","name":"New"}"#,
        open(404),
    ),
    // notifications
    route("GET", "/api/notifications", "", all(200)),
    route("DELETE", "/api/notifications", "", all(204)),
    route(
        "POST",
        "/api/notifications/read",
        r#"{"ids":["$notification"]}"#,
        [401, 403, 403, 404, 404, 204, 404, 404, 404],
    ),
    route("DELETE", "/api/notifications/{id}", "", owner(204, 404)),
    route("GET", "/api/notifications/preferences", "", all(200)),
    route("PATCH", "/api/notifications/preferences", r#"{"muted":["tokens"],"digest":true}"#, all(200)),
    // images
    route("POST", "/api/images", "", all(422)),
    route("GET", "/api/images/queue", "", administrators(200)),
    route("POST", "/api/images/queue/retry", "", administrators(200)),
    route("GET", "/api/images/{id}", "", campus(200)),
    route("GET", "/images/{key}/{file}", "", open(404)),
    // items
    route("GET", "/api/items", "", all(200)),
    route(
        "POST",
        "/api/items",
        r#"{"title":"A lamp","description":"x","price":5,"currency":"USD","listing":"sale","rent_period":null,
            "category":"other","condition":"good","pickup":"x","images":[],"draft":true}"#,
        all(201),
    ),
    route("GET", "/api/items/{id}", "", campus(200)),
    route(
        "PATCH",
        "/api/items/{id}",
        r#"{"title":"A lamp","description":"x","price":5,"currency":"USD","listing":"sale","rent_period":null,
            "category":"other","condition":"good","pickup":"x"}"#,
        owner(200, 403),
    ),
    route("DELETE", "/api/items/{id}", "", owner(204, 403)),
    route("POST", "/api/items/{id}/publish", "", owner(409, 403)),
    route("POST", "/api/items/{id}/withdraw", "", owner(200, 403)),
    route("POST", "/api/items/{id}/relist", "", owner(409, 403)),
    route("POST", "/api/items/{id}/renew", "", owner(200, 403)),
    route("POST", "/api/items/{id}/sold", "", owner(200, 403)),
    route("PUT", "/api/items/{id}/images", r#"{"images":[]}"#, owner(200, 403)),
    route("PUT", "/api/items/{id}/favorite", "", campus(204)),
    route("DELETE", "/api/items/{id}/favorite", "", campus(204)),
    route("GET", "/api/searches", "", all(200)),
    route("POST", "/api/searches", r#"{"name":"Chairs","query":"chair","digest":true}"#, all(201)),
    route("PATCH", "/api/searches/{id}", r#"{"name":"Tables","query":"table","digest":true}"#, owner(200, 404)),
    route("DELETE", "/api/searches/{id}", "", owner(204, 404)),
    route("GET", "/api/searches/{id}/matches", "", owner(200, 404)),
    // deals: those of a completed booking
    route("POST", "/api/items/{id}/unlock", "", owner(409, 200)),
    route(
        "POST",
        "/api/items/{id}/bookings",
        r#"{"message":"x","offered_price":5,"meet_at":"2030-01-01T00:00:00Z","meet_place":"x","from":null,"to":null}"#,
        owner(409, 201),
    ),
    route("GET", "/api/bookings", "", all(200)),
    route("GET", "/api/bookings/{id}", "", owner(200, 404)),
    route("POST", "/api/bookings/{id}/accept", "", owner(409, 404)),
    route("POST", "/api/bookings/{id}/counter", r#"{"price":5,"version":1}"#, owner(409, 404)),
    route("POST", "/api/bookings/{id}/decline", r#"{"reason":"x"}"#, owner(409, 404)),
    route("POST", "/api/bookings/{id}/cancel", r#"{"reason":"x"}"#, owner(409, 404)),
    route("POST", "/api/bookings/{id}/extend", "", owner(409, 404)),
    route("POST", "/api/bookings/{id}/complete", r#"{"handover_code":"000000"}"#, owner(409, 404)),
    route("POST", "/api/bookings/{id}/review", r#"{"rating":5,"comment":"x"}"#, owner(409, 404)),
    route("POST", "/api/reviews/{id}/answer", r#"{"answer":"x"}"#, owner(200, 403)),
    // chat
    route("GET", "/api/chats", "", all(200)),
    route("POST", "/api/chats", r#"{"item_id":"$item"}"#, owner(409, 201)),
    route("GET", "/api/chats/{id}", "", owner(200, 404)),
    route("GET", "/api/chats/{id}/messages", "", owner(200, 404)),
    route("POST", "/api/chats/{id}/messages", r#"{"client_id":"c","body":"x"}"#, owner(201, 404)),
    route("POST", "/api/chats/{id}/messages", r#"{"client_id":"p","image":"$image"}"#, owner(201, 404)),
    route("PATCH", "/api/chats/{id}", r#"{"muted":true}"#, owner(200, 404)),
    // Ana may not touch what Ben wrote.
    route("PATCH", "/api/chats/{id}/messages/{msg}", r#"{"body":"x"}"#, owner(403, 404)),
    route("DELETE", "/api/chats/{id}/messages/{msg}", "", owner(403, 404)),
    route("POST", "/api/chats/{id}/read", r#"{"seq":0}"#, owner(204, 404)),
    // The socket may say who it is later, and this is none.
    route("GET", "/api/ws", "", [400, 403, 403, 400, 400, 400, 400, 400, 400]),
    // trust
    route("POST", "/api/items/{id}/report", r#"{"reason":"spam","detail":"x"}"#, owner(409, 201)),
    route("POST", "/api/users/{id}/report", r#"{"reason":"spam","detail":"x"}"#, owner(409, 201)),
    route("POST", "/api/chats/{id}/messages/{msg}/report", r#"{"reason":"spam","detail":"x"}"#, owner(201, 404)),
    route("GET", "/api/admin/users", "", moderators(200)),
    route("GET", "/api/admin/items", "", moderators(200)),
    route("GET", "/api/admin/reports", "", moderators(200)),
    route("GET", "/api/admin/audit", "", moderators(200)),
    route("GET", "/api/admin/stats", "", moderators(200)),
    route("PATCH", "/api/admin/users/{id}", r#"{"role":"student"}"#, administrators(200)),
    route("POST", "/api/admin/users/{id}/suspend", r#"{"reason":"spam"}"#, moderated(200)),
    route("POST", "/api/admin/users/{id}/sign-out", r#"{"reason":"x"}"#, moderated(200)),
    route("POST", "/api/admin/users/{id}/restore", r#"{"reason":"x"}"#, moderated(409)),
    route("POST", "/api/admin/users/{id}/warn", r#"{"message":"no spam"}"#, moderated(200)),
    route("POST", "/api/admin/users/{id}/grant", r#"{"tokens":1,"reason":"x"}"#, administrators(200)),
    route("POST", "/api/admin/items/{id}/remove", r#"{"reason":"spam"}"#, moderated(200)),
    route("POST", "/api/admin/items/{id}/restore", r#"{"reason":"x"}"#, moderated(409)),
    route("POST", "/api/admin/reports/{id}/dismiss", r#"{"reason":"x"}"#, moderated(200)),
    route("GET", "/api/admin/campuses", "", administrators(200)),
    route("POST", "/api/admin/campuses", r#"{"name":"New","domains":["new.example"]}"#, administrators(201)),
    route(
        "PATCH",
        "/api/admin/campuses/{id}",
        r#"{"name":"Changed","add_domains":["more.example"],"remove_domains":["less.example"]}"#,
        administrators(200),
    ),
    route("GET", "/api/admin/vouchers", "", administrators(200)),
    route("POST", "/api/admin/vouchers", r#"{"tokens":1,"uses":1,"expires_in_days":1}"#, administrators(201)),
    route("DELETE", "/api/admin/vouchers/{code}", "", administrators(204)),
    // gateway
    route("GET", "/api/meta", "", open(200)),
    // maintenance, last: what begins here holds for all that would follow
    route("GET", "/api/admin/maintenance", "", administrators(200)),
    route("DELETE", "/api/admin/maintenance", "", administrators(204)),
    route("PUT", "/api/admin/maintenance", r#"{"message":"Back at six"}"#, administrators(200)),
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

impl Route {
    /// Whether it reads a body as JSON, be it only to see that there is none.
    pub fn takes_json(&self) -> bool {
        !self.body.is_empty() || (self.method == "POST" && self.path != "/api/images")
    }

    pub fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    fn is_administrative(&self) -> bool {
        self.path.starts_with("/api/admin/") || self.path.starts_with("/api/images/queue")
    }
}

/// Method and path of every operation of an OpenAPI document.
pub fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().expect("operations").keys();
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// The hash of everybody's password, made once.
async fn hash(world: &World) -> String {
    static HASH: OnceCell<String> = OnceCell::const_new();
    let made = async || world.app.passwords.hash(PASSWORD.to_owned(), [7; 16]).await.expect("a hash");
    HASH.get_or_init(made).await.clone()
}

/// Opens an account and signs in.
fn join(
    tx: &mut Tx<'_>,
    app: &App,
    hash: &str,
    campus: CampusId,
    (name, role): (&str, Role),
) -> Result<(UserId, Person), Error> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let id: UserId = tx.new_id();
    let email = format!("{name}{}@uni.example", NUMBER.fetch_add(1, Ordering::Relaxed)).to_lowercase();
    store::insert_user(tx, campus, id, &email, name, hash, UserStatus::Active)?;
    store::set_role(tx, campus, id, role)?;
    let user = store::user(tx, campus, id)?.expect("a user");
    let tokens = sessions::open(tx, &app.keys, &app.settings.sessions, &user, None)?;
    Ok((id, Person { email, id: id.to_string(), token: tokens.access_token, refresh: tokens.refresh_token }))
}

/// Opens an account on a campus, without mails and codes.
pub async fn enroll(world: &World, campus: CampusId, name: &'static str, role: Role) -> Person {
    let (app, hash) = (world.app.clone(), hash(world).await);
    let enrolled = world.app.write(move |tx| join(tx, &app, &hash, campus, (name, role)));
    enrolled.await.expect("an account").1
}

fn found_in(tx: &mut Tx<'_>) -> Result<CampusId, Error> {
    let id: CampusId = tx.new_id();
    store::insert_campus(tx, id, &id.to_string())?;
    Ok(id)
}

/// A new campus.
pub async fn found(world: &World) -> CampusId {
    world.app.write(found_in).await.expect("a campus")
}

/// Sets how an account stands behind the server's back.
pub async fn set_status(world: &World, campus: CampusId, who: &Person, status: UserStatus) {
    let id = who.id.parse().expect("an id");
    world.app.write(move |tx| Ok(store::set_status(tx, campus, id, status)?)).await.expect("a write");
}

/// A campus with Ana, what is hers, and everybody who may call for it.
pub struct Stage {
    pub ana: Person,
    pub stranger: Person,
    pub administrator: Person,
    callers: Vec<Person>,
    /// What begins a path, and the id that stands in it. The first that fits counts.
    ids: Vec<(&'static str, String)>,
    item: String,
    /// One of Ana's that belongs to nothing.
    image: String,
    message: String,
    voucher: String,
    notification: String,
}

impl Stage {
    pub async fn new(world: &World) -> Self {
        reopen(world).await;
        let Company {
            campus,
            ana,
            ben,
            stranger,
            foreigner,
            unverified,
            suspended,
            moderator,
            foreign_moderator,
            administrator,
        } = company(world).await;
        let image = picture(world, campus, &ana).await;
        let item = offer(world, &ana, "A lamp", json!({"images": [image]})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");
        let hello = json!({"client_id": "hello", "body": "Hello"});
        let message = world.post(&ben, &format!("/api/chats/{chat}/messages"), hello).await.expect(201).text("/id");
        let notification = world.get(&ana, "/api/notifications").await.expect(200).text("/notifications/0/id");
        let (booking, review) = deal(world, &ana, &ben).await;
        let wish = json!({"name": "Lamps", "query": "lamp"});
        let search = world.post(&ana, "/api/searches", wish).await.expect(201).text("/id");
        let wish = json!({"name": "script", "scopes": ["read"]});
        let token = world.post(&ana, "/api/auth/tokens", wish).await.expect(201).text("/id");
        let session = another_session(world, campus, &ana).await;
        // Moderators act on somebody else, so that Ana stays able to call.
        let desk = offer(world, &ben, "A desk", json!({})).await;
        let report = format!("/api/items/{desk}/report");
        let report = world.post(&ana, &report, json!({"reason": "spam"})).await.expect(201).text("/id");
        let wish = json!({"tokens": 1, "uses": 9});
        let voucher = world.post(&administrator, "/api/admin/vouchers", wish).await.expect(201).text("/code");
        let ids = vec![
            ("/api/admin/campuses/", campus.to_string()),
            ("/api/admin/users/", ben.id.clone()),
            ("/api/admin/items/", desk),
            ("/api/admin/reports/", report),
            ("/api/auth/sessions/", session),
            ("/api/auth/tokens/", token),
            ("/api/users/", ana.id.clone()),
            ("/api/items/", item.clone()),
            ("/api/chats/", chat),
            ("/api/bookings/", booking),
            ("/api/reviews/", review),
            ("/api/searches/", search),
            ("/api/notifications/", notification.clone()),
            ("/api/images/", image),
        ];
        let nobody = Person { token: String::new(), ..ana.clone() };
        let callers = vec![
            nobody,
            unverified,
            suspended,
            stranger.clone(),
            foreigner,
            ana.clone(),
            moderator,
            foreign_moderator,
            administrator.clone(),
        ];
        let image = picture(world, campus, &ana).await;
        Self { notification, ana, stranger, administrator, callers, ids, item, image, message, voucher }
    }

    /// Everybody who calls, in the order of [`CALLERS`].
    pub fn callers(&self) -> &[Person] {
        &self.callers
    }

    /// Whom a route lets in, so that more can be tried on it: Ana, or the administrator.
    pub fn insider(&self, route: &Route) -> &Person {
        if route.is_administrative() { &self.administrator } else { &self.ana }
    }

    /// The ids of all that is there.
    pub fn ids(&self) -> Vec<&str> {
        self.ids.iter().map(|(_, id)| id.as_str()).chain([self.message.as_str()]).collect()
    }

    /// The path of a route with the ids of what is there in it.
    pub fn path(&self, route: &Route) -> String {
        let known = self.ids.iter().find(|(start, _)| route.path.starts_with(start));
        self.path_with(route, known.map_or("", |(_, id)| id))
    }

    /// The path of a route with this id in it.
    pub fn path_with(&self, route: &Route, id: &str) -> String {
        let path = route.path.replace("{id}", id).replace("{msg}", &self.message).replace("{code}", &self.voucher);
        path.replace("{key}", &"0".repeat(64)).replace("{file}", "large.webp")
    }

    /// A good body for a route; null for none.
    pub fn body(&self, route: &Route) -> Value {
        let body = route.body.replace("$item", &self.item).replace("$voucher", &self.voucher);
        let body = body.replace("$notification", &self.notification).replace("$image", &self.image);
        serde_json::from_str(&body).unwrap_or_default()
    }

    /// Calls a route as somebody, with a good body.
    pub async fn call_as(&self, world: &World, who: &Person, route: &Route) -> Answer {
        world.call(&who.token, route.method, &self.path(route), self.body(route)).await
    }
}

/// Ends the maintenance that a route began.
async fn reopen(world: &World) {
    world.app.write(maintenance::clear).await.expect("a write");
    node::learn(&world.app).await.expect("a look");
}

/// Everybody of a stage, with tokens to unlock items.
struct Company {
    campus: CampusId,
    ana: Person,
    ben: Person,
    stranger: Person,
    foreigner: Person,
    unverified: Person,
    suspended: Person,
    moderator: Person,
    foreign_moderator: Person,
    administrator: Person,
}

/// All of them at once, since each write waits for the disk.
async fn company(world: &World) -> Company {
    let (app, hash) = (world.app.clone(), hash(world).await);
    let made = world.app.write(move |tx| {
        let (here, elsewhere) = (found_in(tx)?, found_in(tx)?);
        let mut add = |campus, name, role, status| {
            let (id, person) = join(tx, &app, &hash, campus, (name, role))?;
            store::set_status(tx, campus, id, status)?;
            ledger::give(tx, campus, id, 9, TokenReason::Grant, "to try")?;
            Ok::<_, Error>(person)
        };
        let (active, student) = (UserStatus::Active, Role::Student);
        Ok(Company {
            campus: here,
            ana: add(here, "Ana", student, active)?,
            ben: add(here, "Ben", student, active)?,
            stranger: add(here, "Cem", student, active)?,
            foreigner: add(elsewhere, "Eve", student, active)?,
            unverified: add(here, "Uma", student, UserStatus::Unverified)?,
            suspended: add(here, "Sam", student, UserStatus::Suspended)?,
            moderator: add(here, "Mia", Role::Moderator, active)?,
            foreign_moderator: add(elsewhere, "Moe", Role::Moderator, active)?,
            administrator: add(here, "Ada", Role::Admin, active)?,
        })
    });
    made.await.expect("a company")
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

/// A picture that is ready, without the work of making it so.
async fn picture(world: &World, campus: CampusId, owner: &Person) -> String {
    let owner: UserId = owner.id.parse().expect("an id");
    let made = world.app.write(move |tx: &mut Tx<'_>| {
        let image = StoredImage {
            id: tx.new_id::<ImageId>(),
            owner,
            item: None,
            message: None,
            status: ImageStatus::Ready,
            error: None,
            key: "0".repeat(64),
            width: 4,
            height: 3,
            placeholder: None,
            variants: None,
            created_at: tx.now(),
        };
        campuszon_server::images::store::insert(tx, campus, &image)?;
        Ok(image.id.to_string())
    });
    made.await.expect("a picture")
}

/// Another device of somebody's.
async fn another_session(world: &World, campus: CampusId, who: &Person) -> String {
    let (id, app): (UserId, _) = (who.id.parse().expect("an id"), world.app.clone());
    let opened = world.app.write(move |tx| {
        let user = store::user(tx, campus, id)?.expect("a user");
        Ok(sessions::open(tx, &app.keys, &app.settings.sessions, &user, None)?.session)
    });
    opened.await.expect("a session").to_string()
}
