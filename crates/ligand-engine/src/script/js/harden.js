// Runs once in a realm that many calls share: makes everything a script can reach immutable, so that nothing written
// in one call is seen in the next. Code from text is not compiled here: its declarations would be global.
(function () {
  'use strict';
  const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf } = Object;
  const { ownKeys } = Reflect;

  // Properties that scripts and libraries set on their own objects, although a prototype has them: frozen data
  // properties would forbid that, so they become accessors that define the property on the object itself.
  function overridable(holder, keys) {
    for (const key of keys) {
      const { value, writable, enumerable } = getOwnPropertyDescriptor(holder, key);
      if (!writable) continue;
      const { get, set } = {
        get() {
          return value;
        },
        set(next) {
          if (this === holder || this === undefined || this === null) {
            throw new TypeError(`Cannot assign to read only property '${String(key)}' of object`);
          }
          defineProperty(this, key, { value: next, writable: true, enumerable: true, configurable: true });
        },
      };
      defineProperty(holder, key, { get, set, enumerable, configurable: false });
    }
  }

  const dataKeys = holder => ownKeys(holder).filter(key => 'value' in getOwnPropertyDescriptor(holder, key));

  const refuse = () => {
    throw new EvalError('Code generation from strings disallowed for this context');
  };
  const NoFunction = function Function() {
    refuse();
  };
  const kinds = [function () {}, async function () {}, function* () {}, async function* () {}].map(getPrototypeOf);
  for (const kind of kinds) {
    defineProperty(kind, 'constructor', { value: NoFunction, writable: false, configurable: false });
  }
  NoFunction.prototype = kinds[0];
  const hide = (name, value) => defineProperty(globalThis, name, { value, enumerable: false });
  hide('Function', NoFunction);
  hide('eval', function () {
    refuse();
  });
  // Both are settings of the whole realm.
  delete Error.prepareStackTrace;
  delete Error.stackTraceLimit;

  overridable(Object.prototype, dataKeys(Object.prototype));
  overridable(kinds[0], ['toString', 'bind']);
  const errors = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];
  for (const error of errors) overridable(error.prototype, dataKeys(error.prototype));

  // What syntax and calls bring forth without a name.
  const unnamed = [
    ...kinds,
    (function () {
      return getOwnPropertyDescriptor(arguments, 'callee').get;
    })(),
    (function* () {})(),
    (async function* () {})(),
    [][Symbol.iterator](),
    ''[Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    'a'.matchAll(/a/g),
    Iterator.from({ next() {} }),
    [].values().map(value => value),
    Iterator.concat ? Iterator.concat([]) : undefined,
    new Proxy({}, {}),
  ];
  const pending = [globalThis, ...unnamed];
  const seen = new Set();
  while (pending.length > 0) {
    const value = pending.pop();
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    if (!isObject || seen.has(value)) continue;
    seen.add(value);
    pending.push(getPrototypeOf(value));
    for (const key of ownKeys(value)) {
      const property = getOwnPropertyDescriptor(value, key);
      pending.push(property.value, property.get, property.set);
    }
  }
  for (const value of seen) freeze(value);
});
