//! Examples are valid by the schema, hold every structure, and end.

use serde_json::json;

use super::EncodeError;
use crate::{EncodeOptions, samples::library};

#[test]
fn an_example_has_every_structure_and_can_be_sent() {
    let library = library();
    for levels in 0..=4 {
        let message = json!({ "rnthings": [{ "@type": "Book", "@example": levels }] });
        let message = library.with_examples(message).unwrap();
        library
            .encode("Store", &message, &EncodeOptions::default())
            .unwrap_or_else(|error| panic!("{error}: {message}"));
        let book = &message["rnthings"][0];
        assert_eq!(book.get("labels").is_some(), levels > 0, "{book}");
        assert!(book.get("title").is_none() && book.get("@example").is_none(), "{book}");
    }
}

#[test]
fn members_beside_the_marker_win() {
    let message = json!({ "rnthings": [{ "@type": "Book", "@example": 2, "labels": null, "title": "T" }] });
    let message = library().with_examples(message).unwrap();
    assert_eq!((&message["rnthings"][0]["labels"], &message["rnthings"][0]["title"]), (&json!(null), &json!("T")));
}

#[test]
fn members_can_be_left_out() {
    let message = json!({ "@type": "Book", "@example": 2, "@without": ["labels", "sheep"] });
    let book = library().with_examples(message).unwrap();
    assert!(book.get("labels").is_none() && book.get("@without").is_none(), "{book}");
}

#[test]
fn wrong_markers_are_refused() {
    let placed = |message| library().with_examples(message).unwrap_err();
    assert!(matches!(placed(json!({ "@example": 1 })), EncodeError::Untyped(_)));
    assert!(matches!(placed(json!({ "@type": "Sheep", "@example": 1 })), EncodeError::UnknownType { .. }));
    for levels in [json!(9), json!(-1), json!("x"), json!({})] {
        assert!(matches!(placed(json!({ "@type": "Book", "@example": levels })), EncodeError::WrongType { .. }));
    }
    let many: Vec<_> = (0..20_000).map(|_| json!({ "@type": "Book", "@example": 4 })).collect();
    assert!(matches!(placed(json!(many)), EncodeError::TooDeep(_)));
}
