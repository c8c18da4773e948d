//! Instances: numbers, locking, lists, and what the database shows of their secrets.

use ligand_domain::Caller;
use sqlx::Row;

use super::*;
use crate::{
    Engine,
    testing::{Fixture, bootstrap, new_instance, on_each_engine, secret},
};

async fn create(fixture: &Fixture, owner: &Caller, name: &str) -> Instance {
    fixture.store.create_instance(&new_instance(owner, name)).await.unwrap()
}

fn ids(page: &InstancePage) -> Vec<i64> {
    page.items.iter().map(|instance| instance.id.get()).collect()
}

/// A second user, of the same account.
async fn other_user(fixture: &Fixture, owner: &Caller) -> Caller {
    fixture
        .execute(
            "INSERT INTO users (id, account_id, email, email_folded, first_name, last_name, active, created_at)
             VALUES (9, 2, 'b', 'b', 'B', 'B', 1, 0)",
        )
        .await;
    Caller { user_id: Id::new(9).unwrap(), ..*owner }
}

#[tokio::test]
async fn an_instance_is_read_back_whole() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let mut new = new_instance(&owner, "Größe '\"\\ ☕");
        new.tags = vec!["b".into(), "a".into(), "b".into(), String::new(), "nul \0 in a tag".into()];
        new.settings = Settings {
            caching_enabled: true,
            max_cache_size: 7,
            cache_time_to_live_seconds: i64::MAX,
            trace_logging_enabled: true,
            external_authentication: ExternalAuthentication::Initial,
        };
        new.configuration.set("nul", Some("a\0b".into()));
        let created = fixture.store.create_instance(&new).await.unwrap();
        assert_eq!((created.id.get(), created.revision, created.valid, created.disabled), (1, 1, true, false));
        let by_id = fixture.store.find_instance(created.id).await.unwrap().unwrap();
        let by_token = fixture.store.find_instance_by_token(&new.token).await.unwrap().unwrap();
        for found in [&created, &by_id, &by_token] {
            assert_eq!((&found.name, &found.tags, &found.settings), (&new.name, &new.tags, &new.settings));
            assert_eq!((&found.configuration, &found.token), (&new.configuration, &new.token));
            assert_eq!(
                (found.user_id, found.element_id, found.created_at),
                (owner.user_id, new.element_id, new.created_at)
            );
            assert_eq!((found.id, found.organization_id, found.revision), (created.id, owner.organization_id, 1));
        }
        assert!(fixture.store.find_instance(Id::new(2).unwrap()).await.unwrap().is_none());
        for token in ["", "token", "nul\0", &"x".repeat(100_000)] {
            assert!(fixture.store.find_instance_by_token(&secret(token)).await.unwrap().is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn failures_leave_no_gap_in_the_numbers() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        assert_eq!(create(fixture, &owner, "a").await.id.get(), 1);
        let again = fixture.store.create_instance(&new_instance(&owner, "a")).await;
        assert!(matches!(again, Err(Error::Conflict)), "the token is in use");
        let nobody = Caller { user_id: Id::new(404).unwrap(), ..owner };
        assert!(matches!(fixture.store.create_instance(&new_instance(&nobody, "b")).await, Err(Error::Database(_))));
        let nul = fixture.store.create_instance(&new_instance(&owner, "a\0b")).await;
        assert!(matches!(nul, Err(Error::NulCharacter)));
        assert_eq!(create(fixture, &owner, "c").await.id.get(), 2);
        assert!(fixture.store.delete_instance(Id::new(2).unwrap()).await.unwrap());
        assert_eq!(create(fixture, &owner, "d").await.id.get(), 3, "numbers are not used twice");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_creations_are_numbered_without_gaps() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let stores = [fixture.store.clone(), fixture.second().await];
        let mut tasks = Vec::new();
        for number in 0..60 {
            let store = stores[number % 2].clone();
            let mut new = new_instance(&owner, &format!("n{number}"));
            if number % 3 == 0 {
                new.user_id = Id::new(404).unwrap();
            }
            tasks.push(tokio::spawn(async move { store.create_instance(&new).await.ok().map(|made| made.id.get()) }));
        }
        let mut made = Vec::new();
        for task in tasks {
            made.extend(task.await.unwrap());
        }
        made.sort_unstable();
        assert_eq!(made, (1..=40).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn an_abandoned_creation_leaves_nothing() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        for polls in 1..30 {
            let new = new_instance(&owner, &format!("gone {polls}"));
            let mut creation = Box::pin(fixture.store.create_instance(&new));
            let mut left = polls;
            std::future::poll_fn(|context| {
                left -= 1;
                let done = creation.as_mut().poll(context).is_ready();
                if done || left == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
            .await;
        }
        let page = fixture.store.list_instances(&InstanceFilter::of_user(owner.user_id, 1000)).await.unwrap();
        assert_eq!(ids(&page), (1..=page.total).collect::<Vec<_>>());
        assert_eq!(create(fixture, &owner, "next").await.id.get(), page.total + 1);
    })
    .await;
}

#[tokio::test]
async fn updates_need_the_latest_revision() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let first = create(fixture, &owner, "a").await;
        let mut changed = first.clone();
        changed.name = "B".into();
        changed.tags = vec!["t".into()];
        changed.element_id = Id::new(59).unwrap();
        changed.configuration.set("password", Some("new".into()));
        (changed.valid, changed.disabled, changed.settings.max_cache_size) = (false, true, 5);
        let second = fixture.store.update_instance(&changed, None).await.unwrap().unwrap();
        assert_eq!(second.revision, 2);
        let found = fixture.store.find_instance(first.id).await.unwrap().unwrap();
        assert_eq!((&found.name, &found.tags, found.element_id), (&changed.name, &changed.tags, changed.element_id));
        assert_eq!((&found.configuration, &found.settings), (&changed.configuration, &changed.settings));
        assert_eq!((found.valid, found.disabled, found.revision, &found.token), (false, true, 2, &first.token));
        assert!(fixture.store.update_instance(&first, None).await.unwrap().is_none(), "a stale revision");
        assert_eq!(fixture.store.find_instance(first.id).await.unwrap().unwrap().name, "B");
        let nul = Instance { name: "\0".into(), ..second.clone() };
        assert!(matches!(fixture.store.update_instance(&nul, None).await, Err(Error::NulCharacter)));
        assert!(fixture.store.delete_instance(first.id).await.unwrap());
        assert!(!fixture.store.delete_instance(first.id).await.unwrap());
        assert!(fixture.store.update_instance(&second, None).await.unwrap().is_none(), "deleted");
        assert!(fixture.store.find_instance_by_token(&first.token).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_concurrent_updates_one_wins() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let instance = create(fixture, &owner, "a").await;
        let mut tasks = Vec::new();
        for number in 0..8 {
            let (store, mut mine) = (fixture.store.clone(), instance.clone());
            mine.tags = vec![format!("tag {number}")];
            tasks.push(tokio::spawn(async move { store.update_instance(&mine, None).await.unwrap() }));
        }
        let mut winners = Vec::new();
        for task in tasks {
            winners.extend(task.await.unwrap());
        }
        assert_eq!(winners.len(), 1);
        let found = fixture.store.find_instance(instance.id).await.unwrap().unwrap();
        assert_eq!((found.revision, &found.tags), (2, &winners[0].tags));
        let filter = InstanceFilter { tags_any: found.tags, ..InstanceFilter::of_user(owner.user_id, 9) };
        assert_eq!(fixture.store.list_instances(&filter).await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test]
async fn lists_are_paged_in_order_of_ids() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let other = other_user(fixture, &owner).await;
        for number in 1..=7 {
            create(fixture, if number == 4 { &other } else { &owner }, &format!("n{number}")).await;
        }
        let mut filter = InstanceFilter::of_user(owner.user_id, 4);
        let list = async |filter: &InstanceFilter| fixture.store.list_instances(filter).await.unwrap();
        let first = list(&filter).await;
        assert_eq!((ids(&first), first.total, first.more), (vec![1, 2, 3, 5], 6, true));
        filter.after = Some(first.items[3].id);
        let second = list(&filter).await;
        assert_eq!((ids(&second), second.total, second.more), (vec![6, 7], 6, false));
        filter.after = Id::new(i64::MAX);
        let beyond = list(&filter).await;
        assert_eq!((ids(&beyond), beyond.total, beyond.more), (vec![], 6, false));
        let exact = list(&InstanceFilter::of_user(owner.user_id, 6)).await;
        assert_eq!((exact.items.len(), exact.total, exact.more), (6, 6, false));
        let none = list(&InstanceFilter::of_user(owner.user_id, 0)).await;
        assert_eq!((none.items.len(), none.total, none.more), (0, 6, true));
        assert_eq!(ids(&list(&InstanceFilter::of_user(other.user_id, u32::MAX)).await), [4]);
        assert_eq!(list(&InstanceFilter::of_user(Id::new(1).unwrap(), 9)).await.total, 0);
    })
    .await;
}

