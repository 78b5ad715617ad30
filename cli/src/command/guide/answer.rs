//! What an answer to numbered choices means.

/// An answer that can be gone by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The choice of this place in the list, from 0.
    Row(usize),
    /// The word of this place among the words.
    Word(usize),
    /// To where one came from.
    Back,
    /// The choices once more.
    Again,
    /// Out of the program.
    Quit,
}

/// Reads an answer: a number, a word or its first letters; `0` or nothing goes back, `?` asks for the choices
/// again, and `q` leaves.
///
/// # Errors
/// A sentence: what is wrong with it.
pub fn read(answer: &str, rows: &[&str], words: &[&str]) -> Result<Answer, String> {
    let answer = answer.trim().to_lowercase();
    match answer.as_str() {
        "" | "0" => return Ok(Answer::Back),
        "?" => return Ok(Answer::Again),
        "q" | "quit" => return Ok(Answer::Quit),
        _ => {}
    }
    if let Ok(number) = answer.parse::<usize>() {
        let row = number.checked_sub(1).filter(|row| *row < rows.len());
        return row.map(Answer::Row).ok_or_else(|| format!("There is no {number}: {}.", range(rows.len())));
    }
    if let Some(word) = words.iter().position(|word| *word == answer) {
        return Ok(Answer::Word(word));
    }
    named(&answer, rows, words)
}

/// What alone begins with the answer.
fn named(answer: &str, rows: &[&str], words: &[&str]) -> Result<Answer, String> {
    let choices = rows.iter().enumerate().map(|(row, name)| (Answer::Row(row), *name));
    let choices = choices.chain(words.iter().enumerate().map(|(word, name)| (Answer::Word(word), *name)));
    let meant: Vec<(Answer, &str)> = choices.filter(|(_, name)| name.to_lowercase().starts_with(answer)).collect();
    match meant.as_slice() {
        [] => Err(format!("Nothing here begins with {answer:?}: {}.", range(rows.len()))),
        [(one, _)] => Ok(*one),
        [(_, first), (_, second), ..] => {
            Err(format!("{answer:?} could be {first:?} or {second:?}: type more of it, or its number."))
        }
    }
}

/// What can be typed instead.
fn range(rows: usize) -> String {
    match rows {
        0 => "0 goes back".to_owned(),
        1 => "type 1, or 0 to go back".to_owned(),
        _ => format!("type a number from 1 to {rows}, or 0 to go back"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: [&str; 4] = ["Browse", "Search", "Selling", "Servers"];

    fn meant(answer: &str) -> Result<Answer, String> {
        read(answer, &MENU, &["n", "save"])
    }

    #[test]
    fn numbers_words_and_their_first_letters_choose() {
        for (answer, meaning) in [
            ("1", Answer::Row(0)),
            (" 04\t", Answer::Row(3)),
            ("search", Answer::Row(1)),
            ("SEL", Answer::Row(2)),
            ("b", Answer::Row(0)),
            ("n", Answer::Word(0)),
            ("sa", Answer::Word(1)),
            ("", Answer::Back),
            ("  ", Answer::Back),
            ("0", Answer::Back),
            ("?", Answer::Again),
            ("Q", Answer::Quit),
            ("quit", Answer::Quit),
        ] {
            assert_eq!(meant(answer), Ok(meaning), "{answer:?}");
        }
    }

    #[test]
    fn a_wrong_answer_is_told_in_a_sentence() {
        for (answer, sentence) in [
            ("5", "There is no 5: type a number from 1 to 4, or 0 to go back."),
            ("-1", "Nothing here begins with \"-1\": type a number from 1 to 4, or 0 to go back."),
            (
                "99999999999999999999",
                "Nothing here begins with \"99999999999999999999\": type a number from 1 to 4, or 0 to go back.",
            ),
            ("lamp", "Nothing here begins with \"lamp\": type a number from 1 to 4, or 0 to go back."),
            ("se", "\"se\" could be \"Search\" or \"Selling\": type more of it, or its number."),
        ] {
            assert_eq!(meant(answer), Err(sentence.to_owned()), "{answer:?}");
        }
        assert_eq!(read("3", &[], &[]), Err("There is no 3: 0 goes back.".to_owned()));
        assert_eq!(read("3", &["Ben"], &[]), Err("There is no 3: type 1, or 0 to go back.".to_owned()));
    }

    /// Titles are long and come from others: what they begin with may be anything.
    #[test]
    fn any_text_has_a_meaning_or_a_sentence() {
        let rows = ["n", "Quite new", "\u{1b}[2J", "Ünïcode"];
        assert_eq!(read("n", &rows, &["n"]), Ok(Answer::Word(0)));
        assert_eq!(read("ÜN", &rows, &[]), Ok(Answer::Row(3)));
        assert_eq!(read("qui", &rows, &[]), Ok(Answer::Row(1)));
        assert_eq!(read("\u{1b}", &rows, &[]), Ok(Answer::Row(2)));
    }
}
