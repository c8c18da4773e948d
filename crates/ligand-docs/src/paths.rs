//! Paths of resources as documents have them: each variable named once, everything else literal.

/// A path by its segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// Its name in the document, and in the definition.
    Variable(String, String),
}

impl Path {
    /// Reads the path of a resource without its hub. What follows a `?` is no path.
    pub(crate) fn read(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments: Vec<Segment> = Vec::new();
        for text in path.split('/') {
            let name = text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
            segments.push(match name.filter(|name| !name.is_empty() && !name.contains(['{', '}'])) {
                Some(name) => {
                    let taken = |wanted: &str| {
                        segments.iter().any(|known| matches!(known, Segment::Variable(known, _) if known == wanted))
                    };
                    let numbered = (2..).map(|number: usize| format!("{name}{number}"));
                    let mut names = std::iter::once(name.to_owned()).chain(numbered);
                    let free = names.find(|name| !taken(name)).expect("there are numbers enough");
                    Segment::Variable(free, name.to_owned())
                }
                None => Segment::Literal(text.replace('{', "%7B").replace('}', "%7D")),
            });
        }
        Self { segments }
    }

    /// The path with variables in braces.
    pub(crate) fn text(&self) -> String {
        let text = |segment: &Segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Variable(name, _) => format!("{{{name}}}"),
        };
        format!("/{}", self.segments.iter().map(text).collect::<Vec<_>>().join("/"))
    }

    /// The path without the names of its variables: two of the same shape are one path of a document.
    pub(crate) fn shape(&self) -> String {
        let text = |segment: &Segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Variable(..) => "{}".to_owned(),
        };
        self.segments.iter().map(text).collect::<Vec<_>>().join("/")
    }

    /// The names of the variables, in the document and in the definition.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Variable(name, defined) => Some((name.as_str(), defined.as_str())),
            Segment::Literal(_) => None,
        })
    }

    /// This path with the names that another one of its shape has in the document.
    pub(crate) fn named_like(mut self, other: &Self) -> Self {
        for (own, other) in self.segments.iter_mut().zip(&other.segments) {
            if let (Segment::Variable(name, _), Segment::Variable(known, _)) = (own, other) {
                name.clone_from(known);
            }
        }
        self
    }

    /// The first segment, when it is no variable.
    pub(crate) fn first(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Literal(text)) => Some(text),
            _ => None,
        }
    }

    /// How many segments are no variables.
    pub(crate) fn literals(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count()
    }

    /// A path that begins with a variable, for one value of it.
    pub(crate) fn with_first(&self, value: &str) -> Self {
        let mut segments = self.segments.clone();
        if let Some(first @ Segment::Variable(..)) = segments.first_mut() {
            *first = Segment::Literal(crate::document::escaped(value));
        }
        Self { segments }
    }
}
