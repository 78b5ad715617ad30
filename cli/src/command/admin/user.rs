//! `admin user`: users of the campus.

use campuszon_core::{
    UserId,
    permission::{Role, UserStatus},
    wire::trust::ModeratedUser,
};
use clap::{Args, Subcommand};

use super::Reason;
use crate::{
    client::UserQuery,
    command::{Change, batch, ids, item::text_or_stdin, missing::NEEDED, paging::Paging, shapes, word::one_of},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Find users
    List(ListArgs),
    /// Shut users out, at once
    #[command(
        after_help = "Their sessions, tokens and live connections end. What they offer stays, but nobody can have it.

Examples:
  campuszon admin user suspend usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason 'sold what was not theirs'
  campuszon admin user list spammer --format ids | campuszon admin user suspend - --reason spam"
    )]
    Suspend(ActArgs),
    /// Sign users out everywhere, such as from a device that was stolen
    #[command(
        after_help = "Their sessions, access tokens and live connections end. They may sign in again with their password.

Examples:
  campuszon admin user sign-out usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason 'the laptop you lost'
  campuszon admin user list --role moderator --format ids | campuszon admin user sign-out -"
    )]
    SignOut(ActArgs),
    /// Let suspended users in again
    #[command(after_help = "Examples:
  campuszon admin user restore usr_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon admin user list --status suspended --format ids | campuszon admin user restore -")]
    Restore(ActArgs),
    /// Tell a user what not to do
    Warn(WarnArgs),
    /// Make a user a student, a moderator or an administrator
    Role(RoleArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin user list ada
  campuszon admin user list --role moderator --json=id,name,email")]
pub struct ListArgs {
    /// Part of a name or an address, or an id
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Accounts that stand so; deleted ones are listed only when asked for
    #[arg(long, value_name = "STATUS", value_parser = one_of!(UserStatus))]
    status: Option<UserStatus>,
    /// Users of this role
    #[arg(long, value_name = "ROLE", value_parser = one_of!(Role))]
    role: Option<Role>,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
pub struct ActArgs {
    /// User ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin user warn usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --message 'Please answer your buyers.'
  campuszon admin user warn usr_01hzy3v5k8q2w4e6r8t0y2u4m6 --message - < warning.txt")]
pub struct WarnArgs {
    /// A user's id
    #[arg(value_name = "ID")]
    id: String,
    /// What they read; - reads stdin
    #[arg(long, allow_hyphen_values = true, help_heading = NEEDED)]
    message: Option<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "For administrators. Nobody changes their own role.

Examples:
  campuszon admin user role usr_01hzy3v5k8q2w4e6r8t0y2u4m6 moderator
  campuszon admin user role usr_01hzy3v5k8q2w4e6r8t0y2u4m6 student --json=name,role")]
pub struct RoleArgs {
    /// A user's id
    #[arg(value_name = "ID")]
    id: String,
    /// What they become
    #[arg(value_name = "ROLE", value_parser = one_of!(Role))]
    role: Role,
    #[command(flatten)]
    change: Change,
}

impl UserCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(args, context).await,
            Self::Suspend(args) => suspend(args, context).await,
            Self::SignOut(args) => sign_out(args, context).await,
            Self::Restore(args) => restore(args, context).await,
            Self::Warn(args) => warn(args, context).await,
            Self::Role(args) => role(args, context).await,
        }
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_USER)?;
    let client = context.client()?;
    let query = UserQuery { q: args.text, status: args.status, role: args.role };
    let users = args.paging.gather(context, async |page| client.moderated_users(&query, page).await).await?;
    if users.is_empty() {
        context.output.notice("no users");
    }
    Ok(context.output.list(&shapes::MODERATED_USER, &users)?)
}

async fn suspend(args: ActArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_USER)?;
    let (client, reason) = (context.changing(&args.change)?, args.reason.reason.as_deref());
    let users = batch::each(args.ids, async |id: UserId| Ok(client.suspend(id, reason).await?));
    users.await?.tell(context, &shapes::MODERATED_USER, said)
}

async fn sign_out(args: ActArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_USER)?;
    let (client, reason) = (context.changing(&args.change)?, args.reason.reason.as_deref());
    let users = batch::each(args.ids, async |id: UserId| Ok(client.sign_out(id, reason).await?));
    users
        .await?
        .tell(context, &shapes::MODERATED_USER, |user| format!("{} is signed out everywhere: {}", user.name, user.id))
}

async fn restore(args: ActArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_USER)?;
    let (client, reason) = (context.changing(&args.change)?, args.reason.reason.as_deref());
    let users = batch::each(args.ids, async |id: UserId| Ok(client.restore_user(id, reason).await?));
    users.await?.tell(context, &shapes::MODERATED_USER, said)
}

async fn warn(args: WarnArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_USER)?;
    let id: UserId = ids::one(&args.id)?;
    let client = context.changing(&args.change)?;
    let mut ask = context.prompt.ask();
    let message = ask.text("--message", "What they read:", args.message);
    ask.finish()?;
    let user = client.warn(id, &text_or_stdin(message)?).await?;
    Ok(context.output.changed(&shapes::MODERATED_USER, &user, &format!("Warned {}.", user.name))?)
}

async fn role(args: RoleArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_USER)?;
    let id: UserId = ids::one(&args.id)?;
    let user = context.changing(&args.change)?.set_role(id, args.role).await?;
    let done = format!("{} is now: {}.", user.name, user.role);
    Ok(context.output.changed(&shapes::MODERATED_USER, &user, &done)?)
}

fn said(user: &ModeratedUser) -> String {
    format!("{} is {}: {}", user.name, user.status, user.id)
}
