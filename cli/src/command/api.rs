//! `campuszon api`: the API directly, signed in as one is.

use std::{
    fs,
    io::{self, Read},
};

use clap::Args;
use serde_json::{Map, Value};

use super::{CommandError, Create};
use crate::{
    client::{Client, RawBody, RawReply},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "With fields the method is POST where none is given; the fields of a GET become its query.

Examples:
  campuszon api GET '/api/items?category=books' --paginate
  campuszon api POST /api/chats -f item_id=itm_01hzy3v5k8q2w4e6r8t0y2u4m6")]
pub struct ApiArgs {
    /// GET, POST, PUT, PATCH or DELETE
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"], ignore_case = true)]
    method: String,
    /// The path, such as /api/items
    path: String,
    /// A text field of the body, or of the query of a GET; repeatable
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE", value_parser = pair)]
    texts: Vec<(String, String)>,
    /// A field whose value is JSON, or @FILE for a file's text; repeatable
    #[arg(short = 'F', long = "typed-field", value_name = "KEY=VALUE", value_parser = pair)]
    typed: Vec<(String, String)>,
    /// Send this file as the body; - is stdin
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["texts", "typed"], value_hint = clap::ValueHint::FilePath)]
    input: Option<String>,
    /// The body's type, where it is no JSON
    #[arg(long, value_name = "TYPE", requires = "input", default_value = "application/json")]
    content_type: String,
    /// Follow next_cursor and print the rows of all pages as one array
    #[arg(long)]
    paginate: bool,
    #[command(flatten)]
    create: Create,
}

/// Makes the call.
///
/// # Errors
/// What the server says, and arguments that do not make sense.
pub async fn run(args: ApiArgs, context: &Context) -> Result<(), Failure> {
    let method = args.method.to_ascii_uppercase();
    let path = checked_path(&args.path)?;
    let client = context.changing(&args.create.change)?;
    let fields = fields(args.texts, args.typed)?;
    let (path, body) = match (args.input, method.as_str()) {
        (Some(input), _) => (path, RawBody::Bytes(input_bytes(&input)?.into(), args.content_type)),
        (None, "GET") => (with_query(&path, &fields), RawBody::Empty),
        (None, _) if fields.is_empty() => (path, RawBody::Empty),
        (None, _) => (path, RawBody::Json(Value::Object(fields))),
    };
    if args.paginate {
        let rows = all_pages(&client, &method, &path, body).await?;
        return Ok(context.output.json(&Value::Array(rows))?);
    }
    let reply = client.raw(&method, &path, body, args.create.idempotency_key.as_deref()).await?;
    print(context, &reply)
}

/// JSON is printed as JSON; other bytes only where they cannot steer a terminal.
fn print(context: &Context, reply: &RawReply) -> Result<(), Failure> {
    if reply.body.is_empty() {
        context.output.notice(&format!("{}, no content", reply.status));
        return Ok(());
    }
    if let Some(value) = reply.json() {
        return Ok(context.output.json(&value)?);
    }
    if context.output.terminal.stdout {
        let kind = reply.content_type.as_deref().unwrap_or("unknown");
        let message = format!("the answer is {} bytes of {kind}", reply.body.len());
        return Err(CommandError::Usage { message, hint: Some("send it to a file: > FILE") }.into());
    }
    Ok(context.output.bytes(&reply.body)?)
}

async fn all_pages(client: &Client, method: &str, path: &str, body: RawBody) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    let mut next = path.to_owned();
    loop {
        let reply = client.raw(method, &next, body.clone(), None).await?;
        let Some(Value::Object(mut page)) = reply.json() else {
            return Err(CommandError::usage("--paginate is for lists").into());
        };
        let cursor = page.remove("next_cursor");
        let found = page.into_iter().find_map(|(_, value)| match value {
            Value::Array(rows) => Some(rows),
            _ => None,
        });
        rows.extend(found.ok_or_else(|| CommandError::usage("--paginate is for lists"))?);
        let Some(Value::String(cursor)) = cursor else { return Ok(rows) };
        next = with_query(path, &Map::from_iter([("cursor".to_owned(), Value::String(cursor))]));
    }
}

/// A path of this server: an address would carry the credentials elsewhere.
fn checked_path(path: &str) -> Result<String, CommandError> {
    let is_plain = !path.contains("://") && !path.contains(char::is_whitespace);
    if path.starts_with('/') && !path.starts_with("//") && is_plain {
        return Ok(path.to_owned());
    }
    let message = format!("{path:?} is not a path");
    Err(CommandError::Usage { message, hint: Some("it begins with a slash, such as /api/items") })
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn fields(texts: Vec<(String, String)>, typed: Vec<(String, String)>) -> Result<Map<String, Value>, CommandError> {
    let mut fields: Map<String, Value> = texts.into_iter().map(|(key, value)| (key, Value::String(value))).collect();
    for (key, value) in typed {
        let value = match value.strip_prefix('@') {
            Some(file) => Value::String(String::from_utf8_lossy(&input_bytes(file)?).into_owned()),
            // What is no JSON is a text, as in `-F title=Lamp`.
            None => serde_json::from_str(&value).unwrap_or(Value::String(value)),
        };
        fields.insert(key, value);
    }
    Ok(fields)
}

fn input_bytes(file: &str) -> Result<Vec<u8>, CommandError> {
    let read = if file == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    read.map_err(|source| CommandError::File { path: file.into(), source })
}

/// `path` with more query pairs.
fn with_query(path: &str, pairs: &Map<String, Value>) -> String {
    let mut path = path.to_owned();
    for (key, value) in pairs {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&format!("{}={}", encoded(key), encoded(&value)));
    }
    path
}

fn encoded(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte);
    let one = |byte: u8| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_on_the_server() {
        assert!(checked_path("/api/items?q=a").is_ok());
        for bad in ["https://evil.example/", "//evil.example/", "api/items", "/a b", "/x?u=http://y"] {
            assert!(checked_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fields_are_texts_or_json() {
        let own = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let fields = fields(own(&[("a", "5")]), own(&[("b", "5"), ("c", "true"), ("d", "Lamp")])).expect("fields");
        assert_eq!(Value::Object(fields), serde_json::json!({"a": "5", "b": 5, "c": true, "d": "Lamp"}));
    }

    #[test]
    fn queries_are_encoded() {
        let pairs = Map::from_iter([("q".to_owned(), Value::String("a b&c".into()))]);
        assert_eq!(with_query("/api/items?x=1", &pairs), "/api/items?x=1&q=a%20b%26c");
    }
}
