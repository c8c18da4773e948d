//! Wiring: from settings to a platform that can serve, bootstrapped on first use.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use ligand_app::{App, Parts, authentication, requests::Front};
use ligand_domain::{Clock, Rng, Secret, SystemClock, SystemRng, rng};
use ligand_engine::{Egress, Engine, script::ScriptOptions};
use ligand_store::{Bootstrap, KeyError, KeyRing, Options, Store};
use ligand_web::Edge;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{catalog, settings::Settings};

/// What the first start made, shown once.
pub struct FirstStart {
    /// The administrator's login name.
    pub email: String,
    /// The administrator's password, when it was generated.
    pub generated_password: Option<Secret>,
    /// The administrator's user secret.
    pub user_secret: Secret,
    /// The organization's secret.
    pub organization_secret: Secret,
}

/// Opens the database with its keys.
///
/// # Errors
/// Says what cannot be read, written or reached.
pub async fn open_store(settings: &Settings) -> anyhow::Result<Store> {
    open_store_with(settings, Arc::new(SystemClock)).await
}

async fn open_store_with(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    if settings.is_embedded() || settings.keys.ring.get().is_none() {
        make_private_directory(&settings.server.data)?;
    }
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let (keys, made) = match settings.keys.ring.get() {
        Some(ring) => (KeyRing::from_text(ring.expose()).context("keys.ring")?, None),
        None => {
            let file = settings.key_file();
            let made = (!file.exists()).then(|| file.clone());
            let keys = KeyRing::load_or_create(&file, &*rng);
            (keys.with_context(|| format!("key file {}", file.display()))?, made)
        }
    };
    let url = settings.database_url().expose().to_owned();
    let options = Options { url, max_connections: settings.database.max_connections };
    let opened = Store::open(&options, keys, clock, rng).await;
    if let (Err(ligand_store::Error::Keys(KeyError::Foreign)), Some(file)) = (&opened, made) {
        // The key file was made just now: it is the old one that is missing, and the new one would only mislead.
        std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        anyhow::bail!(
            "the key file {} is missing, and the database has its secrets: restore your copy",
            file.display()
        );
    }
    opened.context("cannot open the database")
}

/// Checks that there is a database already, where opening it would make one.
///
/// # Errors
/// When there is none, or it cannot be reached.
pub async fn demand_existing(settings: &Settings) -> anyhow::Result<()> {
    let exists = Store::exists(settings.database_url().expose()).await.context("cannot reach the database")?;
    anyhow::ensure!(exists, "{NOT_YET}: start `ligand serve` first, or name its --data or --database");
    Ok(())
}

/// What is said of a database that no server has made yet.
pub const NOT_YET: &str = "there is no Ligand database yet";

