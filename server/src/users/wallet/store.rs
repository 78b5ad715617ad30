//! The wallet's SQL: reading the ledger, and vouchers.

use campuszon_core::{
    CampusId, Timestamp, UserId,
    wire::wallet::{TokenEntry, Voucher},
};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// Entries of a user's ledger with their numbers, newest first; only those with numbers below `before`.
pub fn entries(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, TokenEntry)>, StoreError> {
    tx.query(
        "SELECT number, delta, reason, reference, balance, created_at FROM token_entries
         WHERE campus_id = ?1 AND user_id = ?2 AND number < ?3 ORDER BY number DESC LIMIT ?4",
        params![campus, user, before, limit],
        |row| {
            let entry = TokenEntry {
                delta: row.get(1)?,
                reason: row.get(2)?,
                reference: row.get(3)?,
                balance: row.get(4)?,
                created_at: row.get(5)?,
            };
            Ok((row.get(0)?, entry))
        },
    )
}

const VOUCHER: &str = "SELECT code, tokens, uses, used, expires_at, created_at FROM vouchers";

fn read_voucher(row: &Row<'_>) -> Result<Voucher, StoreError> {
    Ok(Voucher {
        code: row.get(0)?,
        tokens: row.get(1)?,
        uses: row.get(2)?,
        used: row.get(3)?,
        expires_at: row.get(4)?,
        created_at: row.get(5)?,
    })
}

/// Adds a voucher.
pub fn insert_voucher(tx: &mut Tx<'_>, campus: CampusId, voucher: &Voucher, by: UserId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO vouchers (campus_id, code, tokens, uses, used, expires_at, created_by, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            campus,
            voucher.code,
            voucher.tokens,
            voucher.uses,
            voucher.used,
            voucher.expires_at,
            by,
            voucher.created_at,
        ],
    )?;
    Ok(())
}

/// The voucher with this code.
pub fn voucher(tx: &mut Tx<'_>, campus: CampusId, code: &str) -> Result<Option<Voucher>, StoreError> {
    tx.first(&format!("{VOUCHER} WHERE campus_id = ?1 AND code = ?2"), params![campus, code], read_voucher)
}

/// Vouchers, newest first; with `before` only those after that one in the list.
pub fn vouchers(
    tx: &mut Tx<'_>,
    campus: CampusId,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Voucher>, StoreError> {
    let (created_at, code) = before;
    tx.query(
        &format!(
            "{VOUCHER} WHERE campus_id = ?1 AND (created_at < ?2 OR (created_at = ?2 AND code < ?3))
             ORDER BY created_at DESC, code DESC LIMIT ?4"
        ),
        params![campus, created_at, code, limit],
        read_voucher,
    )
}

/// Takes one use of a voucher; `false` when it has ended, is used up, or is none.
pub fn use_voucher(tx: &mut Tx<'_>, campus: CampusId, code: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE vouchers SET used = used + 1
         WHERE campus_id = ?1 AND code = ?2 AND used < uses AND (expires_at IS NULL OR expires_at > ?3)",
        params![campus, code, now],
    )?;
    Ok(changed == 1)
}

/// Ends a voucher; `false` when there is none.
pub fn delete_voucher(tx: &mut Tx<'_>, campus: CampusId, code: &str) -> Result<bool, StoreError> {
    let removed = tx.execute("DELETE FROM vouchers WHERE campus_id = ?1 AND code = ?2", params![campus, code])?;
    Ok(removed == 1)
}
