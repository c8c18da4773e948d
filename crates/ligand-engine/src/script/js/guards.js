// Runs once in every realm: puts bounds on built-in functions that go through a length without ever asking whether
// they must stop. `pause` throws when they must; it is asked where much is to be done. `isProxy` tells objects that can
// say one thing now and another one later.
(function (pause, isProxy) {
  'use strict';
  const MOST_ITEMS = 1 << 22;
  const MOST_STEPS = 5e8;
  const MANY = 1e6;
  const LONG = 1e5;
  const MOST_NAMES = 1000;
  const { apply } = Reflect;
  const { getOwnPropertyDescriptor, defineProperty } = Object;
  const { isArray } = Array;
  const { forEach } = Array.prototype;
  const { isView } = ArrayBuffer;

  function weigh(steps, most, message) {
    if (!(steps <= most)) throw new RangeError(message);
    if (steps > MANY) pause();
  }

  // The length that a function will see, where it is certain; a getter might tell another one next time.
  function weighItems(list) {
    if ((typeof list !== 'object' && typeof list !== 'function') || list === null || isView(list)) return;
    if (isProxy(list)) throw new TypeError('A Proxy cannot be used here');
    const own = getOwnPropertyDescriptor(list, 'length');
    if (own === undefined && !('length' in list)) return;
    const { value } = own || {};
    weigh(typeof value === 'number' || typeof value === 'string' ? +value || 0 : NaN, MOST_ITEMS, 'Invalid array length');
  }

  function replace(holder, name, make) {
    const native = holder[name];
    const value = make(native);
    defineProperty(value, 'name', { value: name });
    defineProperty(value, 'length', { value: native.length });
    defineProperty(holder, name, { value });
  }

  for (const name of ['reverse', 'shift', 'unshift', 'splice', 'slice', 'copyWithin', 'join', 'toLocaleString']) {
    replace(Array.prototype, name, native => ({
      method(...args) {
        weighItems(this);
        return apply(native, this, args);
      },
    }).method);
  }

  // As texts, one comparison after another: comparing within the native function would never ask.
  const byText = (one, other) => {
    const left = String(one);
    const right = String(other);
    return left < right ? -1 : left > right ? 1 : 0;
  };
  replace(Array.prototype, 'sort', native => ({
    method(comparator) {
      weighItems(this);
      return apply(native, this, [comparator === undefined ? byText : comparator]);
    },
  }).method);
  replace(Array.prototype, 'toSorted', native => ({
    method(comparator) {
      weighItems(this);
      return apply(native, this, [comparator === undefined ? byText : comparator]);
    },
  }).method);

  replace(Array.prototype, 'concat', native => ({
    method(...args) {
      weighItems(this);
      for (const item of args) weighItems(item);
      return apply(native, this, args);
    },
  }).method);

  replace(Array.prototype, 'flat', () => ({
    method(depth = 1) {
      const items = [];
      const add = (list, left) => {
        apply(forEach, list, [item => (isArray(item) && left > 0 ? add(item, left - 1) : items.push(item))]);
      };
      add(this, Number(depth) || 0);
      return items;
    },
  }).method);

  replace(Array.prototype, 'flatMap', () => ({
    method(callback, receiver) {
      if (typeof callback !== 'function') throw new TypeError('flatMap mapper function is not callable');
      const items = [];
      apply(forEach, this, [(item, index, list) => {
        const found = apply(callback, receiver, [item, index, list]);
        if (isArray(found)) apply(forEach, found, [inner => items.push(inner)]);
        else items.push(found);
      }]);
      return items;
    },
  }).method);

  for (const [name, symbol] of [
    ['indexOf'], ['lastIndexOf'], ['includes'],
    ['split', Symbol.split], ['replace', Symbol.replace], ['replaceAll', Symbol.replace],
  ]) {
    replace(String.prototype, name, native => ({
      method(sought, ...args) {
        const isSimple = typeof this === 'string' && typeof sought === 'string';
        const isOwn = typeof sought === 'object' && sought !== null && (symbol ? sought[symbol] : sought instanceof RegExp);
        if (this === undefined || this === null || sought === undefined || isOwn) return apply(native, this, [sought, ...args]);
        const text = isSimple ? this : String(this);
        const part = isSimple ? sought : String(sought);
        weigh((text.length - part.length) * part.length, MOST_STEPS, 'Invalid string length');
        return apply(native, text, [part, ...args]);
      },
    }).method);
  }

  // What goes through a long text, or through much memory, from end to end.
  for (const name of ['toLowerCase', 'toUpperCase', 'toLocaleLowerCase', 'toLocaleUpperCase', 'trim', 'trimStart', 'trimEnd',
    'repeat', 'isWellFormed', 'toWellFormed', 'startsWith', 'endsWith', 'padStart', 'padEnd', 'match', 'matchAll', 'search']) {
    replace(String.prototype, name, native => ({
      method(...args) {
        if (typeof this === 'string' && this.length > LONG) pause();
        return apply(native, this, args);
      },
    }).method);
  }

  // Marks that combine are put in order one by one, which takes the square of how many follow each other.
  const MANY_MARKS = /\p{M}{2000}/u;
  const { exec } = RegExp.prototype;
  for (const name of ['normalize', 'localeCompare']) {
    replace(String.prototype, name, native => ({
      method(...args) {
        const texts = [this, args[0]];
        for (const text of texts) {
          if (typeof text !== 'string' || text.length <= 2000) continue;
          pause();
          if (apply(exec, MANY_MARKS, [text]) !== null) throw new RangeError('Invalid string length');
        }
        return apply(native, this, args);
      },
    }).method);
  }

  const Typed = Object.getPrototypeOf(Uint8Array);
  const lengthOf = getOwnPropertyDescriptor(Typed.prototype, 'length').get;
  for (const name of ['copyWithin', 'fill', 'includes', 'indexOf', 'join', 'lastIndexOf', 'reverse', 'set', 'slice', 'sort',
    'toLocaleString', 'toReversed', 'toSorted', 'toString', 'with']) {
    replace(Typed.prototype, name, native => ({
      method(...args) {
        if (isView(this) && apply(lengthOf, this, []) > LONG) pause();
        return apply(native, this, args);
      },
    }).method);
  }
  for (const name of ['resize', 'slice', 'transfer', 'transferToFixedLength']) {
    if (!(name in ArrayBuffer.prototype)) continue;
    replace(ArrayBuffer.prototype, name, native => ({
      method(...args) {
        pause();
        return apply(native, this, args);
      },
    }).method);
  }

  for (const name of ['parse', 'stringify']) {
    replace(JSON, name, native => ({
      method(...args) {
        const [value, names] = args;
        if (name === 'stringify' || (typeof value === 'string' && value.length > LONG)) pause();
        if (isArray(names)) {
          weighItems(names);
          if (names.length > MOST_NAMES) throw new RangeError('Invalid array length');
        }
        return apply(native, this, args);
      },
    }).method);
  }

  for (const name of ['encodeURI', 'encodeURIComponent', 'decodeURI', 'decodeURIComponent', 'escape', 'unescape',
    'parseFloat', 'parseInt']) {
    replace(globalThis, name, native => ({
      method(...args) {
        if (typeof args[0] === 'string' && args[0].length > LONG) pause();
        return apply(native, this, args);
      },
    }).method);
  }

  // Passes over what the iterator has, one after the other, and so asks.
  const { drop } = Iterator.prototype;
  replace(Iterator.prototype, 'drop', () => ({
    method(count) {
      const left = Math.trunc(Number(count));
      if (!(left > MANY)) return apply(drop, this, [count]);
      const next = this.next;
      for (let passed = 0; passed < left; passed += 1) {
        if (apply(next, this, []).done) break;
      }
      return apply(drop, this, [0]);
    },
  }).method);

  replace(String, 'raw', () => ({
    method({ raw }, ...values) {
      const length = Number(raw.length) || 0;
      let text = '';
      for (let index = 0; index < length; index += 1) {
        text += String(raw[index]);
        if (index + 1 < length && index < values.length) text += String(values[index]);
      }
      return text;
    },
  }).method);
});
