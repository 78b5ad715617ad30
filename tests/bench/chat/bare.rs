//! The reference for durable sends: one thread that does nothing but write the rows of a message, and commits those that
//! wait together, as plainly as it can be done. The same tables and indexes; no reading, no rules, no sockets.

use std::{path::Path, sync::mpsc, time::Instant};

use campuszon_core::{ChatId, Id, MessageId, UserId};
use futures_util::future::join_all;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{BODY, SENDERS, SPAN};

/// One message to write.
struct Send {
    chat: ChatId,
    members: [UserId; 2],
    number: u64,
    done: oneshot::Sender<()>,
}

/// How many messages it wrote within the span, from as many submitters as there are senders, into a copy of `database`.
pub async fn messages(database: &Path, chats: &[ChatId], buyers: &[UserId], seller: UserId) -> usize {
    let copy = database.with_extension("bare");
    Connection::open(database)
        .and_then(|original| original.execute("VACUUM INTO ?1", [copy.to_str()]))
        .expect("a copy of the database");
    let (sender, queue) = mpsc::channel::<Send>();
    let writer = std::thread::spawn(move || write(&Connection::open(copy).expect("a database"), &queue));
    let before = Instant::now();
    let submitters = (0..SENDERS).map(|number| {
        let (sender, chat, members) = (sender.clone(), chats[number], [buyers[number], seller]);
        tokio::spawn(async move {
            let mut written = 0_u64;
            while before.elapsed() < SPAN {
                let (done, committed) = oneshot::channel();
                sender.send(Send { chat, members, number: written, done }).expect("a writer");
                committed.await.expect("a commit");
                written += 1;
            }
            usize::try_from(written).expect("few")
        })
    });
    let written = join_all(submitters).await.into_iter().map(|written| written.expect("no panic")).sum();
    drop(sender);
    writer.join().expect("no panic");
    written
}

fn write(connection: &Connection, queue: &mpsc::Receiver<Send>) {
    connection.pragma_update(None, "journal_mode", "wal").expect("WAL");
    connection.pragma_update(None, "synchronous", "full").expect("FULL");
    connection.pragma_update(None, "foreign_keys", true).expect("foreign keys");
    while let Ok(first) = queue.recv() {
        let waiting: Vec<Send> = std::iter::once(first).chain(queue.try_iter().take(127)).collect();
        connection.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for send in &waiting {
            rows(connection, send).expect("the rows of a message");
        }
        connection.execute_batch("COMMIT").expect("a commit");
        for send in waiting {
            let _ = send.done.send(());
        }
    }
}

fn rows(connection: &Connection, send: &Send) -> rusqlite::Result<()> {
    let (chat, client_id) = (send.chat.to_string(), format!("b{}", send.number));
    let at = i64::try_from(send.number).unwrap_or(i64::MAX);
    let (campus, seq): (String, i64) = connection
        .prepare_cached("UPDATE chats SET last_seq = last_seq + 1, updated_at = ?2 WHERE id = ?1 AND campus_id = (SELECT id FROM campuses) RETURNING campus_id, last_seq")?
        .query_row(params![chat, at], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let [sender, reader] = send.members.map(|member| member.to_string());
    connection
        .prepare_cached(
            "INSERT INTO messages (campus_id, chat_id, seq, id, client_id, sender_id, kind, body, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'text', ?7, ?8)",
        )?
        .execute(params![
            campus,
            chat,
            seq,
            MessageId::from_bits(seq.unsigned_abs().into()).to_string(),
            client_id,
            sender,
            BODY,
            at
        ])?;
    for member in [&sender, &reader] {
        connection
            .prepare_cached(
                "UPDATE chat_members SET read_seq = ?4, updated_at = ?5 WHERE campus_id = ?1 AND chat_id = ?2 AND user_id = ?3",
            )?
            .execute(params![campus, chat, member, seq, at])?;
        let since: i64 = connection
            .prepare_cached(
                "INSERT INTO inbox_heads (campus_id, user_id, head) VALUES (?1, ?2, 1)
                 ON CONFLICT (campus_id, user_id) DO UPDATE SET head = inbox_heads.head + 1 RETURNING head",
            )?
            .query_row(params![campus, member], |row| row.get(0))?;
        let frame = format!(
            r#"{{"chat_id":"{chat}","sender_id":"{sender}","client_id":"{client_id}","seq":{seq},"body":"{BODY}","created_at":"2026-01-01T00:00:00.000Z","type":"message","kind":"text","id":"msg_01hzy3v5k8q2w4e6r8t0y2v4m6","image":null,"booking":null,"since":{since}}}"#
        );
        connection
            .prepare_cached(
                "INSERT INTO inbox (campus_id, user_id, since, frame, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![campus, member, since, frame, at])?;
    }
    Ok(())
}
