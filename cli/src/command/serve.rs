//! `campuszon serve`, and `campuszon admin` on a data directory: the one place that knows the server.

pub mod local;
mod variables;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use campuszon_server::{
    platform::{directory::default_path, entropy::SystemClock},
    serve::{self, Acme, Collector, KeyPair, LogFormat, Network, Options, StartError, Started, Tls},
    settings::secret,
};
use clap::{Args, Command, FromArgMatches};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    command::{complaint, shapes, without_empty_variables},
    context::{Context, environment},
    failure::{Exit, Failure},
    output::OutputError,
};

const DATABASE: &str = "CAMPUSZON_DATABASE_URL";
const BLOBS: &str = "CAMPUSZON_BLOBS_URL";
const MAIL: &str = "CAMPUSZON_MAIL_URL";
const SERVER_CONFIG: &str = "CAMPUSZON_SERVER_CONFIG";

/// Where mails go that nobody wants elsewhere.
const CONSOLE: &str = "console:";

#[derive(Args, Debug)]
#[command(
    after_help = "Needs no configuration: the data directory, its keys and its database are made on first use. With --config,
another file than server.toml in the data directory is read. Every setting can be given as an environment variable too:
limits.auth is CAMPUSZON_LIMITS__AUTH.

A Unix socket may be used by its owner and group. Who connects through it, or comes from a --trusted-proxy, is believed what
X-Forwarded-For says, from the right. Several addresses, networks and domains in the environment are set apart by commas.

HTTPS needs --tls-cert and --tls-key, or --acme, for which the authority must reach this server at port 443 of the domain.
Encrypted are TCP connections; a Unix socket is for a proxy that does so itself.

A mail server is given as smtp://user:password@host:port, which is encrypted as soon as the server offers it and sends no
password without, or as smtps://user:password@host:port, encrypted from the start. The password is better kept in the
environment, CAMPUSZON_MAIL_URL, or in a file.

Pictures can lie in S3-compatible storage: s3://BUCKET/PREFIX, with ?endpoint=https://… for another than Amazon's. Its
keys come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION.

A file may hold a secret, as containers and systemd hand them over: CAMPUSZON_MAIL_URL_FILE=/run/secrets/mail names one in
place of CAMPUSZON_MAIL_URL, and so do CAMPUSZON_DATABASE_URL_FILE=…, CAMPUSZON_BLOBS_URL_FILE=…, AWS_ACCESS_KEY_ID_FILE=… and
AWS_SECRET_ACCESS_KEY_FILE=….

Examples:
  campuszon serve
  campuszon serve --listen 127.0.0.1:0 --data ./data --mail file:./mail
  campuszon serve --listen 0.0.0.0:443 --acme market.uni.example
  campuszon serve --listen unix:/run/campuszon/socket --public-url https://market.uni.example"
)]
pub struct ServeArgs {
    /// Address and port, or unix:PATH; repeatable; port 0 lets the system choose [default: the sockets that systemd hands
    /// over, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "CAMPUSZON_LISTEN", value_delimiter = ',')]
    listen: Vec<String>,
    /// Address or network of proxies in front, whose X-Forwarded-For is believed; repeatable
    #[arg(long = "trusted-proxy", value_name = "CIDR", env = "CAMPUSZON_TRUSTED_PROXIES", value_delimiter = ',')]
    trusted_proxies: Vec<String>,
    #[command(flatten)]
    tls: TlsArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// Where mails go: console: (printed on stderr), file:DIR (one .eml a mail), smtp://… or smtps://… [default:
    /// console:]
    #[arg(long, value_name = "URL", env = MAIL, hide_env_values = true)]
    mail: Option<String>,
    /// What links and image addresses start with [default: made from --listen]
    #[arg(long, value_name = "URL", env = "CAMPUSZON_PUBLIC_URL")]
    public_url: Option<String>,
    /// How log lines look: text or json
    #[arg(long, value_name = "FORMAT", env = "CAMPUSZON_LOG", default_value = "text", value_parser = log_format)]
    log: LogFormat,
    /// Which log lines are written: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: String,
}

/// Encryption without a proxy in front.
#[derive(Args, Debug)]
struct TlsArgs {
    /// Certificate for HTTPS, as PEM, followed by those of who signed it; read again when it changes
    #[arg(long, value_name = "FILE", env = "CAMPUSZON_TLS_CERT", requires = "tls_key", value_hint = clap::ValueHint::FilePath)]
    tls_cert: Option<PathBuf>,
    /// Its private key, as PEM
    #[arg(long, value_name = "FILE", env = "CAMPUSZON_TLS_KEY", requires = "tls_cert", value_hint = clap::ValueHint::FilePath)]
    tls_key: Option<PathBuf>,
    /// Domain to get and renew a certificate for, by agreeing to the authority's terms; repeatable
    #[arg(long, value_name = "DOMAIN", env = "CAMPUSZON_ACME", value_delimiter = ',', conflicts_with = "tls_cert")]
    acme: Vec<String>,
    /// Certificate authority to ask [default: Let's Encrypt]
    #[arg(long, value_name = "URL", env = "CAMPUSZON_ACME_DIRECTORY", requires = "acme")]
    acme_directory: Option<String>,
}

impl TlsArgs {
    fn source(self) -> Option<Tls> {
        if !self.acme.is_empty() {
            return Some(Tls::Acme(Acme { domains: self.acme, directory: self.acme_directory }));
        }
        let (certificate, key) = self.tls_cert.zip(self.tls_key)?;
        Some(Tls::Files(KeyPair { certificate, key }))
    }
}

