//! Elements of users: numbers, keys, histories, changes, and two processes at once.

use ligand_domain::{Account, Caller, Element, Id, Timestamp};

use super::*;
use crate::{
    PropertiesOf,
    testing::{Fixture, on_each_engine},
};

fn new(owner: &Caller, key: &str) -> NewElement {
    NewElement {
        user_id: owner.user_id,
        account_id: owner.account_id,
        organization_id: owner.organization_id,
        key: key.into(),
        summary: format!("{{\"key\":\"{key}\"}}"),
        definition: format!("{{\"secret\":\"planted-{key}\"}}"),
        at: Timestamp::from_millis(1_000),
        action: "created".into(),
    }
}

fn revised(owner: &Caller, revision: i64, definition: &str) -> Revised {
    let at = Timestamp::from_millis(1_000 + revision);
    Revised { revision, user_id: owner.user_id, at, action: format!("step {revision}"), definition: definition.into() }
}

async fn made(fixture: &Fixture, owner: &Caller, key: &str) -> Id<Element> {
    fixture.store.create_element(&new(owner, key), |_| false).await.unwrap()
}

fn id(number: i64) -> Id<Element> {
    Id::new(number).unwrap()
}

#[tokio::test]
async fn elements_are_numbered_above_the_catalog_and_sealed() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let taken = |found: Id<Element>| found.get() == 100_002;
        assert_eq!(made(fixture, &owner, "one").await, id(100_001));
        assert_eq!(fixture.store.create_element(&new(&owner, "two"), taken).await.unwrap(), id(100_003));
        let (row, definition) = fixture.store.find_element(id(100_001)).await.unwrap().unwrap();
        assert_eq!(definition, "{\"secret\":\"planted-one\"}");
        assert_eq!((row.key.as_str(), row.revision, row.deleted, row.of_default_account), ("one", 1, false, true));
        assert_eq!((row.account_id, row.organization_id), (owner.account_id, owner.organization_id));
        assert!(fixture.store.find_element(id(58)).await.unwrap().is_none());
        for (table, column) in [("elements", "definition"), ("element_versions", "definition")] {
            let open = format!("SELECT id FROM {table} WHERE {column} LIKE '%planted%'");
            let found = sqlx::query(sqlx::AssertSqlSafe(open)).fetch_all(fixture.store.reader()).await.unwrap();
            assert!(found.is_empty(), "{table}");
        }
        let before = fixture.store.last_element_change().await.unwrap();
        assert!(matches!(fixture.store.create_element(&new(&owner, "one"), |_| false).await, Err(Error::Conflict)));
        let nul = NewElement { summary: "a\0".into(), ..new(&owner, "x") };
        assert!(matches!(fixture.store.create_element(&nul, |_| false).await, Err(Error::NulCharacter)));
        assert_eq!(fixture.store.last_element_change().await.unwrap(), before, "a failure leaves nothing");
        assert_eq!(made(fixture, &owner, "three").await, id(100_004), "nor a used number");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_element_frees_its_key_and_stays_for_its_instances() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let first = made(fixture, &owner, "one").await;
        let at = Timestamp::from_millis(9);
        assert!(fixture.store.delete_element(first, at).await.unwrap());
        assert!(!fixture.store.delete_element(first, at).await.unwrap());
        let (row, definition) = fixture.store.find_element(first).await.unwrap().unwrap();
        assert!(row.deleted && definition.contains("planted-one"));
        assert!(!fixture.store.update_element(first, "{}", &revised(&owner, 1, "{}")).await.unwrap());
        assert_ne!(made(fixture, &owner, "one").await, first);
    })
    .await;
}

#[tokio::test]
async fn of_two_changes_of_one_form_one_wins_and_the_history_tells() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let element = made(fixture, &owner, "one").await;
        let other = fixture.second().await;
        assert!(fixture.store.update_element(element, "{}", &revised(&owner, 1, "second")).await.unwrap());
        assert!(!other.update_element(element, "{}", &revised(&owner, 1, "lost")).await.unwrap());
        let subject = Subject::Element(element);
        let versions = fixture.store.list_versions(subject).await.unwrap();
        let told: Vec<_> = versions.iter().map(|version| (version.revision, version.action.as_str())).collect();
        assert_eq!(told, [(2, "step 1"), (1, "created")]);
        assert_eq!((versions[0].user_id, versions[0].created_at), (owner.user_id, Timestamp::from_millis(1_001)));
        let (_, first) = fixture.store.find_version(subject, 1).await.unwrap().unwrap();
        assert!(first.contains("planted-one"));
        assert!(fixture.store.find_version(subject, 7).await.unwrap().is_none());
        for revision in 2..110 {
            let revised = revised(&owner, revision, "more");
            assert!(fixture.store.update_element(element, "{}", &revised).await.unwrap());
        }
        let versions = fixture.store.list_versions(subject).await.unwrap();
        assert_eq!((versions.len(), versions[0].revision, versions[99].revision), (100, 110, 11), "it is bounded");
    })
    .await;
}

