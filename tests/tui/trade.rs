//! A lamp in the full screen, against a real server: listed with its photo, asked for, handed over and reviewed.

use std::{fs, os::unix::fs::PermissionsExt};

use super::story::full_screen;
use crate::story::{Campus, Student, photo::photo};

const CTRL_S: &str = "\u{13}";

/// The draft of a listing, which only its owner may read.
fn draft_mode(student: &Student) -> u32 {
    let folder = student.home().join("state/drafts");
    let entries = fs::read_dir(folder).expect("drafts").map(|entry| entry.expect("an entry"));
    let draft = entries.into_iter().find(|entry| entry.file_name().to_string_lossy().ends_with(".listing.json"));
    draft.expect("a draft").metadata().expect("a mode").permissions().mode() & 0o777
}

#[test]
fn a_lamp_is_listed_booked_handed_over_and_reviewed() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let paths = ["my lamp.jpg", "its back.jpg"].map(|name| ada.home().join(name));
    for path in &paths {
        fs::write(path, photo()).expect("a photo");
    }

    let mut seller = full_screen(&ada, &["tui", "--screen", "selling"]);
    seller.shows("You have listed nothing");
    seller.press("a");
    seller.shows("A new listing");
    seller.press("Desk la");
    seller.shows("Desk la");
    seller.press("\u{3}\u{3}");
    assert_eq!(seller.end(), 0);
    assert_eq!(draft_mode(&ada), 0o600);

    let mut seller = full_screen(&ada, &["tui", "--screen", "selling"]);
    seller.shows("You have listed nothing");
    seller.press("a");
    seller.shows("Desk la");
    seller.press("mp\tIt is bright.\t\t12.50\tf\tg\tThe library\t");
    seller.shows("furniture");
    for path in &paths {
        seller.press(&format!("\u{1b}[200~'{}'\u{1b}[201~", path.display()));
    }
    seller.until(|screen| screen.contents().matches('→').count() == paths.len());
    seller.press(CTRL_S);
    seller.shows("active");

    let mut buyer = full_screen(&ben, &["tui"]);
    buyer.shows("Desk lamp");
    buyer.press("b");
    buyer.shows("Book “Desk lamp”");
    buyer.press(&format!("Tomorrow?{CTRL_S}"));
    buyer.shows("Booked “Desk lamp”");
    seller.shows("1 waiting");
    buyer.press("3");
    buyer.shows(" left");
    buyer.press("\r");
    buyer.shows("Ada's turn");
    seller.press("3");
    seller.shows("your turn");
    seller.press("o");
    seller.shows("Price");
    seller.press("12\r");
    buyer.shows("your turn");
    buyer.press("a");
    buyer.shows("Accept the booking");
    buyer.press("\t\r");
    buyer.shows("is accepted now");

    buyer.shows("Your code");
    let bookings = ben.json(&["booking", "list", "--all"]);
    let id = bookings[0]["id"].as_str().expect("an id").to_owned();
    let code = ben.json(&["booking", "show", &id])["handover_code"].as_str().expect("a code").to_owned();
    seller.shows("accepted");
    seller.press("v");
    seller.shows("Handed over");
    seller.press(&format!("{code}\r"));
    seller.shows("is completed now");

    buyer.shows("completed");
    buyer.press("w");
    buyer.shows("Review Ada");
    buyer.press(&format!("5\tFriendly.{CTRL_S}"));
    buyer.shows("Reviewed with 5 of 5");
    for mut session in [seller, buyer] {
        session.press("\u{3}\u{3}");
        assert_eq!(session.end(), 0);
    }
    let sold = ada.json(&["item", "list", "--seller", "me", "--status", "sold", "--all"]);
    assert_eq!(sold[0]["title"], "Desk lamp");
    let lamp = ada.json(&["item", "show", sold[0]["id"].as_str().expect("an id")]);
    assert_eq!(lamp["images"].as_array().map(Vec::len), Some(paths.len()));
}
