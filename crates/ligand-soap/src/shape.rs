//! What messages look like in JSON, type by type, for models of them.

use super::{
    members::Member,
    schema::TypeId,
    simple::Simple,
    wsdl::{Description, Operation},
};

/// A type of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeRef(pub(super) TypeId);

/// How the values of a type look in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A value without members, of a kind as [`Member::kind`] has it; the values allowed, any when empty.
    Simple(&'static str, Vec<String>),
    /// A list of values of a type.
    List(TypeRef),
    /// An object.
    Object(Vec<(Member, TypeRef)>),
    /// Any JSON that the vendor's XML gives.
    Any,
}

impl Description {
    /// The type of what an operation is sent; none when it is sent nothing.
    #[must_use]
    pub fn input(&self, operation: &Operation) -> Option<TypeRef> {
        operation.input.as_ref().map(|element| TypeRef(element.kind))
    }

    /// The type of what an operation answers; none when that is not known.
    #[must_use]
    pub fn output(&self, operation: &Operation) -> Option<TypeRef> {
        operation.output.as_ref().map(|element| TypeRef(element.kind))
    }

    /// The type of a header element of an operation, by its local name.
    #[must_use]
    pub fn header(&self, operation: &Operation, local: &str) -> Option<TypeRef> {
        let name = operation.headers.iter().find(|name| &*name.local == local)?;
        self.schema.elements.get(name).map(|element| TypeRef(element.kind))
    }

    /// How JSON names an element at the top, as headers are named.
    #[must_use]
    pub fn member_of(local: &str) -> String {
        super::schema::member_name(local)
    }

    /// The name of a type, none of anonymous ones.
    #[must_use]
    pub fn name_of(&self, kind: TypeRef) -> Option<String> {
        self.schema.types[kind.0].name.as_ref().map(|name| name.local.to_string())
    }

    /// Whether values are of this type only where one derived from it is named.
    #[must_use]
    pub fn is_abstract(&self, kind: TypeRef) -> bool {
        self.schema.types[kind.0].is_abstract
    }

    /// The types that may stand for one, without abstract ones and itself.
    #[must_use]
    pub fn derived(&self, kind: TypeRef) -> Vec<TypeRef> {
        let all = 0..self.schema.types.len();
        let is_derived = |id: &TypeId| {
            *id != kind.0
                && kind.0 != self.schema.any_type
                && !self.schema.types[*id].is_abstract
                && self.schema.types[*id].name.is_some()
                && self.schema.derives(*id, kind.0)
        };
        all.filter(is_derived).map(TypeRef).collect()
    }

    /// How the values of a type look.
    #[must_use]
    pub fn shape(&self, kind: TypeRef) -> Shape {
        let described = &self.schema.types[kind.0];
        if kind.0 == self.schema.any_type {
            return Shape::Any;
        }
        if let Some(simple) = described.text.as_ref().filter(|_| described.is_simple()) {
            return Shape::Simple(simple.expected(), values(simple));
        }
        if let (true, [only]) = (described.is_bare_list, described.fields.as_slice()) {
            return Shape::List(TypeRef(only.kind));
        }
        let fields = described.fields.iter().map(|field| TypeRef(field.kind));
        let attributes = described.attributes.iter().map(|_| TypeRef(self.schema.any_type));
        let mut members: Vec<_> = self.members_of(kind.0).into_iter().zip(fields.chain(attributes)).collect();
        let extra = |name: &str, kind: &'static str, is_many: bool, values: Vec<String>| Member {
            name: name.to_owned(),
            element: String::new(),
            kind,
            type_name: None,
            is_many,
            is_nillable: false,
            is_required: false,
            is_attribute: false,
            values,
        };
        let any = TypeRef(self.schema.any_type);
        if let Some(simple) = &described.text {
            members.push((extra(&described.text_member, simple.expected(), false, values(simple)), any));
        }
        if described.has_any {
            members.push((extra(&described.any_member, "string", true, Vec::new()), any));
        }
        Shape::Object(members)
    }

    /// The names of the types that consist of nothing but a list and are called arrays (`ArrayOfContact`).
    #[must_use]
    pub fn arrays(&self) -> Vec<String> {
        let is_array = |described: &&super::schema::Type| {
            described.attributes.is_empty()
                && described.text.is_none()
                && !described.has_any
                && matches!(described.fields.as_slice(), [only] if only.is_many)
        };
        let types = self.schema.types.iter().filter(is_array);
        let names = types.filter_map(|described| described.name.as_ref().map(|name| name.local.to_string()));
        let mut names: Vec<String> = names.filter(|name| name.starts_with("ArrayOf")).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn values(simple: &Simple) -> Vec<String> {
    simple.values.iter().map(ToString::to_string).collect()
}
