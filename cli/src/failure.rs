//! How a run ends badly: the one place where every error becomes a message, a hint, an exit code and, for programs, a
//! line of JSON.

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use campuszon_core::{Fault, Faults, picture::PictureError, wire::problem::Problem};
use serde_json::json;

use crate::{
    client::{ClientError, Refusal, ServerError, StoreError},
    command::CommandError,
    output::{Output, OutputError, json},
    prompt::PromptError,
    settings::{Origin, SettingsError},
};

/// The exit codes of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Unexpected or internal.
    Unexpected = 1,
    /// Flags, missing input, a bad filter.
    Usage = 2,
    /// The user said no at a prompt.
    Cancelled = 3,
    /// Not signed in, session ended, address unverified.
    SignedOut = 4,
    /// Not found; malformed ids too.
    NotFound = 5,
    /// Refused by a rule.
    Refused = 6,
    /// Signed in, but not allowed.
    Forbidden = 7,
    /// Still pending when `--wait` ran out.
    Pending = 8,
    /// Rate-limited, after polite repetitions.
    RateLimited = 9,
    /// Network, time-out, server not reachable.
    Unreachable = 10,
    /// The server failed.
    ServerFailed = 11,
    /// Only part of a batch worked.
    Partial = 12,
    /// Local configuration or credential store unusable.
    Local = 13,
    /// Ctrl-C at a prompt.
    Interrupted = 130,
}

/// Why a run did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Something went wrong, and people are told.
    Told(Box<Report>),
    /// The reader of the output has gone, which is no failure to speak of.
    ClosedPipe,
    /// A dry run has shown what it would have sent.
    DryRun,
    /// A signal of this number ended the run, after it had put everything in order.
    Signal(i32),
}

/// What people and programs are told.
#[derive(Debug)]
pub struct Report {
    /// How the process ends.
    pub exit: Exit,
    /// A stable machine word.
    pub code: String,
    /// What happened, and why.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
    /// The HTTP status, where a server answered.
    pub http_status: Option<u16>,
    /// The request, for finding it in the server's logs.
    pub request_id: Option<String>,
    /// Seconds until it may work.
    pub retry_after_s: Option<u64>,
    /// What is wrong with which field.
    pub fields: Faults,
}

impl Failure {
    /// A failure of this program's own making.
    pub fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        Self::Told(Box::new(Report {
            exit,
            code: code.to_owned(),
            message: message.into(),
            hint: None,
            http_status: None,
            request_id: None,
            retry_after_s: None,
            fields: Vec::new(),
        }))
    }

    /// How the process would end; `None` where that is not told.
    pub fn exit(&self) -> Option<Exit> {
        if let Self::Told(report) = self { Some(report.exit) } else { None }
    }

    /// With what happened put in other words.
    #[must_use]
    pub fn told(mut self, words: impl FnOnce(&str) -> String) -> Self {
        if let Self::Told(report) = &mut self {
            report.message = words(&report.message);
        }
        self
    }

    /// With what to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Told(report) = &mut self {
            report.hint = Some(hint.into());
        }
        self
    }

    /// With what is wrong with which field.
    #[must_use]
    pub fn fields(mut self, fields: Faults) -> Self {
        if let Self::Told(report) = &mut self {
            report.fields = fields;
        }
        self
    }

    /// As a fault of what was typed: a filter or cursor that the server does not take is no rule of the marketplace.
    #[must_use]
    pub fn into_usage(mut self) -> Self {
        if let Self::Told(report) = &mut self
            && matches!(report.http_status, Some(400 | 422))
        {
            report.exit = Exit::Usage;
        }
        self
    }

    /// Tells of the failure and says how the process ends.
    pub fn report(&self, output: &Output) -> ExitCode {
        let report = match self {
            Self::ClosedPipe | Self::DryRun => return ExitCode::SUCCESS,
            Self::Signal(number) => return ExitCode::from(u8::try_from(128 + number).unwrap_or(u8::MAX)),
            Self::Told(report) => report,
        };
        if output.is_for_machines() {
            output.insist(report.json().trim_end());
        } else {
            report.say(output);
        }
        ExitCode::from(report.exit as u8)
    }
}

