//! What the elements' contract says of hooks: `done`, `return`, variables, timers, promises, the older engine.

use serde_json::json;

use super::*;

async fn result(body: &str) -> Value {
    Value::Object(modern(body).await.expect(body).result)
}

#[tokio::test]
async fn done_gives_the_result() {
    assert_eq!(
        result("done({a: 1, b: null, c: undefined, d: [true, 'x']})").await,
        json!({"a": 1, "b": null, "d": [true, "x"]})
    );
    assert_eq!(result("done()").await, json!({}));
    for other in
        ["done('text')", "done(7)", "done(null)", "done([1])", "done(() => 1)", "done({toJSON() { return 5; }})"]
    {
        assert_eq!(result(other).await, json!({}), "{other}");
    }
}

#[tokio::test]
async fn the_first_done_wins() {
    assert_eq!(result("done({n: 1}); done({n: 2}); return {n: 3};").await, json!({"n": 1}));
    assert_eq!(result("done({n: 1}); throw new Error('late');").await, json!({"n": 1}));
    assert_eq!(result("done(); done({n: 2});").await, json!({}));
    assert_eq!(result("const o = {n: 1}; done(o); o.n = 2;").await, json!({"n": 1}));
    assert_eq!(result("done({n: 1}); Promise.reject(new Error('late'));").await, json!({"n": 1}));
}

#[tokio::test]
async fn done_may_come_later() {
    assert_eq!(result("setTimeout(() => done({n: 1}), 1)").await, json!({"n": 1}));
    assert_eq!(result("setTimeout((a, b) => done({a, b}), 1, 5, 6)").await, json!({"a": 5, "b": 6}));
    assert_eq!(result("Promise.resolve(3).then(n => done({n}))").await, json!({"n": 3}));
    assert_eq!(result("queueMicrotask(() => done({n: 4}))").await, json!({"n": 4}));
    assert_eq!(result("setImmediate(n => done({n}), 5)").await, json!({"n": 5}));
    assert_eq!(result("await null; done({n: 6})").await, json!({"n": 6}));
    let nested = "const wait = ms => new Promise(resolve => setTimeout(resolve, ms));
        (async () => { await wait(1); await wait(1); done({n: 7}); })();";
    assert_eq!(result(nested).await, json!({"n": 7}));
}

#[tokio::test]
async fn timers_keep_their_order_and_can_be_cleared() {
    let order = "const seen = [];
        for (const n of [1, 2, 3]) setTimeout(() => seen.push(n), 0);
        setTimeout(() => { seen.push(4); Promise.resolve().then(() => seen.push('p')); }, 1);
        const cleared = setTimeout(() => seen.push('never'), 1);
        clearTimeout(cleared); clearTimeout(cleared); clearTimeout(undefined); clearTimeout('x');
        setTimeout(() => done({seen}), 3);";
    assert_eq!(result(order).await, json!({"seen": [1, 2, 3, 4, "p"]}));
    let interval = "let n = 0; const id = setInterval(() => { n += 1; if (n === 3) { clearInterval(id); setTimeout(() => done({n}), 5); } }, 1);";
    assert_eq!(result(interval).await, json!({"n": 3}));
}

#[tokio::test]
async fn a_returned_object_is_the_result() {
    assert_eq!(result("return {n: 1}").await, json!({"n": 1}));
    assert_eq!(result("return Promise.resolve({n: 2})").await, json!({"n": 2}));
    assert_eq!(result("await 1; return {n: 3}").await, json!({"n": 3}));
    for without in ["", "return;", "return 5", "return null", "await 1; return 'x'", "new Promise(() => {})"] {
        assert_eq!(modern(without).await, Err(ScriptError::NotCompleted), "{without}");
    }
}

