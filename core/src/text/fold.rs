//! Text as search sees it: without case, accents and invisible characters, cut into words.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// The most characters of a word that search looks at.
pub const MAX_TOKEN: usize = 64;

/// `text` for comparison blind to case and accents: NFKD, lower case, accents and invisible characters dropped, letters
/// that do not decompose spelled as people type them (`Łódź` is `lodz`, `Straße` is `strasse`).
///
/// The vowel signs of Indic scripts are marks by name only and stay: without them different words would be the same.
/// Folding what is folded changes nothing.
pub fn fold(text: &str) -> String {
    // Most of what is searched for, in a tenth of the time: nothing of ASCII decomposes or is dropped.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for char in text.nfkd().filter(|char| !is_dropped(*char)).flat_map(char::to_lowercase) {
        match spelled(char) {
            Some(letters) => folded.push_str(letters),
            None if is_dropped(char) => {}
            None => folded.push(char),
        }
    }
    folded
}

/// The words of `text` as both databases index them: folded, letters and digits only, 1 to [`MAX_TOKEN`] characters.
///
/// A word is a run of letters and digits; an apostrophe within does not part it (`don't` is `dont`). Where a script
/// puts no blanks between words, each character stands for itself.
pub fn tokens(text: &str) -> Vec<String> {
    runs(text).into_iter().flatten().collect()
}

/// The tokens of each run of letters and digits: one, but for scripts without blanks.
pub(crate) fn runs(text: &str) -> Vec<Vec<String>> {
    let folded = fold(text).replace(['\'', '’'], "");
    folded.split(|char: char| !char.is_alphanumeric()).filter(|run| !run.is_empty()).map(split).collect()
}

fn split(run: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut length = 0;
    let mut last_alone = true;
    for char in run.chars() {
        let alone = is_spaceless(char);
        match tokens.last_mut() {
            Some(token) if !alone && !last_alone => {
                length += 1;
                if length <= MAX_TOKEN {
                    token.push(char);
                }
            }
            _ => {
                tokens.push(char.into());
                length = 1;
            }
        }
        last_alone = alone;
    }
    tokens
}

/// Accents, and what shows nothing. Marks without a combining class that count as letters are vowel signs.
fn is_dropped(char: char) -> bool {
    match char.general_category_group() {
        GeneralCategoryGroup::Mark => canonical_combining_class(char) != 0 || !char.is_alphanumeric(),
        _ => char.general_category() == GeneralCategory::Format,
    }
}

/// Letters that Unicode does not decompose, as people without that key type them.
const fn spelled(char: char) -> Option<&'static str> {
    Some(match char {
        'ł' | 'ƚ' => "l",
        'ø' | 'ɔ' => "o",
        'đ' | 'ɖ' | 'ɗ' => "d",
        'ı' | 'ɨ' => "i",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ĸ' | 'ƙ' => "k",
        'ə' | 'ɛ' => "e",
        'ɓ' => "b",
        'ƒ' => "f",
        'ƴ' => "y",
        'ƶ' => "z",
        'ς' => "σ",
        _ => return None,
    })
}

/// Han, kana, Thai, Lao, Myanmar and Khmer are written without blanks between words.
fn is_spaceless(char: char) -> bool {
    matches!(
        u32::from(char),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3040..=0x30FF
            | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        let pairs = [
            ("Crème BRÛLÉE", "creme brulee"),
            ("Łódź Ærø Đorđe", "lodz aero dorde"),
            ("Straße STRASSE ẞ", "strasse strasse ss"),
            ("İstanbul ılık", "istanbul ilik"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("ﬁne Ｗｉｄｅ m²", "fine wide m2"),
            ("soft\u{ad}ware", "software"),
        ];
        for (text, folded) in pairs {
            assert_eq!(fold(text), folded);
        }
        assert_ne!(fold("काला"), fold("केला"), "vowel signs tell words apart");
        assert_eq!(fold("क\u{94d}\u{200d}ष"), fold("क\u{94d}ष"), "joiners do not");
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(tokens("Calculus, 8th ed. (Stewart)"), ["calculus", "8th", "ed", "stewart"]);
        assert_eq!(tokens("Don't! wi-fi_router C++ O’Reilly"), ["dont", "wi", "fi", "router", "c", "oreilly"]);
        assert_eq!(tokens("iPhone手机壳"), ["iphone", "手", "机", "壳"]);
        assert_eq!(tokens(&"x".repeat(99)), ["x".repeat(MAX_TOKEN)]);
        assert!(tokens(" -- !? ").is_empty());
    }

    proptest! {
        #[test]
        fn ascii_folds_alone_as_it_does_beside_others(text in "[\\x00-\\x7f]{0,40}") {
            prop_assert_eq!(fold(&format!("{text}é")), fold(&text) + "e");
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn tokens_are_alphanumeric_and_stay_themselves(
            text in "\\PC{0,60}|[a-z\u{0900}-\u{0dff}\u{ac00}-\u{ac20}]{0,90}",
        ) {
            let words = tokens(&text);
            for word in &words {
                prop_assert!((1..=MAX_TOKEN).contains(&word.chars().count()));
                prop_assert!(word.chars().all(char::is_alphanumeric));
            }
            prop_assert_eq!(tokens(&words.join(" ")), words);
        }
    }
}
