//! What a caller chooses when a sandbox is started: address, clock, credentials, token lifetime.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use time::{Duration, OffsetDateTime};

/// Tells the time. The program passes the wall clock, a test a clock it can set.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// One user of a vendor.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Name to log in with.
    pub username: String,
    /// Password; the defaults contain characters that must be escaped in XML, URLs and headers.
    pub password: String,
}

impl Account {
    /// An account of this name and password.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self { username: username.into(), password: password.into() }
    }

    /// Whether these are the account's name and password.
    pub(crate) fn matches(&self, username: &str, password: &str) -> bool {
        self.username == username && self.password == password
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Account").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The one user each vendor knows. The defaults are fixed and plainly fake.
#[derive(Clone)]
pub struct Credentials {
    /// Staff account of Oracle Service Cloud.
    pub servicecloud: Account,
    /// User of Oracle Sales Cloud.
    pub oraclesalescloud: Account,
    /// User of Infobip.
    pub infobip: Account,
    /// Key that Infobip takes instead of name and password (`Authorization: App …`).
    pub infobip_api_key: String,
    /// User of Act! Premium.
    pub actpremium: Account,
    /// The only database the Act! server has.
    pub act_database: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            servicecloud: Account::new("sandbox.agent", "fake-&<\"é'+=>-service"),
            oraclesalescloud: Account::new("sandbox.sales", "fake-%2B+&=:/?#-sales"),
            infobip: Account::new("sandbox.messaging", "fake-:é+=\"-sms"),
            infobip_api_key: "fake-infobip-api-key".to_owned(),
            actpremium: Account::new("sandbox.act", "fake-&:<ü>'-act"),
            act_database: "SandboxDemo".to_owned(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("servicecloud", &self.servicecloud)
            .field("oraclesalescloud", &self.oraclesalescloud)
            .field("infobip", &self.infobip)
            .field("actpremium", &self.actpremium)
            .field("act_database", &self.act_database)
            .finish_non_exhaustive()
    }
}

/// How to start a sandbox.
#[derive(Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Source of the time in records and tokens.
    pub clock: Clock,
    /// The users the vendors know.
    pub credentials: Credentials,
    /// How long an Act! token is accepted after it was issued.
    pub act_token_lifetime: Duration,
}

impl Options {
    /// Options with the default credentials, listening on a free port of 127.0.0.1.
    pub fn new(clock: Clock) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock,
            credentials: Credentials::default(),
            act_token_lifetime: Duration::minutes(60),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("listen", &self.listen)
            .field("credentials", &self.credentials)
            .field("act_token_lifetime", &self.act_token_lifetime)
            .finish_non_exhaustive()
    }
}
