//! Where the panes are, from the size of the terminal alone. Drawing and behaviour (page sizes, scrolling) share it.

use ratatui::layout::{Rect, Size};

/// The smallest terminal that can be worked in.
pub const MINIMUM: Size = Size { width: 40, height: 12 };

/// From here on list and detail stand side by side.
const SIDE_BY_SIDE: u16 = 100;

/// From here on rows have all their columns.
const COLUMNS: u16 = 60;

/// From here on a column of filters stands beside the list.
const FILTERED: u16 = 140;

/// How wide that is.
const FILTERS: u16 = 30;

/// The areas of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panes {
    pub header: Rect,
    /// A row below the header for what is wrong with the connection; empty while nothing is.
    pub banner: Rect,
    /// A column of filters; empty where there is no room, and without a list to filter.
    pub filters: Rect,
    pub list: Rect,
    pub detail: Rect,
    pub footer: Rect,
    /// Whether list and detail are both visible; otherwise they share one area.
    pub side_by_side: bool,
    /// Whether there is room for more than the essence of a row and of the header.
    pub roomy: bool,
}

impl Panes {
    /// The panes of a terminal, with a banner or without, or `None` when it is too small.
    pub fn of(size: Size, has_banner: bool) -> Option<Self> {
        if size.width < MINIMUM.width || size.height < MINIMUM.height {
            return None;
        }
        let above = 1 + u16::from(has_banner);
        let body = Rect::new(0, above, size.width, size.height.saturating_sub(above + 1));
        let side_by_side = size.width >= SIDE_BY_SIDE;
        let list_width = if side_by_side { (size.width * 9 / 20).clamp(48, 72) } else { size.width };
        let list = Rect { width: list_width, ..body };
        let detail = Rect { x: list_width, width: size.width.saturating_sub(list_width), ..body };
        Some(Self {
            header: Rect::new(0, 0, size.width, 1),
            banner: Rect::new(0, 1, size.width, above - 1),
            filters: Rect { width: 0, ..body },
            list,
            detail: if side_by_side { detail } else { body },
            footer: Rect::new(0, size.height.saturating_sub(1), size.width, 1),
            side_by_side,
            roomy: size.width >= COLUMNS,
        })
    }

    /// With a column of filters left of the list, where there is room.
    #[must_use]
    pub fn with_filters(self) -> Self {
        if self.header.width < FILTERED {
            return self;
        }
        let left = |area: Rect| Rect { x: area.x.saturating_add(FILTERS), ..area };
        let detail = Rect { width: self.detail.width.saturating_sub(FILTERS), ..left(self.detail) };
        Self { filters: Rect { width: FILTERS, ..self.list }, list: left(self.list), detail, ..self }
    }

    /// How many rows the list shows at once.
    pub fn list_rows(&self) -> usize {
        usize::from(inside(self.list).height)
    }
}

/// A pane without its frame.
pub fn inside(pane: Rect) -> Rect {
    Rect {
        x: pane.x.saturating_add(1),
        y: pane.y.saturating_add(1),
        width: pane.width.saturating_sub(2),
        height: pane.height.saturating_sub(2),
    }
}

/// An area with a cell of air on either side.
pub fn padded(area: Rect) -> Rect {
    Rect { x: area.x.saturating_add(1), width: area.width.saturating_sub(2), ..area }
}

/// The parts of the detail pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetailParts {
    /// The box of the photo, the same for every photo, so that nothing jumps; empty without photos.
    pub photo: Rect,
    pub caption: Rect,
    pub text: Rect,
}

impl DetailParts {
    /// The parts of a detail pane, with a cell of air on either side: the photo left of the text where the pane is
    /// wide and low, above it elsewhere.
    pub fn of(pane: Rect, has_photo: bool) -> Self {
        let area = padded(inside(pane));
        if !has_photo || area.height < LOWEST_WITH_PHOTO {
            return Self::stacked(area, 0);
        }
        if area.width >= COLUMNS && area.width > area.height * 3 {
            return Self::abreast(area);
        }
        Self::stacked(area, box_height(area.width).min(area.height / 2))
    }

