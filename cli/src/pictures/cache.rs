//! Pictures fetched lately, on disk, so that the next run shows them without asking again. What lies at an address never
//! changes, and so what is here is never old.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use url::Url;

use crate::files::{self, Access};

/// How many bytes are kept: thousands of thumbnails, of about ten kilobytes each.
const BOUND: u64 = 64 << 20;

/// The pictures of one directory. All that fails here is done without: they can be fetched.
#[derive(Clone, Debug)]
pub struct PictureCache {
    directory: PathBuf,
    bound: u64,
    /// Bytes added since the directory was last looked through, by this program.
    added: Arc<AtomicU64>,
}

impl PictureCache {
    /// The cache below `directory`, none of which needs to exist.
    pub fn below(directory: &Path) -> Self {
        Self::bounded(directory.join("pictures"), BOUND)
    }

    fn bounded(directory: PathBuf, bound: u64) -> Self {
        // The first picture kept looks through what other runs have left.
        Self { directory, bound, added: Arc::new(AtomicU64::new(bound)) }
    }

    /// The picture at an address, if it is here; blocks.
    pub fn get(&self, url: &str) -> Option<Vec<u8>> {
        let path = self.path(url)?;
        let bytes = fs::read(&path).ok()?;
        // What is used is kept longest.
        let _ = File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
        Some(bytes)
    }

    /// Keeps a picture, and drops those unused for longest beyond the bound; blocks.
    pub fn keep(&self, url: &str, bytes: &[u8]) {
        let Some(path) = self.path(url) else { return };
        if files::replace(&path, bytes, Access::Private).is_err() {
            return;
        }
        let length = bytes.len() as u64;
        if self.added.fetch_add(length, Ordering::Relaxed) + length > self.bound / 8 {
            self.added.store(0, Ordering::Relaxed);
            let _ = self.prune();
        }
    }

    /// Where a variant of a picture is kept, by server, picture and size; `None` for what is no such address.
    fn path(&self, url: &str) -> Option<PathBuf> {
        let url = Url::parse(url).ok()?;
        let mut segments = url.path_segments()?.rev();
        let (variant, key) = (segments.next()?, segments.next()?);
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_plain(key) || key.len() > 128 || !variant.strip_suffix(".webp").is_some_and(is_plain) {
            return None;
        }
        let server = files::plain_name(&url.origin().ascii_serialization());
        Some(self.directory.join(format!("{server}-{key}-{variant}")))
    }

    /// Drops the pictures unused for longest until three quarters of the bound are left.
    fn prune(&self) -> io::Result<()> {
        let mut kept: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.directory)?.flatten() {
            if let Ok(about) = entry.metadata() {
                kept.push((about.modified()?, about.len(), entry.path()));
            }
        }
        let mut total: u64 = kept.iter().map(|(_, length, _)| length).sum();
        if total <= self.bound {
            return Ok(());
        }
        kept.sort();
        for (_, length, path) in kept {
            if total <= self.bound / 4 * 3 {
                break;
            }
            fs::remove_file(path)?;
            total -= length;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(key: &str) -> String {
        format!("https://market.example/images/{}/thumbnail.webp", key.repeat(64))
    }

    #[test]
    fn pictures_are_kept_by_server_and_address() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = PictureCache::below(folder.path());
        cache.keep(&address("a"), b"lamp");
        assert_eq!(PictureCache::below(folder.path()).get(&address("a")).as_deref(), Some(&b"lamp"[..]));
        for other in [address("b"), address("a").replace("market", "other"), address("a").replace("thumbnail", "large")]
        {
            assert_eq!(cache.get(&other), None, "{other}");
        }
    }

    #[test]
    fn no_address_leads_elsewhere() {
        let cache = PictureCache::below(Path::new("/cache"));
        let bad = [
            "https://market.example/images/../../etc/passwd",
            "https://market.example/images/%2e%2e%2fx/thumbnail.webp",
            "https://market.example/thumbnail.webp",
            "https://market.example/images/a/.webp",
            "https://market.example/images/a/thumbnail.webp/",
            "no address",
        ];
        for url in bad {
            assert_eq!(cache.path(url), None, "{url}");
        }
    }

    #[test]
    fn what_was_unused_for_longest_goes_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = PictureCache::bounded(folder.path().to_owned(), 4_000);
        let ages = [("a", 40), ("b", 30), ("c", 20), ("d", 10)];
        for (key, minutes) in ages {
            cache.keep(&address(key), &[0; 1_000]);
            let file = File::options().append(true).open(cache.path(&address(key)).expect("a path")).expect("a file");
            file.set_modified(SystemTime::now() - Duration::from_secs(minutes * 60)).expect("a time");
        }
        assert!(cache.get(&address("a")).is_some());
        cache.keep(&address("e"), &[0; 1_000]);
        let kept: Vec<&str> = ["a", "b", "c", "d", "e"]
            .into_iter()
            .filter(|key| cache.path(&address(key)).is_some_and(|path| path.exists()))
            .collect();
        assert_eq!(kept, ["a", "d", "e"]);
    }
}
