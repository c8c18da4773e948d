//! Resources: one verb and path of an element, and the vendor call behind it.

use serde_json::Value;

use crate::{Hook, Parameter, message::Message, names::words, plan::Slot, root_key::RootKey};

words! {
    /// The verbs of resources.
    Method {
        /// Reads.
        Get = "GET",
        /// Creates.
        Post = "POST",
        /// Replaces.
        Put = "PUT",
        /// Changes.
        Patch = "PATCH",
        /// Removes.
        Delete = "DELETE",
    }
}

words! {
    /// What a resource is for and when it runs (`type`).
    ResourceType {
        /// Called by clients.
        Api = "api",
        /// Called by clients or in chains; left out of documentation.
        ApiNoDocumentation = "apiNoDocumentation",
        /// Runs when an instance is made, after validation.
        OnProvision = "onProvision",
        /// Runs when an instance is deleted.
        OnDelete = "onDelete",
        /// Runs after an OAuth 2 token was renewed.
        OnRefresh = "onRefresh",
        /// Proves the credentials when an instance is made or changed.
        ProvisionAuthValidation = "provisionAuthValidation",
        /// Registers the vendor's webhook.
        OnProvisionWebhook = "onProvisionWebhook",
        /// Removes the vendor's webhook.
        OnDeleteWebhook = "onDeleteWebhook",
        /// Makes the authorize URL. The format's own spelling is the misspelt one.
        OauthOnAuthorizeUrl = "oauthOnAuthroizeUrl" | "oauthOnAuthorizeUrl",
        /// Trades a code for tokens.
        OauthOnTokenExchange = "oauthOnTokenExchange",
        /// Renews tokens.
        OauthOnTokenRefresh = "oauthOnTokenRefresh",
        /// Revokes tokens.
        OauthOnTokenRevoke = "oauthOnTokenRevoke",
        /// Gets an OAuth 1 request token.
        Oauth1OnTokenRequest = "oauth1OnTokenRequest",
        /// The OAuth 2 variant of the former.
        OauthOnTokenRequest = "oauthOnTokenRequest",
        /// Replaces the password grant.
        Oauth2Password = "oauth2Password",
        /// Replaces the client-credentials grant.
        Oauth2ClientCredentials = "oauth2ClientCredentials",
        /// Runs a formula.
        FormulaAsResource = "formulaAsResource",
        /// Runs beside another request.
        ApiElementRequest = "apiElementRequest",
        /// Fills caches after provisioning.
        OnProvisionCacheVendorDataAsync = "onProvisionCacheVendorDataAsync",
    }
}

words! {
    /// Whether the vendor pages (`paginationType`).
    PaginationType {
        /// The vendor pages.
        VendorSupported = "VENDOR_SUPPORTED" | "supported" | "",
        /// The platform slices what the vendor sends at once.
        VendorNotSupported = "VENDOR_NOT_SUPPORTED",
        /// Nobody pages.
        NoPagination = "NO_PAGINATION",
    }
}

words! {
    /// Who executes a resource (`kind`).
    Kind {
        /// The engine.
        Builder = "eb",
        /// Code of the original platform: not executable.
        Java = "java",
    }
}

/// A resource of an element.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Stable number.
    pub id: i64,
    /// Path with the hub's prefix: `/hubs/crm/contacts/{id}`.
    pub path: String,
    /// Verb of callers.
    pub method: Method,
    /// Path at the vendor as defined.
    pub vendor_path: String,
    /// Verb at the vendor.
    pub vendor_method: Method,
    /// What it does.
    pub description: Option<String>,
    /// When it runs.
    pub kind: ResourceType,
    /// Its own parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Its hooks, in order.
    pub hooks: Vec<Hook>,
    /// Response and request models, echoed.
    pub model: Option<Value>,
    /// The object that it works on, echoed.
    pub object: Option<Value>,
    /// The `request|response` root key as defined.
    pub root_key: Option<String>,
    /// Where the vendor's next-page token is.
    pub next_page_key: Option<String>,
    /// The next link of a chain as defined: `GET:/second`.
    pub next_resource: Option<String>,
    /// Whether the vendor pages.
    pub pagination_type: Option<PaginationType>,
    /// What the vendor's answer must be (`response.contentType`): `application/json` unless stated.
    pub content_type: Option<String>,
    /// A sample of the answer, a JSON text, echoed.
    pub sample_data: Option<String>,
    /// Name in generated documentation.
    pub operation_id: Option<String>,
    /// Who executes it, when stated.
    pub executor: Option<Kind>,
    /// The formula of a [`ResourceType::FormulaAsResource`].
    pub formula_id: Option<i64>,
    /// The operation of a described SOAP service. Its message is JSON until the engine writes it by the description.
    pub operation: Option<String>,
    /// The message as defined, echoed.
    pub defined_message: Option<Value>,
    pub(crate) message: Option<Message>,
    /// The type whose fields a described SOAP service is to tell instead of being called, a template.
    pub describes: Option<String>,
    /// Whether an account added it to an element of the platform.
    pub is_account_owned: bool,
    pub(crate) roots: RootKey,
    pub(crate) next: Option<usize>,
    /// The parameters that make the vendor request, compiled once with the element.
    pub(crate) request_table: Vec<Slot>,
}

impl Resource {
    /// Whether it lists: a GET whose path does not end in a variable.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.method == Method::Get && !self.path.trim_end_matches('/').ends_with('}') || self.lists_generically()
    }

    /// Whether the description of a SOAP service says how it is called, or is all that is asked for.
    #[must_use]
    pub fn is_described(&self) -> bool {
        self.operation.is_some() || self.describes.is_some()
    }

    /// Where in the JSON of the message the caller's body stands: `things[0]`; empty when it is the whole.
    #[must_use]
    pub fn body_path(&self) -> String {
        self.message.as_ref().and_then(Message::body_path).unwrap_or_default()
    }

    /// Whether at a place of the message stands a variable of the path alone.
    #[must_use]
    pub fn is_path_variable(&self, place: &str) -> bool {
        let is_named =
            |name: &str| crate::route::segments_of(self).filter_map(crate::route::variable_name).any(|it| it == name);
        self.message.as_ref().is_some_and(|message| message.is_variable(place, &is_named))
    }

    /// Whether something of the request asks for the caller's query parameter, or the variable of pages, of that name.
    pub(crate) fn message_asks(&self, name: &str) -> bool {
        self.message.iter().flat_map(Message::templates).any(|template| template.asks(name))
    }

    /// `/{objectName}` and its children end in a variable that is a name, not an id.
    fn lists_generically(&self) -> bool {
        let generic = crate::route::segments_of(self).next().and_then(crate::route::variable_name).is_some();
        self.method == Method::Get && generic && crate::route::segments_of(self).count() % 2 == 1
    }
}