#[tokio::test]
async fn every_variable_is_defined() {
    let all = "done({x: [request_method, request_path, request_path_variables, request_parameters, request_headers,
        request_body, request_body_map, request_expression, request_vendor_method, request_vendor_path,
        request_vendor_url, request_vendor_parameters, request_vendor_headers, request_vendor_body,
        request_vendor_body_map, request_root_key, request_previous_response, request_previous_response_headers,
        response_body, response_body_raw, response_headers, response_status_code, response_iserror,
        response_root_key, meta_data, configuration, events].filter(value => value !== null)})";
    assert_eq!(x(all).await, json!([]));
}

#[tokio::test]
async fn variables_have_their_values_and_maps_can_be_changed_in_place() {
    let given = variables(json!({
        "configuration": {"a": "1", "__proto__": {"b": "2"}}, "request_body": [1, {"ü": "\u{1f600}\u{0}"}], "unknown": 1,
    }));
    let script = Script::modern(
        "configuration.c = '3'; delete configuration.a;
         done({configuration, request_body, x: [typeof unknown, configuration.b === undefined]})",
    );
    let outcome = scripts(options()).run(1, &script, &given).await.unwrap();
    let expected = json!({
        "configuration": {"__proto__": {"b": "2"}, "c": "3"}, "request_body": [1, {"ü": "\u{1f600}\u{0}"}],
        "x": ["undefined", true],
    });
    assert_eq!(Value::Object(outcome.result), expected);
}

#[tokio::test]
async fn the_body_is_strict() {
    assert_eq!(x("done({x: this === undefined})").await, json!(true));
    assert_eq!(error("undeclared = 1").await, "ReferenceError: undeclared is not defined");
}

#[tokio::test]
async fn code_made_of_text_sees_the_variables() {
    let given = || variables(json!({ "configuration": { "a": "1" }, "request_body": { "list": [5] } }));
    let modern =
        Script::modern("done({ x: [eval('request_body.list[0]'), new Function('return configuration.a')()] })");
    let legacy = Script::legacy(
        "var field = 'list'; return { x: [eval('request_body.' + field)[0], eval('configuration').a] };",
    );
    for script in [modern, legacy] {
        let outcome = scripts(options()).run(1, &script, &given()).await.unwrap();
        assert_eq!(outcome.result["x"], json!([5, "1"]), "{script:?}");
    }
}

#[tokio::test]
async fn console_lines_are_kept() {
    let body =
        "console.log('a', 1, {b: [null]}); console.warn('%s is %d%%', 'x', 5); console.error(new Map([[1, 'y']]));
        console.info(); console.debug(undefined); done()";
    let outcome = modern(body).await.unwrap();
    assert_eq!(outcome.console, ["a 1 { b: [ null ] }", "x is 5%", "Map(1) { 1 => 'y' }", "", "undefined"]);
}

#[tokio::test]
async fn the_older_engine() {
    let cases = [
        ("return {n: 1};", json!({"n": 1})),
        ("return;", json!({})),
        ("", json!({})),
        (
            "for (i = 0; i < 3; i++) { total = (typeof total === 'undefined' ? 0 : total) + i; } return {total: total};",
            json!({"total": 3}),
        ),
        (
            "var list = getArray(); list.add('a'); list.add({b: 1}); return {list: list};",
            json!({"list": ["a", {"b": 1}]}),
        ),
        ("done({n: 2}); return {n: 3};", json!({"n": 2})),
        ("request_body = {n: 4}; return request_body;", json!({"n": 4})),
        ("function f() { return this === globalThis; } return {x: f()};", json!({"x": true})),
        ("var _ = require('lodash'); return {x: _.chunk([1, 2, 3], 2)};", json!({"x": [[1, 2], [3]]})),
        ("with ({n: 5}) { return {n: n}; }", json!({"n": 5})),
        ("return {n: eval('1 + 1'), m: new Function('return 3')()};", json!({"n": 2, "m": 3})),
    ];
    for (body, expected) in cases {
        assert_eq!(Value::Object(legacy(body).await.expect(body).result), expected, "{body}");
    }
    assert_eq!(legacy("print('a', 1); return;").await.unwrap().console, ["a 1"]);
    let java = legacy("var List = Java.type('java.util.ArrayList'); return {};").await;
    assert_eq!(java.unwrap_err().to_string(), "ReferenceError: Java is not defined");
    assert_eq!(x("done({x: [typeof print, typeof getArray]})").await, json!(["undefined", "function"]));
}

