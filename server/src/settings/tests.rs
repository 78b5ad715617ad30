//! Settings as people give them.

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(file: &str, pairs: &[(&str, &str)]) -> Settings {
    Settings::load(Some(("server.toml", file)), environment(pairs)).unwrap()
}

fn faults(file: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    let faults = Settings::load(Some(("server.toml", file)), environment(pairs)).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

fn rate(count: u32, seconds: u64) -> Option<Rate> {
    Some(Rate { count, per: Duration::from_secs(seconds) })
}

#[test]
fn nothing_at_all_gives_the_documented_defaults() {
    let settings = Settings::load(None, []).unwrap();
    assert_eq!(
        (settings.name.as_str(), settings.currency.code(), settings.timezone.as_str()),
        ("CampusZon", "USD", "UTC")
    );
    assert!(settings.registration.open && settings.registration.verification && settings.items.require_image);
    assert!(settings.campuses.is_empty() && settings.registration.domains.is_empty());
    assert_eq!(settings.limits.auth, rate(10, 900));
    assert_eq!(settings.limits.frames, rate(200, 10));
    assert_eq!(settings.items.categories.len(), 12);
    assert_eq!(settings.items.lifetime, Duration::from_hours(60 * 24));
    assert_eq!(settings.images.max_bytes, 20_000_000);
    assert!(settings.images.workers >= 1);
    assert!(settings.effective().iter().all(|known| known.origin == Origin::Default));
}

#[test]
fn the_environment_wins_over_the_file_and_the_origin_is_known() {
    let file = "name = \"Uni Market\"\n[limits]\nauth = \"5/1m\"\nchat = \"off\"\n[items]\ncategories = [\"books\", \"bikes\"]\n\
                [[campuses]]\nname = \"Uni\"\ndomains = [\"uni.example\", \"student.uni.example\"]\n";
    let settings = load(
        file,
        &[
            ("CAMPUSZON_LIMITS__AUTH", "off"),
            ("CAMPUSZON_REGISTRATION__DOMAINS", "uni.example, other.example"),
            ("CAMPUSZON_ITEMS__REQUIRE_IMAGE", "false"),
            ("CAMPUSZON_CURRENCY", "EUR"),
            ("CAMPUSZON_LISTEN", "127.0.0.1:0"),
            ("PATH", "/bin"),
        ],
    );
    assert_eq!(settings.name, "Uni Market");
    assert_eq!((settings.limits.auth, settings.limits.chat), (None, None));
    assert_eq!(settings.limits.frames, None, "frames follow chat");
    assert_eq!(settings.items.categories, ["books", "bikes"]);
    assert_eq!(settings.campuses[0].domains.len(), 2);
    assert_eq!(settings.registration.domains, ["uni.example", "other.example"]);
    assert!(!settings.items.require_image);
    assert_eq!(settings.currency.code(), "EUR");

    let auth = settings.effective().iter().find(|known| known.key == "limits.auth").unwrap();
    assert_eq!((auth.value.as_str(), auth.origin.to_string().as_str()), ("off", "CAMPUSZON_LIMITS__AUTH"));
    let name = settings.effective().iter().find(|known| known.key == "name").unwrap();
    assert_eq!(name.origin, Origin::File("server.toml".into()));
}

#[test]
fn campuses_come_from_the_environment_too() {
    let campuses = "[{ name = \"Uni\", domains = [\"uni.example\"] }]";
    assert_eq!(load("", &[("CAMPUSZON_CAMPUSES", campuses)]).campuses[0].name, "Uni");
}

#[test]
fn every_fault_is_told_at_once() {
    let file = "nmae = \"x\"\ncurrency = \"euro\"\n[limits]\nauth = \"ten\"\nconnections = 0\n[limit]\nchat = \"1/1m\"\n\
                [sessions]\naccess_lifetime = 900\n";
    assert_eq!(
        faults(file, &[("CAMPUSZON_LIMITS__IMGES", "1/1m"), ("CAMPUSZON_ITEMS__MAX_IMAGES", "many")]),
        [
            "server.toml: currency cannot be \"euro\"; expected a currency code of three capital letters such as EUR",
            "server.toml: sessions.access_lifetime cannot be 900; expected a duration such as 48h, 15m or 2s, from 1s to 1d",
            "server.toml: limits.auth cannot be \"ten\"; expected a rate such as 10/15m, or off",
            "server.toml: limits.connections cannot be 0; expected a whole number, from 1 to 1000000",
            "CAMPUSZON_ITEMS__MAX_IMAGES: items.max_images cannot be \"many\"; expected a whole number, from 1 to 100",
            "server.toml: limit.chat is not a setting; did you mean limits.chat?",
            "server.toml: nmae is not a setting; did you mean name?",
            "CAMPUSZON_LIMITS__IMGES: limits.imges is not a setting; did you mean CAMPUSZON_LIMITS__IMAGES?",
        ]
    );
}

#[test]
fn sections_and_syntax() {
    assert_eq!(
        faults("limits = 5", &[]),
        ["server.toml: limits is not a setting but a section: write its keys below [limits]"]
    );
    assert_eq!(faults("[zzz]", &[]), ["server.toml: zzz is not a setting"]);
    load("[limits]", &[]);
    let syntax = faults("name = \"x", &[("CAMPUSZON_LIMITS__AUTH", "ten")]);
    assert!(syntax[0].starts_with("server.toml is not valid TOML: ") && syntax[0].contains("line 1"), "{syntax:?}");
    assert_eq!(syntax.len(), 2, "{syntax:?}");
}

#[test]
fn values_that_would_mislead_later_are_refused() {
    let campus = |entries: &str| format!("campuses = [{entries}]");
    for file in [
        "name = \"\"".to_owned(),
        "name = \"a\\u001bb\"".to_owned(),
        "timezone = \"Mars/\"".to_owned(),
        "[items]\ncategories = []".to_owned(),
        "[items]\ncategories = [\"books\", \"books\"]".to_owned(),
        "[items]\ncategories = [\"Books\"]".to_owned(),
        "[websocket]\norigins = [\"https://uni.example/path\"]".to_owned(),
        "[registration]\ndomains = [\"Uni.Example\"]".to_owned(),
        campus("{ name = \"Uni\", domains = [] }"),
        campus("{ name = \"Uni\", domains = [\"uni.example\"], domain = \"x\" }"),
        campus("{ name = \"A\", domains = [\"uni.example\"] }, { name = \"B\", domains = [\"uni.example\"] }"),
        campus("{ name = \"A\", domains = [\"a.example\"] }, { name = \"A\", domains = [\"b.example\"] }"),
    ] {
        assert_eq!(faults(&file, &[]).len(), 1, "{file}");
    }
}

#[cfg(feature = "otlp")]
#[test]
fn traces_go_to_a_url_without_secrets_or_nowhere() {
    let traces = load("", &[]).traces;
    assert_eq!((traces.endpoint, traces.sample), (None, 1.0));
    let traces = load("[traces]\nendpoint = \"http://127.0.0.1:4318\"\nsample = 0.25", &[]).traces;
    assert_eq!((traces.endpoint.as_deref(), traces.sample), (Some("http://127.0.0.1:4318"), 0.25));
    let settings = load("[traces]\nsample = 1", &[("CAMPUSZON_TRACES__SAMPLE", "0.1")]);
    let sample = settings.effective().iter().find(|known| known.key == "traces.sample").unwrap();
    assert_eq!((settings.traces.sample, sample.value.as_str()), (0.1, "0.1"));
    for endpoint in ["", "127.0.0.1:4318", "grpc://a.example", "http://ada:pw@a.example", "https://a.example?key=1"] {
        assert_eq!(faults("", &[("CAMPUSZON_TRACES__ENDPOINT", endpoint)]).len(), 1, "{endpoint}");
    }
    for sample in ["-0.1", "1.1", "NaN", "half"] {
        let told =
            format!("CAMPUSZON_TRACES__SAMPLE: traces.sample cannot be \"{sample}\"; expected a number, from 0 to 1");
        assert_eq!(faults("", &[("CAMPUSZON_TRACES__SAMPLE", sample)]), [told]);
    }
}

#[cfg(not(feature = "otlp"))]
#[test]
fn traces_are_refused_by_a_program_without_them() {
    let needs = "needs a campuszon that is built with it: cargo build --release --features otlp";
    assert_eq!(
        faults("[traces]\nendpoint = \"off\"", &[("CAMPUSZON_TRACES__SAMPLE", "0.5")]),
        [format!("server.toml: traces.endpoint {needs}"), format!("CAMPUSZON_TRACES__SAMPLE: traces.sample {needs}"),]
    );
    assert_eq!(faults("[traces]", &[]), ["server.toml: traces is not a setting"]);
    assert_eq!(faults("[traces]\nendpoint = \"off\"\nsampel = 1", &[]).len(), 2);
    assert!(load("", &[]).effective().iter().all(|known| !known.key.starts_with("traces.")));
}
