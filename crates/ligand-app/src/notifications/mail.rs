//! E-mail: to whom a subscription or a caller wants it, by the operator's mail server.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use ligand_domain::{Caller, Error, ErrorKind, Secret};
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use crate::App;

/// How many people one e-mail goes to.
const RECIPIENTS: usize = 50;
/// The longest subject, in characters.
const SUBJECT_CHARS: usize = 998;

/// How e-mails leave.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// `smtp://…` or `smtps://…` of the mail server; without one e-mails are only logged.
    pub url: Option<Secret>,
    /// Who sends, unless somebody else is named.
    pub from: String,
    /// How long the mail server may take.
    pub timeout: Duration,
}

/// An e-mail to be sent.
pub(crate) struct Mail {
    pub(crate) to: Vec<Mailbox>,
    pub(crate) from: Option<Mailbox>,
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Hands e-mails to the mail server. The connection is made when the first one leaves.
pub(crate) struct Mailer {
    options: MailOptions,
    transport: OnceCell<AsyncSmtpTransport<Tokio1Executor>>,
}

impl Mailer {
    pub(crate) fn new(options: MailOptions) -> Self {
        Self { options, transport: OnceCell::new() }
    }

    /// Whether there is a mail server.
    pub(crate) fn is_there(&self) -> bool {
        self.options.url.is_some()
    }

    /// Sends an e-mail; the error says what the mail server thinks of it.
    pub(crate) async fn send(&self, mail: Mail) -> Result<(), String> {
        let url = self.options.url.as_ref().ok_or("there is no mail server")?;
        let transport = self.transport.get_or_try_init(|| async {
            let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose());
            builder.map(|builder| builder.timeout(Some(self.options.timeout)).build())
        });
        let transport = transport.await.map_err(|_| "the address of the mail server is not valid")?;
        let own = || self.options.from.parse().map_err(|_| "the sender's address is not valid".to_owned());
        let mut message = Message::builder()
            .from(mail.from.map_or_else(own, Ok)?)
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN);
        for recipient in mail.to {
            message = message.to(recipient);
        }
        let message = message.body(mail.text).map_err(|_| "the e-mail cannot be written")?;
        let sent = tokio::time::timeout(self.options.timeout, transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(format!("the mail server refused it: {error}")),
            Err(_) => Err("the mail server did not answer in time".to_owned()),
        }
    }
}

/// The people that a text with commas, or a list, names.
pub(super) fn recipients(sent: &Value) -> Result<Vec<Mailbox>, Error> {
    let missing = || Error::invalid("recipient-missing", "to is required: one e-mail address or several");
    let texts: Vec<&str> = match sent {
        Value::String(text) => text.split(',').collect(),
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<Vec<_>>>().ok_or_else(missing)?,
        _ => return Err(missing()),
    };
    let texts: Vec<&str> = texts.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        return Err(missing());
    }
    if texts.len() > RECIPIENTS {
        return Err(Error::invalid("recipients-too-many", format!("An e-mail can go to {RECIPIENTS} people at most")));
    }
    texts.into_iter().map(mailbox).collect()
}

fn mailbox(text: &str) -> Result<Mailbox, Error> {
    text.parse().map_err(|_| Error::invalid("address-invalid", "An e-mail address is not valid"))
}

impl App {
    /// Sends an e-mail of the platform's own, if there is a mail server. A failure is only logged.
    pub(crate) async fn mail_to(&self, address: &str, subject: &str, text: &str) {
        let Ok(to) = address.parse().map(|to| vec![to]) else { return };
        if !self.mailer.is_there() {
            return;
        }
        let subject = subject.chars().filter(|character| !character.is_control()).collect();
        if let Err(why) = self.mailer.send(Mail { to, from: None, subject, text: text.to_owned() }).await {
            tracing::warn!(why, "an e-mail could not be sent");
        }
    }

    /// Sends an e-mail for a caller. Without a mail server it is only logged.
    ///
    /// # Errors
    /// Invalid without a recipient, or with an address that is none; unavailable when the mail server does not take it.
    pub async fn send_email(&self, caller: &Caller, body: &Map<String, Value>) -> Result<(), Error> {
        let to = recipients(body.get("to").unwrap_or(&Value::Null))?;
        let text = |name: &str| match body.get(name) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        let from = text("from");
        let from = if from.trim().is_empty() { None } else { Some(mailbox(from.trim())?) };
        let subject: String = text("subject").chars().filter(|it| !it.is_control()).take(SUBJECT_CHARS).collect();
        if !self.mailer.is_there() {
            tracing::info!(account = %caller.account_id, recipients = to.len(), "an e-mail is not sent: no mail server");
            return Ok(());
        }
        let mail = Mail { to, from, subject, text: text("message") };
        self.mailer.send(mail).await.map_err(|why| {
            tracing::warn!(why, "an e-mail could not be sent");
            Error::new(ErrorKind::Unavailable, "mail-failed", "The e-mail could not be sent, try again later")
        })
    }
}