#[tokio::test]
async fn helpers_of_ce() {
    assert_eq!(x("done({x: CE.md5('abc')})").await, json!("900150983cd24fb0d6963f7d28e17f72"));
    assert_eq!(x("done({x: CE.decode64(CE.b64('Grüße €'))})").await, json!("Grüße €"));
    let same = "const mac = CE.hmac('sha1')('hex')('key', 'text');
        done({x: [CE.hmacSha1Hex, CE.hmacSha1hex].every(f => f('key', 'text') === mac)
            && CE.hmacSha256base64('k', 't') === CE.hmac('SHA256')('base64')('k', 't')
            && CE.hmacMd5Base64('k', 't').length === 24})";
    assert_eq!(x(same).await, json!(true));
    let random = "const names = new Set(Array.from({length: 50}, () => CE.randomString()));
        done({x: [names.size, [...names].every(name => /^[a-z0-9]{10}$/.test(name)), /^[^@ ]+@[^@ ]+[.][a-z]+$/.test(CE.randomEmail())]})";
    assert_eq!(x(random).await, json!([50, true, true]));
    assert_eq!(error("CE.hmac('crc')('hex')('a', 'b')").await, "Error: Digest method not supported");
    assert_eq!(x("const n = Math.random(); done({x: n >= 0 && n < 1 && n !== Math.random()})").await, json!(true));
}

#[tokio::test]
async fn guarded_functions_do_what_they_did() {
    let body = "const parts = [];
        parts.push([3, 1, 2].sort(), [1, [2, [3]], , 4].flat(), [1, [2, [3]]].flat(Infinity), [[1], 2].flatMap(x => x),
            [1].concat([2], 3, [[4]]), [1, 2].reverse(), [1, 2, 3].splice(1, 1), [1, , 2].join(), [].join.call('abc', '-'),
            [].concat.call(1, 2).length, [1, 2, 3].copyWithin(0, 1), [2, 1].shift(), [1].unshift(0), [1, 2].toString());
        parts.push('abcb'.indexOf('b', 2), 'abcb'.lastIndexOf('b'), 'abc'.includes('c'), 'a,b,c'.split(',', 2), 'abc'.split(''),
            'a1b2'.split(/[0-9]/), 'abc'.split(), 'aXbX'.replace('X', '-'), 'aXbX'.replaceAll('X', m => m + 1), 'a1'.replace(/1/g, '$&$&'),
            'anullb'.split(null), 'x5'.indexOf(5), 'undefined'.indexOf(), String.raw`a\\n${1}b`, ''.split(''), 'abc'.replace('z'),
            'a-b'.replace({[Symbol.replace]: (text, by) => text + by}, '!'), String.prototype.includes.call(123, 2));
        parts.push([].sort.name + [].sort.length + 'x'.split.name + 'x'.split.length);
        try { 'a'.includes(/a/); } catch (e) { parts.push(e.name); }
        try { [].flatMap(1); } catch (e) { parts.push(e.name); }
        try { ''.split.call(null, 'a'); } catch (e) { parts.push(e.name); }
        done({x: parts})";
    let expected = json!([
        [1, 2, 3],
        [1, 2, [3], 4],
        [1, 2, 3],
        [1, 2],
        [1, 2, 3, [4]],
        [2, 1],
        [2],
        "1,,2",
        "a-b-c",
        2,
        [2, 3, 3],
        2,
        2,
        "1,2",
        3,
        3,
        true,
        ["a", "b"],
        ["a", "b", "c"],
        ["a", "b", ""],
        ["abc"],
        "a-bX",
        "aX1bX1",
        "a11",
        ["a", "b"],
        1,
        0,
        "a\\n1b",
        [],
        "abc",
        "a-b!",
        true,
        "sort1split2",
        "TypeError",
        "TypeError",
        "TypeError"
    ]);
    assert_eq!(x(body).await, expected);
}
