//! `campuszon alert`: what one is told of.

mod watch;

use campuszon_core::{
    NotificationId,
    wire::notification::{EditPreferences, NotificationKind, Preferences},
};
use clap::{ArgGroup, Args, Subcommand};

use super::{Change, batch, batch::Done, paging::Paging, reader::while_read, shapes, word::one_of};
use crate::{context::Context, failure::Failure};

/// What to do with notifications.
#[derive(Debug, Subcommand)]
pub enum AlertCommand {
    /// List your notifications, newest first
    List(ListArgs),
    /// Follow new notifications
    Watch(watch::WatchArgs),
    /// Mark notifications as read
    Read(ReadArgs),
    /// Delete notifications
    Clear(ClearArgs),
    /// Show or change what you are told of
    Prefs(PrefsArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon alert list --unread
  campuszon alert list --all --json=kind,title,item")]
pub struct ListArgs {
    /// Only unread ones
    #[arg(long)]
    unread: bool,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon alert read --all
  campuszon alert list --unread --format ids | campuszon alert read -")]
#[command(group(ArgGroup::new("which").required(true).args(["ids", "all"])))]
pub struct ReadArgs {
    /// Notification ids; - reads them from stdin
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All there are
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Without an id it deletes all there are.

Examples:
  campuszon alert clear
  campuszon alert clear ntf_01hzy3v5k8q2w4e6r8t0y2u4m6 --yes")]
pub struct ClearArgs {
    /// Notification ids; - reads them from stdin
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(
    after_help = "A muted kind is neither kept nor told. The mail comes once a day, when there is anything to say.

Examples:
  campuszon alert prefs
  campuszon alert prefs --mute tokens,price_drop --digest"
)]
pub struct PrefsArgs {
    /// No longer tell of this kind; repeatable
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = one_of!(NotificationKind))]
    mute: Vec<NotificationKind>,
    /// Tell of this kind again; repeatable
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = one_of!(NotificationKind))]
    unmute: Vec<NotificationKind>,
    /// Sum up by a daily mail what you have not read; =false for no mail
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    digest: Option<bool>,
    #[command(flatten)]
    change: Change,
}

impl AlertCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(args, context).await,
            Self::Watch(args) => while_read(watch::run(args, context)).await,
            Self::Read(args) => read(args, context).await,
            Self::Clear(args) => clear(args, context).await,
            Self::Prefs(args) => prefs(args, context).await,
        }
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::NOTIFICATION)?;
    let client = context.client()?;
    let unread = args.unread;
    let alerts = args.paging.gather(context, async |page| client.notifications(unread, page).await).await?;
    if alerts.is_empty() {
        context.output.notice("nothing new");
    }
    Ok(context.output.list(&shapes::NOTIFICATION, &alerts)?)
}

/// What was done to all there are.
fn all(status: &'static str) -> Done {
    Done { id: "all".to_owned(), status }
}

async fn read(args: ReadArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    if args.all {
        client.mark_all_notifications().await?;
        return Ok(context.output.changed(&shapes::DONE, &all("read"), "Read all.")?);
    }
    let alerts = batch::each(args.ids, async |id: NotificationId| {
        client.mark_notification(id).await?;
        Ok(Done { id: id.to_string(), status: "read" })
    });
    alerts.await?.tell(context, &shapes::DONE, |done| format!("Read {}.", done.id))
}

async fn clear(args: ClearArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    if args.ids.is_empty() {
        context.confirm(&args.change, "Delete all notifications?")?;
        client.clear_notifications().await?;
        return Ok(context.output.changed(&shapes::DONE, &all("deleted"), "Deleted all.")?);
    }
    context.confirm(&args.change, &question(&args.ids))?;
    let alerts = batch::each(args.ids, async |id: NotificationId| {
        client.delete_notification(id).await?;
        Ok(Done { id: id.to_string(), status: "deleted" })
    });
    alerts.await?.tell(context, &shapes::DONE, |done| format!("Deleted {}.", done.id))
}

fn question(ids: &[String]) -> String {
    match ids {
        [one] if one == "-" => "Delete these notifications?".to_owned(),
        [one] => format!("Delete {one}?"),
        many => format!("Delete {} notifications?", many.len()),
    }
}

async fn prefs(args: PrefsArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::PREFERENCES)?;
    let client = context.changing(&args.change)?;
    let current = client.preferences().await?;
    if args.mute.is_empty() && args.unmute.is_empty() && args.digest.is_none() {
        return Ok(context.output.one(&shapes::PREFERENCES, &current.value)?);
    }
    let names_kinds = !(args.mute.is_empty() && args.unmute.is_empty());
    let patch = EditPreferences { muted: names_kinds.then(|| muted(&current.value, &args)), digest: args.digest };
    let changed = client.edit_preferences(&patch, current.etag.as_deref()).await?;
    Ok(context.output.changed(&shapes::PREFERENCES, &changed, &said(&changed))?)
}

/// The kinds that are muted after a change; what is both muted and unmuted is told of.
fn muted(current: &Preferences, args: &PrefsArgs) -> Vec<NotificationKind> {
    let is_muted = |kind: &NotificationKind| current.muted.contains(kind) || args.mute.contains(kind);
    NotificationKind::ALL.iter().copied().filter(|kind| is_muted(kind) && !args.unmute.contains(kind)).collect()
}

/// How things stand, in a sentence.
fn said(preferences: &Preferences) -> String {
    let muted: Vec<&str> = preferences.muted.iter().map(|kind| kind.as_str()).collect();
    let muted = if muted.is_empty() { "nothing".to_owned() } else { muted.join(", ") };
    format!("Muted: {muted}. Daily mail: {}.", if preferences.digest { "yes" } else { "no" })
}
