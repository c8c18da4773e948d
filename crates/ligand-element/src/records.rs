//! The records of a list on their way to the caller: as values where something here looks into them, else as the text
//! that the caller gets, copied out of the vendor's answer in one pass.
//!
//! The text is to the letter what values would be written as. What this module does not do itself (a root that is no
//! plain path, a name that is there twice in an object) it leaves to values.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{
    Deserializer, Serialize,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::{Element, Prepared, Resource, answer::asks_for_all, paging::may_follow_items, shape::Keep};

/// Objects with more members are left to values: finding names twice takes time that grows with their square.
const MAX_MEMBERS: usize = 256;

/// A record. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq)]
pub enum Record {
    /// As a value, of which the caller gets a part.
    Value(Value),
    /// As the caller gets it.
    Written(Box<[u8]>),
}

impl Record {
    /// The record as a value.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Written(text) => serde_json::from_slice(&text).expect("it was written as JSON"),
        }
    }

    /// A list of records that are all written, as text; the records when one of them is not.
    ///
    /// # Errors
    /// The records.
    pub fn list(records: Vec<Self>) -> Result<Vec<u8>, Vec<Self>> {
        let mut length = records.len() + 2;
        for record in &records {
            match record {
                Self::Written(text) => length += text.len(),
                Self::Value(_) => return Err(records),
            }
        }
        let mut list = Vec::with_capacity(length);
        list.push(b'[');
        for (place, record) in records.iter().enumerate() {
            if place > 0 {
                list.push(b',');
            }
            if let Self::Written(text) = record {
                list.extend_from_slice(text);
            }
        }
        list.push(b']');
        Ok(list)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Record").finish_non_exhaustive()
    }
}

/// Copies the records of a JSON answer, each with the members that the caller gets; with them what is left of the
/// answer. `None` when they have to be values: something here asks for more of the answer than the next page, or its
/// text has something that only values take in. What is no JSON is not told from that.
#[must_use]
pub fn copy_records(
    element: &Element,
    resource: &Resource,
    prepared: &Prepared,
    text: &str,
) -> Option<(Value, Vec<Record>)> {
    let is_looked_into = prepared.local_filter.is_some() || !prepared.local_order.is_empty();
    if is_looked_into || asks_for_all(element, resource) || !may_follow_items(resource) {
        return None;
    }
    let root = resource.roots.response_text().unwrap_or_default();
    let root = root.strip_prefix('.').unwrap_or(root);
    if root.contains('[') {
        return None;
    }
    let path: Vec<&str> =
        if root.is_empty() { Vec::new() } else { root.split('.').filter(|s| !s.is_empty()).collect() };
    let keep = prepared.fields.as_ref().map_or(Keep::All, Keep::Record);
    let mut copier =
        Copier { text: Vec::new(), drops_nulls: prepared.removes_nulls, known: Vec::new(), seen: Vec::new() };
    let mut answer = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let found = Above { copier: &mut copier, keep, root, path: &path }.deserialize(&mut answer).ok()?;
    answer.end().ok()?;
    Some(found)
}

/// What is written, and what is known of the objects it is taken from.
struct Copier<'de, 'k> {
    text: Vec<u8>,
    drops_nulls: bool,
    /// The names in the order of an earlier record, none of them twice, and what becomes of their members.
    known: Vec<(Text<'de>, Option<Keep<'k>>)>,
    /// Hashes of the names of the objects that are being read, each behind those of the object around it.
    seen: Vec<u64>,
}

impl Copier<'_, '_> {
    fn write(&mut self, text: &Text<'_>) {
        match text {
            Text::Plain(text) => {
                self.text.push(b'"');
                self.text.extend_from_slice(text.as_bytes());
                self.text.push(b'"');
            }
            Text::Escaped(text) => self.write_value(text),
        }
    }

    fn write_value(&mut self, value: &(impl Serialize + ?Sized)) {
        serde_json::to_writer(&mut self.text, value).expect("scalars have a text, and memory takes it");
    }
}

/// A text of the answer.
#[derive(Clone, PartialEq)]
enum Text<'de> {
    /// One that stands in JSON as it is.
    Plain(&'de str),
    /// One that was written with escapes, without them.
    Escaped(String),
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Escaped(text) => text,
        }
    }
}

/// FNV-1a.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A part of the answer on the way to the root, and what is left of it.
struct Above<'a, 'de, 'k> {
    copier: &'a mut Copier<'de, 'k>,
    keep: Keep<'k>,
    /// The whole way.
    root: &'a str,
    /// The way from here.
    path: &'a [&'a str],
}

