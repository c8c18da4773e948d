//! Hubs of organizations: kept, unique within one, and not another's.

use super::*;
use crate::testing::on_each_engine;

fn named(key: &str) -> Hub {
    let text = |part: &str| format!("{part} of {key}");
    Hub {
        id: Id::new(1).unwrap(),
        key: key.to_owned(),
        name: text("name"),
        description: text("description"),
        video_link: text("film"),
        active: false,
    }
}

#[tokio::test]
async fn hubs_are_an_organizations_own() {
    on_each_engine(async |fixture| {
        let own = fixture.administrator().await.organization_id;
        let other = Id::new(own.get() + 1).unwrap();
        let made = fixture.store.create_hub(own, &named("Own")).await.unwrap();
        assert!(made.id.get() > 100_000);
        assert_eq!(made, Hub { id: made.id, ..named("Own") });
        assert_eq!(fixture.store.list_hubs(own).await.unwrap(), std::slice::from_ref(&made));
        assert!(matches!(fixture.store.create_hub(own, &named("oWN")).await, Err(Error::Conflict)));
        assert!(matches!(fixture.store.create_hub(own, &named("a\0b")).await, Err(Error::NulCharacter)));
        assert!(fixture.store.list_hubs(other).await.unwrap().is_empty());
        assert!(!fixture.store.delete_hub(other, made.id).await.unwrap());
        assert!(fixture.store.delete_hub(own, made.id).await.unwrap());
        assert!(!fixture.store.delete_hub(own, made.id).await.unwrap());
        assert!(fixture.store.list_hubs(own).await.unwrap().is_empty());
    })
    .await;
}
