//! Making picture files ready and sending them, as commands show it.

use std::{path::PathBuf, sync::Arc};

use campuszon_core::{Fault, Id, ImageId, picture::Prepared};

use super::CommandError;
use crate::{
    client::{Client, ClientError},
    context::Context,
    failure::{Exit, Failure},
    pictures::{Tell, Unfit, prepare_all, send_all, size},
    random,
};

/// What came of making each file ready.
pub type Outcomes = Vec<Result<Prepared, CommandError>>;

/// Makes pictures ready, side by side. Says from what to what.
pub async fn prepare_files(context: &Context, files: &[PathBuf]) -> Outcomes {
    let outcomes = prepared(files, &shown(context, files)).await;
    gains(files, &outcomes).iter().for_each(|gain| context.output.notice(gain));
    outcomes
}

async fn prepared(files: &[PathBuf], tell: &Tell) -> Outcomes {
    let outcomes = prepare_all(files, tell).await;
    let named = |(outcome, path): (Result<Prepared, Unfit>, &PathBuf)| outcome.map_err(|unfit| unfit_file(unfit, path));
    outcomes.into_iter().zip(files).map(named).collect()
}

/// From what to what, for each file that is ready.
fn gains(files: &[PathBuf], outcomes: &Outcomes) -> Vec<String> {
    let ready = files.iter().zip(outcomes).filter_map(|(file, outcome)| Some((file, outcome.as_ref().ok()?)));
    let gain = |(file, picture): (&PathBuf, &Prepared)| {
        format!("{}: {} → {}", file.display(), size(picture.from_bytes), size(picture.bytes.len() as u64))
    };
    ready.map(gain).collect()
}

fn unfit_file(unfit: Unfit, path: &PathBuf) -> CommandError {
    let path = path.to_owned();
    match unfit {
        Unfit::Unreadable(source) => CommandError::File { path, source },
        Unfit::Picture(source) => CommandError::Picture { path, source },
    }
}

fn shown(context: &Context, files: &[PathBuf]) -> Tell {
    let names = files.iter().map(|file| file.display().to_string()).collect();
    let progress = context.output.progress_of_files(names);
    Arc::new(move |number, step| progress.show(number, step))
}

/// Makes pictures ready, then sends them, in order. Nothing is sent when one cannot be made ready. Each upload has a
/// key of its own made from `key`.
///
/// # Errors
/// What is wrong with each file that cannot be used, or what the client says. A dry run goes on with ids that stand in.
pub async fn upload(
    context: &Context,
    client: &Client,
    files: &[PathBuf],
    key: Option<&str>,
) -> Result<Vec<ImageId>, Failure> {
    let tell = shown(context, files);
    let outcomes = prepared(files, &tell).await;
    let gains = gains(files, &outcomes);
    let key = key.map_or_else(random::key, str::to_owned);
    let sent = match all_fit(outcomes) {
        Ok(pictures) => Ok(send_all(client, pictures, &key, &tell).await),
        Err(failure) => Err(failure),
    };
    // The lines of the progress go before others come.
    drop(tell);
    gains.iter().for_each(|gain| context.output.notice(gain));
    let sent = sent?;
    let mut ids = Vec::with_capacity(sent.len());
    let mut failed = Vec::new();
    for ((number, outcome), file) in (1_u128..).zip(sent).zip(files) {
        match outcome {
            Ok(id) => ids.push(id),
            Err(ClientError::DryRun) => ids.push(ImageId::from_bits(number)),
            Err(error) => failed.push((file.display().to_string(), Failure::from(error))),
        }
    }
    if failed.is_empty() { Ok(ids) } else { Err(unsent(failed, files.len(), &key)) }
}

/// All pictures, or what is wrong with those that cannot be used.
fn all_fit(outcomes: Outcomes) -> Result<Vec<Prepared>, Failure> {
    let total = outcomes.len();
    let (mut fit, mut unfit) = (Vec::with_capacity(total), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(ready) => fit.push(ready),
            Err(error) => unfit.push(error),
        }
    }
    match unfit.len() {
        0 => Ok(fit),
        1 => Err(unfit.remove(0).into()),
        several => {
            let faults = unfit.into_iter().map(fault).collect();
            let message = format!("{several} of {total} pictures cannot be used; nothing was sent");
            Err(Failure::new(Exit::Refused, "pictures", message).fields(faults))
        }
    }
}

fn fault(unfit: CommandError) -> Fault {
    match unfit {
        CommandError::File { path, source } => Fault::new(path.display().to_string(), "file", source.to_string()),
        CommandError::Picture { path, source } => {
            Fault::new(path.display().to_string(), source.code(), source.to_string())
        }
        other => Fault::new("", "picture", other.to_string()),
    }
}

/// The failure of those that could not be sent: as the first of them failed, and how to send them alone.
fn unsent(failed: Vec<(String, Failure)>, total: usize, key: &str) -> Failure {
    let (count, sent) = (failed.len(), total - failed.len());
    let names: Vec<String> = failed.iter().map(|(name, _)| name.clone()).collect();
    let Some((_, first)) = failed.into_iter().next() else { return Failure::DryRun };
    if sent == 0 {
        return first;
    }
    let hint = format!("run it again with --idempotency-key {key}: the {sent} that were sent are not made twice");
    first
        .told(|message| format!("{count} of {total} pictures could not be sent ({}): {message}", names.join(", ")))
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_not_sent_again() {
        let failed = |name: &str| (name.to_owned(), Failure::new(Exit::Unreachable, "unreachable", "no answer"));
        let Failure::Told(report) = unsent(vec![failed("b.jpg")], 3, "k7") else { panic!("no report") };
        assert_eq!(report.message, "1 of 3 pictures could not be sent (b.jpg): no answer");
        assert!(report.hint.is_some_and(|hint| hint.contains("--idempotency-key k7: the 2 that")));
        let Failure::Told(report) = unsent(vec![failed("b.jpg")], 1, "k7") else { panic!("no report") };
        assert_eq!((report.message.as_str(), report.hint), ("no answer", None));
    }
}
