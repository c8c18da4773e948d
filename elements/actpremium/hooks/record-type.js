// The vendor's name for a kind of record, of which it describes the fields. Others it does not describe.
const TYPES = {
  contacts: 'Contact', companies: 'Company', groups: 'Group', opportunities: 'Opportunity', activities: 'Activity',
  notes: 'Note', history: 'History', products: 'Product',
};
const wanted = String(request_path_variables.objectName).toLowerCase();
if (Object.prototype.hasOwnProperty.call(TYPES, wanted)) {
  done({ request_vendor_parameters: { recordType: TYPES[wanted] } });
} else {
  done({ continue: false, response_status_code: 404 });
}
