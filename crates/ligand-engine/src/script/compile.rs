//! Makes a function of a hook's body, and decides which kind of realm it runs in.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, Function, Module, Runtime, context::EvalOptions, context::intrinsic,
};
use serde_json::{Map, Value};

use super::{ScriptError, Source, bigint, realm::Kind, wording};

/// The variables of hooks, in the order of the function's parameters. `done` follows them.
pub(super) const VARIABLES: &[&str] = &[
    "request_method",
    "request_path",
    "request_path_variables",
    "request_parameters",
    "request_headers",
    "request_body",
    "request_body_map",
    "request_expression",
    "request_vendor_method",
    "request_vendor_path",
    "request_vendor_url",
    "request_vendor_parameters",
    "request_vendor_headers",
    "request_vendor_body",
    "request_vendor_body_map",
    "request_root_key",
    "request_previous_response",
    "request_previous_response_headers",
    "response_body",
    "response_body_raw",
    "response_headers",
    "response_status_code",
    "response_iserror",
    "response_root_key",
    "meta_data",
    "configuration",
    "events",
];

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

/// The values of the function's parameters as a JSON array; null for what is absent.
pub(super) fn arguments(variables: &Map<String, Value>) -> String {
    let values: Vec<&Value> = VARIABLES.iter().map(|name| variables.get(*name).unwrap_or(&Value::Null)).collect();
    serde_json::to_string(&values).expect("JSON values have a text")
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
    let altered = Source { body, is_legacy: source.is_legacy };
    let found = if source.is_legacy {
        // There is no other way to parse these. What closes the function runs here, where it reaches nothing, and runs
        // again in its own realm.
        let context = bare_context(runtime)?;
        context.with(|ctx| function(&ctx, &altered, prefix).map(drop))
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
