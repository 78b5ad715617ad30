//! Logs on stderr, and spans on their way to a collector. Neither sees what is the other's.

use std::io::IsTerminal;

use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use super::Collector;
use crate::platform::traces::TARGET;

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// Sends logs of `level` and above to stderr, and spans to `collector`.
///
/// # Errors
/// The level is none, or logging was set up before.
pub fn init(format: LogFormat, level: &str, collector: &Collector) -> Result<(), String> {
    subscriber(format, level, collector)?.try_init().map_err(|error| error.to_string())
}

fn subscriber(
    format: LogFormat,
    level: &str,
    collector: &Collector,
) -> Result<impl Subscriber + Send + Sync + use<>, String> {
    let filter = filter(level)?;
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // Lines would name the spans around them. The hint leaves the last word to the level.
    let others = filter_fn(|metadata| metadata.target() != TARGET).with_max_level_hint(LevelFilter::TRACE);
    let lines = lines.with_filter(filter.and(others));
    Ok(tracing_subscriber::registry().with(lines).with(collector.layer()))
}

/// Levels, also by target: `info,hyper=debug`. A word that is no level would be a target, and silence everything else.
fn filter(level: &str) -> Result<EnvFilter, String> {
    let is_word = |directive: &&str| !directive.contains(['=', '[']);
    let is_level = |word: &str| !word.is_empty() && word.parse::<LevelFilter>().is_ok();
    if let Some(word) = level.split(',').filter(is_word).find(|word| !is_level(word)) {
        return Err(format!("--log-level: \"{word}\" is no level: use error, warn, info, debug or trace"));
    }
    EnvFilter::try_new(level).map_err(|error| format!("--log-level {level}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Traces;

    /// What libraries tell at a lower level ends at a comparison, with a collector too.
    #[tokio::test]
    async fn nobody_looks_at_what_is_below_the_level() {
        let endpoint = cfg!(feature = "otlp").then(|| "http://127.0.0.1:1".to_owned());
        for collector in [Collector::default(), Collector::open(&Traces { endpoint, sample: 1.0 }).unwrap()] {
            let hint = |level| subscriber(LogFormat::Json, level, &collector).unwrap().max_level_hint();
            assert_eq!(hint("info"), Some(LevelFilter::INFO));
            assert_eq!(hint("debug"), Some(LevelFilter::DEBUG));
        }
    }

    #[test]
    fn a_level_is_one() {
        for level in ["info", "WARN", "off", "info,hyper=debug", "warn,campuszon_server=trace"] {
            assert!(filter(level).is_ok(), "{level}");
        }
        for (level, told) in
            [("loud", "loud"), ("", "\"\""), ("hyper=debug,loud", "loud"), ("loud=[", "loud=["), ("info,", "\"\"")]
        {
            let fault = filter(level).unwrap_err();
            assert!(fault.contains(told), "{level}: {fault}");
        }
    }
}
