//! What scripts can require.

use serde_json::json;

use super::*;

#[tokio::test]
async fn lodash() {
    let cases = [
        ("_.map({a: 1, b: 2}, (n, k) => k + n)", json!(["a1", "b2"])),
        ("_.get({a: [{b: 3}]}, 'a[0].b')", json!(3)),
        ("_([1, 2, 3, 4]).filter(n => n % 2).map(n => n * 10).value()", json!([10, 30])),
        ("_.toString([1, 2]) + _.camelCase('some key') + _.isEqual({a: [1]}, {a: [1]})", json!("1,2someKeytrue")),
        ("_.bind(function (a) { return this.n + a; }, {n: 1})(2)", json!(3)),
        ("_.template('<%= name %>!')({name: 'you'})", json!("you!")),
        ("_.merge({}, {a: {b: 1}}, {a: {c: 2}})", json!({"a": {"b": 1, "c": 2}})),
        ("_.uniqBy([{n: 1}, {n: 1}], 'n').length + _.sumBy([{n: 2}], 'n')", json!(3)),
        ("_.chain([3, 1, 2]).sortBy().reverse().value()", json!([3, 2, 1])),
        ("_([1]).toString() + _([2]).valueOf() + JSON.stringify(_([3]))", json!("12[3]")),
        ("_.VERSION", json!("4.18.1")),
    ];
    for (expression, expected) in cases {
        let body = format!("const _ = require('lodash'); done({{x: {expression}}})");
        assert_eq!(x(&body).await, expected, "{expression}");
    }
    let fp = "const fp = require('lodash/fp');
        done({x: [fp.flow(fp.filter(n => n > 1), fp.map(n => n * 2))([1, 2, 3]), fp.get('a.b', {a: {b: 5}}), fp.toString(7)]})";
    assert_eq!(x(fp).await, json!([[4, 6], 5, "7"]));
}

#[tokio::test]
async fn moment() {
    let body = "const moment = require('moment');
        const at = moment.utc('2020-02-28T23:00:00Z').add(2, 'hours');
        done({x: [at.format('YYYY-MM-DD HH:mm'), at.toString(), at.valueOf(), JSON.stringify(at), at.isBefore('2021-01-01'),
            moment.duration(90, 'minutes').humanize(), moment.duration(90, 'm').toISOString(), moment('x').isValid(),
            moment.locale('de'), moment.utc('05.03.2020', 'DD.MM.YYYY').toISOString()]})";
    let expected = json!([
        "2020-02-29 01:00",
        "Sat Feb 29 2020 01:00:00 GMT+0000",
        1_582_938_000_000_i64,
        "\"2020-02-29T01:00:00.000Z\"",
        true,
        "2 hours",
        "PT1H30M",
        false,
        "en",
        "2020-03-05T00:00:00.000Z"
    ]);
    assert_eq!(x(body).await, expected);
}

