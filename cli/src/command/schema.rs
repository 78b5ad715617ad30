//! `campuszon schema`: the JSON Schema of what a command prints with `--json`. It is made of the types that the answers are
//! read into, so that it cannot say anything else.

use campuszon_core::{
    fault::nearest,
    wire::{
        account::{AccessToken, Device, NewAccessToken, Profile, PublicProfile, Registered},
        booking::{Booking, Review, Unlocked},
        campus::Campus,
        chat::{Chat, Message},
        image::{Queue, Retried},
        item::{Item, ItemSummary},
        maintenance::MaintenanceState,
        notification::{Notification, Preferences, Search},
        trust::{AuditEntry, ModeratedItem, ModeratedReport, ModeratedUser, Report, Stats},
        wallet::{Redeemed, TokenEntry, Voucher},
    },
};
use clap::Args;
use serde_json::{Map, Value, json};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use super::{CommandError, shapes};
use crate::{context::Context, failure::Failure, output::Shape};

#[derive(Args, Debug)]
#[command(
    after_help = "Without a command all that have one are listed. Fields are added in later versions, never changed.

Examples:
  campuszon schema item list
  campuszon schema --json"
)]
pub struct SchemaArgs {
    /// A command
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// How many things a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    /// One object.
    One,
    /// An array of objects.
    Many,
    /// One object, or an array where several were asked for.
    Either,
    /// One object a line.
    Stream,
}

/// What the fields of a thing are.
#[derive(Clone, Copy)]
enum Fields {
    /// Those of a type.
    Of(fn() -> Parts),
    /// Texts, numbers and the like, put together by the command itself.
    Plain,
}

/// The schema of a type, and those it refers to by name.
struct Parts {
    schema: Value,
    named: Map<String, Value>,
}

type Entry = (&'static str, Count, &'static Shape, Fields);

const fn of<T: ToSchema>() -> Fields {
    Fields::Of(parts::<T>)
}

fn parts<T: ToSchema>() -> Parts {
    let mut named: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut named);
    Parts {
        schema: value(&T::schema()),
        named: named.iter().map(|(name, schema)| (name.clone(), value(schema))).collect(),
    }
}

/// A schema as JSON, with references as JSON Schema has them.
fn value(schema: &RefOr<Schema>) -> Value {
    // Schemas are plain data: they always serialize.
    let mut value = serde_json::to_value(schema).unwrap_or_default();
    refer(&mut value);
    value
}

fn refer(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get_mut("$ref") {
                *target = target.replace("#/components/schemas/", "#/$defs/");
            }
            fields.values_mut().for_each(refer);
        }
        Value::Array(items) => items.iter_mut().for_each(refer),
        _ => {}
    }
}

/// What the commands print that work on a data directory.
#[cfg(feature = "serve")]
fn local() -> Vec<Entry> {
    use Count::{Many, One};
    vec![
        ("admin backup", One, &shapes::BACKUP, Fields::Plain),
        ("admin check", Many, &shapes::DISAGREEMENT, Fields::Plain),
        ("admin config check", Many, &shapes::SERVER_SETTING, Fields::Plain),
        ("admin demo", One, &shapes::DEMO, Fields::Plain),
        ("admin init", One, &shapes::ADMINISTRATOR, Fields::Plain),
        ("admin keys rotate", One, &shapes::SIGNING_KEY, Fields::Plain),
        ("admin restore", One, &shapes::BACKUP, Fields::Plain),
    ]
}

#[cfg(not(feature = "serve"))]
const fn local() -> Vec<Entry> {
    Vec::new()
}

