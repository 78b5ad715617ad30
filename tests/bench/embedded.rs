//! A server in this process, on fresh data, as every benchmark of it begins.

use std::{path::Path, sync::Arc};

use campuszon_server::{
    App,
    platform::{directory::DataDirectory, entropy::Clock},
    serve::{self, Network, Options},
    settings::Settings,
};

/// The server, and the hold on its data.
pub struct Server {
    pub app: App,
    _data: DataDirectory,
}

/// Opens a server below `folder` with these settings, on SQLite unless `database` names another one.
pub async fn open(folder: &Path, settings: &str, database: Option<String>, clock: Arc<dyn Clock>) -> Server {
    let data = DataDirectory::open(folder.join("data")).expect("a data directory");
    let settings = Settings::load(Some(("bench", settings)), []).expect("settings");
    let options = Options {
        data: data.path().to_owned(),
        network: Network::default(),
        database,
        mail: "console:".to_owned(),
        blobs: None,
        public_url: None,
        config: None,
    };
    let url = "http://127.0.0.1".to_owned();
    let app = serve::open(&options, settings, &data, url, clock).await.expect("a server");
    Server { app, _data: data }
}
