// The module `https`: requests without a stated scheme go out encrypted.
module.exports = require('http.client')('https:');
