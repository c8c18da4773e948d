//! Configuration: embedded defaults, then a file, then `LIGAND_SECTION__KEY` variables, then flags.
//! Unknown keys are errors everywhere.

use std::{
    fmt,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use config::{Config, Environment, File, FileFormat};
use ipnet::IpNet;
use ligand_domain::Secret;
use serde::{Deserialize, Deserializer, de};

pub mod proxies;
#[cfg(test)]
mod tests;

/// The commented defaults, as `ligand config default` prints them.
pub const DEFAULTS: &str = include_str!("settings/default.toml");

/// Everything that can be configured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Listening and data.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Encryption keys.
    pub keys: Keys,
    /// The first organization.
    pub bootstrap: Bootstrap,
    /// Further elements.
    pub catalog: Catalog,
    /// Where the server may send.
    pub egress: Egress,
    /// Calls to vendors.
    pub vendor: Vendor,
    /// Scripts of elements.
    pub scripts: Scripts,
    /// Background work.
    pub worker: Worker,
    /// Events.
    pub events: Events,
    /// Notifications and their deliveries.
    pub notifications: Notifications,
    /// E-mail.
    pub mail: Mail,
    /// Bounds on callers.
    pub limits: Limits,
    /// The API under another noun.
    pub white_label: WhiteLabel,
    /// Logs.
    pub log: Log,
    /// The proxies that the environment names.
    #[serde(skip)]
    pub environment: proxies::Environment,
}

/// Listening and data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: SocketAddr,
    /// Where browsers reach the server; empty when they do not.
    pub public_url: String,
    /// Directory of the embedded database and the key file.
    pub data: PathBuf,
    /// Connections at a time.
    pub connections: usize,
    /// Seconds that a request's head may take, and that a connection may idle.
    pub header_timeout_seconds: u64,
    /// Seconds that requests in progress may take at shutdown.
    pub shutdown_timeout_seconds: u64,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Empty for the embedded one, else `postgres://…`.
    pub url: Confidential,
    /// Connections at most.
    pub max_connections: u32,
}

/// Encryption keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key file; empty for `keys` in the data directory.
    pub file: PathBuf,
    /// The key ring itself, instead of a file.
    pub ring: Confidential,
}

/// The first organization.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Its name.
    pub organization: String,
    /// The administrator's e-mail.
    pub email: String,
    /// The administrator's password; generated when empty.
    pub password: Confidential,
    /// The administrator's user secret; generated when empty.
    pub user_secret: Confidential,
    /// The organization's secret; generated when empty.
    pub organization_secret: Confidential,
}

/// Further elements.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Directories with one folder per element.
    #[serde(deserialize_with = "list")]
    pub directories: Vec<PathBuf>,
}

/// Where the server may send.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Private networks that may be called all the same.
    #[serde(deserialize_with = "list")]
    pub allow: Vec<IpNet>,
}

/// Calls to vendors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Seconds that a connection may take.
    pub connect_timeout_seconds: u64,
    /// Seconds that a call may take in all.
    pub timeout_seconds: u64,
    /// Seconds that a call waits for a vendor that asks to wait, before its caller is told to come back later.
    pub patience_seconds: u64,
    /// Bytes that an answer may have.
    pub max_response_bytes: usize,
    /// Bytes that a file may have that is passed on.
    pub max_stream_bytes: u64,
    /// Seconds that such a file may take.
    pub stream_timeout_seconds: u64,
    /// A proxy for all vendor calls, or `none`; those of the environment when empty.
    pub proxy: Confidential,
    /// Hosts that are called without a proxy, instead of those of the environment.
    #[serde(deserialize_with = "list")]
    pub no_proxy: Vec<String>,
    /// A PEM file of further trusted certificates; none when empty.
    pub extra_roots: PathBuf,
}

/// Scripts of elements.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripts {
    /// Threads that run scripts; made when the first script runs.
    pub threads: usize,
    /// How many of them one instance may use at a time.
    pub threads_per_instance: usize,
    /// Seconds that a script may take.
    pub deadline_seconds: u64,
    /// Bytes that a script may use.
    pub memory_bytes: usize,
    /// Bytes that a body may have that scripts see.
    pub payload_bytes: usize,
}

/// Background work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// Jobs at a time in one process; 0 for none, when other processes do the work.
    pub jobs: usize,
    /// Of these: jobs of one organization.
    pub jobs_per_organization: usize,
    /// Seconds after which others take a job whose worker gives no sign of life.
    pub lease_seconds: u64,
    /// Seconds after which the queue is looked at although nothing told of work.
    pub poll_seconds: u64,
    /// Seconds that jobs in progress may take at shutdown.
    pub shutdown_timeout_seconds: u64,
    /// Days that the history of jobs is kept.
    pub history_days: u64,
    /// Days that the record of calls of elements is kept.
    pub usage_days: u64,
}

