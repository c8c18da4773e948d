//! OpenAPI 3.x and Swagger 2.0: each operation becomes a resource.

mod answer;
mod body;
mod paging;
mod parameters;
mod schema;
mod security;
mod servers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};

use crate::{
    Choice, Document, ImportError, Imported,
    definition::{Definition, Resource, base_url, cleaned, describe},
    documents::Documents,
    path::{Path, general_segments},
    remarks::Remarks,
};
use parameters::Declared;
use schema::Schemas;

/// Verbs that resources have.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];
/// Verbs that they do not have.
const OTHERS: &[&str] = &["head", "options", "trace", "query"];

/// A document and how it spells things.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api<'d> {
    documents: &'d Documents,
    root: &'d Value,
    is_v2: bool,
}

/// An operation of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation<'d> {
    method: &'static str,
    path: &'d str,
    item: &'d Value,
    json: &'d Value,
}

impl<'d> Operation<'d> {
    /// How remarks name it.
    pub(crate) fn place(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn text(&self, member: &str) -> Option<&'d str> {
        self.json.get(member).and_then(Value::as_str)
    }
}

/// Turns an OpenAPI or Swagger document into a definition.
///
/// # Errors
/// See [`crate::convert`].
pub(crate) fn convert(documents: &[Document], choice: &Choice) -> Result<Imported, ImportError> {
    let documents = Documents::read(documents)?;
    let api = Api::of(&documents)?;
    let mut remarks = Remarks::default();
    let all = api.operations(&mut remarks);
    let general = general_segments(all.iter().map(|operation| operation.path));
    let chosen: Vec<Operation<'_>> = all.into_iter().filter(|operation| operation.is_chosen(choice)).collect();
    let mut work = Work {
        api,
        general,
        schemas: Schemas::new(&documents),
        remarks,
        taken: HashSet::new(),
        ids: HashSet::new(),
        sizes: BTreeMap::new(),
        styles: paging::Styles::default(),
    };
    let resources: Vec<Resource> = chosen.iter().map(|operation| work.resource(*operation)).collect();
    let Work { mut schemas, mut remarks, sizes, styles, .. } = work;
    schemas.finish(&mut remarks);
    let server = servers::base(api, &mut remarks);
    let security = security::choose(api, &chosen, server.address.as_deref(), &mut remarks);
    let mut configuration = vec![base_url(server.address.as_deref())];
    configuration.extend(server.entries);
    configuration.extend(security.entries);
    configuration.extend(styles.entries(&sizes));
    let mut head = api.head();
    head.insert("authentication".to_owned(), json!({ "type": security.kind }));
    let definition = Definition { head, configuration, parameters: security.parameters, resources };
    definition.finish(schemas.models(), remarks)
}

impl<'d> Api<'d> {
    fn of(documents: &'d Documents) -> Result<Self, ImportError> {
        let root = documents.main();
        let version = |member: &str| match root.get(member) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let is = |version: &Option<String>, start: &str| version.as_ref().is_some_and(|text| text.starts_with(start));
        let (swagger, openapi) = (version("swagger"), version("openapi"));
        let is_v2 = is(&swagger, "2");
        if !is_v2 && !is(&openapi, "3") {
            let stated = swagger.or(openapi).or_else(|| version("swaggerVersion"));
            let message = match stated {
                Some(stated) => format!("Version {} is neither Swagger 2.0 nor OpenAPI 3", cleaned(&stated, 20)),
                None => "It is no OpenAPI document: neither `openapi` nor `swagger` is there".to_owned(),
            };
            return Err(ImportError::Unreadable(message));
        }
        if !root.get("paths").is_some_and(Value::is_object) {
            return Err(ImportError::Empty("The document has no paths".to_owned()));
        }
        Ok(Self { documents, root, is_v2 })
    }

    /// A value behind references; nothing where they lead nowhere.
    pub(crate) fn followed(&self, value: &'d Value) -> Option<&'d Value> {
        self.documents.follow(value).map(|(value, _)| value)
    }

    /// Every operation that can become a resource, in the order of the document.
    fn operations(&self, remarks: &mut Remarks) -> Vec<Operation<'d>> {
        let mut found = Vec::new();
        let paths = self.root.get("paths").and_then(Value::as_object).into_iter().flatten();
        for (path, item) in paths.filter(|(path, _)| !path.starts_with("x-")) {
            let Some(item) = self.followed(item).filter(|item| item.is_object()) else {
                remarks.add(path, "left out because its reference leads nowhere");
                continue;
            };
            for method in METHODS {
                if let Some(json) = item.get(*method).filter(|json| json.is_object()) {
                    let method = match *method {
                        "get" => "GET",
                        "post" => "POST",
                        "put" => "PUT",
                        "patch" => "PATCH",
                        _ => "DELETE",
                    };
                    found.push(Operation { method, path, item, json });
                }
            }
            for method in OTHERS.iter().filter(|method| item.get(**method).is_some()) {
                remarks.add(path, format!("{} is no verb of resources", method.to_uppercase()));
            }
        }
        if self.root.get("webhooks").is_some_and(|webhooks| webhooks.as_object().is_some_and(|all| !all.is_empty())) {
            remarks.add("webhooks", "left out: what the vendor calls is no resource");
        }
        found
    }

