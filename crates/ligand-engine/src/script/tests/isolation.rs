//! Nothing that a call writes is seen by a later one, whatever it tries. Scripts write `global\u0054his` and the like
//! where they must stay in the realm that calls share, although they name what that realm does not allow.

use serde_json::json;

use super::*;
use crate::script::{compile, realm::Kind};

/// Collects every object that a script can reach, from names, from what syntax brings forth and from modules.
const REACH: &str = r"
    const root = gl\u006fbalThis, P = 'proto' + 'type';
    const reached = new Map();
    function reach(value, path) {
        if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return;
        if (reached.has(value)) return;
        reached.set(value, path);
        reach(Object.getPrototypeOf(value), path + '.proto');
        for (const key of Reflect.ownKeys(value)) {
            const {value: member, get, set} = Object.getOwnPropertyDescriptor(value, key);
            const name = path + '.' + String(key);
            reach(member, name); reach(get, name + '.get'); reach(set, name + '.set');
        }
    }
    reach(root, 'global');
    const samples = [() => 1, async () => 1, function* () {}, async function* () {}, Object.getPrototypeOf((function* () {})()),
        Object.getPrototypeOf((async function* () {})()), [][Symbol.iterator](), ''[Symbol.iterator](), new Map().keys(), new Set().keys(),
        'a'.matchAll(/a/g), Iterator.from({next() {}}), [].values().map(v => v), [].values().drop(1), /x/, Symbol(),
        new Promise(() => {}), new Proxy({}, {}), new Error(), new DataView(new ArrayBuffer(1)), 1, true, 's',
        (async () => {})(), Promise.withResolvers().promise, (() => { try { null.x; } catch (e) { return e; } })()];
    for (const sample of samples) reach(Object.getPrototypeOf(Object(sample)), 'sample');
    reach(Object.getOwnPropertyDescriptor((function () { return arguments; })(), 'callee').get, 'callee');
";

/// A text of the whole realm: all objects, their members, their order.
fn fingerprint() -> String {
    format!(
        "{REACH} const ids = new Map([...reached.keys()].map((object, index) => [object, index]));
        const show = value => ids.has(value) ? '#' + ids.get(value) : typeof value + String(value);
        done({{x: [...reached].map(([object, path]) => path + Object.isExtensible(object) + Reflect.ownKeys(object).map(key => {{
            const d = Object.getOwnPropertyDescriptor(object, key);
            return [String(key), show(d.value), show(d.get), show(d.set), d.writable, d.configurable, d.enumerable].join();
        }}).join(';'))}})"
    )
}

async fn run(scripts: &Scripts, body: &str) -> Result<Outcome, ScriptError> {
    scripts.run(1, &Script::modern(body), &Map::new()).await
}

#[tokio::test]
async fn everything_in_reach_is_immutable() {
    let attack = format!(
        "{REACH} const changed = [];
        const attempt = (path, work) => {{ try {{ if (work()) changed.push(path); }} catch (e) {{ /* refused */ }} }};
        for (const [object, path] of reached) {{
            attempt(path + ' new', () => Reflect.set(object, 'leak', 1));
            attempt(path + ' define', () => Reflect.defineProperty(object, 'leak', {{value: 1}}));
            attempt(path + ' symbol', () => Reflect.set(object, Symbol.for('leak'), 1));
            attempt(path + ' index', () => Reflect.set(object, 0, 1));
            attempt(path + ' proto', () => Reflect['setPrototype' + 'Of'](object, {{leak: 1}}));
            for (const key of Reflect.ownKeys(object)) {{
                const name = path + '.' + String(key);
                if (key === '__pro' + 'to__') continue;
                attempt(name + ' set', () => Reflect.set(object, key, 'leak'));
                attempt(name + ' redefine', () => Reflect.defineProperty(object, key, {{value: 'leak'}}));
                attempt(name + ' get', () => Reflect.defineProperty(object, key, {{get() {{ return 'leak'; }}}}));
                attempt(name + ' delete', () => Reflect.deleteProperty(object, key));
            }}
        }}
        done({{x: changed, n: reached.size}})"
    );
    assert_eq!(compile::kind(&Script::modern(&attack).0), Kind::Hardened);
    let scripts = scripts(options());
    let before = run(&scripts, &fingerprint()).await.unwrap();
    let found = run(&scripts, &attack).await.unwrap().result;
    assert_eq!(found["x"], json!([]));
    assert!(found["n"].as_u64().unwrap() > 600, "{}", found["n"]);
    assert_eq!(run(&scripts, &fingerprint()).await.unwrap(), before);
}

