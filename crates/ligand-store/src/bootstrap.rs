//! The first data of an installation: the system's own tenant, the customer's organization and its administrator.

use ligand_domain::{Id, Organization, Role, Secret, User, role};

use crate::{
    Error, Store,
    row::{Columns, storable},
    seal::{Cell, Lookup},
    store::{Change, next_id},
};

#[cfg(test)]
mod tests;

/// The organization and the user that bootstrap makes; 1 is the system's.
const FIRST_CUSTOMER: i64 = 2;
const ADMINISTRATOR_ROLES: [&str; 3] =
    [role::SYSTEM_ADMINISTRATOR, role::ORGANIZATION_ADMINISTRATOR, role::ORGANIZATION_USER];

/// What the first organization and its administrator are made from.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    /// Display name of the organization.
    pub organization_name: String,
    /// The administrator's login name.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Hash of the administrator's password, in PHC form.
    pub password_hash: Secret,
    /// The administrator's secret.
    pub user_secret: Secret,
    /// The organization's secret.
    pub organization_secret: Secret,
}

/// What the administrator needs to call the API.
#[derive(Debug, Clone)]
pub struct AdministratorSecrets {
    /// The login name.
    pub email: String,
    /// After `User` in the header.
    pub user_secret: Secret,
    /// After `Organization` in the header.
    pub organization_secret: Secret,
}

impl Store {
    /// Whether the first organization was made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_bootstrapped(&self) -> Result<bool, Error> {
        let row =
            sqlx::query("SELECT value FROM counters WHERE name = 'organization'").fetch_one(self.reader()).await?;
        Ok(row.number("value")? > 0)
    }

    /// Makes the system's tenant (ids 1) and the first organization with its default account, roles and
    /// administrator (ids 2), all or nothing. False, changing nothing, when that was done before.
    ///
    /// # Errors
    /// [`Error::NulCharacter`], or when the database fails.
    pub async fn bootstrap(&self, bootstrap: &Bootstrap) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        // Taking the counter's row lock makes a second process wait here and then see that it comes too late.
        let system = next_id(&mut change, "organization").await?;
        if system != 1 {
            change.rollback().await?;
            return Ok(false);
        }
        let seed = Seed { store: self, sealing_key: self.sealing_key(&mut change).await?, bootstrap };
        seed.tenant(&mut change, system, "System", None).await?;
        seed.system_user(&mut change).await?;
        let customer = next_id(&mut change, "organization").await?;
        seed.tenant(&mut change, customer, &bootstrap.organization_name, Some(&bootstrap.organization_secret)).await?;
        let user = seed.administrator(&mut change).await?;
        seed.roles(&mut change, customer, user).await?;
        change.commit().await?;
        Ok(true)
    }

    /// The administrator's present secrets; `None` before bootstrap.
    ///
    /// # Errors
    /// When the database fails or a secret cannot be opened.
    pub async fn administrator_secrets(&self) -> Result<Option<AdministratorSecrets>, Error> {
        if !self.is_bootstrapped().await? {
            return Ok(None);
        }
        let user = self.get_user(Id::<User>::new(FIRST_CUSTOMER).expect("positive")).await?;
        let organization = self.get_organization(Id::<Organization>::new(FIRST_CUSTOMER).expect("positive")).await?;
        let secrets = AdministratorSecrets {
            email: user.email,
            user_secret: user.secret,
            organization_secret: organization.secret,
        };
        Ok(Some(secrets))
    }
}

struct Seed<'a> {
    store: &'a Store,
    sealing_key: String,
    bootstrap: &'a Bootstrap,
}

