//! `campuszon user`: people, oneself included.

use std::path::{Path, PathBuf};

use campuszon_core::{ImageId, UserId};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Change, CommandError,
    batch::{self, Done},
    ids,
    missing::NEEDED,
    paging::Paging,
    report::{self, Reasons},
    shapes,
};
use crate::{
    client::{ClientError, ReportTarget},
    context::Context,
    failure::Failure,
    files::{self, Access},
    prompt,
};

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Show somebody, or yourself
    Show(ShowArgs),
    /// What others wrote of somebody
    Reviews(ReviewsArgs),
    /// Change your profile
    Edit(EditArgs),
    /// Block users: they cannot write to you, nor have anything of yours
    #[command(after_help = "They are not told.

Examples:
  campuszon user block usr_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon user block usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --json")]
    Block(BlockArgs),
    /// Take a block away
    #[command(after_help = "Examples:
  campuszon user unblock usr_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon user unblock usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --json")]
    Unblock(BlockArgs),
    /// Report a user to the moderators
    Report(ReportArgs),
    /// Get all that the server holds on you, pictures too
    Export(ExportArgs),
    /// Delete your account for good
    Delete(DeleteArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon user show @me
  campuszon user show usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=name,rating")]
pub struct ShowArgs {
    /// A user's id, or @me
    #[arg(value_name = "ID|@me", default_value = "@me")]
    id: String,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon user reviews usr_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon user reviews @me --all --json=rating,comment")]
pub struct ReviewsArgs {
    /// A user's id, or @me
    #[arg(value_name = "ID|@me", default_value = "@me")]
    id: String,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "An empty text clears a field.

Examples:
  campuszon user edit --residence 'Hall 4, room 17'
  campuszon user edit --phone '' --hide-presence true")]
pub struct EditArgs {
    /// Your name, as others see it
    #[arg(long)]
    name: Option<String>,
    /// Where you live; shown to those who unlock an item of yours
    #[arg(long)]
    residence: Option<String>,
    /// Your phone number; shown to those who unlock an item of yours
    #[arg(long)]
    phone: Option<String>,
    /// Do not tell others when you are online
    #[arg(long, value_name = "true|false")]
    hide_presence: Option<bool>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Writes export.json and a folder of pictures, readable by you alone. What is there already is replaced.

Examples:
  campuszon user export
  campuszon user export --out ~/my-campuszon --json"
)]
pub struct ExportArgs {
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "campuszon-export", value_hint = clap::ValueHint::DirPath)]
    out: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon user delete
  campuszon user delete --confirm 'Ada Lovelace' --password-stdin < password.txt")]
pub struct DeleteArgs {
    /// Your name, to confirm
    #[arg(long, value_name = "NAME", help_heading = NEEDED)]
    confirm: Option<String>,
    /// Read the password from stdin
    #[arg(long, help_heading = NEEDED)]
    password_stdin: bool,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
pub struct BlockArgs {
    /// User ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Each can be reported once.

Examples:
  campuszon user report usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason fraud
  campuszon user report usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason fraud --detail - < what-happened.txt")]
pub struct ReportArgs {
    /// A user's id
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    reasons: Reasons,
}

impl UserCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Show(args) => show(args, context).await,
            Self::Reviews(args) => reviews(args, context).await,
            Self::Edit(args) => edit(args, context).await,
            Self::Export(args) => export(args, context).await,
            Self::Block(args) => block(args, true, context).await,
            Self::Unblock(args) => block(args, false, context).await,
            Self::Report(args) => {
                let id: UserId = ids::one(&args.id)?;
                report::run(ReportTarget::User(id), args.reasons, context).await
            }
            Self::Delete(args) => delete(args, context).await,
        }
    }
}

async fn show(args: ShowArgs, context: &Context) -> Result<(), Failure> {
    if args.id == "@me" {
        context.output.check(&shapes::PROFILE)?;
        return Ok(context.output.one(&shapes::PROFILE, &context.client()?.me().await?)?);
    }
    context.output.check(&shapes::PUBLIC_PROFILE)?;
    let id: UserId = ids::one(&args.id)?;
    Ok(context.output.one(&shapes::PUBLIC_PROFILE, &context.client()?.user(id).await?)?)
}

