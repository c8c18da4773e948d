//! The definition while it is put together: parameters, resources with their models, and what fits into it.

use serde_json::{Map, Value, json};

use crate::{
    ImportError, Imported,
    model::{Id, Models, Size},
    remarks::Remarks,
};

/// What a definition may hold, a little below what is read of one.
const LIMIT: Size = Size { bytes: 3_800_000, values: 185_000 };

/// Most characters of descriptions.
const SHORT: usize = 200;
const LONG: usize = 1000;

/// A resource with the models of its answer and request.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) json: Map<String, Value>,
    pub(crate) answer: Option<Id>,
    pub(crate) request: Option<Id>,
}

/// An element's definition.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    /// Members besides configuration, parameters and resources.
    pub(crate) head: Map<String, Value>,
    pub(crate) configuration: Vec<Value>,
    pub(crate) parameters: Vec<Value>,
    pub(crate) resources: Vec<Resource>,
}

impl Definition {
    /// The whole definition, its models cut back as far as it must be.
    ///
    /// # Errors
    /// When it is too large even without models.
    pub(crate) fn finish(mut self, models: &Models, mut remarks: Remarks) -> Result<Imported, ImportError> {
        if self.resources.is_empty() {
            return Err(ImportError::Empty("The document has no operation that is chosen".to_owned()));
        }
        let mut size = self.size();
        if !size.fits(LIMIT) {
            self.shorten();
            size = self.size();
            remarks.add("", "descriptions of parameters were left out because the definition would be too large");
        }
        if !size.fits(LIMIT) {
            let message = format!(
                "The document has {} operations, more than a definition can hold: choose some by operation, tag or path",
                self.resources.len()
            );
            return Err(ImportError::TooLarge(message));
        }
        let roots = self.resources.iter().flat_map(|resource| [resource.answer, resource.request]);
        let roots: Vec<Id> = roots.flatten().collect();
        let (most, is_cut) = models.reach(&roots, size.left_of(LIMIT));
        if is_cut {
            let message = format!(
                "each request and answer brings {most} models at most, the nearest ones, because the definition would \
                 be too large: choose fewer operations to have them whole"
            );
            remarks.add("", message);
        }
        let mut json = self.head;
        json.insert("configuration".to_owned(), Value::Array(self.configuration));
        json.insert("parameters".to_owned(), Value::Array(self.parameters));
        let resources = self.resources.into_iter().map(|resource| resource.finish(models, most));
        json.insert("resources".to_owned(), resources.collect());
        Ok(Imported { definition: Value::Object(json), remarks: remarks.finish() })
    }

    fn size(&self) -> Size {
        let parts = self.configuration.iter().chain(&self.parameters).map(Size::of);
        let resources = self.resources.iter().map(|resource| Size::of(&Value::Object(resource.json.clone())));
        parts.chain(resources).fold(Size { bytes: 4096, values: 64 }, Size::plus)
    }

    fn shorten(&mut self) {
        for resource in &mut self.resources {
            let parameters = resource.json.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten().filter_map(Value::as_object_mut) {
                parameter.remove("description");
            }
        }
    }
}

impl Resource {
    fn finish(self, models: &Models, most: usize) -> Value {
        let mut json = self.json;
        let mut model = Map::new();
        for (id, name, schemas) in [(self.answer, "name", "swagger"), (self.request, "requestName", "requestSwagger")] {
            let Some(id) = id.filter(|_| most > 0) else { continue };
            model.insert(name.to_owned(), Value::from(models.name(id)));
            model.insert(schemas.to_owned(), Value::Object(models.rendered(id, most)));
        }
        if !model.is_empty() {
            // A model has a name of its own even where only the request has a schema.
            if let Some(name) = model.get("requestName").cloned().filter(|_| !model.contains_key("name")) {
                model.insert("name".to_owned(), name);
                model.insert("swagger".to_owned(), json!({}));
            }
            model.insert("transform".to_owned(), Value::from(false));
            json.insert("model".to_owned(), Value::Object(model));
        }
        Value::Object(json)
    }
}

/// Where a parameter's value comes from and where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way(pub(crate) &'static str, pub(crate) &'static str);

/// A parameter of a resource or of the element.
pub(crate) fn parameter(name: &str, vendor_name: &str, way: Way) -> Map<String, Value> {
    let mut json = Map::new();
    json.insert("name".to_owned(), Value::from(name));
    if !vendor_name.is_empty() {
        json.insert("vendorName".to_owned(), Value::from(vendor_name));
    }
    json.insert("type".to_owned(), Value::from(way.0));
    json.insert("vendorType".to_owned(), Value::from(way.1));
    json
}

/// A header with the same value in every request; `None` for a value that templates would change.
pub(crate) fn fixed(name: &str, value: &str, vendor_type: &'static str) -> Option<Value> {
    let is_plain = !value.trim().is_empty() && !value.contains('{') && !value.contains("CE.b64(");
    is_plain.then(|| Value::Object(parameter(value, name, Way("value", vendor_type))))
}

/// The caller's body, passed on.
pub(crate) fn body(is_required: bool) -> Value {
    let mut json = parameter("body", "", Way("body", "body"));
    json.insert("required".to_owned(), Value::from(is_required));
    Value::Object(json)
}

/// A member of a JSON object, set if there is a text.
pub(crate) fn describe(json: &mut Map<String, Value>, member: &str, text: Option<&str>, is_long: bool) {
    if let Some(text) =
        text.map(|text| cleaned(text, if is_long { LONG } else { SHORT })).filter(|text| !text.is_empty())
    {
        json.insert(member.to_owned(), Value::from(text));
    }
}

/// A text without control characters, cut at so many characters.
pub(crate) fn cleaned(text: &str, most: usize) -> String {
    let plain = text.trim().chars().filter(|each| !each.is_control() || matches!(each, '\n' | '\t'));
    let mut cut: String = plain.take(most + 1).collect();
    if cut.chars().count() > most {
        cut = cut.chars().take(most.saturating_sub(1)).chain(['…']).collect();
    }
    cut
}

/// A configuration entry.
pub(crate) fn entry(key: &str, name: &str, kind: &str, is_required: bool) -> Map<String, Value> {
    let mut json = Map::new();
    json.insert("key".to_owned(), Value::from(key));
    json.insert("name".to_owned(), Value::from(name));
    json.insert("type".to_owned(), Value::from(kind));
    json.insert("required".to_owned(), Value::from(is_required));
    json
}

/// The entry of the vendor's address: a fixed one, or one that the user has to give.
pub(crate) fn base_url(address: Option<&str>) -> Value {
    let mut json = Map::new();
    json.insert("key".to_owned(), Value::from("base.url"));
    match address {
        Some(address) => _ = json.insert("defaultValue".to_owned(), Value::from(address)),
        None => {
            json.insert("required".to_owned(), Value::from(true));
            json.insert("hideFromConsole".to_owned(), Value::from(false));
        }
    }
    Value::Object(json)
}
