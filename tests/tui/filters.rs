//! The filters of Browse, in their panel and beside the list, and saved searches.

use campuszon::tui::{
    effect::{Effect, Errand, Outcome},
    keys::Scope,
    message::{Arrival, FailureKind, Message},
    model::{Filter, Filters, Order, Query, Section, Tab},
};
use campuszon_core::{
    Id, SearchId, Timestamp, UserId,
    item::{Condition, Listing},
    safe::SafeText,
    wire::notification::{Search, Searches},
};

use super::{
    desk::Desk,
    states::{SIZES, snapshot, snapshot_everywhere},
    stock::{NOW, failure, page, stock},
};

/// With the categories known and the panel open.
fn opened(size: (u16, u16)) -> Desk {
    let mut desk = Desk::on(Tab::Browse, size);
    desk.send(Message::Categories(vec!["books".to_owned(), "sports".to_owned()]));
    desk.key("f");
    desk
}

/// What the server was asked for last.
fn asked(desk: &Desk) -> Query {
    let queries = desk.asked.iter().rev().filter_map(|effect| match effect {
        Effect::LoadItems(query, _) => Some(query.clone()),
        _ => None,
    });
    queries.into_iter().next().expect("a question")
}

fn go_to(desk: &mut Desk, filter: Filter) {
    desk.key("g");
    for _ in Filter::ALL.into_iter().take_while(|other| *other != filter) {
        desk.key("j");
    }
}

fn search(number: u128) -> Search {
    Search {
        id: SearchId::from_bits(number),
        name: "Cheap books".to_owned(),
        query: "calculus category:books price:<=20".to_owned(),
        digest: false,
        matches: 1,
        created_at: Timestamp::from_millis(NOW),
    }
}

#[test]
fn the_panel_and_what_it_leaves_in_the_frame() {
    for size in SIZES.into_iter().chain([(160, 40)]) {
        let mut desk = opened(size);
        desk.key("l");
        go_to(&mut desk, Filter::Condition);
        for chord in ["l", "l", "l", "j", "j", "j"] {
            desk.key(chord);
        }
        desk.key("Enter");
        desk.write("cheap");
        desk.key("Enter");
        snapshot("filters", &desk);
        desk.key("Ctrl+U");
        desk.write("20");
        desk.key("Enter");
        desk.key("Esc");
        desk.answer(Ok(page(stock(), None)));
        snapshot("filtered", &desk);
        desk.answer_to(desk.ticket(), true, Ok(page(Vec::new(), None)));
    }
    let mut desk = opened((80, 24));
    desk.key("l");
    desk.key("Esc");
    desk.answer(Ok(page(Vec::new(), None)));
    assert!(desk.screen().contains("Nothing fits the filters: books."));
}

#[test]
fn each_filter_is_asked_for_and_esc_takes_them_away() {
    let mut desk = opened((80, 24));
    for _ in 0..3 {
        desk.key("l");
    }
    assert_eq!(desk.model.browse.filters, Filters::default(), "after the last value comes none");
    desk.key("h");
    go_to(&mut desk, Filter::Condition);
    desk.key("l");
    desk.key("l");
    go_to(&mut desk, Filter::Listing);
    desk.key("Space");
    go_to(&mut desk, Filter::From);
    desk.key("Enter");
    desk.write("5,50");
    desk.key("Enter");
    for filter in [Filter::Image, Filter::Favorite, Filter::Seller] {
        go_to(&mut desk, filter);
        desk.key("Enter");
    }
    let wanted = Filters {
        category: Some("sports".to_owned()),
        condition: Some(Condition::LikeNew),
        listing: Some(Listing::ALL[0]),
        from: "5.5".parse().ok(),
        to: None,
        has_image: true,
        favorite: true,
        seller: Some((UserId::from_bits(7), SafeText::fixed("Ben K."))),
    };
    assert_eq!(asked(&desk).filters, wanted);
    assert_eq!(wanted.conditions(), [Condition::New, Condition::LikeNew]);
    desk.key("Esc");
    assert_eq!(desk.model.scope(), Scope::Browse);
    desk.key("Esc");
    assert_eq!(asked(&desk), Query::default());
}

