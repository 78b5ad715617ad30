//! `item import`: many listings from a file. A listing that is there already, from an earlier run too, is not made again.

mod journal;
mod records;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use campuszon_core::{
    Fault, Faults, ImageId,
    wire::item::{CreateItem, Item},
};
use clap::Args;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::change::Wait;

use self::{
    journal::Journal,
    records::{Record, Syntax},
};
use crate::{
    client::{Client, ClientError},
    command::{Change, CommandError, batch::Batch, picture, shapes},
    context::Context,
    failure::{Exit, Failure},
};

#[derive(Args, Debug)]
#[command(
    after_help = "A file is CSV with a header, JSON lines, or a JSON array. The fields are those of `item create`; `image` names picture
files, several parted by semicolons, from the folder of the file. Nothing is created while a line has a fault. Running it
again creates only what is not there yet.

Examples:
  campuszon item import spring-sale.csv
  campuszon item import - --dry-run < items.jsonl"
)]
pub struct ImportArgs {
    /// The file; - reads stdin
    #[arg(value_name = "FILE|-", value_hint = clap::ValueHint::FilePath)]
    file: String,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    change: Change,
}

/// A listing to be made.
struct Listing {
    line: u64,
    item: CreateItem,
    images: Vec<PathBuf>,
    /// Made of all that it is: the same listing has the same one in every run.
    fingerprint: String,
}

pub async fn run(args: ImportArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM)?;
    let client = context.changing(&args.change)?;
    let (text, folder) = read(&args.file)?;
    let listings =
        listings(&text, Syntax::of(&args.file, &text), &folder).map_err(|faults| refused(&args.file, faults))?;
    let mut journal = Journal::open(&context.settings()?.places.state, &client)?;
    let (known, new): (Vec<Listing>, Vec<Listing>) =
        listings.into_iter().partition(|listing| journal.has(&listing.fingerprint));
    let total = new.len();
    let mut outcomes = Vec::with_capacity(total);
    for (number, listing) in new.into_iter().enumerate() {
        let name = format!("line {}", listing.line);
        let mut created = create(context, &client, &listing, &format!("{} of {total}", number + 1)).await;
        if let Ok(item) = created {
            journal.add(&listing.fingerprint, item.summary.id)?;
            created = args.wait.until_listed(context, &client, item).await;
        }
        outcomes.push((name.clone(), created.map_err(|failure| failure.told(|message| format!("{name}: {message}")))));
    }
    if !known.is_empty() {
        context.output.notice(&format!("{} were created by an earlier run", known.len()));
    }
    Batch::of(outcomes)
        .tell(context, &shapes::ITEM, |item: &Item| format!("{} {}", item.summary.id, item.summary.title))
}

/// The text of a file and the folder its pictures are named from.
fn read(file: &str) -> Result<(String, PathBuf), CommandError> {
    let failed = |source| CommandError::File { path: file.into(), source };
    if file == "-" {
        return Ok((io::read_to_string(io::stdin().lock()).map_err(failed)?, PathBuf::new()));
    }
    let folder = Path::new(file).parent().unwrap_or(Path::new("")).to_owned();
    Ok((fs::read_to_string(file).map_err(failed)?, folder))
}

fn refused(file: &str, faults: Faults) -> Failure {
    let message = match faults.len() {
        1 => format!("{file} has a fault; nothing was created"),
        several => format!("{file} has {several} faults; nothing was created"),
    };
    Failure::new(Exit::Usage, "import", message).fields(faults)
}

/// The listings of a file.
///
/// # Errors
/// Every fault, with its place.
fn listings(text: &str, syntax: Syntax, folder: &Path) -> Result<Vec<Listing>, Faults> {
    let records = records::read(text, syntax).map_err(|fault| vec![fault])?;
    let (mut listings, mut faults): (Vec<Listing>, Faults) = (Vec::new(), Vec::new());
    for mut record in records {
        let (line, item, images) = (record.line, record.item(), images(&mut record, folder));
        faults.extend(record.faults);
        if let Some(item) = item {
            let twins = listings.iter().filter(|other| other.item == item && other.images == images).count();
            let fingerprint = fingerprint(&item, &images, twins);
            listings.push(Listing { line, item, images, fingerprint });
        }
    }
    if listings.is_empty() && faults.is_empty() {
        faults.push(Fault::new("file", "empty", "there is no listing in it"));
    }
    if faults.is_empty() { Ok(listings) } else { Err(faults) }
}

/// The picture files of a record, which have to be there.
fn images(record: &mut Record, folder: &Path) -> Vec<PathBuf> {
    let Some(names) = record.text("image") else { return Vec::new() };
    let names = names.split(';').map(str::trim).filter(|name| !name.is_empty());
    let files: Vec<PathBuf> = names.map(|name| folder.join(name)).collect();
    for missing in files.iter().filter(|file| !file.is_file()) {
        record.fault("image", "missing", format!("there is no file {}", missing.display()));
    }
    files
}

fn fingerprint(item: &CreateItem, images: &[PathBuf], twins: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_vec(item).unwrap_or_default());
    hash.update(twins.to_le_bytes());
    for image in images {
        // One that cannot be read is told of when it is made ready.
        hash.update(Sha256::digest(fs::read(image).unwrap_or_default()));
    }
    HEXLOWER.encode(hash.finalize().get(..16).unwrap_or_default())
}

/// Makes a listing, however long the server asks to wait between them.
async fn create(context: &Context, client: &Client, listing: &Listing, which: &str) -> Result<Item, Failure> {
    let key = format!("import-{}", listing.fingerprint);
    let images: Vec<ImageId> = if listing.images.is_empty() {
        Vec::new()
    } else {
        picture::upload(context, client, &listing.images, Some(&key)).await?
    };
    let item = CreateItem { images, ..listing.item.clone() };
    let progress = context.output.progress(&format!("listing {which}"));
    loop {
        let error = match client.create_item(&item, Some(&key)).await {
            Ok(item) => return Ok(item),
            Err(error) => error,
        };
        let Some(pause) = pause(&error) else { return Err(error.into()) };
        progress.say(&format!("listing {which}, as soon as the server takes more: in {} s", pause.as_secs()));
        tokio::time::sleep(pause).await;
    }
}

/// How long the server asks to wait, where that is all it asks.
fn pause(error: &ClientError) -> Option<Duration> {
    let ClientError::Refused(refusal) = error else { return None };
    refusal.retry_after.filter(|_| refusal.problem.status == 429)
}

#[cfg(test)]
mod tests;
