//! Paths.

use super::*;

fn segments(name: &str) -> Vec<String> {
    let field = Field::new(name).unwrap();
    field
        .segments()
        .map(|segment| match segment {
            Segment::Name(name) => name.to_owned(),
            Segment::Index(place) => format!("#{place}"),
            Segment::Each => "*".to_owned(),
        })
        .collect()
}

#[test]
fn a_path_is_split_at_dots_and_marks() {
    assert_eq!(segments("Name"), ["Name"]);
    assert_eq!(segments("workers.a.b"), ["workers", "a", "b"]);
    assert_eq!(segments("emails.emailList[*].address"), ["emails", "emailList", "*", "address"]);
    assert_eq!(segments("a[0][12].b"), ["a", "#0", "#12", "b"]);
    assert_eq!(segments("[*].b"), ["*", "b"]);
    assert_eq!(segments("a..b"), ["a", "", "b"]);
}

#[test]
fn brackets_that_are_no_marks_belong_to_the_name() {
    for name in ["a[x]", "a[]", "a[1", "a]", "a[-1]", "a[0]b[1]", "a[99999999999999999999999]", "[", "a[0]]"] {
        assert_eq!(segments(name), [name], "{name}");
    }
}

#[test]
fn unwritable_names_are_refused() {
    assert_eq!(Field::new(""), None);
    assert_eq!(Field::new("a`b"), None);
}
