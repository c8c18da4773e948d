//! From the tree of a definition to a compiled element. What is wrong becomes problems, and reading goes on with
//! a stand-in, so that every part keeps its place; an element with problems is never handed out.

mod authentication;
mod parts;

pub(crate) use parts::unprefixed;

use std::collections::{HashMap, HashSet};

use ligand_domain::Id;
use serde_json::{Map, Value};

use crate::{
    Authentication, Element, Entry, EntryType, Protocol, defaults, ids,
    node::{Content, Node},
    problem::Problems,
    reader::Reader,
    route::Index,
};

/// Descriptive members that are text.
const TEXTS: &[&str] = &[
    "image",
    "logo",
    "configDescription",
    "signupURL",
    "existingAccountDescription",
    "trialAccountDescription",
    "elementProvisionType",
    "modelType",
    "hookName",
];

/// Descriptive members that are flags.
const FLAGS: &[&str] = &[
    "active",
    "deleted",
    "private",
    "extended",
    "extendable",
    "cloneable",
    "beta",
    "typeOauth",
    "trialAccount",
    "transformationsEnabled",
    "bulkDownloadEnabled",
    "bulkUploadEnabled",
    "useModelsForMetadata",
];

/// Members that are kept and shown as they are.
const ECHOED: &[&str] = &["objects", "models"];

/// Files of the element's folder besides the definition: path → text.
pub(crate) type Files<'a> = HashMap<&'a str, &'a str>;

/// The words of a closed set, for messages.
pub(crate) fn listed<T: Copy>(all: &[T], key: impl Fn(T) -> &'static str) -> String {
    all.iter().map(|each| key(*each)).collect::<Vec<_>>().join(", ")
}

/// What a definition is called where it does not say so itself.
pub(crate) enum Known<'a> {
    /// By the folder that it is in.
    Folder(&'a str),
    /// By a number of the store; its key then follows from its name.
    Number(Id<ligand_domain::Element>),
}

/// Reads a definition.
pub(crate) fn read(root: &Node, known: &Known<'_>, files: &Files<'_>, problems: &Problems) -> Element {
    let reader = Reader::new(root, "", problems);
    let name = reader.required("name").to_owned();
    if name.chars().any(char::is_control) || name.chars().count() > 1000 {
        reader.problem("name", "must have at most 1000 characters, and no control characters");
    }
    let key = match known {
        Known::Folder(folder) => key(&reader, folder),
        Known::Number(_) => key(&reader, &key_of_name(&name)),
    };
    let authentication = authentication::read(&reader);
    let hub = reader.text("hub").unwrap_or("general").to_lowercase();
    if hub.is_empty() || !hub.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '-' | '_')) {
        reader.problem("hub", "must consist of letters, digits, hyphens and underscores");
    }
    let protocol = protocol(&reader);
    let described = described(&reader);
    let soap = parts::soap(&reader);
    let wsdl = soap.as_ref().map(|soap| soap.wsdl.as_str());
    let context = parts::Context { key: &key, name: &name, hub: &hub, wsdl, files, problems };
    let configuration = configuration(&reader, &context, &authentication, protocol);
    let parameters = parts::parameters(&reader, &context, "");
    let hooks = parts::hooks(&reader, &context, "");
    let resources = parts::resources(&reader, &context);
    let element = Element {
        id: match known {
            Known::Folder(_) => id(&reader, &key),
            Known::Number(id) => *id,
        },
        aliases: if problems.is_strict() { aliases(&reader, &key) } else { Vec::new() },
        description: reader.owned("description").unwrap_or_else(|| name.clone()),
        key: key.clone(),
        name: name.clone(),
        hub: hub.clone(),
        authentication,
        configuration,
        parameters,
        resources,
        hooks,
        protocol,
        soap,
        described,
        routes: Index::default(),
    };
    reader.unknown();
    element
}

fn protocol(reader: &Reader<'_>) -> Protocol {
    let protocol = reader.word("protocolType", Protocol::from_key, || listed(Protocol::ALL, Protocol::key));
    let protocol = protocol.unwrap_or(Protocol::Http);
    if !matches!(protocol, Protocol::Http | Protocol::Soap | Protocol::Odata) {
        reader.remark("protocolType", format!("nothing here speaks {}: its calls will fail", protocol.key()));
    }
    protocol
}

fn key(reader: &Reader<'_>, folder_key: &str) -> String {
    let given = reader.text("key");
    let key = given.unwrap_or(folder_key).to_lowercase();
    if !is_key(&key) {
        let message =
            "the key must consist of letters, digits, hyphens, underscores and points, and not only of digits";
        reader.problem("key", message);
    }
    key
}

/// The key of an element that states none: its name without everything but letters and digits.
pub(crate) fn key_of_name(name: &str) -> String {
    name.to_lowercase().chars().filter(|each| each.is_ascii_lowercase() || each.is_ascii_digit()).take(64).collect()
}

fn is_key(key: &str) -> bool {
    let plain = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || matches!(each, '-' | '_' | '.');
    (1..=64).contains(&key.len()) && key.chars().all(plain) && !key.bytes().all(|byte| byte.is_ascii_digit())
}