impl<'de> DeserializeSeed<'de> for Above<'_, 'de, '_> {
    type Value = (Value, Vec<Record>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Above<'_, 'de, '_> {
    type Value = (Value, Vec<Record>);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list under its root")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        if !self.path.is_empty() {
            return Err(A::Error::custom("the root leads into a list"));
        }
        let mut records = Vec::new();
        while let Some(()) = items.next_element_seed(Item { copier: self.copier, keep: self.keep })? {
            records.push(Record::Written(self.copier.text.as_slice().into()));
            self.copier.text.clear();
        }
        Ok((Value::Null, records))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let Some((next, path)) = self.path.split_first() else {
            return Err(A::Error::custom("the root leads to an object"));
        };
        let (mut rest, mut found) = (Map::new(), None);
        while let Some(name) = members.next_key::<String>()? {
            // A member whose whole name is the root comes before the one that the root leads to.
            let is_ambiguous = !path.is_empty() && name == self.root;
            if is_ambiguous || (name == *next && found.is_some()) {
                return Err(A::Error::custom("the root is there twice"));
            }
            let value = if name == *next {
                let below = Above { copier: self.copier, keep: self.keep, root: self.root, path };
                let (rest, records) = members.next_value_seed(below)?;
                found = Some(records);
                rest
            } else {
                members.next_value()?
            };
            rest.insert(name, value);
        }
        let records = found.ok_or_else(|| A::Error::custom("the root is not there"))?;
        Ok((Value::Object(rest), records))
    }
}

/// A record.
struct Item<'a, 'de, 'k> {
    copier: &'a mut Copier<'de, 'k>,
    keep: Keep<'k>,
}

impl<'de> DeserializeSeed<'de> for Item<'_, 'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { copier, keep } = self;
        deserializer.deserialize_any(Copy { copier, keep, is_record: true }).map(drop)
    }
}

/// A value to be copied; tells whether it is null.
struct Copy<'a, 'de, 'k> {
    copier: &'a mut Copier<'de, 'k>,
    keep: Keep<'k>,
    /// Whether its names are likely to be those of the value before it.
    is_record: bool,
}

impl<'de> DeserializeSeed<'de> for Copy<'_, 'de, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Copy<'_, 'de, '_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        self.copier.text.extend_from_slice(b"null");
        Ok(true)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<bool, E> {
        self.copier.text.extend_from_slice(if flag { b"true" } else { b"false" });
        Ok(false)
    }

    fn visit_u64<E>(self, number: u64) -> Result<bool, E> {
        self.copier.write_value(&number);
        Ok(false)
    }

    fn visit_i64<E>(self, number: i64) -> Result<bool, E> {
        self.copier.write_value(&number);
        Ok(false)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<bool, E> {
        match Number::from_f64(number) {
            Some(number) => self.copier.write_value(&number),
            None => return self.visit_unit(),
        }
        Ok(false)
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        self.copier.write_value(text);
        Ok(false)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<bool, E> {
        self.copier.write(&Text::Plain(text));
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let Self { copier, keep, .. } = self;
        copier.text.push(b'[');
        let mut is_first = true;
        loop {
            let before = copier.text.len();
            if !is_first {
                copier.text.push(b',');
            }
            if items.next_element_seed(Copy { copier, keep, is_record: false })?.is_none() {
                copier.text.truncate(before);
                break;
            }
            is_first = false;
        }
        copier.text.push(b']');
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let Self { copier, keep, is_record } = self;
        copier.text.push(b'{');
        let start = copier.text.len();
        let mut names = Names { first: copier.seen.len(), place: 0, is_record, follows: is_record };
        while let Some(name) = members.next_key_seed(Name)? {
            let part = names.next(copier, keep, &name).ok_or_else(|| A::Error::custom("a name is there twice"))?;
            let Some(keep) = part else {
                members.next_value_seed(Skip)?;
                continue;
            };
            let before = copier.text.len();
            if before > start {
                copier.text.push(b',');
            }
            copier.write(&name);
            copier.text.push(b':');
            let is_null = members.next_value_seed(Copy { copier, keep, is_record: false })?;
            if is_null && copier.drops_nulls {
                copier.text.truncate(before);
            }
        }
        copier.seen.truncate(names.first);
        copier.text.push(b'}');
        Ok(false)
    }
}

/// The names of an object that is being read.
struct Names {
    /// Where its hashes begin.
    first: usize,
    /// How many names were the same as the known ones.
    place: usize,
    is_record: bool,
    /// Whether all were.
    follows: bool,
}

impl Names {
    /// What becomes of the member with the next name: nothing, or as much of it as is to be kept. `None` for a name that
    /// is there again, or one too many. Names that only seem to be the same are few.
    fn next<'de, 'k>(
        &mut self,
        copier: &mut Copier<'de, 'k>,
        keep: Keep<'k>,
        name: &Text<'de>,
    ) -> Option<Option<Keep<'k>>> {
        if self.follows {
            if let Some((known, part)) = copier.known.get(self.place)
                && known == name
            {
                self.place += 1;
                return Some(*part);
            }
            self.follows = false;
            copier.known.truncate(self.place);
            copier.seen.extend(copier.known.iter().map(|(known, _)| hash(known.as_str())));
        }
        let hash = hash(name.as_str());
        let others = &copier.seen[self.first..];
        if others.len() >= MAX_MEMBERS || others.contains(&hash) {
            return None;
        }
        copier.seen.push(hash);
        let part = keep.of(name.as_str());
        if self.is_record {
            copier.known.push((name.clone(), part));
        }
        Some(part)
    }
}

/// The name of a member.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Text<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Text::Escaped(name.to_owned()))
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Text::Plain(name))
    }
}

/// A value that nobody wants. It is read as strictly as one that is wanted.
#[derive(Clone, Copy)]
struct Skip;

impl<'de> DeserializeSeed<'de> for Skip {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(()) = items.next_element_seed(self)? {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key_seed(Name)?.is_some() {
            members.next_value_seed(self)?;
        }
        Ok(())
    }
}
