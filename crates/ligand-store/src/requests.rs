//! Requests that are kept until a job executes them, and answers that are kept until somebody has been told of them.
//! Both are sealed; they go with their job.

use ligand_domain::NewJob;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    Error, Store,
    row::Columns,
    seal::Cell,
    store::{Change, next_id},
};

#[cfg(test)]
mod tests;

/// A kept request. It holds customers' data, so it has no `Debug`.
pub struct KeptRequest {
    /// Its number.
    pub id: i64,
    /// What was kept.
    pub request: Zeroizing<String>,
    /// The number of the notification and the answer, once there is one.
    pub answer: Option<(i64, Zeroizing<String>)>,
}

impl Store {
    /// Keeps a request, and enqueues the job that is to execute it, whose payload, an object, is given the request's
    /// number as its member `request`. Gives the number and the job's id.
    ///
    /// # Errors
    /// [`Error::NulCharacter`]; [`Error::Conflict`] when the job's key is remembered; when the database fails.
    pub async fn keep_request(&self, mut job: NewJob, request: &str) -> Result<(i64, String), Error> {
        let mut change = self.begin().await?;
        let (id, key) = self.next_id_and_sealing_key(&mut change, "kept_request").await?;
        job.payload["request"] = Value::from(id);
        let job_id = self.enqueue(&mut change, &job).await?.ok_or(Error::Conflict)?;
        sqlx::query("INSERT INTO kept_requests (id, job_id, request) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(&job_id)
            .bind(self.vault().seal(&key, cell(id, "request"), request)?)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok((id, job_id))
    }

    /// A kept request by its number.
    ///
    /// # Errors
    /// When the database fails or the request cannot be opened.
    pub async fn find_kept_request(&self, id: i64) -> Result<Option<KeptRequest>, Error> {
        let query = sqlx::query("SELECT request, notification_id, answer FROM kept_requests WHERE id = $1").bind(id);
        let Some(row) = query.fetch_optional(self.reader()).await? else { return Ok(None) };
        let answer = match (row.optional_number("notification_id")?, row.optional_text("answer")?) {
            (Some(number), Some(sealed)) => Some((number, self.vault().open(cell(id, "answer"), &sealed)?)),
            _ => None,
        };
        Ok(Some(KeptRequest { id, request: self.vault().open(cell(id, "request"), &row.text("request")?)?, answer }))
    }

    /// Keeps the answer to a request until somebody has been told of it, and gives the notification's number. An answer
    /// that is kept already stays: then nothing is done, and there is no number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_answer(&self, id: i64, answer: &str) -> Result<Option<i64>, Error> {
        let mut change: Change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        let number = next_id(&mut change, "kept_request").await?;
        let kept =
            sqlx::query("UPDATE kept_requests SET answer = $2, notification_id = $3 WHERE id = $1 AND answer IS NULL")
                .bind(id)
                .bind(self.vault().seal(&key, cell(id, "answer"), answer)?)
                .bind(number)
                .execute(&mut *change)
                .await?;
        if kept.rows_affected() == 0 {
            change.rollback().await?;
            return Ok(None);
        }
        change.commit().await?;
        Ok(Some(number))
    }
}

fn cell(row: i64, column: &'static str) -> Cell {
    Cell { table: "kept_requests", column, row }
}
