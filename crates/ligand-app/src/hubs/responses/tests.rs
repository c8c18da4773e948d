//! What is kept, for whom and how long; what is forgotten, and when.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use ligand_domain::{Clock, Configuration, Id, Instance, Secret, Timestamp, instance::Settings};
use ligand_element::{CallerBody, CallerRequest, Element, File, Folder, Method, load};
use serde_json::{Value, json};

use super::{Plan, Responses};
use crate::{
    hubs::{Answer, Body, Operation, operation::Kind},
    instances::{Loaded, Owner, Written},
};

/// A clock that stands until it is moved.
#[derive(Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct World {
    responses: Responses,
    clock: Arc<Hand>,
    element: Arc<Element>,
    /// Counts answers that were not kept ones.
    made: Mutex<u32>,
}

fn element() -> Arc<Element> {
    let text = "name: T\nhub: crm\nauthentication: { type: none }\nresources: [{ method: GET, path: /things }]";
    let files = vec![File { path: "element.yaml".to_owned(), text: text.to_owned() }];
    Arc::new(load(&Folder { key: "t".to_owned(), files }).unwrap_or_else(|problems| panic!("{problems:?}")))
}

fn world_with(room: usize) -> World {
    let clock = Arc::new(Hand::default());
    World { responses: Responses::new(room, clock.clone()), clock, element: element(), made: Mutex::new(0) }
}

fn world() -> World {
    world_with(1 << 20)
}

fn request(method: Method, path: &str) -> CallerRequest {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    CallerRequest { method, path: path.to_owned(), query, headers: Vec::new(), body: CallerBody::None }
}

fn operation(method: Method) -> Operation {
    Operation { method, kind: Kind::Resource(0, BTreeMap::new()), may_be_file: false }
}

fn answer(value: Value) -> Answer {
    Answer {
        body: Body::Json(value),
        total_count: Some(3),
        next_page: Some("n".to_owned()),
        warning: None,
        trace_id: None,
    }
}

impl World {
    /// An instance that keeps up to two answers for a minute.
    fn instance(&self, id: i64) -> Loaded {
        let settings = Settings {
            caching_enabled: true,
            max_cache_size: 2,
            cache_time_to_live_seconds: 60,
            ..Settings::default()
        };
        let instance = Instance {
            id: Id::new(id).unwrap(),
            user_id: Id::new(1).unwrap(),
            organization_id: Id::new(1).unwrap(),
            element_id: Id::new(1).unwrap(),
            name: String::new(),
            tags: Vec::new(),
            configuration: Configuration::default(),
            token: Secret::new("t".to_owned()),
            valid: true,
            disabled: false,
            settings,
            created_at: Timestamp::from_millis(0),
            revision: 1,
        };
        let owner = Owner {
            account_id: Id::new(1).unwrap(),
            id: Id::new(1).unwrap(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
        };
        Loaded { instance, element: Arc::clone(&self.element), owner, written: Written::default() }
    }

    /// Reads; whether the answer was a kept one.
    fn is_kept(&self, loaded: &Loaded, path: &str) -> bool {
        self.is_kept_for(loaded, &request(Method::Get, path))
    }

    fn is_kept_for(&self, loaded: &Loaded, request: &CallerRequest) -> bool {
        match self.responses.plan(loaded, &operation(Method::Get), request) {
            Plan::Kept(kept) => {
                assert_eq!((kept.total_count, kept.next_page.as_deref()), (Some(3), Some("n")));
                true
            }
            Plan::Read(reading) => {
                *self.made.lock().unwrap() += 1;
                reading.keep(&answer(json!({ "n": *self.made.lock().unwrap() })));
                false
            }
            Plan::Run => false,
            Plan::Write(_) => panic!("a read"),
        }
    }

    fn write(&self, loaded: &Loaded, path: &str) {
        let plan = self.responses.plan(loaded, &operation(Method::Post), &request(Method::Post, path));
        assert!(matches!(plan, Plan::Write(_)));
    }

    fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn bytes(&self) -> usize {
        self.responses.lock().bytes
    }
}

#[test]
fn reads_are_kept_until_they_are_too_old() {
    let (world, way) = (world(), "/hubs/crm/things?a=1");
    let loaded = world.instance(1);
    assert!(!world.is_kept(&loaded, way));
    world.pass(59);
    assert!(world.is_kept(&loaded, way));
    world.pass(1);
    assert!(!world.is_kept(&loaded, way), "the age counts from the answer, not from its last use");
    assert!(world.is_kept(&loaded, way));
}

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let world = world();
    for change in [
        (|settings| settings.caching_enabled = false) as fn(&mut Settings),
        |settings| settings.max_cache_size = 0,
        |settings| settings.cache_time_to_live_seconds = 0,
    ] {
        let mut loaded = world.instance(1);
        change(&mut loaded.instance.settings);
        assert!(!world.is_kept(&loaded, "/things"));
        assert!(!world.is_kept(&loaded, "/things"));
    }
    let none = world_with(0);
    let loaded = none.instance(1);
    assert!(!none.is_kept(&loaded, "/things") && !none.is_kept(&loaded, "/things"));
}

