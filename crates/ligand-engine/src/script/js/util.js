// The module `util` for hooks: formatting, inspection and the few tests that scripts use.
'use strict';
const MAX_DEPTH = 4;
const MAX_ITEMS = 100;
const tag = value => Object.prototype.toString.call(value).slice(8, -1);
const isObject = value => typeof value === 'object' && value !== null;

const types = {
  isDate: value => isObject(value) && tag(value) === 'Date',
  isRegExp: value => isObject(value) && tag(value) === 'RegExp',
  isMap: value => isObject(value) && tag(value) === 'Map',
  isSet: value => isObject(value) && tag(value) === 'Set',
  isPromise: value => isObject(value) && tag(value) === 'Promise',
  isNativeError: value => value instanceof Error,
  isTypedArray: value => ArrayBuffer.isView(value) && tag(value) !== 'DataView',
  isArrayBuffer: value => isObject(value) && tag(value) === 'ArrayBuffer',
  isAsyncFunction: value => typeof value === 'function' && tag(value) === 'AsyncFunction',
  isGeneratorFunction: value => typeof value === 'function' && tag(value) === 'GeneratorFunction',
};

const quote = text => "'" + JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'") + "'";

function keyText(key) {
  if (typeof key === 'symbol') return '[' + String(key) + ']';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

function listed(open, parts, more, close) {
  if (more > 0) parts.push(`... ${more} more item${more > 1 ? 's' : ''}`);
  if (parts.length === 0) return open + close;
  const line = open + ' ' + parts.join(', ') + ' ' + close;
  if (line.length <= 76 && !line.includes('\n')) return line;
  return open + '\n  ' + parts.join(',\n').replace(/\n/g, '\n  ') + '\n' + close;
}

function inspectObject(value, depth, above) {
  if (above.includes(value)) return '[Circular *1]';
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (types.isRegExp(value)) return String(value);
  if (value instanceof Error) return value.stack ? `${value}\n${value.stack}`.trimEnd() : `[${value}]`;
  if (types.isPromise(value)) return 'Promise { <pending> }';
  const isList = Array.isArray(value) || types.isTypedArray(value);
  if (depth < 0) return isList ? '[Array]' : '[Object]';
  const show = item => inspectValue(item, depth - 1, [...above, value]);
  if (isList) {
    return listed('[', Array.from(value.slice(0, MAX_ITEMS), show), value.length - MAX_ITEMS, ']');
  }
  if (types.isMap(value)) {
    const parts = [...value].slice(0, MAX_ITEMS).map(([key, item]) => `${show(key)} => ${show(item)}`);
    return listed(`Map(${value.size}) {`, parts, value.size - MAX_ITEMS, '}');
  }
  if (types.isSet(value)) {
    return listed(`Set(${value.size}) {`, [...value].slice(0, MAX_ITEMS).map(show), value.size - MAX_ITEMS, '}');
  }
  const keys = Reflect.ownKeys(value).filter(key => Object.getOwnPropertyDescriptor(value, key).enumerable);
  const parts = keys.slice(0, MAX_ITEMS).map(key => {
    const { get, set } = Object.getOwnPropertyDescriptor(value, key);
    const accessor = get && set ? '[Getter/Setter]' : get ? '[Getter]' : '[Setter]';
    return keyText(key) + ': ' + (get || set ? accessor : show(value[key]));
  });
  const prototype = Object.getPrototypeOf(value);
  const name = prototype === null ? '[Object: null prototype]' : prototype.constructor && prototype.constructor.name;
  return listed((name && name !== 'Object' ? name + ' ' : '') + '{', parts, keys.length - MAX_ITEMS, '}');
}

function inspectValue(value, depth, above) {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'symbol':
      return value.toString();
    case 'function':
      return value.name ? `[Function: ${value.name}]` : '[Function (anonymous)]';
    case 'object':
      return value === null ? 'null' : inspectObject(value, depth, above);
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function inspect(value, options) {
  const depth = isObject(options) && typeof options.depth === 'number' ? Math.min(options.depth, 20) : MAX_DEPTH - 2;
  return inspectValue(value, depth, []);
}

const number = (value, parse) => (isObject(value) ? 'NaN' : String(parse(value)));
const directives = {
  s: value => (typeof value === 'string' ? value : isObject(value) ? inspectValue(value, 0, []) : inspectText(value)),
  d: value => number(value, Number),
  i: value => number(value, item => parseInt(item, 10)),
  f: value => String(parseFloat(value)),
  j: value => {
    try {
      return JSON.stringify(value);
    } catch (_) {
      return '[Circular]';
    }
  },
  o: value => inspect(value, { depth: 4 }),
  O: value => inspect(value),
  c: () => '',
};

function inspectText(value) {
  return typeof value === 'string' ? value : inspect(value);
}

function format(first, ...rest) {
  if (typeof first !== 'string') return [first, ...rest].map(inspectText).join(' ');
  let used = 0;
  const text = first.replace(/%([sdifjoOc%])/g, (whole, letter) => {
    if (letter === '%') return rest.length > 0 ? '%' : whole;
    return used < rest.length ? directives[letter](rest[used++]) : whole;
  });
  return [text, ...rest.slice(used).map(inspectText)].join(' ');
}

function promisify(original) {
  if (typeof original !== 'function') throw new TypeError('The "original" argument must be of type function.');
  return function (...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (error, value) => (error ? reject(error) : resolve(value))]);
    });
  };
}

function callbackify(original) {
  return function (...args) {
    const callback = args.pop();
    Reflect.apply(original, this, args).then(
      value => setImmediate(callback, null, value),
      error => setImmediate(callback, error),
    );
  };
}

function equalItems(left, right, above) {
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every(key => Object.hasOwn(right, key) && equal(left[key], right[key], above));
}

function equal(left, right, above) {
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right) || Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (above.some(([a, b]) => a === left && b === right)) return true;
  above = [...above, [left, right]];
  if (types.isDate(left)) return left.getTime() === right.getTime();
  if (types.isRegExp(left)) return String(left) === String(right);
  if (types.isMap(left) || types.isSet(left)) {
    return left.size === right.size && equal([...left], [...right], above);
  }
  if (Array.isArray(left) && left.length !== right.length) return false;
  return equalItems(left, right, above);
}

function inherits(constructor, parent) {
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

module.exports = {
  callbackify,
  deprecate: original => original,
  format,
  inherits,
  inspect,
  isArray: Array.isArray,
  isDeepStrictEqual: (left, right) => equal(left, right, []),
  promisify,
  types,
};
