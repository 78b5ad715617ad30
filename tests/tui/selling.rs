//! Selling: one's own items in every state, the form of a listing, its photos, and the file picker.

use std::path::PathBuf;

use campuszon::{
    client::ItemAction,
    tui::{
        effect::Effect,
        keys::Scope,
        message::{FailureKind, Message, News, Timer, UploadStep as Step},
        model::{FileEntry, KeptPhoto, ListingDraft, Overlay, Progress, Tab},
    },
};
use campuszon_core::{
    Id, ImageId,
    booking::{BookingStatus, Side},
    item::{Condition, ItemStatus},
    picture::Stage,
    safe::SafeText,
    wire::{
        item::{CreateItem, Item},
        live::ServerFrame,
    },
};
use serde_json::{Value, json};

use super::{
    desk::Desk,
    states::{SIZES, snapshot, snapshot_everywhere},
    stock::{booking, failure, id, meta, page, stock, summary, whole},
};

/// In Selling, with an item in every state, for two of which somebody asks.
fn selling(size: (u16, u16)) -> Desk {
    let mut desk = Desk::on(Tab::Selling, size);
    desk.send(Message::Live(News::Up));
    desk.send(Message::Rules(meta()));
    desk.send(Message::Categories(meta().categories));
    desk.key("R");
    let mut items = stock();
    let states = ItemStatus::ALL.iter().copied();
    items.extend([summary(7, "Old radio"), summary(8, "Banned thing")]);
    items.iter_mut().zip(states).for_each(|(item, status)| item.status = status);
    desk.answer_selling(page(items, None));
    desk.send(Message::Requests(vec![id(3), id(3), id(4)]));
    desk.asked.clear();
    desk
}

fn steps(desk: &Desk) -> Vec<ItemAction> {
    let steps = desk.asked.iter().filter_map(|effect| match effect {
        Effect::StepItem { action, .. } => Some(*action),
        _ => None,
    });
    steps.collect()
}

fn confirm(desk: &mut Desk) {
    desk.key("Tab");
    desk.key("Enter");
}

#[test]
fn every_state_with_those_who_wait() {
    for size in SIZES {
        let mut desk = selling(size);
        snapshot("own", &desk);
        desk.key("m");
        snapshot("status", &desk);
    }
}

#[test]
fn the_status_offers_what_the_state_allows_and_says_why_not() {
    let mut desk = selling((120, 40));
    desk.key("m");
    desk.key("Enter");
    assert_eq!(steps(&desk), [ItemAction::Publish], "a draft is published");
    desk.key("m");
    desk.key("G");
    desk.key("Enter");
    assert!(desk.screen().contains("It is draft: only what is listed can be sold"));
    assert!(matches!(desk.model.overlay, Some(Overlay::Menu(_))) && steps(&desk).len() == 1);
    desk.key("Esc");
    for _ in 0..3 {
        desk.key("j");
    }
    desk.key("m");
    desk.key("Enter");
    assert!(desk.screen().contains("That calls off the booking that you accepted"));
    confirm(&mut desk);
    assert_eq!(steps(&desk), [ItemAction::Publish, ItemAction::Withdraw]);
    let mut item = *whole(stock().remove(3));
    item.summary.status = ItemStatus::Withdrawn;
    desk.send(Message::Stepped(Ok(Box::new(item))));
    assert_eq!(desk.model.selling.list.find(id(4)).map(|row| row.status), Some(ItemStatus::Withdrawn));
}

#[test]
fn who_waits_is_counted_anew_when_somebody_asks() {
    let mut desk = selling((80, 24));
    desk.frame(ServerFrame::Booking { booking: Box::new(booking(1, Side::Buyer, BookingStatus::Pending)), since: 1 });
    assert!(!desk.asked.contains(&Effect::LoadRequests), "it is the reader who asks");
    desk.frame(ServerFrame::Booking { booking: Box::new(booking(2, Side::Seller, BookingStatus::Pending)), since: 2 });
    assert!(desk.asked.contains(&Effect::LoadRequests));
}

#[test]
fn what_is_reserved_is_not_deleted_and_what_is_sold_not_changed() {
    let mut desk = selling((120, 40));
    for _ in 0..3 {
        desk.key("j");
    }
    desk.key("D");
    assert!(desk.screen().contains("the booking has to end first") && desk.model.overlay.is_none());
    desk.key("j");
    desk.key("e");
    assert!(desk.screen().contains("It is sold: it cannot be changed any more"));
}

