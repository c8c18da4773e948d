'use strict';
// The module `url`: addresses taken apart, put together and resolved, as the older functions of Node's module do.
const querystring = require('querystring');

const WITH_HOST = ['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:'];
const MEMBERS = ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href'];

function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at)];
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (_) {
    return text;
  }
}

function parse(address, parseQuery, slashesDenoteHost) {
  if (typeof address === 'object' && address !== null) return address;
  if (typeof address !== 'string') throw new TypeError('The "url" argument must be of type string.');
  const url = {};
  for (const member of MEMBERS) url[member] = null;
  let rest = address.trim();
  [rest, url.hash] = cut(rest, '#');
  [rest, url.search] = cut(rest, '?');
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(rest);
  if (scheme !== null) {
    url.protocol = scheme[0].toLowerCase();
    rest = rest.slice(scheme[0].length);
  }
  if (rest.startsWith('//') && (url.protocol !== null || slashesDenoteHost)) {
    url.slashes = true;
    let authority;
    [authority, rest] = cut(rest.slice(2), '/');
    const at = authority.lastIndexOf('@');
    if (at >= 0) {
      url.auth = decoded(authority.slice(0, at));
      authority = authority.slice(at + 1);
    }
    url.host = authority.toLowerCase();
    const port = /:(\d*)$/.exec(url.host);
    url.port = port !== null && port[1] !== '' ? port[1] : null;
    url.hostname = (port === null ? url.host : url.host.slice(0, port.index)).replace(/^\[(.*)\]$/, '$1');
    if (port !== null && port[1] === '') url.host = url.host.slice(0, port.index);
    rest = rest === null && WITH_HOST.includes(url.protocol) ? '/' : rest;
  }
  url.pathname = rest === '' ? null : rest;
  url.query = url.search === null ? null : url.search.slice(1);
  if (parseQuery) {
    url.search = url.search || '';
    url.query = querystring.parse(url.query || '');
  }
  url.path = url.pathname === null && !url.search ? null : (url.pathname || '') + (url.search || '');
  url.href = format(url);
  return url;
}

function format(address) {
  const url = typeof address === 'string' ? parse(address) : address;
  if (typeof url !== 'object' || url === null) throw new TypeError('The "urlObject" argument must be of type object or string.');
  let protocol = url.protocol || '';
  if (protocol !== '' && !protocol.endsWith(':')) protocol += ':';
  const auth = url.auth ? encodeURIComponent(url.auth).replace(/%3A/i, ':') + '@' : '';
  let host = null;
  if (url.host) host = auth + url.host;
  else if (url.hostname) {
    const named = String(url.hostname);
    host = auth + (named.includes(':') && !named.startsWith('[') ? `[${named}]` : named) + (url.port ? ':' + url.port : '');
  }
  const isMap = typeof url.query === 'object' && url.query !== null;
  let search = url.search || (isMap ? querystring.stringify(url.query) : '');
  if (!url.search && typeof url.query === 'string') search = url.query;
  if (search !== '' && !search.startsWith('?')) search = '?' + search;
  let hash = url.hash || '';
  if (hash !== '' && !hash.startsWith('#')) hash = '#' + hash;
  let pathname = (url.pathname || '').replace(/[?#]/g, encodeURIComponent);
  const hasSlashes = url.slashes || ((protocol === '' || WITH_HOST.includes(protocol)) && host !== null);
  if (hasSlashes && pathname !== '' && !pathname.startsWith('/')) pathname = '/' + pathname;
  return protocol + (hasSlashes ? '//' + (host || '') : host || '') + pathname + search.replace('#', '%23') + hash;
}

// Without its dots.
function straight(path) {
  const kept = [];
  const parts = path.split('/');
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1;
    if (part === '..') {
      if (kept.length > 1) kept.pop();
    } else if (part !== '.') {
      kept.push(part);
      return;
    }
    if (isLast) kept.push('');
  });
  return kept.join('/');
}

function resolve(from, to) {
  const base = parse(from, false, true);
  const target = parse(to, false, true);
  if (target.protocol !== null && target.protocol !== base.protocol) return target.href;
  if (target.host) return format({ ...target, protocol: target.protocol || base.protocol, pathname: straight(target.pathname || '/') });
  const result = { ...base, hash: target.hash };
  if (target.pathname === null) {
    if (target.search !== null) Object.assign(result, { search: target.search, query: target.query });
    return format(result);
  }
  const directory = (base.pathname || '/').replace(/[^/]*$/, '');
  const pathname = target.pathname.startsWith('/') ? target.pathname : directory + target.pathname;
  return format({ ...result, pathname: straight(pathname), search: target.search, query: target.query });
}

module.exports = { parse, format, resolve };
