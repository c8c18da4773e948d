//! `ligand element import`, as a user runs it.

use serde_json::json;
use tempfile::TempDir;

use super::scripted;
use crate::{
    harness::Client,
    process::{ORGANIZATION, Process, USER, run},
};

#[tokio::test]
async fn folders_of_exports_are_imported_with_a_report() {
    let (data, exports) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let mut old = scripted("Old one");
    old["resources"] = json!([{ "path": "/x", "method": "GET", "kind": "java" }]);
    let write = |name: &str, text: String| std::fs::write(exports.path().join(name), text).expect("written");
    write("a.json", old.to_string());
    write("b.json", json!([scripted("Two"), scripted("Three")]).to_string());
    write("notes.txt", "nothing".to_owned());
    let (data_path, from) = (data.path().display().to_string(), exports.path().display().to_string());
    let import = ["element", "import", from.as_str(), "--data", data_path.as_str()];
    let (worked, _, complaint) = run(&import, &[]).await;
    assert!(!worked && complaint.contains("no Ligand database yet"), "{complaint}");
    let (mut process, _) = Process::serve(data.path(), &[]).await;
    let (worked, _, complaint) = run(&import, &[]).await;
    assert!(!worked && complaint.contains("another ligand"), "{complaint}");
    process.terminate();
    process.end().await;
    let (worked, told, complaint) = run(&import, &[]).await;
    assert!(worked, "{told}{complaint}");
    assert!(told.contains("imported as oldone") && told.contains("will not run: resources[0].kind"), "{told}");
    assert!(told.contains("3 imported, 0 refused"), "{told}");
    write("c.json", "{ not json".to_owned());
    let (worked, told, complaint) = run(&import, &[]).await;
    assert!(!worked && told.contains("0 imported, 4 refused"), "{told}");
    assert!(complaint.contains("exists already") && complaint.contains("c.json: not valid JSON"), "{complaint}");
    let again = [&import[..], &["--replace"]].concat();
    let (_, told, _) = run(&again, &[]).await;
    assert!(told.contains("replaced as two") && told.contains("3 imported, 1 refused"), "{told}");
    let (_process, address) = Process::serve(data.path(), &[]).await;
    let client = Client::new(address, format!("User {USER}, Organization {ORGANIZATION}"));
    let keys = client.send("GET", "/elements?where=private%3D'true'&abridged=true", None).await.ok();
    assert_eq!(keys.as_array().map(Vec::len), Some(3));
}
