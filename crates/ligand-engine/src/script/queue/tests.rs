//! Turns, limits, and what is left when all is done.

use super::*;

#[test]
fn tenants_take_turns() {
    let mut queue = FairQueue::new(9);
    for item in 0..3 {
        assert!(queue.push(1, item));
    }
    assert!(queue.push(2, 10));
    assert!(queue.push(3, 20));
    let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
    assert_eq!(order, [(1, 0), (2, 10), (3, 20), (1, 1), (1, 2)]);
}

#[test]
fn a_tenant_has_only_so_many_under_way() {
    let mut queue = FairQueue::new(2);
    for item in 0..4 {
        queue.push(1, item);
    }
    assert_eq!(queue.pop(), Some((1, 0)));
    assert_eq!(queue.pop(), Some((1, 1)));
    assert_eq!(queue.pop(), None);
    queue.push(2, 9);
    assert_eq!(queue.pop(), Some((2, 9)));
    queue.finished(1);
    assert_eq!(queue.pop(), Some((1, 2)));
    assert_eq!(queue.pop(), None);
}

#[test]
fn a_full_queue_refuses() {
    let mut queue = FairQueue::new(1);
    for item in 0..MAX_WAITING {
        assert!(queue.push(1, item));
    }
    assert!(!queue.push(1, 0));
    assert!(queue.push(2, 0));
}

#[test]
fn nothing_is_kept_of_tenants_that_are_done() {
    let mut queue = FairQueue::new(1);
    queue.push(1, 'a');
    queue.pop();
    queue.finished(1);
    queue.finished(1);
    queue.finished(7);
    assert!(queue.tenants.is_empty() && queue.turns.is_empty());
}

#[test]
fn what_waits_can_be_dropped() {
    let mut queue = FairQueue::new(1);
    queue.push(1, 'a');
    queue.push(1, 'b');
    assert_eq!(queue.pop(), Some((1, 'a')));
    queue.clear();
    queue.finished(1);
    assert_eq!(queue.pop(), None);
    assert!(queue.tenants.is_empty());
}

#[test]
fn a_tenant_with_an_item_that_is_stuck_gets_no_turn() {
    let mut queue = FairQueue::new(3);
    for item in 0..4 {
        queue.push(1, item);
    }
    assert_eq!(queue.pop(), Some((1, 0)));
    queue.stuck(1);
    queue.push(1, 4);
    queue.push(2, 9);
    assert_eq!(queue.pop(), Some((2, 9)));
    assert_eq!(queue.pop(), None);
    queue.loose(1);
    queue.finished(1);
    assert_eq!(queue.pop(), Some((1, 1)));
    assert_eq!(queue.pop(), Some((1, 2)));
}