/// Writes into the fields of a new listing, photos aside.
fn fill(desk: &mut Desk) {
    desk.write("Desk lamp");
    desk.key("Tab");
    desk.write("It is bright.");
    desk.key("Enter");
    desk.write("And warm.");
    desk.key("Tab");
    desk.key("Tab");
    desk.write("12,50");
    desk.key("Tab");
    desk.write("f");
    desk.key("Tab");
    desk.write("g");
    desk.key("Tab");
    desk.write("the library");
}

fn created(desk: &Desk) -> Option<(CreateItem, u64)> {
    desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::List { item, form, .. } => Some(((**item).clone(), *form)),
        _ => None,
    })
}

fn uploads(desk: &Desk) -> Vec<(u64, PathBuf, String)> {
    let uploads = desk.asked.iter().filter_map(|effect| match effect {
        Effect::Upload { number, path, key } => Some((*number, path.clone(), key.clone())),
        _ => None,
    });
    uploads.collect()
}

fn kept(desk: &Desk) -> Option<&Option<Box<ListingDraft>>> {
    desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::KeepListing(draft) => Some(draft),
        _ => None,
    })
}

#[test]
fn a_listing_is_checked_while_it_is_written() {
    for size in SIZES {
        let mut desk = selling(size);
        desk.key("a");
        snapshot("listing", &desk);
        desk.write("ab");
        desk.key("Tab");
        assert!(desk.screen().contains("must have at least"));
        desk.key("Ctrl+S");
        assert!(created(&desk).is_none() && desk.screen().contains("must have at least"));
        snapshot("listing-faults", &desk);
    }
}

#[test]
fn what_goes_with_a_rental_or_a_gift_is_asked_for_only_then() {
    let mut desk = selling((80, 24));
    desk.key("a");
    assert!(desk.screen().contains("Price") && !desk.screen().contains("Per "));
    desk.key("Tab");
    desk.key("Tab");
    desk.write("r");
    assert!(desk.screen().contains("Price") && desk.screen().contains("Per "));
    desk.write("f");
    assert!(!desk.screen().contains("Price"));
}

fn draw_uploads(desk: &mut Desk) {
    let numbers: Vec<u64> = uploads(desk).into_iter().map(|(number, ..)| number).collect();
    desk.send(Message::UploadStep { number: numbers[0], step: Step::Preparing(Stage::Resizing) });
    desk.send(Message::UploadStep { number: numbers[1], step: Step::Ready { from: 4_100_000, to: 310_000 } });
    desk.send(Message::UploadStep { number: numbers[1], step: Step::Sending(160_000) });
    let why = SafeText::fixed("the file is no picture");
    desk.send(Message::Uploaded { number: numbers[2], result: Err(why) });
}

#[test]
fn photos_go_on_while_one_looks_elsewhere_and_only_what_failed_is_sent_again() {
    let images = [1, 2, 3].map(ImageId::from_bits);
    for size in SIZES {
        let mut desk = selling(size);
        desk.key("a");
        fill(&mut desk);
        desk.send(Message::Paste("/home/ana/front.jpg '/home/ana/my side.png' ~/broken.gif".to_owned()));
        assert_eq!(uploads(&desk)[1].1, PathBuf::from("/home/ana/my side.png"));
        desk.key("Tab");
        assert_eq!(desk.model.scope(), Scope::Photos);
        draw_uploads(&mut desk);
        snapshot("photos", &desk);
        desk.key("Ctrl+S");
        assert!(created(&desk).is_none(), "it waits for its photos");
        desk.key("Esc");
        assert_eq!(desk.model.scope(), Scope::Selling);
        snapshot("under-way", &desk);
        desk.key("1");
        let sent = uploads(&desk);
        desk.send(Message::Uploaded { number: sent[0].0, result: Ok(ImageId::from_bits(1)) });
        desk.send(Message::Uploaded { number: sent[1].0, result: Ok(ImageId::from_bits(2)) });
        assert!(created(&desk).is_none(), "one has failed");
        desk.key("4");
        desk.key("a");
        assert!(desk.screen().contains("Not all photos could be sent"));
        desk.key("r");
        let again = uploads(&desk);
        assert_eq!((again.len(), &again[3]), (4, &sent[2]), "only that, under the same key");
        desk.key("Ctrl+S");
        desk.send(Message::Uploaded { number: sent[2].0, result: Ok(ImageId::from_bits(3)) });
        let (item, form) = created(&desk).expect("it is sent by itself");
        let expected = json!({
            "title": "Desk lamp", "description": "It is bright.\nAnd warm.", "listing": "sale", "price": 12.5,
            "category": "furniture", "condition": "good", "pickup": "the library",
            "images": images,
        });
        assert_eq!(serde_json::to_value(&item).expect("json"), expected);
        let mut listed = whole(summary(20, "Desk lamp"));
        listed.summary.status = ItemStatus::Processing;
        desk.send(Message::Listed { form, result: Ok(listed) });
        assert!(desk.model.form.is_none() && kept(&desk) == Some(&None));
        assert!(desk.asked.contains(&Effect::AwaitItem(id(20))));
        assert_eq!(desk.model.selling.list.rows[0].id, id(20));
    }
}

