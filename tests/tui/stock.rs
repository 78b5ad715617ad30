//! What a server has: items, conversations, bookings, notifications and a profile.

use campuszon::tui::message::{Failure, FailureKind};
use campuszon_core::{
    BookingId, ChatId, Id, ImageId, ItemId, MessageId, NotificationId, ReviewId, Timestamp, UserId,
    booking::{BookingStatus, Side},
    item::{Condition, ItemStatus, Listing},
    permission::{Role, UserStatus},
    safe::SafeText,
    wire::{
        account::Profile,
        booking::{Author, BookedItem, Booking, Bookings, Contact, Party, Review},
        chat::{Chat, ChatItem, Chats, Message, MessageKind, Peer},
        image::{Image, ImageStatus, Variant, Variants},
        item::{Item, ItemSummary, Items, Seller, Viewer},
        meta::{Limits, Meta, Registration},
        notification::{Notification, NotificationKind, Notifications},
    },
};

pub(super) const NOW: i64 = 1_790_000_000_000;
pub(super) const DAY: i64 = 86_400_000;

const TITLES: [(&str, &str, Condition, i64); 6] = [
    ("Calculus, 3rd ed.", "12.5", Condition::Good, 2),
    ("Calculus notes", "4", Condition::New, 5),
    ("Desk lamp with a remarkably long name that no column of any terminal holds", "1250", Condition::Fair, 9),
    ("日本語の教科書 📚", "20", Condition::LikeNew, 40),
    ("Fahrrad für große Leute", "85", Condition::Poor, 400),
    ("Kettle", "0", Condition::Good, 0),
];

pub(super) fn id(number: u128) -> ItemId {
    ItemId::from_bits(number)
}

pub(super) fn summary(number: u128, title: &str) -> ItemSummary {
    let created_at = Timestamp::from_millis(NOW - DAY);
    ItemSummary {
        id: id(number),
        title: title.to_owned(),
        price: "12.5".parse().expect("a price"),
        currency: "EUR".to_owned(),
        listing: Listing::Sale,
        rent_period: None,
        category: "books".to_owned(),
        condition: Condition::Good,
        status: ItemStatus::Active,
        thumbnail: None,
        placeholder: None,
        seller: Seller { id: UserId::from_bits(7), name: "Ben K.".to_owned(), rating: Some(4.8), online: true },
        favorite: false,
        created_at,
        updated_at: created_at,
    }
}

pub(super) fn stock() -> Vec<ItemSummary> {
    let mut items: Vec<ItemSummary> = (1..)
        .zip(TITLES)
        .map(|(number, (title, price, condition, days))| ItemSummary {
            price: price.parse().expect("a price"),
            condition,
            created_at: Timestamp::from_millis(NOW - days * DAY),
            ..summary(number, title)
        })
        .collect();
    items[1].favorite = true;
    items[2].status = ItemStatus::Reserved;
    items[2].category = "furniture".to_owned();
    items[5].listing = Listing::Free;
    items
}

pub(super) fn page(items: Vec<ItemSummary>, next: Option<&str>) -> Items {
    let total = i64::try_from(items.len()).ok();
    Items { items, next_cursor: next.map(str::to_owned), corrected_query: None, total }
}

fn photo() -> Image {
    let variant =
        Variant { url: "http://localhost/images/a/thumbnail.webp".to_owned(), width: 300, height: 225, bytes: 9 };
    let variants = Variants { thumbnail: variant.clone(), medium: variant.clone(), large: variant };
    Image {
        id: ImageId::from_bits(1),
        status: ImageStatus::Ready,
        error: None,
        width: 1600,
        height: 1200,
        placeholder: None,
        variants: Some(variants),
    }
}

pub(super) fn whole(summary: ItemSummary) -> Box<Item> {
    Box::new(Item {
        summary,
        description:
            "Hardly used, no marks.\n\nCovers everything up to multiple integrals, with the answers to all odd \
                      exercises. I can bring it to the library any weekday after four."
                .to_owned(),
        pickup: Some("the library".to_owned()),
        images: vec![photo(), Image { status: ImageStatus::Pending, variants: None, ..photo() }],
        views: 12,
        favorites: 1,
        expires_at: Some(Timestamp::from_millis(NOW + 50 * DAY)),
        image_status: None,
        viewer: Viewer { favorite: false, unlocked: false, booking: None, chat: None },
        taken: Vec::new(),
    })
}