impl Report {
    fn say(&self, output: &Output) {
        const RED: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
        output.insist_with(RED, "error:", &self.message);
        // The message of missing input names them already.
        for Fault { field, message, .. } in self.fields.iter().filter(|_| self.code != MISSING) {
            output.insist(&format!("  {field}: {message}"));
        }
        if let Some(hint) = &self.hint {
            output.insist_with(Style::new().bold(), "hint:", hint);
        }
        // There is nothing to look for in the logs where it is meant.
        let is_fault = self.exit == Exit::ServerFailed && self.code != MAINTENANCE;
        if let Some(request) = self.request_id.as_ref().filter(|_| is_fault) {
            output.insist(&format!("  request {request}"));
        }
    }

    /// The one line for programs.
    pub fn json(&self) -> String {
        json::line(&json!({ "error": {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "exit_code": self.exit as u8,
            "http_status": self.http_status,
            "request_id": self.request_id,
            "retry_after_s": self.retry_after_s,
            "fields": self.fields,
        }}))
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let message = error.to_string();
        match error {
            ClientError::Refused(refusal) => refused(*refusal),
            ClientError::Network { .. } => Self::new(Exit::Unreachable, "unreachable", message)
                .hint("is the server running, and is its address right? `campuszon config list --sources` tells it"),
            ClientError::Timeout { .. } => Self::new(Exit::Unreachable, "timeout", message)
                .hint("try again, or allow more time: `campuszon config set timeout 60s`"),
            ClientError::NotSignedIn(_) => Self::new(Exit::SignedOut, "not_signed_in", message).hint(SIGN_IN),
            ClientError::SessionEnded(_) => Self::new(Exit::SignedOut, "session_ended", message).hint(SIGN_IN),
            ClientError::Answer(_) => Self::new(Exit::Unexpected, "bad_answer", message)
                .hint("is it a CampusZon server, of a version that fits? `campuszon version` tells both"),
            ClientError::Redirected(_) => Self::new(Exit::Unexpected, "redirected", message)
                .hint("give the address it names: `campuszon server add NAME URL`"),
            ClientError::Server(error) => error.into(),
            ClientError::Store(error) => error.into(),
            ClientError::LiveClosed { code: 4403, .. } => Self::new(Exit::Forbidden, "forbidden", message),
            ClientError::LiveClosed { .. } => Self::new(Exit::Refused, "live_closed", message),
            ClientError::DryRun => Self::DryRun,
        }
    }
}

/// The machine word of a server that serves administrators alone for a while.
const MAINTENANCE: &str = "maintenance";

const SIGN_IN: &str = "sign in with `campuszon auth login`";

/// What a server's refusal means here.
fn refused(refusal: Refusal) -> Failure {
    let Refusal { problem, retry_after } = refusal;
    let Problem { status, code, detail, title, request_id, errors, .. } = problem;
    let exit = exit_of(status, &code);
    let retry_after_s = retry_after.map(|pause| pause.as_secs());
    let hint = match (exit, code.as_str()) {
        (Exit::SignedOut, "unverified") => {
            Some("confirm the address: `campuszon auth verify --email … --code …`".to_owned())
        }
        (Exit::SignedOut, _) => Some(SIGN_IN.to_owned()),
        (Exit::ServerFailed, MAINTENANCE) => Some("that is meant, and ends: try again later".to_owned()),
        (Exit::RateLimited, _) => retry_after_s.map(|seconds| format!("try again in {seconds} s")),
        (Exit::Refused, "precondition_failed") => Some("it has changed meanwhile: look again, then repeat".to_owned()),
        _ => None,
    };
    Failure::Told(Box::new(Report {
        exit,
        code,
        message: if detail.is_empty() { title } else { detail },
        hint,
        http_status: Some(status),
        request_id: Some(request_id).filter(|id| !id.is_empty()),
        retry_after_s,
        fields: errors,
    }))
}

