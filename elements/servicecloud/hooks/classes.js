// The general form of objects is no class whose objects could be listed.
if (response_iserror) {
  done();
} else {
  done({ response_body: response_body.filter((found) => found.name !== 'GenericObject') });
}
