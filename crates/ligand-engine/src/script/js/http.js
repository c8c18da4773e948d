// The module `http`: requests without a stated scheme go out in the clear.
module.exports = require('http.client')('http:');
