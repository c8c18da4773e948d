//! Products of an opportunity, and what they add up to.

use serde_json::{Value, json};

use super::derive::{edited, set_known};
use super::{Record, Refusal, Stamp, State, Stored, invalid, missing};
use crate::actpremium::schema::{Kind, Type, stamp};
use crate::records::guid;

/// Most products of one opportunity.
const MAX_PRODUCTS: usize = 1_000;
/// Writable fields.
const FIELDS: [(&str, Type); 7] = [
    ("name", Type::Text),
    ("itemNumber", Type::Text),
    ("productID", Type::Guid),
    ("cost", Type::Number),
    ("price", Type::Number),
    ("quantity", Type::Number),
    ("discountPrice", Type::Number),
];

impl State {
    /// The products of an opportunity.
    pub(in crate::actpremium) fn products(&self, opportunity: &str) -> Result<Vec<Record>, Refusal> {
        let number = self.number(Kind::Opportunity, opportunity)?;
        Ok(self.stored(number)?.products.clone())
    }

    /// One product of an opportunity.
    pub(in crate::actpremium) fn product(&self, opportunity: &str, id: &str) -> Result<Record, Refusal> {
        self.products(opportunity)?.into_iter().find(|product| has_id(product, id)).ok_or_else(missing)
    }

    /// Adds a product; what is not sent is taken from the product that `productID` names.
    pub(in crate::actpremium) fn add_product(
        &mut self,
        opportunity: &str,
        sent: &Record,
        by: Stamp<'_>,
    ) -> Result<Record, Refusal> {
        let number = self.number(Kind::Opportunity, opportunity)?;
        let mut product = Record::new();
        product.insert("id".to_owned(), json!(guid(self.next)));
        product.insert("opportunityID".to_owned(), json!(opportunity.to_lowercase()));
        product.insert("createDate".to_owned(), json!(stamp(by.now)));
        for (name, _) in FIELDS {
            product.insert(name.to_owned(), Value::Null);
        }
        self.change(&mut product, sent, by)?;
        let stored = self.records.get_mut(&number).ok_or_else(missing)?;
        if stored.products.len() >= MAX_PRODUCTS {
            return Err(invalid("The opportunity has too many products."));
        }
        stored.products.push(product.clone());
        edited(stored, by);
        self.next += 1;
        Ok(product)
    }

    /// Changes a product.
    pub(in crate::actpremium) fn change_product(
        &mut self,
        opportunity: &str,
        id: &str,
        sent: &Record,
        by: Stamp<'_>,
    ) -> Result<Record, Refusal> {
        let mut product = self.product(opportunity, id)?;
        self.change(&mut product, sent, by)?;
        let stored = self.opportunity(opportunity)?;
        let slot = stored.products.iter_mut().find(|product| has_id(product, id)).ok_or_else(missing)?;
        *slot = product.clone();
        edited(stored, by);
        Ok(product)
    }

    /// Removes a product.
    pub(in crate::actpremium) fn remove_product(
        &mut self,
        opportunity: &str,
        id: &str,
        by: Stamp<'_>,
    ) -> Result<(), Refusal> {
        self.product(opportunity, id)?;
        let stored = self.opportunity(opportunity)?;
        stored.products.retain(|product| !has_id(product, id));
        edited(stored, by);
        Ok(())
    }

    fn opportunity(&mut self, id: &str) -> Result<&mut Stored, Refusal> {
        let number = self.number(Kind::Opportunity, id)?;
        self.records.get_mut(&number).ok_or_else(missing)
    }

    fn change(&self, product: &mut Record, sent: &Record, by: Stamp<'_>) -> Result<(), Refusal> {
        for (name, kind) in FIELDS {
            if let Some((_, value)) = sent.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)) {
                let value = kind.accept(value);
                let value = value.ok_or_else(|| invalid(&format!("The value of '{name}' is not valid.")))?;
                product.insert(name.to_owned(), value);
            }
        }
        if let Some(id) = product.get("productID").and_then(Value::as_str) {
            let known = self.get(Kind::Product, id).map_err(|_| invalid("The product does not exist."))?;
            for name in ["name", "itemNumber", "cost", "price"] {
                if product.get(name).is_some_and(Value::is_null) {
                    set_known(product, name, known.get(name).cloned().unwrap_or_default());
                }
            }
        }
        if product.get("name").and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
            return Err(invalid("The name field is required."));
        }
        for (name, usual) in [("quantity", 1.0), ("cost", 0.0), ("price", 0.0)] {
            if product.get(name).is_some_and(Value::is_null) {
                set_known(product, name, json!(usual));
            }
        }
        if product.get("discountPrice").is_some_and(Value::is_null) {
            let price = json!(amount(product, "price"));
            set_known(product, "discountPrice", price);
        }
        let (price, reduced) = (amount(product, "price"), amount(product, "discountPrice"));
        let discount = if price == 0.0 { 0.0 } else { (price - reduced) / price * 100.0 };
        product.insert("discount".to_owned(), json!(discount));
        product.insert("total".to_owned(), json!(reduced * amount(product, "quantity")));
        product.insert("editDate".to_owned(), json!(stamp(by.now)));
        Ok(())
    }
}

fn has_id(product: &Record, id: &str) -> bool {
    product.get("id").and_then(Value::as_str).is_some_and(|found| found.eq_ignore_ascii_case(id))
}

fn amount(record: &Record, name: &str) -> f64 {
    record.get(name).and_then(Value::as_f64).unwrap_or(0.0)
}

/// Puts the sums of an opportunity's products into it, and the names of its contacts.
pub(super) fn total(record: &mut Record, products: &[Record]) {
    let total: f64 = products.iter().map(|product| amount(product, "total")).sum();
    let costs: f64 = products.iter().map(|product| amount(product, "cost") * amount(product, "quantity")).sum();
    let likely = amount(record, "probability");
    for (name, list) in [("totalPerContact", "contacts"), ("totalPerCompany", "companies"), ("totalPerGroup", "groups")]
    {
        let many = record.get(list).and_then(Value::as_array).map_or(0, Vec::len).max(1);
        set_known(record, name, json!(total / many as f64));
    }
    let names = record.get("contacts").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = names.filter_map(|contact| contact["displayName"].as_str()).collect();
    let names = names.join(", ");
    set_known(record, "contactNames", json!(names));
    set_known(record, "productTotal", json!(total));
    set_known(record, "weightedTotal", json!(total * likely / 100.0));
    set_known(record, "grossMargin", json!(total - costs));
}
