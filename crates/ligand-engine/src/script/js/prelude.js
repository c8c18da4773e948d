// Runs once in every realm: gives it the globals of hooks and hands back the entry points the server calls.
// `host` is the server's side; scripts never get to it. State of a call lives in `current` and dies with it.
(function (host) {
  'use strict';
  const evaluate = eval;
  const then = Promise.prototype.then;
  const { parse, stringify } = JSON;
  const factories = new Map();
  let current = null;
  // Variables that code made of text finds as globals, in realms that have such code.
  let exposed = [];

  // Null is what the engine throws when there is no memory left for an error.
  function describe(error) {
    if (error === null) return 'InternalError: out of memory';
    try {
      if (error instanceof Error) {
        const name = String(error.name);
        const message = String(error.message);
        return (name && message ? name + ': ' + message : name || message).toWellFormed();
      }
      const text = typeof error === 'object' && error !== null ? stringify(error) : String(error);
      return text.toWellFormed();
    } catch (_) {
      return 'Error: a value was thrown that cannot be shown';
    }
  }

  function finish(call, result) {
    if (call !== current || call.finished) return;
    call.finished = true;
    try {
      const isMap = typeof result === 'object' && result !== null && !Array.isArray(result);
      host.finish((isMap && stringify(result)) || '{}');
    } catch (error) {
      host.fail(describe(error));
    }
  }

  function fail(call, error) {
    if (call !== current || call.finished) return;
    call.finished = true;
    host.fail(describe(error));
  }

  function guarded(call, work) {
    try {
      work();
    } catch (error) {
      fail(call, error);
    }
  }

  function returned(call, value, legacy) {
    if (typeof value === 'object' && value !== null) finish(call, value);
    else if (legacy) finish(call, null);
  }

  function start(body, text, legacy) {
    const call = { finished: false, timers: new Map(), requests: new Map(), modules: new Map() };
    current = call;
    guarded(call, () => {
      const values = parse(text);
      exposed.forEach((name, index) => define(globalThis, name, values[index]));
      values.push(result => finish(call, result));
      const value = Reflect.apply(body, undefined, values);
      if (value instanceof Promise) {
        Reflect.apply(then, value, [result => returned(call, result, legacy), error => fail(call, error)]);
      } else {
        returned(call, value, legacy);
      }
    });
  }

  function stop() {
    current = null;
  }

  function rejected(reason) {
    fail(current, reason);
  }

  function startTimer(callback, delay, again, args) {
    if (typeof callback !== 'function') {
      throw new TypeError('The "callback" argument must be of type function.');
    }
    const wait = Math.max(1, Number(delay) || 0);
    const id = host.startTimer(wait);
    current.timers.set(id, { callback, wait, again, args });
    return id;
  }

  function clearTimer(id) {
    if (current.timers.delete(id)) host.clearTimer(id);
  }

  function fire(id) {
    const call = current;
    const timer = call.timers.get(id);
    if (timer === undefined) return;
    if (timer.again) host.restartTimer(id, timer.wait);
    else call.timers.delete(id);
    guarded(call, () => Reflect.apply(timer.callback, undefined, timer.args));
  }

  function answered(id, error, status, headers, body) {
    const call = current;
    const callback = call.requests.get(id);
    call.requests.delete(id);
    if (callback === undefined) return;
    guarded(call, () => callback(error, status, headers && parse(headers), body));
  }

  // What the server's own modules may use beyond what scripts have.
  const internals = {
    send(method, url, headers, body, callback) {
      const id = host.send(method, url, stringify(headers), body);
      current.requests.set(id, callback);
      return id;
    },
    abandon(id) {
      if (current.requests.delete(id)) host.abandon(id);
    },
    digest: (algorithm, encoding, data) => host.digest(algorithm, encoding, data),
    hmac: (algorithm, encoding, secret, data) => host.hmac(algorithm, encoding, secret, data),
  };

  function load(name, inner) {
    const call = current;
    if (inner && name === './lodash.min') name = 'lodash';
    const known = call.modules.get(name);
    if (known !== undefined) return known.exports;
    let factory = factories.get(name);
    if (factory === undefined) {
      const source = host.source(name, inner);
      if (source === undefined) {
        const error = new Error(`Cannot find module '${name}'`);
        error.code = 'MODULE_NOT_FOUND';
        throw error;
      }
      factory = evaluate('(function (module, exports, require, global, internals) {' + source + '\n})');
      Object.freeze(factory.prototype);
      factories.set(name, Object.freeze(factory));
    }
    const module = { exports: {} };
    call.modules.set(name, module);
    const own = host.isOwn(name) ? internals : undefined;
    Reflect.apply(factory, module.exports, [module, module.exports, next => load(String(next), true), globalThis, own]);
    return module.exports;
  }

  function require(name) {
    name = String(name);
    return load(name.startsWith('node:') ? name.slice(5) : name, false);
  }

  function log(...values) {
    if (!host.listens()) return;
    const simple = values.length === 0 || (values.length === 1 && typeof values[0] === 'string');
    host.print((simple ? String(values[0] ?? '') : load('util', true).format(...values)).toWellFormed());
  }

  const text = value => String(value).toWellFormed();
  const code = () => host.randomString(10);
  const CE = {
    randomString: () => code(),
    randomEmail: () => code() + '@example.com',
    md5: value => host.digest('md5', 'hex', text(value)),
    b64: value => host.encode64(text(value)),
    decode64: value => host.decode64(text(value)),
    hmac: algorithm => encoding => (secret, value) => host.hmac(text(algorithm), text(encoding), text(secret), text(value)),
  };
  for (const algorithm of ['Sha1', 'Sha256', 'Md5']) {
    for (const encoding of ['Hex', 'Base64', 'hex', 'base64']) {
      CE['hmac' + algorithm + encoding] = CE.hmac(algorithm)(encoding);
    }
  }

  const globals = {
    CE,
    require,
    console: { log, info: log, warn: log, error: log, debug: log },
    setTimeout: (callback, delay, ...args) => startTimer(callback, delay, false, args),
    setInterval: (callback, delay, ...args) => startTimer(callback, delay, true, args),
    setImmediate: (callback, ...args) => startTimer(callback, 0, false, args),
    clearTimeout: clearTimer,
    clearInterval: clearTimer,
    clearImmediate: clearTimer,
    queueMicrotask: callback => {
      if (typeof callback !== 'function') {
        throw new TypeError('The "callback" argument must be of type function.');
      }
      Reflect.apply(then, Promise.resolve(), [() => callback()]);
    },
  };

  function define(target, name, value) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  }

  function expose(names) {
    exposed = names.split(',');
  }

  // What only the older engine had.
  function addLegacy() {
    define(globalThis, 'print', log);
  }

  // Made for each call that asks for it, as what it requires would be.
  Object.defineProperty(globalThis, 'Buffer', { get: () => load('buffer', false).Buffer, enumerable: false, configurable: true });
  // The list of the older engine; scripts that see events have it in both.
  define(globalThis, 'getArray', () => {
    const list = [];
    define(list, 'add', value => list.push(value) > 0);
    return list;
  });
  for (const name of Object.keys(globals)) define(globalThis, name, globals[name]);
  for (const name of ['Atomics', 'SharedArrayBuffer', 'WeakRef', 'FinalizationRegistry']) delete globalThis[name];
  define(Math, 'random', () => host.random());

  return { start, stop, rejected, fire, answered, expose, addLegacy };
});
