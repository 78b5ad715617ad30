//! `admin audit`: what was done on the campus, and by whom.

use clap::Args;

use crate::{
    command::{paging::Paging, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin audit
  campuszon admin audit --all --json=created_at,actor.name,action,target_id,detail")]
pub struct AuditArgs {
    #[command(flatten)]
    paging: Paging,
}

pub async fn run(args: AuditArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::AUDIT_ENTRY)?;
    let client = context.client()?;
    let entries = args.paging.gather(context, async |page| client.audit(page).await).await?;
    if entries.is_empty() {
        context.output.notice("nothing was done yet");
    }
    Ok(context.output.list(&shapes::AUDIT_ENTRY, &entries)?)
}