impl Seed<'_> {
    /// An organization and its default account.
    async fn tenant(&self, change: &mut Change, id: i64, name: &str, secret: Option<&Secret>) -> Result<(), Error> {
        let vault = self.store.vault();
        let cell = Cell { table: "organizations", column: "secret", row: id };
        let hash = secret.map(|secret| vault.hash(Lookup::OrganizationSecret, secret.expose()));
        let sealed = secret.map(|secret| vault.seal(&self.sealing_key, cell, secret.expose())).transpose()?;
        let now = self.store.clock().now().as_millis();
        sqlx::query(
            "INSERT INTO organizations (id, name, active, created_at, secret_hash, secret)
             VALUES ($1, $2, 1, $3, $4, $5)",
        )
        .bind(id)
        .bind(storable(name)?)
        .bind(now)
        .bind(hash)
        .bind(sealed)
        .execute(&mut **change)
        .await?;
        sqlx::query(
            "INSERT INTO accounts (id, organization_id, name, default_account, active, created_at)
             VALUES ($1, $2, $3, 1, 1, $4)",
        )
        .bind(next_id(change, "account").await?)
        .bind(id)
        .bind(name)
        .bind(now)
        .execute(&mut **change)
        .await?;
        Ok(())
    }

    /// The owner of the public catalog. It has no secret and no password, so nobody can call as it.
    async fn system_user(&self, change: &mut Change) -> Result<(), Error> {
        let id = next_id(change, "user").await?;
        self.user(change, id, ["system@localhost", "System", "User"], [None, None, None]).await
    }

    async fn administrator(&self, change: &mut Change) -> Result<i64, Error> {
        let id = next_id(change, "user").await?;
        let (vault, bootstrap) = (self.store.vault(), self.bootstrap);
        let seal = |column, secret: &Secret| {
            vault.seal(&self.sealing_key, Cell { table: "users", column, row: id }, secret.expose()).map(Some)
        };
        let secrets = [
            Some(vault.hash(Lookup::UserSecret, bootstrap.user_secret.expose())),
            seal("secret", &bootstrap.user_secret)?,
            seal("password_hash", &bootstrap.password_hash)?,
        ];
        self.user(change, id, [&bootstrap.email, &bootstrap.first_name, &bootstrap.last_name], secrets).await?;
        Ok(id)
    }

    /// A user of the account with the same number. Names: e-mail, first, last. Secrets: hash, secret, password.
    async fn user(
        &self,
        change: &mut Change,
        id: i64,
        names: [&str; 3],
        secrets: [Option<String>; 3],
    ) -> Result<(), Error> {
        let [hash, secret, password_hash] = secrets;
        let [email, first_name, last_name] = names;
        sqlx::query(
            "INSERT INTO users (id, account_id, email, email_folded, first_name, last_name, active, created_at,
                 secret_hash, secret, password_hash)
             VALUES ($1, $1, $2, $3, $4, $5, 1, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(storable(email)?)
        .bind(email.to_lowercase())
        .bind(storable(first_name)?)
        .bind(storable(last_name)?)
        .bind(self.store.clock().now().as_millis())
        .bind(hash)
        .bind(secret)
        .bind(password_hash)
        .execute(&mut **change)
        .await?;
        Ok(())
    }

    /// The organization's copy of the default roles, of which the administrator gets some.
    async fn roles(&self, change: &mut Change, organization: i64, user: i64) -> Result<(), Error> {
        for default in role::DEFAULTS {
            let id = next_id(change, "role").await?;
            let privileges: Vec<&str> = default.privileges().iter().map(|privilege| privilege.key()).collect();
            sqlx::query(
                "INSERT INTO roles (id, organization_id, key, name, description, privileges)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(id)
            .bind(organization)
            .bind(default.key)
            .bind(default.name)
            .bind(default.description)
            .bind(serde_json::to_string(&privileges).expect("a list of texts is valid JSON"))
            .execute(&mut **change)
            .await?;
            if ADMINISTRATOR_ROLES.contains(&default.key) {
                grant(change, Id::new(user).expect("positive"), Id::new(id).expect("positive")).await?;
            }
        }
        Ok(())
    }
}

async fn grant(change: &mut Change, user: Id<User>, role: Id<Role>) -> Result<(), Error> {
    sqlx::query("INSERT INTO user_roles (user_id, role_id) VALUES ($1, $2)")
        .bind(user.get())
        .bind(role.get())
        .execute(&mut **change)
        .await?;
    Ok(())
}
