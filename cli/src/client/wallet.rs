//! Marketplace tokens, and the vouchers that bring some.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use campuszon_core::{
    voucher::VoucherCode,
    wire::wallet::{CreateVoucher, Redeem, Redeemed, Voucher, Vouchers, Wallet},
};

use super::{Client, ClientError, PageRequest, call::Call};

impl Client {
    /// The balance, and a page of how it came about, newest first.
    pub async fn wallet(&self, page: PageRequest) -> Result<Wallet, ClientError> {
        self.ask(&Call::get("/api/tokens").query(page.pairs())).await
    }

    /// Redeems a voucher.
    pub async fn redeem(&self, code: &str, key: Option<&str>) -> Result<Redeemed, ClientError> {
        let body = Redeem { code: code.to_owned() };
        self.ask(&Call::post("/api/tokens/redeem").json(&body)?.keyed(key)).await
    }

    /// A page of the campus's vouchers, newest first. For administrators.
    pub async fn vouchers(&self, page: PageRequest) -> Result<Vouchers, ClientError> {
        self.ask(&Call::get("/api/admin/vouchers").query(page.pairs())).await
    }

    /// Makes a voucher. For administrators.
    pub async fn create_voucher(&self, voucher: &CreateVoucher, key: Option<&str>) -> Result<Voucher, ClientError> {
        self.ask(&Call::post("/api/admin/vouchers").json(voucher)?.keyed(key)).await
    }

    /// Ends a voucher. For administrators.
    pub async fn delete_voucher(&self, code: &VoucherCode) -> Result<(), ClientError> {
        self.tell(&Call::delete(format!("/api/admin/vouchers/{code}"))).await
    }
}
