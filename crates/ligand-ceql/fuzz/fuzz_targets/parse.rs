//! What parses prints to a text that parses to the same; nothing panics on the way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ligand_ceql::translate::{AdfVersion, ODataVersion, to_adf, to_odata, to_query_parameters, to_roql};
use ligand_ceql::{parse_order_by, parse_select, parse_where};

/// Canonical texts can be longer than what was read; this keeps them below the parser's limit.
const LONGEST: usize = 16 * 1024;

fuzz_target!(|text: &str| {
    if text.len() > LONGEST {
        return;
    }
    if let Ok(Some(condition)) = parse_where(text) {
        assert_eq!(parse_where(&condition.to_string()), Ok(Some(condition.clone())));
        let _ = to_roql(&condition);
        let _ = to_adf(&condition, AdfVersion::V1);
        let _ = to_adf(&condition, AdfVersion::V2);
        let _ = to_odata(&condition, ODataVersion::V3);
        let _ = to_odata(&condition, ODataVersion::V4);
        let _ = to_query_parameters(&condition);
    }
    if let Ok(select) = parse_select(text) {
        assert_eq!(parse_select(&select.to_string()), Ok(select));
    }
    let _ = parse_order_by(text);
});
