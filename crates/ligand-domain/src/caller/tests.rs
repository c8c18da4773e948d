//! The grammar of the Authorization header.

use proptest::prelude::*;

use super::Credentials;

fn exposed(header: &str) -> [Option<String>; 4] {
    let found = Credentials::parse(header);
    [found.user, found.organization, found.element, found.bearer]
        .map(|secret| secret.map(|secret| secret.expose().to_owned()))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn accepts_every_form_that_clients_send() {
    let all = [some("u+/="), some("o"), some("e"), None];
    for header in [
        "User u+/=, Organization o, Element e",
        "Element e, User u+/=, Organization o",
        "user u+/=,organization o,ELEMENT e",
        "  User   u+/= ,\tOrganization \t o  , Element e  ",
        "User: u+/=, Organization: o, Element: e",
        "User u+/=, Organization o, Element :e",
        "User u+/=, Organization o, Element e, User other, Digest x",
        ",,User u+/=,, Organization o, Element e,",
    ] {
        assert_eq!(exposed(header), all, "{header:?}");
    }
    assert_eq!(exposed("Bearer abc, User u, Organization o"), [some("u"), some("o"), None, some("abc")]);
}

#[test]
fn drops_what_is_malformed() {
    for header in [
        "",
        "   ",
        ",",
        "User",
        "User ",
        "Useru",
        "User a b",
        "User a%20b",
        "User <secret>",
        "Basic dTpw",
        ":",
        "User :",
    ] {
        assert_eq!(exposed(header), [None, None, None, None], "{header:?}");
    }
    assert_eq!(exposed("User a b, Organization o"), [None, some("o"), None, None]);
}

#[test]
fn a_debug_print_shows_no_secret() {
    assert!(!format!("{:?}", Credentials::parse("User planted")).contains("planted"));
}

proptest! {
    #[test]
    fn never_panics(header in ".*") {
        let _ = Credentials::parse(&header);
    }

    #[test]
    fn order_case_and_blanks_do_not_matter(
        secrets in prop::array::uniform3("[A-Za-z0-9+/=_.-]{1,60}"),
        order in Just(vec![0usize, 1, 2]).prop_shuffle(),
        upper in prop::array::uniform3(any::<bool>()),
        blanks in prop::array::uniform4("[ \t]{0,3}"),
        colon in prop::array::uniform3(any::<bool>()),
    ) {
        let schemes = ["User", "Organization", "Element"];
        let parts: Vec<String> = order.iter().map(|&index| {
            let scheme = if upper[index] { schemes[index].to_uppercase() } else { schemes[index].to_lowercase() };
            let colon = if colon[index] { ":" } else { "" };
            format!("{}{scheme}{colon} {}{}{}", blanks[0], blanks[1], secrets[index], blanks[2])
        }).collect();
        let found = exposed(&parts.join(&format!(",{}", blanks[3])));
        for index in 0..3 {
            prop_assert_eq!(found[index].as_deref(), Some(secrets[index].as_str()));
        }
    }
}