fn id(reader: &Reader<'_>, key: &str) -> Id<ligand_domain::Element> {
    let stated = reader.integer("id");
    if stated.is_some_and(|id| !(1..=i64::from(i32::MAX)).contains(&id)) {
        reader.problem("id", "must be a positive number of 31 bits");
    }
    let derived = || Id::new(ids::element_id(key)).expect("derived ids are positive");
    stated.and_then(Id::new).unwrap_or_else(derived)
}

/// Further keys and ids. Numbers become their digits.
fn aliases(reader: &Reader<'_>, key: &str) -> Vec<String> {
    let mut aliases: Vec<String> = Vec::new();
    for (node, path) in reader.list("aliases") {
        let alias = match &node.content {
            Content::Number(number) if number.as_i64().is_some_and(|id| id > 0) => number.to_string(),
            Content::Text(text) if is_key(text) => text.clone(),
            _ => {
                reader.problem_at(node.place, path, "must be another key in lower case, or another id");
                continue;
            }
        };
        if alias == key || aliases.contains(&alias) {
            reader.problem_at(node.place, path, format!("{alias} is there already"));
        }
        aliases.push(alias);
    }
    aliases
}

fn described(reader: &Reader<'_>) -> Map<String, Value> {
    let mut described = Map::new();
    for name in TEXTS {
        if let Some(text) = reader.text(name) {
            described.insert((*name).to_owned(), Value::from(text));
        }
    }
    for name in FLAGS {
        if let Some(flag) = reader.flag(name) {
            described.insert((*name).to_owned(), Value::from(flag));
        }
    }
    for name in ECHOED {
        if let Some(value) = reader.value(name) {
            if !value.is_array() {
                reader.problem(name, "must be a list");
            }
            described.insert((*name).to_owned(), value);
        }
    }
    described
}

/// The entries as defined, each completed, then those that the platform adds.
fn configuration(
    reader: &Reader<'_>,
    context: &parts::Context<'_>,
    authentication: &Authentication,
    protocol: Protocol,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut keys = HashSet::new();
    for (node, path) in reader.list("configuration") {
        let entry = entry(&Reader::new(node, path.as_str(), context.problems), context);
        if !entry.key.is_empty() && !keys.insert(entry.key.clone()) {
            context.problems.add(node.place, path, format!("the key {} is there already", entry.key));
        }
        entries.push(entry);
    }
    for key in defaults::given(authentication, protocol) {
        if !entries.iter().any(|entry| entry.key == key) {
            entries.extend(defaults::entry(key, context.key, context.name));
        }
    }
    entries
}

fn entry(reader: &Reader<'_>, context: &parts::Context<'_>) -> Entry {
    let key = reader.required("key");
    if key.chars().any(|each| each.is_whitespace() || each.is_control() || matches!(each, '{' | '}')) || key.len() > 128
    {
        reader.problem("key", "must be a dotted word of at most 128 characters");
    }
    let known = defaults::entry(key, context.key, context.name);
    let name = match &known {
        Some(known) => reader.owned("name").unwrap_or_else(|| known.name.clone()),
        None => reader.required("name").to_owned(),
    };
    let kind = reader.open_word("type", EntryType::from_key, || {
        "TEXTFIELD_<length>, TEXTAREA, PASSWORD, BOOLEAN, BOOLEAN_YESNO, YES_NO, COMBO, MULTISELECT, CODE_EDITOR"
            .to_owned()
    });
    let known = known.as_ref();
    let flag = |name, of: fn(&Entry) -> bool, default| reader.flag(name).unwrap_or_else(|| known.map_or(default, of));
    let entry = Entry {
        id: reader.number().unwrap_or_else(|| ids::part_id(&[context.key, "configuration", key])),
        description: reader.owned("description").unwrap_or_else(|| format!("{} {name}", context.name)),
        kind: kind.or_else(|| known.map(|known| known.kind)).unwrap_or(EntryType::TextField(128)),
        default_value: default_value(reader, known),
        required: flag("required", |known| known.required, false),
        hide_from_console: flag("hideFromConsole", |known| known.hide_from_console, false),
        internal: flag("internal", |known| known.internal, false),
        active: flag("active", |known| known.active, true),
        company_config: flag("companyConfig", |known| known.company_config, false),
        reseller_config: flag("resellerConfig", |known| known.reseller_config, false),
        group_control: flag("groupControl", |known| known.group_control, false),
        display_order: reader.integer("displayOrder").unwrap_or_else(|| known.map_or(1, |known| known.display_order)),
        extra: extra(reader),
        key: key.to_owned(),
        name,
    };
    if entry.kind.is_boolean()
        && entry.default_value.as_ref().is_some_and(|value| !matches!(value.as_str(), "true" | "false"))
    {
        reader.doubt("defaultValue", "must be \"true\" or \"false\"");
    }
    reader.unknown();
    entry
}

/// The stated default; a stated null stands for none even where the platform knows one.
fn default_value(reader: &Reader<'_>, known: Option<&Entry>) -> Option<String> {
    if reader.states_null("defaultValue") {
        reader.text("defaultValue");
        return None;
    }
    reader.owned("defaultValue").or_else(|| known.and_then(|known| known.default_value.clone()))
}

fn extra(reader: &Reader<'_>) -> Map<String, Value> {
    let names = ["encrypt", "isPrivate", "hintText", "options", "groupBy", "configScreenType"];
    names.into_iter().filter_map(|name| Some((name.to_owned(), reader.value(name)?))).collect()
}
