//! Bodies of uploads: what is taken is a stretch of what came, no longer than allowed, and a form around any file gives
//! that file back.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
};
use campuszon_server::images::body::read_picture;

/// The longest file.
const MAX_BYTES: u64 = 4_096;

/// The first line is a media type, what follows the body.
pub fn hold(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (kind, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let Ok(kind) = HeaderValue::from_bytes(kind) else { return };
    let is_form = kind.as_bytes().to_ascii_lowercase().starts_with(b"multipart/form-data");
    if let Some(file) = read(kind, body.to_vec()) {
        assert!(is_form || file.len() as u64 <= MAX_BYTES);
        assert!(file.is_empty() || body.windows(file.len()).any(|part| part == file), "the file was not in the body");
    }
    let boundary = b"\r\n--cut";
    if body.len() as u64 <= MAX_BYTES && !body.windows(boundary.len()).any(|part| part == boundary) {
        let head = b"--cut\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";
        let form = [head, body, b"\r\n--cut--\r\n"].concat();
        let kind = HeaderValue::from_static("multipart/form-data; boundary=cut");
        assert_eq!(read(kind, form).as_deref(), Some(body), "a form around a file gives it back");
    }
}

fn read(kind: HeaderValue, body: Vec<u8>) -> Option<Vec<u8>> {
    let mut request = Request::new(Body::from(body));
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(read_picture(request, MAX_BYTES)).ok().map(|file| file.to_vec())
}
