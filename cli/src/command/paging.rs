//! `--limit`, `--all` and `--cursor`, on every list.

use clap::Args;

use crate::{
    client::{ClientError, Page, PageRequest, follow},
    context::Context,
    failure::Failure,
};

/// How much of a list.
#[derive(Args, Clone, Debug)]
pub struct Paging {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    limit: usize,
    /// All there are
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Go on where an earlier list ended
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Paging {
    /// Fetches the rows, and says so when there are more.
    ///
    /// # Errors
    /// Those of `fetch`.
    pub async fn gather<T, P: Into<Page<T>>>(
        self,
        context: &Context,
        fetch: impl AsyncFnMut(PageRequest) -> Result<P, ClientError>,
    ) -> Result<Vec<T>, Failure> {
        let wanted = (!self.all).then_some(self.limit);
        let page = follow(self.cursor, wanted, fetch).await.map_err(|error| Failure::from(error).into_usage())?;
        if let Some(cursor) = page.next_cursor {
            let shown = page.rows.len();
            context.output.notice(&format!("{shown} shown, there are more: --all, or --cursor {cursor}"));
        }
        Ok(page.rows)
    }
}