/// Holds the embedded database for one server: what it remembers is right only while no other server changes it. Given up when dropped, and by the system when the process ends.
pub struct Claim(#[expect(dead_code, reason = "held, not read")] Option<std::fs::File>);

/// Claims the embedded database, if that is the one in use.
///
/// # Errors
/// When another server has it.
pub fn claim(settings: &Settings) -> anyhow::Result<Claim> {
    if !settings.is_embedded() {
        return Ok(Claim(None));
    }
    make_private_directory(&settings.server.data)?;
    let url = settings.database_url();
    let path = format!("{}.lock", url.expose().trim_start_matches("sqlite:"));
    let file = std::fs::File::create(&path).with_context(|| format!("cannot make {path}"))?;
    match file.try_lock() {
        Ok(()) => Ok(Claim(Some(file))),
        Err(std::fs::TryLockError::WouldBlock) => {
            anyhow::bail!("another ligand holds {path}; use PostgreSQL to run several on one database")
        }
        Err(std::fs::TryLockError::Error(failed)) => Err(failed).with_context(|| format!("cannot lock {path}")),
    }
}

/// Makes the platform, and on an empty database the first organization.
///
/// # Errors
/// As [`open_store`], and for problems of the catalog.
pub async fn open(settings: &Settings, egress: Egress) -> anyhow::Result<(Arc<App>, Option<FirstStart>)> {
    open_with(settings, egress, Arc::new(SystemClock)).await
}

/// As [`open`], with another clock.
///
/// # Errors
/// As [`open`].
pub async fn open_with(
    settings: &Settings,
    egress: Egress,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<(Arc<App>, Option<FirstStart>)> {
    let catalog = catalog::load(&settings.catalog.directories)?;
    let store = open_store_with(settings, Arc::clone(&clock)).await?;
    let first = bootstrap(settings, &store).await?;
    let engine = Engine::new(ligand_engine::Options {
        egress,
        connect_timeout: Duration::from_secs(settings.vendor.connect_timeout_seconds),
        total_timeout: Duration::from_secs(settings.vendor.timeout_seconds),
        patience: Duration::from_secs(settings.vendor.patience_seconds),
        max_response_bytes: settings.vendor.max_response_bytes,
        max_stream_bytes: settings.vendor.max_stream_bytes,
        stream_timeout: Duration::from_secs(settings.vendor.stream_timeout_seconds),
        max_script_payload_bytes: settings.scripts.payload_bytes,
        proxies: settings.vendor_proxies()?,
        extra_roots: settings.vendor_extra_roots(),
        ..ligand_engine::Options::default()
    })
    .with_environment(Arc::clone(&clock), Arc::new(SystemRng))
    .with_scripts(ScriptOptions {
        threads: settings.scripts.threads,
        threads_per_tenant: settings.scripts.threads_per_instance,
        deadline: Duration::from_secs(settings.scripts.deadline_seconds),
        memory_bytes: settings.scripts.memory_bytes,
        ..ScriptOptions::default()
    });
    let app = App::new(Parts {
        store,
        engine,
        catalog,
        clock,
        rng: Arc::new(SystemRng),
        limits: settings.app_limits(),
        public_url: settings.public_url()?,
    });
    Ok((app, first))
}

/// The way of kept requests into the API. A request may have been made under either noun.
#[must_use]
pub fn front(app: &Arc<App>, settings: &Settings) -> Front {
    // Whoever serves has said what is wrong with a noun that is none.
    let noun = settings.noun().ok().flatten();
    Edge::new(Arc::clone(app), noun).front()
}

/// The background work of this process.
pub struct Background {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Background {
    /// Begins it; `None` when the settings leave it to other processes.
    #[must_use]
    pub fn start(app: &Arc<App>, settings: &Settings) -> Option<Self> {
        if settings.worker.jobs == 0 {
            return None;
        }
        let worker = app.worker(settings.worker_options(), &front(app, settings));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(worker.run(async {
            let _ = stopped.await;
        }));
        Some(Self { stop, task })
    }

    /// Lets jobs in progress finish, and gives back what takes too long.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        if self.task.await.is_err() {
            tracing::error!("the worker broke; the panic message precedes this line");
        }
    }

    /// Resolves if the worker breaks, which leaves the process without what it is for.
    pub async fn broken(background: &mut Option<Self>) {
        match background {
            Some(background) => drop((&mut background.task).await),
            None => std::future::pending().await,
        }
    }
}

async fn bootstrap(settings: &Settings, store: &Store) -> anyhow::Result<Option<FirstStart>> {
    if store.is_bootstrapped().await? {
        return Ok(None);
    }
    let given = &settings.bootstrap;
    let generated = given.password.get().is_none();
    let password = given.password.get().unwrap_or_else(|| rng::hex_secret(&SystemRng));
    let user_secret = given.user_secret.get().unwrap_or_else(|| authentication::base64_secret(&SystemRng));
    let organization_secret = given.organization_secret.get().unwrap_or_else(|| rng::hex_secret(&SystemRng));
    let made = store
        .bootstrap(&Bootstrap {
            organization_name: given.organization.clone(),
            email: given.email.clone(),
            first_name: "Ligand".to_owned(),
            last_name: "Administrator".to_owned(),
            password_hash: authentication::hash_password(&SystemRng, &password)?,
            user_secret: user_secret.clone(),
            organization_secret: organization_secret.clone(),
        })
        .await?;
    Ok(made.then(|| FirstStart {
        email: given.email.clone(),
        generated_password: generated.then_some(password),
        user_secret,
        organization_secret,
    }))
}

fn make_private_directory(path: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("cannot make the data directory {}", path.display()))
}
