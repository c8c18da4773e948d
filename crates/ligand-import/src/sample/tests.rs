//! Samples become models and sheets, and come back as they were.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{SampleError, SheetError, from_sheet, is_date_time, schema_of, to_sheet};

fn schema(sample: &Value) -> Value {
    Value::Object(schema_of("thing", sample).unwrap())
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => panic!("an object is needed"),
    }
}

#[test]
fn single_values_have_samples() {
    let sample = json!({
        "text": "a", "whole": 7, "large": 9_000_000_000_i64, "part": 1.5, "flag": true, "nothing": null,
        "when": "2017-05-24T18:31:01.000+0000", "list": [1, 2, 3], "none": [],
    });
    let expected = json!({
        "text": { "x-samplevalue": "a", "type": "string" },
        "whole": { "x-samplevalue": 7, "format": "int32", "type": "integer" },
        "large": { "x-samplevalue": 9_000_000_000_i64, "format": "int64", "type": "integer" },
        "part": { "x-samplevalue": 1.5, "type": "number" },
        "flag": { "x-samplevalue": true, "type": "boolean" },
        "nothing": { "type": "unknown" },
        "when": {
            "x-samplevalue": "2017-05-24T18:31:01.000+0000", "x-mask": "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "format": "date-time",
            "type": "string",
        },
        "list": { "x-samplevalue": [1, 2, 3], "type": "array", "items": { "type": "integer" } },
        "none": { "x-samplevalue": [], "type": "array", "items": { "type": "string" } },
    });
    let made = schema(&sample);
    assert_eq!(made["thing"], json!({ "x-has-customfields": false, "title": "thing", "properties": expected }));
}

#[test]
fn objects_have_definitions_named_like_their_members() {
    // The members are visited as terms, type, owner: of sixteen buckets 4, 7 and 8.
    let sample = json!({
        "owner": { "type": { "x": 1 } }, "type": { "y": 1 }, "terms": { "type": { "z": 1 } },
        "lines": [{ "a": 1 }, { "b": "2" }, 5],
    });
    let made = schema(&sample);
    let typed = |title: &str, member: &str| {
        let property = json!({ "x-samplevalue": 1, "format": "int32", "type": "integer" });
        json!({ "x-has-customfields": false, "title": title, "type": "object", "properties": { member: property } })
    };
    let names: Vec<(&str, &Value)> = [("owner", &made["owner"]), ("terms", &made["terms"])]
        .map(|(name, one)| (name, &one["properties"]["type"]["type"]))
        .to_vec();
    let all: std::collections::BTreeMap<&String, &Value> =
        made.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("type")).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    for (name, kind) in names {
        let kind = kind.as_str().unwrap();
        assert!(kind == "type" || kind == format!("{name}type"), "{name}: {kind}");
        assert_eq!(made[kind]["title"], "type", "the title stays");
    }
    assert_eq!(made["thing"]["properties"]["lines"], json!({ "type": "array", "items": { "type": "lines" } }));
    assert_eq!(made["lines"]["properties"].as_object().unwrap().len(), 2, "of all items");
    assert!(made["lines"].get("type").is_none());
    let own = made["thing"]["properties"]["type"]["type"].as_str().unwrap();
    assert_eq!(made[own], typed("type", "y"));
}

#[test]
fn the_first_that_is_visited_keeps_the_bare_name() {
    let visited = |sample: Value| {
        let made = schema(&sample);
        let kind = |owner: &str| made[owner]["properties"]["type"]["type"].as_str().unwrap().to_owned();
        (kind("a"), kind("p"))
    };
    let sample = json!({ "a": { "type": { "x": 1 } }, "p": { "type": { "x": 1 } } });
    assert_eq!(visited(sample), ("atype".to_owned(), "type".to_owned()), "p is in the bucket 0, a in 1");
    let own = schema(&json!({ "thing": { "string": { "x": 1 } } }));
    assert_eq!(own["thing"]["properties"]["thing"], json!({ "type": "thingthing" }));
    assert_eq!(
        own["thingthing"]["properties"]["string"],
        json!({ "type": "thingthingstring" }),
        "no type is called string"
    );
}

#[test]
fn lists_have_items() {
    let made = schema(&json!([{ "id": 1 }, { "name": "x" }]));
    assert_eq!(made["thing"], json!({ "type": "array", "items": { "type": "thingObject" } }));
    assert_eq!((&made["thingObject"]["title"], &made["thingObject"]["type"]), (&json!("thing"), &json!("object")));
    assert_eq!(
        schema(&json!([1]))["thing"],
        json!({ "x-samplevalue": [1], "type": "array", "items": { "type": "integer" } })
    );
    assert_eq!(schema_of("thing", &json!("x")), Err(SampleError::Single));
    let deep = (0..200).fold(json!({}), |inner, _| json!({ "a": inner }));
    assert_eq!(schema_of("thing", &deep), Err(SampleError::TooLarge));
}