/// What each command prints.
fn entries() -> Vec<Entry> {
    use Count::{Either, Many, One, Stream};
    let mut entries = vec![
        ("admin audit", Many, &shapes::AUDIT_ENTRY, of::<AuditEntry>()),
        ("admin campus create", One, &shapes::CAMPUS, of::<Campus>()),
        ("admin campus edit", One, &shapes::CAMPUS, of::<Campus>()),
        ("admin campus list", Many, &shapes::CAMPUS, of::<Campus>()),
        ("admin item list", Many, &shapes::MODERATED_ITEM, of::<ModeratedItem>()),
        ("admin item remove", Either, &shapes::MODERATED_ITEM, of::<ModeratedItem>()),
        ("admin item restore", Either, &shapes::MODERATED_ITEM, of::<ModeratedItem>()),
        ("admin maintenance off", One, &shapes::MAINTENANCE, of::<MaintenanceState>()),
        ("admin maintenance on", One, &shapes::MAINTENANCE, of::<MaintenanceState>()),
        ("admin maintenance show", One, &shapes::MAINTENANCE, of::<MaintenanceState>()),
        ("admin queue retry", One, &shapes::RETRIED, of::<Retried>()),
        ("admin queue show", One, &shapes::QUEUE, of::<Queue>()),
        ("admin report dismiss", Either, &shapes::MODERATED_REPORT, of::<ModeratedReport>()),
        ("admin report list", Many, &shapes::MODERATED_REPORT, of::<ModeratedReport>()),
        ("admin stats", One, &shapes::STATS, of::<Stats>()),
        ("admin token grant", One, &shapes::MODERATED_USER, of::<ModeratedUser>()),
        ("admin user list", Many, &shapes::MODERATED_USER, of::<ModeratedUser>()),
        ("admin user restore", Either, &shapes::MODERATED_USER, of::<ModeratedUser>()),
        ("admin user role", One, &shapes::MODERATED_USER, of::<ModeratedUser>()),
        ("admin user sign-out", Either, &shapes::MODERATED_USER, of::<ModeratedUser>()),
        ("admin user suspend", Either, &shapes::MODERATED_USER, of::<ModeratedUser>()),
        ("admin user warn", One, &shapes::MODERATED_USER, of::<ModeratedUser>()),
        ("admin voucher create", One, &shapes::NEW_VOUCHER, of::<Voucher>()),
        ("admin voucher delete", One, &shapes::DONE, Fields::Plain),
        ("admin voucher list", Many, &shapes::VOUCHER, of::<Voucher>()),
        ("alert clear", Either, &shapes::DONE, Fields::Plain),
        ("alert list", Many, &shapes::NOTIFICATION, of::<Notification>()),
        ("alert prefs", One, &shapes::PREFERENCES, of::<Preferences>()),
        ("alert read", Either, &shapes::DONE, Fields::Plain),
        ("alert watch", Stream, &shapes::NOTIFICATION, of::<Notification>()),
        ("auth login", One, &shapes::PROFILE, of::<Profile>()),
        ("auth logout", One, &shapes::DONE, Fields::Plain),
        ("auth password change", One, &shapes::DONE, Fields::Plain),
        ("auth password reset", One, &shapes::DONE, Fields::Plain),
        ("auth register", One, &shapes::REGISTERED, of::<Registered>()),
        ("auth session list", Many, &shapes::SESSION, of::<Device>()),
        ("auth session revoke", Either, &shapes::DONE, Fields::Plain),
        ("auth status", One, &shapes::SIGNED_IN, Fields::Plain),
        ("auth token create", One, &shapes::NEW_TOKEN, of::<NewAccessToken>()),
        ("auth token list", Many, &shapes::TOKEN, of::<AccessToken>()),
        ("auth token revoke", Either, &shapes::DONE, Fields::Plain),
        ("auth verify", One, &shapes::PROFILE, of::<Profile>()),
        ("booking accept", Either, &shapes::BOOKING, of::<Booking>()),
        ("booking answer", One, &shapes::REVIEW, of::<Review>()),
        ("booking cancel", Either, &shapes::BOOKING, of::<Booking>()),
        ("booking complete", One, &shapes::BOOKING, of::<Booking>()),
        ("booking counter", One, &shapes::BOOKING, of::<Booking>()),
        ("booking decline", Either, &shapes::BOOKING, of::<Booking>()),
        ("booking extend", Either, &shapes::BOOKING, of::<Booking>()),
        ("booking list", Many, &shapes::BOOKING, of::<Booking>()),
        ("booking request", One, &shapes::BOOKING, of::<Booking>()),
        ("booking review", One, &shapes::REVIEW, of::<Review>()),
        ("booking show", Either, &shapes::BOOKING, of::<Booking>()),
        ("chat list", Many, &shapes::CHAT, of::<Chat>()),
        ("chat mute", Either, &shapes::CHAT, of::<Chat>()),
        ("chat read", Either, &shapes::DONE, Fields::Plain),
        ("chat report", One, &shapes::REPORT, of::<Report>()),
        ("chat send", One, &shapes::MESSAGE, of::<Message>()),
        ("chat show", Many, &shapes::MESSAGE, of::<Message>()),
        ("chat start", One, &shapes::CHAT, of::<Chat>()),
        ("chat watch", Stream, &shapes::MESSAGE, of::<Message>()),
        ("config get", One, &shapes::SETTING, Fields::Plain),
        ("config list", Many, &shapes::SETTING, Fields::Plain),
        ("config path", One, &shapes::SETTING, Fields::Plain),
        ("config set", One, &shapes::SETTING, Fields::Plain),
        ("config unset", One, &shapes::SETTING, Fields::Plain),
        ("doctor", Many, &shapes::FINDING, Fields::Plain),
        ("help", One, &shapes::HELP, Fields::Plain),
        ("image prepare", Many, &shapes::PICTURE, Fields::Plain),
        ("item create", One, &shapes::ITEM, of::<Item>()),
        ("item delete", Either, &shapes::DONE, Fields::Plain),
        ("item edit", One, &shapes::ITEM, of::<Item>()),
        ("item export", Many, &shapes::EXPORTED_ITEM, of::<Item>()),
        ("item favorite", Either, &shapes::DONE, Fields::Plain),
        ("item image add", One, &shapes::ITEM, of::<Item>()),
        ("item image order", One, &shapes::ITEM, of::<Item>()),
        ("item image remove", One, &shapes::ITEM, of::<Item>()),
        ("item import", Many, &shapes::ITEM, of::<Item>()),
        ("item list", Many, &shapes::ITEM_SUMMARY, of::<ItemSummary>()),
        ("item publish", Either, &shapes::ITEM, of::<Item>()),
        ("item relist", Either, &shapes::ITEM, of::<Item>()),
        ("item renew", Either, &shapes::ITEM, of::<Item>()),
        ("item report", One, &shapes::REPORT, of::<Report>()),
        ("item show", Either, &shapes::ITEM, of::<Item>()),
        ("item sold", Either, &shapes::ITEM, of::<Item>()),
        ("item unfavorite", Either, &shapes::DONE, Fields::Plain),
        ("item unlock", One, &shapes::UNLOCKED, of::<Unlocked>()),
        ("item watch", Stream, &shapes::ITEM_SUMMARY, of::<ItemSummary>()),
        ("item withdraw", Either, &shapes::ITEM, of::<Item>()),
        ("man", One, &shapes::MANUAL, Fields::Plain),
        ("schema", Many, &shapes::NAMED, Fields::Plain),
        ("search delete", One, &shapes::DONE, Fields::Plain),
        ("search edit", One, &shapes::SEARCH, of::<Search>()),
        ("search list", Many, &shapes::SEARCH, of::<Search>()),
        ("search run", Many, &shapes::ITEM_SUMMARY, of::<ItemSummary>()),
        ("search save", One, &shapes::SEARCH, of::<Search>()),
        ("serve", Stream, &shapes::LISTENING, Fields::Plain),
        ("server add", One, &shapes::SERVER, Fields::Plain),
        ("server list", Many, &shapes::SERVER, Fields::Plain),
        ("server remove", One, &shapes::DONE, Fields::Plain),
        ("server use", One, &shapes::SERVER, Fields::Plain),
        ("user block", Either, &shapes::DONE, Fields::Plain),
        ("user delete", One, &shapes::DONE, Fields::Plain),
        ("user edit", One, &shapes::PROFILE, of::<Profile>()),
        ("user export", One, &shapes::EXPORTED, Fields::Plain),
        ("user report", One, &shapes::REPORT, of::<Report>()),
        ("user reviews", Many, &shapes::REVIEW, of::<Review>()),
        ("user show", One, &shapes::PUBLIC_PROFILE, of::<PublicProfile>()),
        ("user unblock", Either, &shapes::DONE, Fields::Plain),
        ("version", One, &shapes::VERSION, Fields::Plain),
        ("wallet balance", One, &shapes::BALANCE, Fields::Plain),
        ("wallet history", Many, &shapes::TOKEN_ENTRY, of::<TokenEntry>()),
        ("wallet redeem", One, &shapes::REDEEMED, of::<Redeemed>()),
        ("watch", Stream, &shapes::EVENT, Fields::Plain),
    ];
    entries.extend(local());
    entries.sort_unstable_by_key(|(name, ..)| *name);
    entries
}

