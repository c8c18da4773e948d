// The fields of the class, without the flags that empty them, and in the place of the general form of custom fields
// those that the site has, as its objects show them: {"name": "c", "dataValue": {"objectValue": {"genericFields": […]}}}.
const kinds = {
  integer: 'number', number: 'number', dateTime: 'date', time: 'string', 'base64 text': 'string', list: 'array',
};
const custom = {
  BOOLEAN: 'boolean', INTEGER: 'integer', LONG: 'integer', DECIMAL: 'number', DATE: 'date', DATETIME: 'dateTime',
};
// What the service sets itself.
const readOnly = /^(id\.id|lookupName|createdTime|updatedTime)$/;

const shown = (field, isCustom) => {
  const isReadOnly = readOnly.test(field.path);
  const method = (name, request) => ({ name, request: request && !isReadOnly, response: true });
  const whole = {
    type: kinds[field.type] || field.type,
    vendorPath: field.path,
    vendorNativeType: field.type,
    vendorRequired: field.required === true,
    vendorReadOnly: isReadOnly,
    hidden: false,
    method: [method('GET', false), method('POST', true), method('PATCH', true)],
  };
  if (field.picklistValues) whole.picklistValues = field.picklistValues;
  if (isCustom) whole.custom = true;
  return whole;
};

const own = (request_previous_response || [])
  .filter((field) => !/(^|\.)validNullFields(\.|$)/.test(field.path) && !/^customFields\./.test(field.path))
  .map((field) => shown(field, false));
const inside = (object) => (object && object.genericFields) || [];
const sample = (Array.isArray(response_body) ? response_body : [])[0] || {};
const added = [];
inside(sample.customFields).forEach((part) => {
  inside(part.dataValue && part.dataValue.objectValue).forEach((field) => {
    const path = `customFields.${part.name}.${field.name}`;
    added.push(shown({ path, type: custom[field.dataType] || 'string' }, true));
  });
});
const asked = String((request_parameters || {}).customFieldsOnly).toLowerCase() === 'true';
done({ response_body: { fields: asked ? added : own.concat(added) } });
