//! The command line: what can be asked of the program, in words a person can follow.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    commands, logging,
    settings::{LogFormat, Settings},
};

/// The whole command line.
#[derive(Parser)]
#[command(name = "ligand", version, about = ABOUT, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

const ABOUT: &str = "Self-hosted integration platform that speaks the Cloud Elements API v2.";

const AFTER_HELP: &str = "\
Start here: `ligand demo` shows everything at work, `ligand serve` runs the server.
Configuration: `ligand config default` prints every setting with its meaning.";

#[derive(Args)]
struct Shared {
    /// Configuration file (TOML); its settings replace the defaults.
    #[arg(long, global = true, value_name = "FILE", env = "LIGAND_CONFIG")]
    config: Option<PathBuf>,
    /// Form of log lines on standard error.
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

#[derive(Subcommand)]
enum Command {
    /// Starts vendor sandboxes and a server, provisions the four built-in elements, and shows what to try.
    Demo(Demo),
    /// Runs the server.
    Serve(Serve),
    /// Does background work beside servers on one PostgreSQL; `serve` does it too.
    Worker(Worker),
    /// Runs the vendor sandboxes alone, to develop against without a vendor account.
    Sandbox(Sandbox),
    /// Shows the administrator's secrets, which open the API.
    Secrets(Secrets),
    /// Manages the keys that encrypt stored secrets.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Makes elements of exported definitions and of vendors' own descriptions.
    Element {
        #[command(subcommand)]
        command: ElementCommand,
    },
    /// Shows or checks the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Checks that everything the server needs is in order, and says what is not.
    Doctor(Location),
}

#[derive(Args)]
struct Demo {
    /// Address and port of the server.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Directory for the data; a fresh temporary one, removed at the end, when absent.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Args)]
struct Serve {
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    location: Location,
    /// Directory with further elements, one folder each. Can be given several times.
    #[arg(long, value_name = "DIR")]
    catalog: Vec<PathBuf>,
}

#[derive(Args)]
struct Worker {
    #[command(flatten)]
    location: Location,
    /// Directory with further elements, as the servers have them. Can be given several times.
    #[arg(long, value_name = "DIR")]
    catalog: Vec<PathBuf>,
}

#[derive(Args)]
struct Location {
    /// Directory of the embedded database and the key file.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Database instead of the embedded one: postgres://user:password@host/database.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Args)]
struct Sandbox {
    /// Address and port; all four vendors share it.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Print one line of JSON: for each element key a configuration ready for POST /instances.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Secrets {
    #[command(flatten)]
    location: Location,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Import {
    /// A file with a definition or a list of them, or a directory whose *.json are taken.
    from: PathBuf,
    /// Change elements that are there already instead of refusing them.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    location: Location,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Makes a new key and encrypts every stored secret with it. Servers may keep running.
    Rotate(Location),
}

#[derive(Subcommand)]
enum ElementCommand {
    /// Looks for everything that is wrong with elements: folders, or *.json of exported definitions.
    Check {
        /// An element's folder, a directory of some, or a file of exported definitions.
        from: PathBuf,
    },
    /// Runs the tests of an element's folder, or of a directory of some.
    Test {
        /// An element's folder, or a directory of some.
        from: PathBuf,
    },
    /// Takes exported definitions into the administrator's account, and reports what of them will not run here.
    Import(Import),
    /// Turns an OpenAPI, Swagger, OData or WSDL document into an element's definition, and says what it left out.
    Convert(Convert),
}

#[derive(Args)]
struct Convert {
    /// The document, and behind it those that it refers to.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What it is: swagger, odata or soap. Guessed when absent.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Only this operation: its id, or verb and path. Can be given several times.
    #[arg(long, value_name = "ID")]
    operation: Vec<String>,
    /// Only operations with this tag; of OData, this entity set, of WSDL, this service or port. Can be given several times.
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only operations whose path begins so. Can be given several times.
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,
    /// Write DIR/element.yaml instead of printing.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints the commented defaults, a file to start from.
    Default,
    /// Checks file, environment and catalog, and reports what is wrong.
    Check(Check),
}

#[derive(Args)]
struct Check {
    /// Directory with further elements to check. Can be given several times.
    #[arg(long, value_name = "DIR")]
    catalog: Vec<PathBuf>,
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// What went wrong, in words for the person at the terminal.
    pub(crate) async fn execute(self) -> anyhow::Result<ExitCode> {
        let shared = self.shared;
        match self.command {
            Command::Demo(demo) => commands::demo::run(shared.settings()?, demo.listen, demo.data).await?,
            Command::Serve(serve) => {
                let mut settings = serve.location.settings(&shared)?;
                settings.server.listen = serve.listen.unwrap_or(settings.server.listen);
                settings.catalog.directories.extend(serve.catalog);
                commands::serve::run(&settings).await?;
            }
            Command::Worker(worker) => {
                let mut settings = worker.location.settings(&shared)?;
                settings.catalog.directories.extend(worker.catalog);
                commands::worker::run(&settings).await?;
            }
            Command::Sandbox(sandbox) => {
                shared.settings()?;
                commands::sandbox::run(sandbox.listen, sandbox.json).await?;
            }
            Command::Secrets(secrets) => {
                commands::secrets::run(&secrets.location.settings(&shared)?, secrets.json).await?;
            }
            Command::Element { command: ElementCommand::Import(import) } => {
                let settings = import.location.settings(&shared)?;
                return commands::element_import::run(&settings, &import.from, import.replace).await;
            }
            Command::Element { command: ElementCommand::Check { from } } => {
                shared.settings()?;
                return commands::element_check::check(&from);
            }
            Command::Element { command: ElementCommand::Test { from } } => {
                shared.settings()?;
                return commands::element_check::test(&from);
            }
            Command::Keys { command: KeysCommand::Rotate(location) } => {
                commands::keys::rotate(&location.settings(&shared)?).await?;
            }
            Command::Element { command: ElementCommand::Convert(convert) } => {
                shared.settings()?;
                commands::element::run_convert(&convert.into())?;
            }
            Command::Config { command: ConfigCommand::Default } => commands::config::default(),
            Command::Config { command: ConfigCommand::Check(check) } => {
                let mut settings = shared.settings()?;
                settings.catalog.directories.extend(check.catalog);
                commands::config::check(&settings)?;
            }
            Command::Doctor(location) => return Ok(commands::doctor::run(&location.settings(&shared)?).await),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl From<Convert> for commands::element::Conversion {
    fn from(convert: Convert) -> Self {
        let Convert { files, kind, operation, tag, path, into } = convert;
        let choice = ligand_import::Choice { operations: operation, tags: tag, paths: path };
        Self { kind, files, choice, into }
    }
}

impl Shared {
    /// The settings, with logging started by them.
    fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = Settings::load(self.config.as_deref())?;
        settings.log.format = self.log_format.unwrap_or(settings.log.format);
        logging::start(&settings.log)?;
        Ok(settings)
    }
}

impl Location {
    fn settings(&self, shared: &Shared) -> anyhow::Result<Settings> {
        let mut settings = shared.settings()?;
        if let Some(data) = &self.data {
            settings.server.data.clone_from(data);
        }
        if let Some(database) = &self.database {
            settings.database.url.set(database.clone());
        }
        Ok(settings)
    }
}
