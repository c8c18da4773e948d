//! Messages that differ are reworded, all others stay.

use super::*;

#[test]
fn messages_are_reworded() {
    let cases = [
        (
            "TypeError: cannot read property 'a' of undefined",
            "TypeError: Cannot read properties of undefined (reading 'a')",
        ),
        (
            "TypeError: cannot read property 'x' of ' of null",
            "TypeError: Cannot read properties of null (reading 'x' of ')",
        ),
        ("TypeError: cannot set property 'a' of null", "TypeError: Cannot set properties of null (setting 'a')"),
        ("TypeError: not a function", "TypeError: object is not a function"),
        ("InternalError: stack overflow", "RangeError: Maximum call stack size exceeded"),
        ("SyntaxError: unexpected token in expression: '}'", "SyntaxError: Unexpected token '}'"),
        ("SyntaxError: unexpected token in expression: ''", "SyntaxError: Unexpected end of input"),
        ("ReferenceError: x is not initialized", "ReferenceError: Cannot access 'x' before initialization"),
    ];
    for (message, expected) in cases {
        assert_eq!(familiar(message), expected);
    }
}

#[test]
fn others_stay() {
    for message in [
        "",
        "x",
        "Error: cannot read property 'a' of undefined",
        "TypeError: ",
        "TypeError: my own",
        ": ",
        "ReferenceError: x is not defined",
    ] {
        assert_eq!(familiar(message), message);
    }
}

#[test]
fn long_messages_are_cut() {
    assert_eq!(familiar(&"ü".repeat(5_000)).chars().count(), MAX_CHARS);
}

#[test]
fn want_of_memory_is_told_apart() {
    let make = |message| ScriptError::Threw { message };
    assert_eq!(failure("InternalError: out of memory", make), ScriptError::OutOfMemory);
    assert_eq!(
        failure("Error: out of memory", make),
        ScriptError::Threw { message: "Error: out of memory".to_owned() }
    );
}
