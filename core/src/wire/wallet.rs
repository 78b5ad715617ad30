//! The ledger of marketplace tokens, and vouchers.

use super::wire;
use crate::Timestamp;

crate::words! {
    /// Why a balance moved.
    TokenReason {
        /// A new user's first tokens.
        Signup = "signup",
        /// Lifted to the weekly minimum.
        TopUp = "top_up",
        /// An item was unlocked.
        Unlock = "unlock",
        /// An unlock came to nothing through no fault of the buyer.
        Refund = "refund",
        /// A deal was completed.
        DealReward = "deal_reward",
        /// A voucher was redeemed.
        Voucher = "voucher",
        /// Given by an administrator.
        Grant = "grant",
    }
}

wire! {
    /// One movement of a balance.
    pub struct TokenEntry {
        pub delta: i64,
        pub reason: TokenReason,
        /// What it was for: an unlock, a booking, a voucher's code, a week.
        pub reference: String,
        /// The balance after it.
        pub balance: i64,
        pub created_at: Timestamp,
    }

    /// `GET /api/tokens`, newest entry first.
    pub struct Wallet {
        pub balance: i64,
        pub entries: Vec<TokenEntry>,
        pub next_cursor: Option<String>,
    }

    /// `POST /api/tokens/redeem`
    pub struct Redeem {
        pub code: String,
    }

    /// The answer to a redeemed voucher.
    pub struct Redeemed {
        /// How many it brought.
        pub added: i64,
        /// The new balance.
        pub tokens: i64,
    }

    /// A voucher, for administrators.
    pub struct Voucher {
        pub code: String,
        /// How many each redemption brings.
        pub tokens: i64,
        /// How many users may redeem it.
        pub uses: i64,
        /// How many did.
        pub used: i64,
        pub expires_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// `POST /api/admin/vouchers`
    pub struct CreateVoucher {
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000))]
        pub tokens: i64,
        /// 1 when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000000))]
        pub uses: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3650))]
        pub expires_in_days: Option<i64>,
    }

    /// `GET /api/admin/vouchers`
    pub struct Vouchers {
        pub vouchers: Vec<Voucher>,
        pub next_cursor: Option<String>,
    }
}
