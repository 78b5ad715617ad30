//! The image service: uploads, their durable queue, the three variants, and serving them for good.
//!
//! A picture's row is written with its job and after its original file, so that what was answered survives a power cut.
//! Equal uploads of one campus have one key and share their files. The original stays only while a pending picture needs
//! it; the variants stay until the last row with their key is gone; `clearing` removes both.

pub mod api;
pub mod body;
pub mod clearing;
pub mod files;
pub mod service;
mod shown;
pub mod store;
mod task;
pub mod worker;

pub use files::address;
pub use shown::shown;
