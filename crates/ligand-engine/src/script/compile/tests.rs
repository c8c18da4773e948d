//! Bodies stay inside of their function, and go to the realm they need.

use super::*;
use ligand_element::HOOK_VARIABLES;

use crate::script::Script;

fn check(body: &str) -> Result<&'static str, ScriptError> {
    prefix(&Runtime::new().unwrap(), &Script::modern(body).0)
}

#[test]
fn bodies_that_close_their_function_are_refused() {
    let bodies = [
        "}",
        "}) (function () {",
        "}, function () {",
        "} + function () {",
        "} + (leak(), 0) + function () {",
        "}} , {m() {",
        "} }), ({ m() {",
        "} m2() {",
        "}, m2() {",
        "} function g() {",
        "} {",
        "}; {",
        "}\n/x/; {",
        "} / 1 / function () {",
        "} [leak()] = function () {",
        "} (leak()) + function () {",
        "} `${leak()}` + function () {",
        "}, get x() {",
        "}, [leak()]: function () {",
        "}, 0]; [function () {",
        "} async function g() {",
        "} ? 1 : function () {",
        "} ++ \n {",
        "} else {",
        "*/ } /*",
        "--> }",
        "} <!--",
        "} //",
        "} /*",
        "} `",
        "} '",
        "{",
        "`${",
        "\u{2028}} {",
        "\\u007d",
    ];
    for body in bodies {
        assert!(matches!(check(body), Err(ScriptError::Syntax { .. })), "{body}");
    }
}

#[test]
fn whole_bodies_pass() {
    let bodies = [
        "",
        "return",
        "{}",
        "if (a) { b } else { c }",
        "// }",
        "/* } */",
        "'}'",
        "`}${`}`}`",
        "/}/",
        "done({})",
        "function a() {} function a() {} var a;",
        "'use strict'; return",
        "x = y / 2; /* / */",
        "return /[}]/.test(a)\n/2",
        "label: { break label; }",
        "class A { #p; static { } }",
        "let {a, ...b} = {}; ({a} = b);",
    ];
    for body in bodies {
        assert_eq!(check(body), Ok(""), "{body}");
    }
    for body in ["await a", "for await (const a of b) {}", "const a = await (async () => 1)();"] {
        assert_eq!(check(body), Ok("async "), "{body}");
    }
    assert_eq!(check("const f = async () => { await 1; }"), Ok(""));
}

#[test]
fn scripts_get_the_realm_they_need() {
    let cases = [
        ("done()", Kind::Hardened),
        ("const _ = require('lodash'); done(_.pick({}, 'a'))", Kind::Hardened),
        ("Array.prototype.last = 1", Kind::Own),
        ("globalThis.x = 1", Kind::Own),
        ("_.template('x')", Kind::Own),
        ("class A extends B { #p = 1; }", Kind::Own),
        ("class A extends Error {}", Kind::Hardened),
        ("class A { #p = 1; }", Kind::Hardened),
    ];
    for (body, expected) in cases {
        assert_eq!(kind(&Script::modern(body).0), expected, "{body}");
        assert_eq!(kind(&Script::legacy(body).0), Kind::Legacy, "{body}");
    }
}

#[test]
fn absent_variables_are_null() {
    let serde_json::Value::Object(given) = serde_json::json!({"events": [1], "other": 2}) else {
        unreachable!("it is one")
    };
    let text = arguments(&Script::modern("arguments").0, &given);
    assert!(text.starts_with("[null,") && text.ends_with(",[1]]") && !text.contains('2'), "{text}");
    assert_eq!(text.matches(',').count() + 1, VARIABLES.len());
}

#[test]
fn a_script_gets_what_it_can_look_at() {
    let given: serde_json::Map<String, serde_json::Value> =
        HOOK_VARIABLES.iter().map(|name| ((*name).to_owned(), true.into())).collect();
    let seen = |script: &Script| -> Vec<&str> {
        let text = arguments(&script.0, &given);
        let values: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        HOOK_VARIABLES.iter().zip(values).filter(|(_, value)| !value.is_null()).map(|(name, _)| *name).collect()
    };
    assert_eq!(seen(&Script::modern("done()")), [""; 0]);
    let some = Script::modern("const { a } = configuration; done({ response_body_raw: a + request_body })");
    assert_eq!(seen(&some), ["request_body", "response_body", "response_body_raw", "configuration"]);
    let ways = [
        "arguments[3]",
        "respons\\u0065_body",
        "argum\\u{65}nts[3]",
        "eval('response' + '_body')",
        "globalThis['response' + '_body']",
    ];
    for way in ways {
        assert_eq!(seen(&Script::modern(way)), HOOK_VARIABLES, "{way}");
    }
    assert_eq!(seen(&Script::legacy("return eval('response' + '_body')")), HOOK_VARIABLES);
}
