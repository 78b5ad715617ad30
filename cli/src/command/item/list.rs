//! `item list`: finding items.

use campuszon_core::{
    Decimal, Timestamp, UserId,
    item::{Condition, ItemStatus, Listing},
    query,
};
use clap::Args;

use crate::{
    client::ItemQuery,
    command::{ids, paging::Paging, shapes, word, word::one_of},
    context::Context,
    failure::{Exit, Failure},
};

const SORTS: [&str; 5] = ["relevance", "newest", "oldest", "price", "-price"];

/// What to look for: words and filters.
#[derive(Args, Debug)]
pub struct Wanted {
    /// Words to look for
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// In this category; repeatable
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',')]
    category: Vec<String>,
    /// In this condition; repeatable
    #[arg(long, value_name = "CONDITION", value_delimiter = ',', value_parser = one_of!(Condition))]
    condition: Vec<Condition>,
    /// Offered in this way; repeatable
    #[arg(long, value_name = "LISTING", value_delimiter = ',', value_parser = one_of!(Listing))]
    listing: Vec<Listing>,
    /// At least this price
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    min_price: Option<Decimal>,
    /// At most this price
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    max_price: Option<Decimal>,
    /// Of this seller: a user's id, or me
    #[arg(long, value_name = "ID|me")]
    seller: Option<String>,
    /// In this state; all but active and reserved only with --seller me; repeatable
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = one_of!(ItemStatus))]
    status: Vec<ItemStatus>,
    /// With a picture; =false for those without
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    has_image: Option<bool>,
    /// Posted since: a time, or how long ago, such as 3d
    #[arg(long, value_name = "TIME", value_parser = word::since)]
    since: Option<Timestamp>,
    /// Starred by you; =false for those that are not
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    favorite: Option<bool>,
}

#[derive(Args, Debug)]
#[command(after_help = "Words may hold keys: category:books price:<50 condition:good,new -broken \"exact phrase\"

Examples:
  campuszon item list calculus --max-price 40 --sort price
  campuszon item list --category books --since 3d --json=id,title | jq -r '.[].title'")]
pub struct ListArgs {
    #[command(flatten)]
    wanted: Wanted,
    /// In this order: relevance with words, newest without
    #[arg(long, value_name = "ORDER", value_parser = SORTS, allow_hyphen_values = true)]
    sort: Option<String>,
    #[command(flatten)]
    paging: Paging,
}

impl Wanted {
    /// As a query, in the order that fits it.
    ///
    /// # Errors
    /// A seller's id that is none, or a filter among the words that takes no such value.
    pub fn query(self) -> Result<ItemQuery, Failure> {
        let words = self.query.join(" ");
        check_filters(&words)?;
        Ok(ItemQuery {
            q: Some(words).filter(|words| !words.trim().is_empty()),
            category: self.category,
            condition: self.condition,
            listing: self.listing,
            min_price: self.min_price,
            max_price: self.max_price,
            seller: self.seller.as_deref().map(seller).transpose()?,
            status: self.status,
            has_image: self.has_image,
            since: self.since,
            favorite: self.favorite,
            sort: None,
            count: false,
        })
    }
}

/// Refuses a query in which something looks like a filter and is none.
///
/// # Errors
/// The first such part, and what its key takes.
pub fn check_filters(words: &str) -> Result<(), Failure> {
    let Some((part, takes)) = query::misread(words).into_iter().next() else { return Ok(()) };
    let hint = format!("it takes {takes}; to look for the words themselves, quote them: '\"{part}\"'");
    Err(Failure::new(Exit::Usage, "bad_filter", format!("{part:?} is no filter")).hint(hint))
}

pub async fn run(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM_SUMMARY)?;
    let query = ItemQuery { sort: args.sort, ..args.wanted.query()? };
    let client = context.client()?;
    let mut corrected = None;
    let fetch = async |page| {
        let items = client.items(&query, page).await?;
        corrected = corrected.take().or_else(|| items.corrected_query.clone());
        Ok(items)
    };
    let items = args.paging.gather(context, fetch).await?;
    if let Some(corrected) = corrected {
        context.output.notice(&format!("nothing matches as written; showing {corrected:?}"));
    }
    if items.is_empty() {
        context.output.notice("no items");
    }
    Ok(context.output.list(&shapes::ITEM_SUMMARY, &items)?)
}

fn seller(text: &str) -> Result<String, Failure> {
    if text == "me" || text == "@me" {
        return Ok("me".to_owned());
    }
    Ok(ids::parse::<UserId>(text)?.to_string())
}