/// Every command that prints things of a shape, and that shape.
#[cfg(test)]
pub fn printed() -> Vec<(&'static str, &'static Shape)> {
    entries().into_iter().map(|(name, _, shape, _)| (name, shape)).collect()
}

/// Prints the schema.
///
/// # Errors
/// There is no such command, or it has none.
pub fn run(args: &SchemaArgs, context: &Context) -> Result<(), Failure> {
    let entries = entries();
    if args.command.is_empty() {
        context.output.check(&shapes::NAMED)?;
        let names: Vec<Value> = entries.iter().map(|(name, ..)| json!({"command": name})).collect();
        return Ok(context.output.list(&shapes::NAMED, &names)?);
    }
    let wanted = args.command.join(" ");
    match entries.iter().find(|(name, ..)| *name == wanted) {
        Some(entry) => Ok(context.output.json(&schema(entry))?),
        None => Err(unknown(&wanted, &entries).into()),
    }
}

fn unknown(wanted: &str, entries: &[Entry]) -> CommandError {
    let near = nearest(wanted, entries.iter().map(|(name, ..)| *name));
    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    CommandError::usage(format!("there is no schema of {wanted:?}{hint} (`campuszon schema` lists those there are)"))
}

/// The whole schema of what a command prints.
fn schema((name, count, shape, fields): &Entry) -> Value {
    let (thing, named) = match fields {
        Fields::Of(parts) => {
            let Parts { schema, named } = parts();
            (json!({"allOf": [schema], "required": shape.fields}), named)
        }
        Fields::Plain => {
            let any = shape.fields.iter().map(|field| ((*field).to_owned(), json!({})));
            (json!({"type": "object", "properties": any.collect::<Map<_, _>>(), "required": shape.fields}), Map::new())
        }
    };
    let array = json!({"type": "array", "items": thing});
    let (about, body) = match count {
        Count::One => ("one object", thing),
        Count::Stream => ("one object a line", thing),
        Count::Many => ("an array", array),
        Count::Either => ("one object, or an array where several were asked for", json!({"anyOf": [thing, array]})),
    };
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("campuszon {name} --json"),
        "description": about,
    });
    if let (Value::Object(whole), Value::Object(body)) = (&mut schema, body) {
        whole.extend(body);
        whole.insert("$defs".to_owned(), Value::Object(named));
    }
    schema
}
