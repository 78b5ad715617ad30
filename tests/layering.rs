//! The rules of the house, as tests over the sources. Each failure names the places that break a rule.
#![cfg(test)]

pub mod sources;

use std::{borrow::Borrow, fs};

use sources::{Source, all, root};

/// The services in the order they are drawn: each may call those before it.
const SERVICES: [&str; 7] = ["users", "notifications", "images", "items", "chat", "deals", "trust"];

/// Fails with the places where a rule is broken.
#[track_caller]
fn none(rule: &str, places: impl IntoIterator<Item = String>) {
    let places: Vec<String> = places.into_iter().collect();
    assert!(places.is_empty(), "{rule}:\n  {}", places.join("\n  "));
}

fn below(folder: &str) -> impl Iterator<Item = Source> {
    let (folder, file) = (format!("{folder}/"), format!("{folder}.rs"));
    all().into_iter().filter(move |source| source.path.starts_with(&folder) || source.path == file)
}

/// The places where any of `names` is named.
fn naming<S: Borrow<Source>>(sources: impl IntoIterator<Item = S>, names: &[&str]) -> Vec<String> {
    let places = |source: S| names.iter().flat_map(|name| source.borrow().places(name)).collect::<Vec<_>>();
    sources.into_iter().flat_map(places).collect()
}

/// Whether SQL may stand in a file.
fn is_store(path: &str) -> bool {
    path.ends_with("/store.rs")
        || path.contains("/store/")
        || path.starts_with("server/src/platform/")
        || ["server/src/items/listing.rs", "server/src/items/search.rs"].contains(&path)
}

fn service_of(path: &str) -> Option<usize> {
    let folder = path.strip_prefix("server/src/")?.split('/').next()?;
    SERVICES.iter().position(|service| *service == folder)
}

#[test]
fn sql_stands_in_stores_only() {
    let others = all().into_iter().filter(|source| !is_store(&source.path));
    none("SQL outside of a store", others.flat_map(|source| source.sql().collect::<Vec<_>>()));
}

/// A store answers domain types and knows nothing of those who ask.
#[test]
fn stores_know_neither_rules_nor_http() {
    let stores = all().into_iter().filter(|source| is_store(&source.path) && service_of(&source.path).is_some());
    none("a store names who calls it", naming(stores, &["axum", "StatusCode", "gateway::", "api::", "views::", "App"]));
}

#[test]
fn routes_see_no_store() {
    let routes = all().into_iter().filter(|source| source.path.ends_with("/api.rs"));
    none("a route sees a store", naming(routes, &["store::"]));
}

#[test]
fn services_see_neither_http_nor_sql() {
    let services = || all().into_iter().filter(|source| source.path.ends_with("/service.rs"));
    none("a service sees HTTP", naming(services(), &["axum", "StatusCode", "gateway"]));
    let sql = services().flat_map(|source| source.sql().collect::<Vec<_>>());
    none("a service has SQL", sql.chain(naming(services(), &["Value::"])));
}

/// Routes and live connections answer for the gateway, but even they call upwards only.
#[test]
fn services_call_only_those_drawn_above_them() {
    let circles = all().into_iter().flat_map(|source| {
        let own = service_of(&source.path).unwrap_or(SERVICES.len());
        let below = SERVICES.iter().skip(own + 1);
        below.flat_map(|service| source.places(&format!("crate::{service}"))).collect::<Vec<_>>()
    });
    none("a service calls one below it", circles);
}

/// The platform carries the services and the gateway and so knows none of them.
#[test]
fn the_platform_knows_no_service() {
    let above = [
        "crate::users",
        "crate::notifications",
        "crate::images",
        "crate::items",
        "crate::chat",
        "crate::deals",
        "crate::trust",
        "crate::gateway",
        "crate::views",
    ];
    none("the platform knows who stands on it", naming(below("server/src/platform"), &above));
}

/// Only one module binds the client to the server, so that a client can be built without one.
#[test]
fn one_command_holds_the_server() {
    let others = below("cli/src").filter(|source| {
        source.path != "cli/src/command/serve.rs" && !source.path.starts_with("cli/src/command/serve/")
    });
    none("a client that needs a server", naming(others, &["campuszon_server"]));
}

/// Help texts may show a path as an example: what counts is a text that begins with one.
#[test]
fn only_the_client_module_speaks_http() {
    let others = || below("cli/src").filter(|source| !source.path.starts_with("cli/src/client"));
    none("HTTP outside of the client", naming(others(), &["reqwest", "tokio_tungstenite", "tungstenite"]));
    let is_path = |(_, text): &&(usize, String)| text.starts_with("/api/");
    let paths = others().flat_map(|source| {
        let found = source.literals.iter().filter(is_path);
        found.map(|(line, text)| format!("{}:{line}: {text}", source.path)).collect::<Vec<_>>()
    });
    none("a path of the API outside of the client", paths);
}

#[test]
fn the_core_is_pure() {
    let runtime = ["tokio", "axum", "reqwest", "tracing", "std::thread", "std::process"];
    let world = ["std::fs", "std::net", "std::env", "std::io::stdout", "println!", "eprintln!"];
    let chance = ["SystemTime", "Instant", "getrandom", "rand::"];
    none("the core touches the world", naming(below("core/src"), &[&runtime[..], &world, &chance].concat()));
}

