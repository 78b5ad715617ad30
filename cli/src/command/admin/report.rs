//! `admin report`: what users have reported.

use campuszon_core::{ReportId, wire::trust::ReportStatus};
use clap::{Args, Subcommand};

use super::Reason;
use crate::{
    command::{Change, batch, paging::Paging, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// List reports, newest first
    List(ListArgs),
    /// See nothing wrong in reports
    Dismiss(DismissArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Removing what was reported, or warning or suspending whoever it is about, upholds a report.

Examples:
  campuszon admin report list
  campuszon admin report list --status upheld --all --json=excerpt,reason,note")]
pub struct ListArgs {
    /// What became of them; all for every one
    #[arg(long, value_name = "STATUS", default_value = "open", value_parser = ["open", "upheld", "dismissed", "all"])]
    status: String,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Dismisses all open reports on the same thing, and shows an item again that they hid.

Examples:
  campuszon admin report dismiss rpt_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon admin report dismiss rpt_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason 'a fair price'")]
pub struct DismissArgs {
    /// Report ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    change: Change,
}

impl ReportCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(args, context).await,
            Self::Dismiss(args) => dismiss(args, context).await,
        }
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_REPORT)?;
    let client = context.client()?;
    let status: Option<ReportStatus> = args.status.parse().ok();
    let reports = args.paging.gather(context, async |page| client.reports(status, page).await).await?;
    if reports.is_empty() {
        context.output.notice("no reports");
    }
    Ok(context.output.list(&shapes::MODERATED_REPORT, &reports)?)
}

async fn dismiss(args: DismissArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_REPORT)?;
    let (client, reason) = (context.changing(&args.change)?, args.reason.reason.as_deref());
    let reports = batch::each(args.ids, async |id: ReportId| Ok(client.dismiss(id, reason).await?));
    reports.await?.tell(context, &shapes::MODERATED_REPORT, |report| format!("Dismissed {}.", report.report.id))
}
