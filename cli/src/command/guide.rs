//! The guide: the whole program as a conversation in lines, for those who have the terminal read to them. It asks by
//! numbered choices, does what the commands do by running them, and says how things stand only when that has changed.

mod account;
mod answer;
mod ask;
mod bookings;
mod chats;
mod items;
mod words;

use std::cell::{Cell, RefCell};

use campuszon_core::{ChatId, ItemId, UserId, safe::SafeText, text, wire::account::Profile};

use self::ask::{End, Outcome};
use crate::{
    context::Context,
    failure::{Exit, Failure},
    tui::{model::Tab, servers::Servers},
};

/// Where to begin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start {
    pub screen: Option<Tab>,
    pub item: Option<ItemId>,
    pub chat: Option<ChatId>,
}

/// One conversation with whoever sits there.
struct Guide {
    context: Context,
    /// Whoever is signed in, once the server has said so.
    me: Option<UserId>,
    /// Whether it is known that nobody is.
    is_signed_out: bool,
    /// Whether the server could not be reached when it was last tried.
    is_offline: Cell<bool>,
    /// The choices that were said last.
    choices: RefCell<Vec<SafeText>>,
    /// What was last said of who one is, and of what waits.
    said: [String; 2],
}

/// Where one can go.
#[derive(Clone, Copy, Debug)]
enum Place {
    Screen(Tab),
    Search,
    Run(&'static [&'static str]),
    Servers,
    Quit,
}

const HELP: &[&str] = &["help", "accessibility"];

const PLACES: [(&str, Place); 10] = [
    ("Browse", Place::Screen(Tab::Browse)),
    ("Search", Place::Search),
    ("Chats", Place::Screen(Tab::Chats)),
    ("Bookings", Place::Screen(Tab::Bookings)),
    ("Selling", Place::Screen(Tab::Selling)),
    ("Alerts", Place::Screen(Tab::Alerts)),
    ("Me", Place::Screen(Tab::Me)),
    ("Servers", Place::Servers),
    ("Help", Place::Run(HELP)),
    ("Quit", Place::Quit),
];

/// For whoever is not signed in.
const DOORS: [(&str, Place); 7] = [
    ("Sign in", Place::Run(&["auth", "login"])),
    ("Register", Place::Run(&["auth", "register"])),
    ("Confirm an address by the code from the mail", Place::Run(&["auth", "verify"])),
    ("Password forgotten", Place::Run(&["auth", "password", "reset"])),
    ("Other servers", Place::Servers),
    ("Help", Place::Run(HELP)),
    ("Quit", Place::Quit),
];

/// Goes on until its user leaves.
///
/// # Errors
/// Where nobody can be asked, and where the terminal fails.
pub async fn run(start: Start, context: &Context) -> Result<(), Failure> {
    if !context.prompt.allowed {
        let message = "the guide asks what to do, and here nothing can be asked";
        return Err(Failure::new(Exit::Usage, "no_input", message)
            .hint("it needs a terminal, neither CI nor --no-input, and no other --format"));
    }
    let mut guide = Guide {
        context: context.at(None),
        me: None,
        is_signed_out: false,
        is_offline: Cell::default(),
        choices: RefCell::default(),
        said: Default::default(),
    };
    match guide.begin(start).await {
        Err(End::Failed(failure)) => Err(failure),
        Ok(()) | Err(End::Quit) => {
            guide.say("Goodbye.");
            Ok(())
        }
    }
}

impl Guide {
    async fn begin(&mut self, start: Start) -> Outcome {
        self.say("CampusZon. Type a number or the first letters of a choice, and Enter. 0 goes back, ? says the choices again, q leaves.");
        self.look_around().await?;
        if !self.is_signed_out {
            let outcome = match (start.item, start.chat, start.screen) {
                (Some(item), ..) => self.item(item).await,
                (_, Some(chat), _) => self.chat(chat).await,
                (.., Some(screen)) => self.go(Place::Screen(screen)).await,
                _ => Ok(()),
            };
            self.attempt(outcome)?;
        }
        loop {
            let places = if self.is_signed_out { &DOORS[..] } else { &PLACES[..] };
            let Some(place) = self.choose(places)? else {
                self.say("There is nothing before this: q leaves.");
                continue;
            };
            let outcome = self.go(place).await;
            self.attempt(outcome)?;
            self.look_around().await?;
        }
    }