/// One text serves both databases. What cannot is a fork on the dialect, and each is counted where it is made.
#[test]
fn statements_fork_at_two_places_at_most() {
    let outside = all().into_iter().filter(|source| !source.path.starts_with("server/src/platform/database"));
    let forks = naming(outside, &["Dialect::Postgres", "if dialect", "matches!(dialect"]);
    assert!(forks.len() <= 2, "the databases are told apart at {} places:\n  {}", forks.len(), forks.join("\n  "));
}

/// PostgreSQL's texts are made by rewriting `?1`; an unnumbered `?` is only a part of a condition under construction.
#[test]
fn parameters_are_numbered() {
    let stores =
        all().into_iter().filter(Source::has_sql).filter(|source| !source.path.starts_with("server/src/items/l"));
    let unnumbered = stores.flat_map(|source| {
        let is_bare = |text: &str| {
            text.match_indices('?').any(|(at, _)| !text[at + 1..].starts_with(|char: char| char.is_ascii_digit()))
        };
        let bare = source.literals.iter().filter(|(_, text)| text.contains("SELECT ") && is_bare(text));
        bare.map(|(line, _)| format!("{}:{line}", source.path)).collect::<Vec<_>>()
    });
    none("a parameter without a number", unnumbered);
}

/// A store's function takes the campus it works on, unless its work is the server's own.
#[test]
fn every_function_of_a_store_names_its_campus() {
    let stores = all().into_iter().filter(|source| is_store(&source.path) && service_of(&source.path).is_some());
    let without = stores.flat_map(|source| {
        let heads = source.code.split("fn ").skip(1).filter_map(|function| function.split(" {").next());
        let of_nobody = heads.filter(|head| head.contains("tx: &mut Tx<") && !head.contains("campus: CampusId"));
        let names = of_nobody.filter_map(|head| head.split(['(', '<']).next());
        names.filter(|name| !OF_ALL.contains(name)).map(|name| format!("{}: {name}", source.path)).collect::<Vec<_>>()
    });
    none("a function of a store without a campus", without);
}

/// They find the campus, carry it in what they are given, sweep them all, or count for the whole server.
const OF_ALL: &[&str] = &[
    "due_bookings",
    "due_reviews",
    "next_booking",
    "next_review",
    "has_administrator",
    "campuses",
    "domains",
    "setup_link",
    "put_setup_link",
    "delete_setup_link",
    "below",
    "top_up_week",
    "set_top_up_week",
    "campus_of_domain",
    "campus_of_name",
    "set_trace",
    "insert_campus",
    "update_profile",
    "select",
    "sweep_sessions",
    "sweep_pending",
    "overdue",
    "expiring",
    "digests_due",
    "searches_due",
    "unattached",
    "uses",
    "claim",
    "is_claimed",
    "release",
    "count",
    "counted",
];

/// Only `output` and the screen write on a terminal, and both take text that was made safe.
#[test]
fn what_peers_wrote_is_made_safe_before_it_is_shown() {
    none("printed past the output", naming(below("cli/src"), &["println!", "print!", "eprintln!", "eprint!"]));
    let writes =
        |source: &Source| !naming([source], &["io::stdout().lock", "io::stderr().lock", "io::stderr(),"]).is_empty();
    // The last words after a fault name a path of this machine.
    let writers = below("cli/src").filter(|source| source.path != "cli/src/tui/terminal.rs" && writes(source));
    let raw = writers.filter(|source| source.places("SafeText").is_empty());
    none("writes what was not made safe", raw.map(|source| source.path));
    // What is fixed is the program's own: nothing makes a text of a peer live for ever.
    none("leaked text", naming(below("cli/src"), &["leak("]));
}

/// The screen is written by the pen alone, and every method of the pen asks for `SafeText`.
#[test]
fn the_screen_is_written_by_a_pen_for_safe_text() {
    let pen = "cli/src/tui/view/pen.rs";
    let screen = below("cli/src/tui").filter(|source| source.path != pen);
    let writes = ["set_string", "set_line", "set_span", "Paragraph", "Span::", "ratatui::text", "ratatui::prelude"];
    none("drawn past the pen", naming(screen, &writes));
    none("a pen for any text", naming(below("cli/src/tui/view/pen"), &["text: &str", "text: String", "Into<String>"]));
}

/// What each kind of printed thing passes: cells, cards and csv make safe, JSON escapes.
#[test]
fn every_format_of_output_is_safe() {
    for file in ["cell", "csv", "table", "progress"] {
        let path = format!("cli/src/output/{file}.rs");
        let source = all().into_iter().find(|source| source.path == path).expect(&path);
        assert!(!source.places("SafeText::").is_empty(), "{path} makes nothing safe");
    }
}

#[test]
fn module_files_stand_next_to_their_folders() {
    none("mod.rs", all().into_iter().map(|source| source.path).filter(|path| path.ends_with("/mod.rs")));
}

#[test]
fn every_file_says_what_it_is() {
    let mut silent = Vec::new();
    for folder in ["cli/src", "core/src", "server/src", "tests"] {
        headless(folder, &mut silent);
    }
    none("a file without a header", silent);
}

fn headless(folder: &str, silent: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = format!("{folder}/{}", entry.file_name().to_str().expect("a name"));
        if entry.file_type().expect("a type").is_dir() {
            headless(&path, silent);
        } else if path.ends_with(".rs") && !fs::read_to_string(entry.path()).expect("a text").starts_with("//!") {
            silent.push(path);
        }
    }
}