#[tokio::test]
async fn util() {
    let body = "const util = require('util'), again = require('node:util');
        const later = util.promisify((n, callback) => setTimeout(() => callback(n < 0 ? new Error('neg') : null, n + 1), 1));
        const circle = {a: 1}; circle.self = circle;
        later(1).then(two => later(-1).catch(error => done({x: [two, error.message, util === again,
            util.format('%s %j %d %i %f %% %o', 'a', {b: 1}, '5', '6.7', '1.5', [1], 'rest', {c: 2}),
            util.format(1, 'a'), util.format('%s'), util.format('100%', 1),
            util.inspect({a: 'x', 'b-c': [1, null, undefined], f() {}, d: new Date(0), r: /x/g, s: Symbol('q')}),
            util.inspect(circle), util.inspect({a: {b: {c: {d: 1}}}}), util.inspect([]), util.inspect(new (class Foo { z = -0; })()),
            util.inspect(\"it's\"), util.inspect({get g() { return 1; }, set g(v) {}}),
            util.isDeepStrictEqual({a: [new Date(1)]}, {a: [new Date(1)]}), util.isDeepStrictEqual([1], ['1']),
            util.isDeepStrictEqual(new Map([[1, {}]]), new Map([[1, {}]])),
            util.types.isDate(new Date()), util.types.isPromise({}), util.isArray([])]})));";
    let expected = json!([
        2,
        "neg",
        true,
        "a {\"b\":1} 5 6 1.5 % [ 1 ] rest { c: 2 }",
        "1 a",
        "%s",
        "100% 1",
        "{\n  a: 'x',\n  'b-c': [ 1, null, undefined ],\n  f: [Function: f],\n  d: 1970-01-01T00:00:00.000Z,\n  r: /x/g,\n  s: Symbol(q)\n}",
        "{ a: 1, self: [Circular *1] }",
        "{ a: { b: { c: [Object] } } }",
        "[]",
        "Foo { z: -0 }",
        "'it\\'s'",
        "{ g: [Getter/Setter] }",
        true,
        false,
        true,
        true,
        false,
        true
    ]);
    assert_eq!(x(body).await, expected);
}

#[tokio::test]
async fn http_requests() {
    let post = "const request = require('https').request({hostname: 'api.test', port: 8443, path: '/a?b=1', method: 'post',
            headers: {'X-One': 1}, auth: 'me:secret'}, response => {
            let text = '';
            response.setEncoding('utf8');
            response.on('data', chunk => { text += chunk; });
            response.on('end', () => done({x: [response.statusCode, response.headers['set-cookie'], JSON.parse(text)]}));
        });
        request.setHeader('X-Two', 'zwei'); request.write('{\"a\":'); request.write('1}'); request.end();";
    let expected = json!([207, "a=1, b=2", {
        "tenant": 1, "method": "POST", "url": "https://api.test:8443/a?b=1", "body": "{\"a\":1}",
        "headers": {"x-one": "1", "authorization": "Basic bWU6c2VjcmV0", "x-two": "zwei"},
    }]);
    assert_eq!(x(post).await, expected);
    let url = "require('http').get('http://api.test/x', {headers: {a: 'b'}}, r => r.on('data', d => done({x: JSON.parse(d)})))";
    let expected =
        json!({"tenant": 1, "method": "GET", "url": "http://api.test/x", "headers": {"a": "b"}, "body": null});
    assert_eq!(x(url).await, expected);
    let event = "const r = require('http').request({host: 'api.test'}); r.on('response', m => done({x: m.statusCode})); r.end()";
    assert_eq!(x(event).await, json!(207));
}

#[tokio::test]
async fn http_failures() {
    let heard = "require('http').get('http://refused.test').on('error', e => done({x: e.message}))";
    assert_eq!(x(heard).await, json!("the address may not be called"));
    assert_eq!(error("require('http').get('http://refused.test')").await, "Error: the address may not be called");
    let aborted =
        "const r = require('http').get('http://never.test'); r.abort(); r.destroy(); setTimeout(() => done({x: 1}), 1)";
    assert_eq!(x(aborted).await, json!(1));
    assert_eq!(
        error("const r = require('http').get('http://never.test'); r.abort();").await,
        ScriptError::NotCompleted.to_string()
    );
    let many = "const http = require('http'); for (let n = 0; n < 17; n += 1) http.get('http://never.test');";
    assert_eq!(error(many).await, "RangeError: Too many requests");
    assert_eq!(
        error("require('http').request('http://a.test').write(5)").await,
        "TypeError: The \"chunk\" argument must be of type string."
    );
    let thrown = "require('http').get('http://a.test', () => { throw new Error('in callback') })";
    assert_eq!(error(thrown).await, "Error: in callback");
}

#[tokio::test]
async fn unknown_modules() {
    for name in
        ["fs", "child_process", "./placeholder", "http.client", "os", "", "../x", "__proto__", "std", "lodash/map"]
    {
        assert_eq!(error(&format!("require('{name}')")).await, format!("Error: Cannot find module '{name}'"));
    }
    assert!(error("await import('fs'); done()").await.starts_with("ReferenceError: "));
}

