// The names of all resources that the site describes.
if (response_iserror) {
  done();
} else {
  const described = (response_body && response_body.Resources) || {};
  done({ response_body: Object.keys(described).map(name => ({ name })) });
}
