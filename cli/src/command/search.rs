//! `campuszon search`: saved searches.

use campuszon_core::{
    SearchId,
    wire::notification::{CreateSearch, EditSearch, Search},
};
use clap::{Args, Subcommand};

use super::{
    Change, CommandError, Create, batch::Done, ids, item::check_filters, missing::NEEDED, paging::Paging, shapes,
};
use crate::{
    client::{Client, ItemQuery, follow},
    context::Context,
    failure::Failure,
};

/// What to do with saved searches.
#[derive(Debug, Subcommand)]
pub enum SearchCommand {
    /// Save a search, to be told of new items that match
    Save(SaveArgs),
    /// List your saved searches
    List(ListArgs),
    /// Find what matches a saved search
    Run(RunArgs),
    /// Change a saved search
    Edit(EditArgs),
    /// Delete a saved search
    Delete(DeleteArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "The query is that of `item list`: words, \"phrases\", -without, category:books price:<50

Examples:
  campuszon search save maths calculus algebra
  campuszon search save 'cheap bikes' 'bicycle price:<80 -broken' --digest")]
pub struct SaveArgs {
    /// What to call it
    #[arg(value_name = "NAME")]
    name: String,
    /// Words to look for
    #[arg(value_name = "QUERY", help_heading = NEEDED)]
    query: Vec<String>,
    /// Name its matches in a daily mail too
    #[arg(long)]
    digest: bool,
    #[command(flatten)]
    create: Create,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon search list
  campuszon search list --all --json=name,query,matches")]
pub struct ListArgs {
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon search run maths
  campuszon search run maths --new --json=id,title,price")]
pub struct RunArgs {
    /// A saved search's name or id
    #[arg(value_name = "NAME")]
    name: String,
    /// Only what was offered since it was saved, the newest match first
    #[arg(long)]
    new: bool,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "With another query it has found nothing yet.

Examples:
  campuszon search edit maths --query 'calculus price:<30'
  campuszon search edit maths --name books --digest=false")]
pub struct EditArgs {
    /// A saved search's name or id
    #[arg(value_name = "NAME")]
    search: String,
    /// What to call it from now on
    #[arg(long)]
    name: Option<String>,
    /// What to look for
    #[arg(long, allow_hyphen_values = true)]
    query: Option<String>,
    /// Name its matches in a daily mail too; =false for no mail
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    digest: Option<bool>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon search delete maths
  campuszon search delete sch_01hzy3v5k8q2w4e6r8t0y2u4m6 --yes")]
pub struct DeleteArgs {
    /// A saved search's name or id
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    change: Change,
}

impl SearchCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Save(args) => save(args, context).await,
            Self::List(args) => list(args, context).await,
            Self::Run(args) => run(args, context).await,
            Self::Edit(args) => edit(args, context).await,
            Self::Delete(args) => delete(args, context).await,
        }
    }
}

async fn save(args: SaveArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SEARCH)?;
    let mut ask = context.prompt.ask();
    let query = Some(args.query.join(" ")).filter(|query| !query.trim().is_empty());
    let query = ask.text("QUERY", "What to look for:", query);
    ask.finish()?;
    check_filters(&query)?;
    let client = context.changing(&args.create.change)?;
    let search = CreateSearch { name: args.name, query, digest: Some(args.digest) };
    let search = client.save_search(&search, args.create.idempotency_key.as_deref()).await?;
    let done = format!("Saved {}: new items that match are told by `campuszon alert list`.", search.name);
    Ok(context.output.changed(&shapes::SEARCH, &search, &done)?)
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SEARCH)?;
    let client = context.client()?;
    let searches = args.paging.gather(context, async |page| client.searches(page).await).await?;
    if searches.is_empty() {
        context.output.notice("no saved searches");
    }
    Ok(context.output.list(&shapes::SEARCH, &searches)?)
}

async fn run(args: RunArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM_SUMMARY)?;
    let client = context.client()?;
    let search = find(&client, &args.name).await?;
    let query = ItemQuery { q: Some(search.query), ..ItemQuery::default() };
    let fetch = async |page| match args.new {
        true => client.search_matches(search.id, page).await,
        false => client.items(&query, page).await,
    };
    let items = args.paging.gather(context, fetch).await?;
    if items.is_empty() {
        context.output.notice("no items");
    }
    Ok(context.output.list(&shapes::ITEM_SUMMARY, &items)?)
}

async fn edit(args: EditArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SEARCH)?;
    args.query.as_deref().map_or(Ok(()), check_filters)?;
    let patch = EditSearch { name: args.name, query: args.query, digest: args.digest };
    if patch == (EditSearch { name: None, query: None, digest: None }) {
        return Err(CommandError::NothingToChange(&["--name", "--query", "--digest"]).into());
    }
    let client = context.changing(&args.change)?;
    let id = find(&client, &args.search).await?.id;
    let search = client.edit_search(id, &patch).await?;
    let done = format!("Saved {}: {}", search.name, search.query);
    Ok(context.output.changed(&shapes::SEARCH, &search, &done)?)
}

async fn delete(args: DeleteArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    let search = find(&client, &args.name).await?;
    context.confirm(&args.change, &format!("Delete {}?", search.name))?;
    client.delete_search(search.id).await?;
    let done = Done { id: search.id.to_string(), status: "deleted" };
    Ok(context.output.changed(&shapes::DONE, &done, &format!("Deleted {}.", search.name))?)
}

/// The saved search with this id, or else of this name.
async fn find(client: &Client, wanted: &str) -> Result<Search, Failure> {
    let id: Option<SearchId> = ids::parse(wanted).ok();
    let all = follow(None, None, async |page| client.searches(page).await).await?.rows;
    let found = all.into_iter().find(|search| Some(search.id) == id || search.name == wanted);
    Ok(found.ok_or_else(|| CommandError::NoSuch(format!("there is no saved search called {wanted:?}")))?)
}
