'use strict';
// The module `buffer`, and the global `Buffer`: bytes made of texts and back, as Node's has them. What reads and writes
// numbers of several bytes is not here.
class Bytes extends Uint8Array {}

const REPLACEMENT = 0xfffd;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));
VALUES.set('-', 62).set('_', 63);

function utf8Bytes(text) {
  const bytes = [];
  for (const letter of text) {
    let code = letter.codePointAt(0);
    if (code >= 0xd800 && code <= 0xdfff) code = REPLACEMENT;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

// How many bytes follow a first one, what of it counts, and the least second byte and the greatest.
function lead(byte) {
  if (byte >= 0xc2 && byte < 0xe0) return [1, byte & 31, 0x80, 0xbf];
  if (byte >= 0xe0 && byte < 0xf0) return [2, byte & 15, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf];
  if (byte >= 0xf0 && byte < 0xf5) return [3, byte & 7, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf];
  return null;
}

function utf8Text(bytes) {
  const parts = [];
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte < 0x80) {
      parts.push(String.fromCharCode(byte));
      continue;
    }
    const found = lead(byte);
    let code = REPLACEMENT;
    if (found !== null) {
      let [left, value, least, greatest] = found;
      while (left > 0 && index + 1 < bytes.length && bytes[index + 1] >= least && bytes[index + 1] <= greatest) {
        index += 1;
        left -= 1;
        value = (value << 6) | (bytes[index] & 63);
        [least, greatest] = [0x80, 0xbf];
      }
      if (left === 0) code = value;
    }
    parts.push(String.fromCodePoint(code));
  }
  return parts.join('');
}

function base64Bytes(text) {
  const bytes = [];
  let [held, bits] = [0, 0];
  for (const letter of text) {
    if (letter === '=') break;
    const value = VALUES.get(letter);
    if (value === undefined) continue;
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
  }
  return bytes;
}

function base64Text(bytes) {
  const parts = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const three = (bytes[index] << 16) | ((bytes[index + 1] || 0) << 8) | (bytes[index + 2] || 0);
    const count = Math.min(bytes.length - index, 3);
    const letters = [18, 12, 6, 0].map((shift, place) => (place <= count ? ALPHABET[(three >> shift) & 63] : '='));
    parts.push(letters.join(''));
  }
  return parts.join('');
}

function hexBytes(text) {
  const bytes = [];
  for (let index = 0; index + 1 < text.length; index += 2) {
    const pair = text.slice(index, index + 2);
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) break;
    bytes.push(parseInt(pair, 16));
  }
  return bytes;
}

const each = (bytes, show) => {
  const parts = [];
  for (let index = 0; index < bytes.length; index += 1) parts.push(show(bytes[index]));
  return parts.join('');
};
const single = mask => ({
  bytes: text => {
    const bytes = [];
    for (let index = 0; index < text.length; index += 1) bytes.push(text.charCodeAt(index) & 255);
    return bytes;
  },
  text: bytes => each(bytes, byte => String.fromCharCode(byte & mask)),
});
const wide = {
  bytes: text => {
    const bytes = [];
    for (let index = 0; index < text.length; index += 1) bytes.push(text.charCodeAt(index) & 255, text.charCodeAt(index) >> 8);
    return bytes;
  },
  text: bytes => {
    const parts = [];
    for (let index = 0; index + 1 < bytes.length; index += 2) parts.push(String.fromCharCode(bytes[index] | (bytes[index + 1] << 8)));
    return parts.join('');
  },
};
const utf8 = { bytes: utf8Bytes, text: utf8Text };
const base64url = text => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const CODINGS = new Map([
  ['utf8', utf8],
  ['utf-8', utf8],
  ['hex', { bytes: hexBytes, text: bytes => each(bytes, byte => byte.toString(16).padStart(2, '0')) }],
  ['base64', { bytes: base64Bytes, text: base64Text }],
  ['base64url', { bytes: base64Bytes, text: bytes => base64url(base64Text(bytes)) }],
  ['latin1', single(255)],
  ['binary', single(255)],
  ['ascii', single(127)],
  ['utf16le', wide],
  ['utf-16le', wide],
  ['ucs2', wide],
  ['ucs-2', wide],
]);

