//! For tests, also those of other crates (feature `testing`): further accounts, users and organizations.

use ligand_domain::{Account, Id, Organization, Rng, Secret, SystemRng, rng, role};

use crate::{
    Error, Store,
    seal::{Cell, Lookup},
    store::next_id,
};

/// A user of an account of its own, with every privilege that users of an organization have.
#[derive(Debug)]
pub struct Person {
    /// Its account.
    pub account: Id<Account>,
    /// After `User` in the header.
    pub user_secret: Secret,
    /// After `Organization` in the header, when the organization was made with it.
    pub organization_secret: Option<Secret>,
}

/// Adds an account with a user, to an organization or to a new one.
///
/// # Errors
/// When the database fails.
pub async fn add(store: &Store, organization: Option<Id<Organization>>) -> Result<Person, Error> {
    let rng: &dyn Rng = &SystemRng;
    let (user_secret, organization_secret) = (rng::hex_secret(rng), rng::hex_secret(rng));
    let mut change = store.begin().await?;
    let key = store.sealing_key(&mut change).await?;
    let vault = store.vault();
    let organization_id = match organization {
        Some(id) => id.get(),
        None => {
            let id = next_id(&mut change, "organization").await?;
            let cell = Cell { table: "organizations", column: "secret", row: id };
            sqlx::query(
                "INSERT INTO organizations (id, name, active, created_at, secret_hash, secret)
                 VALUES ($1, 'Other', 1, 0, $2, $3)",
            )
            .bind(id)
            .bind(vault.hash(Lookup::OrganizationSecret, organization_secret.expose()))
            .bind(vault.seal(&key, cell, organization_secret.expose())?)
            .execute(&mut *change)
            .await?;
            id
        }
    };
    let account = next_id(&mut change, "account").await?;
    sqlx::query(
        "INSERT INTO accounts (id, organization_id, name, default_account, active, created_at)
         VALUES ($1, $2, 'Another', $3, 1, 0)",
    )
    .bind(account)
    .bind(organization_id)
    .bind(i64::from(organization.is_none()))
    .execute(&mut *change)
    .await?;
    let user = next_id(&mut change, "user").await?;
    let email = format!("user{user}@example.com");
    sqlx::query(
        "INSERT INTO users (id, account_id, email, email_folded, first_name, last_name, active, created_at,
             secret_hash, secret)
         VALUES ($1, $2, $3, $3, 'Some', 'User', 1, 0, $4, $5)",
    )
    .bind(user)
    .bind(account)
    .bind(&email)
    .bind(vault.hash(Lookup::UserSecret, user_secret.expose()))
    .bind(vault.seal(&key, Cell { table: "users", column: "secret", row: user }, user_secret.expose())?)
    .execute(&mut *change)
    .await?;
    let default = role::DEFAULTS.iter().find(|role| role.key == role::ORGANIZATION_USER).expect("a default role");
    let privileges: Vec<&str> = default.privileges().iter().map(|privilege| privilege.key()).collect();
    let role = next_id(&mut change, "role").await?;
    sqlx::query(
        "INSERT INTO roles (id, organization_id, key, name, description, privileges) VALUES ($1, $2, $3, 'n', 'd', $4)",
    )
    .bind(role)
    .bind(organization_id)
    .bind(format!("of-user-{user}"))
    .bind(serde_json::to_string(&privileges).expect("a list of texts is valid JSON"))
    .execute(&mut *change)
    .await?;
    sqlx::query("INSERT INTO user_roles (user_id, role_id) VALUES ($1, $2)")
        .bind(user)
        .bind(role)
        .execute(&mut *change)
        .await?;
    change.commit().await?;
    let account = Id::new(account).ok_or_else(|| Error::corrupt("counters.value of account", "not positive"))?;
    let organization_secret = organization.is_none().then_some(organization_secret);
    Ok(Person { account, user_secret, organization_secret })
}
