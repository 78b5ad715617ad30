//! `item image`: adding, removing and ordering the pictures of an item.

use std::path::PathBuf;

use campuszon_core::{ImageId, ItemId, wire::item::Item};
use clap::{Args, Subcommand};

use super::change::{Wait, said};
use crate::{
    client::Client,
    command::{Change, CommandError, ids, picture, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum ImageCommand {
    /// Add pictures behind those there are
    Add(AddArgs),
    /// Remove pictures
    Remove(RemoveArgs),
    /// Put pictures into this order; those not named follow
    Order(OrderArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon item image add itm_01hzy3v5k8q2w4e6r8t0y2u4m6 side.jpg back.jpg
  campuszon item image add itm_01hzy3v5k8q2w4e6r8t0y2u4m6 *.jpg --json=images")]
pub struct AddArgs {
    /// An item's id or link
    #[arg(value_name = "ID")]
    id: String,
    /// Picture files
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon item image remove itm_01hzy3v5k8q2w4e6r8t0y2u4m6 img_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item image remove itm_01hzy3v5k8q2w4e6r8t0y2u4m6 img_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=images
  campuszon item show itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=images    # tells their ids")]
pub struct RemoveArgs {
    /// An item's id or link
    #[arg(value_name = "ID")]
    id: String,
    /// Picture ids
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon item image order itm_01hzy3v5k8q2w4e6r8t0y2u4m6 img_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item image order itm_01hzy3v5k8q2w4e6r8t0y2u4m6 img_01hzy3v5k8q2w4e6r8t0y2u4m6 --dry-run
  campuszon item show itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=images    # tells their ids")]
pub struct OrderArgs {
    /// An item's id or link
    #[arg(value_name = "ID")]
    id: String,
    /// Picture ids, the cover first
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
    #[command(flatten)]
    change: Change,
}

impl ImageCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        context.output.check(&shapes::ITEM)?;
        let item = match self {
            Self::Add(args) => {
                let client = context.changing(&args.change)?;
                let item = append(context, &client, ids::one(&args.id)?, &args.files).await?;
                args.wait.until_listed(context, &client, item).await?
            }
            Self::Remove(args) => {
                let named = parse_all(&args.images)?;
                arrange(context, &args.id, &args.change, &named, |present| removed(present, &named)).await?
            }
            Self::Order(args) => {
                let named = parse_all(&args.images)?;
                arrange(context, &args.id, &args.change, &named, |present| ordered(present, &named)).await?
            }
        };
        Ok(context.output.changed(&shapes::ITEM, &item, &said(&item))?)
    }
}

/// Makes pictures ready, sends them, and puts them behind those of the item.
pub async fn append(context: &Context, client: &Client, id: ItemId, files: &[PathBuf]) -> Result<Item, Failure> {
    let mut images = present(&client.item(id).await?);
    images.extend(picture::upload(context, client, files, None).await?);
    Ok(client.set_item_images(id, images).await?)
}

async fn arrange(
    context: &Context,
    id: &str,
    change: &Change,
    named: &[ImageId],
    arrangement: impl Fn(&[ImageId]) -> Vec<ImageId>,
) -> Result<Item, Failure> {
    let id: ItemId = ids::one(id)?;
    let client = context.changing(change)?;
    let present = present(&client.item(id).await?);
    if let Some(stranger) = named.iter().find(|image| !present.contains(image)) {
        return Err(CommandError::usage(format!("{stranger} is no picture of {id}")).into());
    }
    Ok(client.set_item_images(id, arrangement(&present)).await?)
}

fn parse_all(texts: &[String]) -> Result<Vec<ImageId>, CommandError> {
    texts.iter().map(|text| ids::parse(text)).collect()
}

fn present(item: &Item) -> Vec<ImageId> {
    item.images.iter().map(|image| image.id).collect()
}

fn removed(present: &[ImageId], named: &[ImageId]) -> Vec<ImageId> {
    present.iter().copied().filter(|image| !named.contains(image)).collect()
}

fn ordered(present: &[ImageId], named: &[ImageId]) -> Vec<ImageId> {
    let mut all = named.to_vec();
    all.extend(removed(present, named));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use campuszon_core::Id;

    #[test]
    fn named_pictures_come_first_or_go() {
        let [a, b, c] = [1, 2, 3].map(ImageId::from_bits);
        assert_eq!(ordered(&[a, b, c], &[c]), [c, a, b]);
        assert_eq!(removed(&[a, b, c], &[b]), [a, c]);
    }
}
