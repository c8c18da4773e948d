//! Parameters, hooks and resources of a definition.

mod soap;

use ligand_ceql::parse_where;

use crate::{
    Hook, HookType, Method, Parameter, Resource, ResourceType, Source, SourceType, VendorType,
    definition::{Files, listed},
    filter::Converter,
    ids,
    problem::Problems,
    reader::Reader,
    resource::{Kind, PaginationType},
    root_key::RootKey,
    route::NOT_EXECUTABLE,
    template::Template,
};

pub(super) use soap::soap;

/// What every part needs to know of its element.
pub(super) struct Context<'a> {
    pub(super) key: &'a str,
    pub(super) name: &'a str,
    pub(super) hub: &'a str,
    /// Where the description of its SOAP service is.
    pub(super) wsdl: Option<&'a str>,
    pub(super) files: &'a Files<'a>,
    pub(super) problems: &'a Problems,
}

/// Kinds of values that the format itself names; others must be names of models.
const DATA_TYPES: &[&str] = &[
    "string", "integer", "long", "float", "double", "number", "byte", "binary", "boolean", "date", "dateTime",
    "password", "object", "file", "array",
];

/// The parameters of an element (`owner` empty) or of a resource.
pub(super) fn parameters(reader: &Reader<'_>, context: &Context<'_>, owner: &str) -> Vec<Parameter> {
    let list = reader.list("parameters").into_iter().enumerate();
    list.map(|(index, (node, path))| parameter(&Reader::new(node, path, context.problems), context, owner, index))
        .collect()
}

fn parameter(reader: &Reader<'_>, context: &Context<'_>, owner: &str, index: usize) -> Parameter {
    let name = reader.required("name").to_owned();
    let required_word = |word: &'static str| {
        if reader.node(word).is_none() {
            reader.problem_at(reader.place(), reader.path(), format!("{word} is missing"));
        }
    };
    required_word("type");
    required_word("vendorType");
    let kind = reader.word("type", SourceType::from_key, || listed(SourceType::ALL, SourceType::key));
    let vendor_kind = reader.word("vendorType", VendorType::from_key, || listed(VendorType::ALL, VendorType::key));
    let source = reader.word("source", Source::from_key, || listed(Source::ALL, Source::key));
    let kind = kind.unwrap_or(SourceType::Value);
    let vendor_name = reader.text("vendorName").filter(|name| *name != "null").unwrap_or_default();
    let stated = reader.text("converter");
    let converter = vendor_name.strip_prefix("converter:").or(stated);
    let mut parameter = Parameter {
        id: reader
            .number()
            .unwrap_or_else(|| ids::part_id(&[context.key, owner, "parameters", &index.to_string(), &name])),
        template: (kind == SourceType::Value).then(|| template(reader, &name)),
        kind,
        vendor_kind: vendor_kind.unwrap_or(VendorType::NoOp),
        source: source.unwrap_or(Source::Request),
        data_type: data_type(reader, "dataType"),
        vendor_data_type: data_type(reader, "vendorDataType"),
        required: reader.flag("required").unwrap_or(false),
        description: reader.owned("description"),
        sample_data: reader.owned("sampleData"),
        converter: converter.map(str::to_owned),
        vendor_name: vendor_name.to_owned(),
        name,
    };
    check_directions(reader, &mut parameter);
    let condition = parameter.converter.as_deref().filter(|_| kind == SourceType::Value).and_then(Converter::of);
    if condition.is_some() && !matches!(parse_where(&parameter.name), Ok(Some(_))) {
        reader.doubt("name", "with this converter it must be a condition, such as id = '{id}'");
    }
    reader.unknown();
    parameter
}

fn template(reader: &Reader<'_>, text: &str) -> Template {
    Template::parse(text).unwrap_or_else(|message| {
        reader.doubt("name", message);
        Template::literal(text)
    })
}

