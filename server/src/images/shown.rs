//! Pictures as clients see them.

use campuszon_core::{
    picture::Size,
    wire::image::{Image, Variant, Variants},
};

use super::{
    files::address,
    store::{StoredImage, StoredVariant},
};

/// A picture, with the absolute addresses of its variants when it is ready.
pub fn shown(public_url: &str, image: StoredImage) -> Image {
    let variant = |size: Size, stored: StoredVariant| Variant {
        url: address(public_url, &image.key, size),
        width: stored.width,
        height: stored.height,
        bytes: stored.bytes,
    };
    let variants = image.variants.map(|stored| Variants {
        thumbnail: variant(Size::Thumbnail, stored.thumbnail),
        medium: variant(Size::Medium, stored.medium),
        large: variant(Size::Large, stored.large),
    });
    Image {
        id: image.id,
        status: image.status,
        error: image.error,
        width: image.width,
        height: image.height,
        placeholder: image.placeholder,
        variants,
    }
}