#[tokio::test]
async fn changes_are_told_once_to_each_process() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let (store, other) = (&fixture.store, fixture.second().await);
        let none = other.element_changes(0).await.unwrap();
        assert!(none.elements.is_empty() && none.extensions.is_empty());
        let (one, two) = (made(fixture, &owner, "one").await, made(fixture, &owner, "two").await);
        let seen = other.element_changes(none.change).await.unwrap();
        assert_eq!(seen.elements.iter().map(|row| row.id).collect::<Vec<_>>(), [one, two]);
        assert!(other.element_changes(seen.change).await.unwrap().elements.is_empty());
        let system: Id<Account> = Id::new(1).unwrap();
        store.set_element_account(two, system, true).await.unwrap();
        store.set_element_account(two, system, true).await.unwrap();
        store.delete_element(one, Timestamp::from_millis(1)).await.unwrap();
        let seen = other.element_changes(seen.change).await.unwrap();
        let told: Vec<_> = seen.elements.iter().map(|row| (row.id, row.deleted, row.accounts.clone())).collect();
        assert_eq!(told, [(one, true, vec![]), (two, false, vec![system])]);
        store.set_element_account(two, system, false).await.unwrap();
        let seen = other.element_changes(seen.change).await.unwrap();
        assert!(seen.elements[0].accounts.is_empty());
        let fresh = other.element_changes(0).await.unwrap();
        assert_eq!(fresh.elements.len(), 1, "who starts hears nothing of what was deleted");
        assert!(store.set_element_account(two, Id::new(99).unwrap(), true).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn extensions_are_kept_per_account() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let (store, element) = (&fixture.store, id(58));
        assert!(store.find_extension(element, owner.account_id).await.unwrap().is_none());
        assert!(!store.save_extension(element, owner.account_id, &revised(&owner, 3, "x")).await.unwrap());
        assert!(store.save_extension(element, owner.account_id, &revised(&owner, 0, "planted")).await.unwrap());
        assert!(!store.save_extension(element, owner.account_id, &revised(&owner, 0, "lost")).await.unwrap());
        assert!(store.save_extension(element, owner.account_id, &revised(&owner, 1, "later")).await.unwrap());
        let (row, definition) = store.find_extension(element, owner.account_id).await.unwrap().unwrap();
        assert_eq!((row.revision, definition.as_str()), (2, "later"));
        assert!(store.find_extension(element, Id::new(1).unwrap()).await.unwrap().is_none());
        assert_eq!(store.element_changes(0).await.unwrap().extensions, [row]);
        let versions = store.list_versions(Subject::Extension(element, owner.account_id)).await.unwrap();
        assert_eq!(versions.len(), 2);
        assert!(store.list_versions(Subject::Element(element)).await.unwrap().is_empty());
        fixture.second().await.rotate_keys().await.unwrap();
        assert!(store.find_extension(element, owner.account_id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn numbers_of_parts_are_given_once() {
    on_each_engine(async |fixture| {
        assert_eq!(fixture.store.allot_element_parts(3).await.unwrap(), 1_000_001);
        assert_eq!(fixture.second().await.allot_element_parts(1).await.unwrap(), 1_000_004);
    })
    .await;
}

#[tokio::test]
async fn properties_of_the_catalog_are_replaced() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let of = PropertiesOf::User(owner.user_id);
        assert!(fixture.store.catalog_properties(of).await.unwrap().is_none());
        fixture.store.set_catalog_properties(of, "[1]").await.unwrap();
        fixture.store.set_catalog_properties(of, "[]").await.unwrap();
        assert_eq!(fixture.store.catalog_properties(of).await.unwrap().as_deref(), Some("[]"));
        let account = PropertiesOf::Account(owner.account_id);
        assert!(fixture.store.catalog_properties(account).await.unwrap().is_none());
    })
    .await;
}
