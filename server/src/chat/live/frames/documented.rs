//! The page on the protocol says what is: its examples are read as the server and its clients read frames.

use std::collections::BTreeSet;

use campuszon_core::wire::live::{ClientFrame, ServerFrame};
use serde_json::Value;
use utoipa::PartialSchema;

const PAGE: &str = include_str!("../../../../../assets/protocol.html");
const FRAMES: &str = include_str!("../../../../../core/src/wire/live.rs");

/// The examples of what one side says.
fn examples(side: &str) -> Vec<String> {
    let start = format!("<pre class=\"{side}\">");
    let texts = PAGE.split(&start).skip(1).map(|rest| rest.split("</pre>").next().unwrap_or_default());
    texts.map(|text| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).collect()
}

fn kind(frame: &Value) -> String {
    frame["type"].as_str().expect("a type").to_owned()
}

/// Every word that a schema allows as a `type`.
fn kinds<T: PartialSchema>() -> BTreeSet<String> {
    let schema = serde_json::to_value(T::schema()).expect("a schema");
    let variants = schema["oneOf"].as_array().expect("variants").iter();
    variants.map(|variant| kind_of(variant).unwrap_or_else(|| panic!("no type in {variant}"))).collect()
}

/// The fields of a variant may stand beside its `type`, or as a part of their own.
fn kind_of(variant: &Value) -> Option<String> {
    let own = variant["properties"]["type"]["enum"][0].as_str().map(str::to_owned);
    own.or_else(|| variant["allOf"].as_array()?.iter().find_map(kind_of))
}

#[test]
fn what_clients_say_is_documented_and_understood() {
    let mut documented = BTreeSet::new();
    for example in examples("client") {
        let incoming = super::parse(&example);
        assert!(incoming.request.is_ok(), "{example}: {:?}", incoming.request);
        documented.insert(kind(&serde_json::from_str(&example).expect("JSON")));
    }
    assert_eq!(documented, kinds::<ClientFrame>());
}

#[test]
fn what_the_server_says_is_documented_field_by_field() {
    let mut documented = BTreeSet::new();
    for example in examples("server") {
        let value: Value = serde_json::from_str(&example).expect("JSON");
        let frame: ServerFrame = serde_json::from_str(&example).unwrap_or_else(|error| panic!("{error}: {example}"));
        // Fields that do not exist, or are missing, would show here.
        assert_eq!(serde_json::to_value(frame).expect("JSON"), value);
        documented.insert(kind(&value));
    }
    // It stands for what clients do not know, and is never said.
    let mut said = kinds::<ServerFrame>();
    said.remove("unknown");
    assert_eq!(documented, said);
}

#[test]
fn every_close_code_is_documented() {
    let constants = FRAMES.split(": u16 = ").skip(1).filter_map(|rest| rest.split(';').next());
    let codes: Vec<&str> = constants.collect();
    assert!(codes.len() >= 12, "{codes:?}");
    for code in codes {
        assert!(PAGE.contains(&format!("<td>{code}</td>")), "{code}");
    }
}