#[test]
fn a_range_the_wrong_way_round_is_refused_and_esc_leaves_the_price_as_it_was() {
    let mut desk = opened((80, 24));
    for (filter, price) in [(Filter::From, "9"), (Filter::To, "10")] {
        go_to(&mut desk, filter);
        desk.key("Enter");
        desk.write(price);
        desk.key("Enter");
    }
    go_to(&mut desk, Filter::From);
    desk.key("Enter");
    desk.key("Ctrl+U");
    desk.write("11");
    desk.key("Enter");
    assert!(desk.screen().contains("The lower price is above the higher one."));
    desk.key("Esc");
    assert_eq!(desk.model.browse.filters.from, "9".parse().ok());
    desk.key("Backspace");
    assert_eq!(asked(&desk).filters, Filters { to: "10".parse().ok(), ..Filters::default() });
    desk.key("x");
    assert!(desk.model.browse.filters.is_empty());
}

#[test]
fn the_order_goes_round_in_both_directions() {
    let mut desk = opened((80, 24));
    go_to(&mut desk, Filter::Sort);
    for order in [Order::Oldest, Order::Dearest, Order::Cheapest, Order::Natural] {
        desk.key("h");
        assert_eq!(asked(&desk).order, order);
    }
    for order in [Order::Cheapest, Order::Dearest, Order::Oldest, Order::Natural] {
        desk.key("l");
        assert_eq!(asked(&desk).order, order);
    }
}

#[test]
fn the_present_search_is_saved_and_a_saved_one_run() {
    let mut desk = opened((80, 24));
    go_to(&mut desk, Filter::Save);
    desk.key("Enter");
    desk.write("all");
    desk.key("Enter");
    assert!(desk.screen().contains("There is nothing to save"));
    desk.key("Esc");
    go_to(&mut desk, Filter::Category);
    desk.key("l");
    go_to(&mut desk, Filter::Save);
    desk.key("Enter");
    desk.key("Ctrl+U");
    desk.write("Cheap books");
    desk.key("Enter");
    let saves = |errand: &Errand| matches!(errand, Errand::SaveSearch { name, query, .. } if name == "Cheap books" && query == "category:books");
    assert!(saves(&desk.errand()));
    desk.account(Outcome::SearchSaved(Ok(Box::new(search(1)))));
    assert!(desk.screen().contains("Saved “Cheap books”"));
    go_to(&mut desk, Filter::Saved);
    desk.key("Enter");
    assert_eq!((desk.model.tab, desk.model.me.section), (Tab::Me, Some(Section::Searches)));
    let Errand::LoadSearches(ask) = desk.errand() else { panic!("no question") };
    let result = Ok(Searches { searches: vec![search(1), search(2)], next_cursor: None });
    desk.account(Outcome::Searches(Arrival { ticket: ask.ticket, first: true, result }));
    snapshot_everywhere("me-searches", &desk);
    desk.key("Enter");
    assert_eq!((desk.model.tab, asked(&desk).words), (Tab::Browse, search(1).query));
    assert!(desk.model.browse.filters.is_empty(), "the query says it all");
    desk.key("Esc");
    assert_eq!(asked(&desk), Query::default());
}

#[test]
fn a_saved_search_is_deleted_after_a_question() {
    let mut desk = opened((80, 24));
    go_to(&mut desk, Filter::Saved);
    desk.key("Enter");
    let Errand::LoadSearches(ask) = desk.errand() else { panic!("no question") };
    let result = Ok(Searches { searches: vec![search(1)], next_cursor: None });
    desk.account(Outcome::Searches(Arrival { ticket: ask.ticket, first: true, result }));
    for chord in ["D", "Tab", "Enter"] {
        desk.key(chord);
    }
    let id = SearchId::from_bits(1);
    assert_eq!(desk.errand(), Errand::DeleteSearch(id));
    desk.account(Outcome::SearchDeleted(id, Err(failure(FailureKind::Broken))));
    assert_eq!(desk.model.me.searches.rows.len(), 1);
    desk.account(Outcome::SearchDeleted(id, Ok(())));
    assert!(desk.screen().contains("You saved no searches."));
}