fn exit_of(status: u16, code: &str) -> Exit {
    match status {
        401 => Exit::SignedOut,
        403 if code == "unverified" => Exit::SignedOut,
        403 => Exit::Forbidden,
        404 | 410 => Exit::NotFound,
        408 => Exit::Unreachable,
        429 => Exit::RateLimited,
        400..=499 => Exit::Refused,
        500.. => Exit::ServerFailed,
        _ => Exit::Unexpected,
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        let message = error.to_string();
        match error {
            ServerError::Malformed(_) => Self::new(Exit::Usage, "bad_server", message),
            ServerError::InsecureHttp(_) => Self::new(Exit::Usage, "insecure_http", message)
                .hint("use https, or accept that passwords can be read on the way: --insecure-http"),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let failure = Self::new(Exit::Local, "credential_store", message);
        match error {
            StoreError::Exposed(path) => {
                failure.hint(format!("`chmod 600 {}`, and sign in anew if others may have read it", path.display()))
            }
            StoreError::Damaged(path) => failure.hint(format!("remove {} and sign in anew", path.display())),
            StoreError::Keyring(_) => failure
                .hint("unlock it, or `campuszon config set credential_store file` and `campuszon auth login` again"),
            StoreError::File { .. } | StoreError::Locked(_) => failure,
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        let message = error.to_string();
        match error {
            SettingsError::NoHome => {
                Self::new(Exit::Local, "no_home", message).hint("name a directory with CAMPUSZON_HOME")
            }
            SettingsError::BadValue { origin: Origin::Flag(_) | Origin::Argument, .. } => {
                Self::new(Exit::Usage, "bad_value", message)
            }
            SettingsError::UnknownServer { origin: Origin::Flag(_) | Origin::Argument, .. } => {
                Self::new(Exit::Usage, "unknown_server", message).hint(SERVERS)
            }
            SettingsError::UnknownServer { .. } => Self::new(Exit::Local, "unknown_server", message).hint(SERVERS),
            SettingsError::File { .. }
            | SettingsError::Syntax { .. }
            | SettingsError::UnknownKey { .. }
            | SettingsError::BadValue { .. } => {
                Self::new(Exit::Local, "configuration", message).hint("correct it with `campuszon config edit`")
            }
        }
    }
}

const SERVERS: &str =
    "`campuszon server list` shows those there are; or give an address such as https://market.uni.example";

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        let message = error.to_string();
        match error {
            OutputError::Closed => Self::ClosedPipe,
            OutputError::Write(_) | OutputError::Format(_) => Self::new(Exit::Unexpected, "output", message),
            OutputError::Jq(_) => Self::new(Exit::Usage, "jq", message),
            OutputError::UnknownField { near, .. } => {
                let failure = Self::new(Exit::Usage, "unknown_field", message);
                let Some(near) = near else { return failure };
                failure.hint(format!("did you mean {near}?"))
            }
        }
    }
}

const MISSING: &str = "missing_input";

impl From<PromptError> for Failure {
    fn from(error: PromptError) -> Self {
        let message = error.to_string();
        match error {
            PromptError::Missing(names) => {
                let fault = |name: &String| Fault::new(name.trim_start_matches('-'), "required", "is required");
                Self::new(Exit::Usage, MISSING, message).fields(names.iter().map(fault).collect())
            }
            PromptError::Unconfirmed => Self::new(Exit::Usage, "unconfirmed", message).hint("confirm with --yes"),
            PromptError::Cancelled | PromptError::OtherName(_) => Self::new(Exit::Cancelled, "cancelled", message),
            PromptError::Interrupted => Self::new(Exit::Interrupted, "interrupted", message),
            PromptError::Terminal(_) => Self::new(Exit::Unexpected, "terminal", message),
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let message = error.to_string();
        match error {
            CommandError::Usage { hint, .. } => {
                let failure = Self::new(Exit::Usage, "usage", message);
                let Some(hint) = hint else { return failure };
                failure.hint(hint)
            }
            CommandError::NothingToChange(flags) => {
                let fault =
                    |flag: &&str| Fault::new(flag.trim_start_matches('-'), "required", "is required, or another");
                Self::new(Exit::Usage, MISSING, message).fields(flags.iter().map(fault).collect())
            }
            CommandError::BadId { .. } => Self::new(Exit::NotFound, "malformed_id", message),
            CommandError::NoSuch(_) => Self::new(Exit::NotFound, "not_found", message),
            CommandError::File { .. } => Self::new(Exit::Usage, "file", message),
            CommandError::Picture { source, .. } => picture(message, &source),
            CommandError::Pending(_) => Self::new(Exit::Pending, "pending", message),
            CommandError::Unlisted(_) => Self::new(Exit::Refused, "images_failed", message),
            CommandError::Partial { failures, .. } => Self::new(Exit::Partial, "partial", message).fields(failures),
        }
    }
}

fn picture(message: String, error: &PictureError) -> Failure {
    if *error == PictureError::Cancelled {
        return Failure::new(Exit::Cancelled, error.code(), message);
    }
    let exit = if error.is_final() { Exit::Refused } else { Exit::Unexpected };
    Failure::new(exit, error.code(), message)
}