    async fn go(&mut self, place: Place) -> Outcome {
        match place {
            Place::Screen(Tab::Browse) => Box::pin(self.browse(None)).await,
            Place::Screen(Tab::Chats) => Box::pin(self.chats()).await,
            Place::Screen(Tab::Bookings) => Box::pin(self.bookings(None)).await,
            Place::Screen(Tab::Selling) => Box::pin(self.selling()).await,
            Place::Screen(Tab::Alerts) => Box::pin(self.alerts()).await,
            Place::Screen(Tab::Me) => Box::pin(self.account()).await,
            Place::Search => Box::pin(self.search()).await,
            Place::Run(words) => self.run(words).await,
            Place::Servers => Box::pin(self.servers()).await,
            Place::Quit => Err(End::Quit),
        }
    }

    /// Finds out who one is and what waits, and says what of it is new.
    async fn look_around(&mut self) -> Outcome {
        let client = self.client()?;
        match client.me().await {
            Ok(profile) => {
                self.reached();
                (self.me, self.is_signed_out) = (Some(profile.id), false);
                self.say_new(0, format!("{}, campus {}, on {}.", profile.name, profile.campus, client.server()));
                self.say_new(1, waiting(&profile));
                Ok(())
            }
            Err(error) => {
                let failure = Failure::from(error);
                match failure.exit() {
                    Some(Exit::SignedOut) => {
                        (self.me, self.is_signed_out) = (None, true);
                        self.say_new(0, format!("Nobody is signed in on {}.", client.server()));
                        Ok(())
                    }
                    // That was said.
                    Some(Exit::Unreachable) if self.is_offline.get() => Ok(()),
                    _ => self.attempt(Err(failure.into())),
                }
            }
        }
    }

    fn say_new(&mut self, slot: usize, sentence: String) {
        if let Some(said) = self.said.get_mut(slot).filter(|said| **said != sentence) {
            said.clone_from(&sentence);
            self.say(&sentence);
        }
    }

    /// Goes to another server, of a name or an address, and stays there.
    async fn servers(&mut self) -> Outcome {
        let failed = |sentence| Failure::new(Exit::Local, "server", sentence);
        let servers = Servers::new(self.context.overrides.clone());
        let named = servers.named().map_err(failed)?;
        let label = |server: &crate::tui::servers::Named| {
            let user = server.user.as_ref().map(|user| format!(", signed in as {user}"));
            format!("{}, {}{}", server.name, server.address, user.unwrap_or_default())
        };
        let mut choices: Vec<(String, Option<usize>)> = named.iter().map(label).zip((0..).map(Some)).collect();
        choices.push(("Another, by its address".to_owned(), None));
        let Some(chosen) = self.choose(&choices)? else { return Ok(()) };
        let wanted = match chosen.and_then(|row| named.get(row)) {
            Some(server) => server.name.clone(),
            None => servers.reach(&self.asked("Address:")?).map_err(failed)?.client.server().to_string(),
        };
        let there = self.context.at(Some(wanted.clone()));
        there.client()?.meta().await?;
        self.run(&["server", "use", &wanted]).await?;
        self.context = there;
        Ok(())
    }
}

fn waiting(profile: &Profile) -> String {
    let tokens = text::count(profile.tokens, "token");
    let messages = text::count(profile.unread_messages, "unread message");
    let alerts = text::count(profile.unread_notifications, "new alert");
    format!("{tokens}, {messages}, {alerts}.")
}
