//! The routes of the deal service.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    BookingId, Day, ItemId, ReviewId, UserId, account,
    booking::{self, BookingStatus, NewBooking, Side, WishRules},
    text,
    wire::{
        booking::{
            AnswerReview, Booking, Bookings, Complete, Counter, CreateBooking, CreateReview, Reason, Review, Reviews,
            Unlocked,
        },
        problem::Problem,
    },
};

use super::service::{self, HandedOver, NewReview};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, NoQuery, Params, PathId},
        idempotency::{self, Created},
        paging::Asked,
    },
    platform::database::Tx,
    users::ledger,
    views,
};

/// See how to reach the seller, and be allowed to book.
#[utoipa::path(post, path = "/api/items/{id}/unlock", tag = "deals", params(("id" = ItemId, Path), IdempotencyKey),
    responses((status = 200, body = Unlocked), (status = "4XX", body = Problem)))]
pub async fn unlock(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    input.form.finish(Some(()))?;
    let bytes = [id.to_string().as_bytes(), &input.bytes].concat();
    idempotency::once(&app, &who, "unlock", key, &bytes, move |tx, who| {
        let item = service::unlock(tx, who, id)?;
        let contact = service::contact(tx, who.campus, item.seller)?;
        let tokens = ledger::balance(tx, who.campus, who.user)?;
        Created::new(StatusCode::OK, None, &Unlocked { contact, tokens })
    })
    .await
}

/// Ask for an item.
#[utoipa::path(post, path = "/api/items/{id}/bookings", tag = "deals", params(("id" = ItemId, Path), IdempotencyKey),
    request_body = CreateBooking, responses((status = 201, body = Booking), (status = "4XX", body = Problem)))]
pub async fn request(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    let now = app.clock.now();
    let today = Day::of(now, &app.settings.timezone);
    let new = NewBooking::read(input.form, &WishRules { currency: app.settings.currency, now, today })?;
    let bytes = [id.to_string().as_bytes(), &input.bytes].concat();
    idempotency::once(&app, &who, "bookings", key, &bytes, move |tx, who| {
        let id = service::request(tx, who, id, &new)?;
        Created::new(StatusCode::CREATED, Some(format!("/api/bookings/{id}")), &seen(tx, who, id)?)
    })
    .await
}

fn seen(tx: &mut Tx<'_>, who: &Principal, id: BookingId) -> Result<Booking, Error> {
    let (booking, _) = service::party(tx, who, id)?;
    views::booking::show(tx, who.campus, who.user, &booking)
}

/// One's bookings, newest first.
#[utoipa::path(get, path = "/api/bookings", tag = "deals",
    params(("role" = Option<Side>, Query), ("status" = Option<Vec<BookingStatus>>, Query),
        ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Bookings), (status = "4XX", body = Problem)))]
pub async fn list(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Error> {
    let mut form = params.form;
    let asked = Asked::read(&mut form, "bookings", &who);
    let role = form.parsed("role");
    let statuses = form.parsed_list("status").unwrap_or_default();
    form.finish(Some(()))?;
    let page = asked.open::<BookingId>(&app)?;
    let wanted = service::Wanted { role, statuses, before: page.after, limit: page.fetch() };
    let bookings = app.read(move |tx| views::booking::list(tx, &who, &wanted)).await?;
    let (bookings, next_cursor) = page.cut(&app, bookings, |booking| booking.id)?;
    etag::json(&headers, &Bookings { bookings, next_cursor })
}

/// Show a booking.
#[utoipa::path(get, path = "/api/bookings/{id}", tag = "deals", params(("id" = BookingId, Path)),
    responses((status = 200, body = Booking), (status = "4XX", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<BookingId>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let booking = app.read(move |tx| seen(tx, &who, id)).await?;
    etag::json(&headers, &booking)
}

/// Runs a change and answers with the booking after it.
async fn change(
    app: &App,
    who: Principal,
    id: BookingId,
    mut change: impl FnMut(&mut Tx<'_>, &Principal) -> Result<(), Error> + Send + 'static,
) -> Result<Response, Error> {
    let booking = app
        .write(move |tx| {
            change(tx, &who)?;
            seen(tx, &who, id)
        })
        .await?;
    etag::json(&HeaderMap::new(), &booking)
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident $path:literal $act:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "deals", params(("id" = BookingId, Path)),
            responses((status = 200, body = Booking), (status = "4XX", body = Problem)))]
        pub async fn $name(
            State(app): State<App>,
            who: Principal,
            PathId(id): PathId<BookingId>,
            input: Input,
        ) -> Result<Response, Error> {
            input.form.finish(Some(()))?;
            change(&app, who, id, move |tx, who| $act(tx, who, id)).await
        }
    )*};
}