/// Events.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Webhooks per second that are taken for one instance.
    pub instance_per_second: NonZeroU32,
    /// Webhooks per second that are taken for one element.
    pub element_per_second: NonZeroU32,
    /// Failed polls in a row after which an instance is polled no more.
    pub poll_failures: NonZeroU32,
    /// Days that events and notifications are kept.
    pub retention_days: u64,
    /// Days that deliveries are kept which wait to be released.
    pub queued_days: u64,
}

/// Notifications and their deliveries.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// Seconds that a receiver, or the mail server, may take.
    pub timeout_seconds: u64,
    /// Tries after the first one.
    pub retries: u32,
    /// Try x happens 2 to the power of this times x seconds after the first failure.
    pub exponent: u32,
    /// Deliveries at a time to one endpoint.
    pub per_endpoint: u32,
}

/// E-mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `smtp://…` or `smtps://…`; empty for none.
    pub url: Confidential,
    /// Who sends unless somebody else is named.
    pub from: String,
}

/// Bounds on callers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes that a request body may have.
    pub body_bytes: usize,
    /// Bytes that the definition of an element may have.
    pub definition_bytes: usize,
    /// Seconds that a request body may take to arrive.
    pub body_timeout_seconds: u64,
    /// Calls per second of one organization; 0 for no limit.
    pub calls_per_second: u32,
    /// Hub calls per second of one element instance; 0 for no limit.
    pub instance_calls_per_second: u32,
    /// Bytes of the answers that are kept for instances; 0 for none.
    pub cache_bytes: usize,
    /// Hours that a login lasts.
    pub session_hours: u64,
}

/// The API under another noun.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhiteLabel {
    /// Singular; empty for none.
    pub noun: String,
    /// Plural; derived when empty.
    pub plural: String,
    /// Singular in texts; derived when empty.
    pub display: String,
    /// Plural in texts; derived when empty.
    pub display_plural: String,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `auto`, `human` or `json`.
    pub format: LogFormat,
    /// A level, or directives such as `info,ligand_engine=debug`.
    pub level: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// A text that may be secret; empty means absent. `Debug` shows only whether it is set.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Confidential(String);

impl Confidential {
    /// The text, unless it is empty.
    #[must_use]
    pub fn get(&self) -> Option<Secret> {
        (!self.0.is_empty()).then(|| Secret::new(self.0.clone()))
    }

    /// Replaces the text.
    pub fn set(&mut self, text: String) {
        self.0 = text;
    }
}

impl fmt::Debug for Confidential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_empty() { "unset" } else { "set" })
    }
}

