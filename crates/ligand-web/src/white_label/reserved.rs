//! The words a noun may not be, because the API's paths, headers, authorization schemes or members already use them.

/// Whether `word`, in any case, is vocabulary of the platform. A word is reserved when it is a whole path segment or
/// scheme, when header names begin with it and a hyphen, or when member names begin with it at a camel-case border.
pub(super) fn is_reserved(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    [PATH_SEGMENTS, SCHEMES, HEADER_PREFIXES, MEMBER_WORDS]
        .iter()
        .any(|words| words.split(' ').any(|reserved| reserved == word))
}

const PATH_SEGMENTS: &str = "\
    account accounts audit authentication authorization branding bulk bulkloader catalog configuration console \
    convert customer customers definition definitions docs element elements event events export field fields formula \
    formulas healthz hook hooks hub hubs instance instances integration integrations job jobs jsp keys lbdocs \
    metadata metric metrics model models notification notifications object objects organization organizations \
    parameter parameters ping privilege privileges readyz resource resources role roles script scripts secret \
    secrets step steps trace transformation transformations trigger triggers usage user users vdr vdrs version \
    versions";

const SCHEMES: &str = "\
    basic bearer digest negotiate token";

const HEADER_PREFIXES: &str = "\
    accept access age allow alt cache clear client connection content cookie cross date device dnt early etag expect \
    expires forwarded from host http http2 idempotency if keep last link location max origin permissions pragma \
    proxy range referer referrer retry sec server service set strict te timing trailer transfer upgrade via warning \
    www x";

const MEMBER_WORDS: &str = "\
    active address api associated beta body cached caching callback cloneable code company config count created \
    custom data debug default deleted description disabled display email enabled entity existing extendable extended \
    external first fixed group headers hidden hide hydrated id ids image internal key kind level logo message method \
    mime name native next normalized oauth owner page password path poll polling private process product properties \
    protocol provider provision query raw request required response retrieve root settings signup source status tag \
    tags total traffic trial type updated url use valid value vendor video webhook where";
