//! Users, roles and organizations on the wire.

use ligand_app::authentication::Profile;
use ligand_domain::{Organization, Role, Secret, role};
use serde_json::{Value, json};

/// What a login answers.
pub(crate) fn authenticated(token: &Secret, profile: &Profile) -> Value {
    let Profile { user, account, organization, roles } = profile;
    let has = |key: &str| roles.iter().any(|role| role.key == key);
    json!({
        "id": user.id,
        "username": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "token": token.expose(),
        "createdDate": user.created_at.to_iso_date(),
        "lastLoginDate": last_login(profile),
        "organizationId": organization.id,
        "organizationName": organization.name,
        "accountId": account.id,
        "accountName": account.name,
        "organizationAdmin": has(role::ORGANIZATION_ADMINISTRATOR),
        "accountAdmin": has(role::ORGANIZATION_ADMINISTRATOR) || has("admin"),
        "sysAdmin": has(role::SYSTEM_ADMINISTRATOR),
        "inIntelligenceRole": false,
        "twoFactor": false,
        "registeredForTwoFactor": false,
        "roles": roles.iter().map(role_json).collect::<Vec<_>>(),
    })
}

/// A user.
pub(crate) fn user(profile: &Profile) -> Value {
    let user = &profile.user;
    json!({
        "id": user.id,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "fullName": format!("{} {}", user.first_name, user.last_name),
        "email": user.email,
        "username": user.email,
        "active": user.active,
        "createdDate": user.created_at.to_iso_date(),
        "lastLoginDate": last_login(profile),
        "accountExpired": false,
        "accountLocked": false,
        "credentialsExpired": false,
        "emailValid": true,
        "accountNonExpired": user.active,
        "accountNonLocked": true,
        "credentialsNonExpired": true,
        "enabled": user.active,
    })
}

/// An organization, to its own members.
pub(crate) fn organization(organization: &Organization) -> Value {
    json!({
        "id": organization.id,
        "name": organization.name,
        "secret": organization.secret.expose(),
        "active": organization.active,
        "createdDate": organization.created_at.to_iso_date(),
    })
}

fn last_login(profile: &Profile) -> String {
    profile.user.last_login_at.map_or_else(|| "1970-01-01".to_owned(), ligand_domain::Timestamp::to_iso_date)
}

fn role_json(role: &Role) -> Value {
    let privileges: Vec<Value> = role
        .privileges
        .iter()
        .map(|privilege| json!({ "id": privilege as i64 + 1, "key": privilege.key(), "name": privilege.key(), "active": true }))
        .collect();
    json!({
        "id": role.id,
        "key": role.key,
        "name": role.name,
        "description": role.description,
        "active": true,
        "features": [],
        "privileges": privileges,
    })
}
