// The vendor's description of a kind of record, as fields.
const KINDS = {
  string: 'string', uniqueidentifier: 'string', memo: 'string', yesno: 'boolean', boolean: 'boolean', bit: 'boolean',
  datetime: 'date', date: 'date', time: 'date', decimal: 'number', number: 'number', currency: 'number', int: 'number',
  integer: 'number', double: 'number', long: 'number', list: 'array', object: 'object', address: 'object',
};

function field(described) {
  const native = String(described.type || 'string');
  const isCustom = described.isCustom === true;
  const isReadOnly = described.isReadOnly === true;
  return {
    // Fields that the database adds are members of `customFields`, under their alias in lower case.
    vendorPath: isCustom ? `customFields.${String(described.aliasName || described.name).toLowerCase()}` : described.name,
    type: KINDS[native.toLowerCase()] || 'string',
    vendorNativeType: native,
    vendorDisplayName: described.displayName,
    vendorRequired: described.isNullable === false,
    vendorReadOnly: isReadOnly,
    custom: isCustom,
    filterable: true,
    createable: !isReadOnly,
    updateable: !isReadOnly,
  };
}

if (!response_iserror) {
  const described = Array.isArray(response_body) ? response_body : [];
  done({ response_body: { fields: described.filter(one => one && one.name).map(field) } });
} else if (response_status_code === 400) {
  // A kind of record that this version does not describe.
  done({ response_status_code: 404 });
} else {
  done();
}