    fn stacked(area: Rect, photo_height: u16) -> Self {
        let caption_height = area.height.min(1);
        let used = photo_height.saturating_add(caption_height);
        Self {
            photo: Rect { height: photo_height, ..area },
            caption: Rect { y: area.y.saturating_add(photo_height), height: caption_height, ..area },
            text: Rect { y: area.y.saturating_add(used), height: area.height.saturating_sub(used), ..area },
        }
    }

    fn abreast(area: Rect) -> Self {
        let width = area.width / 2;
        let photo = Rect { width, height: box_height(width).min(area.height.saturating_sub(1)), ..area };
        let left = width.saturating_add(2);
        Self {
            photo,
            caption: Rect { y: photo.bottom(), height: 1, ..photo },
            text: Rect { x: area.x.saturating_add(left), width: area.width.saturating_sub(left), ..area },
        }
    }
}

/// The parts of the pane of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TalkParts {
    pub messages: Rect,
    /// The line between, which says who is writing.
    pub rule: Rect,
    pub composer: Rect,
}

/// The most rows that what is being written takes.
const COMPOSER: u16 = 6;

impl TalkParts {
    /// The parts of a pane where so many lines are being written.
    pub fn of(pane: Rect, lines: usize) -> Self {
        let area = padded(inside(pane));
        let most = COMPOSER.min(area.height / 3).max(1);
        let height = u16::try_from(lines).unwrap_or(u16::MAX).clamp(1, most);
        let messages = Rect { height: area.height.saturating_sub(height + 1), ..area };
        let rule = Rect { y: messages.bottom(), height: 1, ..area };
        Self { messages, rule, composer: Rect { y: rule.bottom(), height, ..area } }
    }

    /// How many cells a line of what is being written has: one is for the cursor behind its end.
    pub fn writing_width(pane: Rect) -> u16 {
        padded(inside(pane)).width.saturating_sub(3)
    }
}

/// The parts of a form: labels at the left, what is written at the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormParts {
    pub frame: Rect,
    pub inner: Rect,
    /// The column of what is written.
    pub value: Rect,
}

/// How wide a form is at most, with its frame.
const WIDEST_FORM: u16 = 90;

/// The column of the labels.
const LABELS: u16 = 13;

impl FormParts {
    /// The parts of a form over these panes.
    pub fn of(panes: &Panes) -> Self {
        let body = panes.filters.union(panes.list).union(panes.detail);
        let width = body.width.min(WIDEST_FORM);
        let frame = Rect { x: (body.width - width) / 2, width, ..body };
        let inner = padded(inside(frame));
        let labels = LABELS.min(inner.width / 3);
        let value = Rect { x: inner.x.saturating_add(labels), width: inner.width.saturating_sub(labels), ..inner };
        Self { frame, inner, value }
    }

    /// How many cells a line of a text has: one is for the cursor behind its end.
    pub fn writing_width(&self) -> u16 {
        self.value.width.saturating_sub(1)
    }
}

/// Below this many rows the text needs them all.
const LOWEST_WITH_PHOTO: u16 = 10;

/// How high a photo of 4:3 is in a box so wide, with cells twice as high as wide.
fn box_height(width: u16) -> u16 {
    width.saturating_mul(3).div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_stay_inside_the_terminal_and_apart() {
        for width in 0..=300 {
            for height in [0, 1, 11, 12, 24, 100] {
                let Some(panes) = Panes::of(Size { width, height }, width % 2 == 0) else { continue };
                let screen = Rect::new(0, 0, width, height);
                let filtered = panes.with_filters();
                assert_eq!(filtered.detail.right(), panes.detail.right());
                assert!(!filtered.filters.intersects(filtered.list) && !filtered.list.intersects(panes.banner));
                for area in [panes.header, panes.banner, filtered.filters, filtered.list, filtered.detail, panes.footer]
                {
                    assert_eq!(screen.intersection(area), area);
                }
                assert!(!panes.side_by_side || !panes.list.intersects(panes.detail));
                for has_photo in [false, true] {
                    let parts = DetailParts::of(panes.detail, has_photo);
                    assert_eq!(parts.text.bottom(), inside(panes.detail).bottom());
                }
            }
        }
    }
}
