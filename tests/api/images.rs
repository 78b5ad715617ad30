//! Pictures: what is taken in, what becomes of it, and who sees it.

use std::{ops::Deref, time::Duration};

use axum::{
    body::Body,
    http::{Request, header},
};
use campuszon_core::permission::Role;
use campuszon_server::{
    images::{clearing, store},
    platform::{blobs::BlobKey, jobs::Kind},
};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use super::{
    Free, code_of, faults, offer,
    routes::{enroll, found},
};
use crate::{
    on_every_database,
    support::{Answer, Engine, Person, START, World, png},
};

/// A server where one picture is enough.
struct Narrow(Free);

impl Narrow {
    async fn new(engine: Engine) -> Self {
        Self(Free::with(engine, "[quota]\nimages_per_user = \"1kB\"\n").await)
    }
}

impl Deref for Narrow {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

const GPS: &[u8] = b"N 52 31 12 E 13 24 36";

/// A picture whose left half is red and whose right half is blue.
fn halves(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let half = |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_fn(width, height, half)).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

/// A phone's JPEG: to be turned by 90°, with a position, a comment and something behind its end.
fn phone_photo() -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).expect("a short segment").to_be_bytes();
        [&[0xFF, marker], &length[..], body].concat()
    };
    let orientation = [0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0];
    let exif = [&b"Exif\0\0II*\0\x08\0\0\0\x01\0"[..], &orientation, &[0; 4], GPS].concat();
    let jpeg = halves(80, 40, ImageFormat::Jpeg);
    let extra =
        [segment(0xE1, &exif), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0SECRET"), segment(0xFE, b"SECRET")];
    [&jpeg[..2], &extra.concat(), &jpeg[2..], b"SECRET behind the end"].concat()
}

async fn show(world: &World, who: &Person, id: &str) -> Answer {
    world.get(who, &format!("/api/images/{id}")).await
}

/// Uploads, waits for the worker, and shows the picture.
async fn made(world: &World, who: &Person, bytes: Vec<u8>) -> Value {
    let id = world.upload(who, "image/png", bytes).await.expect(202).text("/id");
    world.drain(Kind::Image).await;
    show(world, who, &id).await.expect(200).json()
}

/// The path of a variant.
fn path(image: &Value, size: &str) -> String {
    let url = image["variants"][size]["url"].as_str().expect("an address");
    url.strip_prefix("http://campus.test").expect("our address").to_owned()
}

/// The key of a ready picture's files.
fn key_of(image: &Value) -> String {
    path(image, "large").split('/').nth(2).expect("a key").to_owned()
}

fn blob(key: &str, name: &str) -> BlobKey {
    format!("{}/{}/{name}", &key[..2], &key[2..]).parse().expect("a blob")
}

/// The names of a picture's files in the storage.
fn names_of(world: &World, key: &str) -> Vec<String> {
    let (folder, mut names) = (format!("{}/{}/", &key[..2], &key[2..]), Vec::new());
    let mut note = |blob: BlobKey, _| names.extend(blob.as_str().strip_prefix(&folder).map(str::to_owned));
    world.app.blobs.each(&mut note).expect("a list");
    names.sort();
    names
}

async fn fetch(world: &World, path: &str) -> Answer {
    world.call("", "GET", path, Value::Null).await
}

/// Whether a colour is more red than blue, at a place given in percent.
fn is_red(picture: &RgbImage, x: u32, y: u32) -> bool {
    let Rgb([red, _, blue]) = *picture.get_pixel(picture.width() * x / 100, picture.height() * y / 100);
    red > blue
}

/// Drains the queue while time goes by: a worker may take an upload up before its original is there again, and then tries it
/// again later.
async fn drain_in_time(world: &World) {
    let time = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            world.wait(Duration::from_secs(2));
        }
    };
    tokio::select! {
        _ = world.drain(Kind::Image) => {}
        () = time => {}
    }
}

