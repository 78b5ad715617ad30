//! What a file of listings is read as.

use super::*;

fn faults(text: &str, syntax: Syntax) -> Vec<(String, String)> {
    let faults = listings(text, syntax, Path::new("/nowhere")).err().unwrap_or_default();
    faults.into_iter().map(|fault| (fault.field, fault.message)).collect()
}

#[test]
fn both_ways_of_writing_give_the_same_listings() {
    let csv = "title,price,category,condition,description,status\n\
               Lamp,7.50,other,good,\"warm, bright\",active\nDesk,20,furniture,fair,'=old,\n";
    let json = "{\"title\":\"Lamp\",\"price\":7.50,\"category\":\"other\",\"condition\":\"good\",\
                \"description\":\"warm, bright\",\"seller\":{\"name\":\"Ada\"}}\n\n\
                {\"title\":\"Desk\",\"price\":\"20\",\"category\":\"furniture\",\"condition\":\"fair\",\"description\":\"=old\",\"draft\":null}\n";
    let of = |text, syntax| listings(text, syntax, Path::new("")).expect("listings");
    let array = format!("\n[ {}]\n", json.trim_end().replace("\n\n", ",\n"));
    let (from_csv, from_json, from_array) =
        (of(csv, Syntax::Csv), of(json, Syntax::JsonLines), of(&array, Syntax::JsonArray));
    assert_eq!((from_csv.len(), from_csv[1].line, from_json[1].line, from_array[1].line), (2, 3, 3, 3));
    for (one, others) in from_csv.iter().zip(from_json.iter().zip(&from_array)) {
        assert_eq!((&one.item, &one.fingerprint), (&others.0.item, &others.0.fingerprint));
        assert_eq!((&one.item, &one.fingerprint), (&others.1.item, &others.1.fingerprint));
    }
    assert_ne!(from_csv[0].fingerprint, from_csv[1].fingerprint);
}

#[test]
fn equal_listings_are_several() {
    let twice = "title,price,category,condition\nLamp,7,other,good\nLamp,7,other,good\n";
    let listings = listings(twice, Syntax::Csv, Path::new("")).expect("listings");
    assert_ne!(listings[0].fingerprint, listings[1].fingerprint);
}

#[test]
fn every_fault_has_its_place() {
    let csv = "title,price,category,condtion,image\nLamp,cheap,other,good,no.jpg\n,7,other,good,\n";
    let found = faults(csv, Syntax::Csv);
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "line 2, column 4 (condtion)",
            "line 2, condition",
            "line 2, column 2 (price)",
            "line 2, column 5 (image)",
            "line 3, column 4 (condtion)",
            "line 3, title",
            "line 3, condition",
        ]
    );
    assert!(found[0].1.contains("did you mean condition?"), "{found:?}");
    assert_eq!(faults("title,price\nLamp\n", Syntax::Csv)[0].0, "line 2");
    assert_eq!(faults("{\"title\":\"Lamp\",}\n", Syntax::JsonLines)[0].0, "line 1, column 17");
    assert_eq!(
        faults("{\"title\":[1],\"category\":\"other\",\"condition\":\"good\"}", Syntax::JsonLines)[0].0,
        "line 1, title"
    );
    assert_eq!(faults("title,price\n", Syntax::Csv)[0].1, "there is no listing in it");
    for (array, line, column) in [
        ("[1]", 1, 2),
        ("[{},\n {\"price\":}]", 2, 11),
        ("[\n{},\n]", 3, 1),
        ("[{}\n{}]", 2, 1),
        ("[{}]\n, 5", 2, 1),
        ("[{}", 1, 4),
    ] {
        let expected = format!("line {line}, column {column}");
        assert_eq!(faults(array, Syntax::JsonArray)[0].0, expected, "{array}");
    }
    // Half a character is none.
    for syntax in [Syntax::JsonLines, Syntax::JsonArray] {
        let title = if syntax == Syntax::JsonArray { r#"[{"title":"\ud83d"}]"# } else { r#"{"title":"\ud83d"}"# };
        assert!(faults(title, syntax)[0].0.starts_with("line 1"));
    }
    assert_eq!(faults(" [ ] ", Syntax::JsonArray)[0].1, "there is no listing in it");
}

#[test]
fn the_name_of_a_file_says_how_it_is_written() {
    assert_eq!(Syntax::of("a.CSV", "{"), Syntax::Csv);
    assert_eq!(Syntax::of("a.jsonl", "title"), Syntax::JsonLines);
    assert_eq!((Syntax::of("-", " {\"title\""), Syntax::of("-", "title,")), (Syntax::JsonLines, Syntax::Csv));
    assert_eq!((Syntax::of("a.json", "\n[{"), Syntax::of("-", "[")), (Syntax::JsonArray, Syntax::JsonArray));
}