#[test]
fn a_photo_is_called_off_and_moved() {
    let mut desk = selling((80, 24));
    desk.key("a");
    desk.send(Message::Paste("/a.jpg /b.jpg /c.jpg".to_owned()));
    desk.key("Ctrl+O");
    desk.key("Esc");
    let names = |desk: &Desk| {
        let form = desk.model.form.as_ref().expect("a form");
        form.photos.iter().map(|photo| photo.name.to_string()).collect::<Vec<_>>()
    };
    desk.key("<");
    assert_eq!(names(&desk), ["a.jpg", "c.jpg", "b.jpg"]);
    desk.key("x");
    assert_eq!(names(&desk), ["a.jpg", "b.jpg"]);
    assert!(desk.asked.contains(&Effect::CancelUpload(uploads(&desk)[2].0)));
    desk.send(Message::Uploaded { number: uploads(&desk)[2].0, result: Ok(ImageId::from_bits(9)) });
    assert!(!desk.model.changed, "it came too late");
}

#[test]
fn a_refused_listing_stays_with_the_reason() {
    let mut desk = selling((80, 24));
    desk.key("a");
    fill(&mut desk);
    desk.send(Message::Paste("/a.jpg".to_owned()));
    desk.send(Message::Uploaded { number: uploads(&desk)[0].0, result: Ok(ImageId::from_bits(1)) });
    desk.key("Ctrl+S");
    let (_, form) = created(&desk).expect("sent");
    desk.send(Message::Listed { form, result: Err(failure(FailureKind::Broken)) });
    assert!(desk.screen().contains("the server said no"));
    desk.key("Esc");
    desk.key("a");
    assert!(desk.screen().contains("Desk lamp"));
}

#[test]
fn what_is_written_is_kept_on_disk_and_comes_back() {
    let mut desk = selling((80, 24));
    desk.key("a");
    assert!(desk.asked.contains(&Effect::LoadListing));
    let fields = [("title".to_owned(), "Lamp".to_owned()), ("listing".to_owned(), "free".to_owned())].into();
    let photos = vec![KeptPhoto { path: "/a.jpg".into(), key: "k7".to_owned() }];
    let draft = ListingDraft { fields, photos };
    desk.send(Message::ListingKept(Box::new(draft.clone())));
    assert!(desk.screen().contains("Lamp") && desk.screen().contains("a.jpg"));
    assert_eq!(uploads(&desk)[0].2, "k7", "under the key it had");
    desk.key("End");
    desk.write("s");
    desk.wait_for(|timer| matches!(timer, Timer::Form(_)));
    assert!(!desk.model.changed);
    let now = kept(&desk).and_then(Option::as_ref).expect("a draft");
    assert_eq!((now.fields["title"].as_str(), &now.photos), ("Lamps", &draft.photos));
    desk.send(Message::ListingKept(Box::new(draft)));
    assert!(desk.screen().contains("Lamps"), "what is written is not overwritten");
    desk.key("Ctrl+X");
    confirm(&mut desk);
    assert!(desk.model.form.is_none() && kept(&desk) == Some(&None));
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::CancelUpload(_))));
}

#[test]
fn quitting_asks_only_over_what_is_unsent() {
    let mut desk = selling((80, 24));
    desk.key("a");
    desk.write("Lamp");
    desk.key("Esc");
    assert_eq!(desk.model.scope(), Scope::Selling, "nothing is lost: it is not asked");
    desk.key("q");
    assert!(!desk.model.quit && desk.screen().contains("Something you wrote is not sent"));
    desk.key("Enter");
    desk.key("a");
    desk.send(Message::Paste("/a.jpg".to_owned()));
    desk.key("Esc");
    desk.key("q");
    assert!(desk.screen().contains("Photos are still being sent"));
    confirm(&mut desk);
    assert!(desk.model.quit && kept(&desk).is_some_and(Option::is_some));
    let mut desk = selling((80, 24));
    desk.key("a");
    desk.key("Esc");
    desk.key("q");
    assert!(desk.model.quit, "an empty form is nothing");
}

