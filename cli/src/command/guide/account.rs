//! Alerts, and everything about oneself.

use campuszon_core::wire::notification::{Notification, NotificationKind};

use super::{
    Guide,
    ask::{List, Outcome, Picked},
    words,
};

/// What can be done about oneself.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Changes a field of the profile.
    Edit(&'static str, &'static str),
    Presence,
    Voucher,
    Searches,
    Wishes,
    Devices,
    SignOut,
    Run(&'static [&'static str]),
}

const ACTS: [(&str, Act); 12] = [
    ("Your profile", Act::Run(&["user", "show", "@me"])),
    ("Change your name", Act::Edit("--name", "Your name, as others see it:")),
    ("Change your residence", Act::Edit("--residence", "Where you live; Enter alone takes it away:")),
    ("Change your phone number", Act::Edit("--phone", "Your phone number; Enter alone takes it away:")),
    ("Who sees that you are online", Act::Presence),
    ("Your tokens, and where they came from", Act::Run(&["wallet", "history"])),
    ("Redeem a voucher", Act::Voucher),
    ("Saved searches", Act::Searches),
    ("What you are told of", Act::Wishes),
    ("Signed-in devices", Act::Devices),
    ("Change the password", Act::Run(&["auth", "password", "change"])),
    ("Sign out", Act::SignOut),
];

impl Guide {
    /// What happened; choosing one goes to what it is about.
    pub async fn alerts(&self) -> Outcome {
        let client = self.client()?;
        let words = &[("read", "mark all as read"), ("clear", "delete all")];
        let (list, mut seen) = (List { empty: "Nothing happened yet.", words }, 0);
        let fetch = async |page| client.notifications(false, page).await;
        while let Some(picked) = self.pick(&list, &mut seen, words::alert, &fetch).await? {
            let outcome = match picked {
                Picked::Row(alert) => self.alert(&alert).await,
                Picked::Word("clear") => self.run(&["alert", "clear"]).await,
                Picked::Word(_) => self.run(&["alert", "read", "--all"]).await,
            };
            self.attempt(outcome)?;
        }
        Ok(())
    }

    async fn alert(&self, alert: &Notification) -> Outcome {
        self.client()?.mark_notification(alert.id).await?;
        match (alert.booking, alert.chat, alert.item) {
            (Some(booking), ..) => Box::pin(self.booking(booking)).await,
            (_, Some(chat), _) => Box::pin(self.chat(chat)).await,
            (.., Some(item)) => Box::pin(self.item(item)).await,
            _ => Ok(()),
        }
    }

    /// Oneself.
    pub async fn account(&self) -> Outcome {
        while let Some(act) = self.choose(&ACTS)? {
            if let Act::SignOut = act {
                return self.run(&["auth", "logout"]).await;
            }
            self.attempt(self.of_account(act).await)?;
        }
        Ok(())
    }

    async fn of_account(&self, act: Act) -> Outcome {
        match act {
            Act::Edit(flag, question) => {
                let value = format!("{flag}={}", self.asked(question)?);
                self.run(&["user", "edit", &value]).await
            }
            Act::Presence => {
                let choices = [("Others see when you are online", "false"), ("Nobody sees it", "true")];
                let Some(hidden) = self.choose(&choices)? else { return Ok(()) };
                self.run(&["user", "edit", "--hide-presence", hidden]).await
            }
            Act::Voucher => self.run(&["wallet", "redeem", "--", &self.asked("The voucher's code:")?]).await,
            Act::Searches => Box::pin(self.searches()).await,
            Act::Wishes => self.wishes().await,
            Act::Devices => self.devices().await,
            Act::Run(words) => self.run(words).await,
            Act::SignOut => Ok(()),
        }
    }

    /// Saved searches: choosing one finds what matches now.
    async fn searches(&self) -> Outcome {
        let client = self.client()?;
        let (list, mut seen) = (List { empty: "No saved searches.", words: &[] }, 0);
        let fetch = async |page| client.searches(page).await;
        while let Some(Picked::Row(search)) = self.pick(&list, &mut seen, words::search, &fetch).await? {
            let choices = [("What matches", false), ("Delete it", true)];
            let outcome = match self.choose(&choices)? {
                Some(true) => self.run(&["search", "delete", &search.id.to_string()]).await,
                Some(false) => self.browse(Some(search.query)).await,
                None => Ok(()),
            };
            self.attempt(outcome)?;
        }
        Ok(())
    }

    /// What one is told of: choosing a kind turns it round.
    async fn wishes(&self) -> Outcome {
        let client = self.client()?;
        loop {
            let wishes = client.preferences().await?.value;
            let told = |is_told| if is_told { "yes" } else { "no" };
            let kind = |kind: &NotificationKind| {
                let is_muted = wishes.muted.contains(kind);
                let label = format!("{}: {}", kind.as_str().replace('_', " "), told(!is_muted));
                (label, format!("--{}={kind}", if is_muted { "unmute" } else { "mute" }))
            };
            let mut choices: Vec<(String, String)> = NotificationKind::ALL.iter().map(kind).collect();
            let digest = format!("a daily mail of what you have not read: {}", told(wishes.digest));
            choices.push((digest, format!("--digest={}", !wishes.digest)));
            let choices: Vec<(&str, &str)> =
                choices.iter().map(|(label, flag)| (label.as_str(), flag.as_str())).collect();
            let Some(flag) = self.choose(&choices)? else { return Ok(()) };
            self.attempt(self.run(&["alert", "prefs", flag]).await)?;
        }
    }

    /// Devices: choosing one signs it out.
    async fn devices(&self) -> Outcome {
        let client = self.client()?;
        let (list, mut seen) = (List { empty: "No devices.", words: &[] }, 0);
        let fetch = async |page| client.sessions(page).await;
        while let Some(Picked::Row(device)) = self.pick(&list, &mut seen, words::device, &fetch).await? {
            self.attempt(self.run(&["auth", "session", "revoke", &device.id.to_string()]).await)?;
        }
        Ok(())
    }
}
