//! Password hashing with Argon2id on bounded threads that step back for all others, so that a flood of sign-ins slows
//! nothing but sign-ins.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::{
    Error,
    platform::background::{self, Priority},
};

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many callers may wait for a thread. With 20 ms each this is a wait of about three seconds on two cores.
const WAITING: usize = 128;

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    /// How many are hashed at the same time.
    at_once: usize,
    threads: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Passwords {
    /// Hashing on half of the `cores` at most, and on one at least: with a smaller share on
    /// all of them, lists took five times as long at the 99th percentile.
    pub fn new(cores: usize) -> Self {
        let at_once = (cores / 2).max(1);
        Self { at_once, threads: Arc::new(Semaphore::new(at_once)), waiting: Arc::default() }
    }

    /// The hash to store for `password`, salted with `salt`.
    ///
    /// # Errors
    /// Too many callers wait already.
    pub async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String, Error> {
        self.run(move || {
            let hash: PasswordHash = argon2()?
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map_err(|error| Error::Internal(error.to_string()))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one behind `hash`. Without a hash, or with an empty one (an account that has no
    /// password yet), it takes as long and answers `false`, so that the time does not tell whether an account exists.
    ///
    /// # Errors
    /// Too many callers wait already.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.run(move || {
            let Some(hash) = hash.filter(|hash| !hash.is_empty()) else {
                let _: Result<PasswordHash, _> = argon2()?.hash_password_with_salt(password.as_bytes(), &[0; 16]);
                return Ok(false);
            };
            let parsed = PasswordHash::new(&hash).map_err(|error| Error::Internal(error.to_string()))?;
            Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok())
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = Place::take(&self.waiting)?;
        let permit = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| busy())?;
        // Somebody alone is not kept waiting; a crowd is.
        let is_crowd = self.waiting.load(Ordering::Relaxed) > self.at_once;
        let priority = if is_crowd { Priority::Idle } else { Priority::Low };
        let working = background::run(priority, move || {
            let _permit = permit;
            work()
        });
        working.await.map_err(|error| Error::Internal(error.to_string()))?
    }
}

/// A place in the queue, given back when its caller leaves, by whatever way.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Result<Self, Error> {
        if waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(busy());
        }
        Ok(Self(Arc::clone(waiting)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn busy() -> Error {
    Error::Unavailable("too many people sign in right now: try again in a few seconds".to_owned())
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