steps! {
    /// Agree to the offer on the table.
    accept "/api/bookings/{id}/accept" service::accept;
    /// Give an accepted booking more time, once.
    extend "/api/bookings/{id}/extend" service::extend;
}

macro_rules! ends {
    ($($(#[$doc:meta])* $name:ident $path:literal $act:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "deals", params(("id" = BookingId, Path)), request_body = Reason,
            responses((status = 200, body = Booking), (status = "4XX", body = Problem)))]
        pub async fn $name(
            State(app): State<App>,
            who: Principal,
            PathId(id): PathId<BookingId>,
            input: Input,
        ) -> Result<Response, Error> {
            let reason = booking::reason(input.form)?;
            change(&app, who, id, move |tx, who| $act(tx, who, id, reason.clone())).await
        }
    )*};
}

ends! {
    /// Refuse a request.
    decline "/api/bookings/{id}/decline" service::decline;
    /// Call a booking off.
    cancel "/api/bookings/{id}/cancel" service::cancel;
}

/// Name another price.
#[utoipa::path(post, path = "/api/bookings/{id}/counter", tag = "deals", params(("id" = BookingId, Path)),
    request_body = Counter, responses((status = 200, body = Booking), (status = "4XX", body = Problem)))]
pub async fn counter(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<BookingId>,
    input: Input,
) -> Result<Response, Error> {
    let (price, version) = booking::counter_price(input.form, app.settings.currency)?;
    change(&app, who, id, move |tx, who| service::counter(tx, who, id, price, version)).await
}

/// Say that it was handed over: the seller with the buyer's code, or each of the two by their word.
#[utoipa::path(post, path = "/api/bookings/{id}/complete", tag = "deals", params(("id" = BookingId, Path)),
    request_body = Complete, responses((status = 200, body = Booking), (status = "4XX", body = Problem)))]
pub async fn complete(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<BookingId>,
    mut input: Input,
) -> Result<Response, Error> {
    let code = input.form.text("handover_code");
    let code = code.and_then(|raw| input.form.check(account::code("handover_code", &raw)));
    input.form.finish(Some(()))?;
    let (outcome, booking) = app
        .write(move |tx| {
            let outcome = service::complete(tx, &who, id, code.as_deref())?;
            Ok((outcome, seen(tx, &who, id)?))
        })
        .await?;
    match outcome {
        HandedOver::Done => etag::json(&HeaderMap::new(), &booking),
        HandedOver::WrongCode(left) => {
            let message = format!("is not the buyer's code; {} left", text::count(left, "attempt"));
            Err(Error::invalid("handover_code", "wrong_code", message))
        }
    }
}

/// Rate the other side of a completed deal.
#[utoipa::path(post, path = "/api/bookings/{id}/review", tag = "deals", params(("id" = BookingId, Path), IdempotencyKey),
    request_body = CreateReview, responses((status = 201, body = Review), (status = "4XX", body = Problem)))]
pub async fn review(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<BookingId>,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    let bytes = [id.to_string().as_bytes(), &input.bytes].concat();
    let new = NewReview::read(input.form)?;
    idempotency::once(&app, &who, "reviews", key, &bytes, move |tx, who| {
        let review = service::review(tx, who, id, &new)?;
        Created::new(StatusCode::CREATED, None, &views::booking::review(who.user, review))
    })
    .await
}

/// Answer a review, once.
#[utoipa::path(post, path = "/api/reviews/{id}/answer", tag = "deals", params(("id" = ReviewId, Path)),
    request_body = AnswerReview, responses((status = 200, body = Review), (status = "4XX", body = Problem)))]
pub async fn answer(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ReviewId>,
    input: Input,
) -> Result<Response, Error> {
    let text = service::answer_text(input.form)?;
    let reader = who.user;
    let review = app.write(move |tx| service::answer(tx, &who, id, &text)).await?;
    etag::json(&HeaderMap::new(), &views::booking::review(reader, review))
}

/// What others wrote of a user, newest first.
#[utoipa::path(get, path = "/api/users/{id}/reviews", tag = "deals",
    params(("id" = UserId, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Reviews), (status = "4XX", body = Problem)))]
pub async fn reviews(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    let asked = Asked::read(&mut params.form, &format!("reviews of {id}"), &who);
    params.form.finish(Some(()))?;
    let page = asked.open::<ReviewId>(&app)?;
    let (parts, before, limit) = (app.clone(), page.after, page.fetch());
    let reviews = app.read(move |tx| views::booking::reviews(tx, &parts, &who, id, before, limit)).await?;
    let (reviews, next_cursor) = page.cut(&app, reviews, |review| review.id)?;
    etag::json(&headers, &Reviews { reviews, next_cursor })
}
