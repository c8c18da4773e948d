//! Which core runs what: the measured server has one for itself, the load and the vendors have another.

use super::say;

/// The two cores, when the system lets us choose.
pub(super) struct Placement {
    /// Of the measured server, and of everything else.
    cores: Option<(usize, usize)>,
}

impl Placement {
    /// Takes the first two cores that this process may use.
    pub(super) fn choose() -> Self {
        Self { cores: system::first_two_cores() }
    }

    /// One line for the person who reads the figures.
    pub(super) fn describe(&self) -> String {
        match self.cores {
            Some((measured, load)) => format!("server pinned to core {measured}, load and sandboxes to core {load}"),
            None => "NOT pinned: fewer than two cores, or a system where it is not possible".to_owned(),
        }
    }

    /// Puts this thread, and what it starts from now on, on the core of the load.
    pub(super) fn pin_load(&self) {
        self.pin(|(_, load)| load);
    }

    /// Starts something on the measured core: children keep the core of the thread that started them.
    pub(super) fn on_measured_core<T>(&self, start: impl FnOnce() -> T) -> T {
        self.pin(|(measured, _)| measured);
        let started = start();
        self.pin_load();
        started
    }

    fn pin(&self, side: impl FnOnce((usize, usize)) -> usize) {
        if let Some(core) = self.cores.map(side)
            && !system::pin(core)
        {
            say(&format!("could not pin to core {core}"));
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    pub(super) fn first_two_cores() -> Option<(usize, usize)> {
        let allowed = sched_getaffinity(None).ok()?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        Some((cores.next()?, cores.next()?))
    }

    pub(super) fn pin(core: usize) -> bool {
        let mut only = CpuSet::new();
        only.set(core);
        sched_setaffinity(None, &only).is_ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn first_two_cores() -> Option<(usize, usize)> {
        None
    }

    pub(super) fn pin(_core: usize) -> bool {
        false
    }
}
