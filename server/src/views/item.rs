//! Items as their readers see them.

use campuszon_core::{
    Decimal, ItemId,
    picture::Size,
    wire::{
        image::ImageStatus,
        item::{Item, ItemSummary, Seller, Viewer},
    },
};

use crate::{
    App, Error, Principal, deals, images,
    items::{
        service,
        store::{self, StoredItem},
    },
    platform::database::Tx,
};

pub use crate::items::listing::ListedItem;

/// An item as lists show it.
pub fn summary(app: &App, item: ListedItem) -> ItemSummary {
    let currency = app.settings.currency;
    ItemSummary {
        id: item.id,
        title: item.title,
        price: Decimal::from_minor(item.terms.price, currency),
        currency: currency.code().to_owned(),
        listing: item.terms.listing,
        rent_period: item.terms.rent_period,
        category: item.category,
        condition: item.condition,
        status: item.status,
        thumbnail: item.thumbnail.map(|key| images::address(&app.public_url, &key, Size::Thumbnail)),
        placeholder: item.placeholder,
        seller: Seller {
            id: item.seller,
            name: item.seller_name,
            rating: item.seller_rating,
            online: !item.seller_hidden && app.hub.is_online(item.seller),
        },
        favorite: item.favorite,
        created_at: item.created_at,
        updated_at: item.updated_at,
    }
}

/// A whole item as the caller sees it, and the row behind it.
///
/// # Errors
/// The caller may not know of it.
pub fn full(tx: &mut Tx<'_>, app: &App, who: &Principal, id: ItemId) -> Result<(Item, StoredItem), Error> {
    let stored = service::visible(tx, who, id)?;
    let listed = crate::items::listing::one(tx, who.campus, who.user, id)?.ok_or(Error::NotFound("item"))?;
    let images: Vec<_> = images::service::of_item(tx, who.campus, id)?
        .into_iter()
        .map(|image| images::shown(&app.public_url, image))
        .collect();
    let status = |wanted| images.iter().any(|image: &campuszon_core::wire::image::Image| image.status == wanted);
    let image_status = if status(ImageStatus::Pending) {
        Some(ImageStatus::Pending)
    } else if status(ImageStatus::Ready) {
        Some(ImageStatus::Ready)
    } else {
        status(ImageStatus::Failed).then_some(ImageStatus::Failed)
    };
    let viewer = Viewer {
        favorite: listed.favorite,
        unlocked: deals::service::is_unlocked(tx, who.campus, id, who.user)?,
        booking: deals::service::open_of(tx, who, id)?,
        chat: store::chat_of_buyer(tx, who.campus, id, who.user)?,
    };
    let item = Item {
        summary: summary(app, listed),
        description: stored.description.clone(),
        pickup: stored.pickup.clone(),
        images,
        views: stored.views,
        favorites: stored.favorites,
        expires_at: stored.expires_at,
        image_status,
        viewer,
        taken: super::booking::taken(tx, who.campus, id)?,
    };
    Ok((item, stored))
}
