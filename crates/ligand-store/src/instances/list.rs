//! Lists and counts of a user's instances.

use ligand_domain::{Account, Element, Id, Instance, Timestamp, User};
use sqlx::{Any, AssertSqlSafe, any::AnyArguments, query::Query};

use super::select_instance;
use crate::{Error, Store, row::Columns};

/// Whose instances to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceOwner {
    /// One user's.
    User(Id<User>),
    /// Those of all users of an account. Tags are hashed per user, so a filter by tags finds nothing here.
    Account(Id<Account>),
}

/// Which instances to list. The conditions narrow each other.
#[derive(Debug, Clone)]
pub struct InstanceFilter {
    /// Whose instances.
    pub owner: InstanceOwner,
    /// Of this element only.
    pub element_id: Option<Id<Element>>,
    /// Having at least one of these tags exactly; all instances when empty.
    pub tags_any: Vec<String>,
    /// Whose name contains this text, whatever the case of its letters. Nothing else in it has a meaning.
    pub search_text: Option<String>,
    /// With a search text: also those of these elements, whatever their name.
    pub search_element_ids: Vec<Id<Element>>,
    /// Only those with a greater id: where the page before ended.
    pub after: Option<Id<Instance>>,
    /// The size of the page.
    pub limit: u32,
}

impl InstanceFilter {
    /// All instances of a user.
    #[must_use]
    pub fn of_user(user_id: Id<User>, limit: u32) -> Self {
        Self {
            owner: InstanceOwner::User(user_id),
            element_id: None,
            tags_any: Vec::new(),
            search_text: None,
            search_element_ids: Vec::new(),
            after: None,
            limit,
        }
    }
}

/// A page of instances in the order of their ids.
#[derive(Debug, Clone)]
pub struct InstancePage {
    /// At most as many as the limit says.
    pub items: Vec<Instance>,
    /// How many fit the filter on all pages together.
    pub total: i64,
    /// Whether a page follows.
    pub more: bool,
}

impl Store {
    /// A page of a user's instances.
    ///
    /// # Errors
    /// When the database fails or an instance cannot be opened.
    pub async fn list_instances(&self, filter: &InstanceFilter) -> Result<InstancePage, Error> {
        let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let mut page = self.conditions(filter);
        if let Some(after) = filter.after {
            page.push(" AND id > ", Value::Number(after.get()));
        }
        page.push(" ORDER BY id LIMIT ", Value::Number(i64::from(filter.limit) + 1));
        let sql = format!("{}{}", select_instance!(""), page.sql);
        let mut rows = page.bind(&sql).fetch_all(self.reader()).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let items = rows.iter().map(|row| self.instance(row)).collect::<Result<Vec<_>, _>>()?;
        let total = match i64::try_from(items.len()) {
            Ok(count) if filter.after.is_none() && !more => count,
            _ => self.count(filter).await?,
        };
        Ok(InstancePage { items, total, more })
    }

    /// How many instances of each element a user has, in the order of the elements' ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_instances(&self, user: Id<User>) -> Result<Vec<(Id<Element>, i64)>, Error> {
        let rows = sqlx::query(
            "SELECT element_id, COUNT(*) AS total FROM instances WHERE user_id = $1
             GROUP BY element_id ORDER BY element_id",
        )
        .bind(user.get())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| Ok((row.id("element_id")?, row.number("total")?))).collect()
    }

    /// How many instances of the users of some accounts were made in a time and are still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_created_instances(
        &self,
        accounts: &[Id<Account>],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<i64, Error> {
        let ids: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        let sql = format!(
            "SELECT COUNT(*) AS total FROM instances WHERE created_at >= $1 AND created_at < $2
                 AND user_id IN (SELECT id FROM users WHERE account_id IN ({}))",
            if ids.is_empty() { "0".to_owned() } else { ids.join(", ") }
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(from.as_millis()).bind(to.as_millis());
        query.fetch_one(self.reader()).await?.number("total")
    }

    async fn count(&self, filter: &InstanceFilter) -> Result<i64, Error> {
        let conditions = self.conditions(filter);
        let sql = format!("SELECT COUNT(*) AS total FROM instances WHERE {}", conditions.sql);
        conditions.bind(&sql).fetch_one(self.reader()).await?.number("total")
    }

    /// What the filter demands, apart from the place of the page.
    fn conditions(&self, filter: &InstanceFilter) -> Conditions {
        let mut conditions = Conditions { sql: String::new(), values: Vec::new() };
        match filter.owner {
            InstanceOwner::User(user) => conditions.push("user_id = ", Value::Number(user.get())),
            InstanceOwner::Account(account) => {
                conditions.push("user_id IN (SELECT id FROM users WHERE account_id = ", Value::Number(account.get()));
                conditions.sql.push(')');
            }
        }
        if let Some(element) = filter.element_id {
            conditions.push(" AND element_id = ", Value::Number(element.get()));
        }
        if !filter.tags_any.is_empty() {
            let hashes = filter.tags_any.iter().map(|tag| match filter.owner {
                InstanceOwner::User(user) => Value::Text(self.tag_hash(user, tag)),
                InstanceOwner::Account(_) => Value::Text(String::new()),
            });
            conditions.sql.push_str(" AND id IN (SELECT instance_id FROM instance_tags WHERE tag_hash");
            conditions.push_list(hashes);
            conditions.sql.push(')');
        }
        if let Some(text) = filter.search_text.as_deref().filter(|text| !text.is_empty()) {
            conditions.push_search(text, &filter.search_element_ids);
        }
        conditions
    }
}

enum Value {
    Number(i64),
    Text(String),
}

/// A condition under construction, with the values of its parameters.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn push(&mut self, sql: &str, value: Value) {
        self.values.push(value);
        self.sql.push_str(&format!("{sql}${}", self.values.len()));
    }

    fn push_list(&mut self, values: impl Iterator<Item = Value>) {
        for (index, value) in values.enumerate() {
            self.push(if index == 0 { " IN (" } else { ", " }, value);
        }
        self.sql.push(')');
    }

    /// That the name contains the text is told by `replace` taking it out: both engines have it, and unlike with
    /// `LIKE` no character is special and no length too great.
    fn push_search(&mut self, text: &str, elements: &[Id<Element>]) {
        self.sql.push_str(" AND (");
        if text.contains('\0') {
            self.sql.push_str("1 = 0"); // no stored name has it, and PostgreSQL would refuse the parameter
        } else {
            self.push("replace(name_folded, ", Value::Text(folded(text)));
            self.sql.push_str(", '') <> name_folded");
        }
        if !elements.is_empty() {
            self.sql.push_str(" OR element_id");
            self.push_list(elements.iter().map(|element| Value::Number(element.get())));
        }
        self.sql.push(')');
    }

    /// The whole statement with its parameters. The text consists of this file's literals and parameter numbers.
    fn bind(self, sql: &str) -> Query<'static, Any, AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        })
    }
}

/// The text without differences of case, character by character, so that parts of texts fold like the whole.
pub(super) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
