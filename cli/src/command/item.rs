//! `campuszon item`: listings.

mod change;
mod create;
mod edit;
mod export;
mod image;
mod import;
mod list;
mod show;
mod unlock;
mod watch;

use campuszon_core::ItemId;
use clap::{Args, Subcommand};

use self::change::StepArgs;
pub use self::{edit::text_or_stdin, list::check_filters};
use super::{
    ids,
    reader::while_read,
    report::{self, Reasons},
};
use crate::{
    client::{ItemAction, ReportTarget},
    context::Context,
    failure::Failure,
};

/// What to do with listings.
#[derive(Debug, Subcommand)]
pub enum ItemCommand {
    /// Find items
    List(list::ListArgs),
    /// Show items in full
    Show(show::ShowArgs),
    /// List an item
    Create(create::CreateArgs),
    /// Change an item
    Edit(edit::EditArgs),
    /// Delete items
    #[command(after_help = "Examples:
  campuszon item delete itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item list --seller me --status draft --all --format ids | campuszon item delete - --yes")]
    Delete(change::DeleteArgs),
    /// Publish drafts
    #[command(after_help = "Examples:
  campuszon item publish itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item publish itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --wait=30s")]
    Publish(StepArgs),
    /// Take items off
    #[command(after_help = "Examples:
  campuszon item withdraw itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item list --seller me --format ids | campuszon item withdraw -")]
    Withdraw(StepArgs),
    /// Bring withdrawn items back
    #[command(after_help = "Examples:
  campuszon item relist itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item list --seller me --status withdrawn --format ids | campuszon item relist -")]
    Relist(StepArgs),
    /// Give items another lifetime
    #[command(after_help = "Examples:
  campuszon item renew itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item list --seller me --status expired --format ids | campuszon item renew -")]
    Renew(StepArgs),
    /// Say that items are sold elsewhere
    #[command(after_help = "Examples:
  campuszon item sold itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item sold itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=id,status")]
    Sold(StepArgs),
    /// Star items
    #[command(after_help = "Examples:
  campuszon item favorite itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item list lamp --format ids | campuszon item favorite -")]
    Favorite(change::FavoriteArgs),
    /// Take the star away
    #[command(after_help = "Examples:
  campuszon item unfavorite itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item list --favorite --all --format ids | campuszon item unfavorite -")]
    Unfavorite(change::FavoriteArgs),
    /// See how to reach the seller, and be allowed to book
    Unlock(unlock::UnlockArgs),
    /// Report an item to the moderators
    Report(ReportArgs),
    /// Follow new items that match
    Watch(watch::WatchArgs),
    /// List many items from a file
    Import(import::ImportArgs),
    /// Print your own items, in every state
    Export(export::ExportArgs),
    /// The pictures of an item
    #[command(subcommand)]
    Image(image::ImageCommand),
}

#[derive(Args, Debug)]
#[command(after_help = "Each can be reported once. Enough reports hide an item until a moderator decides.

Examples:
  campuszon item report itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason spam
  campuszon item report itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason fraud --detail 'asks for money in advance'")]
pub struct ReportArgs {
    /// An item's id or link
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    reasons: Reasons,
}

impl ItemCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list::run(args, context).await,
            Self::Show(args) => show::run(args, context).await,
            Self::Create(args) => create::run(args, context).await,
            Self::Edit(args) => edit::run(args, context).await,
            Self::Delete(args) => change::delete(args, context).await,
            Self::Publish(args) => change::step(args, ItemAction::Publish, context).await,
            Self::Withdraw(args) => change::step(args, ItemAction::Withdraw, context).await,
            Self::Relist(args) => change::step(args, ItemAction::Relist, context).await,
            Self::Renew(args) => change::step(args, ItemAction::Renew, context).await,
            Self::Sold(args) => change::step(args, ItemAction::Sold, context).await,
            Self::Favorite(args) => change::favorite(args, true, context).await,
            Self::Unfavorite(args) => change::favorite(args, false, context).await,
            Self::Unlock(args) => unlock::run(args, context).await,
            Self::Report(args) => {
                let id: ItemId = ids::one(&args.id)?;
                report::run(ReportTarget::Item(id), args.reasons, context).await
            }
            Self::Watch(args) => while_read(watch::run(args, context)).await,
            Self::Import(args) => Box::pin(import::run(args, context)).await,
            Self::Export(args) => export::run(args, context).await,
            Self::Image(command) => command.run(context).await,
        }
    }
}
