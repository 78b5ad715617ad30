//! Ids as people give them: whole, as a pasted link, or by stdin.

use std::io::{self, BufRead};

use campuszon_core::Id;

use super::CommandError;

/// The id in `text`: the id itself, or the last part of a link's path.
///
/// # Errors
/// [`CommandError::BadId`].
pub fn parse<I: Id>(text: &str) -> Result<I, CommandError> {
    let path = text.trim().split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.parse().map_err(|error: campuszon_core::id::InvalidId| CommandError::BadId {
        text: text.to_owned(),
        expected: error.to_string(),
    })
}

/// The one id that an argument names: as [`parse`], or for `-` the only line of stdin.
///
/// # Errors
/// [`CommandError::BadId`], and where stdin has no line or several.
pub fn one<I: Id>(text: &str) -> Result<I, CommandError> {
    if text != "-" {
        return parse(text);
    }
    match lines()?.as_slice() {
        [line] => parse(line),
        lines => Err(CommandError::usage(format!("one id is wanted, and stdin has {} lines", lines.len()))),
    }
}

/// The arguments, with `-` replaced by the lines of stdin.
///
/// # Errors
/// [`CommandError::File`] when stdin cannot be read.
pub fn expand(given: Vec<String>) -> Result<Vec<String>, CommandError> {
    let mut all = Vec::with_capacity(given.len());
    for text in given {
        if text == "-" {
            all.extend(lines()?);
        } else {
            all.push(text);
        }
    }
    Ok(all)
}

fn lines() -> Result<Vec<String>, CommandError> {
    let lines: Result<Vec<String>, io::Error> = io::stdin().lock().lines().collect();
    let lines = lines.map_err(|source| CommandError::File { path: "-".into(), source })?;
    Ok(lines.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use campuszon_core::ItemId;

    #[test]
    fn takes_ids_and_links() {
        let id = ItemId::from_bits(77);
        for text in [
            id.to_string(),
            format!(" {id}\n"),
            format!("https://market.uni.example/items/{id}"),
            format!("http://127.0.0.1:8080/items/{id}/?from=mail#top"),
        ] {
            assert_eq!(parse::<ItemId>(&text).expect("an id"), id, "{text}");
        }
        for text in ["", "itm_", "https://uni.example/items/", "usr_00000000000000000000000000"] {
            assert!(parse::<ItemId>(text).is_err(), "{text}");
        }
    }
}
