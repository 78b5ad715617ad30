//! Whatever is in the fields of what is printed, a terminal shows text, and tables keep their shape.

#[path = "../../../tests/support/vt.rs"]
mod vt;

use clap::ValueEnum;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use self::vt::Reading;
use super::*;
use crate::command::printed;

/// Clearing, titles, clipboards, links, answers; turning around; hiding; heaps, wide and joined characters; ends of lines.
const FRAGMENTS: [&str; 24] = [
    "\u{1b}[2J",
    "\u{1b}[31;5m",
    "\u{1b}[6n",
    "\u{1b}]0;root\u{7}",
    "\u{1b}]8;;http://evil.example\u{1b}\\here",
    "\u{1b}]52;c;aGk=\u{7}",
    "\u{1b}P+q\u{1b}\\",
    "\u{1b}c",
    "\u{9b}2J",
    "\u{9d}52;c;aGk=\u{9c}",
    "\u{90}",
    "\u{202e}gpj.exe",
    "\u{2066}a\u{2069}",
    "\u{200b}\u{feff}",
    "\u{e0041}",
    "e\u{301}\u{301}\u{336}\u{336}\u{336}\u{336}\u{336}\u{336}\u{336}\u{336}",
    "日本語",
    "👩\u{200d}👩\u{200d}👧",
    "🏳\u{fe0f}\u{200d}🌈",
    "می\u{200c}خواهم",
    "\r\nerror: ",
    "\t\u{b}\u{c}\u{8}\u{7f}",
    "\u{2028}\u{85}",
    "=HYPERLINK(\"http://evil.example\")",
];

fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => select(&FRAGMENTS[..]).prop_map(str::to_owned),
        2 => any::<char>().prop_map(String::from),
        1 => "[\u{0}-\u{9f}\u{200b}-\u{206f}]{1,3}",
        2 => "[a-z ,]{1,12}",
    ];
    vec(part, 0..7).prop_map(|parts| parts.concat())
}

/// What may be in a field: a text, several, something with a name, somebody's card, something unknown, a number, a time.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => hostile().prop_map(Value::String),
        1 => vec(hostile(), 0..3).prop_map(|texts| json!(texts)),
        1 => (hostile(), hostile()).prop_map(|(id, name)| json!({"id": id, "name": name})),
        1 => (hostile(), hostile()).prop_map(|(name, email)| json!({"name": name, "email": email, "phone": null})),
        1 => (hostile(), hostile()).prop_map(|(key, text)| json!({key: {"deep": [text]}})),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => Just(json!("2027-01-31T09:30:00.000Z")),
        1 => Just(json!("itm_06h0b900gnwejjw3cqmm85w6ac")),
        1 => Just(Value::Null),
    ]
}

/// Something of a shape, with a field more than is documented.
fn thing(shape: &'static Shape) -> impl Strategy<Value = Value> {
    (vec(value(), shape.fields.len()), hostile(), value()).prop_map(|(values, name, more)| {
        let known = shape.fields.iter().map(|field| (*field).to_owned()).zip(values);
        Value::Object(known.chain([(name, more)]).collect::<Map<_, _>>())
    })
}

/// A command's shape and some of what it prints.
fn printed_things() -> impl Strategy<Value = (&'static str, &'static Shape, Vec<Value>)> {
    select(printed()).prop_flat_map(|(command, shape)| (Just(command), Just(shape), vec(thing(shape), 1..4)))
}

fn terminal() -> impl Strategy<Value = Terminal> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (flags, 10_usize..160).prop_map(|((stdout, colour, links, accessible), width)| Terminal {
        stdin: stdout,
        stdout,
        stderr: stdout,
        colour,
        stderr_colour: colour,
        links,
        width,
        height: None,
        accessible,
    })
}

/// Output of what comes from a server that has pages.
fn linking(format: Option<Format>, terminal: Terminal) -> Output {
    let output = Output::new(format, None, terminal, false);
    output.comes_from("https://uni.example", Suggestions::below("/dev/null".as_ref(), "uni"));
    output
}

/// Each way of printing these things in a format.
fn ways(output: &Output, shape: &Shape, things: &[Value]) -> Vec<String> {
    let first = things.first().expect("a thing");
    let texts = [output.list_text(shape, things), output.one_text(shape, first), output.event_text(shape, first)];
    texts.map(|text| text.expect("a text")).into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_terminal_is_never_steered((command, shape, things) in printed_things(), terminal in terminal()) {
        let formats = Format::value_variants().iter().copied().map(Some).chain([None]);
        for format in formats {
            let output = linking(format, terminal);
            for text in ways(&output, shape, &things) {
                let reading = Reading::of(text.as_bytes());
                prop_assert!(reading.faults.is_empty(), "{command} as {format:?}: {:?} in {text:?}", reading.faults);
                prop_assert!(terminal.colour || terminal.links || !text.contains('\u{1b}'), "{command} as {format:?}: {text:?}");
            }
        }
    }

    #[test]
    fn tables_fit_and_rows_stay_rows((command, shape, things) in printed_things(), terminal in terminal()) {
        let table = linking(Some(Format::Table), terminal).list_text(shape, &things).expect("a table");
        let shown = Reading::of(table.as_bytes()).text;
        if shown.starts_with(&labelled::count(things.len(), shape.noun)) {
            return Ok(());
        }
        prop_assert!(!terminal.accessible);
        prop_assert_eq!(shown.lines().count(), things.len() + 1, "{}: {:?}", command, shown);
        for line in shown.lines() {
            prop_assert!(line.width() <= terminal.width, "{command}: {} in {}: {line:?}", line.width(), terminal.width);
        }
        let rows = linking(Some(Format::Tsv), terminal).list_text(shape, &things).expect("rows");
        prop_assert_eq!(rows.lines().count(), things.len(), "{}: {:?}", command, rows);
        for line in rows.lines() {
            prop_assert_eq!(line.split('\t').count(), shape.columns.len(), "{}: {:?}", command, line);
        }
    }

    #[test]
    fn results_of_jq_are_safe((command, _, things) in printed_things()) {
        let program = jq::Program::parse("., (.. | strings), (.. | objects | keys[])").expect("an expression");
        let mut text = String::new();
        let printed = program.run(&Value::Array(things), true, |line| {
            text.push_str(line);
            Ok::<(), String>(())
        });
        prop_assert_eq!(printed, Ok(()));
        let reading = Reading::of(text.as_bytes());
        prop_assert!(reading.faults.is_empty(), "{command}: {:?} in {text:?}", reading.faults);
    }

    #[test]
    fn json_keeps_the_data((_, shape, things) in printed_things(), terminal in terminal()) {
        let output = linking(Some(Format::Json), terminal);
        let read: Vec<Value> = serde_json::from_str(&output.list_text(shape, &things).expect("JSON")).expect("an array");
        prop_assert_eq!(&read, &things);
        let lines = linking(Some(Format::Jsonl), terminal).list_text(shape, &things).expect("lines");
        let read: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
        prop_assert_eq!(&read, &things);
    }
}
