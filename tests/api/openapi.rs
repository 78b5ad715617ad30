//! The OpenAPI document: whole, and true to its own form.

use serde_json::{Map, Value};

use super::routes::{OPEN, ROUTES, operations};
use crate::{
    on_every_database,
    support::{Engine, World},
};

async fn document() -> Value {
    let world = World::new(Engine::Sqlite).await;
    world.call("", "GET", "/api/openapi.json", Value::Null).await.expect(200).json()
}

/// Every `$ref` in a value.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.push(reference.clone());
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// What is wrong with an operation; nothing, if all is well.
fn wrong_with(path: &str, method: &str, operation: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{method} {path}: {what}"));
        }
    };
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    must(text(&operation["summary"]), "no summary");
    must(text(&operation["operationId"]), "no operation id");
    must(operation["tags"].as_array().is_some_and(|tags| !tags.is_empty()), "no tag");
    let is_open =
        operation["security"].as_array().is_some_and(|any| any.iter().any(|one| *one == Value::Object(Map::new())));
    must(is_open == OPEN.contains(&(method, path)) || path == "/api/ws", "open or not");
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let parameters = operation["parameters"].as_array();
        let is_named =
            |parameter: &Value| parameter["name"] == name && parameter["in"] == "path" && parameter["required"] == true;
        must(parameters.is_some_and(|all| all.iter().any(is_named)), "a parameter of the path is missing");
    }
    let responses = operation["responses"].as_object().expect("responses");
    must(responses.keys().any(|status| status.starts_with('2') || status == "101"), "no success");
    must(responses.contains_key("4XX") || path == "/api/meta", "no failure");
    for (status, response) in responses {
        must(text(&response["description"]), "a response without a description");
        let schema = &response["content"]["application/json"]["schema"];
        let has_json = matches!(status.as_str(), "200" | "201" | "202") && path.starts_with("/api/");
        must(!has_json || schema.is_object(), "a JSON answer without a schema");
        must(
            !matches!(status.as_str(), "204" | "304" | "101") || response.get("content").is_none(),
            "a body where none is",
        );
        must(
            status != "4XX" || response["content"]["application/problem+json"]["schema"].is_object(),
            "4XX is no problem document",
        );
    }
    wrong
}

#[tokio::test]
async fn every_route_is_described() {
    let document = document().await;
    let mut listed = operations(&document);
    let mut known: Vec<(String, String)> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    listed.sort();
    known.sort();
    // A route has a row for each kind of body.
    known.dedup();
    assert_eq!(listed, known, "each route has its row in the table of routes.rs");
}

#[tokio::test]
async fn every_operation_is_whole() {
    let document = document().await;
    let wrong: Vec<String> = operations(&document)
        .iter()
        .flat_map(|(method, path)| wrong_with(path, method, &document["paths"][path][method.to_lowercase()]))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn the_document_is_sound() {
    let document = document().await;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference} points at nothing");
    }
    let mut ids: Vec<&str> = operations(&document)
        .iter()
        .map(|(method, path)| document["paths"][path][method.to_lowercase()]["operationId"].as_str().expect("an id"))
        .collect();
    let many = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), many, "operation ids are unique");
}

on_every_database! {
    async fn the_pages_beside_the_api_answer(world: World) {
        for (path, kind) in [("/healthz", "application/json"), ("/readyz", "application/json"), ("/docs/", "text/html")] {
            let answer = world.call("", "GET", path, Value::Null).await.expect(200);
            assert!(answer.header("content-type").starts_with(kind), "{path}: {}", answer.header("content-type"));
        }
        let docs = world.call("", "GET", "/docs/", Value::Null).await;
        assert_eq!(docs.header("content-encoding"), "gzip");
        let page = std::io::read_to_string(flate2::read::GzDecoder::new(&docs.bytes[..])).expect("a page");
        assert!(page.contains("swagger-ui-bundle.js") && !page.contains("https://"), "the pages need no internet: {page}");
        let start = world.call("", "GET", "/docs/swagger-initializer.js", Value::Null).await.expect(200);
        let start = String::from_utf8_lossy(&start.bytes);
        assert!(start.contains("\"/api/openapi.json\"") && start.contains("\"validatorUrl\": \"none\""), "{start}");
        assert!(!start.contains("https://"), "{start}");
        let protocol = world.call("", "GET", "/docs/protocol", Value::Null).await.expect(200);
        assert_eq!(protocol.header("content-type"), "text/html; charset=utf-8");
        assert!(protocol.header("content-security-policy").starts_with("default-src 'none';"));
        let page = String::from_utf8_lossy(&protocol.bytes);
        for loading in ["src=", "<link", "<script", "url(", "@import"] {
            assert!(!page.contains(loading), "the page needs nothing else: {loading}");
        }
    }
}
