//! Makes a function of a hook's body, and decides which kind of realm it runs in.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use ligand_element::HOOK_VARIABLES as VARIABLES;
use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, Function, Module, Runtime, context::EvalOptions, context::intrinsic,
};

use super::{ScriptError, Source, Variables, bigint, realm::Kind, wording};

/// Words that stand for what a hardened realm does not allow. A body that has none of them notices no difference;
/// one that gets around the words (`this['construc' + 'tor']`) meets frozen objects.
const NEEDS_OWN_REALM: &[&str] = &[
    "prototype",
    "__proto__",
    "setPrototypeOf",
    "globalThis",
    "Function",
    "eval",
    "template",
    "StackTrace",
    "stackTraceLimit",
    "__defineGetter__",
    "__defineSetter__",
    "mixin",
];

/// The kind of realm that a script runs in.
pub(super) fn kind(source: &Source) -> Kind {
    match () {
        () if source.is_legacy => Kind::Legacy,
        () if NEEDS_OWN_REALM.iter().any(|word| source.body.contains(word)) => Kind::Own,
        // A class can add private members to what its parent's constructor returns, even to frozen objects. Nobody
        // else could read them, but they would stay. Neither of the two can be written in another way.
        () if source.body.contains("extends") && source.body.contains('#') => Kind::Own,
        () => Kind::Hardened,
    }
}

/// Which variables a body may look at, a bit for each. In a hardened realm no code is made of text and variables are
/// parameters only, so that there is no way to one but its name, which may be written with escapes, and `arguments`.
pub(super) fn seen(source: &Source) -> u64 {
    let body = &source.body;
    if source.kind != Kind::Hardened || body.contains("arguments") || body.contains("\\u") {
        return u64::MAX;
    }
    let named = VARIABLES.iter().enumerate().filter(|(_, name)| body.contains(**name));
    named.fold(0, |seen, (place, _)| seen | 1 << place)
}

/// The values of the function's parameters as a JSON array; null for what is absent, and for what nobody looks at.
pub(super) fn arguments(source: &Source, variables: &dyn Variables) -> String {
    let mut text = Vec::from(*b"[");
    for (place, name) in VARIABLES.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        if source.sees(place) {
            serde_json::to_writer(&mut text, &*variables.value(name)).expect("JSON values have a text");
        } else {
            text.extend_from_slice(b"null");
        }
    }
    text.push(b']');
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// How the function around a body begins: a body of the current engine that only parses as the inside of an
/// asynchronous function becomes one. It is checked here that it parses, and is the whole inside of a function.
pub(super) fn prefix(runtime: &Runtime, source: &Source) -> Result<&'static str, ScriptError> {
    if source.is_legacy {
        return Ok("");
    }
    match enclosed(runtime, source, "") {
        Ok(()) => Ok(""),
        // The first error says more about a body that does not parse either way.
        Err(error) if source.body.contains("await") => {
            enclosed(runtime, source, "async ").map(|()| "async ").map_err(|_| error)
        }
        Err(error) => Err(error),
    }
}

/// Checks that no integer without bound is in a body that parses.
pub(super) fn demand_no_bigint(runtime: &Runtime, source: &Source, prefix: &str) -> Result<(), ScriptError> {
    let Cow::Owned(body) = bigint::without(&source.body) else { return Ok(()) };
    let altered = Source::new(body, source.is_legacy);
    let found = if source.is_legacy {
        // There is no other way to parse these. What closes the function runs here, where it reaches nothing, and runs
        // again in its own realm.
        parses(runtime, &altered)
    } else {
        enclosed(runtime, &altered, prefix)
    };
    match found {
        Err(ScriptError::Syntax { message }) if message.starts_with("SyntaxError") => {
            Err(ScriptError::Syntax { message: format!("SyntaxError: {}", bigint::BIGINT_REFUSED) })
        }
        _ => Ok(()),
    }
}

/// Checks that a hook of the older engine parses: what closes its function runs here, where it reaches nothing.
pub(super) fn parses(runtime: &Runtime, source: &Source) -> Result<(), ScriptError> {
    bare_context(runtime)?.with(|ctx| function(&ctx, source, "").map(drop))
}

fn bare_context(runtime: &Runtime) -> Result<Context, ScriptError> {
    Context::custom::<(intrinsic::Eval, intrinsic::RegExpCompiler)>(runtime).map_err(|_| ScriptError::OutOfMemory)
}

/// The function around a body. Bodies that close the function would do things at once, in a realm that others share:
/// [`prefix`] has excluded those, but for the older engine, whose realms are for one call.
pub(super) fn function<'js>(ctx: &Ctx<'js>, source: &Source, prefix: &str) -> Result<Function<'js>, ScriptError> {
    let mode = if source.is_legacy { "" } else { "\"use strict\";" };
    let parameters = VARIABLES.join(",");
    let text = format!("({prefix}function({parameters},done){{{mode}{}\n}})", source.body);
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some("hook.js".to_owned());
    ctx.eval_with_options(text, options).catch(ctx).map_err(syntax)
}

/// Checks that a body is the inside of a function, whole: that it does not close the function around it. What may
/// follow a closing brace differs in each of these places, and nothing may follow it in all of them. They are only
/// parsed, not run.
fn enclosed(runtime: &Runtime, source: &Source, prefix: &str) -> Result<(), ScriptError> {
    let body = &source.body;
    let places = [
        format!("{prefix}function f() {{{body}\n}}"),
        format!("[{prefix}function () {{{body}\n}}, 0]"),
        format!("({{ {prefix}m() {{{body}\n}} }})"),
    ];
    bare_context(runtime)?.with(|ctx| {
        for place in places {
            Module::declare(ctx.clone(), "hook.js", place).catch(&ctx).map_err(syntax)?;
        }
        Ok(())
    })
}

fn syntax(error: CaughtError<'_>) -> ScriptError {
    let message = match error {
        CaughtError::Exception(exception) => {
            let name: String = exception.get("name").unwrap_or_else(|_| "SyntaxError".to_owned());
            format!("{name}: {}", exception.message().unwrap_or_default())
        }
        CaughtError::Value(_) => return ScriptError::OutOfMemory,
        CaughtError::Error(_) => "SyntaxError: Unexpected end of input".to_owned(),
    };
    wording::failure(&message, |message| ScriptError::Syntax { message })
}
