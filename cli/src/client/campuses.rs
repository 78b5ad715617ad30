//! The campuses of a server, for administrators.

use campuszon_core::{
    CampusId,
    wire::campus::{Campus, Campuses, CreateCampus, EditCampus},
};

use super::{Client, ClientError, PageRequest, call::Call};

impl Client {
    /// The campuses, newest first.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 403 for all but administrators.
    pub async fn campuses(&self, page: PageRequest) -> Result<Campuses, ClientError> {
        self.ask(&Call::get("/api/admin/campuses").query(page.pairs())).await
    }

    /// Makes a campus.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 409 for a name or a domain that is taken.
    pub async fn create_campus(&self, campus: &CreateCampus, key: Option<&str>) -> Result<Campus, ClientError> {
        self.ask(&Call::post("/api/admin/campuses").json(campus)?.keyed(key)).await
    }

    /// Changes a campus.
    ///
    /// # Errors
    /// As for [`Client::create_campus`].
    pub async fn edit_campus(&self, id: CampusId, change: &EditCampus) -> Result<Campus, ClientError> {
        self.ask(&Call::patch(format!("/api/admin/campuses/{id}")).json(change)?).await
    }
}
