//! Lists: filters, orders, pages.

use serde_json::json;

use super::{Hubs, Instance, each};

async fn made(crm: &Instance<'_>, count: usize) -> Vec<String> {
    let mut keys = Vec::new();
    for index in 0..count {
        keys.push(crm.account(&format!("Listed {index:02}")).await);
    }
    keys
}

#[tokio::test]
async fn conditions_find_exactly_what_they_say() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    made(&crm, 3).await;
    crm.account("Churro's % ; OR x").await;
    let find = async |condition: &str| {
        let encoded: String = condition.bytes().map(|byte| format!("%{byte:02X}")).collect();
        each(&crm.get(&format!("/hubs/crm/accounts?where={encoded}")).await.ok(), "OrganizationName")
    };
    assert_eq!(find("OrganizationName='Listed 01'").await, ["Listed 01"]);
    assert_eq!(find("OrganizationName = 'Churro''s % ; OR x'").await, ["Churro's % ; OR x"]);
    assert_eq!(find("OrganizationName='nobody'").await, [""; 0]);
    assert_eq!(find("OrganizationName LIKE 'Listed%' AND OrganizationName != 'Listed 00'").await.len(), 2);
    assert_eq!(find("OrganizationName IN ('Listed 00','Listed 02') OR OrganizationName='Listed 01'").await.len(), 3);
    let broken = crm.get("/hubs/crm/accounts?where=a%20b").await.error(400);
    assert!(broken.contains("Error parsing query"), "{broken}");
    let none = crm.get("/hubs/crm/accounts?where=OrganizationName='nobody'").await;
    assert_eq!(none.header("elements-returned-count"), "0");
    assert!(!none.headers.contains_key("elements-next-page-token"));
    assert_eq!(none.ok(), json!([]));
}

#[tokio::test]
async fn pages_follow_each_other_by_number_and_by_token() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    made(&crm, 7).await;
    let page = async |query: &str| {
        let path =
            format!("/hubs/crm/accounts?where=OrganizationName%20LIKE%20'Listed%25'&orderBy=PartyNumber&{query}");
        crm.get(&path).await
    };
    let all = each(&page("pageSize=50").await.ok(), "PartyNumber");
    assert_eq!(all.len(), 7);
    let (one, two) = (page("page=1&pageSize=2").await, page("page=2&pageSize=2").await);
    assert_eq!(one.header("elements-returned-count"), "2");
    let both = each(&one.ok(), "PartyNumber").into_iter().chain(each(&two.ok(), "PartyNumber")).collect::<Vec<_>>();
    assert_eq!(both, each(&page("page=1&pageSize=4").await.ok(), "PartyNumber"));
    let (mut walked, mut token) = (Vec::new(), String::new());
    for _ in 0..9 {
        let answer = page(&format!("pageSize=3&nextPage={token}")).await;
        token = answer.header("elements-next-page-token").replace('+', "%2B").replace('=', "%3D");
        walked.extend(each(&answer.ok(), "PartyNumber"));
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(walked, all);
    assert_eq!(page("page=9&pageSize=4").await.ok(), json!([]));
}

#[tokio::test]
async fn lists_that_the_vendor_does_not_page_are_cut_here() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    made(&crm, 5).await;
    let page = async |query: &str| {
        each(&crm.get(&format!("/every?where=OrganizationName%20LIKE%20'Listed%25'&{query}")).await.ok(), "PartyNumber")
    };
    let all = page("pageSize=50").await;
    assert_eq!(all.len(), 5);
    assert_eq!(page("pageSize=2&page=2").await, all[2..4]);
    assert_eq!(page("pageSize=2&page=3").await, all[4..]);
    assert!(page("pageSize=2&page=4").await.is_empty());
}

#[tokio::test]
async fn sizes_that_are_too_large_are_cut_with_a_warning() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    let answer = crm.get("/hubs/crm/accounts?pageSize=5000").await;
    assert!(answer.header("elements-error").contains("50"), "{:?}", answer.headers);
    answer.ok();
    for query in ["pageSize=0", "pageSize=x", "page=0", "page=-1", "page=1.5", "nextPage=rubbish", "nextPage=e30="] {
        crm.get(&format!("/hubs/crm/accounts?{query}")).await.error(400);
    }
}

#[tokio::test]
async fn select_statements_are_lists() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    made(&crm, 5).await;
    let run = async |statement: &str| {
        let encoded: String = statement.bytes().map(|byte| format!("%{byte:02X}")).collect();
        crm.get(&format!("/hubs/crm/query?q={encoded}")).await
    };
    let statement = "select OrganizationName from accounts where OrganizationName like 'Listed%' \
                     order by OrganizationName desc limit 2";
    let found = run(statement).await;
    assert_eq!(found.header("elements-returned-count"), "2");
    assert_eq!(found.ok(), json!([{ "OrganizationName": "Listed 04" }, { "OrganizationName": "Listed 03" }]));
    assert_eq!(each(&run("select * from accounts limit 3").await.ok(), "PartyNumber").len(), 3);
    for statement in ["select * contacts", "", "select", "drop table accounts"] {
        let message = run(statement).await.error(400);
        assert!(message.contains("Error parsing query"), "{message}");
    }
    crm.get("/query").await.error(400);
}
