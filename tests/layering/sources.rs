//! The program's sources, taken apart just far enough to ask what a file names: its code without comments and texts,
//! and its texts. What stands behind the first `#[cfg(test)]` of a file is left out.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A source file of the program.
pub struct Source {
    /// From the top of the repository.
    pub path: String,
    /// As written.
    pub text: String,
    /// Without comments, and with all texts emptied; the lines stay where they were.
    pub code: String,
    /// Its texts, each with its line.
    pub literals: Vec<(usize, String)>,
}

/// The top of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All sources of the three crates but the files of unit tests, sorted by path.
pub fn all() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["cli/src", "core/src", "server/src"] {
        collect(&root(), folder, &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 100, "the sources were not found");
    sources
}

fn collect(root: &Path, folder: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(root.join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = format!("{folder}/{}", entry.file_name().to_str().expect("a name"));
        if entry.file_type().expect("a type").is_dir() {
            collect(root, &path, sources);
        } else if path.ends_with(".rs") && !path.ends_with("/tests.rs") && !path.contains("/tests/") {
            sources.push(Source::new(path, fs::read_to_string(entry.path()).expect("a text")));
        }
    }
}

impl Source {
    fn new(path: String, text: String) -> Self {
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        let (code, literals) = take_apart(program);
        Self { path, code, literals, text }
    }

    /// Whether a text of it is SQL.
    pub fn has_sql(&self) -> bool {
        self.sql().next().is_some()
    }

    /// The places of its SQL.
    pub fn sql(&self) -> impl Iterator<Item = String> + '_ {
        let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];
        let is_sql = move |text: &str| verbs.iter().any(|verb| contains_word(text, verb));
        self.literals.iter().filter(move |(_, text)| is_sql(text)).map(|(line, _)| format!("{}:{line}", self.path))
    }

    /// The places where its code has `pattern`, which begins a word: `a::b` is also found in `use a::{b, c}`.
    pub fn places(&self, pattern: &str) -> Vec<String> {
        let lines = self.code.lines().zip(1..).filter(|(line, _)| contains_word(line, pattern));
        let lines: Vec<String> =
            lines.map(|(line, number)| format!("{}:{number}: {}", self.path, line.trim())).collect();
        if !lines.is_empty() {
            return lines;
        }
        let uses = self.uses().into_iter().filter(|path| contains_word(path, pattern));
        uses.map(|path| format!("{}: use {path}", self.path)).collect()
    }

    /// The paths that its `use` declarations name, one for each leaf of their trees.
    fn uses(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for declaration in self.code.split("use ").skip(1).filter_map(|rest| rest.split(';').next()) {
            leaves("", &declaration.split_whitespace().collect::<String>(), &mut paths);
        }
        paths
    }
}

/// Whether `text` has `pattern` at the beginning of a word.
fn contains_word(text: &str, pattern: &str) -> bool {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    text.match_indices(pattern).any(|(at, _)| !text[..at].ends_with(is_word))
}

/// Adds the paths of a `use` tree without blanks: `a::{b,c::d}` is `a::b` and `a::c::d`.
fn leaves(before: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, branches)) = tree.split_once('{') else {
        paths.push(format!("{before}{tree}"));
        return;
    };
    let before = format!("{before}{head}");
    let branches = branches.strip_suffix('}').unwrap_or(branches);
    let (mut depth, mut start) = (0, 0);
    for (at, char) in branches.char_indices().chain([(branches.len(), ',')]) {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if start < at {
                    leaves(&before, &branches[start..at], paths);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// Code without comments and with empty texts, and the texts with their lines.
fn take_apart(text: &str) -> (String, Vec<(usize, String)>) {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let after_word = code.ends_with(|char: char| char.is_alphanumeric() || char == '_');
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((opening, closing)) = raw_quotes(rest).filter(|_| !after_word) {
            let end = rest[opening.len()..].find(&closing).expect("the end of a raw text") + opening.len();
            literals.push((line_of(&code), rest[opening.len()..end].to_owned()));
            code.push_str("\"\"");
            end + closing.len()
        } else if char == '"' {
            let end = end_of_text(rest);
            literals.push((line_of(&code), rest[1..end - 1].to_owned()));
            code.push_str("\"\"");
            end
        } else if char == '\'' {
            // A character, or the name of a lifetime.
            let length = character_length(rest).unwrap_or(1);
            code.push_str(if length > 1 { "''" } else { "'" });
            length
        } else {
            code.push(char);
            rest = &rest[char.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().filter(|char| *char == '\n'));
        rest = &rest[skipped..];
    }
    (code, literals)
}

fn line_of(code: &str) -> usize {
    code.matches('\n').count() + 1
}

/// What opens and closes the raw text at the beginning, if there is one.
fn raw_quotes(text: &str) -> Option<(String, String)> {
    let hashes = text.strip_prefix('r')?.chars().take_while(|char| *char == '#').count();
    let opening = format!("r{}\"", "#".repeat(hashes));
    text.starts_with(&opening).then(|| (opening, format!("\"{}", "#".repeat(hashes))))
}

/// Where the text ends that the first quote begins.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// How long the character literal at the beginning is; `None` for a lifetime.
fn character_length(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        // The escaped character may be a quote itself.
        return text.get(3..)?.find('\'').map(|end| end + 4);
    }
    chars.next().filter(|(_, second)| *second == '\'').map(|(at, _)| at + 1)
}

#[test]
fn sources_are_taken_apart() {
    let source = Source::new(
        "a.rs".to_owned(),
        "use a::{b, c::{d, e}};\n// SELECT x\nlet s = \"INSERT INTO \\\" t\"; let r = r#\"UPDATE \"q\"\"#;\n\
         let c = '\"'; let q = '\\''; fn f<'a>() {} /* store::x */ restore::x(\"it's\");\n\
         #[cfg(test)]\nmod tests { const S: &str = \"DELETE FROM t\"; }"
            .to_owned(),
    );
    let texts: Vec<(usize, &str)> = source.literals.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(texts, [(3, "INSERT INTO \\\" t"), (3, "UPDATE \"q\""), (4, "it's")]);
    assert_eq!(source.uses(), ["a::b", "a::c::d", "a::c::e"]);
    assert_eq!(source.sql().collect::<Vec<_>>(), ["a.rs:3", "a.rs:3"]);
    assert!(source.places("store::").is_empty());
    assert_eq!(source.places("restore::").len(), 1);
    assert_eq!(source.places("a::c"), ["a.rs: use a::c::d", "a.rs: use a::c::e"]);
}
