//! What parts have beside being added and replaced: the model of a resource, models that are put by their number,
//! fields of a model, accounts that may use an element.

use ligand_domain::{Account, Caller, Error, ErrorKind, Id};
use ligand_element::document::Document;
use serde_json::{Value, json};

use super::{
    access::Found,
    builder::Saved,
    parts::{List, Step, owner_of, owner_of_mut, place_of, shown_at},
};
use crate::{App, failure::of_store};

impl App {
    /// The model of a resource; empty when it has none.
    ///
    /// # Errors
    /// Not found.
    pub async fn resource_model(&self, caller: &Caller, element: &str, steps: &[Step]) -> Result<Value, Error> {
        let found = self.find(Some(caller), element).await?;
        let whole = self.document(&found, Some(caller)).await?;
        let place = place_of(&whole, steps)?;
        Ok(owner_of(&whole, &place)
            .get("model")
            .filter(|model| model.is_object())
            .cloned()
            .unwrap_or_else(|| json!({})))
    }

    /// Gives a resource a model, or takes it away.
    ///
    /// # Errors
    /// Not found, also for a resource of the platform; invalid for a model without name or of the wrong shape.
    pub async fn set_resource_model(
        &self,
        caller: &Caller,
        element: &str,
        steps: &[Step],
        model: Option<&Document>,
    ) -> Result<Value, Error> {
        if let Some(model) = model {
            check_model(model)?;
        }
        let (_, target) = self.target(caller, element, steps).await?;
        let action = if model.is_some() { "model of a resource changed" } else { "model of a resource removed" };
        let change = |document: &mut Document| {
            let place = place_of(document, steps)?;
            let resource = owner_of_mut(document, &place);
            match model {
                Some(model) => resource.insert("model".to_owned(), Value::Object(model.clone())),
                None => resource.shift_remove("model"),
            };
            Ok(place)
        };
        let (place, settled) = self.edit(caller, &target, action, change).await?;
        Ok(owner_of(&settled.document, &place).get("model").cloned().unwrap_or_default())
    }

    /// Puts a model: without a number it is added, with one it takes the place of the model with that number.
    ///
    /// # Errors
    /// As [`App::add_part`] and [`App::replace_part`].
    pub async fn put_model(&self, caller: &Caller, element: &str, body: &Document) -> Result<Saved, Error> {
        let step = |item| [Step { list: List::Models, item }];
        match body.get("id").filter(|id| !id.is_null()) {
            None => self.add_part(caller, element, &step(None), body).await,
            Some(id) => self.replace_part(caller, element, &step(Some(id.to_string())), body).await,
        }
    }

    /// Replaces the fields of a model.
    ///
    /// # Errors
    /// Not found; invalid for a field without a name.
    pub async fn set_model_fields(
        &self,
        caller: &Caller,
        element: &str,
        steps: &[Step],
        fields: &[Value],
    ) -> Result<Value, Error> {
        let is_named = |field: &Value| field["name"].as_str().is_some_and(|name| !name.trim().is_empty());
        if let Some(index) = fields.iter().position(|field| !is_named(field)) {
            return Err(Error::invalid("field-invalid", format!("modelFields[{index}]: name is missing")));
        }
        let (found, target) = self.target(caller, element, steps).await?;
        let change = |document: &mut Document| {
            let place = place_of(document, steps)?;
            owner_of_mut(document, &place).insert("modelFields".to_owned(), Value::from(fields));
            Ok(place)
        };
        let (place, settled) = self.edit(caller, &target, "fields of a model changed", change).await?;
        Ok(shown_at(&settled.document, &found, steps, &place))
    }

    /// The accounts that may use an element beside its owner.
    ///
    /// # Errors
    /// Not found.
    pub async fn element_accounts(&self, caller: &Caller, element: &str) -> Result<Vec<Id<Account>>, Error> {
        match self.find(Some(caller), element).await? {
            Found::Platform(_) => Ok(Vec::new()),
            Found::Stored(stored) => Ok(stored.row.accounts.clone()),
        }
    }

    /// Lets an account of the caller's organization use an element of the caller's account, or no longer.
    ///
    /// # Errors
    /// Not found for an unknown element or account; forbidden for what belongs to others.
    pub async fn set_element_account(
        &self,
        caller: &Caller,
        element: &str,
        account: &str,
        granted: bool,
    ) -> Result<(), Error> {
        let stored = self.own(caller, element).await?;
        let unknown = || Error::not_found("account-not-found", format!("No account found with ID {account}"));
        let id: Id<Account> = account.parse().map_err(|_| unknown())?;
        match self.store.get_account(id).await {
            Ok(found) if found.organization_id == caller.organization_id => {}
            Ok(_) => {
                let message = "The account belongs to another organization";
                return Err(Error::new(ErrorKind::Forbidden, "account-foreign", message));
            }
            Err(ligand_store::Error::Missing { .. }) => return Err(unknown()),
            Err(failed) => return Err(of_store(failed)),
        }
        self.store.set_element_account(stored.row.id, id, granted).await.map_err(of_store)?;
        self.announce(stored.row.id).await
    }
}

fn check_model(model: &Document) -> Result<(), Error> {
    let mut problems = Vec::new();
    if model.get("name").and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
        problems.push("name is missing".to_owned());
    }
    for member in ["swagger", "requestSwagger"] {
        if model.get(member).is_some_and(|value| !value.is_object() && !value.is_null()) {
            problems.push(format!("{member} must be an object"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::invalid("model-invalid", problems.join("; "))) }
}
