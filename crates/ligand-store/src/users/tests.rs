//! Finding users by their login name.

use super::*;
use crate::testing::{bootstrap, on_each_engine};

#[tokio::test]
async fn the_case_of_the_login_name_does_not_matter() {
    on_each_engine(async |fixture| {
        let caller = fixture.administrator().await;
        for email in ["Admin@Example.com", "admin@example.com", "ADMIN@EXAMPLE.COM"] {
            let user = fixture.store.find_user_by_email(email).await.unwrap().unwrap();
            assert_eq!((user.id, user.email.as_str()), (caller.user_id, "Admin@Example.com"));
            assert_eq!((user.first_name.as_str(), user.last_name.as_str()), ("Ada", "Lovelace"));
            assert_eq!(user.password_hash, Some(bootstrap().password_hash));
            assert_eq!(user.secret, bootstrap().user_secret);
        }
        for email in ["", "admin@example.co", "admin_example.com", "%", "admin@example.com\0", "admin@example.com "] {
            assert!(fixture.store.find_user_by_email(email).await.unwrap().is_none(), "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn logins_are_recorded() {
    on_each_engine(async |fixture| {
        let caller = fixture.administrator().await;
        assert_eq!(fixture.store.get_user(caller.user_id).await.unwrap().last_login_at, None);
        let at = Timestamp::from_millis(1_600_000_000_001);
        fixture.store.record_login(caller.user_id, at).await.unwrap();
        fixture.store.record_login(Id::new(99).unwrap(), at).await.unwrap();
        assert_eq!(fixture.store.get_user(caller.user_id).await.unwrap().last_login_at, Some(at));
    })
    .await;
}

#[tokio::test]
async fn two_users_cannot_share_a_login_name() {
    on_each_engine(async |fixture| {
        fixture.administrator().await;
        let insert = sqlx::query(
            "INSERT INTO users (id, account_id, email, email_folded, first_name, last_name, active, created_at)
             VALUES (9, 2, 'x', 'admin@example.com', '', '', 1, 0)",
        );
        let error: Error = insert.execute(fixture.store.writer()).await.unwrap_err().into();
        assert!(matches!(error, Error::Conflict), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_password_hash_of_another_user_does_not_open() {
    on_each_engine(async |fixture| {
        let caller = fixture.administrator().await;
        fixture
            .execute(
                "UPDATE users SET password_hash = (SELECT u.password_hash FROM users u WHERE u.id = 2) WHERE id = 1",
            )
            .await;
        let error = fixture.store.get_user(Id::new(1).unwrap()).await.unwrap_err();
        assert_eq!(error.to_string(), "users.password_hash of row 1 cannot be read: the seal is broken");
        assert!(fixture.store.get_user(caller.user_id).await.is_ok());
    })
    .await;
}
