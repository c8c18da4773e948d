//! The first data: what it holds, and that it is made once.

use ligand_domain::{Account, Privilege};

use super::*;
use crate::testing::{bootstrap, on_each_engine};

#[tokio::test]
async fn it_makes_the_system_and_the_first_organization() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        assert!(!store.is_bootstrapped().await.unwrap());
        assert!(store.administrator_secrets().await.unwrap().is_none());
        let caller = fixture.administrator().await;
        assert!(store.is_bootstrapped().await.unwrap());
        assert_eq!((caller.user_id.get(), caller.account_id.get(), caller.organization_id.get()), (2, 2, 2));
        assert!(Privilege::ALL.iter().all(|&privilege| caller.privileges.contains(privilege)));

        let system = store.get_user(Id::new(1).unwrap()).await.unwrap();
        assert_eq!((system.account_id.get(), system.organization_id.get()), (1, 1));
        assert!(system.secret.expose().is_empty() && system.password_hash.is_none());
        let organization = store.get_organization(caller.organization_id).await.unwrap();
        assert_eq!((organization.name.as_str(), organization.active), ("Acme", true));
        assert_eq!(organization.secret, bootstrap().organization_secret);
        assert_eq!(organization.created_at.as_millis(), 1_500_000_000_000);
        let account = store.get_account(caller.account_id).await.unwrap();
        assert!(account.default_account && account.active && account.organization_id == caller.organization_id);

        let roles = store.list_roles_of_user(caller.user_id).await.unwrap();
        let keys: Vec<&str> = roles.iter().map(|role| role.key.as_str()).collect();
        assert_eq!(keys, ["sys-admin", "org-admin", "org"]);
        assert_eq!(roles[1].privileges, role::DEFAULTS[1].privileges());
        assert!(store.list_roles_of_user(system.id).await.unwrap().is_empty());

        let secrets = store.administrator_secrets().await.unwrap().unwrap();
        assert_eq!(secrets.email, "Admin@Example.com");
        assert_eq!(secrets.user_secret, bootstrap().user_secret);
        assert_eq!(secrets.organization_secret, bootstrap().organization_secret);
    })
    .await;
}

#[tokio::test]
async fn missing_rows_are_told() {
    on_each_engine(async |fixture| {
        let (user, account) = (Id::<User>::new(9).unwrap(), Id::<Account>::new(9).unwrap());
        assert!(matches!(fixture.store.get_user(user).await, Err(Error::Missing { table: "users", id: 9 })));
        assert!(matches!(fixture.store.get_account(account).await, Err(Error::Missing { .. })));
        assert!(matches!(fixture.store.get_organization(Id::new(1).unwrap()).await, Err(Error::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn of_concurrent_processes_one_makes_it() {
    on_each_engine(async |fixture| {
        let stores = [fixture.store.clone(), fixture.second().await, fixture.second().await];
        let mut tasks = Vec::new();
        for (index, store) in stores.into_iter().enumerate() {
            let organization_name = format!("Acme {index}");
            let request = Bootstrap { organization_name, ..bootstrap() };
            tasks.push(tokio::spawn(async move { store.bootstrap(&request).await.unwrap() }));
        }
        let mut made = 0;
        for task in tasks {
            made += u32::from(task.await.unwrap());
        }
        assert_eq!(made, 1);
        assert!(!fixture.store.bootstrap(&bootstrap()).await.unwrap());
        assert!(matches!(fixture.store.get_organization(Id::new(3).unwrap()).await, Err(Error::Missing { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_failed_bootstrap_leaves_nothing() {
    on_each_engine(async |fixture| {
        let request = Bootstrap { last_name: "a\0b".into(), ..bootstrap() };
        assert!(matches!(fixture.store.bootstrap(&request).await, Err(Error::NulCharacter)));
        assert!(!fixture.store.is_bootstrapped().await.unwrap());
        assert_eq!(fixture.administrator().await.user_id.get(), 2);
    })
    .await;
}
