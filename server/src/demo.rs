//! The demo campus: students, items with pictures and conversations to look around in, made through the same services
//! as real ones.

use std::{collections::HashMap, sync::Arc, time::Duration};

use campuszon_core::{
    CampusId, ImageId, ItemId, Timestamp, UserId,
    account::Email,
    form::Form,
    item::NewItem,
    permission::{Credential, Role, UserStatus},
};
use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    App, Error, Principal, chat, images, items,
    platform::{entropy::ManualClock, jobs::Kind},
    users::{service, store},
    worker,
};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../assets/demo");

/// What the files describe. Items hold the fields of a new listing and some of their own.
#[derive(Deserialize)]
struct Script {
    campus: Campus,
    students: Vec<Student>,
    items: Vec<Listed>,
    chats: Vec<Conversation>,
}

#[derive(Deserialize)]
struct Campus {
    name: String,
    domain: String,
}

#[derive(Deserialize)]
struct Student {
    key: String,
    name: String,
    residence: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    key: String,
    seller: String,
    images: Vec<String>,
    age_hours: u64,
    /// How the picture was drawn; of no interest here.
    #[serde(rename = "drawing")]
    _drawing: Option<Value>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct Conversation {
    item: String,
    buyer: String,
    messages: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    from: String,
    body: String,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// The campus's name.
    pub campus: String,
    /// How many items it has now.
    pub items: usize,
    /// How many conversations it has now.
    pub chats: usize,
    /// Who can sign in.
    pub students: Vec<Account>,
}

/// A student of the demo campus.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// The address.
    pub email: String,
    /// As shown.
    pub name: String,
    /// Made anew with every run.
    pub password: String,
}

/// Makes the demo campus in `app`, whose clock must be `clock`: it is set back to when each thing happened, and left
/// at `now`. A campus that is there already only gets new passwords.
///
/// # Errors
/// The database's, or that the files are not what they should be.
pub async fn make(app: &App, clock: &Arc<ManualClock>, now: Timestamp) -> Result<Made, Error> {
    let script = script()?;
    clock.set(now - Duration::from_secs(90 * 24 * 3600));
    let password = app.entropy.token(9);
    let hash = service::hash_password(app, password.clone()).await?;
    let (campus, fresh) = campus(app, &script.campus).await?;
    let mut people = HashMap::new();
    let mut students = Vec::new();
    for student in &script.students {
        let email = Email::parse(&format!("{}@{}", student.key, script.campus.domain))?;
        let user = enrol(app, campus, student, &email, &hash).await?;
        people.insert(student.key.clone(), principal(campus, user));
        students.push(Account {
            email: email.as_str().to_owned(),
            name: student.name.clone(),
            password: password.clone(),
        });
    }
    let (name, items, chats) = (script.campus.name.clone(), script.items.len(), script.chats.len());
    if fresh {
        fill(app, clock, now, script, &people).await?;
    }
    Ok(Made { campus: name, items, chats, students })
}

fn script() -> Result<Script, Error> {
    let bytes = file("campus.json")?;
    serde_json::from_slice(bytes).map_err(|error| Error::Internal(format!("campus.json: {error}")))
}

fn file(path: &str) -> Result<&'static [u8], Error> {
    let found = FILES.get_file(path).ok_or_else(|| Error::Internal(format!("the demo has no file {path}")))?;
    Ok(found.contents())
}

/// The campus, and whether it was made now.
async fn campus(app: &App, wanted: &Campus) -> Result<(CampusId, bool), Error> {
    let (name, domain) = (wanted.name.clone(), wanted.domain.clone());
    app.write(move |tx| {
        if let Some(campus) = store::campus_of_domain(tx, &domain)? {
            return Ok((campus, false));
        }
        let campus = tx.new_id();
        store::insert_campus(tx, campus, &name)?;
        store::insert_domain(tx, campus, &domain)?;
        Ok((campus, true))
    })
    .await
}

