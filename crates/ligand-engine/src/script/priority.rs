//! Threads that do not end when they should, and cannot be made to: they get only the time that nobody else wants.

/// A thread of this process, as the system knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread(#[cfg(target_os = "linux")] rustix::process::Pid);

/// The nicest that a thread can be.
#[cfg(target_os = "linux")]
const LOWEST: i32 = 19;

impl Thread {
    /// The thread that asks.
    pub(super) fn current() -> Self {
        Self(
            #[cfg(target_os = "linux")]
            rustix::thread::gettid(),
        )
    }

    /// Lowers the priority of the thread, where the system has one for threads. It cannot be raised again.
    pub(super) fn give_way(self) {
        // On Linux a process's number can be a thread's, which it concerns alone then.
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::setpriority_process(Some(self.0), LOWEST) {
            tracing::warn!(%error, "the priority of a thread could not be lowered");
        }
    }
}
