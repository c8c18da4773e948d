//! Whether the client of a request is still there, for work that does not end by itself when it leaves.

use tokio::sync::watch;

/// Sees when the client leaves. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Presence(watch::Receiver<()>);

/// The client, as long as this is held.
pub(crate) struct Client(#[expect(dead_code, reason = "held, not read")] watch::Sender<()>);

impl Presence {
    /// A client that is there.
    pub(crate) fn new() -> (Client, Self) {
        let (client, presence) = watch::channel(());
        (Client(client), Self(presence))
    }

    /// Resolves when the client has left.
    pub(crate) async fn ended(mut self) {
        // Nothing is ever sent: this fails when the client is gone, and not before.
        while self.0.changed().await.is_ok() {}
    }
}
