//! Cursors of lists: only one that the server made, for this very list, is opened, and it says what was put into it.

use campuszon_server::{gateway::cursor::CursorKey, items::listing::Position};

/// The first line is the list, what follows a cursor that somebody claims to have got for it.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (scope, claimed) = text.split_once('\n').unwrap_or((&text, ""));
    let key = CursorKey::new([7; 32]);
    if let Ok(position) = key.open::<Position>(scope, claimed) {
        assert_eq!(key.seal(scope, &position).expect("a cursor"), claimed, "nobody but the key makes a cursor");
    }
    assert!(key.open::<(i64, String)>(scope, claimed).is_err(), "a cursor of another kind of list");
    let number = |at: usize| bytes.iter().cycle().skip(at).take(8).fold(0_i64, |sum, byte| sum << 8 | i64::from(*byte));
    let (first, second) = (number(0), number(3));
    let positions = [
        Position::Age(first),
        Position::Price(first, second),
        Position::Relevance(first, second.cast_unsigned(), first),
    ];
    for position in positions {
        round_trip(&key, scope, position, first.unsigned_abs());
    }
}

fn round_trip(key: &CursorKey, scope: &str, position: Position, chance: u64) {
    let cursor = key.seal(scope, &position).expect("a cursor");
    assert_eq!(key.open::<Position>(scope, &cursor).ok(), Some(position));
    assert!(key.open::<Position>(&format!("{scope}&"), &cursor).is_err(), "a cursor of another list");
    assert!(CursorKey::new([8; 32]).open::<Position>(scope, &cursor).is_err(), "a cursor of another server");
    let mut changed = cursor.clone().into_bytes();
    let at = usize::try_from(chance).unwrap_or_default() % changed.len();
    changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("ASCII");
    assert!(key.open::<Position>(scope, &changed).is_err(), "{cursor} is still opened as {changed}");
}
