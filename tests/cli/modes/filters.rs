//! What snapshots of every command leave out: what differs from run to run, and what is longer than worth reading.

/// How many lines of an output are shown.
const LINES: usize = 40;

/// The lines of an output, escape characters made visible, without those that would only fill the page.
pub fn shortened(text: &str) -> Vec<String> {
    let text = text.replace('\u{1b}', "␛");
    let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().chars().take(1500).collect()).collect();
    if lines.len() > LINES {
        lines.truncate(LINES / 2);
        lines.push("(and more)".to_owned());
    }
    lines
}

/// Compares what was told of a noun with what was agreed on.
pub fn check(noun: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../../snapshots");
    settings.set_omit_expression(true);
    for (pattern, word) in PATTERNS {
        settings.add_filter(pattern, *word);
    }
    settings.bind(|| insta::assert_snapshot!(format!("modes-{noun}"), text));
}

/// As wide as what they stand for, where a table would otherwise move.
const PATTERNS: &[(&str, &str)] = &[
    (
        r"\b(aud|bkg|cht|img|itm|msg|ntf|pat|rev|rpt|sch|ses|unl|usr|cmp)_[0-9a-hjkmnp-tv-z]{26}\b",
        "${1}_..........................",
    ),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME"),
    (r"\b(\d{1,2} s|\d min) ago\b", "now"),
    (r"\bnow {2,}", "now         "),
    (r"images/[0-9a-f]{20,}", "images/HASH"),
    (r"\b\d+(\.\d)? KB\b", "SIZE"),
    (r#"bytes":\d+"#, r#"bytes":BYTES"#),
    (r"(lamp\.png +)\d+ +\d+", "${1}BYTES BYTES"),
    (r"(lamp\.png\t)\d+(\t640\t480\t)\d+", "${1}BYTES${2}BYTES"),
    (r#"campus\.tar","files":\d+"#, r#"campus.tar","files":COUNT"#),
    (r"campus\.tar\t\d+\t\d+", "campus.tar\tCOUNT\tBYTES"),
    (r"\b\d+ files to campus\.tar", "COUNT files to campus.tar"),
    (r"((?i:files|bytes)(?:␛\[0m|:) +)\d+", "${1}COUNT"),
    (r#""placeholder":"[^"]+""#, r#""placeholder":"HASH""#),
    (r"\bin \d+ (ms|s|min|h)\b", "SOON"),
    (r#""request_id":"[^"]+""#, r#""request_id":"REQUEST""#),
    (r#""client_id":"[^"]+""#, r#""client_id":"KEY""#),
    (r"--cursor \S+", "--cursor CURSOR"),
    (r"czp_[A-Za-z0-9_-]{20,}", "SECRET"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r#"\bmine(\t0\t|","images":0,"bytes":)\d+"#, "mine${1}BYTES"),
    (r"setup/\S+", "setup/TOKEN"),
    (r"[A-Za-z0-9_-]{8} signs from now on", "SIGNER.. signs from now on"),
    (r#"[A-Za-z0-9_-]{8}(\tTIME\t\d|","created_at":"TIME","older")"#, "SIGNER..${1}"),
    (r"(id(?:␛\[0m|:) +)[A-Za-z0-9_-]{8}$", "${1}SIGNER.."),
];
