//! JSON bodies of a white-label call: member names, enumerated values and catalog texts, in both directions.
//!
//! One pass collects edits of the text; whatever belongs to the vendor or the user is walked over unread.

use std::borrow::Cow;
use std::collections::HashSet;

use super::json::{Cursor, Edit, MAX_DEPTH, Span, applied};
use super::paths::{Contents, Route};
use super::{Noun, STANDARD, Words};

/// Members whose values are the user's or the vendor's, whatever they hold.
const FOREIGN_MEMBERS: &[&str] = &["name", "tags", "user", "providerMessage"];

/// Members that hold a free map of the user as an object, and entries of the catalog as an array.
const MAP_MEMBERS: &[&str] = &["configuration", "providerData"];

/// What follows the noun in the enumerated values of formulas.
const FORMULA_TYPES: &[&str] = &["Request", "RequestStream", "Instance"];

impl Noun {
    /// A request body in the noun's words, turned into the standard one. The standard words stay accepted; where an
    /// object has a member in both, the noun's wins.
    ///
    /// `None` when there is nothing to change, and for what is no JSON or nests too deeply: the handler reports that.
    #[must_use]
    pub fn standard_body(&self, route: Route, body: &[u8]) -> Option<Vec<u8>> {
        Rewrite::over(body, route.request, self.words(), STANDARD, None)
    }

    /// A standard answer, turned into one in the noun's words. `None` when there is nothing to change.
    #[must_use]
    pub fn variant_body(&self, route: Route, body: &[u8]) -> Option<Vec<u8>> {
        if let Contents::Document { is_own } = route.answer {
            return self.variant_document(is_own, body);
        }
        Rewrite::over(body, route.answer, STANDARD, self.words(), Some(self))
    }
}

/// Whose the values are at a place of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Area {
    /// Platform entities.
    Entity,
    /// As above, but the member names of this one object are data.
    Dictionary,
    /// Entries of the catalog's configuration: names and enumerated values only.
    Entries,
    /// Vendor or user data.
    Foreign,
}

impl Area {
    /// The area of what lies in this one under no name of its own.
    fn inner(self) -> Self {
        if self == Self::Dictionary { Self::Entity } else { self }
    }
}

struct Rewrite<'a> {
    cursor: Cursor<'a>,
    from: Words<'a>,
    to: Words<'a>,
    formulas: bool,
    /// Exchanges texts too; only answers do.
    texts: Option<&'a Noun>,
    edits: Vec<Edit>,
}

/// One member of an object, as far as it was read.
struct Member<'a> {
    span: Span,
    key: Span,
    name: Option<Cow<'a, str>>,
    comma: Option<usize>,
}

/// What is known of an object only at its end.
#[derive(Default)]
struct Object {
    members: usize,
    is_element: bool,
    has_request_id: bool,
    element_texts: Vec<Edit>,
    error_texts: Vec<Edit>,
    renamed: Vec<(Span, String)>,
    /// Members that already have a name in the target words.
    present: Vec<Present>,
}

struct Present {
    name: String,
    index: usize,
    span: Span,
    comma: Option<usize>,
    next: usize,
}

impl<'a> Rewrite<'a> {
    fn over(
        body: &'a [u8],
        contents: Contents,
        from: Words<'a>,
        to: Words<'a>,
        texts: Option<&'a Noun>,
    ) -> Option<Vec<u8>> {
        let area = match contents {
            Contents::Foreign | Contents::Document { .. } => return None,
            Contents::Dictionary => Area::Dictionary,
            Contents::Platform | Contents::Formulas => Area::Entity,
        };
        let formulas = contents == Contents::Formulas;
        let mut rewrite = Self { cursor: Cursor::over(body)?, from, to, formulas, texts, edits: Vec::new() };
        rewrite.value(area, 0)?;
        if rewrite.edits.is_empty() {
            return None;
        }
        Some(applied(rewrite.cursor.text(), rewrite.edits).into_bytes())
    }

    /// Walks over the value that follows. `None` when it nests too deeply.
    fn value(&mut self, area: Area, depth: usize) -> Option<()> {
        match self.cursor.peek()? {
            b'{' if depth < MAX_DEPTH => self.object(area, depth),
            b'[' if depth < MAX_DEPTH => self.array(area.inner(), depth),
            b'{' | b'[' => None,
            b'"' => self.cursor.string().map(|_| ()),
            _ => {
                self.cursor.word();
                Some(())
            }
        }
    }

    fn array(&mut self, area: Area, depth: usize) -> Option<()> {
        self.cursor.take(b'[');
        while !self.cursor.take(b']') {
            self.value(area, depth + 1)?;
            self.cursor.take(b',');
        }
        Some(())
    }

    fn object(&mut self, area: Area, depth: usize) -> Option<()> {
        let mut object = Object::default();
        let mut comma = None;
        self.cursor.take(b'{');
        while !self.cursor.take(b'}') {
            let member = self.member(area, depth, comma, &mut object)?;
            self.cursor.peek();
            let end = self.cursor.position();
            comma = self.cursor.take(b',').then_some(end);
            if area != Area::Foreign && area != Area::Dictionary {
                self.cursor.peek();
                self.note(member, &mut object);
            }
            object.members += 1;
        }
        self.close(object, depth);
        Some(())
    }

