//! The pictures that the terminal keeps for us: brought to it once, deleted when nobody here needs them any more.

use std::sync::Arc;

use super::Kept;

/// What the terminal keeps.
#[derive(Debug, Default)]
pub struct Gallery {
    kept: Vec<Arc<Kept>>,
}

impl Gallery {
    /// Takes a picture in; the answer is what brings it to the terminal.
    pub fn add(&mut self, picture: &Arc<Kept>) -> String {
        self.kept.push(picture.clone());
        picture.transmission.clone()
    }

    /// Lets go of what nobody else holds; the answer is what deletes it in the terminal.
    pub fn sweep(&mut self) -> String {
        let unused = self.kept.extract_if(.., |picture| Arc::strong_count(picture) == 1);
        unused.map(|picture| picture.deletion.clone()).collect()
    }

    /// What brings all of them to a terminal that lost them.
    pub fn again(&self) -> String {
        self.kept.iter().map(|picture| picture.transmission.as_str()).collect()
    }

    /// What deletes all of them in the terminal.
    pub fn deletion(&self) -> String {
        self.kept.iter().map(|picture| picture.deletion.as_str()).collect()
    }
}
