//! A small library service that uses what descriptions can have, and values made from its schema.

use serde_json::{Map, Value, json};

use super::{
    schema::{Occurs, Particle, Schema, TypeId},
    simple::{Primitive, Simple},
    wsdl::Description,
};

pub(super) const WSDL: &str = include_str!("samples/library.wsdl");
pub(super) const BOOKS: &str = include_str!("samples/books.xsd");
pub(super) const PARTS: &str = include_str!("samples/parts.xsd");

/// The documents by location.
pub(super) fn fetch(location: &str) -> Option<&'static str> {
    match location {
        "http://library.test/soap?xsd=books" => Some(BOOKS),
        "http://library.test/parts.xsd" => Some(PARTS),
        _ => None,
    }
}

pub(super) fn library() -> Description {
    Description::parse(WSDL, &fetch).unwrap()
}

/// A source of numbers that is the same for the same seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A value of a type, valid by the schema.
pub(super) fn sample(schema: &Schema, declared: TypeId, is_nillable: bool, dice: &mut Dice, depth: u32) -> Value {
    if is_nillable && dice.below(6) == 0 {
        return Value::Null;
    }
    let mut fitting: Vec<TypeId> = (0..schema.types.len())
        .filter(|id| {
            !schema.types[*id].is_abstract && schema.types[*id].name.is_some() && schema.derives(*id, declared)
        })
        .collect();
    if fitting.is_empty() || (!schema.types[declared].is_abstract && (declared == schema.any_type || dice.below(3) > 0))
    {
        fitting = vec![declared];
    }
    let id = fitting[usize::try_from(dice.below(fitting.len() as u64)).unwrap()];
    let described = &schema.types[id];
    let mut members = Map::new();
    if id != declared {
        members.insert("@type".to_owned(), schema.spelled(id).unwrap().into());
    }
    if described.is_simple() {
        let value = simple(described.text.as_ref().unwrap(), dice);
        if members.is_empty() {
            return value;
        }
        members.insert(described.text_member.clone(), value);
        return Value::Object(members);
    }
    if id == schema.any_type {
        return [json!("some text"), json!({"any": ["<n0:x xmlns:n0=\"u:x\" a=\"1\">y<z/></n0:x>"]})]
            [(dice.0 % 2) as usize]
            .clone();
    }
    for attribute in &described.attributes {
        if attribute.is_required || dice.below(2) == 0 {
            members.insert(attribute.member.clone(), simple(&attribute.simple, dice));
        }
    }
    if let Some(text) = &described.text {
        members.insert(described.text_member.clone(), simple(text, dice));
    }
    for part in &described.content {
        fill(schema, id, part, &mut members, dice, depth);
    }
    Value::Object(members)
}

fn times(occurs: Occurs, dice: &mut Dice, depth: u32) -> usize {
    let more = if depth > 4 { 0 } else { usize::try_from(dice.below(3)).unwrap() };
    (occurs.least + more).min(occurs.most.unwrap_or(usize::MAX))
}

fn fill(schema: &Schema, id: TypeId, part: &Particle, members: &mut Map<String, Value>, dice: &mut Dice, depth: u32) {
    match part {
        Particle::Any if dice.below(2) == 0 => _ = members.insert("any".to_owned(), json!(["<a>1 &lt; 2</a>"])),
        Particle::Any => {}
        Particle::Sequence(parts, occurs) => {
            for _ in 0..times(*occurs, dice, depth) {
                parts.iter().for_each(|part| fill(schema, id, part, members, dice, depth));
            }
        }
        Particle::Choice(parts, occurs) => {
            for _ in 0..times(*occurs, dice, depth) {
                let chosen = usize::try_from(dice.below(parts.len() as u64)).unwrap();
                fill(schema, id, &parts[chosen], members, dice, depth);
            }
        }
        Particle::Field(index, occurs) => {
            let field = &schema.types[id].fields[*index];
            for _ in 0..times(*occurs, dice, depth) {
                let value = sample(schema, field.kind, field.is_nillable, dice, depth + 1);
                if field.is_many {
                    let list = members.entry(field.member.clone()).or_insert_with(|| json!([]));
                    list.as_array_mut().unwrap().push(value);
                } else {
                    members.insert(field.member.clone(), value);
                }
            }
        }
    }
}

fn simple(simple: &Simple, dice: &mut Dice) -> Value {
    if simple.is_list {
        let item = Simple { is_list: false, ..simple.clone() };
        return (0..dice.below(3)).map(|_| self::simple(&item, dice)).map(spaceless).collect();
    }
    if !simple.values.is_empty() {
        return simple.values[usize::try_from(dice.below(simple.values.len() as u64)).unwrap()].to_string().into();
    }
    match simple.primitive {
        Primitive::Text => TEXTS[usize::try_from(dice.below(TEXTS.len() as u64)).unwrap()].into(),
        Primitive::Boolean => (dice.below(2) == 0).into(),
        Primitive::Integer(least, greatest) => {
            let number = i64::try_from(dice.below(1000)).unwrap() - 500;
            let number = i64::try_from(i128::from(number).clamp(least, greatest)).unwrap();
            number.into()
        }
        Primitive::Decimal | Primitive::Float => (f64::from(u32::try_from(dice.below(100_000)).unwrap()) / 64.0).into(),
        Primitive::DateTime => format!("20{:02}-03-18T13:39:05.25Z", dice.below(99)).into(),
        Primitive::Date => "2014-03-18".into(),
        Primitive::Time => "13:39:05+01:00".into(),
        Primitive::Binary => "QUI=".into(),
    }
}

const TEXTS: [&str; 7] = ["plain", " spaces ", "<&>\"']]>", "line\r\nline\ttab", "\u{e9}\u{1f600}", "1", "{x}"];

/// List items have no white space inside.
fn spaceless(value: Value) -> Value {
    match value.as_str() {
        Some(text) => text.split_whitespace().collect::<String>().into(),
        None => value,
    }
}
