//! What every service stands on: database, blobs, mail, background jobs, limits, clock and randomness.

pub mod background;
pub mod blobs;
pub mod bus;
pub mod database;
pub mod directory;
pub mod entropy;
pub mod inbox;
pub mod jobs;
pub mod limiter;
pub mod mac;
pub mod mail;
pub mod maintenance;
pub mod metrics;
pub mod replies;
pub mod rhythm;
pub mod template;
pub mod traces;
pub mod turns;
