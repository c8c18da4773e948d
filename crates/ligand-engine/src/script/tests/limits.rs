//! Scripts that would take all of the time, the memory, the stack or the console. After each, others run as ever.

use serde_json::json;

use super::*;

fn brief() -> ScriptOptions {
    ScriptOptions { deadline: Duration::from_millis(150), ..options() }
}

fn small() -> ScriptOptions {
    ScriptOptions { memory_bytes: 8 << 20, ..options() }
}

/// Runs a body within tight limits, as either kind of script, and then something harmless.
async fn limited(options: ScriptOptions, body: &str) -> [Result<Outcome, ScriptError>; 2] {
    let scripts = scripts(options);
    let mut results = Vec::new();
    for script in [Script::modern(body), Script::legacy(body)] {
        results.push(scripts.run(1, &script, &Map::new()).await);
        assert!(works(&scripts).await, "{body}");
    }
    <[_; 2]>::try_from(results).unwrap()
}

/// Whether something harmless runs. It gets more than one chance, since deadlines are short and machines are busy.
async fn works(scripts: &Scripts) -> bool {
    for _ in 0..20 {
        if let Ok(outcome) = scripts.run(1, &Script::modern("done({x: [1].concat(2)})"), &Map::new()).await {
            return outcome.result["x"] == json!([1, 2]);
        }
    }
    false
}

#[tokio::test]
async fn endless_scripts_are_stopped() {
    let bodies = [
        "while (true) {}",
        "for (;;) { try { for (;;) {} } catch (e) {} finally { continue; } }",
        "/(a+)+$/.test('a'.repeat(60) + 'b'); done()",
        "/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60)); done()",
        "(function again() { Promise.resolve().then(again); })(); return new Promise(function () {});",
        "(async function () { for (;;) await null; })(); return new Promise(function () {});",
        "setInterval(function () {}, 1); return new Promise(function () {});",
        "(function again() { setTimeout(again, 0); })(); return new Promise(function () {});",
        "done({get x() { for (;;) {} }})",
        "done({toJSON: function () { for (;;) {} }})",
        "done(new Proxy({}, {ownKeys: function () { for (;;) {} }}))",
        "throw {get message() { for (;;) {} }, toJSON: function () { for (;;) {} }}",
        "(function f() { try { f(); } finally { f(); } })()",
        "[3, 1, 2].sort(function () { for (;;) {} })",
        "'x'.replace(/x/, function () { for (;;) {} })",
        "console.log({get x() { return 1; }, toString: 1}); for (;;) {}",
        "const g = (function* () { for (;;) yield 1; })(); [...{[Symbol.iterator]: () => ({next: () => ({done: false})})}.x || []]; for (const n of g) {}",
        "require('http').get('http://never.test', function () { done(); }); return new Promise(function () {});",
        "const a = new Array(300).fill('x'.repeat(10000)); for (;;) a.sort()",
        "const a = new Float64Array(200000); for (;;) a.sort()",
        "const a = new Uint8Array(6000000); for (;;) a.reverse()",
        "for (;;) CE.hmacSha256Hex('k', 'x'.repeat(1000000))",
        "const s = ' '.repeat(4000000); for (;;) s.trim()",
        "const s = '9'.repeat(400000); for (;;) parseFloat(s)",
        "const s = 'a'.repeat(1000000), p = 'a'.repeat(500000); for (;;) s.startsWith(p)",
        "new Array(2 ** 32 - 1).values().drop(4e9).next()",
    ];
    for body in bodies {
        for result in limited(brief(), body).await {
            assert_eq!(result, Err(ScriptError::Deadline), "{body}");
        }
    }
}