#[tokio::test]
async fn tags_match_exactly_and_any_will_do() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let other = other_user(fixture, &owner).await;
        let long = "long ".repeat(2000);
        let sets: [&[&str]; 5] = [&["a", "b", "b"], &["B"], &["a%", "nul\0"], &[], &[&long, "straße"]];
        for (number, tags) in sets.iter().enumerate() {
            let mut new = new_instance(&owner, &format!("n{number}"));
            new.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
            fixture.store.create_instance(&new).await.unwrap();
        }
        let mut foreign = new_instance(&other, "foreign");
        foreign.tags = vec!["a".into()];
        fixture.store.create_instance(&foreign).await.unwrap();
        let list = async |tags: &[&str]| {
            let tags_any = tags.iter().map(|&tag| tag.to_owned()).collect();
            let filter = InstanceFilter { tags_any, ..InstanceFilter::of_user(owner.user_id, 10) };
            ids(&fixture.store.list_instances(&filter).await.unwrap())
        };
        assert_eq!(list(&["a"]).await, [1]);
        assert_eq!(list(&["b", "B"]).await, [1, 2]);
        assert_eq!(list(&["b", "b", "a", "nothing"]).await, [1]);
        assert_eq!(list(&["a%"]).await, [3]);
        assert_eq!(list(&["nul\0"]).await, [3]);
        assert_eq!(list(&[&long]).await, [5]);
        for nothing in ["", "%", "_", "A", " a", "nul", "a\0", "foreign"] {
            assert!(list(&[nothing]).await.is_empty(), "{nothing}");
        }
        let many: Vec<String> = (0..1000).map(|number| format!("t{number}")).collect();
        let mut full = new_instance(&owner, "full");
        full.tags.clone_from(&many);
        assert_eq!(fixture.store.create_instance(&full).await.unwrap().id.get(), 7);
        let asked: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(list(&asked).await, [7]);
        assert_eq!(list(&["t999"]).await, [7]);
    })
    .await;
}

