//! Who may depend on whom: arrows between the crates point downward, and some libraries have one home.

use std::path::Path;

use serde_json::Value;

use super::Problem;

/// Each crate and the crates of the workspace that it may use. `xtask`, which ships nothing, may use all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("ligand-domain", &[]),
    ("ligand-ceql", &[]),
    ("ligand-element", &["ligand-domain", "ligand-ceql"]),
    ("ligand-soap", &[]),
    ("ligand-docs", &["ligand-domain", "ligand-element"]),
    ("ligand-import", &["ligand-element", "ligand-soap"]),
    ("ligand-engine", &["ligand-domain", "ligand-ceql", "ligand-element", "ligand-soap"]),
    ("ligand-store", &["ligand-domain"]),
    (
        "ligand-app",
        &[
            "ligand-domain",
            "ligand-ceql",
            "ligand-element",
            "ligand-docs",
            "ligand-import",
            "ligand-engine",
            "ligand-store",
        ],
    ),
    ("ligand-web", &["ligand-app", "ligand-docs", "ligand-domain"]),
    ("ligand-sandbox", &[]),
    ("ligand", ALL),
    ("xtask", ALL),
];

const ALL: &[&str] = &[
    "ligand",
    "ligand-app",
    "ligand-ceql",
    "ligand-docs",
    "ligand-domain",
    "ligand-element",
    "ligand-engine",
    "ligand-import",
    "ligand-sandbox",
    "ligand-soap",
    "ligand-store",
    "ligand-web",
];

/// A library that only some crates may use.
struct Home {
    library: &'static str,
    crates: &'static [&'static str],
    /// Whether every crate may use it in its tests.
    tests: bool,
}

const HOMES: &[Home] = &[
    Home { library: "sqlx", crates: &["ligand-store"], tests: false },
    Home { library: "rquickjs", crates: &["ligand-engine"], tests: false },
    Home { library: "quick-xml", crates: &["ligand-engine", "ligand-sandbox", "ligand-soap"], tests: false },
    Home { library: "reqwest", crates: &["ligand-engine", "ligand", "xtask"], tests: true },
    Home { library: "axum", crates: &["ligand-web", "ligand-sandbox", "xtask"], tests: true },
    Home { library: "clap", crates: &["ligand", "xtask"], tests: false },
    Home { library: "anyhow", crates: &["ligand", "xtask"], tests: false },
];

/// The stand-ins of the vendors, which any crate may call in its tests.
const SANDBOX: &str = "ligand-sandbox";

/// Checks the answer of `cargo metadata --no-deps`.
pub(super) fn check(metadata: &Value) -> Vec<Problem> {
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages.iter().flat_map(|package| problems(package, Path::new(root))).collect()
}

fn problems(package: &Value, root: &Path) -> Vec<Problem> {
    let name = package["name"].as_str().unwrap_or_default();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
    let place = manifest.strip_prefix(root).unwrap_or(manifest).to_string_lossy().replace('\\', "/");
    let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
        return vec![Problem::of(&place, format!("tidy does not know crate `{name}`: say whom it may use"))];
    };
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let broken = dependencies.iter().filter_map(|dependency| {
        let library = dependency["name"].as_str()?;
        let in_tests = dependency["kind"] == "dev";
        broken_rule(name, library, in_tests, allowed)
    });
    broken.map(|what| Problem::of(&place, what)).collect()
}

fn broken_rule(name: &str, library: &str, in_tests: bool, allowed: &[&str]) -> Option<String> {
    let is_ours = MAY_USE.iter().any(|(known, _)| *known == library);
    let calls_sandbox = in_tests && library == SANDBOX;
    if is_ours && !allowed.contains(&library) && !calls_sandbox {
        return Some(format!("`{name}` may not use `{library}`"));
    }
    let home = HOMES.iter().find(|home| home.library == library)?;
    let at_home = home.crates.contains(&name) || (in_tests && home.tests);
    (!at_home).then(|| format!("`{library}` is for {} only", home.crates.join(", ")))
}
