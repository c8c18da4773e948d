// Messages in the hub's classic form, beside what the vendor tells of them.
const STATUS = { ACCEPTED: 'sent', PENDING: 'sent', REJECTED: 'failed' };
// As many as the vendor gives at once: there may be more.
const MOST = 1000;

// The vendor writes offsets without a colon.
const seconds = time => new Date(String(time).replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).toISOString().slice(0, 19) + 'Z';

function time(...candidates) {
  for (const candidate of candidates) {
    try {
      if (candidate) return seconds(candidate);
    } catch (broken) {
      // A time that cannot be read is none.
    }
  }
  return null;
}

function classic(record, message, from, at) {
  const group = (record.status && record.status.groupName) || '';
  const status = STATUS[group] || group.toLowerCase();
  const own = Object.assign({}, record);
  delete own.status;
  return Object.assign({
    id: record.messageId,
    providerName: 'INFOBIP',
    providerId: record.messageId,
    message,
    from,
    to: record.to,
    status,
    direction: 'OUTBOUND',
    sent: group !== 'REJECTED',
    received: false,
    sentTime: at,
    createdDate: at,
  }, own, { providerStatus: record.status });
}

const records = Array.isArray(response_body) ? response_body : [];
const logged = record => classic(record, record.text, record.from, time(record.sentAt, record.doneAt));

if (response_iserror) {
  done();
} else if (request_method === 'POST') {
  const answers = (response_body && response_body.messages) || [];
  if (answers.length === 1) {
    const sent = request_vendor_body_map.messages[0];
    const at = time(sent.sendAt, new Date().toISOString());
    done({ response_body: Object.assign(classic(answers[0], String(sent.text), sent.from, at), response_body) });
  } else {
    done();
  }
} else if (request_path_variables.id !== undefined) {
  const found = records.find(record => record.messageId === request_path_variables.id);
  done(found ? { response_body: logged(found) } : { response_error: 'Not found', response_status_code: 404 });
} else {
  const newest = records.map(logged);
  newest.sort((one, other) => (one.sentTime < other.sentTime ? 1 : one.sentTime > other.sentTime ? -1 : 0));
  done({
    response_body: newest,
    response_headers: Object.assign({}, response_headers, { more: String(records.length >= MOST) }),
  });
}
