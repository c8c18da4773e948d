//! Which reads are the same: same path, same query, same headers, but for those that no answer depends on.

use ligand_element::CallerRequest;

/// Headers that say nothing about what is asked for.
const WITHOUT_MEANING: &[&str] = &[
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "date",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "traceparent",
    "tracestate",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-real-ip",
    "x-request-id",
];

/// Beginnings of such names.
const PREFIXES_WITHOUT_MEANING: &[&str] = &["elements-formula-", "sec-", "x-forwarded-"];

/// Stands for a read of one instance. A digest, so that nothing of the request stays in memory.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// The key of a read.
    pub(super) fn of(request: &CallerRequest) -> Self {
        let mut headers: Vec<(String, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
            .filter(|(name, _)| has_meaning(name))
            .collect();
        // Of one name the order stays.
        headers.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut hasher = blake3::Hasher::new();
        add(&mut hasher, &request.path);
        for (name, value) in &request.query {
            add(&mut hasher, name);
            add(&mut hasher, value);
        }
        // Ends the query: no text has this length.
        hasher.update(&u64::MAX.to_le_bytes());
        for (name, value) in headers {
            add(&mut hasher, &name);
            add(&mut hasher, value);
        }
        Self(*hasher.finalize().as_bytes())
    }
}

fn add(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

fn has_meaning(name: &str) -> bool {
    !WITHOUT_MEANING.contains(&name) && !PREFIXES_WITHOUT_MEANING.iter().any(|prefix| name.starts_with(prefix))
}
