//! `admin maintenance`: a while in which administrators alone are served.

use campuszon_core::wire::maintenance::MaintenanceState;
use clap::{Args, Subcommand};

use crate::{
    command::{Change, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum MaintenanceCommand {
    /// Begin maintenance, or say something else about it
    On(OnArgs),
    /// End maintenance
    Off(OffArgs),
    /// Show whether there is maintenance
    Show(ShowArgs),
}

#[derive(Args, Debug)]
#[command(
    after_help = "For administrators. Until it ends everybody else is told so, on all nodes and over restarts; live connections
are closed. Work in the background goes on.

Examples:
  campuszon admin maintenance on
  campuszon admin maintenance on --message 'New disks; back at six'"
)]
pub struct OnArgs {
    /// What people are told, in one line
    #[arg(long)]
    message: Option<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "For administrators.

Examples:
  campuszon admin maintenance off
  campuszon admin maintenance off --json=on")]
pub struct OffArgs {
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "For administrators.

Examples:
  campuszon admin maintenance show
  campuszon admin maintenance show --json=on,since")]
pub struct ShowArgs {}

impl MaintenanceCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        context.output.check(&shapes::MAINTENANCE)?;
        match self {
            Self::On(args) => {
                let state = context.changing(&args.change)?.begin_maintenance(args.message).await?;
                let done = "Maintenance: nobody but administrators is served until `campuszon admin maintenance off`.";
                Ok(context.output.changed(&shapes::MAINTENANCE, &state, done)?)
            }
            Self::Off(args) => {
                context.changing(&args.change)?.end_maintenance().await?;
                let state = MaintenanceState::from(None);
                Ok(context.output.changed(&shapes::MAINTENANCE, &state, "Everybody is served.")?)
            }
            Self::Show(_) => Ok(context.output.one(&shapes::MAINTENANCE, &context.client()?.maintenance().await?)?),
        }
    }
}