#[tokio::test]
async fn search_is_literal_and_regardless_of_case() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let names = ["Sales 100%", "under_score", "ÄRGER in Straße", "back\\slash 'quote'", "ΟΔΟΣ", "ἐν Οδω"];
        for name in names {
            create(fixture, &owner, name).await;
        }
        let search = async |text: &str, elements: &[i64]| {
            let filter = InstanceFilter {
                search_text: Some(text.to_owned()),
                search_element_ids: elements.iter().map(|&id| Id::new(id).unwrap()).collect(),
                ..InstanceFilter::of_user(owner.user_id, 10)
            };
            let page = fixture.store.list_instances(&filter).await.unwrap();
            assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
            ids(&page)
        };
        assert_eq!(search("SALES", &[]).await, [1]);
        assert_eq!(search("s", &[]).await, [1, 2, 3, 4]);
        assert_eq!(search("%", &[]).await, [1]);
        assert_eq!(search("_", &[]).await, [2]);
        assert_eq!(search("\\", &[]).await, [4]);
        assert_eq!(search("'quote'", &[]).await, [4]);
        assert_eq!(search("ärger IN STRASSE", &[]).await, [3]);
        assert_eq!(search("οδος", &[]).await, [5]);
        assert_eq!(search("οδ", &[]).await, [5, 6]);
        assert_eq!(search("", &[]).await.len(), 6);
        assert_eq!(search("", &[57]).await.len(), 6);
        assert_eq!(search("nothing like it", &[57, 58]).await.len(), 6);
        assert!(search("nothing like it", &[57]).await.is_empty());
        assert!(search("a\0b", &[]).await.is_empty());
        assert_eq!(search("a\0b", &[58]).await.len(), 6);
        assert!(search(&"x".repeat(200_000), &[]).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn conditions_narrow_each_other() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        for (name, element) in [("one", 58), ("two", 58), ("one more", 37)] {
            let mut new = new_instance(&owner, name);
            new.element_id = Id::new(element).unwrap();
            new.tags = vec!["t".into(), name.into()];
            fixture.store.create_instance(&new).await.unwrap();
        }
        let filter = InstanceFilter {
            element_id: Id::new(58),
            tags_any: vec!["t".into()],
            search_text: Some("ONE".into()),
            after: None,
            ..InstanceFilter::of_user(owner.user_id, 1)
        };
        let page = fixture.store.list_instances(&filter).await.unwrap();
        assert_eq!((ids(&page), page.total, page.more), (vec![1], 1, false));
        let page = fixture.store.list_instances(&InstanceFilter { element_id: None, ..filter.clone() }).await.unwrap();
        assert_eq!((ids(&page), page.total, page.more), (vec![1], 2, true));
        let narrow = InstanceFilter { tags_any: vec!["two".into()], ..filter };
        assert_eq!(fixture.store.list_instances(&narrow).await.unwrap().total, 0);
        let counts = fixture.store.count_instances(owner.user_id).await.unwrap();
        let counts: Vec<(i64, i64)> = counts.into_iter().map(|(element, count)| (element.get(), count)).collect();
        assert_eq!(counts, [(37, 1), (58, 2)]);
        assert!(fixture.store.count_instances(Id::new(1).unwrap()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn tampered_and_moved_secrets_do_not_open() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        create(fixture, &owner, "a").await;
        create(fixture, &owner, "b").await;
        for column in ["configuration", "token"] {
            let original = sealed_value(fixture, column, 1).await;
            let moved = sealed_value(fixture, column, 2).await;
            let middle = original.len() / 2;
            let swap = if &original[middle..=middle] == "A" { "B" } else { "A" };
            let tampered = format!("{}{swap}{}", &original[..middle], &original[middle + 1..]);
            let unknown = format!("s1.00000000.{}", &original[12..]);
            for bad in [moved, tampered, unknown, "plain text".to_owned(), String::new()] {
                fixture.execute(&format!("UPDATE instances SET {column} = '{bad}' WHERE id = 1")).await;
                let error = fixture.store.find_instance(Id::new(1).unwrap()).await.unwrap_err();
                assert!(matches!(error, Error::Corrupt { .. }), "{error}");
                assert!(error.to_string().starts_with(&format!("instances.{column} of row 1")), "{error}");
            }
            fixture.execute(&format!("UPDATE instances SET {column} = '{original}' WHERE id = 1")).await;
            assert!(fixture.store.find_instance(Id::new(1).unwrap()).await.is_ok());
        }
        fixture.execute("UPDATE instances SET tags = 'x' WHERE id = 1").await;
        assert!(matches!(fixture.store.find_instance(Id::new(1).unwrap()).await, Err(Error::Corrupt { .. })));
        assert!(fixture.store.find_instance(Id::new(2).unwrap()).await.is_ok());
    })
    .await;
}

