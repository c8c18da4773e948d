// Turns what callers give as `to` (a number, a list with commas, or an array of these or of the vendor's own
// destinations) into destinations, and says which member is missing.
const MAX = 10000;

function of(given) {
  if (given === null || given === undefined) return [];
  if (Array.isArray(given)) return given.slice(0, MAX + 1).flatMap(of);
  if (typeof given === 'number') return [{ to: String(given) }];
  if (typeof given === 'string') {
    return given.split(/[,;]/).map(number => number.trim()).filter(number => number !== '').map(to => ({ to }));
  }
  if (typeof given === 'object' && given.to !== undefined) return of(given.to).map(one => Object.assign({}, given, one));
  return [null];
}

function send() {
  if (request_body === null || typeof request_body !== 'object' || Array.isArray(request_body)) {
    return { response_error: 'The request body must be a JSON object' };
  }
  const body = request_vendor_body_map;
  const message = body.messages[0];
  const destinations = of(message.destinations);
  if (destinations.length === 0) return { response_error: 'The required parameter to is missing' };
  if (destinations.includes(null)) {
    return { response_error: 'to must be a number, a list of numbers with commas, or an array of numbers' };
  }
  if (destinations.length > MAX) return { response_error: `to may name at most ${MAX} numbers` };
  if (message.text === undefined || message.text === null || message.text === '') {
    return { response_error: 'The required parameter message is missing' };
  }
  message.destinations = destinations;
  if (message.notifyUrl && !message.notifyContentType) message.notifyContentType = 'application/json';
  return { request_vendor_body: body };
}

done(send());
