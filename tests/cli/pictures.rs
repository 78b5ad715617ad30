//! Picture files: several at once, and those that cannot be used.

use super::{Scene, Transcript};
use crate::story::until;

#[test]
fn each_file_that_cannot_be_used_is_named() {
    let scene = Scene::set();
    let ada = &scene.ada;
    let photo = image::RgbImage::from_pixel(3000, 400, image::Rgb([90, 90, 90]));
    for name in ["front.png", "back.png"] {
        photo.save(ada.home().join(name)).expect("written");
    }
    std::fs::write(ada.home().join("notes.txt"), "not a picture").expect("written");
    std::fs::write(ada.home().join("empty.jpg"), "").expect("written");
    let mut told = Transcript::of(ada);
    let files = ["image", "prepare", "front.png", "notes.txt", "back.png", "nothing.jpg"];
    told.tell(ada, &[&files[..], &["--out", "ready"]].concat());
    told.tell(ada, &[&files[..], &["--json=file,width,height,format"]].concat());
    told.tell(ada, &["image", "prepare", "notes.txt", "empty.jpg"]);
    told.tell(ada, &["image", "prepare", "empty.jpg", "--json"]);
    let lamp = ["item", "create", "--title", "Lamp", "--price", "7", "--category", "other", "--condition", "good"];
    let images = ["--image", "front.png", "--image", "notes.txt", "--image", "empty.jpg"];
    told.tell(ada, &[&lamp[..], &images].concat());
    told.tell(ada, &[&lamp[..], &images, &["--json"]].concat());
    told.tell(ada, &[&lamp[..], &images[..4]].concat());
    told.check("pictures");
    assert_eq!(ada.json(&["item", "list", "lamp"]).as_array().map(Vec::len), Some(0));
    let ready = image::image_dimensions(ada.home().join("ready/front.jpg")).expect("a picture");
    assert_eq!(ready, (2048, 273));
}

#[test]
fn several_pictures_arrive_in_their_order() {
    let scene = Scene::set();
    let ada = &scene.ada;
    let names: Vec<String> = (1..=5).map(|number| format!("{number}.png")).collect();
    for (name, shade) in names.iter().zip([10, 60, 110, 160, 210]) {
        let photo = image::RgbImage::from_pixel(64, 64, image::Rgb([shade; 3]));
        photo.save(ada.home().join(name)).expect("written");
    }
    let lamp = ["item", "create", "--title", "Lamp", "--price", "7", "--category", "other", "--condition", "good"];
    let images: Vec<&str> = names.iter().flat_map(|name| ["--image", name]).collect();
    let id = ada.made(&[&lamp[..], &images].concat());
    let urls = until("all pictures are ready", || {
        let item = ada.json(&["item", "show", &id]);
        let images = item["images"].as_array().expect("images").iter();
        images.map(|image| Some(image["variants"]["large"]["url"].as_str()?.to_owned())).collect::<Option<Vec<_>>>()
    });
    let shade = |url: &String| {
        let (status, file) = scene.campus.fetch(url);
        assert_eq!(status, 200);
        image::load_from_memory(&file).expect("a picture").into_rgb8().get_pixel(32, 32).0[0]
    };
    let shades: Vec<u8> = urls.iter().map(shade).collect();
    for (shade, meant) in shades.iter().zip([10, 60, 110, 160, 210_u8]) {
        assert!(shade.abs_diff(meant) < 8, "{shades:?}");
    }
    assert_eq!(shades.len(), 5);
}
