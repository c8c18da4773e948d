//! Whose turn it is to renew the tokens of an instance, over all processes.

#[cfg(test)]
mod tests;

use ligand_domain::{Id, Instance};

use crate::{Error, Store, row::Columns};

/// Who renews the tokens of an instance, and how often it has given a sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewer {
    /// Its name, unique over all processes and their lives.
    pub holder: String,
    /// Its signs of life.
    pub beats: i64,
}

impl Store {
    /// Takes the turn if nobody has it, or from the one that was seen and has not moved since. `None` when the turn was
    /// taken; else who has it.
    ///
    /// # Errors
    /// When there is no such instance, or the database fails.
    pub async fn take_renewal(
        &self,
        instance: Id<Instance>,
        holder: &str,
        vanished: Option<&Renewer>,
    ) -> Result<Option<Renewer>, Error> {
        let query = match vanished {
            None => sqlx::query(
                "INSERT INTO token_renewals (instance_id, holder, beats) VALUES ($1, $2, 0)
                 ON CONFLICT (instance_id) DO NOTHING",
            )
            .bind(instance.get())
            .bind(holder.to_owned()),
            Some(seen) => sqlx::query(
                "UPDATE token_renewals SET holder = $2, beats = 0
                 WHERE instance_id = $1 AND holder = $3 AND beats = $4",
            )
            .bind(instance.get())
            .bind(holder.to_owned())
            .bind(seen.holder.clone())
            .bind(seen.beats),
        };
        if query.execute(self.writer()).await?.rows_affected() > 0 {
            return Ok(None);
        }
        self.renewer(instance).await.map(|found| Some(found.unwrap_or(Renewer { holder: String::new(), beats: 0 })))
    }

    /// Who renews the tokens of an instance now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renewer(&self, instance: Id<Instance>) -> Result<Option<Renewer>, Error> {
        let row = sqlx::query("SELECT holder, beats FROM token_renewals WHERE instance_id = $1")
            .bind(instance.get())
            .fetch_optional(self.reader())
            .await?;
        let read = |row: &sqlx::any::AnyRow| Ok(Renewer { holder: row.text("holder")?, beats: row.number("beats")? });
        row.as_ref().map(read).transpose()
    }

    /// Gives a sign of life. False when another has taken the turn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beat_renewal(&self, instance: Id<Instance>, holder: &str) -> Result<bool, Error> {
        let query = sqlx::query("UPDATE token_renewals SET beats = beats + 1 WHERE instance_id = $1 AND holder = $2");
        let query = query.bind(instance.get()).bind(holder.to_owned());
        Ok(query.execute(self.writer()).await?.rows_affected() > 0)
    }

    /// Gives the turn back, if it is still this holder's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_renewal(&self, instance: Id<Instance>, holder: &str) -> Result<(), Error> {
        let query = sqlx::query("DELETE FROM token_renewals WHERE instance_id = $1 AND holder = $2");
        query.bind(instance.get()).bind(holder.to_owned()).execute(self.writer()).await?;
        Ok(())
    }
}
