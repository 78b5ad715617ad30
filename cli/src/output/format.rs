//! The formats of data on stdout.

campuszon_core::words! {
    /// How data is printed.
    Format {
        /// Aligned, for people.
        Table = "table",
        /// What a pipe gets: the rows of the table, tab-separated.
        Rows = "rows",
        /// One document.
        Json = "json",
        /// One object a line.
        Jsonl = "jsonl",
        /// With a header, safe to open in a spreadsheet.
        Csv = "csv",
        /// Tab-separated, asked for by name.
        Tsv = "tsv",
        /// The ids alone.
        Ids = "ids",
    }
}

impl Format {
    /// What `--format` takes.
    pub const NAMED: [&'static str; 6] = ["table", "json", "jsonl", "csv", "tsv", "ids"];

    /// Whether a program asked for it by name, and expects errors to be for programs too.
    pub fn is_for_machines(self) -> bool {
        !matches!(self, Self::Table | Self::Rows)
    }
}
