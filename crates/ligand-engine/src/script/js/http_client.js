// The modules `http` and `https` for hooks: requests that go out through the server's guarded client.
'use strict';
class Emitter {
  #listeners = new Map();

  on(event, listener) {
    if (typeof listener !== 'function') throw new TypeError('The "listener" argument must be of type function.');
    this.#listeners.set(event, [...(this.#listeners.get(event) || []), listener]);
    return this;
  }

  once(event, listener) {
    const wrapped = (...args) => {
      this.removeListener(event, wrapped);
      listener.apply(this, args);
    };
    return this.on(event, wrapped);
  }

  removeListener(event, listener) {
    this.#listeners.set(event, (this.#listeners.get(event) || []).filter(known => known !== listener));
    return this;
  }

  emit(event, ...args) {
    const listeners = this.#listeners.get(event) || [];
    if (event === 'error' && listeners.length === 0) throw args[0];
    for (const listener of listeners) listener.apply(this, args);
    return listeners.length > 0;
  }

  addListener(event, listener) {
    return this.on(event, listener);
  }

  off(event, listener) {
    return this.removeListener(event, listener);
  }
}

class IncomingMessage extends Emitter {
  constructor(status, headers) {
    super();
    this.statusCode = status;
    this.headers = headers;
  }

  setEncoding() {
    return this;
  }

  resume() {
    return this;
  }
}

function addressOf(options, protocol) {
  const scheme = options.protocol || protocol;
  const named = String(options.hostname || options.host || 'localhost');
  const host = named.includes(':') && !named.startsWith('[') && options.hostname ? `[${named}]` : named;
  const port = options.port && !/[^\]]:\d+$/.test(host) ? ':' + options.port : '';
  const path = String(options.path || '/');
  return scheme + '//' + host + port + (path.startsWith('/') ? path : '/' + path);
}

class ClientRequest extends Emitter {
  #url;
  #method;
  #headers = new Map();
  #body = '';
  #hasBody = false;
  #id = null;
  #ended = false;

  constructor(url, options) {
    super();
    this.#url = url;
    this.#method = String(options.method || 'GET').toUpperCase();
    const headers = options.headers || {};
    for (const name of Object.keys(headers)) this.setHeader(name, headers[name]);
    if (options.auth) this.setHeader('Authorization', 'Basic ' + CE.b64(options.auth));
  }

  setHeader(name, value) {
    if (value !== undefined && value !== null) this.#headers.set(String(name).toLowerCase(), String(value));
    return this;
  }

  getHeader(name) {
    return this.#headers.get(String(name).toLowerCase());
  }

  removeHeader(name) {
    this.#headers.delete(String(name).toLowerCase());
  }

  setTimeout() {
    return this;
  }

  write(chunk, ...rest) {
    if (this.#ended) throw new Error('write after end');
    if (chunk instanceof Uint8Array) chunk = Buffer.from(chunk).toString();
    if (typeof chunk !== 'string') {
      throw new TypeError('The "chunk" argument must be of type string.');
    }
    this.#body += chunk;
    this.#hasBody = true;
    const callback = rest.find(item => typeof item === 'function');
    if (callback) queueMicrotask(callback);
    return true;
  }

  end(chunk) {
    if (this.#ended) return this;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.write(chunk);
    this.#ended = true;
    const body = this.#hasBody ? this.#body.toWellFormed() : undefined;
    const answered = (...answer) => this.#answered(...answer);
    this.#id = internals.send(this.#method, this.#url, [...this.#headers], body, answered);
    return this;
  }

  abort() {
    this.#ended = true;
    if (this.#id !== null) internals.abandon(this.#id);
  }

  destroy() {
    this.abort();
    return this;
  }

  #answered(error, status, pairs, body) {
    if (error !== undefined) {
      this.emit('error', new Error(error));
      return;
    }
    const headers = {};
    for (const [name, value] of pairs) {
      headers[name] = Object.hasOwn(headers, name) ? headers[name] + ', ' + value : value;
    }
    const response = new IncomingMessage(status, headers);
    this.emit('response', response);
    queueMicrotask(() => {
      if (body !== '') response.emit('data', body);
      response.emit('end');
      response.emit('close');
    });
  }
}

function client(protocol) {
  function request(target, ...rest) {
    const callback = rest.find(item => typeof item === 'function');
    const isText = typeof target === 'string';
    const options = (isText ? rest[0] : target) || {};
    const url = isText ? target : options.href || addressOf(options, protocol);
    const made = new ClientRequest(String(url).toWellFormed(), options);
    if (callback) made.once('response', callback);
    return made;
  }
  const get = (...args) => request(...args).end();
  return { request, get, ClientRequest, IncomingMessage };
}

module.exports = client;
