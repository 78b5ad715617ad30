//! The formats of data on stdout.

use clap::ValueEnum;

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned, for people.
    Table,
    /// What a pipe gets: the rows of the table, tab-separated.
    #[value(skip)]
    Rows,
    /// One document.
    Json,
    /// One object a line.
    Jsonl,
    /// With a header, safe to open in a spreadsheet.
    Csv,
    /// Tab-separated, asked for by name.
    Tsv,
    /// The ids alone.
    Ids,
}

impl Format {
    /// Whether a program asked for it by name, and expects errors to be for programs too.
    pub fn is_for_machines(self) -> bool {
        !matches!(self, Self::Table | Self::Rows)
    }
}