async fn sealed_value(fixture: &Fixture, column: &str, id: i64) -> String {
    let sql = AssertSqlSafe(format!("SELECT {column} AS v FROM instances WHERE id = {id}"));
    sqlx::query(sql).fetch_one(fixture.store.reader()).await.unwrap().text("v").unwrap()
}

#[tokio::test]
async fn no_secret_is_readable_in_the_database() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let mut instance = create(fixture, &owner, "planted").await;
        instance.configuration.set("password", Some("planted-vendor-password".into()));
        fixture.store.update_instance(&instance, None).await.unwrap().unwrap();
        let expires_at = Timestamp::from_millis(i64::MAX);
        fixture.store.create_session(owner.user_id, &secret("planted-session-token"), expires_at).await.unwrap();
        let content = raw_content(fixture).await;
        let contains = |text: &str| content.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(contains("Lovelace"), "the content must be there to be searched");
        let secrets = bootstrap();
        for secret in [
            secrets.user_secret.expose(),
            secrets.organization_secret.expose(),
            secrets.password_hash.expose(),
            "planted-vendor-password",
            "pw-planted",
            "token-planted",
            "planted-session-token",
        ] {
            assert!(!contains(secret), "{secret}");
        }
        assert!(!contains(fixture.store.vault().ring().to_text().expose().lines().last().unwrap()));
    })
    .await;
}

/// The bytes of SQLite's files; with PostgreSQL every row of every table as text.
async fn raw_content(fixture: &Fixture) -> Vec<u8> {
    if fixture.store.engine() == Engine::Sqlite {
        let read = |suffix| std::fs::read(fixture.directory.path().join(format!("ligand.db{suffix}"))).unwrap();
        return [read(""), read("-wal")].concat();
    }
    let tables = "SELECT CAST(tablename AS TEXT) AS t FROM pg_tables WHERE schemaname = current_schema()";
    let mut content = Vec::new();
    for table in sqlx::query(tables).fetch_all(fixture.store.reader()).await.unwrap() {
        let sql = format!("SELECT CAST(t.* AS TEXT) AS content FROM {} t", table.get::<String, _>("t"));
        for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(fixture.store.reader()).await.unwrap() {
            content.extend_from_slice(row.get::<String, _>("content").as_bytes());
        }
    }
    content
}

#[tokio::test]
async fn an_account_has_the_instances_of_its_users() {
    on_each_engine(async |fixture| {
        let owner = fixture.administrator().await;
        let other = other_user(fixture, &owner).await;
        for (number, user) in [&owner, &other, &owner].into_iter().enumerate() {
            create(fixture, user, &format!("n{number}")).await;
        }
        let of_account = |account| InstanceFilter {
            owner: InstanceOwner::Account(Id::new(account).unwrap()),
            ..InstanceFilter::of_user(owner.user_id, 2)
        };
        let page = fixture.store.list_instances(&of_account(2)).await.unwrap();
        assert_eq!((ids(&page), page.total, page.more), (vec![1, 2], 3, true));
        assert_eq!(fixture.store.list_instances(&of_account(1)).await.unwrap().total, 0);
        let tagged = InstanceFilter { tags_any: vec!["n0".into()], ..of_account(2) };
        assert_eq!(fixture.store.list_instances(&tagged).await.unwrap().total, 0);
    })
    .await;
}
