//! Element instances. Configuration and token are sealed; the token is found by its hash. Lists are in `list`.

use ligand_domain::{
    Configuration, Element, Id, Instance, Organization, Secret, Timestamp, User,
    instance::{ExternalAuthentication, Settings},
};
use sqlx::{AssertSqlSafe, any::AnyRow};
use zeroize::Zeroizing;

use crate::{
    Error, Store, Watch,
    row::{Columns, storable},
    seal::{Cell, Lookup},
    store::Change,
};

mod list;
#[cfg(test)]
mod tests;

pub use list::{InstanceFilter, InstanceOwner, InstancePage};

/// How many tags one statement stores.
const TAGS_PER_STATEMENT: usize = 200;

macro_rules! select_instance {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, organization_id, element_id, valid, disabled, caching_enabled, max_cache_size,
                 cache_time_to_live_seconds, trace_logging_enabled, external_authentication, created_at, revision,
                 name, tags, token, configuration
             FROM instances WHERE ",
            $rest
        )
    };
}
use select_instance;

/// An instance to be stored: it starts valid, enabled, with revision 1.
#[derive(Debug, Clone)]
pub struct NewInstance {
    /// Who makes it.
    pub user_id: Id<User>,
    /// The organization of that user.
    pub organization_id: Id<Organization>,
    /// The element it connects to.
    pub element_id: Id<Element>,
    /// Display name.
    pub name: String,
    /// Labels.
    pub tags: Vec<String>,
    /// The effective configuration with its secrets in clear.
    pub configuration: Configuration,
    /// Caching, tracing, tokens.
    pub settings: Settings,
    /// A token that no other instance has.
    pub token: Secret,
    /// When it is made.
    pub created_at: Timestamp,
    /// What it wants to happen about events.
    pub watch: Option<Watch>,
}

impl NewInstance {
    fn numbered(&self, id: Id<Instance>) -> Instance {
        Instance {
            id,
            user_id: self.user_id,
            organization_id: self.organization_id,
            element_id: self.element_id,
            name: self.name.clone(),
            tags: self.tags.clone(),
            configuration: self.configuration.clone(),
            token: self.token.clone(),
            valid: true,
            disabled: false,
            settings: self.settings.clone(),
            created_at: self.created_at,
            revision: 1,
        }
    }
}

impl Store {
    /// Stores an instance under the next number. It is on disk when this returns; a failure uses up no number.
    ///
    /// # Errors
    /// [`Error::NulCharacter`] for such a name; [`Error::Conflict`] when the token is in use; when there is no such
    /// user or the database fails.
    pub async fn create_instance(&self, new: &NewInstance) -> Result<Instance, Error> {
        storable(&new.name)?;
        let mut change = self.begin().await?;
        let (number, key) = self.next_id_and_sealing_key(&mut change, "instance").await?;
        let id = Id::new(number).ok_or_else(|| Error::corrupt("counters.value of instance", "not positive"))?;
        let instance = new.numbered(id);
        self.insert(&mut change, &key, &instance).await?;
        self.insert_tags(&mut change, &instance).await?;
        if let Some(watch) = &new.watch {
            self.settle_watch(&mut change, &key, &instance, watch).await?;
        }
        change.commit().await?;
        Ok(instance)
    }

    /// An instance by its id.
    ///
    /// # Errors
    /// When the database fails or the instance cannot be opened.
    pub async fn find_instance(&self, id: Id<Instance>) -> Result<Option<Instance>, Error> {
        let query = sqlx::query(select_instance!("id = $1")).bind(id.get());
        query.fetch_optional(self.reader()).await?.map(|row| self.instance(&row)).transpose()
    }

    /// An instance by its token.
    ///
    /// # Errors
    /// When the database fails or the instance cannot be opened.
    pub async fn find_instance_by_token(&self, token: &Secret) -> Result<Option<Instance>, Error> {
        let hash = self.vault().hash(Lookup::ElementToken, token.expose());
        let query = sqlx::query(select_instance!("token_hash = $1")).bind(hash);
        query.fetch_optional(self.reader()).await?.map(|row| self.instance(&row)).transpose()
    }

    /// Stores element, name, tags, configuration, settings, `valid` and `disabled` of an instance that was read
    /// before; the rest never changes. Gives it with its new revision, or `None`, changing nothing, when it was
    /// changed or deleted since it was read. What it wants to happen about events stays as it is unless it is said.
    ///
    /// # Errors
    /// [`Error::NulCharacter`] for such a name; when the database fails.
    pub async fn update_instance(&self, instance: &Instance, watch: Option<&Watch>) -> Result<Option<Instance>, Error> {
        storable(&instance.name)?;
        let mut change = self.begin().await?;
        let key = self.sealing_key(&mut change).await?;
        if !self.overwrite(&mut change, &key, instance).await? {
            change.rollback().await?;
            return Ok(None);
        }
        sqlx::query("DELETE FROM instance_tags WHERE instance_id = $1")
            .bind(instance.id.get())
            .execute(&mut *change)
            .await?;
        self.insert_tags(&mut change, instance).await?;
        if let Some(watch) = watch {
            self.settle_watch(&mut change, &key, instance, watch).await?;
        }
        change.commit().await?;
        Ok(Some(Instance { revision: instance.revision + 1, ..instance.clone() }))
    }

