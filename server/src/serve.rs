//! Putting a server together and running it until it is told to stop.

mod acme;
mod collector;
mod keys;
mod logging;
mod manager;
mod network;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use campuszon_core::Timestamp;

pub use self::{
    acme::Acme,
    collector::Collector,
    keys::{RotatedKey, are_there as have_keys, rotate as rotate_keys},
    logging::{LogFormat, init as init_logging},
    network::{Network, Tls},
};
pub use crate::gateway::listener::tls::KeyPair;

use crate::{
    App, Error,
    app::Parts,
    backup::{self, BackupError},
    chat::live::Hub,
    check,
    gateway::{
        self,
        authentication::Principals,
        cursor::CursorKey,
        listener::{self, BadNetwork, Caps, ListenError, tls::TlsError},
    },
    platform::{
        blobs::{self, BlobError},
        bus::{Bus, MemoryBus},
        database::{Announcement, DatabaseUrl, Environment, OpenError, Store},
        directory::{self, DataDirectory, DirectoryError},
        entropy::{Clock, Entropy, NoEntropy, SystemEntropy},
        inbox,
        limiter::{Counting, MemoryLimiter},
        mail::{MailError, Mailer},
        maintenance::Mode,
        metrics::{Metrics, MetricsError},
    },
    settings::{
        self, Settings, SettingsFault,
        secret::{SecretError, with_storage_keys},
    },
    trust::maintenance::node,
    users::{self, campus, passwords::Passwords},
    worker,
};

/// How a server is to run: what the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where database, keys and pictures are.
    pub data: PathBuf,
    /// How it is reached.
    pub network: Network,
    /// `sqlite:PATH` or `postgres://…`; the data directory's file when absent.
    pub database: Option<String>,
    /// `file:DIR` or `s3://BUCKET/PREFIX?endpoint=URL`; a folder of the data directory when absent.
    pub blobs: Option<String>,
    /// `console:`, `file:DIR`, `smtp://…` or `smtps://…`; it may hold a password.
    pub mail: String,
    /// What links start with; made from the first address when absent.
    pub public_url: Option<String>,
    /// The settings; `server.toml` in the data directory when absent.
    pub config: Option<PathBuf>,
}