impl Settings {
    /// Reads defaults, file and the process's environment.
    ///
    /// # Errors
    /// Names the key and the source that are wrong, without repeating a value of a secret key.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let ours = std::env::vars().filter_map(|(name, value)| section_key(&name).map(|key| (key, value)));
        let mut settings = Self::from_sources(file, ours)?;
        settings.environment = proxies::Environment::of(std::env::vars());
        settings.vendor_proxies()?;
        Ok(settings)
    }

    /// Reads defaults, file and the given variables (`section__key` to value).
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_sources(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = file {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            let source = Config::builder().add_source(File::from_str(&text, FileFormat::Toml)).build();
            let source =
                source.map_err(|broken| anyhow::anyhow!("{} is not valid TOML: {}", file.display(), place(&broken)));
            builder = builder.add_source(source?);
        }
        let variables = Environment::default().separator("__").source(Some(variables.collect()));
        let settings: Self =
            builder.add_source(variables).build()?.try_deserialize().context("the configuration is wrong")?;
        settings.check()?;
        Ok(settings)
    }

    /// Rules that types do not express.
    fn check(&self) -> anyhow::Result<()> {
        let bounded = [
            ("server.connections", self.server.connections as u64, 1_000_000),
            ("server.header_timeout_seconds", self.server.header_timeout_seconds, DAY_SECONDS),
            ("server.shutdown_timeout_seconds", self.server.shutdown_timeout_seconds.max(1), DAY_SECONDS),
            ("database.max_connections", u64::from(self.database.max_connections), 1_000),
            ("vendor.connect_timeout_seconds", self.vendor.connect_timeout_seconds, DAY_SECONDS),
            ("vendor.timeout_seconds", self.vendor.timeout_seconds, DAY_SECONDS),
            ("vendor.patience_seconds", self.vendor.patience_seconds.max(1), DAY_SECONDS),
            ("vendor.max_response_bytes", self.vendor.max_response_bytes as u64, 1 << 30),
            ("vendor.max_stream_bytes", self.vendor.max_stream_bytes, 1 << 50),
            ("vendor.stream_timeout_seconds", self.vendor.stream_timeout_seconds, DAY_SECONDS),
            ("scripts.threads", self.scripts.threads as u64, 1024),
            ("scripts.threads_per_instance", self.scripts.threads_per_instance as u64, 1024),
            ("scripts.deadline_seconds", self.scripts.deadline_seconds, DAY_SECONDS),
            ("scripts.memory_bytes", self.scripts.memory_bytes as u64, 4 << 30),
            ("scripts.payload_bytes", self.scripts.payload_bytes as u64, 1 << 30),
            ("limits.cache_bytes", self.limits.cache_bytes.max(1) as u64, 1 << 40),
            ("worker.jobs", self.worker.jobs.max(1) as u64, 10_000),
            ("worker.jobs_per_organization", self.worker.jobs_per_organization as u64, 10_000),
            ("worker.lease_seconds", self.worker.lease_seconds, DAY_SECONDS),
            ("worker.poll_seconds", self.worker.poll_seconds, DAY_SECONDS),
            ("worker.shutdown_timeout_seconds", self.worker.shutdown_timeout_seconds.max(1), DAY_SECONDS),
            ("worker.history_days", self.worker.history_days, 3_660),
            ("worker.usage_days", self.worker.usage_days, 3_660),
            ("events.retention_days", self.events.retention_days, 3_660),
            ("events.queued_days", self.events.queued_days, 3_660),
            ("notifications.timeout_seconds", self.notifications.timeout_seconds, 3_600),
            ("notifications.retries", u64::from(self.notifications.retries.max(1)), 30),
            ("notifications.exponent", u64::from(self.notifications.exponent), 10),
            ("notifications.per_endpoint", u64::from(self.notifications.per_endpoint), 1_024),
            ("limits.body_bytes", self.limits.body_bytes as u64, 1 << 30),
            ("limits.definition_bytes", self.limits.definition_bytes as u64, 1 << 30),
            ("limits.body_timeout_seconds", self.limits.body_timeout_seconds, DAY_SECONDS),
            ("limits.session_hours", self.limits.session_hours, 24 * 366),
        ];
        if let Some((key, _, most)) = bounded.iter().find(|(_, value, most)| !(1..=*most).contains(value)) {
            anyhow::bail!("{key} must be at least 1 and at most {most}");
        }
        self.vendor_proxies()?;
        anyhow::ensure!(
            self.worker.jobs > 0 || !self.is_embedded(),
            "worker.jobs can be 0 only where other processes do the work, on PostgreSQL"
        );
        let url = self.database_url();
        let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.expose().starts_with(scheme));
        anyhow::ensure!(known, "database.url must begin with postgres:// or sqlite:");
        if let Some(ring) = self.keys.ring.get() {
            ligand_store::KeyRing::from_text(ring.expose()).context("keys.ring")?;
        }
        if !self.bootstrap.email.contains('@') {
            anyhow::bail!("bootstrap.email must be an e-mail address");
        }
        for (key, secret) in [
            ("bootstrap.user_secret", &self.bootstrap.user_secret),
            ("bootstrap.organization_secret", &self.bootstrap.organization_secret),
        ] {
            if secret.get().is_some_and(|secret| !is_credential(secret.expose())) {
                anyhow::bail!("{key} must have at least 16 characters out of A-Z a-z 0-9 + / = - _ .");
            }
        }
        self.noun().map(|_| ())
    }

    /// The other noun, if one is set.
    ///
    /// # Errors
    /// When it cannot be one.
    pub fn noun(&self) -> anyhow::Result<Option<ligand_web::white_label::Noun>> {
        let given = &self.white_label;
        if given.noun.is_empty() {
            let others = [&given.plural, &given.display, &given.display_plural];
            anyhow::ensure!(
                others.iter().all(|text| text.is_empty()),
                "white_label.noun is missing, but its other forms are set"
            );
            return Ok(None);
        }
        let optional = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
        let noun = ligand_web::white_label::Noun::new(
            &given.noun,
            optional(&given.plural).as_deref(),
            optional(&given.display).as_deref(),
            optional(&given.display_plural).as_deref(),
        );
        noun.map(Some).context("white_label")
    }

    /// The proxies for vendor calls: the configured one, else those of the environment.
    ///
    /// # Errors
    /// Which of them is not an http or https URL.
    pub fn vendor_proxies(&self) -> anyhow::Result<ligand_engine::Proxies> {
        proxies::chosen(&self.vendor, &self.environment)
    }

    /// Where browsers reach the server, when they do.
    ///
    /// # Errors
    /// When it is not an http or https URL of a place where there can be more behind it.
    pub fn public_url(&self) -> anyhow::Result<Option<String>> {
        let text = self.server.public_url.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let is_plain = |url: &url::Url| {
            matches!(url.scheme(), "http" | "https")
                && url.host_str().is_some_and(|host| !host.is_empty())
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
        };
        let url = url::Url::parse(text).ok().filter(is_plain);
        let url = url.context("server.public_url must be an http or https URL without query and fragment")?;
        Ok(Some(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The file of further trusted certificates.
    #[must_use]
    pub fn vendor_extra_roots(&self) -> Option<PathBuf> {
        let file = &self.vendor.extra_roots;
        (!file.as_os_str().is_empty()).then(|| file.clone())
    }

    /// The database's address: the configured one, or the embedded file in the data directory.
    #[must_use]
    pub fn database_url(&self) -> Secret {
        let embedded = || Secret::new(format!("sqlite:{}", self.server.data.join("ligand.db").display()));
        self.database.url.get().unwrap_or_else(embedded)
    }

    /// Whether the embedded database is used.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database.url.get().is_none_or(|url| url.expose().starts_with("sqlite:"))
    }

    /// The file that holds the keys.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        if self.keys.file.as_os_str().is_empty() { self.server.data.join("keys") } else { self.keys.file.clone() }
    }

    pub(crate) fn app_limits(&self) -> ligand_app::Limits {
        ligand_app::Limits {
            body_bytes: self.limits.body_bytes,
            definition_bytes: self.limits.definition_bytes,
            body_timeout: Duration::from_secs(self.limits.body_timeout_seconds),
            calls_per_second: NonZeroU32::new(self.limits.calls_per_second),
            instance_calls_per_second: NonZeroU32::new(self.limits.instance_calls_per_second),
            cache_bytes: self.limits.cache_bytes,
            session: Duration::from_secs(self.limits.session_hours * 3600),
            job_history: Duration::from_secs(self.worker.history_days * DAY_SECONDS),
            usage_history: Duration::from_secs(self.worker.usage_days * DAY_SECONDS),
            events: ligand_app::events::Options {
                instance_per_second: self.events.instance_per_second,
                element_per_second: self.events.element_per_second,
                poll_failures: self.events.poll_failures.get(),
                retention: Duration::from_secs(self.events.retention_days * DAY_SECONDS),
                queued_retention: Duration::from_secs(self.events.queued_days * DAY_SECONDS),
            },
            notifications: ligand_app::notifications::Options {
                timeout: Duration::from_secs(self.notifications.timeout_seconds),
                retries: self.notifications.retries,
                exponent: self.notifications.exponent,
                per_endpoint: self.notifications.per_endpoint,
                mail: ligand_app::notifications::MailOptions {
                    url: self.mail.url.get(),
                    from: self.mail.from.clone(),
                    timeout: Duration::from_secs(self.notifications.timeout_seconds),
                },
            },
        }
    }

    /// How a worker behaves.
    #[must_use]
    pub fn worker_options(&self) -> ligand_app::jobs::WorkerOptions {
        ligand_app::jobs::WorkerOptions {
            jobs: self.worker.jobs,
            jobs_per_organization: self.worker.jobs_per_organization,
            lease: Duration::from_secs(self.worker.lease_seconds),
            poll: Duration::from_secs(self.worker.poll_seconds),
            shutdown_timeout: Duration::from_secs(self.worker.shutdown_timeout_seconds),
        }
    }

    /// How the listener behaves.
    #[must_use]
    pub fn server_options(&self) -> ligand_web::ServerOptions {
        ligand_web::ServerOptions {
            connections: self.server.connections,
            header_timeout: Duration::from_secs(self.server.header_timeout_seconds),
            shutdown_timeout: Duration::from_secs(self.server.shutdown_timeout_seconds),
        }
    }
}

/// The longest time that a setting can be, in seconds.
const DAY_SECONDS: u64 = 86_400;

/// Where and why a file is no TOML, without the line itself, which may hold a secret.
fn place(broken: &config::ConfigError) -> String {
    let text = broken.to_string();
    let told = text.lines().filter(|line| !line.contains('|')).map(str::trim).filter(|line| !line.is_empty());
    told.collect::<Vec<_>>().join(", ")
}

/// `LIGAND_SECTION__KEY` → `section__key`. Other variables, even with the prefix, are not meant for settings.
fn section_key(name: &str) -> Option<String> {
    let rest = name.strip_prefix("LIGAND_")?;
    rest.contains("__").then(|| rest.to_ascii_lowercase())
}

/// Whether the `Authorization` header can carry it.
fn is_credential(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_.".contains(&byte))
}

/// A list, or its items in one text with commas between, as an environment variable has them.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de> + std::str::FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Visitor<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de> + std::str::FromStr<Err: fmt::Display>> de::Visitor<'de> for Visitor<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list, or its items separated by commas")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            items.map(|item| item.parse().map_err(|wrong| E::custom(format!("{item}: {wrong}")))).collect()
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                list.push(item);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_any(Visitor(std::marker::PhantomData))
}
