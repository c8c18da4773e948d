//! Writes what several tasks want to write in one change of the database: while one change is on its way to the disk,
//! what is to be written meanwhile gathers for the next.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use futures_util::future::BoxFuture;
use ligand_domain::Error;
use tokio::sync::{Mutex, oneshot};

/// How much is written in one change at most.
const AT_ONCE: usize = 64;

/// Writes several things at once, all or none; gives what each became.
type Write<T, R> = Box<dyn Fn(Vec<T>) -> BoxFuture<'static, Result<Vec<R>, Error>> + Send + Sync>;

/// Something to write, and who waits for it.
type Entry<T, R> = (T, oneshot::Sender<Result<R, Error>>);

struct Inner<T, R> {
    write: Write<T, R>,
    waiting: StdMutex<Vec<Entry<T, R>>>,
    turn: Mutex<()>,
}

/// Gathers what is to be written. See the module.
pub(crate) struct Together<T, R>(Arc<Inner<T, R>>);

impl<T: Clone + Send + 'static, R: Send + 'static> Together<T, R> {
    pub(crate) fn new(
        write: impl Fn(Vec<T>) -> BoxFuture<'static, Result<Vec<R>, Error>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner { write: Box::new(write), waiting: StdMutex::default(), turn: Mutex::default() }))
    }

    /// Writes one thing, together with others. It is written, or the error says why not, when this returns. It may
    /// also be written when the future is dropped before.
    pub(crate) async fn write(&self, thing: T) -> Result<R, Error> {
        let (sender, receiver) = oneshot::channel();
        self.0.lock().push((thing, sender));
        let inner = Arc::clone(&self.0);
        // A task of its own: whoever goes away must not take along what others wait for.
        tokio::spawn(async move { inner.flush().await });
        receiver.await.unwrap_or_else(|_| Err(Error::internal("write-lost", "the writing task ended")))
    }
}

impl<T: Clone, R> Inner<T, R> {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry<T, R>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn flush(&self) {
        let _turn = self.turn.lock().await;
        let entries: Vec<Entry<T, R>> = {
            let mut waiting = self.lock();
            let count = waiting.len().min(AT_ONCE);
            waiting.drain(..count).collect()
        };
        if entries.is_empty() {
            return;
        }
        let (things, senders): (Vec<T>, Vec<_>) = entries.into_iter().unzip();
        match (self.write)(things.clone()).await {
            Ok(results) => {
                for (sender, result) in senders.into_iter().zip(results) {
                    // Whoever does not wait any more does not need to know.
                    let _ = sender.send(Ok(result));
                }
            }
            // One of them may be at fault: each is tried alone.
            Err(_) if things.len() > 1 => {
                for (thing, sender) in things.into_iter().zip(senders) {
                    let result = (self.write)(vec![thing]).await;
                    let one = result.and_then(|results| {
                        results.into_iter().next().ok_or_else(|| Error::internal("write-lost", "nothing was written"))
                    });
                    let _ = sender.send(one);
                }
            }
            Err(error) => {
                if let Some(sender) = senders.into_iter().next() {
                    let _ = sender.send(Err(error));
                }
            }
        }
    }
}
