//! What clients read when a script fails.

use super::*;

#[tokio::test]
async fn what_is_thrown_is_told() {
    let cases = [
        ("throw new Error('no luck')", "Error: no luck"),
        ("throw 'just text'", "just text"),
        ("throw {code: 5}", "{\"code\":5}"),
        ("throw null", "hook ran out of memory"),
        ("throw undefined", "undefined"),
        (
            "class Odd extends Error { constructor(m) { super(m); this.name = 'Odd'; } } throw new Odd('one')",
            "Odd: one",
        ),
        ("Promise.reject(new TypeError('lost'))", "TypeError: lost"),
        ("await Promise.reject(new Error('awaited'))", "Error: awaited"),
        ("setTimeout(() => { throw new Error('timed') }, 1)", "Error: timed"),
        ("throw {get message() { throw 1 }, toJSON() { throw 2 }}", "Error: a value was thrown that cannot be shown"),
        ("throw Object.create(null)", "{}"),
        ("throw Symbol('s')", "Symbol(s)"),
        ("done({x: 1n})", "SyntaxError: BigInt is not supported in hooks"),
        ("const o = {}; o.o = o; done(o)", "TypeError: Converting circular structure to JSON"),
        ("done({get x() { throw new Error('getter') }})", "Error: getter"),
        ("setTimeout('text', 1)", "TypeError: The \"callback\" argument must be of type function."),
    ];
    for (body, expected) in cases {
        assert_eq!(error(body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn the_words_are_the_usual_ones() {
    let cases = [
        ("missing()", "ReferenceError: missing is not defined"),
        ("let o; o.name", "TypeError: Cannot read properties of undefined (reading 'name')"),
        ("response_body.items", "TypeError: Cannot read properties of null (reading 'items')"),
        ("request_body.a = 1", "TypeError: Cannot set properties of null (setting 'a')"),
        ("const c = 1; c = 2", "TypeError: 'c' is read-only"),
        ("new Array(-1)", "RangeError: Invalid array length"),
        ("JSON.parse('{')", "SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
        ("'x'.repeat(2 ** 30)", "RangeError: Invalid string length"),
        ("(function f() { f(); })()", "RangeError: Maximum call stack size exceeded"),
        ("Object.freeze([]).push(1)", "TypeError: Cannot add property, object is not extensible"),
        ("x; let x", "ReferenceError: Cannot access 'x' before initialization"),
        ("null.f()", "TypeError: Cannot read properties of null (reading 'f')"),
        ("({}).f()", "TypeError: object is not a function"),
        ("Symbol() + ''", "TypeError: Cannot convert a Symbol value to a string"),
        ("decodeURIComponent('%')", "URIError: URI malformed"),
        ("for (const x of 5) ;", "TypeError: value is not iterable"),
        ("null[Symbol.iterator]", "TypeError: Cannot read properties of null (reading 'Symbol.iterator')"),
    ];
    for (body, expected) in cases {
        assert_eq!(error(body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn what_does_not_parse() {
    let cases = [
        ("let a; let a;", "Identifier has already been declared"),
        ("return }", "Unexpected token '}'"),
        ("'abc", "Invalid or unexpected token"),
        ("/*", "Invalid or unexpected token"),
        ("done({", "Unexpected end of input"),
        ("await 1; }", "unexpected 'await' keyword"),
        ("@", "Unexpected token '@'"),
    ];
    for (body, expected) in cases {
        let message = format!("SyntaxError: {expected}");
        assert_eq!(modern(body).await, Err(ScriptError::Syntax { message }), "{body}");
    }
    let others = [
        "if (",
        "let 1a",
        "/(/",
        "a b",
        "import x from 'y'",
        "`${",
        "yield 1",
        "var public = 1",
        "\u{0}",
        "export default 1",
        "for (;;",
        "({a:1",
        "with (configuration) {}",
        "let request_body = 1",
        "\u{feff}}",
    ];
    for body in others {
        let found = modern(body).await;
        assert!(matches!(found, Err(ScriptError::Syntax { .. })), "{body}: {found:?}");
    }
}