#[test]
fn sheets_have_a_row_for_each_member() {
    let sample = json!({ "id": 7, "owner": { "name": "a, \"b\"" }, "lines": [{ "n.x": 1 }], "tags": ["a"], "at": "2017-05-24T18:31:01Z" });
    let sheet = to_sheet("thing", &schema_of("thing", &sample).unwrap()).unwrap();
    let lines: Vec<&str> = sheet.lines().collect();
    assert_eq!(
        lines[0],
        "sampleValue,name,type,format,subFormat,displayName,description,request,response,defaultValue,max,min,precision,\
         nullable,searchOperators,searchNames,mask,enums,conditionalDescription,reference,hidden,primaryKey,readOnly,required,\
         vendorReferenceName,vendorName,customFields,searchable,whereFields,searchableJoins"
    );
    assert_eq!(lines[1], "7,id,integer,int32,,,,true,true,,,,,false,,,,,,,false,false,false,false,,,,,,");
    assert_eq!(lines[2], ",owner,object,,,,,true,true,,,,,false,,,,,,owner,false,false,false,false,,,,,,");
    assert_eq!(
        lines[3],
        "\"a, \"\"b\"\"\",owner.name,string,,,,,true,true,,,,,false,,,,,,,false,false,false,false,,,,,,"
    );
    assert_eq!(lines[5].split(',').nth(1), Some("lines[*].n\\.x"));
    assert_eq!(
        lines[6],
        "\"[\"\"a\"\"]\",tags,array-string,,,,,true,true,,,,,false,,,,,,,false,false,false,false,,,,,,"
    );
    assert_eq!(lines[7].split(',').nth(16), Some("yyyy-MM-dd'T'HH:mm:ss.SSSZ"));
}

#[test]
fn sheets_of_others_are_read() {
    let sheet = "name,type,description,required\nid,integer,The id,true\nowner,object,,\nowner.id,string,,\nlines,array,,\nlines[*].id,string,,\n";
    let made = Value::Object(from_sheet("thing", sheet).unwrap());
    assert_eq!(
        made["thing"]["properties"]["id"],
        json!({ "type": "integer", "description": "The id", "required": true })
    );
    assert_eq!(made["thing"]["properties"]["owner"], json!({ "type": "owner" }));
    assert_eq!(made["lines"]["properties"]["id"], json!({ "x-samplevalue": "", "type": "string" }));
}

#[test]
fn what_is_no_sheet_is_refused() {
    let refused = |text: &str| from_sheet("thing", text).unwrap_err().to_string();
    assert_eq!(refused(""), "The CSV cannot be read: there is no column name");
    assert_eq!(refused("name\nid"), "The CSV cannot be read: there is no column type");
    assert_eq!(refused("name,type\na.b,string"), "Row 1: a.b comes before what it is a member of");
    assert_eq!(refused("name,type\nx,string\n,string"), "Row 2: name is empty");
    assert_eq!(refused("name,type\nx,"), "Row 1: type is empty");
    assert_eq!(
        refused("name,type,sampleValue\nx,integer,seven"),
        "Row 1: the sampleValue of the type integer is not JSON"
    );
    assert_eq!(refused("name,type\na[*],string"), "Row 1: a[*] names no member");
    assert_eq!(to_sheet("other", &Map::new()), Err(SheetError::NoRoot("other".to_owned())));
}

#[test]
fn schemas_that_never_end_are_bounded() {
    let itself =
        json!({ "thing": { "properties": { "next": { "$ref": "#/definitions/thing" }, "id": { "type": "string" } } } });
    let sheet = to_sheet("thing", &members(itself)).unwrap();
    assert_eq!(sheet.lines().count(), 3);
    let back = from_sheet("thing", &sheet).unwrap();
    assert_eq!(back["thing"]["properties"]["next"], json!({ "type": "thing" }));
    let doubled: Map<String, Value> = (0..40)
        .map(|each| {
            let next = json!({ "type": format!("d{}", each + 1) });
            (format!("d{each}"), json!({ "properties": { "a": next, "b": next } }))
        })
        .collect();
    assert_eq!(to_sheet("d0", &doubled), Err(SheetError::TooLarge));
}

#[test]
fn date_times_are_told_from_texts() {
    for text in
        ["2017-05-24T18:31:01", "2017-05-24T18:31:01Z", "2017-05-24T18:31:01.123+02:00", "2017-05-24T18:31:01-0700"]
    {
        assert!(is_date_time(text), "{text}");
    }
    for text in [
        "",
        "T",
        "2017-05-24",
        "2017-05-24T18:31",
        "2017-05-24T18:31:01X",
        "2017-05-24T18:31:01.",
        "24-05-2017T18:31:01",
        "é017-05-24T18:31:01é",
    ] {
        assert!(!is_date_time(text), "{text}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        "[a-c]{1,2}",
        ".{0,3}",
        Just("type".to_owned()),
        Just("thing".to_owned()),
        Just("string".to_owned())
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        Just(json!("2020-01-02T03:04:05Z")),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn sheets_are_the_inverse_of_schemas(sample in any_json()) {
        let Ok(schema) = schema_of("thing", &sample) else { return Ok(()) };
        let sheet = to_sheet("thing", &schema).unwrap();
        prop_assert_eq!(from_sheet("thing", &sheet).unwrap(), schema, "{}", sheet);
    }

    #[test]
    fn no_sheet_is_too_much(text in "(name|type|sampleValue|a|\\[\\*\\]|[,\n\".\\\\])*") {
        _ = from_sheet("thing", &format!("name,type\n{text}"));
    }
}