    /// Name and description.
    fn head(&self) -> Map<String, Value> {
        let info = self.root.get("info");
        let text = |member: &str| info.and_then(|info| info.get(member)).and_then(Value::as_str);
        let title = text("title").map(|title| cleaned(title, 200)).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| "Imported API".to_owned());
        let mut head = Map::new();
        head.insert("name".to_owned(), Value::from(title.as_str()));
        describe(&mut head, "description", text("description").or(Some(&title)), true);
        head.entry("description").or_insert_with(|| Value::from(title.as_str()));
        head.insert("hub".to_owned(), Value::from("general"));
        head.insert("protocolType".to_owned(), Value::from("http"));
        head
    }
}

impl Operation<'_> {
    fn is_chosen(&self, choice: &Choice) -> bool {
        let tags = self.json.get("tags").and_then(Value::as_array).into_iter().flatten();
        let tags: Vec<&str> = tags.filter_map(Value::as_str).collect();
        choice.takes(self.text("operationId"), self.method, self.path, &tags)
    }
}

/// What is known while operations become resources.
struct Work<'d> {
    api: Api<'d>,
    general: usize,
    schemas: Schemas<'d>,
    remarks: Remarks,
    /// Verbs and shapes of the paths that resources have.
    taken: HashSet<(String, String)>,
    ids: HashSet<String>,
    /// The largest pages that vendors give, by object.
    sizes: BTreeMap<String, u64>,
    styles: paging::Styles,
}

impl<'d> Work<'d> {
    fn resource(&mut self, operation: Operation<'d>) -> Resource {
        let place = operation.place();
        let mut path = Path::read(operation.path, self.general);
        if path.set_apart(operation.method, &mut self.taken) {
            let message = format!("is {} here, because another path has the same shape", path.own);
            self.remarks.add(&place, message);
        }
        let declared = Declared::of(self.api, operation, &mut self.remarks);
        let is_list = operation.method == "GET" && !path.ends_in_variable();
        let answer = answer::read(self, operation, &path, is_list, &declared);
        let mut parameters = parameters::mapped(self.api, &declared, &path, &answer, &mut self.remarks, &place);
        let request = body::read(self, operation, &declared, &mut parameters);
        let mut json = Map::new();
        json.insert("method".to_owned(), Value::from(operation.method));
        json.insert("path".to_owned(), Value::from(path.own.as_str()));
        json.insert("vendorPath".to_owned(), Value::from(self.vendor_path(operation, &path)));
        describe(&mut json, "description", operation.text("summary").or_else(|| operation.text("description")), false);
        json.insert("type".to_owned(), Value::from("api"));
        parameters
            .extend(answer.accept.iter().filter_map(|accept| crate::definition::fixed("Accept", accept, "header")));
        json.insert("parameters".to_owned(), Value::Array(parameters));
        answer.describe(&path, request.root.as_deref(), &mut json);
        if let Some(id) = self.operation_id(operation) {
            json.insert("operationId".to_owned(), Value::from(id));
        }
        if let Some(paging) = &answer.paging {
            self.styles.count(paging);
            if let Some(most) = paging.largest {
                self.sizes.insert(path.object(), most);
            }
        }
        Resource { json, answer: answer.model, request: request.model }
    }

    /// The vendor's path behind the base, or a whole address where the operation has a server of its own.
    fn vendor_path(&mut self, operation: Operation<'d>, path: &Path) -> String {
        let own = servers::of_operation(self.api, operation);
        let relative = servers::relative_prefix(self.api);
        match own {
            Some(server) => format!("{}{}", server.trim_end_matches('/'), path.vendor),
            None => format!("{relative}{}", path.vendor),
        }
    }

    /// The operation's id, another where it is taken already.
    fn operation_id(&mut self, operation: Operation<'_>) -> Option<String> {
        let stated = operation.text("operationId").map(|id| cleaned(id, 200)).filter(|id| !id.is_empty())?;
        if self.ids.insert(stated.clone()) {
            return Some(stated);
        }
        let numbered = (2..).map(|number: usize| format!("{stated}-{number}"));
        let free = { numbered }.find(|id| self.ids.insert(id.clone()));
        self.remarks.add(&operation.place(), "its operation id is that of another operation");
        free
    }
}
