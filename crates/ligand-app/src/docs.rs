//! Documents that describe elements, hubs and instances.

use std::sync::Arc;

use ligand_docs::{Base, Document, Format, FoundObject, Listed, Only, Unavailable, Wanted};
use ligand_domain::{Caller, Error, ErrorKind, Timestamp};
use ligand_element::Element;
use serde_json::Value;

use crate::{
    App,
    elements::{Found, in_background},
    hubs::own_object_name,
    instances::{Loaded, Target},
};

/// Elements of a hub that its document takes together.
const ELEMENTS_OF_HUB: usize = 100;

/// Resources from which making a document is taken for long, so that it is done beside other requests.
const LARGE_RESOURCES: usize = 50;

/// What the latest version is called.
const LATEST: &str = "-1";

/// How a document is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    format: Format,
    base: Base,
    version: Option<String>,
    operation: Option<String>,
    discovery: bool,
    basic: bool,
    resolve: bool,
    behind_aws: bool,
}

/// What a document is about.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// Everything.
    Whole,
    /// One operation by its id, or by verb and path.
    Operation(&'a str),
    /// The operations of one object.
    Object(&'a str),
}

/// A version of an element.
#[derive(Debug)]
pub struct ElementVersion {
    /// Its number.
    pub number: i64,
    /// Since when there is it, when that is known.
    pub created_at: Option<Timestamp>,
    /// Whether it is the one that calls run with.
    pub is_latest: bool,
}

/// A document that was made.
#[derive(Debug)]
pub struct Made {
    document: Document,
    format: Format,
    /// What it lacks that was asked for.
    pub warning: Option<String>,
}

impl Options {
    /// Reads query parameters and headers.
    ///
    /// # Errors
    /// Invalid for what is none of the known words, and for an address that is none.
    pub fn read<'a>(
        query: impl Fn(&str) -> Option<&'a str>,
        header: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, Error> {
        let flag = |name| query(name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        let base = match query("baseUrl").filter(|address| !address.is_empty()) {
            Some(address) => Base::stated(address).ok_or_else(|| {
                Error::invalid("base-url-invalid", "baseUrl must be an address like https://api.example.com")
            })?,
            None => Base::of_request(header("x-forwarded-host"), header("host")),
        };
        let behind_aws = match query("provider").unwrap_or_default().to_ascii_lowercase().as_str() {
            "" => false,
            "aws" => true,
            _ => return Err(Error::invalid("provider-unknown", "provider must be aws")),
        };
        Ok(Self {
            format: format(query("format"))?,
            base,
            version: query("version").map(str::to_owned).filter(|version| !version.is_empty()),
            operation: query("operationId").map(str::to_owned).filter(|id| !id.is_empty()),
            discovery: flag("discovery"),
            basic: flag("basic"),
            resolve: flag("resolveReferences"),
            behind_aws,
        })
    }

    /// Finishes a document as it was asked for.
    fn made(&self, mut document: Document, warning: Option<String>) -> Made {
        if self.resolve {
            document.resolve();
        }
        if self.basic {
            document.simplify();
        }
        document.at(&self.base);
        if self.behind_aws {
            document.behind_aws();
        }
        Made { document, format: self.format, warning }
    }
}

/// The format that a query asks for.
///
/// # Errors
/// Invalid for a word that is none.
pub fn format(name: Option<&str>) -> Result<Format, Error> {
    let unknown = || Error::invalid("format-unknown", "format must be swagger2.0 or openapi3.1");
    Format::called(name.unwrap_or_default()).ok_or_else(unknown)
}

impl Made {
    /// The document.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.document.write(self.format)
    }

    /// Its schemas alone.
    #[must_use]
    pub fn schemas_to_json(&self) -> Value {
        self.document.write_schemas(self.format)
    }
}

impl App {
    /// Describes an element as a caller sees it.
    ///
    /// # Errors
    /// Not found for an element that the caller does not see, for a version, operation or object that it does not
    /// have; too large when there is too much to describe at once.
    pub async fn element_docs(
        &self,
        caller: Option<&Caller>,
        key_or_id: &str,
        part: Part<'_>,
        options: &Options,
    ) -> Result<Made, Error> {
        let element = self.element_in_version(caller, key_or_id, options.version.as_deref()).await?;
        described(element, part, options, Vec::new(), None).await
    }

    /// Lists the operations that the document of an element has.
    ///
    /// # Errors
    /// As [`App::element_docs`].
    pub async fn element_operations(
        &self,
        caller: Option<&Caller>,
        key_or_id: &str,
        version: Option<&str>,
    ) -> Result<Vec<Listed>, Error> {
        let element = self.element_in_version(caller, key_or_id, version).await?;
        Ok(ligand_docs::operations(&element))
    }

    /// The versions of an element of which there is a document, the newest first.
    ///
    /// # Errors
    /// Not found for an element that the caller does not see.
    pub async fn element_versions(
        &self,
        caller: Option<&Caller>,
        key_or_id: &str,
    ) -> Result<Vec<ElementVersion>, Error> {
        let found = self.find(caller, key_or_id).await?;
        let (latest, changed) = match &found {
            Found::Platform(_) => (1, None),
            Found::Stored(stored) => (stored.row.revision, Some(stored.row.updated_at)),
        };
        let mut versions = vec![ElementVersion { number: latest, created_at: changed, is_latest: true }];
        if let (Found::Stored(_), Some(caller)) = (&found, caller.filter(|caller| found.is_own(Some(caller)))) {
            let earlier = self.element_history(caller, key_or_id).await?;
            versions.extend(earlier.into_iter().filter(|form| form.version.revision < latest).map(|form| {
                let (number, made) = (form.version.revision, form.version.created_at);
                ElementVersion { number, created_at: Some(made), is_latest: false }
            }));
        }
        Ok(versions)
    }

    async fn element_in_version(
        &self,
        caller: Option<&Caller>,
        key_or_id: &str,
        version: Option<&str>,
    ) -> Result<Arc<Element>, Error> {
        let found = self.find(caller, key_or_id).await?;
        let Some(version) = version.filter(|version| *version != LATEST) else {
            return self.compiled(&found, caller).await;
        };
        let latest = match &found {
            Found::Platform(_) => 1,
            Found::Stored(stored) => stored.row.revision,
        };
        if version.parse() == Ok(latest) {
            return self.compiled(&found, caller).await;
        }
        match caller.filter(|caller| found.is_own(Some(caller))) {
            Some(caller) => self.earlier_element(caller, key_or_id, version).await,
            None => Err(Error::not_found("version-not-found", format!("No version found with number {version}"))),
        }
    }

    /// Describes what the elements of a hub have in common.
    ///
    /// # Errors
    /// Not found for a hub that is not there; too large when there is too much to describe at once.
    pub async fn hub_docs(&self, caller: Option<&Caller>, key: &str, options: &Options) -> Result<Made, Error> {
        let hub = self.hub(caller, key).await?;
        let mut elements = Vec::new();
        for item in self.hub_elements(caller, &hub).await?.iter().take(ELEMENTS_OF_HUB) {
            elements.push(self.compiled(item.found(), caller).await?);
        }
        let (options, key) = (options.clone(), hub.key.clone());
        let made = in_background(usize::MAX, move || {
            let document = ligand_docs::of_hub(&hub.key, &hub.name, elements.iter().map(|element| &**element));
            document.map(|document| options.made(document, None))
        });
        made.await?.map_err(|unavailable| refused(unavailable, Part::Whole, &key))
    }

    /// Describes an instance: its element, and with discovery what the vendor tells of its objects.
    ///
    /// # Errors
    /// As [`App::element_docs`]; not found for an instance that is not the caller's.
    pub async fn instance_docs(
        &self,
        caller: &Caller,
        target: Target<'_>,
        part: Part<'_>,
        options: &Options,
    ) -> Result<Made, Error> {
        let loaded = self.instance(caller, target).await?;
        self.loaded_docs(caller, &loaded, part, options).await
    }

    pub(crate) async fn loaded_docs(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        part: Part<'_>,
        options: &Options,
    ) -> Result<Made, Error> {
        let element = match options.version.as_deref().filter(|version| *version != LATEST) {
            None => Arc::clone(&loaded.element),
            Some(version) => {
                self.element_in_version(Some(caller), &loaded.element.id().to_string(), Some(version)).await?
            }
        };
        let discovered =
            if options.discovery { self.discover(caller, loaded, part).await? } else { Default::default() };
        described(element, part, options, discovered.objects, discovered.warning).await
    }
}

/// Makes the document, beside other requests when it takes long.
async fn described(
    element: Arc<Element>,
    part: Part<'_>,
    options: &Options,
    found: Vec<FoundObject>,
    warning: Option<String>,
) -> Result<Made, Error> {
    let part = match (part, &options.operation) {
        (Part::Whole, Some(id)) => Part::Operation(id),
        (part, _) => part,
    };
    let name = match part {
        Part::Whole => element.key().to_owned(),
        Part::Operation(id) => id.to_owned(),
        Part::Object(name) => own_object_name(&element, name),
    };
    let is_object = matches!(part, Part::Object(_));
    let is_whole = matches!(part, Part::Whole);
    let size = if element.resources().len() < LARGE_RESOURCES { 0 } else { usize::MAX };
    let (options, called) = (options.clone(), name.clone());
    let made = in_background(size, move || {
        let only = match (is_whole, is_object) {
            (true, _) => Only::All,
            (_, true) => Only::Object(&name),
            _ => Only::Operation(&name),
        };
        let document = ligand_docs::of_element(&element, &Wanted { only, found: &found });
        document.map(|document| options.made(document, warning))
    });
    made.await?.map_err(|unavailable| refused(unavailable, part, &called))
}

fn refused(unavailable: Unavailable, part: Part<'_>, name: &str) -> Error {
    match (unavailable, part) {
        (Unavailable::NotFound, Part::Object(_)) => {
            Error::not_found("object-not-found", format!("No object found with name {name}"))
        }
        (Unavailable::NotFound, _) => {
            Error::not_found("operation-not-found", format!("No operation found with ID {name}"))
        }
        (Unavailable::TooLarge, _) => {
            let message = "There is too much to describe at once: ask for one operation or one object";
            Error::new(ErrorKind::TooLarge, "docs-too-large", message)
        }
    }
}
