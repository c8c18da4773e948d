//! `ligand element`: what authors of elements need, without a server.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ligand_import::{Choice, Document, Kind, convert};

use super::{complain, say};

/// The largest document that is read, in bytes.
const DOCUMENT_MAX_BYTES: u64 = 32 << 20;

/// What is converted, and to where.
pub(crate) struct Conversion {
    /// What the documents are; guessed when absent.
    pub(crate) kind: Option<String>,
    /// The document, and those that it refers to.
    pub(crate) files: Vec<PathBuf>,
    /// Which operations are wanted.
    pub(crate) choice: Choice,
    /// The new element's folder; the definition goes to standard output when absent.
    pub(crate) into: Option<PathBuf>,
}

/// Turns a vendor's own description into a definition.
///
/// # Errors
/// What cannot be read, and why it gives no element.
pub(crate) fn run_convert(conversion: &Conversion) -> anyhow::Result<()> {
    let documents = conversion.files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<Document>>>()?;
    let kind = match &conversion.kind {
        Some(word) => Kind::from_key(word).with_context(|| format!("the type {word} is not known"))?,
        None => documents.first().and_then(|document| Kind::guess(&document.text)).context("say --type")?,
    };
    let imported = convert(kind, &documents, &conversion.choice)?;
    for remark in &imported.remarks {
        complain(&format!("note: {remark}"));
    }
    let text = serde_json::to_string_pretty(&imported.definition)?;
    match &conversion.into {
        None => say(&text),
        Some(folder) => {
            let file = folder.join("element.yaml");
            anyhow::ensure!(!file.exists(), "{} is there already", file.display());
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            std::fs::write(&file, text).with_context(|| file.display().to_string())?;
            say(&format!("{}", file.display()));
        }
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Document> {
    let shown = || file.display().to_string();
    let length = std::fs::metadata(file).with_context(shown)?.len();
    anyhow::ensure!(length <= DOCUMENT_MAX_BYTES, "{} is larger than {DOCUMENT_MAX_BYTES} bytes", file.display());
    let text = std::fs::read_to_string(file).with_context(shown)?;
    Ok(Document { name: file.to_string_lossy().replace('\\', "/"), text })
}