async fn enrol(app: &App, campus: CampusId, student: &Student, email: &Email, hash: &str) -> Result<UserId, Error> {
    let (parts, email, hash) = (app.clone(), email.clone(), hash.to_owned());
    let (name, residence) = (student.name.clone(), student.residence.clone());
    app.write(move |tx| {
        if let Some(known) = store::user_by_email(tx, campus, email.as_str())? {
            store::set_password(tx, campus, known.id, &hash)?;
            return Ok(known.id);
        }
        let id = tx.new_id();
        store::insert_user(tx, campus, id, email.as_str(), &name, &hash, UserStatus::Unverified)?;
        let user = service::activate(tx, &parts, campus, id, &email)?;
        store::update_profile(tx, &store::User { residence: residence.clone(), ..user })?;
        Ok(id)
    })
    .await
}

fn principal(campus: CampusId, user: UserId) -> Principal {
    let expires_at = Timestamp::from_millis(i64::MAX);
    Principal { campus, user, role: Role::Student, credential: Credential::Session, session: None, expires_at }
}

type People = HashMap<String, Principal>;

fn person<'a>(people: &'a People, key: &str) -> Result<&'a Principal, Error> {
    people.get(key).ok_or_else(|| Error::Internal(format!("campus.json names an unknown student: {key}")))
}

async fn fill(
    app: &App,
    clock: &Arc<ManualClock>,
    now: Timestamp,
    script: Script,
    people: &People,
) -> Result<(), Error> {
    let mut listed: HashMap<String, (ItemId, Timestamp)> = HashMap::new();
    let mut items = script.items;
    items.sort_by_key(|item| std::cmp::Reverse(item.age_hours));
    for item in items {
        let listed_at = now - Duration::from_secs(item.age_hours * 3600);
        clock.set(listed_at);
        let seller = person(people, &item.seller)?;
        let mut images = Vec::new();
        for picture in &item.images {
            images.push(upload(app, seller, picture).await?);
        }
        let new = new_item(app, &item, images)?;
        let seller = seller.clone();
        let id = app.write(move |tx| items::service::create(tx, &seller, &new)).await?;
        // The pictures are made at that time as well, so that nothing lists as updated just now.
        worker::drain(app, Kind::Image).await?;
        listed.insert(item.key, (id, listed_at));
    }
    for conversation in script.chats {
        let Some((item, listed_at)) = listed.get(&conversation.item).copied() else { continue };
        converse(app, clock, now, listed_at, item, &conversation, people).await?;
    }
    clock.set(now);
    Ok(())
}

async fn upload(app: &App, owner: &Principal, picture: &str) -> Result<ImageId, Error> {
    let bytes = file(&format!("pictures/{picture}"))?;
    let received = images::service::receive(app, owner.campus, bytes.into()).await?;
    let owner = owner.clone();
    app.write(move |tx| Ok(images::service::register(tx, &owner, &received)?.id)).await
}

fn new_item(app: &App, item: &Listed, images: Vec<ImageId>) -> Result<NewItem, Error> {
    let mut fields = item.fields.clone();
    if fields.get("listing").and_then(Value::as_str) == Some("free") {
        fields.remove("price");
    }
    let ids: Vec<Value> = images.iter().map(|id| Value::String(id.to_string())).collect();
    fields.insert("images".to_owned(), Value::Array(ids));
    let mut form = Form::json(fields);
    let new = NewItem::read(&mut form, &app.item_rules());
    Ok(form.finish(new)?)
}

async fn converse(
    app: &App,
    clock: &Arc<ManualClock>,
    now: Timestamp,
    listed_at: Timestamp,
    item: ItemId,
    conversation: &Conversation,
    people: &People,
) -> Result<(), Error> {
    let buyer = person(people, &conversation.buyer)?.clone();
    // The words fall evenly between the listing and now.
    let pause = now.since(listed_at) / u32::try_from(conversation.messages.len() + 2).unwrap_or(2);
    clock.set(listed_at + pause);
    let (chat, _) = app.write(move |tx| chat::service::start(tx, &buyer, item)).await?;
    for (number, said) in (2..).zip(&conversation.messages) {
        clock.set(listed_at + pause * number);
        let sender = person(people, &said.from)?.clone();
        let message = chat::service::NewMessage {
            client_id: format!("demo-{number}"),
            content: chat::service::Content::Text(said.body.clone()),
        };
        app.write(move |tx| chat::service::send(tx, &sender, chat, &message)).await?;
    }
    Ok(())
}