fn data_type(reader: &Reader<'_>, member: &'static str) -> Option<String> {
    let word = reader.text(member)?;
    let is_model = |word: &str| {
        let word = word.strip_suffix("[]").unwrap_or(word);
        let name = |each: char| each.is_alphanumeric() || matches!(each, '_' | '-' | '.');
        word.chars().next().is_some_and(char::is_uppercase) && word.chars().all(name)
    };
    if reader.is_strict() && !DATA_TYPES.contains(&word) && !is_model(word) {
        reader.problem(
            member,
            format!("{word:?} is not known; it must be one of {}, or the name of a model", DATA_TYPES.join(", ")),
        );
    }
    Some(word.to_owned())
}

/// What cannot be sent as it is written is sent nowhere.
fn check_directions(reader: &Reader<'_>, parameter: &mut Parameter) {
    use VendorType::{Body, BodyField, BodyToken, Form, Header, Multipart, Path, Query};
    let named = matches!(parameter.vendor_kind, Header | Path | Query | BodyField | BodyToken | Form | Multipart);
    if named && parameter.vendor_name.is_empty() {
        reader.doubt_whole("vendorName is missing");
        parameter.vendor_kind = VendorType::NoOp;
    }
    if parameter.source == Source::Response && !matches!(parameter.vendor_kind, Body | BodyField | BodyToken | Header) {
        reader.doubt("vendorType", "with source response it must be body, bodyField, bodyToken or header");
    }
    if parameter.source == Source::Response && !matches!(parameter.kind, SourceType::Configuration | SourceType::Header)
    {
        reader.doubt("type", "with source response it must be configuration or header");
    }
    if parameter.vendor_kind == Header && parameter.source == Source::Request && !is_header_name(&parameter.vendor_name)
    {
        reader.doubt("vendorName", "is not a header's name");
        parameter.vendor_kind = VendorType::NoOp;
    }
}

fn is_header_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The hooks of an element (`owner` empty) or of a resource.
pub(super) fn hooks(reader: &Reader<'_>, context: &Context<'_>, owner: &str) -> Vec<Hook> {
    let list = reader.list("hooks").into_iter().enumerate();
    list.map(|(index, (node, path))| hook(&Reader::new(node, path, context.problems), context, owner, index)).collect()
}

fn hook(reader: &Reader<'_>, context: &Context<'_>, owner: &str, index: usize) -> Hook {
    if reader.node("type").is_none() {
        reader.problem_at(reader.place(), reader.path(), "type is missing");
    }
    let kind = reader.word("type", HookType::from_key, || listed(HookType::ALL, HookType::key));
    let (body, file) = (reader.text("body"), reader.text("file").filter(|_| reader.is_strict()));
    if !reader.is_strict() && body.is_none() {
        reader.problem_at(reader.place(), reader.path(), "body is missing");
    } else if body.is_some() == file.is_some() {
        reader.problem_at(reader.place(), reader.path(), "exactly one of body and file must be there");
    }
    let text = file.and_then(|path| {
        let text = context.files.get(path);
        if text.is_none() {
            reader.problem("file", format!("there is no file {path:?} in the element's folder"));
        }
        text.copied()
    });
    let hook = Hook {
        id: reader.number().unwrap_or_else(|| ids::part_id(&[context.key, owner, "hooks", &index.to_string()])),
        kind: kind.unwrap_or(HookType::PreRequest),
        mime_type: reader.text("mimeType").unwrap_or("application/javascript").to_owned(),
        body: body.or(text).unwrap_or_default().to_owned(),
        is_legacy: reader.flag("isLegacy").unwrap_or(false),
        description: reader.owned("description"),
    };
    if hook.is_legacy && ["Java.type", "Java.from", "Packages."].iter().any(|word| hook.body.contains(word)) {
        reader.remark("body", "the script uses classes of the Java platform, which are not here: it will fail");
    }
    reader.unknown();
    hook
}