function coding(name) {
  const found = CODINGS.get(String(name || 'utf8').toLowerCase());
  if (found === undefined) throw new TypeError(`Unknown encoding: ${name}`);
  return found;
}

function demandSize(size) {
  if (typeof size !== 'number') throw new TypeError('The "size" argument must be of type number.');
  if (!(size >= 0 && size <= 0x7fffffff)) throw new RangeError(`The value of "size" is out of range. Received ${size}`);
  return Math.trunc(size);
}

function from(value, ...rest) {
  if (typeof value === 'string') return new Bytes(coding(rest[0]).bytes(value));
  if (value instanceof ArrayBuffer) return new Bytes(value, ...rest);
  if (typeof value === 'object' && value !== null) {
    if (value.type === 'Buffer' && Array.isArray(value.data)) return new Bytes(value.data);
    if (typeof value.length === 'number') return new Bytes(Array.from(value));
    const inner = value.valueOf();
    if (inner !== value && inner !== null && inner !== undefined) return from(inner, ...rest);
  }
  throw new TypeError('The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array.');
}

function Buffer(value, ...rest) {
  return typeof value === 'number' ? new Bytes(demandSize(value)) : from(value, ...rest);
}

Buffer.prototype = Bytes.prototype;
Buffer.poolSize = 8192;
Buffer.from = from;
Buffer.alloc = (size, fill, encoding) => {
  const made = new Bytes(demandSize(size));
  if (fill === undefined || fill === 0) return made;
  const pattern = typeof fill === 'number' ? [fill & 255] : from(fill, encoding);
  for (let index = 0; pattern.length > 0 && index < made.length; index += 1) made[index] = pattern[index % pattern.length];
  return made;
};
Buffer.allocUnsafe = Buffer.alloc;
Buffer.allocUnsafeSlow = Buffer.alloc;
Buffer.isBuffer = value => value instanceof Bytes;
Buffer.isEncoding = name => typeof name === 'string' && CODINGS.has(name.toLowerCase());
Buffer.byteLength = (value, encoding) => (typeof value === 'string' ? coding(encoding).bytes(value).length : value.byteLength);
Buffer.compare = (one, other) => {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    if (one[index] !== other[index]) return one[index] < other[index] ? -1 : 1;
  }
  return Math.sign(one.length - other.length);
};
// Answers of http requests come as texts, and are put together like this all the same.
Buffer.concat = (list, total) => {
  if (!Array.isArray(list)) throw new TypeError('The "list" argument must be an instance of Array.');
  const parts = list.map(part => (part instanceof Uint8Array ? part : from(part)));
  const whole = new Bytes(demandSize(total === undefined ? parts.reduce((sum, part) => sum + part.length, 0) : total));
  let at = 0;
  for (const part of parts) {
    const fitting = part.subarray(0, Math.max(0, whole.length - at));
    whole.set(fitting, at);
    at += fitting.length;
  }
  return whole;
};

const methods = {
  toString(encoding, start, end) {
    return coding(encoding).text(start === undefined && end === undefined ? this : this.subarray(start, end));
  },
  toJSON() {
    return { type: 'Buffer', data: Array.from(this) };
  },
  equals(other) {
    return Buffer.compare(this, other) === 0;
  },
  compare(other) {
    return Buffer.compare(this, other);
  },
  slice(start, end) {
    return this.subarray(start, end);
  },
  write(text, ...rest) {
    const offset = typeof rest[0] === 'number' ? rest[0] : 0;
    const bytes = coding(rest.find(item => typeof item === 'string')).bytes(String(text));
    const count = Math.max(0, Math.min(bytes.length, this.length - offset, typeof rest[1] === 'number' ? rest[1] : Infinity));
    this.set(bytes.slice(0, count), offset);
    return count;
  },
};
for (const name of Object.keys(methods)) {
  Object.defineProperty(Bytes.prototype, name, { value: methods[name], writable: true, configurable: true });
}

module.exports = { Buffer, kMaxLength: 0x7fffffff };