#[tokio::test]
async fn nothing_in_reach_holds_state_inside() {
    let search = format!(
        "{REACH} const size = name => Object.getOwnPropertyDescriptor(root[name][P], 'size').get;
        const tests = {{
            map: o => Reflect.apply(size('Map'), o, []), set: o => Reflect.apply(size('Set'), o, []),
            weak: o => Reflect.apply(WeakMap[P].has, o, [{{}}]), weakset: o => Reflect.apply(WeakSet[P].has, o, [{{}}]),
            date: o => Reflect.apply(Date[P].getTime, o, []), regexp: o => Reflect.apply(RegExp[P].compile, o, ['x']),
            buffer: o => Reflect.apply(ArrayBuffer[P].slice, o, []), promise: o => Reflect.apply(Promise[P].then, o, []),
            view: o => Reflect.apply(DataView[P].getInt8, o, [0]), generator: o => Reflect.apply((function* () {{}})().next, o, []),
        }};
        const found = [];
        for (const [object, path] of reached) {{
            for (const kind of Object.keys(tests)) {{
                try {{ tests[kind](object); found.push(kind + ' ' + path); }} catch (e) {{ /* it is none */ }}
            }}
        }}
        done({{x: found}})"
    );
    assert_eq!(compile::kind(&Script::modern(&search).0), Kind::Hardened);
    assert_eq!(x(&search).await, json!([]));
}

#[tokio::test]
async fn what_one_call_tries_the_next_does_not_see() {
    let attempts = [
        r"gl\u006fbalThis.leak = 1",
        r"Object.defineProperty(gl\u006fbalThis, 'leak', {value: 1})",
        "Array['proto' + 'type'].push = () => 'leak'",
        "[]['__pro' + 'to__'].leak = 1; ({})['__pro' + 'to__'].leak = 1",
        "Object.assign(Object, {keys: () => ['leak']})",
        "CE.md5 = () => 'leak'; CE.x = 1",
        "console.log = () => {}; console.leak = 1",
        "Date.now = () => 5", "Math.max = () => 5", "JSON.parse = () => 5; JSON.stringify = () => '{}'",
        "require.cache = {}; require.leak = 1", "Symbol.for('leak').description = 1",
        "class Leak { static { setTimeout.leak = 1; } }",
        "Error.stackTrace\\u004cimit = 1",
        "const _ = require('lodash'); _.templat\\u0065Settings.interpolate = /leak/; _.map = () => 'leak'; _.leak = 1;
         _.mix\\u0069n({leak: () => 1}); _.uniqueId(); _.uniqueId(); _.map.placeholder = 1; _.memoize.Cache = null",
        "const fp = require('lodash/fp'); fp.map = () => 'leak'; fp.placeholder.leak = 1; fp.leak = 1",
        "const moment = require('moment'); moment.updateLocale('en', {months: Array(12).fill('leak')}); moment.now = () => 0;
         moment.defineLocale('leak', {}); moment.fn.format = () => 'leak'; moment.leak = 1; moment.relativeTimeThreshold('m', 1)",
        "require('moment').locale('de'); require('moment').locale('xx'); require('moment').months(0)",
        "const seen = text => { try { text.leak = 1; text.raw.push('leak'); } catch (e) { setTimeout.leak = text; } }; seen`leak`",
        "const leak = /leak/g; leak.lastIndex = 3; leak.exec('leak leak'); RegExp.lastMatch = 'leak'; new Date().leak = 1",
        "const util = require('util'); util.inspect = () => 'leak'; util.types.isDate = null; require('http').get = null",
        "/a/g.exec('aaa'); /(l)eak/.exec('leak')",
        "new (class extends Map {})(); Symbol.for('seen'); Object.freeze(Symbol)",
        "done({}); setInterval(() => console.log('leak'), 1); setTimeout(() => console.log('leak'), 0)",
        "done({}); Promise.resolve().then(function again() { console.log('leak'); return Promise.resolve().then(again); })",
        "done({}); (async () => { for (;;) { await null; console.log('leak'); } })()",
        "require('http').get('http://never.test', () => console.log('leak')); done({})",
        "require('http').get('http://a.test', () => console.log('leak')); done({})",
        "Promise.reject(new Error('leak')); done({})",
        "throw new Error('leak')",
        "(() => { try { eval\\u0028'let leak = 1') } catch (e) {} })()",
    ];
    let probe = "const _ = require('lodash'), fp = require('lodash/fp'), moment = require('moment'), util = require('util');
        setTimeout(() => done({x: [typeof leak, [].push(1), Object.keys({a: 1}), CE.md5('a').length, CE.x, console.leak,
            Date.now() > 1e12, Math.max(1, 2), JSON.stringify({a: JSON.parse('1')}), require.leak, setTimeout.leak, ({}).leak,
            new Error().stack.includes('hook.js'), _.leak, _.map([1], n => n), _.uniqueId(), _.VERSION, fp.map(n => n)([1]),
            fp.leak, moment.leak, moment.utc(0).format('MMMM'), moment().year() > 2000, moment.locales(), _.memoize.Cache.name,
            moment.duration(50, 'minutes').humanize(), util.inspect('a'), typeof require('http').get, RegExp['$1'], /a/g.lastIndex,
        ]}), 3)";
    assert_eq!(compile::kind(&Script::modern(probe).0), Kind::Hardened);
    let expected = Box::pin(run(&scripts(options()), probe)).await.unwrap();
    assert_eq!(expected.result["x"][0], json!("undefined"));
    let scripts = scripts(options());
    let before = run(&scripts, &fingerprint()).await.unwrap();
    for attempt in attempts {
        let script = Script::modern(attempt);
        // Whether it is refused or of no effect is its own business.
        drop(scripts.run(1, &script, &Map::new()).await);
        assert_eq!(Box::pin(run(&scripts, probe)).await.unwrap(), expected, "{attempt}");
    }
    assert_eq!(run(&scripts, &fingerprint()).await.unwrap(), before);
}