impl Options {
    /// Where the settings are read from, if that file is there.
    pub fn settings_file(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| directory::settings_file(&self.data))
    }

    /// Proves whatever can be proved without opening it.
    ///
    /// # Errors
    /// What a server would not start with.
    pub fn validate(&self) -> Result<(), StartError> {
        self.network.validate()?;
        self.database.as_deref().map(str::parse::<DatabaseUrl>).transpose()?;
        self.blobs.as_deref().map(blobs::validate).transpose()?;
        Mailer::validate(&self.mail)?;
        self.public_url.as_deref().map(network::link_start).transpose()?;
        Ok(())
    }

    fn database_url(&self, directory: &DataDirectory) -> Result<DatabaseUrl, OpenError> {
        match &self.database {
            Some(url) => url.parse(),
            None => Ok(DatabaseUrl::Sqlite(directory.database())),
        }
    }

    /// The database and the folder of pictures, as far as they are files: what a backup is made of.
    ///
    /// # Errors
    /// The database is no file.
    pub fn files(&self, directory: &DataDirectory) -> Result<(PathBuf, Option<PathBuf>), StartError> {
        let DatabaseUrl::Sqlite(database) = self.database_url(directory)? else {
            return Err(StartError::Other(
                "the database is not a file of this server: back PostgreSQL up with pg_dump, and the data directory as files"
                    .to_owned(),
            ));
        };
        Ok((database, blobs::folder(self.blobs.as_deref(), directory.blobs())))
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The settings, with every fault.
    #[error("the settings are not valid:{}", faults(.0))]
    Settings(Vec<SettingsFault>),
    /// A secret in a file.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The file of settings.
    #[error("cannot read {}: {source}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The pictures.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The mails.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The addresses.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The proxies.
    #[error(transparent)]
    Proxies(#[from] BadNetwork),
    /// The certificate or its key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A restore that was cut off, or what a backup is to be made of.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The random numbers.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The metrics.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

fn faults(faults: &[SettingsFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// Reads the settings of a data directory: the file, then the environment.
///
/// # Errors
/// The file cannot be read, or a value is not valid.
pub fn load_settings(options: &Options) -> Result<Settings, StartError> {
    let path = options.settings_file();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && options.config.is_none() => None,
        Err(source) => return Err(StartError::Config { path, source }),
    };
    let name = path.display().to_string();
    Settings::load(text.as_deref().map(|text| (name.as_str(), text)), settings::environment())
        .map_err(StartError::Settings)
}

/// Opens a data directory: after a backup where its database is about to be migrated, puts the parts of a server together.
///
/// # Errors
/// What cannot be opened, or that there is no backup.
pub async fn open(
    options: &Options,
    settings: Settings,
    directory: &DataDirectory,
    public_url: String,
    clock: Arc<dyn Clock>,
) -> Result<App, StartError> {
    if !backup::is_unfinished(directory.path()) {
        backup::back_up_before_migration(options, directory, clock.now()).await?;
    }
    assemble(options, settings, directory, public_url, clock).await
}

/// Puts the parts of a server together: opens database and blobs in `directory`, makes its keys on first use.
///
/// # Errors
/// What cannot be opened.
pub(crate) async fn assemble(
    options: &Options,
    settings: Settings,
    directory: &DataDirectory,
    public_url: String,
    clock: Arc<dyn Clock>,
) -> Result<App, StartError> {
    if backup::is_unfinished(directory.path()) {
        return Err(StartError::Other("a restore was cut off: `campuszon serve` completes it".to_owned()));
    }
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::new()?);
    let settings = Arc::new(settings);
    let keys = keys::open(directory, clock.now(), &*entropy)?;
    let (hub, principals, jobs) = (Arc::new(Hub::new()), Arc::new(Principals::default()), Arc::new(Notify::new()));
    let bus: Arc<dyn Bus> = Arc::new(bus(&hub, &principals, &jobs));
    let metrics = metrics(&settings, clock.now())?;
    let environment = Environment {
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
        settings: Arc::clone(&settings),
        public_url: public_url.as_str().into(),
        subscribers: gateway::subscribers::ALL,
        bus: Arc::clone(&bus),
        metrics: metrics.clone(),
    };
    let url = options.database_url(directory)?;
    let store = tokio::task::spawn_blocking(move || Store::open(&url, environment))
        .await
        .map_err(|error| StartError::Other(error.to_string()))??;
    let (place, folder) = (options.blobs.clone(), directory.blobs());
    let variables = with_storage_keys(settings::environment())?;
    let blobs = tokio::task::spawn_blocking(move || blobs::open(place.as_deref(), folder, &variables))
        .await
        .map_err(|error| StartError::Other(error.to_string()))??;
    let listed = Arc::clone(&settings);
    store
        .write(move |tx| {
            inbox::ensure_epoch(tx)?;
            campus::ensure_listed(tx, &listed)
        })
        .await?;
    let host = host(&public_url).to_owned();
    let app = App::new(Parts {
        store,
        mailer: Mailer::open(&options.mail, &settings.name, &host)?,
        public_url,
        cursors: CursorKey::new(keys.derive("cursor")),
        keys,
        turns: gateway::turns(&metrics),
        limiter: Box::new(Counting::new(MemoryLimiter::new(), metrics.rate_limited.clone())),
        blobs,
        passwords: Passwords::new(std::thread::available_parallelism().map_or(2, usize::from)),
        clock,
        entropy,
        settings,
        bus,
        hub,
        principals,
        maintenance: Mode::default(),
        metrics,
        jobs,
        stopping: AtomicBool::new(false),
    });
    node::learn(&app).await?;
    Ok(app)
}

/// Closes the database, which waits for its threads.
pub async fn close(app: App) {
    let _ = tokio::task::spawn_blocking(move || drop(app)).await;
}

/// Counters that know what the settings promise.
fn metrics(settings: &Settings, now: Timestamp) -> Result<Metrics, MetricsError> {
    let metrics = Metrics::new(now.seconds())?;
    for budget in gateway::limits::BUDGETS {
        metrics.rate_limited.with_label_values(&[budget]);
    }
    let seconds = |every: Option<Duration>| i64::try_from(every.unwrap_or_default().as_secs()).unwrap_or(i64::MAX);
    metrics.backup_interval_seconds.set(seconds(settings.backup.every));
    metrics.check_interval_seconds.set(seconds(settings.check.every));
    Ok(metrics)
}

/// The host of a URL; an IPv6 address in its brackets.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let end = authority.rfind(':').filter(|colon| !authority.get(*colon..).is_some_and(|port| port.contains(']')));
    let host = end.and_then(|colon| authority.get(..colon)).unwrap_or(authority);
    if host.is_empty() { "localhost" } else { host }
}

/// Who hears of committed changes inside this process.
fn bus(hub: &Arc<Hub>, principals: &Arc<Principals>, jobs: &Arc<Notify>) -> MemoryBus {
    let (live, principals, jobs) = (Arc::clone(hub), Arc::clone(principals), Arc::clone(jobs));
    MemoryBus::new(vec![
        // Before the hub, which asks again who a connection's user is.
        Box::new(move |announcement| {
            if let Announcement::CredentialsChanged(user) = announcement {
                principals.forget(*user);
            }
        }),
        Box::new(move |announcement| {
            if *announcement == Announcement::JobQueued {
                jobs.notify_waiters();
            }
        }),
        Box::new(move |announcement| live.publish([announcement])),
    ])
}

/// What a server says once it accepts connections.
#[derive(Clone, Debug)]
pub struct Started {
    /// Where it listens, as URLs.
    pub addresses: Vec<String>,
    /// Makes the first administrator, once; absent when there is one.
    pub setup: Option<String>,
}

/// Runs a server with these settings until `shutdown` turns true: `announce` is called once it accepts connections.
///
/// # Errors
/// It cannot start.
pub async fn serve(
    options: Options,
    settings: Settings,
    clock: Arc<dyn Clock>,
    shutdown: watch::Receiver<bool>,
    announce: impl FnOnce(&Started),
) -> Result<(), StartError> {
    let directory = Arc::new(DataDirectory::open(&options.data)?);
    backup::finish(directory.path())?;
    let doors = options.network.open(&directory).await?;
    let public_url = doors.public_url(options.public_url.as_deref())?;
    let app = open(&options, settings, &directory, public_url, Arc::clone(&clock)).await?;
    let background = background(&app, &options, &directory, &shutdown)?;
    let setup = setup_link(&app).await?;
    manager::ready(&doors.addresses);
    announce(&Started { addresses: doors.addresses, setup });
    let watch = tokio::spawn(manager::watch(app.clone()));
    let keeper = tokio::spawn(doors.keeper.keep(clock));
    let (stop, stopped) = watch::channel(false);
    let drain = tokio::spawn(drain(app.clone(), shutdown, stop));
    let (caps, grace) = (Caps::from(&app.settings.limits), app.settings.shutdown.grace);
    let cut_off = listener::serve(doors.listeners, gateway::router(app.clone()), caps, stopped, grace).await;
    if cut_off > 0 {
        tracing::warn!(cut_off, "connections did not end in time");
    }
    drain.abort();
    watch.abort();
    keeper.abort();
    for task in background.into_iter().chain([watch]) {
        let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
    }
    // The last handle closes the database: what waits is written, and its log folded in.
    tokio::task::spawn_blocking(move || drop(app)).await.map_err(|error| StartError::Other(error.to_string()))
}

/// Stops the listener after the delay of the settings, once `shutdown` turns true. Sockets are told to leave then; the listener
/// waits for them and for open requests.
async fn drain(app: App, mut shutdown: watch::Receiver<bool>, stop: watch::Sender<bool>) {
    let _ = shutdown.wait_for(|stopping| *stopping).await;
    manager::stopping();
    app.stopping.store(true, Ordering::Relaxed);
    tokio::time::sleep(app.settings.shutdown.delay).await;
    let _ = stop.send(true);
    app.hub.drain();
}

/// What goes on beside the requests, until `shutdown` turns true.
fn background(
    app: &App,
    options: &Options,
    directory: &Arc<DataDirectory>,
    shutdown: &watch::Receiver<bool>,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let backups = backup::Schedule::new(app, options, directory)?;
    let mut tasks = vec![
        tokio::spawn(worker::run(app.clone(), shutdown.clone())),
        tokio::spawn(keys::keep_fresh(app.clone(), directory.keys(), shutdown.clone())),
        tokio::spawn(node::follow(app.clone(), shutdown.clone())),
        tokio::spawn(check::schedule::keep(app.clone(), shutdown.clone())),
    ];
    tasks.extend(backups.map(|backups| tokio::spawn(backups.run(shutdown.clone()))));
    Ok(tasks)
}

/// The link that makes the first administrator. Who did not see the last one gets another with every start.
async fn setup_link(app: &App) -> Result<Option<String>, StartError> {
    let parts = app.clone();
    let token = app.write(move |tx| users::service::open_setup(tx, &parts)).await?;
    Ok(token.map(|token| format!("{}/setup/{token}", app.public_url)))
}
