//! What Ligand is about: identifiers, entities, error kinds, clock and chance.
//! Pure: no I/O beyond reading the system's clock and entropy, which only [`clock`] and [`rng`] do.

pub mod caller;
pub mod clock;
pub mod configuration;
pub mod dates;
pub mod error;
pub mod event;
pub mod hub;
pub mod id;
pub mod instance;
pub mod interval;
pub mod job;
pub mod notification;
pub mod organization;
pub mod poller;
pub mod privilege;
pub mod quartz;
pub mod request_id;
pub mod retry;
pub mod rng;
pub mod role;
pub mod secret;
pub mod text;
pub mod user;

pub use caller::{Caller, Credentials};
pub use clock::{Clock, SystemClock, Timestamp};
pub use configuration::Configuration;
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use hub::Hub;
pub use id::Id;
pub use instance::Instance;
pub use interval::Interval;
pub use job::{Job, NewJob};
pub use notification::{Delivery, Notification, Subscription};
pub use organization::{Account, Organization};
pub use poller::Poller;
pub use privilege::{Privilege, Privileges};
pub use quartz::Cron;
pub use request_id::RequestId;
pub use rng::{Rng, SystemRng};
pub use role::Role;
pub use secret::Secret;
pub use user::User;

/// Marker for [`Id`]: an element definition of the catalog.
pub enum Element {}
