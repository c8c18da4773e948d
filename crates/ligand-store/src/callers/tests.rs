//! Which secrets open the door, and which do not.

use ligand_domain::{Privilege, Timestamp};

use super::*;
use crate::testing::{bootstrap, on_each_engine, secret};

#[tokio::test]
async fn both_secrets_must_be_right() {
    on_each_engine(async |fixture| {
        fixture.administrator().await;
        let (user, organization) = (bootstrap().user_secret, bootstrap().organization_secret);
        let find = async |user: &Secret, organization: &Secret| {
            fixture.store.find_caller(user, organization).await.unwrap().is_some()
        };
        assert!(find(&user, &organization).await);
        for wrong in ["", "planted-user-secret", "Planted-user-secret=", "planted-user-secret= ", "x\0y"] {
            assert!(!find(&secret(wrong), &organization).await, "{wrong}");
            assert!(!find(&user, &secret(wrong)).await, "{wrong}");
            assert!(fixture.store.find_caller_by_user_secret(&secret(wrong)).await.unwrap().is_none());
        }
        assert!(!find(&organization, &user).await);
        let caller = fixture.store.find_caller_by_user_secret(&user).await.unwrap().unwrap();
        assert_eq!(caller.user_id.get(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_secret_of_another_organization_does_not_do() {
    on_each_engine(async |fixture| {
        fixture.administrator().await;
        let other = fixture.store.vault().hash(Lookup::OrganizationSecret, "other");
        fixture
            .execute(&format!(
                "INSERT INTO organizations (id, name, active, created_at, secret_hash) VALUES (3, 'B', 1, 0, '{other}')"
            ))
            .await;
        let found = fixture.store.find_caller(&bootstrap().user_secret, &secret("other")).await.unwrap();
        assert!(found.is_none());
    })
    .await;
}

#[tokio::test]
async fn inactive_users_accounts_and_organizations_are_shut_out() {
    on_each_engine(async |fixture| {
        let caller = fixture.administrator().await;
        let token = secret("session");
        let later = Timestamp::from_millis(i64::MAX);
        fixture.store.create_session(caller.user_id, &token, later).await.unwrap();
        for table in ["users", "accounts", "organizations"] {
            for (active, expected) in [(0, None), (1, Some(&caller))] {
                fixture.execute(&format!("UPDATE {table} SET active = {active} WHERE id = 2")).await;
                let secrets = bootstrap();
                let store = &fixture.store;
                let pair = store.find_caller(&secrets.user_secret, &secrets.organization_secret).await.unwrap();
                assert_eq!(pair.as_ref(), expected, "{table}");
                let alone = store.find_caller_by_user_secret(&secrets.user_secret).await.unwrap();
                assert_eq!(alone.as_ref(), expected, "{table}");
                let session = store.find_caller_by_session(&token).await.unwrap();
                assert_eq!(session.as_ref(), expected, "{table}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn privileges_are_the_union_of_the_roles_at_this_moment() {
    on_each_engine(async |fixture| {
        fixture.administrator().await;
        let privileges = async || {
            let caller = fixture.store.find_caller_by_user_secret(&bootstrap().user_secret).await.unwrap().unwrap();
            caller.privileges
        };
        fixture.execute("DELETE FROM user_roles WHERE role_id = 1").await;
        assert!(!privileges().await.contains(Privilege::System));
        assert!(privileges().await.contains(Privilege::ConfigureRoles));
        fixture.execute("UPDATE roles SET privileges = '[\"viewElements\", \"of-the-future\"]' WHERE id = 2").await;
        assert!(!privileges().await.contains(Privilege::ConfigureRoles));
        assert!(privileges().await.contains(Privilege::ViewElements));
        fixture.execute("DELETE FROM user_roles").await;
        assert_eq!(privileges().await, Privileges::default());
        fixture.execute("INSERT INTO user_roles (user_id, role_id) VALUES (2, 1)").await;
        fixture.execute("UPDATE roles SET privileges = 'oops' WHERE id = 1").await;
        let broken = fixture.store.find_caller_by_user_secret(&bootstrap().user_secret).await;
        assert!(matches!(broken, Err(Error::Corrupt { .. })));
    })
    .await;
}
