//! Making picture files ready and sending them.

use std::path::Path;

use campuszon_core::{
    Id, ImageId,
    picture::{Limits, Prepared, prepare},
};

use super::CommandError;
use crate::{
    client::{Client, ClientError},
    context::Context,
    failure::Failure,
    output::Output,
};

/// Makes a picture ready: upright, without metadata, no larger than needed. Says from what to what.
///
/// # Errors
/// [`CommandError::File`] and [`CommandError::Picture`].
pub fn prepare_file(output: &Output, path: &Path) -> Result<Prepared, CommandError> {
    let name = path.display().to_string();
    let _progress = output.progress(&format!("preparing {name}"));
    let bytes = std::fs::read(path).map_err(|source| CommandError::File { path: path.to_owned(), source })?;
    let prepared = prepare(&bytes, &Limits::default())
        .map_err(|source| CommandError::Picture { path: path.to_owned(), source })?;
    let (from, to) = (size(prepared.from_bytes), size(prepared.bytes.len() as u64));
    output.notice(&format!("{name}: {from} → {to}"));
    Ok(prepared)
}

/// Makes pictures ready, then sends them, in order. Nothing is sent when one cannot be made ready. Each upload has a
/// key of its own made from `key`.
///
/// # Errors
/// As for [`prepare_file`], or what the client says. A dry run goes on with ids that stand in.
pub async fn upload(
    context: &Context,
    client: &Client,
    files: &[std::path::PathBuf],
    key: Option<&str>,
) -> Result<Vec<ImageId>, Failure> {
    let pictures: Vec<Prepared> =
        files.iter().map(|path| prepare_file(&context.output, path)).collect::<Result<_, _>>()?;
    let mut ids = Vec::with_capacity(pictures.len());
    for (number, picture) in (1_u128..).zip(pictures) {
        let _progress = context.output.progress(&format!("sending {number} of {}", files.len()));
        let content_type = picture.format.content_type();
        let key = key.map(|key| format!("{key}-{number}"));
        match client.upload_image(picture.bytes.into(), content_type, key.as_deref()).await {
            Ok(uploaded) => ids.push(uploaded.id),
            Err(ClientError::DryRun) => ids.push(ImageId::from_bits(number)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ids)
}

/// A size for people: `310 KB`, `4.9 MB`.
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = (bytes * 10 + unit / 2) / unit;
        if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
    };
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..999_500 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        let pairs =
            [(17, "17 B"), (310_200, "310 KB"), (999_600, "1 MB"), (4_900_000, "4.9 MB"), (20_000_000, "20 MB")];
        for (bytes, text) in pairs {
            assert_eq!(size(bytes), text);
        }
    }
}
