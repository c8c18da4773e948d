//! `ligand element import`: exported definitions become elements of the administrator's account, with a report of
//! what of them will not run here.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use ligand_app::{
    App,
    elements::{Saved, key_of},
};
use ligand_domain::{Caller, Error, ErrorKind};
use ligand_engine::Egress;
use serde_json::{Map, Value};

use crate::{
    commands::{complain, say},
    platform,
    settings::Settings,
};

/// The largest file that is read, in bytes.
const FILE_MAX_BYTES: u64 = 32 << 20;

/// Imports every definition of a file or of the `*.json` of a directory. Fails in the end when one was refused.
///
/// # Errors
/// When the files cannot be read, or the database cannot be opened.
pub async fn run(settings: &Settings, from: &Path, replace: bool) -> anyhow::Result<ExitCode> {
    let files = files(from)?;
    platform::demand_existing(settings).await?;
    let _claim = platform::claim(settings)?;
    let (app, _) = platform::open(settings, Egress::new(settings.egress.allow.clone())).await?;
    let outcome = import_all(&app, &files, replace).await;
    app.close().await;
    outcome
}

async fn import_all(app: &App, files: &[PathBuf], replace: bool) -> anyhow::Result<ExitCode> {
    let caller = administrator(app).await?;
    let (mut imported, mut refused) = (0, 0);
    for file in files {
        let definitions = match read(file) {
            Ok(definitions) => definitions,
            Err(problem) => {
                refused += 1;
                complain(&format!("{}: {problem:#}", file.display()));
                continue;
            }
        };
        for definition in definitions {
            match import(app, &caller, definition, replace).await {
                Ok((saved, what)) => {
                    imported += 1;
                    say(&told(file, &saved, what));
                }
                Err(problem) => {
                    refused += 1;
                    complain(&format!("{}: {}", file.display(), problem.message));
                }
            }
        }
    }
    say(&format!("{imported} imported, {refused} refused"));
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn administrator(app: &App) -> anyhow::Result<Caller> {
    let secrets = app.administrator_secrets().await.map_err(|failed| anyhow::anyhow!("{failed}"))?;
    let header = format!("User {}, Organization {}", secrets.user.expose(), secrets.organization.expose());
    let identity = app.identify(Some(header.as_bytes())).await.map_err(|failed| anyhow::anyhow!("{failed}"))?;
    Ok(*identity.user())
}

async fn import(
    app: &App,
    caller: &Caller,
    definition: Map<String, Value>,
    replace: bool,
) -> Result<(Saved, &'static str), Error> {
    let made = app.create_element(caller, definition.clone()).await;
    match made {
        Ok(saved) => Ok((saved, "imported")),
        Err(error) if error.kind == ErrorKind::Conflict && replace => {
            let key = key_of(&definition);
            Ok((app.change_element(caller, &key, &definition, "imported again").await?, "replaced"))
        }
        Err(error) => Err(error),
    }
}

fn told(file: &Path, saved: &Saved, what: &str) -> String {
    let (key, id) = (saved.body["key"].as_str().unwrap_or_default(), &saved.body["id"]);
    let mut text = format!("{}: {what} as {key} (id {id})", file.display());
    for remark in &saved.remarks {
        text.push_str(&format!("\n  will not run: {remark}"));
    }
    text
}

/// The definitions in a file: one, or a list of them.
fn read(file: &Path) -> anyhow::Result<Vec<Map<String, Value>>> {
    let length = std::fs::metadata(file)?.len();
    anyhow::ensure!(length <= FILE_MAX_BYTES, "the file has more than {FILE_MAX_BYTES} bytes");
    let items = match serde_json::from_slice(&std::fs::read(file)?).context("not valid JSON")? {
        Value::Array(items) => items,
        one => vec![one],
    };
    let object = |item| match item {
        Value::Object(members) => Ok(members),
        _ => anyhow::bail!("an object, or a list of objects, is needed"),
    };
    items.into_iter().map(object).collect()
}

fn files(from: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !from.is_dir() {
        anyhow::ensure!(from.is_file(), "{} is neither a file nor a directory", from.display());
        return Ok(vec![from.to_owned()]);
    }
    let (mut files, mut open) = (Vec::new(), vec![from.to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
                files.push(path);
            }
        }
    }
    anyhow::ensure!(!files.is_empty(), "{} has no *.json", from.display());
    files.sort();
    Ok(files)
}
