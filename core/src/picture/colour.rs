//! From a file's own colours to sRGB.

use image::{ColorType, DynamicImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Turns `image`, of eight bits a channel, to sRGB: `Rgb8`, or `Rgba8` where it had an opacity channel.
///
/// Without a profile, or with one that is broken or of another kind than the pixels (a CMYK photo's describes inks, while
/// its pixels are decoded to RGB), the colours are taken for sRGB as browsers do.
pub(super) fn to_srgb(image: DynamicImage, profile: Option<&[u8]>) -> DynamicImage {
    match profile.and_then(|profile| convert(&image, profile)) {
        Some(converted) => converted,
        None if image.color().has_alpha() => image.into_rgba8().into(),
        None => image.into_rgb8().into(),
    }
}

fn convert(image: &DynamicImage, profile: &[u8]) -> Option<DynamicImage> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let (from, to) = match (image.color(), profile.color_space) {
        (ColorType::L8, DataColorSpace::Gray) => (Layout::Gray, Layout::Rgb),
        (ColorType::La8, DataColorSpace::Gray) => (Layout::GrayAlpha, Layout::Rgba),
        (ColorType::Rgb8, DataColorSpace::Rgb) => (Layout::Rgb, Layout::Rgb),
        (ColorType::Rgba8, DataColorSpace::Rgb) => (Layout::Rgba, Layout::Rgba),
        _ => return None,
    };
    let transform =
        profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default()).ok()?;
    let (width, height) = (image.width(), image.height());
    let mut pixels = vec![0; width as usize * height as usize * to.channels()];
    transform.transform(image.as_bytes(), &mut pixels).ok()?;
    if to == Layout::Rgba {
        RgbaImage::from_raw(width, height, pixels).map(Into::into)
    } else {
        RgbImage::from_raw(width, height, pixels).map(Into::into)
    }
}
