//! The real program as a child process.

use std::{net::SocketAddr, path::Path, process::Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

pub(crate) const USER: &str = "plantedUserSecretAAAAAAAAAAAAAAAAAAAAAAAAAA=";
pub(crate) const ORGANIZATION: &str = "9c1f00aa9c1f00aa9c1f00aa9c1f00aa";
pub(crate) const PASSWORD: &str = "planted-process-password";

/// A running `ligand`, killed when dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) stdout: mpsc::UnboundedReceiver<String>,
    stderr: mpsc::UnboundedReceiver<String>,
    pub(crate) log: Vec<String>,
}

/// `ligand` with a clean environment and fixed secrets.
pub(crate) fn ligand(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ligand"));
    command.args(arguments).env_clear().kill_on_drop(true).stdin(Stdio::null());
    command.env("LIGAND_BOOTSTRAP__USER_SECRET", USER).env("LIGAND_BOOTSTRAP__ORGANIZATION_SECRET", ORGANIZATION);
    command.env("LIGAND_BOOTSTRAP__PASSWORD", PASSWORD).env("LIGAND_EGRESS__ALLOW", "127.0.0.0/8");
    command.envs(variables.iter().copied());
    command
}

/// Runs `ligand` to its end: whether it succeeded, standard output, standard error.
pub(crate) async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> (bool, String, String) {
    let output = ligand(arguments, variables).output().await.expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

impl Process {
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = ligand(arguments, variables);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let stdout = lines(child.stdout.take().expect("piped"));
        let stderr = lines(child.stderr.take().expect("piped"));
        Self { child, stdout, stderr, log: Vec::new() }
    }

    /// `ligand serve` on a free port, and its address.
    pub(crate) async fn serve(data: &Path, variables: &[(&str, &str)]) -> (Self, SocketAddr) {
        let data = data.display().to_string();
        let mut process = Self::start(&["serve", "--listen", "127.0.0.1:0", "--data", &data], variables);
        let line = process.log_line(|line| line["message"] == "serving").await;
        let address = line["address"].as_str().and_then(|address| address.parse().ok()).expect("an address");
        (process, address)
    }

    /// Reads the log up to the line that is wanted.
    pub(crate) async fn log_line(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        while let Some(line) = self.stderr.recv().await {
            self.log.push(line.clone());
            if let Some(value) = serde_json::from_str(&line).ok().filter(&wanted) {
                return value;
            }
        }
        panic!("the log ended: {:?}", self.log);
    }

    /// Asks the process to stop.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(sent.success());
    }

    /// Waits for the end and reads the rest of the log.
    pub(crate) async fn end(&mut self) -> std::process::ExitStatus {
        let status = self.child.wait().await.expect("it ends");
        while let Some(line) = self.stderr.recv().await {
            self.log.push(line);
        }
        status
    }
}

fn lines(stream: impl tokio::io::AsyncRead + Unpin + Send + 'static) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if sender.send(text).is_err() {
                // Nobody listens: keep the pipe empty, so that the process never blocks on it.
                let _ = reader.read_to_end(&mut Vec::new()).await;
            }
        }
    });
    receiver
}
