//! Reporting items, users and messages: what the commands have in common.

use campuszon_core::wire::trust::CreateReport;
use clap::Args;

use super::{Create, item, missing::NEEDED, shapes};
use crate::{client::ReportTarget, context::Context, failure::Failure};

/// Why something is reported.
#[derive(Args, Debug)]
pub struct Reasons {
    /// What is wrong, in one line, such as spam or fraud
    #[arg(long, help_heading = NEEDED)]
    reason: Option<String>,
    /// More of it, for the moderators; - reads stdin
    #[arg(long, allow_hyphen_values = true)]
    detail: Option<String>,
    #[command(flatten)]
    create: Create,
}

/// Reports something to the moderators.
///
/// # Errors
/// Whatever kept it from being done.
pub async fn run(target: ReportTarget, reasons: Reasons, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::REPORT)?;
    let client = context.changing(&reasons.create.change)?;
    let mut ask = context.prompt.ask();
    let reason = ask.text("--reason", "What is wrong:", reasons.reason);
    ask.finish()?;
    let report = CreateReport { reason, detail: reasons.detail.map(item::text_or_stdin).transpose()? };
    let report = client.report(target, &report, reasons.create.idempotency_key.as_deref()).await?;
    Ok(context.output.changed(&shapes::REPORT, &report, "Reported: a moderator will look at it.")?)
}
