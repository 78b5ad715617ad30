//! Nothing with SQL is forgotten by this suite.

use crate::layering::sources::{Source, all};

/// Files with SQL, the tests that run them, and the name their functions have there. Those of `items/search.rs` are
/// private to the item service, through which `lists.rs` runs them.
const STORES: &[(&str, &str, &str)] = &[
    ("server/src/check/store.rs", include_str!("check.rs"), "store"),
    ("server/src/chat/store.rs", include_str!("chat.rs"), "store"),
    ("server/src/chat/store/overview.rs", include_str!("chat.rs"), "store"),
    ("server/src/deals/store.rs", include_str!("deals.rs"), "store"),
    ("server/src/deals/store/reviews.rs", include_str!("deals.rs"), "store"),
    ("server/src/deals/store/unlocks.rs", include_str!("deals.rs"), "store"),
    ("server/src/images/store.rs", include_str!("images.rs"), "store"),
    ("server/src/items/listing.rs", concat!(include_str!("lists.rs"), include_str!("saved.rs")), "listing"),
    ("server/src/items/saved/store.rs", include_str!("saved.rs"), "store"),
    ("server/src/items/search.rs", include_str!("lists.rs"), "search"),
    ("server/src/items/store.rs", include_str!("items.rs"), "store"),
    ("server/src/notifications/store.rs", include_str!("notifications.rs"), "store"),
    ("server/src/platform/inbox.rs", include_str!("platform.rs"), "inbox"),
    ("server/src/platform/jobs.rs", include_str!("platform.rs"), "jobs"),
    ("server/src/platform/maintenance.rs", include_str!("platform.rs"), "maintenance"),
    ("server/src/platform/replies.rs", include_str!("platform.rs"), "replies"),
    ("server/src/trust/overview/store.rs", include_str!("trust.rs"), "overview::store"),
    ("server/src/trust/store.rs", include_str!("trust.rs"), "trust::store"),
    ("server/src/users/blocks/store.rs", include_str!("wallet.rs"), "blocks::store"),
    ("server/src/users/store.rs", concat!(include_str!("users.rs"), include_str!("wallet.rs")), "store"),
    ("server/src/users/store/administrators.rs", include_str!("users.rs"), "store"),
    ("server/src/users/store/campuses.rs", include_str!("users.rs"), "store"),
    ("server/src/users/store/codes.rs", include_str!("users.rs"), "store"),
    ("server/src/users/store/sessions.rs", include_str!("users.rs"), "store"),
    ("server/src/users/store/tokens.rs", include_str!("users.rs"), "store"),
    ("server/src/users/wallet/store.rs", include_str!("wallet.rs"), "wallet::store"),
    ("server/src/views/export/store.rs", include_str!("export.rs"), "store"),
];

fn public_functions(source: &Source) -> impl Iterator<Item = &str> {
    let names = source.text.lines().filter_map(|line| line.strip_prefix("pub fn "));
    names.filter_map(|rest| rest.split(['(', '<']).next())
}

#[test]
fn every_function_of_every_store_is_run() {
    let sources = all();
    let mut forgotten = Vec::new();
    for &(path, tests, module) in STORES {
        let source = sources.iter().find(|source| source.path == path).expect(path);
        let is_run = |name: &&str| tests.contains(&format!("{module}::{name}"));
        forgotten.extend(public_functions(source).filter(|name| !is_run(name)).map(|name| format!("{path}: {name}")));
    }
    assert!(forgotten.is_empty(), "no test on both databases runs {forgotten:#?}");
}

#[test]
fn every_file_with_sql_is_known() {
    let known = |path: &str| STORES.iter().any(|(store, ..)| *store == path);
    let with_sql = all().into_iter().filter(|source| source.path.starts_with("server/") && source.has_sql());
    let unknown: Vec<String> =
        with_sql.map(|source| source.path).filter(|path| !known(path) && !path.contains("/database/")).collect();
    assert!(unknown.is_empty(), "add these to the conformance suite: {unknown:#?}");
}