#[tokio::test]
async fn writable_realms_are_for_one_call() {
    let scripts = scripts(options());
    let attempts = [
        Script::modern("globalThis.leak = 1; Array.prototype.push = null; Object.prototype.leak = 2; done()"),
        Script::modern("eval('var leak = 1'); (0, eval)('var leak = 1; let other = 2'); done()"),
        Script::legacy("leak = 1; Object.prototype.leak = 2; String.prototype.trim = null; JSON = null; return {};"),
    ];
    let probe = "x: [typeof leak, ({}).leak === undefined, [].push(1), ' a'.trim(), typeof other, typeof JSON.parse]";
    let expected = json!(["undefined", true, 1, "a", "undefined", "function"]);
    for attempt in attempts {
        scripts.run(1, &attempt, &Map::new()).await.unwrap();
        for script in [
            Script::modern(&format!("done({{{probe}}})")),
            Script::modern(&format!("done({{{probe}}}); // globalThis")),
            Script::legacy(&format!("return {{{probe}}};")),
        ] {
            assert_eq!(scripts.run(1, &script, &Map::new()).await.unwrap().result["x"], expected, "{script:?}");
        }
    }
}

#[tokio::test]
async fn no_code_is_made_of_text_in_the_shared_realm() {
    let ways = [
        r"\u0065val('1')",
        r"(0, \u0065val)('1')",
        r"new \u0046unction('return 1')()",
        "(() => 1)['constr' + 'uctor']('return 1')()",
        "(async () => 1)['constr' + 'uctor']('return 1')()",
        "(function* () {})['constr' + 'uctor']('yield 1')().next()",
        "(async function* () {})['constr' + 'uctor']('yield 1')()",
        "Reflect.construct((() => 1)['constr' + 'uctor'], ['return 1'])()",
        "Object.getPrototypeOf(async () => 1)['constr' + 'uctor']('return 1')",
    ];
    for way in ways {
        assert_eq!(compile::kind(&Script::modern(way).0), Kind::Hardened, "{way}");
        assert_eq!(error(way).await, "EvalError: Code generation from strings disallowed for this context", "{way}");
    }
    assert_eq!(error("setTimeout('1', 0)").await, "TypeError: The \"callback\" argument must be of type function.");
}

#[tokio::test]
async fn own_objects_are_as_writable_as_ever() {
    let body = "const o = {}; o.toString = () => 'mine'; o.constructor = 1; o.valueOf = null; o.hasOwnProperty = 2;
        const e = new TypeError('a'); e.name = 'Mine'; e.message = 'b'; e.toString = undefined;
        const f = () => 1; f.toString = () => 'f'; f.bind = 3;
        const n = Object.create(null); n.toString = 4;
        class A { toString() { return 'A'; } } const list = [1]; list.extra = 5;
        done({x: [`${{toString: () => 't'}}`, Object.keys(o), e.name, e.message, String(f), f.bind, n.toString, `${new A()}`,
            list.extra, ({}).constructor === Object, ({}).toString(), Object.assign({}, {valueOf: 1}).valueOf, {...{toString: 2}}.toString]})";
    let expected = json!([
        "t",
        ["toString", "constructor", "valueOf", "hasOwnProperty"],
        "Mine",
        "b",
        "f",
        3,
        4,
        "A",
        5,
        true,
        "[object Object]",
        1,
        2
    ]);
    assert_eq!(x(body).await, expected);
}

#[tokio::test]
async fn the_host_is_out_of_reach() {
    let search = r"const names = Reflect.ownKeys(gl\u006fbalThis).map(String);
        done({x: ['host', 'internals', 'std', 'os', 'bjson', 'process', 'Deno', 'module', 'exports', 'performance', 'Atomics',
            'SharedArrayBuffer', 'WeakRef', 'FinalizationRegistry', 'scriptArgs', 'load', 'Worker', 'fetch'].filter(name => names.includes(name))})";
    assert_eq!(x(search).await, json!([]));
}
