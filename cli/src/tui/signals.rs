//! The signals that an interface must not die of, or sleep through, without putting the terminal in order.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// To end, with this number.
    End(i32),
    /// To stop until continued.
    Suspend,
    /// To go on.
    Continue,
}

#[cfg(unix)]
mod system {
    use super::{Told, io};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The signals that are listened to.
    #[derive(Debug)]
    pub struct Signals {
        hangup: Signal,
        interrupt: Signal,
        terminate: Signal,
        stop: Signal,
        resume: Signal,
    }

    const STOP: i32 = rustix::process::Signal::TSTP.as_raw();
    const CONTINUE: i32 = rustix::process::Signal::CONT.as_raw();

    impl Signals {
        /// Listens from now on.
        ///
        /// # Errors
        /// When the system does not let it.
        pub fn listen() -> io::Result<Self> {
            Ok(Self {
                hangup: signal(SignalKind::hangup())?,
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                stop: signal(SignalKind::from_raw(STOP))?,
                resume: signal(SignalKind::from_raw(CONTINUE))?,
            })
        }

        /// The next one.
        pub async fn next(&mut self) -> Told {
            tokio::select! {
                _ = self.hangup.recv() => Told::End(SignalKind::hangup().as_raw_value()),
                _ = self.interrupt.recv() => Told::End(SignalKind::interrupt().as_raw_value()),
                _ = self.terminate.recv() => Told::End(SignalKind::terminate().as_raw_value()),
                _ = self.stop.recv() => Told::Suspend,
                _ = self.resume.recv() => Told::Continue,
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Told, io};

    /// Nothing to listen to here: the console keeps itself in order.
    #[derive(Debug)]
    pub struct Signals;

    impl Signals {
        /// Listens from now on.
        ///
        /// # Errors
        /// None.
        pub fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        /// The next one: none ever comes.
        pub async fn next(&mut self) -> Told {
            std::future::pending().await
        }
    }
}

pub use system::Signals;
