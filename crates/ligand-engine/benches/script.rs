//! What a hook costs: a small one in a realm that is warm, one that needs a realm of its own, one with lodash, and
//! many at once.
#![allow(missing_docs, reason = "the macros of criterion make public items")]

use std::{hint::black_box, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use ligand_domain::{SystemClock, SystemRng};
use ligand_engine::script::{HttpAnswering, HttpCaller, HttpRequest, Script, ScriptOptions, Scripts};
use serde_json::{Map, Value, json};

struct Nowhere;

impl HttpCaller for Nowhere {
    fn call(&self, _: HttpRequest) -> HttpAnswering {
        Box::pin(std::future::pending())
    }
}

fn variables(records: usize) -> Map<String, Value> {
    let record =
        json!({"id": 7, "name": "A record", "active": true, "tags": ["a", "b"], "updated": "2020-01-01T00:00:00Z"});
    let variables = json!({
        "request_method": "GET", "request_path": "/hubs/crm/contacts",
        "request_parameters": {"page": "1", "pageSize": "10"}, "request_headers": {"accept": "application/json"},
        "request_vendor_parameters": {"limit": "10"}, "configuration": {"base.url": "https://api.example.com"},
        "response_status_code": 200, "response_body": vec![record; records],
    });
    let Value::Object(members) = variables else { unreachable!("it is an object") };
    members
}

fn hooks(criterion: &mut Criterion) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("it starts");
    let scripts = Scripts::new(ScriptOptions::default(), Arc::new(SystemClock), Arc::new(SystemRng), Arc::new(Nowhere));
    let small = "if (request_method === 'GET') { request_vendor_parameters.limit = request_parameters.pageSize; }
        done({request_vendor_parameters: request_vendor_parameters});";
    let records = "done({response_body: response_body.map(record => ({id: String(record.id), title: record.name}))});";
    let lodash = "const _ = require('lodash'); done({response_body: _.map(response_body, 'id')});";
    let cases = [
        ("empty", Script::modern("done()"), Map::new()),
        ("small", Script::modern(small), variables(0)),
        ("ten records", Script::modern(records), variables(10)),
        ("small, own realm", Script::modern(&format!("{small} // globalThis")), variables(0)),
        ("small, older engine", Script::legacy("return {continue: true};"), variables(0)),
        ("lodash", Script::modern(lodash), variables(10)),
    ];
    for (name, script, variables) in cases {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let run = scripts.run(1, &script, &variables);
                black_box(runtime.block_on(run)).expect("the hook has a result")
            });
        });
    }
}

criterion_group!(benches, hooks);
criterion_main!(benches);
