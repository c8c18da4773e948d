//! The programs that are measured and called: the built binary, a server on a directory of its own, the sandboxes,
//! and the floor.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::client::{Connection, request};
use super::placement::Placement;
use super::process::Process;
use super::{now, say};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(20);

const BASE: &str = "/elements/api-v2";
pub(super) const USER_SECRET: &str = "benchmark-user-secret";
pub(super) const ORGANIZATION_SECRET: &str = "benchmark-organization-secret";

/// The `ligand` program.
pub(super) struct Binary {
    path: PathBuf,
    /// Where directories for data are made: beside this program, on a disk and not in memory.
    scratch: PathBuf,
}

impl Binary {
    /// The given program, or a fresh release build.
    pub(super) fn find(given: Option<&str>) -> anyhow::Result<Self> {
        let path = match given {
            Some(path) => PathBuf::from(path),
            None => build()?,
        };
        let size = std::fs::metadata(&path).with_context(|| path.display().to_string())?.len();
        say(&format!("program    {}, {:.1} MB", path.display(), megabytes(size)));
        let own = std::env::current_exe()?;
        let scratch = own.parent().context("this program is in no directory")?.to_owned();
        Ok(Self { path, scratch })
    }

    /// A command that no setting of the person at the terminal changes.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LIGAND_")) {
            command.env_remove(name);
        }
        command
    }

    /// A fresh directory, removed with its owner.
    pub(super) fn directory(&self) -> anyhow::Result<TempDir> {
        Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(&self.scratch)?)
    }
}

/// Builds the release and asks cargo where it is.
fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["build", "--release", "--package", "ligand", "--message-format", "json-render-diagnostics"];
    let output = Command::new(cargo).args(arguments).stderr(Stdio::inherit()).output().context("starting cargo")?;
    ensure!(output.status.success(), "ligand does not build");
    let messages = String::from_utf8(output.stdout)?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut executables = messages.filter(|message| message["target"]["name"] == "ligand");
    let executable = executables.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.context("cargo does not say where ligand is")
}

/// A server on a directory of its own.
pub(super) struct Ligand {
    /// The running server.
    pub(super) process: Process,
    /// Where it listens.
    pub(super) address: SocketAddr,
    command: Command,
    directory: TempDir,
}

impl Ligand {
    /// Starts it on an empty directory, on the measured core, and does not wait. It has these catalogs besides its own.
    pub(super) fn spawn(binary: &Binary, placement: &Placement, catalogs: &[&Path]) -> anyhow::Result<Self> {
        let directory = binary.directory()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let data = directory.path().join("data");
        let mut command = binary.command(&["serve", "--log-format", "json", "--listen", &address.to_string()]);
        for catalog in catalogs {
            command.arg("--catalog").arg(catalog);
        }
        command
            .arg("--data")
            .arg(data)
            .env("LIGAND_BOOTSTRAP__USER_SECRET", USER_SECRET)
            .env("LIGAND_BOOTSTRAP__ORGANIZATION_SECRET", ORGANIZATION_SECRET)
            .env("LIGAND_BOOTSTRAP__PASSWORD", "benchmark-password")
            .env("LIGAND_EGRESS__ALLOW", "127.0.0.0/8")
            .stdout(Stdio::null())
            .stderr(File::create(directory.path().join("log"))?);
        let process = placement.on_measured_core(|| Process::spawn(&mut command))?;
        Ok(Self { process, address, command, directory })
    }

    /// Starts it and waits until it is ready.
    pub(super) async fn start(binary: &Binary, placement: &Placement, catalogs: &[&Path]) -> anyhow::Result<Self> {
        let mut ligand = Self::spawn(binary, placement, catalogs)?;
        ligand.wait_ready().await?;
        Ok(ligand)
    }

    /// Kills it and starts it again on the same data. Gives the time until it is ready.
    pub(super) async fn kill_and_restart(&mut self, placement: &Placement) -> anyhow::Result<Duration> {
        self.process.kill();
        let start = now();
        self.process = placement.on_measured_core(|| Process::spawn(&mut self.command))?;
        self.wait_ready().await?;
        Ok(start.elapsed())
    }

    async fn wait_ready(&mut self) -> anyhow::Result<()> {
        let ready = request("GET", "/readyz", &[], "");
        let deadline = now() + PATIENCE;
        while !answers(self.address, &ready).await {
            self.demand_running()?;
            ensure!(now() < deadline, "the server does not become ready: {}", self.log());
            sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Fails, with the log, when the server has ended.
    pub(super) fn demand_running(&mut self) -> anyhow::Result<()> {
        if self.process.is_running() { Ok(()) } else { bail!("the server ended: {}", self.log()) }
    }

    /// A request with the administrator's secrets, and an element's token where there is one.
    pub(super) fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Arc<[u8]> {
        let mut authorization = format!("User {USER_SECRET}, Organization {ORGANIZATION_SECRET}");
        if let Some(token) = token {
            authorization += &format!(", Element {token}");
        }
        let json = ("Content-Type", "application/json");
        let headers = [("Authorization", authorization.as_str()), json];
        let headers = if body.is_empty() { &headers[..1] } else { &headers[..] };
        request(method, &format!("{BASE}{path}"), headers, body)
    }

    /// The path that a request of [`Ligand::request`] asks for.
    pub(super) fn path(path: &str) -> String {
        format!("{BASE}{path}")
    }

    /// The directory that holds its data.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The last lines of its log.
    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }
}

/// Whether a request gets status 200 just now.
pub(super) async fn answers(address: SocketAddr, request: &[u8]) -> bool {
    let asked = async {
        let mut connection = Connection::open(address).await.ok()?;
        Some(connection.exchange(request).await.ok()?.status == 200)
    };
    timeout(PATIENCE, asked).await.ok().flatten().unwrap_or(false)
}

/// The vendor sandboxes, on the core of the load.
pub(super) struct Sandbox {
    /// The running sandboxes.
    pub(super) process: Process,
    configurations: Value,
}

impl Sandbox {
    pub(super) fn start(binary: &Binary) -> anyhow::Result<Self> {
        let mut command = binary.command(&["sandbox", "--listen", "127.0.0.1:0", "--json"]);
        let mut process = Process::spawn(command.stdout(Stdio::piped()))?;
        let line = process.first_line()?;
        Ok(Self {
            process,
            configurations: serde_json::from_str(&line).context("`ligand sandbox --json` prints JSON")?,
        })
    }

    /// The configuration for `POST /instances` of an element.
    pub(super) fn configuration(&self, element: &str) -> anyhow::Result<&Value> {
        let found = &self.configurations[element]["configuration"];
        ensure!(found.is_object(), "the sandboxes do not know {element}");
        Ok(found)
    }
}

/// The floor of reads: bare axum with prepared bytes, on the measured core.
pub(super) struct Floor {
    /// The running floor.
    pub(super) process: Process,
    /// Where it listens.
    pub(super) address: SocketAddr,
    _directory: TempDir,
}

impl Floor {
    /// Starts it with the bytes that it shall answer at the path.
    pub(super) fn start(
        binary: &Binary,
        placement: &Placement,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> anyhow::Result<Self> {
        let directory = binary.directory()?;
        let file = directory.path().join("body");
        std::fs::write(&file, body)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench-floor", path, content_type]).arg(&file).stdout(Stdio::piped());
        let mut process = placement.on_measured_core(|| Process::spawn(&mut command))?;
        let address = process.first_line()?.parse().context("the floor prints its address")?;
        Ok(Self { process, address, _directory: directory })
    }
}

/// Bytes in millions.
pub(super) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
