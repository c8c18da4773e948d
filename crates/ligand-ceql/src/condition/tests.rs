//! Taking conditions apart.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{arbitrary, parse_where};

fn parse(text: &str) -> Condition {
    parse_where(text).unwrap().unwrap()
}

#[test]
fn nothing_joined_is_nothing() {
    assert_eq!(Condition::all([]), None);
    assert_eq!(Condition::any([]), None);
    assert_eq!(Condition::all([parse("a=1")]), Some(parse("a=1")));
    assert_eq!(Condition::all([parse("a=1 and b=2"), parse("c=3")]), Some(parse("a=1 and b=2 and c=3")));
    assert_eq!(Condition::any([parse("a=1 or b=2"), parse("c=3")]), Some(parse("a=1 or b=2 or c=3")));
}

#[test]
fn fields_come_in_source_order() {
    let condition = parse("b=1 and (a in (1) or not c is null) and b like 'x'");
    let fields: Vec<_> = condition.fields().map(Field::as_str).collect();
    assert_eq!(fields, ["b", "a", "c", "b"]);
}

#[test]
fn values_are_filled_in_wherever_they_stand() {
    let filled = parse("a='x' and (b in ('x',y) or not c like 'x') and d is null")
        .fill(&|value| if value.text() == "x" { Value::quoted("' or 1=1") } else { value.clone() });
    let quoted = "''' or 1=1'";
    let expected = format!("a={quoted} and (b in ({quoted},y) or not c like {quoted}) and d is null");
    assert_eq!(filled, parse(&expected));
}

#[test]
fn comparisons_are_what_hooks_see() {
    let seen = parse("a='x' and b>=5 and c not in (1,'2') and d like 'x%' and e is not null and f = null");
    let seen: Vec<_> =
        seen.comparisons().unwrap().into_iter().map(|one| json!([one.attribute, one.operator, one.value])).collect();
    let expected = json!([
        ["a", "=", "x"],
        ["b", ">=", "5"],
        ["c", "NOT IN", ["1", "2"]],
        ["d", "LIKE", "x%"],
        ["e", "IS NOT NULL", null],
        ["f", "=", null],
    ]);
    assert_eq!(json!(seen), expected);
    assert_eq!(parse("a=1 or b=2").comparisons(), None);
    assert_eq!(parse("a=1 and (b=2 or c=3)").comparisons(), None);
    assert_eq!(parse("not a=1").comparisons(), None);
}

#[test]
fn fields_can_be_renamed() {
    let renamed = parse("a=1 and not (b=2 or a is null)")
        .rename(&mut |field| Field::new(&format!("x.{}", field.as_str())).unwrap());
    assert_eq!(renamed, parse("x.a=1 and not (x.b=2 or x.a is null)"));
}

#[test]
fn only_the_topmost_and_is_split() {
    let whole = parse("a=1 and (b=2 or c=3) and d=4");
    let (vendor, rest) = whole.split(|part| part.leaves().iter().all(|leaf| leaf.field().unwrap().as_str() != "c"));
    assert_eq!(vendor, Some(parse("a=1 and d=4")));
    assert_eq!(rest, Some(parse("b=2 or c=3")));
    assert_eq!(whole.split(|_| true), (Some(whole.clone()), None));
    assert_eq!(whole.split(|_| false), (None, Some(whole.clone())));
    assert_eq!(parse("a=1 or b=2").split(|part| part.field().is_some()), (None, Some(parse("a=1 or b=2"))));
}

proptest! {
    #![proptest_config(arbitrary::config())]

    #[test]
    fn both_halves_together_are_the_whole(
        condition in arbitrary::condition(), record in arbitrary::record(), choice in any::<u64>(),
    ) {
        let place = std::cell::Cell::new(0);
        let (vendor, rest) = condition.split(|_| {
            place.set(place.get() + 1);
            choice >> (place.get() % 64) & 1 == 1
        });
        let half = |half: &Option<Condition>| half.as_ref().is_none_or(|half| half.matches(&record));
        prop_assert_eq!(half(&vendor) && half(&rest), condition.matches(&record));
    }
}