/// The resources of an element.
pub(super) fn resources(reader: &Reader<'_>, context: &Context<'_>) -> Vec<Resource> {
    let list = reader.list("resources");
    list.into_iter().map(|(node, path)| resource(&Reader::new(node, path, context.problems), context)).collect()
}

fn resource(reader: &Reader<'_>, context: &Context<'_>) -> Resource {
    let path = prefixed(reader.required("path"), context.hub);
    if reader.node("method").is_none() {
        reader.problem_at(reader.place(), reader.path(), "method is missing");
    }
    let methods = || listed(Method::ALL, Method::key);
    let method = reader.word("method", Method::from_key, methods).unwrap_or(Method::Get);
    let kind = reader.word("type", ResourceType::from_key, || listed(ResourceType::ALL, ResourceType::key));
    let kind = kind.unwrap_or(ResourceType::Api);
    let owner = format!("{} {} {}", kind.key(), method.key(), path);
    let operation = reader.owned("operation").filter(|name| !name.is_empty());
    let describes = reader.owned("describes");
    // Operations are called where they are described, by POST, unless the definition says otherwise.
    let usual_path =
        context.wsdl.filter(|_| operation.is_some() || describes.is_some()).unwrap_or_else(|| unprefixed(&path));
    let usual_method = if operation.is_some() { Method::Post } else { method };
    let vendor_path = reader.text("vendorPath").unwrap_or(usual_path).to_owned();
    let (message, defined_message) = soap::message(reader);
    let root_key = reader.owned("rootKey");
    let (content_type, sample_data) = response(reader);
    let resource = Resource {
        id: reader.number().unwrap_or_else(|| ids::part_id(&[context.key, "resources", &owner])),
        vendor_method: reader.word("vendorMethod", Method::from_key, methods).unwrap_or(usual_method),
        description: reader.owned("description"),
        parameters: parameters(reader, context, &owner),
        hooks: hooks(reader, context, &owner),
        model: reader.value("model"),
        object: reader.value("object"),
        roots: RootKey::parse(root_key.as_deref().unwrap_or_default()),
        root_key,
        next_page_key: reader.owned("nextPageKey"),
        next_resource: reader.owned("nextResource").filter(|next| !next.is_empty()),
        pagination_type: reader
            .open_word("paginationType", PaginationType::from_key, || listed(PaginationType::ALL, PaginationType::key)),
        content_type,
        sample_data,
        operation_id: reader.owned("operationId"),
        executor: reader.open_word("kind", Kind::from_key, || listed(Kind::ALL, Kind::key)),
        formula_id: reader.integer("formulaId"),
        operation,
        describes,
        defined_message,
        message,
        next: None,
        request_table: Vec::new(),
        is_account_owned: !reader.is_strict() && reader.node("ownerAccountId").is_some(),
        vendor_path,
        path,
        method,
        kind,
    };
    if resource.executor == Some(Kind::Java) {
        reader.remark(
            "kind",
            format!("code of the original platform executes it: its calls are answered with {NOT_EXECUTABLE:?}"),
        );
    }
    if resource.kind == ResourceType::FormulaAsResource {
        reader.remark("type", "it runs a formula of the original platform, which has to be here under the same number");
    }
    reader.unknown();
    resource
}

fn response(reader: &Reader<'_>) -> (Option<String>, Option<String>) {
    let Some(inner) = reader.mapping("response") else { return (None, None) };
    let found = (inner.owned("contentType"), inner.owned("sampleData"));
    inner.unknown();
    found
}

/// The path with the hub's prefix, unless it begins with `/hubs/` already.
fn prefixed(path: &str, hub: &str) -> String {
    if path.starts_with("/hubs/") {
        return path.to_owned();
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("/hubs/{hub}{slash}{path}")
}

/// The path without `/hubs/{hub}`.
pub(crate) fn unprefixed(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/hubs/") else { return path };
    rest.find('/').map_or("", |slash| &rest[slash..])
}
