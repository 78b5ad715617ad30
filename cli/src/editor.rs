//! The user's editor, for whatever is longer than a line.

use std::{io, path::Path, process::Command};

use crate::context::environment;

/// Why nothing was edited.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// It does not start.
    #[error("{program}: {source}")]
    Start { program: String, source: io::Error },
    /// It ended with a failure.
    #[error("{program} ended with {ended}")]
    Ended { program: String, ended: std::process::ExitStatus },
}

/// Has a file edited by `$VISUAL`, `$EDITOR` or `vi`, and waits until the editor ends.
///
/// # Errors
/// See [`EditorError`].
pub fn edit(path: &Path) -> Result<(), EditorError> {
    let editor = ["VISUAL", "EDITOR"].into_iter().filter_map(environment).find(|editor| !editor.trim().is_empty());
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi").to_owned();
    match Command::new(&program).args(words).arg(path).status() {
        Ok(ended) if ended.success() => Ok(()),
        Ok(ended) => Err(EditorError::Ended { program, ended }),
        Err(source) => Err(EditorError::Start { program, source }),
    }
}