    /// Reads one member up to the end of its value.
    fn member(&mut self, area: Area, depth: usize, comma: Option<usize>, object: &mut Object) -> Option<Member<'a>> {
        let key = self.cursor.string()?;
        self.cursor.take(b':');
        let first = self.cursor.peek()?;
        if area == Area::Foreign {
            self.value(area, depth + 1)?;
            return Some(Member { span: key, key, name: None, comma });
        }
        let name = self.cursor.decoded(key);
        let inner = match name.as_deref() {
            Some(name) if area != Area::Dictionary => self.area_of(name, first, area),
            _ => area.inner(),
        };
        match first {
            b'"' => self.text_member(name.as_deref().unwrap_or_default(), area, depth, object)?,
            b't' | b'f' => {
                self.cursor.word();
                object.is_element |= name.as_deref() == Some("typeOauth");
            }
            _ => self.value(inner, depth + 1)?,
        }
        Some(Member { span: Span { start: key.start, end: self.cursor.position() }, key, name, comma })
    }

    /// The area of the value of member `name`, which begins with the byte `first`.
    fn area_of(&self, name: &str, first: u8, area: Area) -> Area {
        if FOREIGN_MEMBERS.contains(&name) {
            return Area::Foreign;
        }
        if MAP_MEMBERS.contains(&name) {
            return if first == b'[' { Area::Entries } else { Area::Foreign };
        }
        let counts_by_key = [self.from, self.to]
            .iter()
            .any(|words| name.strip_prefix(words.singular).is_some_and(|rest| rest == "Instances"));
        if counts_by_key && first == b'{' { Area::Dictionary } else { area }
    }

    /// Reads a member that is a string and keeps the edits that its text may need.
    fn text_member(&mut self, name: &str, area: Area, depth: usize, object: &mut Object) -> Option<()> {
        let span = self.cursor.string()?;
        object.has_request_id |= name == "requestId";
        if name == "type" && self.formulas {
            self.edits.extend(self.formula_type(span));
        }
        if area == Area::Entries {
            return Some(());
        }
        match (name, self.texts) {
            ("description", Some(noun)) => object.element_texts.extend(self.exchanged_text(span, noun)),
            ("image", Some(noun)) => object.element_texts.extend(self.exchanged_image(span, noun)),
            ("message", Some(noun)) if depth == 0 => object.error_texts.extend(self.exchanged_text(span, noun)),
            _ => {}
        }
        Some(())
    }

    fn formula_type(&self, span: Span) -> Option<Edit> {
        let value = self.cursor.decoded(span)?;
        let rest = value.strip_prefix(self.from.singular)?;
        FORMULA_TYPES.contains(&rest).then(|| Edit::string(span, &format!("{}{rest}", self.to.singular)))
    }

    fn exchanged_text(&self, span: Span, noun: &Noun) -> Option<Edit> {
        let text = self.cursor.decoded(span)?;
        noun.texts.substituted(&text).map(|text| Edit::string(span, &text))
    }

    /// A relative image path lies in the folder that is named like the base path.
    fn exchanged_image(&self, span: Span, noun: &Noun) -> Option<Edit> {
        let text = self.cursor.decoded(span)?;
        let rest = text.strip_prefix(STANDARD.plural).filter(|rest| rest.starts_with('/'))?;
        Some(Edit::string(span, &format!("{}{rest}", noun.plural)))
    }

    /// Remembers a member whose name is in either vocabulary until the object is known to its end.
    fn note(&self, member: Member<'a>, object: &mut Object) {
        let Some(name) = member.name else { return };
        if let Some(target) = self.from.renamed(&name, self.to) {
            object.renamed.push((member.key, target));
        } else if self.to.renamed(&name, self.from).is_some() {
            object.present.push(Present {
                name: name.into_owned(),
                index: object.members,
                span: member.span,
                comma: member.comma,
                next: self.cursor.position(),
            });
        }
    }

    /// Keeps the edits that turned out to hold.
    fn close(&mut self, mut object: Object, depth: usize) {
        if object.is_element {
            self.edits.append(&mut object.element_texts);
        }
        if object.has_request_id && depth == 0 {
            self.edits.append(&mut object.error_texts);
        }
        if !object.renamed.is_empty() && !object.present.is_empty() {
            self.settle_collisions(&mut object);
        }
        self.edits.extend(object.renamed.iter().map(|(key, target)| Edit::string(*key, target)));
    }

    /// An object that has a member in both words: in a request the noun's wins and the standard one is taken out;
    /// in an answer the two are different things, and both stay as they are.
    fn settle_collisions(&mut self, object: &mut Object) {
        if self.texts.is_some() {
            let present: HashSet<&str> = object.present.iter().map(|member| member.name.as_str()).collect();
            object.renamed.retain(|(_, target)| !present.contains(target.as_str()));
            return;
        }
        let winners: HashSet<&str> = object.renamed.iter().map(|(_, target)| target.as_str()).collect();
        let losers = object.present.iter().filter(|member| winners.contains(member.name.as_str()));
        for (removed, loser) in losers.enumerate() {
            // Losers at the head of the object take the comma behind them along, later ones the comma before.
            let span = match loser.comma {
                Some(comma) if loser.index > removed => Span { start: comma, end: loser.span.end },
                _ => Span { start: loser.span.start, end: loser.next },
            };
            self.edits.push(Edit::removal(span));
        }
    }
}
