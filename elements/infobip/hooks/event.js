// Delivery reports and inbound messages, as Infobip posts them to a notifyUrl.
const seconds = time => new Date(String(time).replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).toISOString().slice(0, 19) + 'Z';

function date(time) {
  try {
    return time ? seconds(time) : undefined;
  } catch (broken) {
    return undefined;
  }
}

if (Array.isArray(events.results)) {
  done({
    events: events.results.map(result => ({
      event_object_type: result.receivedAt === undefined ? 'reports' : 'inbound',
      event_object_id: result.messageId,
      event_type: 'CREATED',
      event_date: date(result.receivedAt || result.doneAt),
    })),
  });
} else {
  done({});
}