async fn reviews(args: ReviewsArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::REVIEW)?;
    let client = context.client()?;
    let id: UserId = if args.id == "@me" { client.me().await?.id } else { ids::one(&args.id)? };
    let reviews = args.paging.gather(context, async |page| client.reviews(id, page).await).await?;
    if reviews.is_empty() {
        context.output.notice("no reviews");
    }
    Ok(context.output.list(&shapes::REVIEW, &reviews)?)
}

async fn edit(args: EditArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::PROFILE)?;
    let texts = [("name", args.name), ("residence", args.residence), ("phone", args.phone)];
    let mut patch: Map<String, Value> =
        texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), cleared_if_empty(text?)))).collect();
    patch.extend(args.hide_presence.map(|hide| ("hide_presence".to_owned(), Value::Bool(hide))));
    if patch.is_empty() {
        return Err(CommandError::NothingToChange(&["--name", "--residence", "--phone", "--hide-presence"]).into());
    }
    let profile = context.changing(&args.change)?.edit_me(&patch).await?;
    Ok(context.output.changed(&shapes::PROFILE, &profile, "Profile changed.")?)
}

async fn block(args: BlockArgs, blocked: bool, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    let (status, verb) = if blocked { ("blocked", "Blocked") } else { ("unblocked", "Unblocked") };
    let users = batch::each(args.ids, async |id: UserId| {
        client.set_blocked(id, blocked).await?;
        Ok(Done { id: id.to_string(), status })
    });
    users.await?.tell(context, &shapes::DONE, |done| format!("{verb} {}.", done.id))
}

/// What a flag's text means to a `PATCH`: the empty one clears.
pub fn cleared_if_empty(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text) }
}

/// What an export wrote.
#[derive(Serialize)]
struct Exported {
    out: PathBuf,
    images: usize,
    bytes: usize,
}

async fn export(args: ExportArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::EXPORTED)?;
    let client = context.client()?;
    let export = client.export_me().await?;
    let text = serde_json::to_vec_pretty(&export).map_err(|error| ClientError::Answer(error.to_string()))?;
    let mut written = Exported { bytes: text.len(), out: args.out, images: 0 };
    // Before the pictures, so that it is there even if one of them cannot be had.
    write(&written.out.join("export.json"), &text)?;
    for (id, url) in pictures(&export) {
        let picture = client.image_bytes(url).await?;
        write(&written.out.join("images").join(format!("{id}.webp")), &picture)?;
        written.images += 1;
        written.bytes += picture.len();
    }
    let done = format!("Written to {}: export.json and {} pictures.", written.out.display(), written.images);
    Ok(context.output.changed(&shapes::EXPORTED, &written, &done)?)
}

/// The pictures that are ready, with the addresses of their largest files. An id makes a file's name, so what is none is
/// left out.
fn pictures(export: &Value) -> impl Iterator<Item = (ImageId, &str)> {
    let images = export.get("images").and_then(Value::as_array).into_iter().flatten();
    images.filter_map(|image| {
        let id = image.get("id")?.as_str()?.parse().ok()?;
        Some((id, image.pointer("/variants/large/url")?.as_str()?))
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    files::replace(path, bytes, Access::Private).map_err(|source| CommandError::File { path: path.to_owned(), source })
}

async fn delete(args: DeleteArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let given = prompt::secret_of_stdin(args.password_stdin)?;
    let mut ask = context.prompt.ask();
    ask.expect("--confirm", args.confirm.is_some() || args.change.dry_run);
    ask.expect("--password-stdin", given.is_some());
    ask.finish()?;
    let client = context.changing(&args.change)?;
    let me = client.me().await?;
    let question = format!("This deletes the account of {} for good. Type the name to confirm:", me.name);
    if !args.change.dry_run {
        context.prompt.confirm_by_name(&question, &me.name, args.confirm)?;
    }
    let mut ask = context.prompt.ask();
    let password = ask.secret("--password-stdin", "Password:", given);
    ask.finish()?;
    client.delete_me(&password).await?;
    let done = Done { id: me.id.to_string(), status: "deleted" };
    Ok(context.output.changed(&shapes::DONE, &done, "The account is deleted.")?)
}