impl ServeArgs {
    /// What a server started without flags would go by: the environment alone.
    fn of_environment() -> Result<Self, Failure> {
        let command = without_empty_variables(Self::augment_args(Command::new("serve")));
        let found = command.try_get_matches_from(["serve"]).and_then(|matches| Self::from_arg_matches(&matches));
        found.map_err(|error| Failure::new(Exit::Usage, "usage", complaint(&error)))
    }

    fn options(self, context: &Context) -> Result<Options, Failure> {
        let network = Network { listen: self.listen, trusted_proxies: self.trusted_proxies, tls: self.tls.source() };
        let mail = secret(MAIL, "--mail", self.mail)?.unwrap_or_else(|| CONSOLE.to_owned());
        Ok(Options { network, mail, public_url: self.public_url, ..options(self.store, context)? })
    }
}

/// Where the data is.
#[derive(Args, Debug)]
pub struct StoreArgs {
    /// Data directory: database, images, keys [default: the platform's]
    #[arg(long, value_name = "DIR", env = "CAMPUSZON_DATA", value_hint = clap::ValueHint::DirPath)]
    data: Option<PathBuf>,
    /// sqlite:PATH or postgres://… [default: a file in the data directory]
    #[arg(long, value_name = "URL", env = DATABASE, hide_env_values = true)]
    database: Option<String>,
    /// Where pictures are: file:DIR or s3://BUCKET/PREFIX?endpoint=URL [default: a folder of the data directory]
    #[arg(long, value_name = "URL", env = BLOBS, hide_env_values = true)]
    blobs: Option<String>,
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".to_owned()),
    }
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// It cannot start.
pub async fn run(args: ServeArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::LISTENING)?;
    let (log, log_level) = (args.log, args.log_level.clone());
    let options = args.options(context)?;
    let settings = serve::load_settings(&options).map_err(not_started)?;
    let collector = Collector::open(&settings.traces).map_err(not_started)?;
    serve::init_logging(log, &log_level, &collector).map_err(|message| Failure::new(Exit::Usage, "usage", message))?;
    raise_file_limit();
    variables::of_this_process().iter().for_each(|sentence| tracing::warn!("{sentence}"));
    let (stop, stopping) = watch::channel(false);
    let signals = tokio::spawn(stop_on_signal(stop));
    let failed = Mutex::new(None);
    let announce = |started: &Started| {
        if let Some(link) = &started.setup {
            invite(link, log, context);
        }
        *failed.lock().unwrap_or_else(PoisonError::into_inner) = tell(&started.addresses, context).err();
    };
    let served = serve::serve(options, settings, Arc::new(SystemClock), stopping, announce).await;
    collector.close().await;
    served.map_err(not_started)?;
    signals.abort();
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// Says how the first administrator is made; in a log of JSON as a line of it.
fn invite(link: &str, format: LogFormat, context: &Context) {
    let invitation = format!("no administrator yet: campuszon admin init {link} makes one, once, within a day");
    match format {
        LogFormat::Text => context.output.notice(&invitation),
        LogFormat::Json => tracing::warn!("{invitation}"),
    }
}

/// Says where it listens: whoever started it waits for that.
fn tell(addresses: &[String], context: &Context) -> Result<(), OutputError> {
    if context.output.is_for_machines() {
        return addresses
            .iter()
            .try_for_each(|address| context.output.event(&shapes::LISTENING, &json!({ "address": address })));
    }
    let lines: String = addresses.iter().map(|address| format!("listening on {address}\n")).collect();
    context.output.bytes(lines.as_bytes())
}

fn options(store: StoreArgs, context: &Context) -> Result<Options, Failure> {
    let portable = || environment("CAMPUSZON_HOME").map(|home| PathBuf::from(home).join("server"));
    let data = store.data.or_else(portable).or_else(default_path);
    let data = data.ok_or_else(|| {
        Failure::new(Exit::Local, "no_data_directory", "this system names no data directory: give one with --data")
    })?;
    Ok(Options {
        data,
        network: Network::default(),
        database: secret(DATABASE, "--database", store.database)?,
        blobs: secret(BLOBS, "--blobs", store.blobs)?,
        mail: CONSOLE.to_owned(),
        public_url: None,
        config: context.overrides.config.clone().or_else(|| environment(SERVER_CONFIG).map(PathBuf::from)),
    })
}

/// A secret that a flag, a variable or a file may hold.
fn secret(name: &str, flag: &str, given: Option<String>) -> Result<Option<String>, Failure> {
    secret::find(name, Some(flag), given, &environment).map_err(|error| not_started(error.into()))
}

fn not_started(error: StartError) -> Failure {
    Failure::new(Exit::Local, "not_started", error.to_string())
}

/// The usual limit of 1,024 open files would end with the thousandth connection.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        tracing::warn!("the limit of open files stays at {:?}: {error}", limit.current);
    }
}

/// Asks the server to stop at the first signal, and ends the process at the second.
async fn stop_on_signal(stop: watch::Sender<bool>) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    let mut next = async || {
        tokio::select! {
            _ = terminate.recv() => 143,
            _ = interrupt.recv() => 130,
        }
    };
    next().await;
    let _ = stop.send(true);
    std::process::exit(next().await);
}
