// The attributes of a described resource, as fields.
if (response_iserror) {
  done();
} else {
  const described = (response_body && response_body.Resources) || {};
  const resource = described[Object.keys(described)[0]] || {};
  const fields = (resource.attributes || []).map(attribute => ({
    vendorPath: attribute.name,
    // Times are dates to the platform; the vendor's own word stays beside it.
    type: attribute.type === 'datetime' ? 'date' : attribute.type,
    vendorNativeType: attribute.type,
    vendorDisplayName: attribute.title,
    vendorRequired: attribute.mandatory === true,
    vendorReadOnly: attribute.updatable === false,
    custom: /_c$/.test(attribute.name),
    filterable: attribute.queryable === true,
    createable: attribute.updatable !== false,
    updateable: attribute.updatable !== false,
  }));
  done({ response_body: { fields } });
}
