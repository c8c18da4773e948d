//! Whether the scripts of an element parse, found out without running them.

#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ligand_element::{Element, Hook};
use rquickjs::Runtime;

use super::{Script, ScriptError, Source, compile};
use crate::pace::now;

/// Most scripts of an element that are looked at.
const MAX_SCRIPTS: usize = 5_000;
/// How long all of them may take, and how long one.
const MAX_TIME: Duration = Duration::from_secs(2);
const MAX_TIME_OF_ONE: u64 = 100;
const MEMORY_BYTES: usize = 64 << 20;
/// A part of the stack that any thread has.
const STACK_BYTES: usize = 512 << 10;

/// Every script that does not parse: where it stands in the definition, and what is wrong.
#[must_use]
pub fn unparsable(element: &Element) -> Vec<(String, String)> {
    let general = element.hooks().iter().enumerate().map(|(index, hook)| (format!("hooks[{index}].body"), hook));
    let of_resources = element.resources().iter().enumerate().flat_map(|(place, resource)| {
        let hooks = resource.hooks.iter().enumerate();
        hooks.map(move |(index, hook)| (format!("resources[{place}].hooks[{index}].body"), hook))
    });
    let hooks: Vec<(String, &Hook)> = general.chain(of_resources).take(MAX_SCRIPTS).collect();
    if hooks.is_empty() {
        return Vec::new();
    }
    let Ok(runtime) = Runtime::new() else { return Vec::new() };
    let (start, end_of_one) = (now(), Arc::new(AtomicU64::new(0)));
    let elapsed = move || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    runtime.set_memory_limit(MEMORY_BYTES);
    runtime.set_max_stack_size(STACK_BYTES);
    let end = Arc::clone(&end_of_one);
    runtime.set_interrupt_handler(Some(Box::new(move || elapsed() > end.load(Ordering::Relaxed))));
    let known = hooks.into_iter().take_while(|_| start.elapsed() < MAX_TIME);
    let checked = known.filter_map(|(place, hook)| {
        end_of_one.store(elapsed() + MAX_TIME_OF_ONE, Ordering::Relaxed);
        Some((place, problem(&runtime, hook)?))
    });
    checked.collect()
}

/// What keeps a hook from being parsed. What only is too much for the little room here may parse where it runs.
fn problem(runtime: &Runtime, hook: &Hook) -> Option<String> {
    let script = if hook.is_legacy { Script::legacy(&hook.body) } else { Script::modern(&hook.body) };
    let source: &Source = &script.0;
    let parsed = compile::prefix(runtime, source).and_then(|prefix| {
        compile::demand_no_bigint(runtime, source, prefix)?;
        if source.is_legacy { compile::parses(runtime, source) } else { Ok(()) }
    });
    match parsed {
        Err(ScriptError::Syntax { message }) if message.starts_with("SyntaxError") => Some(message),
        _ => None,
    }
}
