//! Preconditions: a change that names the version it was made for.

use crate::Error;

/// The entity tags of an `If-Match` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// Reads the header's value: entity tags with commas between, or `*`.
    pub fn parse(value: &str) -> Self {
        Self(value.split(',').map(|tag| tag.trim().to_owned()).collect())
    }

    /// Refuses a change of what has another version by now.
    ///
    /// # Errors
    /// The precondition failed.
    pub fn check(this: Option<&Self>, version: &str) -> Result<(), Error> {
        let Some(Self(tags)) = this else { return Ok(()) };
        let names_it = |tag: &String| tag == "*" || version_of(tag) == Some(version);
        if tags.iter().any(names_it) { Ok(()) } else { Err(Error::PreconditionFailed) }
    }
}

/// The version in an entity tag of ours, `"version-hash"`.
fn version_of(tag: &str) -> Option<&str> {
    tag.trim_matches('"').split_once('-').map(|(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_tags_may_name_the_version() {
        let check = |header: &str| IfMatch::check(Some(&IfMatch::parse(header)), "7").is_ok();
        assert!(check("\"7-abc\"") && check("\"6-a\", \"7-b\"") && check("*"));
        assert!(!check("\"8-abc\"") && !check("") && !check("7"));
        assert!(IfMatch::check(None, "7").is_ok());
    }
}
