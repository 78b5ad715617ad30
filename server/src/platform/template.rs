//! Texts with names in braces: mails and pages.

/// Puts the values where their names stand in braces, in one pass, so that no value is taken for a name. What is no
/// name stays.
pub fn fill(words: &str, values: &[(&str, String)]) -> String {
    let mut parts = words.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let named = part.split_once('}').and_then(|(name, rest)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, rest))
        });
        match named {
            Some((value, rest)) => text.extend([value.as_str(), rest]),
            None => text.extend(["{", part]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_taken_for_a_name() {
        assert_eq!(fill("{a} {b} { {", &[("a", "{b}".into()), ("b", "2".into())]), "{b} 2 { {");
    }
}
