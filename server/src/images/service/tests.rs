//! How the parts of the image service decide, without a database.

use campuszon_core::{Id, MessageId, Timestamp};

use super::*;

fn image(number: u128, status: ImageStatus) -> StoredImage {
    StoredImage {
        id: ImageId::from_bits(number),
        owner: UserId::from_bits(1),
        item: None,
        message: None,
        status,
        error: (status == ImageStatus::Failed).then(|| "it is damaged".to_owned()),
        key: format!("key {number}"),
        width: 4,
        height: 3,
        placeholder: Some(format!("blur {number}")),
        variants: None,
        created_at: Timestamp::from_millis(0),
    }
}

#[test]
fn the_first_ready_picture_stands_for_the_listing() {
    use ImageStatus::{Failed, Pending, Ready};
    let images = [(1, Pending), (2, Failed), (3, Ready), (4, Ready)];
    let state = ImagesState::of(images.map(|(number, status)| image(number, status)).to_vec());
    assert_eq!((state.pending, state.ready), (1, 2));
    assert_eq!(state.failed, [(ImageId::from_bits(2), "it is damaged".to_owned())]);
    assert_eq!(state.first_ready, Some(("key 3".to_owned(), Some("blur 3".to_owned()))));
    assert_eq!(ImagesState::of(Vec::new()), ImagesState::default());
}

#[test]
fn an_image_belongs_to_one_item_at_most() {
    let (mine, other) = (ItemId::from_bits(1), ItemId::from_bits(2));
    let of = |item| StoredImage { item, ..image(1, ImageStatus::Ready) };
    assert_eq!(check_free(Some(&of(None)), mine), Ok(()));
    assert_eq!(check_free(Some(&of(Some(mine))), mine), Ok(()));
    assert!(check_free(Some(&of(Some(other))), mine).is_err_and(|(code, _)| code == "taken"));
    assert!(check_free(None, mine).is_err_and(|(code, _)| code == "not_found"));
    let sent = StoredImage { message: Some(MessageId::from_bits(1)), ..of(None) };
    assert!(check_free(Some(&sent), mine).is_err_and(|(code, _)| code == "taken"));
}

#[test]
fn a_message_takes_what_is_free_and_may_become_a_picture() {
    let of = |item, message, status| StoredImage { item, message, ..image(1, status) };
    let (item, message) = (Some(ItemId::from_bits(1)), Some(MessageId::from_bits(1)));
    let refusal = |image| check_sendable(image).err().map(|(code, _)| code);
    for status in [ImageStatus::Pending, ImageStatus::Ready] {
        assert_eq!(refusal(Some(of(None, None, status))), None);
        assert_eq!(refusal(Some(of(item, None, status))), Some("taken"));
        assert_eq!(refusal(Some(of(None, message, status))), Some("taken"));
    }
    assert_eq!(refusal(Some(of(None, None, ImageStatus::Failed))), Some("failed"));
    assert_eq!(refusal(None), Some("not_found"));
}

#[test]
fn refusals_keep_the_picture_errors_sentence_and_code() {
    let status = |error: &PictureError| match refused(error) {
        Error::UnsupportedMediaType(detail) => (415, detail),
        Error::PayloadTooLarge(detail) => (413, detail),
        Error::Invalid(faults) => (422, faults.into_iter().map(|fault| fault.message).collect()),
        other => panic!("{other:?}"),
    };
    for (error, expected) in [
        (PictureError::Heic, 415),
        (PictureError::TooManyBytes { bytes: 2, max: 1 }, 413),
        (PictureError::Empty, 422),
        (PictureError::ZeroDimensions, 422),
    ] {
        assert_eq!(status(&error), (expected, error.to_string()));
    }
}
