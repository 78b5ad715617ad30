//! `alert watch`: notifications as they come, without gap or repeat across reconnections.

use campuszon_core::{
    NotificationId,
    wire::{live::ServerFrame, notification::Notification},
};
use clap::Args;

use crate::{
    client::{Client, LiveEvent, PageRequest, follow},
    command::shapes,
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "Goes on until Ctrl-C, through lost connections too.

Examples:
  campuszon alert watch
  campuszon alert watch --json=kind,title | while read -r alert; do …; done")]
pub struct WatchArgs {}

pub async fn run(WatchArgs {}: WatchArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::NOTIFICATION)?;
    let client = context.client()?;
    // What is there before the connection stands is old; what comes between the two is caught up with.
    let newest = client.notifications(false, PageRequest { limit: Some(1), cursor: None }).await?;
    let mut watch = Watch { context, last: newest.notifications.first().map(|newest| newest.id) };
    let mut live = client.live();
    let mut is_first = true;
    while let Some(event) = live.next().await {
        match event {
            LiveEvent::Up if is_first => {
                is_first = false;
                context.output.notice("watching; Ctrl-C ends it");
                watch.catch_up(&client).await?;
            }
            LiveEvent::Up => context.output.notice("connected again"),
            LiveEvent::Missed => watch.catch_up(&client).await?,
            LiveEvent::Frame(ServerFrame::Notification { notification, .. }) => watch.print(&notification)?,
            LiveEvent::Frame(_) => {}
            LiveEvent::Down { reason, retry_in } => {
                context.output.notice(&format!("{reason}; trying again in {} s", retry_in.as_secs().max(1)));
            }
            LiveEvent::Ended(error) => return Err(error.into()),
        }
    }
    Ok(())
}

struct Watch<'a> {
    context: &'a Context,
    /// The newest that was printed, or there before. Ids of a feed only grow.
    last: Option<NotificationId>,
}

impl Watch<'_> {
    /// Prints what came while nobody listened.
    async fn catch_up(&mut self, client: &Client) -> Result<(), Failure> {
        let last = self.last;
        let is_known = |notification: &Notification| last.is_some_and(|last| notification.id <= last);
        let fetch = async |page| {
            let mut page = client.notifications(false, page).await?;
            if page.notifications.iter().any(is_known) {
                page.next_cursor = None;
            }
            Ok(page)
        };
        let missed = follow(None, None, fetch).await?.rows;
        missed.iter().rev().try_for_each(|notification| self.print(notification))
    }

    fn print(&mut self, notification: &Notification) -> Result<(), Failure> {
        if self.last.is_some_and(|last| notification.id <= last) {
            return Ok(());
        }
        self.last = Some(notification.id);
        Ok(self.context.output.event(&shapes::NOTIFICATION, notification)?)
    }
}
