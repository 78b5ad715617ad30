//! The OpenAPI document: what the macros beside the handlers say, completed by what holds for all routes.

use std::collections::BTreeSet;

use axum::{body::Bytes, http::header, response::IntoResponse};
use tokio::sync::OnceCell;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Ref, RefOr, Required, Response, Schema,
        path::{Operation, Parameter},
        request_body::RequestBody,
        schema::AdditionalProperties,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{
    Error,
    platform::background::{self, Priority},
};

#[derive(OpenApi)]
#[openapi(
    info(title = "CampusZon", description = "A campus marketplace for people who live in a terminal."),
    // A parameter's schema is referred to and not collected.
    components(schemas(campuszon_core::item::Sort)),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
pub(super) struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The access token of a session, or a personal access token."))
            .build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document as text, made when somebody first asks for it: few do, and what it is made of takes four megabytes.
static TEXT: OnceCell<Bytes> = OnceCell::const_new();

/// The document.
pub(super) async fn show() -> Result<impl IntoResponse, Error> {
    let text = TEXT.get_or_try_init(|| async {
        let written = background::run(Priority::Low, || super::openapi().to_json()).await.map_err(internal)?;
        written.map(Bytes::from).map_err(internal)
    });
    Ok(([(header::CONTENT_TYPE, "application/json")], text.await?.clone()))
}

fn internal(error: impl std::error::Error) -> Error {
    Error::Internal(error.to_string())
}

/// Completes what the macros leave out: ids of operations that are unique, the media type of problems, what a status
/// means where its route says nothing more, how long a page may be, and that bodies hold nothing unknown.
pub(super) fn complete(document: &mut utoipa::openapi::OpenApi) {
    let Some(components) = &mut document.components else { return };
    let mut bodies = BTreeSet::new();
    for path in document.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.put, &mut path.post, &mut path.patch, &mut path.delete];
        for operation in operations.into_iter().flatten() {
            complete_operation(operation);
            let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
            let Some(name) = schema_of(body) else { continue };
            if let Some(RefOr::T(Schema::Object(schema))) = components.schemas.get(&name) {
                // No body is an object without fields.
                body.required = Some(if schema.required.is_empty() { Required::False } else { Required::True });
            }
            bodies.insert(name);
        }
    }
    for name in bodies {
        if let Some(RefOr::T(Schema::Object(schema))) = components.schemas.get_mut(&name) {
            schema.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// The name of the schema that a JSON body has.
fn schema_of(body: &RequestBody) -> Option<String> {
    let Some(RefOr::T(content)) = body.content.get("application/json") else { return None };
    let Some(RefOr::Ref(Ref { ref_location, .. })) = &content.schema else { return None };
    ref_location.rsplit('/').next().map(str::to_owned)
}

fn complete_operation(operation: &mut Operation) {
    if let (Some(id), Some([tag, ..])) = (&mut operation.operation_id, operation.tags.as_deref()) {
        *id = format!("{tag}_{id}");
    }
    operation.parameters.iter_mut().flatten().for_each(bound);
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            complete_response(status, response);
        }
    }
}

/// All lists are read by pages of 1 to 100.
fn bound(parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(schema))), .. }) = parameter
        && name == "limit"
    {
        (schema.minimum, schema.maximum) = (Some(1.into()), Some(100.into()));
    }
}

fn complete_response(status: &str, response: &mut Response) {
    if response.description.is_empty() {
        meaning(status).clone_into(&mut response.description);
    }
    if status == "4XX"
        && let Some(problem) = response.content.shift_remove("application/json")
    {
        response.content.insert("application/problem+json".to_owned(), problem);
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Here it is.",
        "201" => "Created.",
        "202" => "Accepted; the rest happens in the background.",
        "204" => "Done; there is nothing to say.",
        "206" => "The part that was asked for.",
        "304" => "The client has it already.",
        _ => "A problem document that says what is wrong.",
    }
}