#[tokio::test]
async fn queries() {
    let cases = [
        (
            "q.stringify({a: [1, true], b: 'x y&=', c: null, d: NaN, ü: ''})",
            json!("a=1&a=true&b=x%20y%26%3D&c=&d=&%C3%BC="),
        ),
        ("q.stringify({a: 1, b: 2}, ';', ':')", json!("a:1;b:2")),
        (
            "[q.stringify(null), q.stringify('x'), q.encode === q.stringify, q.decode === q.parse]",
            json!(["", "", true, true]),
        ),
        ("q.parse('a=1&b=x+y%26&a=2&c&=d&&a=3')", json!({"a": ["1", "2", "3"], "b": "x y&", "c": "", "": "d"})),
        ("q.parse('a:1;b:%zz', ';', ':')", json!({"a": "1", "b": "%zz"})),
        ("q.parse('__proto__=1&toString=2')", json!({"__proto__": "1", "toString": "2"})),
        ("[q.parse(''), q.parse(5), q.parse('a=1&b=2', null, null, {maxKeys: 1})]", json!([{}, {}, {"a": "1"}])),
        ("[q.escape('a b'), q.unescape('a%20b')]", json!(["a%20b", "a b"])),
    ];
    for (expression, expected) in cases {
        assert_eq!(
            x(&format!("const q = require('querystring'); done({{x: {expression}}})")).await,
            expected,
            "{expression}"
        );
    }
}

