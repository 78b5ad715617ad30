//! The body of an upload: the file itself, or a form with one field `image`.

use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::MultipartError},
};

use crate::{
    Error,
    gateway::extract::{content_type, read_body},
};

/// The field of a form that holds the file.
const FIELD: &str = "image";

/// What a form may add to its file: boundaries and headers.
const FORM_OVERHEAD: usize = 16 * 1024;

/// The uploaded file, at most `max_bytes` long in memory (a form's file is held to it by whoever looks at it).
///
/// # Errors
/// The body is larger, breaks off, or is a form without exactly one field `image`.
pub async fn read_picture(request: Request, max_bytes: u64) -> Result<Bytes, Error> {
    let (head, body) = request.into_parts();
    let is_form = content_type(&head.headers).is_some_and(|kind| kind == "multipart/form-data");
    let overhead = if is_form { FORM_OVERHEAD } else { 0 };
    let limit = usize::try_from(max_bytes).unwrap_or(usize::MAX).saturating_add(overhead);
    let bytes = read_body(Request::new(body), limit).await?;
    if !is_form {
        return Ok(bytes);
    }
    let mut request = Request::from_parts(head, Body::from(bytes));
    // The body is in memory already and was held to our own limit.
    DefaultBodyLimit::disable().apply(&mut request);
    the_field(Multipart::from_request(request, &()).await.map_err(|error| malformed(&error.body_text()))?).await
}

async fn the_field(mut form: Multipart) -> Result<Bytes, Error> {
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != FIELD || file.is_some() {
            let code = if name == FIELD { "repeated" } else { "unknown_field" };
            return Err(Error::invalid(&name, code, "the form must have exactly one field, named image"));
        }
        file = Some(field.bytes().await.map_err(broken)?);
    }
    file.ok_or_else(|| Error::invalid(FIELD, "required", "is required"))
}

fn broken(error: MultipartError) -> Error {
    malformed(&error.body_text())
}

fn malformed(reason: &str) -> Error {
    Error::Malformed(format!("the form cannot be read: {reason}"))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    fn raw(body: &str) -> Request {
        Request::builder().header(header::CONTENT_TYPE, "image/png").body(Body::from(body.to_owned())).unwrap()
    }

    fn form(fields: &[(&str, &str)]) -> Request {
        let field = |(name, value): &(&str, &str)| {
            format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n{value}\r\n")
        };
        let body = fields.iter().map(field).collect::<String>() + "--cut--\r\n";
        let kind = "multipart/form-data; boundary=cut";
        Request::builder().header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    }

    #[tokio::test]
    async fn takes_the_file_raw_or_in_a_form() {
        assert_eq!(read_picture(raw("bytes"), 5).await.unwrap(), "bytes");
        assert_eq!(read_picture(form(&[("image", "bytes")]), 5).await.unwrap(), "bytes");
    }

    #[tokio::test]
    async fn refuses_what_is_too_long_while_reading() {
        assert!(matches!(read_picture(raw("bytes!"), 5).await, Err(Error::PayloadTooLarge(_))));
        let long = "x".repeat(FORM_OVERHEAD + 5);
        assert!(matches!(read_picture(form(&[("image", &long)]), 5).await, Err(Error::PayloadTooLarge(_))));
    }

    #[tokio::test]
    async fn refuses_forms_without_exactly_one_image() {
        for fields in [&[][..], &[("photo", "x")], &[("image", "x"), ("image", "y")], &[("image", "x"), ("a", "b")]] {
            assert!(matches!(read_picture(form(fields), 5).await, Err(Error::Invalid(_))), "{fields:?}");
        }
        let mut cut = form(&[("image", "x")]);
        *cut.body_mut() = Body::from("--cut\r\nContent-Disp");
        assert!(matches!(read_picture(cut, 5).await, Err(Error::Malformed(_))));
    }
}