/// What the server demands.
pub(super) fn meta() -> Box<Meta> {
    Box::new(Meta {
        name: "Uni".to_owned(),
        version: "1".to_owned(),
        currency: "EUR".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        registration: Registration { open: true, verification: true, domains: Vec::new() },
        categories: vec!["books".to_owned(), "furniture".to_owned(), "other".to_owned()],
        conditions: Condition::ALL.to_vec(),
        listings: Listing::ALL.to_vec(),
        limits: Limits {
            max_images: 8,
            require_image: true,
            max_image_bytes: 10 << 20,
            max_image_pixels: 50_000_000,
            max_title: 120,
            max_description: 4_000,
            max_message: 4_000,
            unlock_price: 1,
        },
        maintenance: None,
    })
}

pub(super) fn contact() -> Contact {
    Contact {
        name: "Ben K.".to_owned(),
        residence: Some("Hall 3, room 17".to_owned()),
        phone: None,
        email: "ben@uni.example".to_owned(),
    }
}

pub(super) fn review(number: u128, booking: u128, author: u128) -> Review {
    Review {
        id: ReviewId::from_bits(number),
        booking: Some(BookingId::from_bits(booking)),
        author: Author { id: UserId::from_bits(author), name: "Ben K.".to_owned() },
        subject: UserId::from_bits(8 - author),
        rating: 4,
        comment: Some("Friendly and on time.".to_owned()),
        answer: None,
        shown: true,
        created_at: Timestamp::from_millis(NOW - DAY),
    }
}

pub(super) fn failure(kind: FailureKind) -> Failure {
    Failure { kind, sentence: SafeText::fixed("the server said no") }
}

pub(super) fn profile() -> Profile {
    Profile {
        id: UserId::from_bits(1),
        email: "ana@uni.example".to_owned(),
        name: "Ana".to_owned(),
        campus: "Example University".to_owned(),
        residence: None,
        phone: None,
        avatar: None,
        role: Role::Student,
        status: UserStatus::Active,
        tokens: 2,
        rating: Some(4.5),
        review_count: 2,
        hide_presence: false,
        joined: Timestamp::from_millis(NOW - 90 * DAY),
        unread_messages: 3,
        unread_notifications: 1,
    }
}

pub(super) fn chat_id(number: u128) -> ChatId {
    ChatId::from_bits(number)
}

/// A message of the peer (7), of the reader (1), or of the server (0).
pub(super) fn said(chat: u128, seq: i64, sender: u128, body: &str) -> Message {
    Message {
        id: MessageId::from_bits(chat * 1_000_000 + u128::from(seq.unsigned_abs())),
        chat_id: chat_id(chat),
        seq,
        client_id: None,
        sender_id: Some(UserId::from_bits(sender)).filter(|_| sender != 0),
        kind: if sender == 0 { MessageKind::System } else { MessageKind::Text },
        body: body.to_owned(),
        image: None,
        booking: None,
        created_at: Timestamp::from_millis(NOW - DAY + seq * 60_000),
        edited_at: None,
        deleted_at: None,
    }
}

/// What was said in the first conversation: 1 is the reader, 7 the other.
pub(super) fn talk() -> Vec<Message> {
    let mut messages = vec![
        said(1, 1, 1, "Hello, is the book still there?"),
        said(
            1,
            2,
            7,
            "Yes, it is. It has a few pencil marks on the first pages, but nothing that hides any of the text.",
        ),
        said(1, 3, 7, "Shall I bring it to the library?"),
        said(1, 4, 7, "日本語 too 📚"),
    ];
    messages[0].created_at = Timestamp::from_millis(NOW - 2 * DAY);
    messages[1].edited_at = Some(Timestamp::from_millis(NOW - DAY));
    messages
}

pub(super) fn card(chat: u128, seq: i64, number: u128) -> Message {
    Message {
        kind: MessageKind::Booking,
        booking: Some(BookingId::from_bits(number)),
        ..said(chat, seq, 7, "Ben K. asks for it at 25.00 EUR.")
    }
}