    /// Deletes an instance with its subscription. False when there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_instance(&self, id: Id<Instance>) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let query = sqlx::query("DELETE FROM instances WHERE id = $1").bind(id.get());
        let deleted = query.execute(&mut *change).await?.rows_affected() > 0;
        let key = self.sealing_key(&mut change).await?;
        self.settle_subscription(&mut change, &key, id, None).await?;
        change.commit().await?;
        Ok(deleted)
    }

    async fn insert(&self, change: &mut Change, key: &str, instance: &Instance) -> Result<(), Error> {
        let token = instance.token.expose();
        sqlx::query(
            "INSERT INTO instances (id, user_id, organization_id, element_id, valid, disabled, caching_enabled,
                 max_cache_size, cache_time_to_live_seconds, trace_logging_enabled, external_authentication,
                 created_at, revision, name, name_folded, tags, token_hash, token, configuration)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(instance.id.get())
        .bind(instance.user_id.get())
        .bind(instance.organization_id.get())
        .bind(instance.element_id.get())
        .bind(i64::from(instance.valid))
        .bind(i64::from(instance.disabled))
        .bind(i64::from(instance.settings.caching_enabled))
        .bind(instance.settings.max_cache_size)
        .bind(instance.settings.cache_time_to_live_seconds)
        .bind(i64::from(instance.settings.trace_logging_enabled))
        .bind(instance.settings.external_authentication.key())
        .bind(instance.created_at.as_millis())
        .bind(instance.revision)
        .bind(&instance.name)
        .bind(list::folded(&instance.name))
        .bind(tags_text(&instance.tags))
        .bind(self.vault().hash(Lookup::ElementToken, token))
        .bind(self.vault().seal(key, cell(instance.id.get(), "token"), token)?)
        .bind(self.sealed_configuration(key, instance)?)
        .execute(&mut **change)
        .await?;
        Ok(())
    }

    async fn overwrite(&self, change: &mut Change, key: &str, instance: &Instance) -> Result<bool, Error> {
        let result = sqlx::query(
            "UPDATE instances SET element_id = $3, valid = $4, disabled = $5, caching_enabled = $6,
                 max_cache_size = $7, cache_time_to_live_seconds = $8, trace_logging_enabled = $9,
                 external_authentication = $10, name = $11, name_folded = $12, tags = $13, configuration = $14,
                 revision = revision + 1
             WHERE id = $1 AND revision = $2",
        )
        .bind(instance.id.get())
        .bind(instance.revision)
        .bind(instance.element_id.get())
        .bind(i64::from(instance.valid))
        .bind(i64::from(instance.disabled))
        .bind(i64::from(instance.settings.caching_enabled))
        .bind(instance.settings.max_cache_size)
        .bind(instance.settings.cache_time_to_live_seconds)
        .bind(i64::from(instance.settings.trace_logging_enabled))
        .bind(instance.settings.external_authentication.key())
        .bind(&instance.name)
        .bind(list::folded(&instance.name))
        .bind(tags_text(&instance.tags))
        .bind(self.sealed_configuration(key, instance)?)
        .execute(&mut **change)
        .await?;
        Ok(result.rows_affected() > 0)
    }

    async fn insert_tags(&self, change: &mut Change, instance: &Instance) -> Result<(), Error> {
        let mut hashes: Vec<String> = instance.tags.iter().map(|tag| self.tag_hash(instance.user_id, tag)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        for hashes in hashes.chunks(TAGS_PER_STATEMENT) {
            let rows: Vec<String> = (2..hashes.len() + 2).map(|parameter| format!("($1, ${parameter})")).collect();
            let sql = format!("INSERT INTO instance_tags (instance_id, tag_hash) VALUES {}", rows.join(", "));
            let query = sqlx::query(AssertSqlSafe(sql)).bind(instance.id.get());
            hashes.iter().fold(query, |query, hash| query.bind(hash)).execute(&mut **change).await?;
        }
        Ok(())
    }

    fn tag_hash(&self, user: Id<User>, tag: &str) -> String {
        self.vault().hash(Lookup::InstanceTag { user: user.get() }, tag)
    }

    fn sealed_configuration(&self, key: &str, instance: &Instance) -> Result<String, Error> {
        let text = serde_json::to_string(&instance.configuration).expect("a list of texts is valid JSON");
        self.vault().seal(key, cell(instance.id.get(), "configuration"), &Zeroizing::new(text))
    }

    fn instance(&self, row: &AnyRow) -> Result<Instance, Error> {
        let id: Id<Instance> = row.id("id")?;
        let open = |column: &'static str| self.vault().open(cell(id.get(), column), &row.text(column)?);
        let unreadable = |column| move |_| cell(id.get(), column).corrupt("not the expected JSON");
        let authentication = row.text("external_authentication")?;
        Ok(Instance {
            id,
            user_id: row.id("user_id")?,
            organization_id: row.id("organization_id")?,
            element_id: row.id("element_id")?,
            name: row.text("name")?,
            tags: serde_json::from_str(&row.text("tags")?).map_err(unreadable("tags"))?,
            configuration: serde_json::from_str(&open("configuration")?).map_err(unreadable("configuration"))?,
            token: Secret::new(std::mem::take(&mut *open("token")?)),
            valid: row.flag("valid")?,
            disabled: row.flag("disabled")?,
            settings: Settings {
                caching_enabled: row.flag("caching_enabled")?,
                max_cache_size: row.number("max_cache_size")?,
                cache_time_to_live_seconds: row.number("cache_time_to_live_seconds")?,
                trace_logging_enabled: row.flag("trace_logging_enabled")?,
                external_authentication: ExternalAuthentication::from_key(&authentication)
                    .ok_or_else(|| cell(id.get(), "external_authentication").corrupt("unknown value"))?,
            },
            created_at: row.instant("created_at")?,
            revision: row.number("revision")?,
        })
    }
}

fn cell(row: i64, column: &'static str) -> Cell {
    Cell { table: "instances", column, row }
}

fn tags_text(tags: &[String]) -> String {
    serde_json::to_string(tags).expect("a list of texts is valid JSON")
}
