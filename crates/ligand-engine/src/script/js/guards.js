// Runs once in every realm: puts bounds on built-in functions that go through a length without ever asking whether
// they must stop. `pause` throws when they must; it is asked where much is to be done.
(function (pause) {
  'use strict';
  const MOST_ITEMS = 1 << 22;
  const MOST_STEPS = 5e8;
  const MANY = 1e6;
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

  for (const name of ['reverse', 'shift', 'unshift', 'splice', 'copyWithin', 'join', 'sort', 'toLocaleString']) {
    replace(Array.prototype, name, native => ({
      method(...args) {
        weighItems(this);
        return apply(native, this, args);
      },
    }).method);
  }

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