pub(super) fn picture(chat: u128, seq: i64) -> Message {
    Message { kind: MessageKind::Image, image: Some(photo()), ..said(chat, seq, 7, "") }
}

pub(super) fn chat(number: u128, title: &str, peer: &str) -> Chat {
    Chat {
        id: chat_id(number),
        item: ChatItem {
            id: id(number),
            title: title.to_owned(),
            price: "12.5".parse().expect("a price"),
            currency: "EUR".to_owned(),
            status: ItemStatus::Active,
            thumbnail: None,
        },
        peer: Peer { id: UserId::from_bits(7), name: peer.to_owned(), online: true, last_seen: None },
        last_message: Some(said(number, 4, 7, "At the library at noon?")),
        last_seq: 4,
        read_seq: 4,
        peer_read_seq: 3,
        unread: 0,
        muted: false,
        created_at: Timestamp::from_millis(NOW - 2 * DAY),
        updated_at: Timestamp::from_millis(NOW - DAY),
    }
}

pub(super) fn chats() -> Chats {
    let mut chats = vec![
        chat(1, "Calculus, 3rd ed.", "Ben K."),
        chat(2, "Desk lamp with a remarkably long name that no column of any terminal holds", "日本 太郎"),
        chat(3, "Kettle", "Cleo"),
    ];
    chats[0].read_seq = 2;
    chats[0].unread = 2;
    chats[1].peer.id = UserId::from_bits(8);
    chats[1].peer.online = false;
    chats[1].peer.last_seen = Some(Timestamp::from_millis(NOW - 5 * 60_000));
    chats[1].muted = true;
    chats[2].peer.id = UserId::from_bits(9);
    chats[2].peer.online = false;
    chats[2].last_message = None;
    Chats { chats, next_cursor: None }
}

pub(super) fn booking(number: u128, role: Side, status: BookingStatus) -> Booking {
    let price = "25".parse().expect("a price");
    let created_at = Timestamp::from_millis(NOW - DAY);
    Booking {
        id: BookingId::from_bits(number),
        item: BookedItem {
            id: id(number),
            title: "Calculus, 3rd ed.".to_owned(),
            listing: Listing::Sale,
            rent_period: None,
            thumbnail: None,
            status: ItemStatus::Active,
        },
        role,
        peer: Party { id: UserId::from_bits(7), name: "Ben K.".to_owned(), rating: Some(4.8) },
        status,
        turn: (status == BookingStatus::Pending).then_some(Side::Seller),
        version: 1,
        rounds: 0,
        list_price: price,
        price,
        currency: "EUR".to_owned(),
        message: Some("Tomorrow at the library?".to_owned()),
        meet_at: None,
        meet_place: None,
        from: None,
        to: None,
        waiting: None,
        deadline_at: Some(Timestamp::from_millis(NOW + DAY)),
        extended: false,
        confirmed: Vec::new(),
        reason: None,
        handover_code: None,
        contact: None,
        reviewed: false,
        chat: chat_id(1),
        created_at,
        updated_at: created_at,
        accepted_at: None,
        ended_at: None,
    }
}

pub(super) fn bookings() -> Bookings {
    let bookings = vec![
        booking(1, Side::Seller, BookingStatus::Pending),
        booking(2, Side::Buyer, BookingStatus::Pending),
        booking(3, Side::Buyer, BookingStatus::Completed),
    ];
    Bookings { bookings, next_cursor: None }
}

pub(super) fn alert(number: u128, title: &str) -> Notification {
    Notification {
        id: NotificationId::from_bits(number),
        kind: NotificationKind::PriceDrop,
        title: title.to_owned(),
        body: Some("Calculus, 3rd ed.".to_owned()),
        item: Some(id(1)),
        chat: None,
        booking: None,
        read: number > 1,
        created_at: Timestamp::from_millis(NOW - DAY),
    }
}

pub(super) fn alerts() -> Notifications {
    let notifications = vec![alert(1, "A starred item became cheaper"), alert(2, "A new item matches “lamps”")];
    Notifications { notifications, next_cursor: None }
}
