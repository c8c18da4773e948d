//! Models out of samples, as CSV and back.

use serde_json::{Value, json};

use crate::harness::{API, Answer, Platform};

fn sample() -> Value {
    json!({
        "id": 7, "owner": { "type": { "name": "a, b" } }, "type": { "id": 1 }, "created": "2017-05-24T18:31:01Z",
        "lines": [{ "item": "bolt", "tags": ["x"] }, { "count": 2 }], "numbers": [1, 2, 3],
    })
}

async fn csv(platform: &Platform, query: &str, body: &Value, accept: &str) -> Answer {
    let authorization = platform.authorization();
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json"), ("accept", accept)];
    platform.raw("POST", &format!("{API}/models/thing/csv{query}"), &headers, body.to_string()).await
}

async fn upload(platform: &Platform, text: &str) -> Answer {
    let body =
        format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{text}\r\n--b--\r\n");
    let authorization = platform.authorization();
    let headers = [("authorization", authorization.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    platform.raw("POST", &format!("{API}/models/thing/schema/csv"), &headers, body).await
}

#[tokio::test]
async fn sheets_are_the_inverse_of_schemas() {
    let platform = Platform::start().await;
    for sample in [sample(), json!([sample(), { "more": null }])] {
        let schema = platform.post("/models/thing/schema", &sample).await.ok();
        let direct = csv(&platform, "", &sample, "text/csv").await;
        assert_eq!((direct.status.as_u16(), direct.header("content-type")), (200, "text/csv"));
        assert_eq!(direct.header("content-disposition"), "attachment; filename=\"thing.csv\"");
        let of_schema = csv(&platform, "?fromSchema=true", &schema, "*/*").await;
        assert_eq!(of_schema.text, direct.text);
        assert_eq!(upload(&platform, &direct.text).await.ok(), schema);
    }
}

#[tokio::test]
async fn what_is_no_sample_is_refused() {
    let platform = Platform::start().await;
    assert_eq!(
        platform.post("/models/thing/schema", &json!(5)).await.error(400),
        "A sample must be an object or an array"
    );
    let refused = csv(&platform, "?fromSchema=true", &json!({}), "text/csv").await.error(400);
    assert_eq!(refused, "The schema has no definition thing");
    csv(&platform, "?fromSchema=true", &json!([]), "text/csv").await.error(400);
    csv(&platform, "", &sample(), "application/json").await.error(406);
    assert_eq!(upload(&platform, "nothing").await.error(400), "The CSV cannot be read: there is no column name");
    platform.post("/models/thing/schema/csv", &json!({})).await.error(415);
    platform.post(&format!("/models/{}/schema", "x".repeat(201)), &json!({})).await.error(400);
    for path in ["schema", "csv", "schema/csv"] {
        platform.anonymous("POST", &format!("/models/thing/{path}"), Some(&json!({}))).await.error(401);
    }
}
