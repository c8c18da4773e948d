//! YAML as JSON would have it.

use serde_json::json;

use super::Node;

#[test]
fn plain_words_are_json_values_and_all_else_is_text() {
    let text = "a: 1\nb: -1.5e3\nc: true\nd: ~\ne: null\nf: yes\ng: '1'\nh: 0x1F\ni: 2014-03-18\nj: .5\nk: |\n  two\n  lines\nl: \"\\u00e9\"\nm:\nn: 01\n";
    let expected = json!({
        "a": 1, "b": -1500.0, "c": true, "d": null, "e": null, "f": "yes", "g": "1", "h": "0x1F", "i": "2014-03-18",
        "j": ".5", "k": "two\nlines\n", "l": "\u{e9}", "m": null, "n": "01",
    });
    assert_eq!(Node::from_yaml("f", text).unwrap().to_value(), expected);
}

#[test]
fn places_are_those_of_the_file() {
    let node = Node::from_yaml("f", "a:\n  - x\n  - b: [1, 2]\n").unwrap();
    let at = |path: &str| (node.place_at(path).line, node.place_at(path).column);
    assert_eq!(at("a[0]"), (2, 5));
    assert_eq!(at("a[1].b[1]"), (3, 12));
    assert_eq!(at("a[1].none"), (3, 5), "the nearest thing around what is not there");
}
