//! What waits goes in order, once, and is never lost.

use std::{cell::RefCell, fs, time::Duration};

use campuszon_core::{
    ChatId, Id, MessageId, Timestamp, UserId,
    wire::{
        chat::{Message, MessageKind, SendMessage},
        problem::Problem,
    },
};
use tempfile::TempDir;

use super::{Outbox, StoreError, Waiting};
use crate::client::{ClientError, Refusal};

fn outbox_in(directory: &TempDir) -> Outbox {
    Outbox::new(directory.path(), "http://127.0.0.1:8080", UserId::from_bits(1))
}

async fn put(outbox: &Outbox, names: &[&str]) {
    for name in names {
        let message = SendMessage::text((*name).to_owned(), format!("says {name}"));
        outbox.put(ChatId::from_bits(1), &message).await.expect("put");
    }
}

fn names(outbox: &Outbox) -> Vec<String> {
    outbox.waiting().expect("read").into_iter().map(|waiting| waiting.message.client_id).collect()
}

fn acknowledged(waiting: &Waiting) -> Message {
    Message {
        id: MessageId::from_bits(1),
        chat_id: waiting.chat_id,
        seq: 1,
        client_id: Some(waiting.message.client_id.clone()),
        sender_id: Some(UserId::from_bits(1)),
        kind: MessageKind::Text,
        body: waiting.message.body.clone().unwrap_or_default(),
        image: None,
        booking: None,
        created_at: Timestamp::from_millis(0),
        edited_at: None,
        deleted_at: None,
    }
}

fn unreachable() -> ClientError {
    ClientError::Network { server: "http://127.0.0.1:8080".into(), reason: "connection refused".into() }
}

fn refused(status: u16, code: &str) -> ClientError {
    let problem = Problem {
        kind: "about:blank".into(),
        title: String::new(),
        status,
        detail: "no".into(),
        instance: String::new(),
        code: code.into(),
        request_id: String::new(),
        errors: Vec::new(),
    };
    ClientError::Refused(Box::new(Refusal { problem, retry_after: None }))
}

#[tokio::test]
async fn messages_go_in_order_and_leave_when_acknowledged() {
    let directory = tempfile::tempdir().expect("a directory");
    let outbox = outbox_in(&directory);
    put(&outbox, &["a", "b", "c", "b"]).await;
    assert_eq!(names(&outbox), ["a", "b", "c"]);
    let asked = RefCell::new(Vec::new());
    let delivery = outbox.deliver(async |waiting| {
        asked.borrow_mut().push(waiting.message.client_id.clone());
        if waiting.message.client_id == "b" { Err(unreachable()) } else { Ok(acknowledged(waiting)) }
    });
    let delivery = delivery.await.expect("delivered");
    assert_eq!((delivery.sent.len(), delivery.stopped.is_some()), (1, true));
    assert_eq!(names(&outbox), ["b", "c"]);
    let rest = outbox.deliver(async |waiting| {
        asked.borrow_mut().push(waiting.message.client_id.clone());
        Ok(acknowledged(waiting))
    });
    assert_eq!(rest.await.expect("delivered").sent.len(), 2);
    assert_eq!(*asked.borrow(), ["a", "b", "b", "c"]);
    assert!(!outbox.path.exists(), "nothing is left behind");
}

#[tokio::test]
async fn an_end_between_sending_and_acknowledgement_sends_again_under_the_same_id() {
    let directory = tempfile::tempdir().expect("a directory");
    let outbox = outbox_in(&directory);
    put(&outbox, &["a", "b"]).await;
    // The server has it, but this program ends before it hears so.
    let lost = outbox.deliver(async |_| std::future::pending().await);
    assert!(tokio::time::timeout(Duration::from_millis(80), lost).await.is_err());
    let again = outbox_in(&directory);
    let bodies = RefCell::new(Vec::new());
    let delivery = again.deliver(async |waiting| {
        bodies.borrow_mut().push((waiting.message.client_id.clone(), waiting.message.body.clone()));
        Ok(acknowledged(waiting))
    });
    assert_eq!(delivery.await.expect("delivered").sent.len(), 2);
    let expected = ["a", "b"].map(|name| (name.to_owned(), Some(format!("says {name}"))));
    assert_eq!(*bodies.borrow(), expected);
}

#[tokio::test]
async fn what_is_refused_leaves_and_what_may_pass_later_stays() {
    let directory = tempfile::tempdir().expect("a directory");
    let outbox = outbox_in(&directory);
    put(&outbox, &["a", "b"]).await;
    for passing in
        [(401, "token_expired"), (408, "timeout"), (429, "rate_limited"), (503, "unavailable"), (403, "unexplained")]
    {
        let delivery = outbox.deliver(async |_| Err(refused(passing.0, passing.1))).await.expect("delivered");
        assert!(delivery.refused.is_empty() && delivery.stopped.is_some(), "{passing:?}");
        assert_eq!(names(&outbox), ["a", "b"]);
    }
    let delivery = outbox.deliver(async |_| {
        let mut later = refused(409, "conflict");
        if let ClientError::Refused(refusal) = &mut later {
            refusal.retry_after = Some(Duration::from_secs(60));
        }
        Err(later)
    });
    assert!(delivery.await.expect("delivered").stopped.is_some());
    let delivery = outbox.deliver(async |waiting| {
        if waiting.message.client_id == "a" { Err(refused(404, "not_found")) } else { Ok(acknowledged(waiting)) }
    });
    let delivery = delivery.await.expect("delivered");
    let (gone, why) = delivery.refused.first().expect("one");
    assert_eq!((gone.message.client_id.as_str(), why.status()), ("a", Some(404)));
    assert_eq!((delivery.sent.len(), names(&outbox).len()), (1, 0));
}

#[tokio::test]
async fn two_at_a_time_send_nothing_twice() {
    let directory = tempfile::tempdir().expect("a directory");
    let (one, other) = (outbox_in(&directory), outbox_in(&directory));
    put(&one, &["a", "b", "c"]).await;
    let asked = RefCell::new(Vec::new());
    let send = async |waiting: &Waiting| {
        asked.borrow_mut().push(waiting.message.client_id.clone());
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok(acknowledged(waiting))
    };
    let (first, second) = tokio::join!(one.deliver(send), other.deliver(send));
    assert_eq!(first.expect("delivered").sent.len() + second.expect("delivered").sent.len(), 3);
    assert_eq!(*asked.borrow(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_whole() {
    let directory = tempfile::tempdir().expect("a directory");
    let outbox = outbox_in(&directory);
    put(&outbox, &["a"]).await;
    assert_eq!(outbox.set_damaged_aside().await.expect("looked"), None);
    fs::write(&outbox.path, "[{\"chat_id\":\"cht_").expect("written");
    assert!(matches!(outbox.waiting(), Err(StoreError::Damaged(_))));
    let aside = outbox.set_damaged_aside().await.expect("moved").expect("a place");
    assert_eq!(fs::read_to_string(aside).expect("read"), "[{\"chat_id\":\"cht_");
    put(&outbox, &["b"]).await;
    assert_eq!(names(&outbox), ["b"]);
}

#[cfg(unix)]
#[tokio::test]
async fn every_account_has_its_own_file_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().expect("a directory");
    let (mine, other) =
        (outbox_in(&directory), Outbox::new(directory.path(), "http://127.0.0.1:8080", UserId::from_bits(2)));
    put(&mine, &["a"]).await;
    assert_eq!(names(&other), [""; 0]);
    let mode = |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&mine.path), 0o600);
    assert_eq!(mode(mine.path.parent().expect("a folder")), 0o700);
}
