-- The words of items in a table, and SQLite's index of them apart from it: see `search_apart` in `migrations.rs`.
{search_apart};