#[test]
fn path_query_and_headers_tell_reads_apart() {
    let world = world();
    let mut loaded = world.instance(1);
    loaded.instance.settings.max_cache_size = 100;
    let ways =
        ["/things", "/things/1", "/things?a=1", "/things?a=2", "/things?a=1&b=2", "/things?ab=12", "/hubs/x/things"];
    for way in ways {
        assert!(!world.is_kept(&loaded, way), "{way}");
    }
    assert!(ways.iter().all(|way| world.is_kept(&loaded, way)));
    let with = |headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        CallerRequest { headers, ..request(Method::Get, "/things") }
    };
    for alike in [with(&[("User-Agent", "x"), ("sec-fetch-mode", "cors")]), with(&[("elements-formula-id", "7")])] {
        assert!(world.is_kept_for(&loaded, &alike));
    }
    for other in [with(&[("Elements-Version", "Helium")]), with(&[("elements-version", "Hydrogen")])] {
        assert!(!world.is_kept_for(&loaded, &other) && world.is_kept_for(&loaded, &other));
    }
    // A header is no member of the query, and its order with others says nothing.
    assert!(!world.is_kept_for(&loaded, &with(&[("a", "1")])));
    assert!(!world.is_kept_for(&loaded, &with(&[("a", "1"), ("b", "2")])));
    assert!(world.is_kept_for(&loaded, &with(&[("B", "2"), ("A", "1")])));
}

#[test]
fn instances_have_nothing_in_common() {
    let world = world();
    let (one, other) = (world.instance(1), world.instance(2));
    assert!(!world.is_kept(&one, "/things") && !world.is_kept(&other, "/things"));
    world.write(&one, "/things");
    assert!(world.is_kept(&other, "/things") && !world.is_kept(&one, "/things"));
    world.responses.forget(other.instance.id);
    assert!(world.is_kept(&one, "/things") && !world.is_kept(&other, "/things"));
}

#[test]
fn what_was_not_used_for_the_longest_time_goes_first() {
    let world = world();
    let loaded = world.instance(1);
    for way in ["/a", "/b"] {
        world.is_kept(&loaded, way);
    }
    assert!(world.is_kept(&loaded, "/a"));
    assert!(!world.is_kept(&loaded, "/c"), "takes the place of b");
    assert!(world.is_kept(&loaded, "/a") && world.is_kept(&loaded, "/c"));
    assert!(!world.is_kept(&loaded, "/b"));
}

#[test]
fn a_write_forgets_what_was_read_below_the_same_first_segment() {
    let world = world();
    let mut loaded = world.instance(1);
    loaded.instance.settings.max_cache_size = 100;
    let all = ["/hubs/crm/things?a=1", "/things/1/parts", "/others", "/query?q=x"];
    let kept = || all.map(|way| world.is_kept(&loaded, way));
    kept();
    assert_eq!(kept(), [true; 4]);
    world.write(&loaded, "/hubs/other/things/5");
    assert_eq!(kept(), [false, false, true, false], "a query may have named the object");
    for method in [Method::Put, Method::Patch, Method::Delete] {
        kept();
        drop(world.responses.plan(&loaded, &operation(method), &request(method, "/others")));
        assert_eq!(kept(), [true, true, false, false], "{method:?}");
    }
}