#[tokio::test]
async fn memory_is_bounded() {
    let bodies = [
        "const all = []; for (;;) all.push(new Array(100).fill(0));",
        "const all = []; for (;;) all.push({a: {}});",
        "let s = 'xxxxxxxx'; for (;;) { s = s + s; s.charCodeAt(0); }",
        "const all = []; for (;;) all.push('x'.repeat(100000) + all.length);",
        "new Uint8Array(100000000)",
        "new ArrayBuffer(2 ** 33)",
        "const m = new Map(); for (let n = 0; ; n++) m.set(n, n);",
        "let f = () => 1; for (;;) { const g = f; f = () => g; }",
        "'x'.repeat(20000000)",
        "'x'.padStart(20000000)",
        "new Array(5000000).join('xyz')",
        "JSON.stringify(new Array(3000000).fill('x'))",
        "Array.from({length: 5000000})",
        "[...'x'.repeat(3000000)]",
        "const all = []; while (true) { all.push(Promise.resolve()); }",
        "const all = []; while (true) { all.push(new RegExp('x{1,' + (1 + all.length % 99) + '}')); }",
        "(function again(n) { Promise.resolve('x'.repeat(n)).then(function (v) { again(n * 2); return v + v; }); again(n * 2); })(9)",
        "let o = {}; for (let n = 0; ; n++) o['k' + n] = n;",
        "Symbol('x'.repeat(20000000))",
        "new Array(4000000).fill().map(() => 1)",
        "'x,'.repeat(2000000).split(',')",
        "const all = []; try { for (;;) all.push(new Array(1000)); } catch (e) { all.push(1); for (;;) all.push([]); }",
    ];
    for body in bodies {
        for result in limited(small(), body).await {
            let text = result.clone().map(|outcome| outcome.result).expect_err(body).to_string();
            let is_bounded = matches!(
                text.as_str(),
                "hook ran out of memory"
                    | "RangeError: Invalid string length"
                    | "RangeError: Maximum call stack size exceeded"
                    | "RangeError: Invalid array buffer length"
                    | "RangeError: Invalid array length"
            );
            assert!(is_bounded, "{body}: {text}");
        }
    }
}

#[tokio::test]
async fn the_stack_is_bounded() {
    let overflows = [
        "(function f() { f(); })()",
        "const f = () => [1].map(f); f()",
        "const o = {get x() { return this.x; }}; o.x",
        "const o = {toString() { return '' + this; }}; '' + o",
        "const p = new Proxy({}, {get: (t, k, r) => r[k]}); p.x",
        "class A { constructor() { new A(); } } new A()",
        "let a = []; for (let n = 0; n < 100000; n++) a = [a]; JSON.stringify(a)",
        "JSON.parse('['.repeat(100000) + ']'.repeat(100000))",
        "function f() { require('util').inspect({get x() { return 1; }}); f(); } f()",
        "function f() { try { require('lodash'); } catch (e) {} f(); } f()",
        "const f = n => 'x'.replace(/x/, () => f(n + 1)); f(0)",
    ];
    for body in overflows {
        for result in limited(small(), body).await {
            let text = result.map(|outcome| outcome.result).expect_err(body).to_string();
            let known = ["RangeError: Maximum call stack size exceeded", "hook ran out of memory"];
            assert!(known.contains(&text.as_str()), "{body}: {text}");
        }
    }
    for source in ["(", "[", "{", "function f() {", "`${", "!", "a => ", "/*", "((a) => "] {
        for result in limited(small(), &source.repeat(100_000)).await {
            assert!(
                matches!(result, Err(ScriptError::Syntax { .. } | ScriptError::OutOfMemory)),
                "{source}: {result:?}"
            );
        }
    }
    let nested = format!("/{}a{}/.test('a'); done({{x: 1}})", "(".repeat(50_000), ")".repeat(50_000));
    assert!(limited(small(), &nested).await[0].is_err());
}

#[tokio::test]
async fn results_are_bounded() {
    let large =
        "const text = 'x'.repeat(1000000); const r = {}; for (let n = 0; n < 20; n++) r['k' + n] = text; done(r)";
    assert_eq!(error(large).await, "RangeError: the result is too large");
    let deep = "let a = []; for (let n = 0; n < 500; n++) a = [a]; done({a})";
    assert!(error(deep).await.starts_with("RangeError: the result is nested too deeply"));
    assert_eq!(
        x("done({x: [NaN, Infinity, -0, () => 1, undefined, new Date(0), 2 ** 60]})").await,
        json!([null, null, 0, null, null, "1970-01-01T00:00:00.000Z", 1_152_921_504_606_847_000_i64])
    );
    assert!(modern("done({x: 'a\\ud800'})").await.is_err());
    assert_eq!(x("console.log('a\\ud800'); done({x: CE.b64('\\ud800')})").await, json!("77+9"));
}

#[tokio::test]
async fn the_console_is_bounded() {
    let flood = modern("for (let n = 0; n < 100000; n++) console.log('line', n); done()").await.unwrap();
    assert_eq!(flood.console.len(), 200);
    let long = modern("for (let n = 0; n < 50; n++) console.log('ü'.repeat(5000)); done()").await.unwrap();
    let kept: usize = long.console.iter().map(String::len).sum();
    assert!((64 << 10..70 << 10).contains(&kept), "{kept}");
    let huge = modern("console.log(new Array(100000).fill({a: 'x'.repeat(1000)})); done()").await.unwrap();
    assert_eq!(huge.console.len(), 1);
}

