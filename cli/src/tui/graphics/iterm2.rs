//! iTerm2's inline images: whole files, which the terminal scales to the cells.
//!
//! See <https://iterm2.com/documentation-images.html>.

use campuszon_core::picture::Rgba;
use data_encoding::BASE64;
use ratatui::layout::Size;

use super::slices;

/// A padded picture as one file for each row of cells; `None` where it cannot be encoded.
pub(super) fn rows(picture: &Rgba, cell: Size, width: u16) -> Option<Vec<String>> {
    slices(picture, cell).map(|slice| Some(row(&slice.to_png().ok()?, width))).collect()
}

fn row(file: &[u8], width: u16) -> String {
    let shape = format!("width={width};height=1;preserveAspectRatio=0;doNotMoveCursor=1");
    format!("\x1b]1337;File=inline=1;size={};{shape}:{}\x07", file.len(), BASE64.encode(file))
}
