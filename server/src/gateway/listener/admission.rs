//! Who gets in: the caps on connections in all, of one address, and of those that have not asked for anything yet.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use super::{Caps, proxies::Peer};

/// The counters of one server.
pub(super) struct Admission {
    connections: u32,
    free: Arc<Semaphore>,
    per_address: u32,
    by_address: Mutex<HashMap<IpAddr, u32>>,
    half_open: usize,
    opening: Mutex<Queue>,
}

/// Half-open connections by the number of their arrival. Dropping a sender evicts its connection.
#[derive(Default)]
struct Queue {
    next: u64,
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
}

/// A connection's place; dropping it makes room for another.
pub(super) struct Slot {
    admission: Arc<Admission>,
    /// `None` for an address that is exempt.
    counted: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

/// A half-open connection's place; to be dropped when its first request is there.
pub(super) struct Opening {
    admission: Arc<Admission>,
    number: u64,
    evicted: oneshot::Receiver<()>,
}

impl Admission {
    pub(super) fn new(caps: &Caps) -> Self {
        Self {
            connections: caps.connections,
            free: Arc::new(Semaphore::new(usize::try_from(caps.connections).unwrap_or(Semaphore::MAX_PERMITS))),
            per_address: caps.per_address,
            by_address: Mutex::default(),
            half_open: usize::try_from(caps.half_open).unwrap_or(usize::MAX).max(1),
            opening: Mutex::default(),
        }
    }

    /// Places for a connection from `peer`, or `None` when it must be turned away. Where too many are half open, the
    /// one that has taken longest gives way: a client that means it sends its header within moments, so slow ones
    /// cannot keep others out.
    pub(super) fn admit(self: &Arc<Self>, peer: &Peer) -> Option<(Slot, Opening)> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let counted = Some(peer.address).filter(|_| !peer.is_exempt());
        if counted.is_some_and(|peer| !self.count(peer)) {
            return None;
        }
        let slot = Slot { admission: Arc::clone(self), counted, _permit: permit };
        Some((slot, self.open()))
    }

    /// Waits until the last slot is dropped, for `grace` at most; answers how many are left.
    pub(super) async fn wait_until_empty(&self, grace: Duration) -> usize {
        match timeout(grace, self.free.acquire_many(self.connections)).await {
            Ok(_) => 0,
            Err(_) => {
                usize::try_from(self.connections).unwrap_or_default().saturating_sub(self.free.available_permits())
            }
        }
    }

    /// Counts a connection of `peer`, unless there are too many already.
    fn count(&self, peer: IpAddr) -> bool {
        let mut by_address = lock(&self.by_address);
        let count = by_address.entry(peer).or_default();
        let fits = *count < self.per_address;
        *count += u32::from(fits);
        fits
    }

    fn discount(&self, peer: IpAddr) {
        let mut by_address = lock(&self.by_address);
        let Some(count) = by_address.get_mut(&peer) else { return };
        *count -= 1;
        if *count == 0 {
            by_address.remove(&peer);
        }
    }

    fn open(self: &Arc<Self>) -> Opening {
        let (sender, evicted) = oneshot::channel();
        let mut queue = lock(&self.opening);
        if queue.waiting.len() >= self.half_open {
            queue.waiting.pop_first();
        }
        let number = queue.next;
        queue.next += 1;
        queue.waiting.insert(number, sender);
        Opening { admission: Arc::clone(self), number, evicted }
    }
}

impl Opening {
    /// Returns when this connection has to give way.
    pub(super) async fn evicted(&mut self) {
        let _ = (&mut self.evicted).await;
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        lock(&self.admission.opening).waiting.remove(&self.number);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(peer) = self.counted {
            self.admission.discount(peer);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{super::TrustedProxies, *};

    fn admission(connections: u32, half_open: u32, per_address: u32) -> Arc<Admission> {
        let caps = Caps { connections, half_open, per_address, header_timeout: Duration::from_secs(1) };
        Arc::new(Admission::new(&caps))
    }

    fn peer(last: u8) -> Peer {
        Peer::new([10, 0, 0, last].into(), &Arc::default())
    }

    #[test]
    fn an_address_gets_its_share_and_gets_it_back() {
        let admission = admission(10, 10, 2);
        let first = admission.admit(&peer(1)).unwrap();
        let _second = admission.admit(&peer(1)).unwrap();
        assert!(admission.admit(&peer(1)).is_none());
        assert!(admission.admit(&peer(2)).is_some());
        drop(first);
        assert!(admission.admit(&peer(1)).is_some());
    }

    #[test]
    fn loopback_and_proxies_are_exempt_from_the_share_but_not_from_the_total() {
        let trusted = Arc::new(TrustedProxies::parse(&["10.0.0.7".to_owned()]).unwrap());
        for address in [[127, 0, 0, 1], [10, 0, 0, 7]] {
            let admission = admission(3, 10, 1);
            let enter = || admission.admit(&Peer::new(address.into(), &trusted));
            let _held = [enter().unwrap(), enter().unwrap(), enter().unwrap()];
            assert!(enter().is_none());
        }
    }

    #[test]
    fn refused_connections_leave_nothing_counted() {
        let admission = admission(2, 10, 1);
        let held = admission.admit(&peer(1));
        assert!(admission.admit(&peer(1)).is_none());
        assert!(admission.admit(&peer(2)).is_some());
        drop(held);
        assert_eq!(admission.free.available_permits(), 2);
        assert!(lock(&admission.by_address).is_empty() && lock(&admission.opening).waiting.is_empty());
    }

    #[tokio::test]
    async fn the_slowest_half_open_connection_gives_way() {
        let admission = admission(10, 2, 10);
        let mut held: Vec<_> = (0..3).filter_map(|_| admission.admit(&peer(1))).collect();
        held[0].1.evicted().await;
        assert!(timeout(Duration::from_millis(10), held[1].1.evicted()).await.is_err());
    }

    #[tokio::test]
    async fn tells_how_many_did_not_leave() {
        let admission = admission(10, 10, 10);
        let held = admission.admit(&peer(1));
        assert_eq!(admission.wait_until_empty(Duration::from_millis(10)).await, 1);
        drop(held);
        assert_eq!(admission.wait_until_empty(Duration::from_secs(10)).await, 0);
    }
}