#[tokio::test]
async fn timers_are_bounded() {
    assert_eq!(error("for (;;) setTimeout(() => {}, 1000)").await, "RangeError: Too many timers");
    for delay in ["NaN", "-1", "Infinity", "1e300", "'x'", "undefined", "{}"] {
        let body = format!("const id = setTimeout(() => {{}}, {delay}); clearTimeout(id); done({{x: typeof id}})");
        assert_eq!(x(&body).await, json!("number"), "{delay}");
    }
}

#[tokio::test]
async fn integers_without_bound_are_refused_before_anything_runs() {
    let refused = "SyntaxError: BigInt is not supported in hooks";
    for body in [
        "done(); const n = 5n;",
        "const f = async () => 2n ** 1000000n; await f(); done()",
        "done({x: `${0x1Fn}`})",
        "if (true) { [...[1_000n]]; } done()",
    ] {
        for script in [Script::modern(body), Script::legacy(&body.replace("await ", ""))] {
            let outcome = scripts(options()).run(1, &script, &Map::new()).await;
            assert_eq!(outcome.unwrap_err().to_string(), refused, "{script:?} {body}");
        }
    }
    let texts = "/* 1n */ const r = /^(5n|0n)$/.test('5n'); // 7n
        done({x: [r, '3n', `4n`, \"a5n\".length, (x5n => x5n)(1)]})";
    assert_eq!(x(texts).await, json!([true, "3n", "4n", 3, 1]));
    let old = legacy("with ({n: '5n'}) { return {x: n + ' 6n'}; }").await.unwrap();
    assert_eq!(old.result["x"], json!("5n 6n"));
    let absent = "done({x: [typeof BigInt, typeof BigInt64Array, typeof BigUint64Array, typeof DataView.prototype.getBigInt64]})";
    let nowhere = json!(vec!["undefined"; 4]);
    assert_eq!(x(absent).await, nowhere);
    assert_eq!(legacy(&absent.replace("done(", "return (")).await.unwrap().result["x"], nowhere);
    for way in [
        "eval('5n')",
        "(0, eval)('5n')",
        "new Function('return 5n')()",
        "Function('a = 5n', '')()",
        "(async () => {}).constructor('return 5n')()",
        "(function* () {}).constructor('yield 5n')().next()",
        "Reflect.construct(Function, [{toString: () => '5n'}])",
        "Object.getPrototypeOf(async function* () {}).constructor('5n')",
    ] {
        for script in [Script::modern(&format!("eval; {way}")), Script::legacy(way)] {
            let outcome = scripts(options()).run(1, &script, &Map::new()).await;
            assert_eq!(outcome.unwrap_err().to_string(), refused, "{way}");
        }
    }
}

#[tokio::test]
async fn what_runs_while_it_is_compiled_is_stopped_too() {
    let scripts = scripts(brief());
    let outcome = scripts.run(1, &Script::legacy("}); for (;;) {} (function () {"), &Map::new()).await;
    assert_eq!(outcome, Err(ScriptError::Deadline));
    assert!(works(&scripts).await);
}

#[tokio::test]
async fn single_calls_of_functions_have_bounds() {
    for body in [
        "'\u{323}\u{307}'.repeat(500000).normalize('NFC')",
        "'a'.localeCompare('\u{323}\u{307}'.repeat(500000))",
        "JSON.stringify({a: 1}, new Array(2 ** 32 - 1))",
        "[].slice.call({length: 2 ** 32 - 1})",
        "[].join.call(new Proxy(new Array(2 ** 32 - 1), {getOwnPropertyDescriptor: (t, k) => ({value: 1, writable: true})}))",
    ] {
        let text = error(body).await;
        let known = [
            "RangeError: Invalid string length",
            "RangeError: Invalid array length",
            "TypeError: A Proxy cannot be used here",
        ];
        assert!(known.contains(&text.as_str()), "{body}: {text}");
    }
    let as_ever = "const marks = 'a\\u0323\\u0307'; done({x: [marks.normalize('NFC').length, [3, 10, undefined, 1].sort(), [10, 9].toSorted(),
        [3, 1].sort((a, b) => a - b), JSON.stringify({b: 1, a: 2}, ['a', 'b']), [1, 2, 3].slice(1), new Uint8Array([2, 1]).sort().join(),
        [1, 2, 3].values().drop(2).toArray(), parseInt('12px'), encodeURIComponent('a b'), 'a'.localeCompare('b') < 0]})";
    assert_eq!(
        x(as_ever).await,
        json!([2, [1, 10, 3, null], [10, 9], [1, 3], "{\"a\":2,\"b\":1}", [2, 3], "1,2", [3], 12, "a%20b", true])
    );
}
