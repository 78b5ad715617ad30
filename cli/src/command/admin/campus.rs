//! `admin campus`: the campuses of a server and the e-mail domains of their people.

use campuszon_core::{
    CampusId,
    wire::campus::{CreateCampus, EditCampus},
};
use clap::{Args, Subcommand};

use crate::{
    command::{Change, CommandError, Create, ids, missing::NEEDED, paging::Paging, shapes},
    context::Context,
    failure::Failure,
};

/// What to do with campuses.
#[derive(Debug, Subcommand)]
pub enum CampusCommand {
    /// List the campuses
    List(ListArgs),
    /// Make a campus
    Create(CreateArgs),
    /// Rename a campus, add and remove domains
    Edit(EditArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin campus list
  campuszon admin campus list --json=name,domains,users")]
pub struct ListArgs {
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin campus create --name 'Example University' --domain uni.example --domain student.uni.example
  campuszon admin campus create --name Tech --domain tech.example --json")]
pub struct CreateArgs {
    /// What people call it
    #[arg(long, help_heading = NEEDED)]
    name: Option<String>,
    /// An e-mail domain of its people; repeatable
    #[arg(long = "domain", value_name = "DOMAIN", value_delimiter = ',', help_heading = NEEDED)]
    domains: Vec<String>,
    #[command(flatten)]
    create: Create,
}

#[derive(Args, Debug)]
#[command(after_help = "A domain that accounts use stays where it is: accounts cannot move to another campus.

Examples:
  campuszon admin campus edit cmp_01hzy3v5k8q2w4e6r8t0y2u4m6 --name 'Example University'
  campuszon admin campus edit cmp_01hzy3v5k8q2w4e6r8t0y2u4m6 --add-domain alumni.uni.example")]
pub struct EditArgs {
    /// The campus's id
    #[arg(value_name = "ID")]
    id: String,
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// A domain to add; repeatable
    #[arg(long = "add-domain", value_name = "DOMAIN", value_delimiter = ',')]
    add_domains: Vec<String>,
    /// A domain to remove; repeatable
    #[arg(long = "remove-domain", value_name = "DOMAIN", value_delimiter = ',')]
    remove_domains: Vec<String>,
    #[command(flatten)]
    change: Change,
}

impl CampusCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        context.output.check(&shapes::CAMPUS)?;
        match self {
            Self::List(args) => list(args, context).await,
            Self::Create(args) => create(args, context).await,
            Self::Edit(args) => edit(args, context).await,
        }
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    let campuses = args.paging.gather(context, async |page| client.campuses(page).await).await?;
    Ok(context.output.list(&shapes::CAMPUS, &campuses)?)
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.create.change)?;
    let mut ask = context.prompt.ask();
    let name = ask.text("--name", "Name of the campus:", args.name);
    let given = (!args.domains.is_empty()).then(|| args.domains.join(","));
    let domains = ask.text("--domain", "E-mail domains, comma-separated:", given);
    ask.finish()?;
    let domains = domains.split(',').map(|domain| domain.trim().to_owned()).collect();
    let campus = CreateCampus { name, domains };
    let campus = client.create_campus(&campus, args.create.idempotency_key.as_deref()).await?;
    let done = format!("Made the campus {} ({}).", campus.name, campus.domains.join(", "));
    Ok(context.output.changed(&shapes::CAMPUS, &campus, &done)?)
}

async fn edit(args: EditArgs, context: &Context) -> Result<(), Failure> {
    let id: CampusId = ids::one(&args.id)?;
    let change = EditCampus { name: args.name, add_domains: args.add_domains, remove_domains: args.remove_domains };
    if change.name.is_none() && change.add_domains.is_empty() && change.remove_domains.is_empty() {
        return Err(CommandError::NothingToChange(&["--name", "--add-domain", "--remove-domain"]).into());
    }
    let campus = context.changing(&args.change)?.edit_campus(id, &change).await?;
    let done = format!("The campus {} has the domains {}.", campus.name, campus.domains.join(", "));
    Ok(context.output.changed(&shapes::CAMPUS, &campus, &done)?)
}
