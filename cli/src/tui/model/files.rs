//! The file picker: a path that is being written, and what there is in its directory.

use std::path::PathBuf;

use campuszon_core::safe::SafeText;
use tui_input::Input;

use super::Load;

/// The endings of files that may be pictures.
const ENDINGS: [&str; 7] = ["jpg", "jpeg", "png", "webp", "gif", "heic", "heif"];

/// Whether a file may be a picture, by its name.
pub fn is_picture(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// A directory or a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    pub name: String,
    pub is_directory: bool,
    pub bytes: u64,
}

impl FileEntry {
    /// Its name as the list shows it.
    pub fn shown(&self) -> SafeText {
        let slash = if self.is_directory { "/" } else { "" };
        SafeText::line(&format!("{}{slash}", self.name))
    }
}

/// The picker while it is open.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub input: Input,
    /// The directory whose entries these are, as it is written.
    pub directory: String,
    pub entries: Vec<FileEntry>,
    pub selected: usize,
    pub load: Load,
    /// How many were taken since it is open.
    pub taken: usize,
    pub problem: Option<SafeText>,
}

impl Files {
    /// The picker in a directory.
    pub fn in_directory(directory: &str) -> Self {
        Self { input: directory.into(), ..Self::default() }
    }

    /// The path as it is written, in its directory with the slash and the beginning of a name.
    pub fn written(&self) -> (&str, &str) {
        let text = self.input.value();
        text.rfind('/').map_or(("", text), |slash| text.split_at(slash + 1))
    }

    /// The entries whose names begin as it is written. What is hidden is shown only when asked for.
    pub fn matching(&self) -> Vec<&FileEntry> {
        let beginning = self.written().1.to_lowercase();
        let is_wanted = |entry: &&FileEntry| {
            let is_hidden = entry.name.starts_with('.') && !beginning.starts_with('.');
            !is_hidden && entry.name.to_lowercase().starts_with(&beginning)
        };
        self.entries.iter().filter(is_wanted).collect()
    }

    /// What is selected among them.
    pub fn current(&self) -> Option<&FileEntry> {
        let matching = self.matching();
        matching.get(self.selected.min(matching.len().saturating_sub(1))).copied()
    }

    /// Completes what is written as far as all that matches agrees; a single directory is entered.
    pub fn complete(&mut self) {
        let matching = self.matching();
        let Some(first) = matching.first() else { return };
        let common = matching.iter().fold(first.name.as_str(), |common, entry| shared(common, &entry.name));
        let slash = if matching.len() == 1 && first.is_directory { "/" } else { "" };
        let text = format!("{}{common}{slash}", self.written().0);
        if text.chars().count() > self.input.value().chars().count() {
            self.input = text.into();
        }
    }
}

/// How two names begin alike.
fn shared<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    let end = same.map_or(one.len().min(other.len()), |((at, _), _)| at);
    one.get(..end).unwrap_or(one)
}

/// The paths in a text as it is pasted, or as a terminal writes dropped files: parted by blanks or lines, in quotes or
/// with backslashes, or as `file:` addresses. Nothing where any of it is no path of a picture.
pub fn paths(text: &str) -> Option<Vec<PathBuf>> {
    let whole = text.trim();
    let is_path = |word: &String| word.starts_with(['/', '~', '.']) && is_picture(word);
    if is_path(&whole.to_owned()) && !whole.contains(['\n', '\\', '\'', '"']) && !whole.contains(" /") {
        return Some(vec![whole.into()]);
    }
    let words: Vec<String> = split(whole).into_iter().map(|word| address(&word)).collect();
    (!words.is_empty() && words.iter().all(is_path)).then(|| words.into_iter().map(PathBuf::from).collect())
}

/// The words of a text as a shell reads them.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '\\') => word.extend(letters.next()),
            (None, _) if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The path in a `file:` address; all else as it is.
fn address(word: &str) -> String {
    let path = url::Url::parse(word).ok().filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok());
    path.and_then(|path| path.into_os_string().into_string().ok()).unwrap_or_else(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<String>> {
        paths(text).map(|paths| paths.into_iter().map(|path| path.display().to_string()).collect())
    }

    #[test]
    fn dropped_and_pasted_paths_are_read() {
        let one = |path: &str| Some(vec![path.to_owned()]);
        assert_eq!(read("/home/ana/my photo.JPG\n"), one("/home/ana/my photo.JPG"));
        assert_eq!(read("'/home/ana/my photo.jpg'"), one("/home/ana/my photo.jpg"));
        assert_eq!(read(r"/home/ana/my\ photo.jpg"), one("/home/ana/my photo.jpg"));
        assert_eq!(read("file:///home/ana/my%20photo.png"), one("/home/ana/my photo.png"));
        assert_eq!(read("/a.jpg /b.png"), Some(vec!["/a.jpg".to_owned(), "/b.png".to_owned()]));
        assert_eq!(read("~/a.webp\n~/b.heic"), Some(vec!["~/a.webp".to_owned(), "~/b.heic".to_owned()]));
        for text in ["", "a nice lamp", "/etc/passwd", "https://uni.example/a.jpg", "look at /a.jpg"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_is_completed_as_far_as_names_agree() {
        let entry = |name: &str, is_directory| FileEntry { name: name.to_owned(), is_directory, bytes: 1 };
        let entries =
            vec![entry("lamp-1.jpg", false), entry("lamp-2.jpg", false), entry("Pictures", true), entry(".x", true)];
        let mut files = Files { input: "~/la".into(), entries, ..Files::default() };
        files.complete();
        assert_eq!(files.input.value(), "~/lamp-");
        files.input = "~/pi".into();
        files.complete();
        assert_eq!(files.input.value(), "~/Pictures/");
        files.input = "~/".into();
        assert_eq!(files.matching().len(), 3, "what is hidden is not shown");
        files.input = "~/.".into();
        assert_eq!(files.matching().len(), 1);
    }
}
