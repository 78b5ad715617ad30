//! `item import` and `item export`.

use std::fs;

use serde_json::Value;

use super::{Scene, Transcript};

const SALE: &str = "title,price,category,condition,description,image\n\
                    Lamp,7.50,other,good,\"warm, bright\",lamp.png\n\
                    Desk,20,furniture,fair,,\n\
                    Desk,20,furniture,fair,,\n";

#[test]
fn a_file_is_listed_once_however_often_it_is_read() {
    let scene = Scene::set();
    let ben = &scene.ben;
    let folder = ben.home().join("sale");
    fs::create_dir(&folder).expect("a folder");
    image::RgbImage::new(40, 30).save(folder.join("lamp.png")).expect("written");
    fs::write(folder.join("spring.csv"), SALE).expect("written");
    fs::write(folder.join("wrong.csv"), "title,price,category,condtion\nLamp,cheap,other,good\n").expect("written");
    let mut told = Transcript::of(ben);
    told.tell(ben, &["item", "import", "sale/wrong.csv"]);
    told.tell(ben, &["item", "import", "sale/wrong.csv", "--json"]);
    told.tell(ben, &["item", "import", "sale/nothing.csv"]);
    told.tell(ben, &["item", "import", "sale/spring.csv", "--dry-run"]);
    told.tell(ben, &["item", "import", "sale/spring.csv", "--json=title,price"]);
    told.tell(ben, &["item", "import", "sale/spring.csv"]);
    // One more line is one more item.
    fs::write(folder.join("spring.csv"), format!("{SALE}Chair,5,furniture,good,,\n")).expect("written");
    told.tell(ben, &["item", "import", "sale/spring.csv", "--json=title"]);
    told.tell_with(
        ben,
        &["item", "import", "-", "--json=title,status"],
        "{\"title\":\"Mug\",\"price\":1,\"category\":\"other\",\"condition\":\"new\",\"draft\":true}\n",
    );
    told.tell_with(
        ben,
        &["item", "import", "-"],
        "{\"title\":\"Mug\",\"price\":1,\"category\":\"nonsense\",\"condition\":\"new\"}\n",
    );
    told.tell(
        ben,
        &["item", "export", "--format", "csv", "--fields", "title,price,category,condition,status,description"],
    );
    told.check("imports");

    let exported = ben.run(&["item", "export"]).expect(0);
    let items: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let titles: Vec<&str> = items.iter().filter_map(|item| item["title"].as_str()).collect();
    assert_eq!(titles, ["Lamp", "Desk", "Desk", "Chair", "Mug"]);
    assert_eq!(items[0]["images"].as_array().map(Vec::len), Some(1));
    assert_eq!(ben.json(&["item", "export"]).as_array().map(Vec::len), Some(5));
}

#[test]
fn an_export_can_be_imported_elsewhere() {
    let scene = Scene::set();
    for format in ["csv", "jsonl"] {
        let exported = scene.ada.run(&["item", "export", "--format", format]).expect(0);
        let cem = scene.campus.sign_up(&format!("{format}@uni.example"), "Cem");
        let listed = cem.run_with(&["item", "import", "-", "--format", "ids"], &exported).expect(0);
        assert_eq!(listed.lines().count(), 2, "{exported}");
        let titles = |ids: &[&str]| {
            let shown = scene.ben.json(&[&["item", "show"], ids].concat());
            let shown = shown.as_array().expect("items").iter();
            shown.map(|item| item["title"].as_str().expect("a title").to_owned()).collect::<Vec<_>>()
        };
        let copies = titles(&listed.lines().collect::<Vec<_>>());
        assert_eq!(copies, titles(&[&scene.calculus, &scene.novel]), "{format}");
    }
}

#[test]
fn what_a_list_prints_can_be_imported() {
    let scene = Scene::set();
    let listed = scene.ada.run(&["item", "list", "--json"]).expect(0);
    let import = ["item", "import", "-", "--jq", "[.[] | [.title, .price, .seller.name]] | sort"];
    let made = scene.ben.run_with(&import, &listed).expect(0);
    assert_eq!(made, "[[\"A \\\"quoted\\\" novel; =1+1\",4.5,\"Ben\"],[\"Calculus, 8th edition\",30,\"Ben\"]]\n");
    // All of it is there already.
    assert_eq!(scene.ben.run_with(&import, &listed).expect(0), "[]\n");
}
