'use strict';
// Digests and keyed digests, as Node's module of this name has them; data and keys are texts, and a digest is told in
// hexadecimal or base64. Its other functions are not here.
const ENCODINGS = ['hex', 'base64'];

function demandText(value, name) {
  if (typeof value !== 'string') throw new TypeError(`The "${name}" argument must be of type string.`);
  return value.toWellFormed();
}

function collecting(finish) {
  const pieces = [];
  let isDone = false;
  const demandOpen = () => {
    if (isDone) throw new Error('Digest already called');
  };
  return {
    update(data) {
      demandOpen();
      pieces.push(demandText(data, 'data'));
      return this;
    },
    digest(encoding) {
      demandOpen();
      if (!ENCODINGS.includes(encoding)) throw new TypeError('The "encoding" argument must be \'hex\' or \'base64\'.');
      isDone = true;
      return finish(encoding, pieces.join(''));
    },
  };
}

exports.createHash = algorithm => {
  const digest = (encoding, data) => internals.digest(demandText(algorithm, 'algorithm'), encoding, data);
  digest('hex', '');
  return collecting(digest);
};

exports.createHmac = (algorithm, key) => {
  const secret = demandText(key, 'key');
  const digest = (encoding, data) => internals.hmac(demandText(algorithm, 'hmac'), encoding, secret, data);
  digest('hex', '');
  return collecting(digest);
};