fn editing(change: impl Fn(&mut Item)) -> Desk {
    let mut desk = selling((80, 24));
    desk.key("j");
    desk.key("j");
    desk.key("e");
    assert!(desk.asked.contains(&Effect::LoadForEdit(id(3))));
    let mut item = whole(stock().remove(0));
    item.images.truncate(1);
    change(&mut item);
    desk.send(Message::Editable(Ok((item, Some("v7".to_owned())))));
    desk
}

fn edited(desk: &Desk) -> Option<(Value, Option<Vec<ImageId>>, Option<String>)> {
    desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::EditItem { patch, images, etag, .. } => {
            Some((Value::Object(patch.clone()), images.clone(), etag.clone()))
        }
        _ => None,
    })
}

#[test]
fn only_what_is_another_is_sent_of_a_change() {
    let mut desk = editing(|_| ());
    snapshot_everywhere("editing", &desk);
    desk.write(" of 1987");
    desk.key("Ctrl+S");
    let (patch, images, etag) = edited(&desk).expect("a change");
    assert_eq!(patch, json!({"title": "Calculus, 3rd ed. of 1987"}));
    assert_eq!((images, etag.as_deref()), (None, Some("v7")), "unless somebody else has changed it");

    let mut desk = editing(|item| item.pickup = Some("x".to_owned()));
    for _ in 0..6 {
        desk.key("Tab");
    }
    desk.key("Backspace");
    desk.send(Message::Paste("/b.jpg".to_owned()));
    desk.send(Message::Uploaded { number: uploads(&desk)[0].0, result: Ok(ImageId::from_bits(5)) });
    desk.key("Ctrl+S");
    let (patch, images, _) = edited(&desk).expect("a change");
    assert_eq!(patch, json!({"pickup": null}));
    assert_eq!(images, Some(vec![ImageId::from_bits(1), ImageId::from_bits(5)]));
}

#[test]
fn the_picker_goes_through_directories_and_takes_pictures() {
    for size in SIZES {
        let mut desk = selling(size);
        desk.key("a");
        desk.key("Ctrl+O");
        assert_eq!(desk.model.scope(), Scope::Files);
        let asked = |desk: &Desk| {
            desk.asked.iter().rev().find_map(|effect| match effect {
                Effect::ListFiles { ticket, directory } => Some((*ticket, directory.clone())),
                _ => None,
            })
        };
        let (ticket, directory) = asked(&desk).expect("a question");
        assert_eq!(directory, "~/");
        let entry = |name: &str, is_directory| FileEntry { name: name.to_owned(), is_directory, bytes: 4_100_000 };
        let entries = vec![entry("Pictures", true), entry("lamp-1.jpg", false), entry("lamp-2.jpg", false)];
        desk.send(Message::Files { ticket, result: Ok(entries) });
        desk.write("la");
        desk.key("Tab");
        desk.key("Enter");
        snapshot("picker", &desk);
        assert_eq!(uploads(&desk)[0].1, PathBuf::from("~/lamp-1.jpg"));
        for _ in 0..5 {
            desk.key("Backspace");
        }
        desk.key("Enter");
        assert_eq!(asked(&desk).map(|(_, directory)| directory).as_deref(), Some("~/Pictures/"));
        let (ticket, _) = asked(&desk).expect("a question");
        desk.send(Message::Files { ticket, result: Err(SafeText::fixed("~/Pictures/: permission denied")) });
        assert!(desk.screen().contains("permission denied"));
        desk.key("Esc");
        assert_eq!(desk.model.scope(), Scope::Photos);
        let form = desk.model.form.as_ref().expect("a form");
        assert_eq!(form.photos[0].progress, Progress::Waiting);
    }
}

#[test]
fn conditions_are_chosen_by_their_first_letter_in_turn() {
    let mut desk = selling((80, 24));
    desk.key("a");
    for _ in 0..5 {
        desk.key("Tab");
    }
    desk.write("n");
    let condition = |desk: &Desk| {
        desk.model.form.as_ref().and_then(|form| form.entry("condition")).map(|entry| entry.text().to_owned())
    };
    assert_eq!(condition(&desk).as_deref(), Some(Condition::New.as_str()));
    desk.key("Right");
    assert_eq!(condition(&desk).as_deref(), Some(Condition::LikeNew.as_str()));
    desk.key("Left");
    assert_eq!(condition(&desk).as_deref(), Some(Condition::New.as_str()));
}
