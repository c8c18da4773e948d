//! The parameters other than `q`.

use serde_json::json;

use super::{finder, finders, order};
use crate::oraclesalescloud::resource::Resource;

#[test]
fn orders() {
    let accounts = Resource::named("accounts").unwrap();
    let both = order("PartyId:desc, OrganizationName", accounts).unwrap();
    assert_eq!(both, [("PartyId".to_owned(), true), ("OrganizationName".to_owned(), false)]);
    for text in ["PartyId:up", "Planet", "PartyId:asc,", "PrimaryAddress", "PartyNumberKey", ""] {
        assert!(order(text, accounts).is_err(), "{text}");
    }
}

#[test]
fn finders_go_by_the_keys() {
    let leads = Resource::named("leads").unwrap();
    assert_eq!(finders(leads).len(), 2);
    assert_eq!(finder("PrimaryKey;LeadId=42", leads), Some(("LeadId", json!(42))));
    assert_eq!(finder("LeadNumberAltKey;LeadNumber='7'", leads), Some(("LeadNumber", json!("7"))));
    for text in ["", "PrimaryKey", "PrimaryKey;", "PrimaryKey;LeadId=x", "PrimaryKey;Name=x", "Other;LeadId=42"] {
        assert_eq!(finder(text, leads), None, "{text}");
    }
}
