//! Scripts of a call: which run in what order, what they see, and what their results change. Running them is not here.

mod apply;
#[cfg(test)]
mod tests;
mod variables;

pub use apply::{Effect, Refusal, apply_post, apply_pre};
pub use variables::{HOOK_VARIABLES, HookState};

use crate::{Element, Hook, HookType, Resource};

/// The scripts of a call in the order in which they run: before the vendor call the element's first, behind it the
/// resource's first; among themselves in the order of definition.
#[must_use]
pub fn hooks_of<'a>(element: &'a Element, resource: &'a Resource, kind: HookType) -> Vec<&'a Hook> {
    let of_kind = |hooks: &'a [Hook]| hooks.iter().filter(move |hook| hook.kind == kind);
    let (general, own) = (of_kind(&element.hooks), of_kind(&resource.hooks));
    if kind == HookType::PostRequest { own.chain(general).collect() } else { general.chain(own).collect() }
}