#[tokio::test]
async fn digests() {
    let body = "const crypto = require('crypto');
        const sum = crypto.createHash('md5').update('a').update('bc');
        done({x: [sum.digest('hex'), crypto.createHash('SHA1').update('abc').digest('base64'),
            crypto.createHmac('sha256', 'key').update('text').digest('hex') === CE.hmacSha256Hex('key', 'text'),
            crypto.createHmac('sha256', 'key').update('text').digest('base64') === CE.hmacSha256Base64('key', 'text')]})";
    let expected = json!(["900150983cd24fb0d6963f7d28e17f72", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", true, true]);
    assert_eq!(x(body).await, expected);
    for (body, message) in [
        ("crypto.createHash('crc')", "Error: Digest method not supported"),
        ("crypto.createHmac('crc', 'k')", "Error: Digest method not supported"),
        ("crypto.createHmac('md5')", "TypeError: The \"key\" argument must be of type string."),
        ("crypto.createHash('md5').update(5)", "TypeError: The \"data\" argument must be of type string."),
        ("crypto.createHash('md5').digest()", "TypeError: The \"encoding\" argument must be 'hex' or 'base64'."),
        ("const h = crypto.createHash('md5'); h.digest('hex'); h.digest('hex')", "Error: Digest already called"),
        ("const h = crypto.createHash('md5'); h.digest('hex'); h.update('a')", "Error: Digest already called"),
        ("crypto.randomBytes(1)", "TypeError: object is not a function"),
    ] {
        assert_eq!(error(&format!("const crypto = require('crypto'); {body}")).await, message, "{body}");
    }
}

#[tokio::test]
async fn buffers() {
    let cases = [
        ("Buffer.from('user:p\u{e4}ss').toString('base64')", json!("dXNlcjpww6Rzcw==")),
        ("new Buffer('aGk', 'base64').toString() + Buffer('6869', 'hex')", json!("hihi")),
        (
            "Buffer.from('_-8', 'base64url').toString('hex') + Buffer.from([255, 239]).toString('base64url')",
            json!("ffef_-8"),
        ),
        (
            "[1, 2, 3, 4].map(n => Buffer.from('abcd'.slice(0, n)).toString('base64'))",
            json!(["YQ==", "YWI=", "YWJj", "YWJjZA=="]),
        ),
        ("Buffer.from('\u{1f600}\u{20ac}').toString('hex')", json!("f09f9880e282ac")),
        (
            "Buffer.from([0xf0, 0x9f, 0x98, 0x80, 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80]).toString()",
            json!("\u{1f600}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ),
        ("Buffer.from([0xe2, 0x82]).toString() + Buffer.from('\\ud800x').toString()", json!("\u{fffd}\u{fffd}x")),
        (
            "Buffer.from('\u{e9}', 'latin1').length + Buffer.byteLength('\u{e9}') + Buffer.byteLength('zz', 'hex')",
            json!(3),
        ),
        ("Buffer.from('hi', 'utf16le').toString('ucs2')", json!("hi")),
        ("Buffer.concat([Buffer.from('a'), 'b', Buffer.from('cd')], 3).toString()", json!("abc")),
        (
            "[Buffer.alloc(3, 'ab').toString(), Buffer.alloc(2).toJSON()]",
            json!(["aba", {"type": "Buffer", "data": [0, 0]}]),
        ),
        (
            "[Buffer.isBuffer(Buffer.from('')), Buffer.isBuffer(new Uint8Array(1)), Buffer.from('x') instanceof Buffer]",
            json!([true, false, true]),
        ),
        (
            "Buffer.from('abc').equals(Buffer.from('abc')) && Buffer.compare(Buffer.from('a'), Buffer.from('b')) === -1",
            json!(true),
        ),
        (
            "[Buffer.from('hello').slice(1, 3).toString(), Buffer.from('hello').toString('utf8', 1, 4)]",
            json!(["el", "ell"]),
        ),
        (
            "(() => { const b = Buffer.alloc(4); return [b.write('abcdef', 1), b.toString('latin1', 1)]; })()",
            json!([3, "abc"]),
        ),
        ("JSON.parse(JSON.stringify({b: Buffer.from('a')})).b.data", json!([97])),
        ("require('buffer').Buffer === Buffer && Buffer.isEncoding('HEX') && !Buffer.isEncoding('x')", json!(true)),
    ];
    for (expression, expected) in cases {
        assert_eq!(x(&format!("done({{x: {expression}}})")).await, expected, "{expression}");
    }
    for (body, message) in [
        (
            "Buffer.from(5)",
            "TypeError: The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array.",
        ),
        ("Buffer.from('a', 'x')", "TypeError: Unknown encoding: x"),
        ("Buffer.alloc(-1)", "RangeError: The value of \"size\" is out of range. Received -1"),
        ("Buffer.concat('a')", "TypeError: The \"list\" argument must be an instance of Array."),
    ] {
        assert_eq!(error(body).await, message, "{body}");
    }
    let sent = "const r = require('http').request({host: 'api.test', method: 'POST'}, m => m.on('data', d => done({x: JSON.parse(d).body})));
        r.end(Buffer.from('b\u{f6}dy'));";
    assert_eq!(x(sent).await, json!("b\u{f6}dy"));
    x("Buffer.prototype.planted = 1; Buffer.from = null; done({x: 1})").await;
    assert_eq!(
        x("done({x: [typeof Buffer.from, Buffer.prototype.planted === undefined]})").await,
        json!(["function", true])
    );
}

#[tokio::test]
async fn addresses() {
    let cases = [
        (
            "u.parse('https://me:s%20e@Host.Example:8443/a/b?c=d&c=e#f')",
            json!({
                "protocol": "https:", "slashes": true, "auth": "me:s e", "host": "host.example:8443", "port": "8443",
                "hostname": "host.example", "hash": "#f", "search": "?c=d&c=e", "query": "c=d&c=e", "pathname": "/a/b",
                "path": "/a/b?c=d&c=e", "href": "https://me:s%20e@host.example:8443/a/b?c=d&c=e#f",
            }),
        ),
        ("u.parse('http://h?x=1', true).query.x + u.parse('http://h').pathname", json!("1/")),
        (
            "[u.parse('/a?b').path, u.parse('//h/p').host, u.parse('//h/p', false, true).host, u.parse('mailto:a@b').pathname]",
            json!(["/a?b", null, "h", "a@b"]),
        ),
        ("u.parse('http://[::1]:80/').hostname", json!("::1")),
        (
            "u.format({protocol: 'https', hostname: '::1', port: 8, pathname: 'x#y', query: {a: [1, 2]}, hash: 'h'})",
            json!("https://[::1]:8/x%23y?a=1&a=2#h"),
        ),
        ("u.format('HTTP://A/b')", json!("http://a/b")),
        (
            "['c', '/c', '../c', '?q', '#h', '//o/c', 'ftp://o/c', './', '../../../../c'].map(to => u.resolve('http://h/a/b/d?x#y', to))",
            json!([
                "http://h/a/b/c",
                "http://h/c",
                "http://h/a/c",
                "http://h/a/b/d?q",
                "http://h/a/b/d?x#h",
                "http://o/c",
                "ftp://o/c",
                "http://h/a/b/",
                "http://h/c",
            ]),
        ),
    ];
    for (expression, expected) in cases {
        assert_eq!(x(&format!("const u = require('url'); done({{x: {expression}}})")).await, expected, "{expression}");
    }
    assert_eq!(error("require('url').parse(5)").await, "TypeError: The \"url\" argument must be of type string.");
}