#[test]
fn a_read_that_was_overtaken_by_a_write_is_not_kept() {
    let world = world();
    let loaded = world.instance(1);
    let begin = |way: &str| match world.responses.plan(&loaded, &operation(Method::Get), &request(Method::Get, way)) {
        Plan::Read(reading) => reading,
        _ => panic!("a read"),
    };
    let (thing, other) = (begin("/things"), begin("/others"));
    world.write(&loaded, "/things");
    thing.keep(&answer(json!(1)));
    other.keep(&answer(json!(1)));
    assert!(world.is_kept(&loaded, "/others") && !world.is_kept(&loaded, "/things"));
    // Of very many writes not all are remembered; then nothing is sure.
    let slow = begin("/slow");
    (0..100).for_each(|_| world.write(&loaded, "/things"));
    slow.keep(&answer(json!(1)));
    assert!(!world.is_kept(&loaded, "/slow"));
}

#[test]
fn a_changed_instance_or_element_begins_anew() {
    let mut world = world();
    let old = world.instance(1);
    world.is_kept(&old, "/things");
    let mut new = world.instance(1);
    new.instance.revision = 2;
    let begun = world.responses.plan(&old, &operation(Method::Get), &request(Method::Get, "/slow"));
    assert!(!world.is_kept(&new, "/things"));
    let Plan::Read(begun) = begun else { panic!("a read") };
    begun.keep(&answer(json!("old")));
    assert!(!world.is_kept(&new, "/slow"), "it began before the change");
    assert!(!world.is_kept(&old, "/things"), "who still has the old state is not served");
    assert!(world.is_kept(&new, "/things"), "and disturbs nobody");
    world.element = element();
    let mut reloaded = world.instance(1);
    reloaded.instance.revision = 2;
    assert!(!world.is_kept(&reloaded, "/things"));
}

#[test]
fn room_is_bounded_over_all_instances() {
    let world = world_with(100_000);
    for id in 1..200 {
        let loaded = world.instance(id);
        match world.responses.plan(&loaded, &operation(Method::Get), &request(Method::Get, "/things")) {
            Plan::Read(reading) => reading.keep(&answer(json!("x".repeat(5_000)))),
            _ => panic!("a read"),
        }
        assert!(world.bytes() <= 100_000, "{}", world.bytes());
    }
    assert!(world.bytes() > 80_000);
    assert!(world.is_kept(&world.instance(199), "/things") && !world.is_kept(&world.instance(1), "/things"));
    let loaded = world.instance(500);
    let Plan::Read(large) = world.responses.plan(&loaded, &operation(Method::Get), &request(Method::Get, "/large"))
    else {
        panic!("a read")
    };
    let before = world.bytes();
    large.keep(&answer(json!("x".repeat(20_000))));
    assert_eq!(world.bytes(), before, "one answer does not take the room of many");
    (1..=500).for_each(|id| world.responses.forget(Id::new(id).unwrap()));
    assert_eq!((world.bytes(), world.responses.lock().uses.len()), (0, 0));
}

#[test]
fn files_and_pings_are_not_kept() {
    let world = world();
    let loaded = world.instance(1);
    let ping = Operation { method: Method::Get, kind: Kind::Ping(None), may_be_file: false };
    assert!(matches!(world.responses.plan(&loaded, &ping, &request(Method::Get, "/ping")), Plan::Run));
    let Plan::Read(reading) = world.responses.plan(&loaded, &operation(Method::Get), &request(Method::Get, "/file"))
    else {
        panic!("a read")
    };
    let file = ligand_engine::Download {
        content_type: "application/pdf".to_owned(),
        content_disposition: None,
        pieces: Box::pin(futures_util::stream::empty()),
    };
    reading.keep(&Answer { body: Body::File(file), total_count: None, next_page: None, warning: None, trace_id: None });
    assert!(!world.is_kept(&loaded, "/file"));
}
