//! The record of calls: written in numbers, found, filtered, counted, forgotten.

use super::*;
use crate::testing::on_each_engine;

fn call(number: i64) -> UsageRecord {
    UsageRecord {
        at: Timestamp::from_millis(1_000_000 + number * 1000),
        request_id: format!("request-{number}"),
        organization_id: Id::new(1).unwrap(),
        account_id: Id::new(number % 2 + 1).unwrap(),
        user_id: Id::new(1).unwrap(),
        instance_id: Id::new(number % 3 + 1).unwrap(),
        element_key: format!("element{}", number % 3),
        hub: "Crm".to_owned(),
        failed: number % 5 == 0,
        millis: number,
        record: format!(r#"{{"request_uri":"/x/{number}","text":"100%_!","element_tags":["Tag{number}"]}}"#),
    }
}

fn all(accounts: &[i64]) -> UsageFilter {
    UsageFilter {
        accounts: accounts.iter().map(|id| Id::new(*id).unwrap()).collect(),
        from: Timestamp::from_millis(1_000_000),
        to: Timestamp::from_millis(2_000_000),
        hub: None,
        element_keys: Vec::new(),
        tags: Vec::new(),
        failed: None,
        search: None,
    }
}

#[tokio::test]
async fn records_are_found_listed_and_counted() {
    on_each_engine(async |fixture| {
        let store = &fixture.store;
        let calls: Vec<UsageRecord> = (0..250).map(call).collect();
        store.record_usage(&calls).await.unwrap();
        store.record_usage(&[]).await.unwrap();
        let (number, found) = store.find_usage("request-7").await.unwrap().unwrap();
        assert_eq!(found, call(7));
        assert_eq!(store.find_usage(&number.to_string()).await.unwrap(), Some((number, call(7))));
        for unknown in ["", "request", "0", "251", "-1", "99999999999999999999", "007"] {
            assert_eq!(store.find_usage(unknown).await.unwrap(), None, "{unknown}");
        }
        let listed = async |filter: &UsageFilter, offset, limit| -> Vec<i64> {
            let found = store.list_usage(filter, None, offset, limit).await.unwrap();
            found.iter().map(|(_, record)| record.millis).collect()
        };
        assert_eq!(listed(&all(&[1]), 1, 3).await, [246, 244, 242]);
        assert_eq!(listed(&all(&[1, 2]), 248, 9).await, [1, 0]);
        assert!(listed(&all(&[]), 0, 9).await.is_empty());
        let twin = UsageRecord { at: call(200).at, ..call(999) };
        store.record_usage(&[twin]).await.unwrap();
        let last = store.list_usage(&all(&[1, 2]), None, 49, 1).await.unwrap().remove(0);
        assert_eq!((last.0, last.1.millis), (251, 999));
        let behind = store.list_usage(&all(&[1, 2]), Some((last.1.at, last.0)), 0, 2).await.unwrap();
        assert_eq!(
            behind.iter().map(|(_, record)| record.millis).collect::<Vec<_>>(),
            [200, 199],
            "of the same instant"
        );
        let with = |change: fn(&mut UsageFilter)| {
            let mut filter = all(&[1, 2]);
            change(&mut filter);
            filter
        };
        let elements = with(|filter| filter.element_keys = vec!["element1".into(), "element'2".into()]);
        assert_eq!(listed(&elements, 0, 2).await, [247, 244]);
        assert_eq!(listed(&with(|filter| filter.failed = Some(true)), 0, 2).await, [245, 240]);
        assert_eq!(listed(&with(|filter| filter.hub = Some("CRM".into())), 0, 1).await, [249]);
        assert_eq!(listed(&with(|filter| filter.search = Some("X/24".into())), 0, 1).await, [249]);
        assert_eq!(listed(&with(|filter| filter.search = Some("0%_!".into())), 0, 1).await, [249]);
        assert!(listed(&with(|filter| filter.search = Some("x%24".into())), 0, 1).await.is_empty());
        assert_eq!(listed(&with(|filter| filter.tags = vec!["no".into(), "tag24".into()]), 0, 9).await, [24]);
        let nul = with(|filter| filter.search = Some("\0".into()));
        assert!(matches!(store.list_usage(&nul, None, 0, 1).await, Err(Error::NulCharacter)));
        let counted = store.count_usage(&elements, 100_000).await.unwrap();
        assert_eq!(
            counted.iter().map(|count| (count.bucket, count.count)).collect::<Vec<_>>(),
            [(0, 33), (1, 34), (2, 16)]
        );
        let first = &counted[0];
        assert_eq!((first.failed, first.min, first.max, first.sum), (6, 1, 97, 1617));
        let used = store.usage_by_instance(&all(&[1])).await.unwrap();
        assert_eq!(used.len(), 3);
        assert_eq!((used[0].0.get(), used[0].1.as_str(), used[0].2), (1, "element0", 42));
    })
    .await;
}

#[tokio::test]
async fn old_records_go() {
    on_each_engine(async |fixture| {
        let calls: Vec<UsageRecord> = (0..10).map(call).collect();
        fixture.store.record_usage(&calls).await.unwrap();
        assert_eq!(fixture.store.forget_usage(Timestamp::from_millis(1_004_000)).await.unwrap(), 4);
        assert_eq!(fixture.store.list_usage(&all(&[1, 2]), None, 0, 99).await.unwrap().len(), 6);
        assert!(matches!(
            fixture.store.record_usage(&[UsageRecord { record: "\0".into(), ..call(1) }]).await,
            Err(Error::NulCharacter)
        ));
    })
    .await;
}