on_every_database! {
    async fn a_picture_becomes_three_variants(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let uploaded = world.upload(&ana, "image/png", png(1600, 1200, 9)).await.expect(202);
        let id = uploaded.text("/id");
        assert_eq!(uploaded.json(), json!({"id": id, "status": "pending"}));
        assert_eq!(uploaded.header("location"), format!("/api/images/{id}"));
        let pending = show(&world, &ana, &id).await.expect(200).json();
        assert_eq!(json!([pending["status"], pending["width"], pending["variants"]]), json!(["pending", 1600, null]));
        world.drain(Kind::Image).await;
        let ready = show(&world, &ana, &id).await.expect(200).json();
        assert_eq!(json!([ready["status"], ready["error"]]), json!(["ready", null]));
        assert!(ready["placeholder"].is_string());
        for (size, width, height) in [("thumbnail", 300, 225), ("medium", 800, 600), ("large", 1200, 900)] {
            let variant = &ready["variants"][size];
            let served = fetch(&world, &path(&ready, size)).await.expect(200);
            let decoded = image::load_from_memory_with_format(&served.bytes, ImageFormat::WebP).expect("WebP");
            assert_eq!((decoded.width(), decoded.height()), (width, height));
            let described = json!([variant["width"], variant["height"], variant["bytes"]]);
            assert_eq!(described, json!([width, height, served.bytes.len()]));
        }
        let small = made(&world, &ana, png(20, 10, 3)).await;
        let large = &small["variants"]["large"];
        assert_eq!(json!([large["width"], large["height"]]), json!([20, 10]), "nothing is enlarged");
    }

    async fn a_phone_photo_is_turned_and_tells_nothing(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let shown = made(&world, &ana, phone_photo()).await;
        assert_eq!(json!([shown["status"], shown["width"], shown["height"]]), json!(["ready", 40, 80]));
        for size in ["thumbnail", "medium", "large"] {
            let bytes = fetch(&world, &path(&shown, size)).await.expect(200).bytes;
            for mark in [GPS, b"SECRET", b"EXIF", b"Exif", b"XMP ", b"ICCP"] {
                assert!(!bytes.windows(mark.len()).any(|window| window == mark), "{size} holds metadata");
            }
            let picture = image::load_from_memory_with_format(&bytes, ImageFormat::WebP).expect("WebP").to_rgb8();
            assert_eq!(picture.dimensions(), (40, 80));
            assert!(is_red(&picture, 50, 20) && !is_red(&picture, 50, 80), "what was left is above");
        }
    }

    async fn every_accepted_format_is_read(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let shown = made(&world, &ana, halves(40, 20, format)).await;
            assert_eq!(json!([shown["status"], shown["width"], shown["height"]]), json!(["ready", 40, 20]), "{format:?}");
        }
    }

    async fn forms_are_taken_too(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let upload = async |fields: &[&str], end: &str| {
            let mut body = Vec::new();
            for name in fields {
                let head = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"../../a.png\"\r\n\r\n");
                body.extend(head.into_bytes());
                body.extend(png(20, 10, 5));
                body.extend(b"\r\n");
            }
            body.extend(end.bytes());
            world.upload(&ana, "multipart/form-data; boundary=cut", body).await
        };
        upload(&["image"], "--cut--\r\n").await.expect(202);
        assert_eq!(faults(&upload(&["photo"], "--cut--\r\n").await.expect(422)), [("photo", "unknown_field")]);
        assert_eq!(faults(&upload(&["image", "image"], "--cut--\r\n").await.expect(422)), [("image", "repeated")]);
        assert_eq!(faults(&upload(&[], "--cut--\r\n").await.expect(422)), [("image", "required")]);
        upload(&["image"], "").await.expect(400);
        world.upload(&ana, "multipart/form-data", b"x".to_vec()).await.expect(400);
    }

    async fn what_is_no_picture_is_refused_at_once(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        assert_eq!(faults(&world.upload(&ana, "image/png", Vec::new()).await.expect(422)), [("image", "empty")]);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>".to_vec();
        for bytes in [b"hello".to_vec(), b"%PDF-1.7".to_vec(), svg, b"BM\0\0".to_vec(), vec![0; 4096]] {
            assert_eq!(code_of(&world.upload(&ana, "image/png", bytes).await.expect(415)), "unsupported_media_type");
        }
        // The header of a picture of 4.6 gigapixels.
        let mut bomb = png(8, 8, 1);
        bomb[16..24].copy_from_slice(&[0, 1, 0x0D, 0x40, 0, 1, 0x0D, 0x40]);
        let refused = world.upload(&ana, "image/png", bomb).await;
        assert!(matches!(refused.status.as_u16(), 413 | 422), "{}", refused.status);
        let large = world.upload(&ana, "image/png", vec![0; 20_000_001]).await.expect(413);
        assert_eq!(code_of(&large), "payload_too_large");
    }

    async fn a_damaged_picture_fails_with_a_reason(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let whole = halves(200, 100, ImageFormat::Png);
        let failed = made(&world, &ana, whole[..whole.len() / 2].to_vec()).await;
        assert_eq!(json!([failed["status"], failed["variants"]]), json!(["failed", null]));
        assert!(failed["error"].as_str().is_some_and(|error| error.contains("damaged")), "{failed}");
    }

    async fn files_are_served_for_good(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let shown = made(&world, &ana, png(64, 48, 7)).await;
        let path = path(&shown, "medium");
        let served = fetch(&world, &path).await.expect(200);
        assert_eq!(served.header("content-type"), "image/webp");
        assert_eq!(served.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        let tag = served.header("etag");
        assert!(tag.starts_with('"'), "a strong tag: {tag}");
        let same = world.call_with("", "GET", &path, Value::Null, &[("if-none-match", &tag)]).await;
        assert_eq!((same.status.as_u16(), same.bytes.len(), same.header("etag")), (304, 0, tag));
        let head = world.call("", "HEAD", &path, Value::Null).await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
        let key = path.split('/').nth(2).expect("a key");
        for junk in [
            format!("/images/{key}/original"),
            format!("/images/{key}/medium.png"),
            format!("/images/{key}/..%2fmedium.webp"),
            format!("/images/{}/medium.webp", "0".repeat(64)),
            format!("/images/{}/medium.webp", key.to_uppercase()),
            "/images/x/medium.webp".to_owned(),
            "/images/..%2f..%2fkeys/medium.webp".to_owned(),
            "/images/%00/medium.webp".to_owned(),
        ] {
            fetch(&world, &junk).await.expect(404);
            let any = world.call_with("", "GET", &junk, Value::Null, &[("if-none-match", "*")]).await;
            assert_eq!(any.status, 404, "{junk}");
        }
    }

    async fn equal_pictures_share_their_files(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let eve = world.sign_up("eve@other.example", "Eve").await;
        let first = made(&world, &ana, png(64, 48, 7)).await;
        let second = world.upload(&ben, "image/png", png(64, 48, 7)).await.expect(202);
        assert_eq!(second.json()["status"], "ready", "nothing is left to do");
        let second = show(&world, &ben, &second.text("/id")).await.json();
        assert_eq!(path(&first, "large"), path(&second, "large"));
        let foreign = made(&world, &eve, png(64, 48, 7)).await;
        assert_ne!(path(&first, "large"), path(&foreign, "large"), "another campus cannot guess it");

        let item = offer(&world, &ana, "A lamp", json!({"images": [first["id"]]})).await;
        world.call(&ana.token, "DELETE", &format!("/api/items/{item}"), Value::Null).await.expect(204);
        world.drain(Kind::Image).await;
        fetch(&world, &path(&second, "large")).await.expect(200);
        let item = offer(&world, &ben, "A lamp", json!({"images": [second["id"]]})).await;
        world.call(&ben.token, "DELETE", &format!("/api/items/{item}"), Value::Null).await.expect(204);
        world.drain(Kind::Image).await;
        fetch(&world, &path(&second, "large")).await.expect(404);
    }

    async fn a_picture_is_its_owners_until_it_is_listed(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let id = world.picture(&ana, 7).await;
        show(&world, &ben, &id).await.expect(404);
        let draft = offer(&world, &ana, "A lamp", json!({"images": [id], "draft": true})).await;
        show(&world, &ben, &id).await.expect(404);
        world.post(&ana, &format!("/api/items/{draft}/publish"), Value::Null).await.expect(200);
        show(&world, &ben, &id).await.expect(200);
        world.post(&ana, &format!("/api/items/{draft}/withdraw"), Value::Null).await.expect(200);
        show(&world, &ben, &id).await.expect(404);
    }

    async fn an_upload_is_repeated_by_its_key(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let upload = async |shade: u8| {
            let request = Request::builder()
                .method("POST")
                .uri("/api/images")
                .header(header::AUTHORIZATION, format!("Bearer {}", ana.token))
                .header("idempotency-key", "k")
                .body(Body::from(png(20, 10, shade)));
            world.send(request.expect("a request")).await
        };
        assert_eq!(upload(1).await.expect(202).text("/id"), upload(1).await.expect(202).text("/id"));
        assert_eq!(faults(&upload(2).await.expect(422)), [("Idempotency-Key", "reused")]);
    }

    async fn the_queue_is_shown_to_administrators_only(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        assert_eq!(code_of(&world.get(&ana, "/api/images/queue").await.expect(403)), "forbidden");
    }

    async fn parts_of_a_file_are_served(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let path = path(&made(&world, &ana, png(64, 48, 7)).await, "medium");
        let whole = fetch(&world, &path).await.expect(200);
        assert_eq!((whole.header("accept-ranges").as_str(), whole.header("content-disposition").as_str()), ("bytes", "inline"));
        let length = whole.bytes.len();
        let ask = async |headers: &[(&str, &str)]| world.call_with("", "GET", &path, Value::Null, headers).await;
        let part = ask(&[("range", "bytes=4-9")]).await.expect(206);
        assert_eq!((part.header("content-range"), &part.bytes[..]), (format!("bytes 4-9/{length}"), &whole.bytes[4..10]));
        assert_eq!(part.header("etag"), whole.header("etag"));
        let tag = whole.header("etag");
        assert_eq!(ask(&[("range", "bytes=-5"), ("if-range", &tag)]).await.expect(206).bytes, whole.bytes[length - 5..]);
        assert_eq!(ask(&[("range", "bytes=-5"), ("if-range", "\"other\"")]).await.expect(200).bytes, whole.bytes);
        assert_eq!(ask(&[("range", "bytes=0-9"), ("if-none-match", &tag)]).await.status, 304);
        let behind = ask(&[("range", "bytes=99999999-")]).await.expect(416);
        assert_eq!((behind.header("content-range"), code_of(&behind)), (format!("bytes */{length}"), "range_not_satisfiable".to_owned()));
    }

    async fn an_original_goes_when_its_variants_stand(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let shown = made(&world, &ana, png(64, 48, 7)).await;
        let key = key_of(&shown);
        assert_eq!(names_of(&world, &key), ["large.webp", "medium.webp", "thumbnail.webp"]);
        let item = offer(&world, &ana, "A lamp", json!({"images": [shown["id"]]})).await;
        world.call(&ana.token, "DELETE", &format!("/api/items/{item}"), Value::Null).await.expect(204);
        world.drain(Kind::Image).await;
        assert!(names_of(&world, &key).is_empty());
    }

    async fn what_crashes_left_behind_is_swept(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let kept = key_of(&made(&world, &ana, png(64, 48, 7)).await);
        let waiting = world.upload(&ana, "image/png", png(64, 48, 8)).await.expect(202).text("/id");
        let orphan = "0f".repeat(32);
        for (key, name) in [(&orphan, "original"), (&orphan, "large.webp"), (&kept, "original")] {
            world.app.blobs.put(&blob(key, name), b"left behind").expect("stored");
        }
        clearing::sweep(&world.app).await.expect("a sweep");
        assert!(names_of(&world, &orphan).is_empty());
        assert_eq!(names_of(&world, &kept), ["large.webp", "medium.webp", "thumbnail.webp"]);
        world.drain(Kind::Image).await;
        assert_eq!(show(&world, &ana, &waiting).await.json()["status"], "ready");
    }

    async fn what_another_database_knows_is_not_swept(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let known = key_of(&made(&world, &ana, png(64, 48, 7)).await);
        let unknown = ["0e".repeat(32), "0f".repeat(32)];
        for key in &unknown {
            world.app.blobs.put(&blob(key, "large.webp"), b"of another").expect("stored");
        }
        world.app.blobs.put(&blob(&known, "original"), b"left behind").expect("stored");
        clearing::sweep(&world.app).await.expect("a sweep");
        assert!(unknown.iter().all(|key| names_of(&world, key) == ["large.webp"]));
        assert_eq!(names_of(&world, &known).len(), 3, "what is known is still tidied");
    }

    async fn an_upload_in_the_moment_of_a_removal_keeps_its_files(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        for round in 0..12_u64 {
            let shown = made(&world, &ana, png(64, 48, 7)).await;
            let item = offer(&world, &ana, "A lamp", json!({"images": [shown["id"]]})).await;
            world.call(&ana.token, "DELETE", &format!("/api/items/{item}"), Value::Null).await.expect(204);
            let again = async {
                tokio::time::sleep(Duration::from_micros(400 * round)).await;
                loop {
                    let answer = world.upload(&ana, "image/png", png(64, 48, 7)).await;
                    if answer.status != 503 {
                        return answer.expect(202).text("/id");
                    }
                }
            };
            let ((), id) = tokio::join!(drain_in_time(&world), again);
            drain_in_time(&world).await;
            let ready = show(&world, &ana, &id).await.expect(200).json();
            assert_eq!(ready["status"], "ready", "{ready}");
            for size in ["thumbnail", "medium", "large"] {
                fetch(&world, &path(&ready, size)).await.expect(200);
            }
            let item = offer(&world, &ana, "A lamp", json!({"images": [id]})).await;
            world.call(&ana.token, "DELETE", &format!("/api/items/{item}"), Value::Null).await.expect(204);
            drain_in_time(&world).await;
            assert!(names_of(&world, &key_of(&ready)).is_empty());
        }
    }

    async fn an_upload_waits_for_a_removal_no_longer_than_it_must(world: Free) {
        let campus = found(&world).await;
        let ana = enroll(&world, campus, "Ana", Role::Student).await;
        let key = key_of(&made(&world, &ana, png(64, 48, 7)).await);
        let other = world.app.keys.image_key(campus, &png(64, 48, 8));
        let until = START + Duration::from_secs(60);
        for key in [key, other] {
            world.app.write(move |tx| Ok(store::claim(tx, &key, until)?)).await.expect("claimed");
        }
        world.upload(&ana, "image/png", png(64, 48, 8)).await.expect(503);
        world.wait(Duration::from_secs(61));
        let id = world.upload(&ana, "image/png", png(64, 48, 8)).await.expect(202).text("/id");
        world.drain(Kind::Image).await;
        assert_eq!(show(&world, &ana, &id).await.json()["status"], "ready");
    }

    async fn what_was_given_up_is_tried_again_by_an_administrator(world: Free) {
        let campus = found(&world).await;
        let ana = enroll(&world, campus, "Ana", Role::Student).await;
        let ada = enroll(&world, campus, "Ada", Role::Admin).await;
        let bytes = png(64, 48, 7);
        let id = world.upload(&ana, "image/png", bytes.clone()).await.expect(202).text("/id");
        let key = world.app.keys.image_key(campus, &bytes);
        // The storage loses the file for a while.
        world.app.blobs.delete(&blob(&key, "original")).expect("deleted");
        let pass = async {
            for _ in 0..6 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                world.wait(Duration::from_secs(3));
            }
        };
        tokio::join!(world.drain(Kind::Image), pass);
        let failed = show(&world, &ana, &id).await.json();
        assert_eq!(failed["status"], "failed");
        assert!(failed["error"].as_str().is_some_and(|error| error.contains("server")), "{failed}");
        let queue = world.get(&ada, "/api/images/queue").await.expect(200).json();
        assert_eq!(json!([queue["waiting"], queue["failed"], queue["dead"][0]["image"], queue["dead"][0]["attempts"]]), json!([0, 1, id, 3]));
        assert!(queue["dead"][0]["error"].as_str().is_some_and(|error| error.contains("original is gone")), "{queue}");

        world.app.blobs.put(&blob(&key, "original"), &bytes).expect("stored");
        clearing::sweep(&world.app).await.expect("a sweep");
        let retry = async || world.post(&ada, "/api/images/queue/retry", Value::Null).await.expect(200).json();
        assert_eq!(retry().await, json!({"retried": 1}));
        world.drain(Kind::Image).await;
        assert_eq!(show(&world, &ana, &id).await.json()["status"], "ready");
        assert_eq!(names_of(&world, &key), ["large.webp", "medium.webp", "thumbnail.webp"]);
        assert_eq!(retry().await, json!({"retried": 0}));
        let queue = world.get(&ada, "/api/images/queue").await.expect(200).json();
        assert_eq!(json!([queue["completed"], queue["dead"]]), json!([1, []]));
    }

    async fn who_has_no_room_left_is_told(world: Narrow) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let shown = made(&world, &ana, halves(900, 700, ImageFormat::Png)).await;
        let refused = world.upload(&ana, "image/png", png(20, 10, 5)).await.expect(409);
        assert!(refused.text("/detail").contains("delete items with pictures"), "{}", refused.text("/detail"));
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        world.upload(&ben, "image/png", png(20, 10, 5)).await.expect(202);
        let item = offer(&world, &ana, "A lamp", json!({"images": [shown["id"]]})).await;
        world.call(&ana.token, "DELETE", &format!("/api/items/{item}"), Value::Null).await.expect(204);
        world.upload(&ana, "image/png", png(20, 10, 5)).await.expect(202);
    }
}
