//! A child process: started, ended with its owner, and asked what it uses.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

/// A running child; dropping it kills it.
pub(super) struct Process {
    child: Child,
}

/// Memory of a process, in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// In use now.
    pub(super) resident: u64,
    /// Of that, not backed by files.
    pub(super) anonymous: u64,
    /// The most that ever was in use.
    pub(super) peak: u64,
}

impl Process {
    pub(super) fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).spawn();
        let child = child.with_context(|| format!("starting {}", command.get_program().display()))?;
        Ok(Self { child })
    }

    /// The first line that it prints. Its standard output must be a pipe.
    pub(super) fn first_line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        let output = self.child.stdout.as_mut().context("the output is not a pipe")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    /// Whether it is still there.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it at once, without a chance to tidy up.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Processor time so far, user and system; none where the system does not say.
    pub(super) fn cpu_ticks(&self) -> Option<u64> {
        cpu_ticks(&self.proc_file("stat")?)
    }

    /// Its memory now; none where the system does not say.
    pub(super) fn memory(&self) -> Option<Memory> {
        memory(&self.proc_file("status")?)
    }

    fn proc_file(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `utime` and `stime` of `/proc/PID/stat`. The program's name, in parentheses, may have any characters.
pub(super) fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).map(str::parse::<u64>);
    Some(fields.next()?.ok()? + fields.next()?.ok()?)
}

/// The memory in `/proc/PID/status`.
pub(super) fn memory(status: &str) -> Option<Memory> {
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes * 1024)
    };
    Some(Memory { resident: bytes("VmRSS")?, anonymous: bytes("RssAnon")?, peak: bytes("VmHWM")? })
}

/// The length of a tick of processor time.
pub(super) fn tick() -> Duration {
    #[cfg(target_os = "linux")]
    let per_second = rustix::param::clock_ticks_per_second();
    #[cfg(not(target_os = "linux"))]
    let per_second = 100;
    Duration::from_secs(1) / u32::try_from(per_second).unwrap_or(100)
}
