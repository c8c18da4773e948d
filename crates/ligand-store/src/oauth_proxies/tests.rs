//! Proxies and their addresses.

use crate::{
    Error,
    testing::{on_each_engine, secret},
};

#[tokio::test]
async fn proxies_are_made_changed_and_deleted() {
    on_each_engine(async |fixture| {
        let (store, owner) = (&fixture.store, fixture.administrator().await);
        let organization = owner.organization_id;
        let made = store.add_oauth_proxy(organization, "own", &secret("planted")).await.unwrap();
        assert!(matches!(store.add_oauth_proxy(organization, "own", &secret("x")).await, Err(Error::Conflict)));
        let urls = ["https://a.example/*".to_owned()];
        assert!(store.set_oauth_proxy_urls(&made, &urls).await.unwrap());
        assert!(!store.set_oauth_proxy_urls(&made, &[]).await.unwrap(), "others changed them");
        let found = store.find_oauth_proxy(made.id).await.unwrap().unwrap();
        assert_eq!((found.application_urls.as_slice(), found.application.expose()), (urls.as_slice(), "planted"));
        assert_eq!(store.list_oauth_proxies(organization).await.unwrap().len(), 1);
        assert!(store.delete_oauth_proxy(made.id).await.unwrap());
        assert!(!store.delete_oauth_proxy(made.id).await.unwrap());
        assert!(store.find_oauth_proxy(made.id).await.unwrap().is_none());
    })
    .await;
}
