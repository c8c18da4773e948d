//! The books of a worker: endings of jobs, written many at a time, because a change on disk costs the same for one and
//! for a hundred.

use std::time::Duration;

use ligand_domain::{Job, job::Ending};
use ligand_store::Store;
use tokio::sync::{mpsc, oneshot};

/// How many endings one change takes.
const BATCH: usize = 256;
/// How long to wait while the database is away, and how often. What is not written then is done again by somebody,
/// after its lease.
const PAUSE: Duration = Duration::from_secs(1);
const TRIES: u32 = 60;

/// An ending, and who waits for it to be written.
pub(super) struct Entry {
    pub(super) job: Job,
    pub(super) ending: Ending,
    pub(super) written: oneshot::Sender<()>,
}

/// Writes entries until nobody can send any more.
pub(super) async fn keep(store: Store, lease: String, mut entries: mpsc::Receiver<Entry>) {
    let mut batch = Vec::with_capacity(BATCH);
    while entries.recv_many(&mut batch, BATCH).await > 0 {
        let (mut endings, mut waiting) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for entry in batch.drain(..) {
            endings.push((entry.job, entry.ending));
            waiting.push(entry.written);
        }
        if write(&store, &lease, &endings).await.is_err() && endings.len() > 1 {
            // One that cannot be written must not keep the others from it.
            for ending in endings.chunks(1) {
                let _ = write(&store, &lease, ending).await;
            }
        }
        for written in waiting {
            // An error means that the job's task was stopped meanwhile.
            let _ = written.send(());
        }
    }
}

async fn write(store: &Store, lease: &str, endings: &[(Job, Ending)]) -> Result<(), ligand_store::Error> {
    let mut tries = 0;
    loop {
        match store.end_jobs(lease, endings).await {
            Ok(held) => {
                for (job, _) in endings.iter().zip(held).filter(|(_, held)| !held).map(|(ending, _)| ending) {
                    tracing::warn!(job = %job.id, kind = job.kind, "a job was lost; what was made of it does not count");
                }
                return Ok(());
            }
            Err(error @ ligand_store::Error::Unavailable(_)) if tries < TRIES => {
                tries += 1;
                tracing::warn!(cause = %error, jobs = endings.len(), "the ends of jobs cannot be written yet");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                tracing::error!(cause = %error, jobs = endings.len(), "the ends of jobs could not be written");
                return Err(error);
            }
        }
    }
}
