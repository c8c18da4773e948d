// Runs once in every realm: takes away integers without bound, whose arithmetic can take hours and never asks whether
// it must stop. Hooks' bodies are searched for them before they run; `demand` throws for a text that has one. Code made
// of text sees globals, and no local names.
(function (demand) {
  'use strict';
  const { defineProperty, getPrototypeOf } = Object;
  const { construct } = Reflect;
  const evaluate = eval;
  for (const name of ['BigInt', 'BigInt64Array', 'BigUint64Array']) delete globalThis[name];
  for (const name of ['getBigInt64', 'getBigUint64', 'setBigInt64', 'setBigUint64']) delete DataView.prototype[name];

  function put(holder, name, value) {
    defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true });
  }

  put(globalThis, 'eval', {
    eval(text) {
      if (typeof text !== 'string') return text;
      demand(text);
      return evaluate(text);
    },
  }.eval);

  for (const kind of [function () {}, async function () {}, function* () {}, async function* () {}].map(getPrototypeOf)) {
    const native = kind.constructor;
    const checked = function (...parts) {
      const texts = parts.map(part => String(part));
      texts.forEach(demand);
      return construct(native, texts, new.target || native);
    };
    defineProperty(checked, 'name', { value: native.name });
    defineProperty(checked, 'length', { value: 1 });
    defineProperty(checked, 'prototype', { value: kind, writable: false });
    put(kind, 'constructor', checked);
  }
  put(globalThis, 'Function', getPrototypeOf(function () {}).constructor);
});
