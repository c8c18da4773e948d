'use strict';
// Queries as texts and as objects, as Node's module of this name has them.
const MOST_PAIRS = 1000;

function escape(text) {
  return encodeURIComponent(String(text));
}

function unescape(text) {
  try {
    return decodeURIComponent(text);
  } catch (_) {
    return text;
  }
}

function primitive(value) {
  const kind = typeof value;
  if (kind === 'string' || kind === 'boolean') return String(value);
  return kind === 'number' && isFinite(value) ? String(value) : '';
}

function stringify(object, separator = '&', equals = '=', options = {}) {
  if (typeof object !== 'object' || object === null) return '';
  const encode = options.encodeURIComponent || exports.escape;
  const pairs = [];
  for (const name of Object.keys(object)) {
    const value = object[name];
    for (const item of Array.isArray(value) ? value : [value]) {
      pairs.push(encode(primitive(name)) + (equals || '=') + encode(primitive(item)));
    }
  }
  return pairs.join(separator || '&');
}

function parse(text, separator = '&', equals = '=', options = {}) {
  const found = Object.create(null);
  if (typeof text !== 'string' || text === '') return found;
  const decode = options.decodeURIComponent || exports.unescape;
  const most = typeof options.maxKeys === 'number' ? options.maxKeys : MOST_PAIRS;
  const pairs = text.split(separator || '&').filter(pair => pair !== '');
  const sign = equals || '=';
  for (const pair of most > 0 ? pairs.slice(0, most) : pairs) {
    const plain = pair.split('+').join(' ');
    const at = plain.indexOf(sign);
    const name = decode(at < 0 ? plain : plain.slice(0, at));
    const value = at < 0 ? '' : decode(plain.slice(at + sign.length));
    if (!(name in found)) found[name] = value;
    else if (Array.isArray(found[name])) found[name].push(value);
    else found[name] = [found[name], value];
  }
  return found;
}

Object.assign(exports, { escape, unescape, stringify, parse, encode: stringify, decode: parse });
