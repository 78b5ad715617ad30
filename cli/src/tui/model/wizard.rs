//! The sign-in: one question after the other, for whoever has an account, wants one, or forgot its password.

use campuszon_core::{Timestamp, safe::SafeText, wire::meta::Meta};
use tui_input::Input;

use super::Field;
use crate::tui::message::Ticket;

/// How often a code may be mistyped, as servers have it unless they are told otherwise.
const TRIES: u8 = 5;

/// What somebody came for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// Signing in with a password.
    #[default]
    Known,
    /// A new account.
    New,
    /// A new password.
    Forgotten,
}

/// A question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    #[default]
    Server,
    Email,
    Name,
    Password,
    Again,
    Code,
}

impl Path {
    /// Its questions in order.
    pub fn steps(self) -> &'static [Step] {
        match self {
            Self::Known => &[Step::Server, Step::Email, Step::Password, Step::Code],
            Self::New => &[Step::Server, Step::Email, Step::Name, Step::Password, Step::Again, Step::Code],
            Self::Forgotten => &[Step::Server, Step::Email, Step::Code, Step::Password, Step::Again],
        }
    }
}

/// What a server says of itself, made safe for the screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hall {
    /// Its address.
    pub address: String,
    /// What the user calls it.
    pub called: SafeText,
    /// What it calls itself.
    pub name: SafeText,
    /// Whether it takes new accounts.
    pub open: bool,
    /// The domains of the addresses it takes; empty for all but public providers.
    pub domains: Vec<String>,
}

impl Hall {
    /// What a server that was reached says.
    pub fn new(address: String, called: &str, meta: &Meta) -> Self {
        Self {
            address,
            called: SafeText::line(called),
            name: SafeText::line(&meta.name),
            open: meta.registration.open,
            domains: meta.registration.domains.clone(),
        }
    }

    /// Who may register, in one sentence.
    pub fn rules(&self) -> SafeText {
        match (self.open, self.domains.as_slice()) {
            (false, _) => SafeText::fixed("It takes no new accounts at the moment."),
            (true, []) => SafeText::fixed("New accounts need an address of a university, not of a public provider."),
            (true, domains) => SafeText::line(&format!("New accounts need an address at {}.", domains.join(" or "))),
        }
    }
}

/// The sign-in, open or not.
#[derive(Clone, Debug)]
pub struct Wizard {
    pub open: bool,
    pub path: Path,
    pub step: Step,
    /// What the server in the first field said of itself.
    pub hall: Option<Hall>,
    pub server: Field,
    pub email: Field,
    pub name: Field,
    pub password: Field,
    pub again: Field,
    pub code: Field,
    /// The question that the server is asked right now.
    pub asked: Option<Ticket>,
    /// Whether a session ended, so that this is a return.
    pub returning: bool,
    /// How often the present code may still be mistyped.
    pub tries: u8,
    /// From when on another code can be mailed.
    pub resend_at: Option<Timestamp>,
}

impl Default for Wizard {
    fn default() -> Self {
        let secret = |label| Field { secret: true, ..Field::new(label, 128) };
        Self {
            open: false,
            path: Path::Known,
            step: Step::Server,
            hall: None,
            server: Field::new("Server", 200),
            email: Field::new("E-mail", 200),
            name: Field::new("Name", 80),
            password: secret("Password"),
            again: secret("Again"),
            code: Field::new("Code", 10),
            asked: None,
            returning: false,
            tries: TRIES,
            resend_at: None,
        }
    }
}

impl Wizard {
    /// The field of a question.
    pub fn field(&self, step: Step) -> &Field {
        match step {
            Step::Server => &self.server,
            Step::Email => &self.email,
            Step::Name => &self.name,
            Step::Password => &self.password,
            Step::Again => &self.again,
            Step::Code => &self.code,
        }
    }

    /// The field of the present question.
    pub fn focused(&mut self) -> &mut Field {
        self.field_mut(self.step)
    }

    fn field_mut(&mut self, step: Step) -> &mut Field {
        match step {
            Step::Server => &mut self.server,
            Step::Email => &mut self.email,
            Step::Name => &mut self.name,
            Step::Password => &mut self.password,
            Step::Again => &mut self.again,
            Step::Code => &mut self.code,
        }
    }

    /// The questions that were answered before the present one.
    pub fn answered(&self) -> impl Iterator<Item = Step> {
        let present = self.step;
        self.path.steps().iter().copied().take_while(move |step| *step != present)
    }

    /// The question before the present one.
    pub fn before(&self) -> Option<Step> {
        self.answered().last()
    }

    /// Goes to a question, with what is wrong with its last answer.
    pub fn go_to(&mut self, step: Step, problem: Option<SafeText>) {
        self.step = step;
        self.focused().problem = problem;
    }

    /// Forgets the passwords and the code.
    pub fn forget_secrets(&mut self) {
        for field in [&mut self.password, &mut self.again, &mut self.code] {
            field.input = Input::default();
            field.problem = None;
        }
    }

    /// A code is on its way: it may be mistyped so often, and asked for again from a time on.
    pub fn mailed(&mut self, resend_at: Timestamp) {
        self.tries = TRIES;
        self.resend_at = Some(resend_at);
    }

    /// Whether the answer that is written is a code for an address to be confirmed.
    pub fn confirms(&self) -> bool {
        self.step == Step::Code && self.path != Path::Forgotten
    }
}
