//! The descriptions (WSDL with its schemas) of services, fetched from the vendors when they are first needed and kept
//! for everybody who calls the same endpoint: revalidated after a while, and at once when a vendor seems to speak
//! another version than it described. One caller fetches, the others wait or go on with what is there.

mod given;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use ligand_domain::{Id, Instance};
use ligand_element::{DocumentText, Method, Soap, VendorBody, VendorRequest};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use url::Url;

use ligand_soap::{Description, DescriptionError};

pub(crate) use given::given;

use crate::{
    Failure,
    attempts::{Dispatch, Sender},
    interpret::{RawResponse, refusal},
    pace::now,
    redact::Secrets,
    transport::Answered,
};

/// How long a description is used before the vendor is asked whether it still holds.
const FRESH: Duration = Duration::from_secs(15 * 60);
/// How long one is used at most while the vendor cannot be asked.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long after a failed question the vendor is asked again.
const RETRY: Duration = Duration::from_secs(60);
/// How long after a doubt the next one is heard.
const DOUBT: Duration = Duration::from_secs(10);
/// How long it is remembered that a description cannot be used.
const USELESS: Duration = Duration::from_secs(10);
/// Most documents of a description, and most bytes of them together.
const MAX_DOCUMENTS: usize = 64;
const MAX_BYTES: usize = 8 << 20;
/// How many documents are fetched at the same time.
const AT_ONCE: usize = 4;
/// How many descriptions are kept, and how many bytes of documents they may have come from.
const MAX_KEPT: usize = 512;
const MAX_KEPT_BYTES: usize = 64 << 20;

/// Where a description is fetched from, and for whom.
pub(crate) struct Source<'a> {
    pub(crate) sender: Sender<'a>,
    pub(crate) soap: &'a Soap,
    pub(crate) origin: Origin,
    pub(crate) instance: Option<Id<Instance>>,
    pub(crate) deadline: Instant,
    pub(crate) secrets: &'a (dyn Fn() -> Secrets + Sync),
}

/// Where documents are.
pub(crate) enum Origin {
    /// At an address of the vendor, with the header `Authorization` for its own host.
    Vendor(Url, Option<String>),
    /// In the definition.
    Definition,
}

/// All descriptions that are known.
#[derive(Default)]
pub(crate) struct Descriptions {
    slots: Mutex<HashMap<Key, Arc<Slot>>>,
    uses: AtomicU64,
}

/// What makes descriptions differ: address, credentials, and how members are named.
type Key = [u8; 32];

#[derive(Default)]
struct Slot {
    known: Mutex<Option<Known>>,
    /// Held by who fetches.
    turn: tokio::sync::Mutex<Turn>,
    rounds: AtomicU64,
    used: AtomicU64,
}

/// How the last fetching ended.
#[derive(Default)]
struct Turn {
    failure: Option<Failure>,
    useless_until: Option<Instant>,
}

#[derive(Clone)]
struct Known {
    description: Arc<Description>,
    documents: Arc<Vec<Document>>,
    /// How many bytes all documents have.
    bytes: usize,
    fetched: Instant,
    check_at: Instant,
    doubt_at: Option<Instant>,
}

/// A description with what it came from.
struct Loaded {
    description: Description,
    documents: Vec<Document>,
    bytes: usize,
}

/// A document as it was fetched, without its text.
struct Document {
    url: Url,
    digest: [u8; 32],
    bytes: usize,
    /// What the vendor can be asked with whether it has changed.
    validators: Vec<(String, String)>,
}

impl Descriptions {
    /// The description of a service.
    pub(crate) async fn get(&self, source: &Source<'_>) -> Result<Arc<Description>, Failure> {
        let slot = self.slot(source);
        let Some(known) = slot.known() else { return self.first(&slot, source).await };
        let at = now();
        if at < known.check_at {
            return Ok(known.description);
        }
        let mut turn = if at < known.fetched + STALE {
            match slot.turn.try_lock() {
                Ok(turn) => turn,
                // Somebody else is asking.
                Err(_) => return Ok(known.description),
            }
        } else {
            slot.turn.lock().await
        };
        match self.refreshed(&slot, source, &mut turn).await {
            Err(failure) if now() >= known.fetched + STALE => Err(failure),
            Err(failure) => {
                tracing::warn!(%failure, "a vendor's description could not be checked");
                slot.change(|known| known.check_at = now() + RETRY);
                Ok(known.description)
            }
            Ok(description) => Ok(description),
        }
    }

    /// Another description than one that the vendor does not seem to abide by, if there is one by now.
    pub(crate) async fn after_doubt(&self, source: &Source<'_>, used: &Arc<Description>) -> Option<Arc<Description>> {
        let slot = self.slot(source);
        let newer = |known: Option<Known>| known.map(|known| known.description).filter(|one| !Arc::ptr_eq(one, used));
        if let Some(newer) = newer(slot.known()) {
            return Some(newer);
        }
        let mut turn = slot.turn.lock().await;
        let known = slot.known()?;
        if !Arc::ptr_eq(&known.description, used) {
            return Some(known.description);
        }
        if known.doubt_at.is_some_and(|at| now() < at + DOUBT) {
            return None;
        }
        slot.change(|known| known.doubt_at = Some(now()));
        let refreshed = self.refreshed(&slot, source, &mut turn).await.ok()?;
        (!Arc::ptr_eq(&refreshed, used)).then_some(refreshed)
    }

    /// The description where there is none yet. Who waited for another caller shares the outcome.
    async fn first(&self, slot: &Slot, source: &Source<'_>) -> Result<Arc<Description>, Failure> {
        let seen = slot.rounds.load(Ordering::Acquire);
        let mut turn = slot.turn.lock().await;
        if let Some(known) = slot.known() {
            return Ok(known.description);
        }
        let others = slot.rounds.load(Ordering::Acquire) != seen;
        // Whoever proves credentials has just named the address, and looks again after every attempt.
        let useless = source.instance.is_some() && turn.useless_until.is_some_and(|until| now() < until);
        if let Some(failure) = turn.failure.as_ref().filter(|_| others || useless) {
            return Err(failure.clone());
        }
        self.loaded(slot, source, &mut turn).await
    }

    /// Asks whether the documents are still the same, and fetches them again if not.
    async fn refreshed(&self, slot: &Slot, source: &Source<'_>, turn: &mut Turn) -> Result<Arc<Description>, Failure> {
        let Some(known) = slot.known() else { return self.loaded(slot, source, turn).await };
        for documents in known.documents.chunks(AT_ONCE) {
            let asked = join_all(documents.iter().map(|document| source.is_unchanged(document))).await;
            if !asked.into_iter().collect::<Result<Vec<bool>, Failure>>()?.into_iter().all(|same| same) {
                tracing::info!("a vendor's description has changed");
                return self.loaded(slot, source, turn).await;
            }
        }
        slot.change(|known| {
            known.fetched = now();
            known.check_at = now() + FRESH;
        });
        Ok(known.description)
    }

    async fn loaded(&self, slot: &Slot, source: &Source<'_>, turn: &mut Turn) -> Result<Arc<Description>, Failure> {
        let loaded = source.load().await;
        slot.rounds.fetch_add(1, Ordering::AcqRel);
        match loaded {
            Ok(Loaded { description, documents, bytes }) => {
                *turn = Turn::default();
                let at = now();
                let doubt_at = slot.known().and_then(|known| known.doubt_at);
                let known = Known {
                    description: Arc::new(description),
                    documents: Arc::new(documents),
                    bytes,
                    fetched: at,
                    check_at: at + FRESH,
                    doubt_at,
                };
                let description = Arc::clone(&known.description);
                *slot.lock() = Some(known);
                self.make_room();
                Ok(description)
            }
            Err(failure) => {
                let is_useless = matches!(failure, Failure::Malformed(_) | Failure::TooLarge);
                *turn = Turn { failure: Some(failure.clone()), useless_until: is_useless.then(|| now() + USELESS) };
                Err(failure)
            }
        }
    }

    fn slot(&self, source: &Source<'_>) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(slots.entry(source.key()).or_default());
        slot.used.store(self.uses.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        slot
    }

    /// Forgets the descriptions that were not used for the longest time while there are too many.
    fn make_room(&self) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let size = |slot: &Slot| slot.lock().as_ref().map_or(0, |known| known.bytes);
        let mut bytes: usize = slots.values().map(|slot| size(slot)).sum();
        while slots.len() > MAX_KEPT || (bytes > MAX_KEPT_BYTES && slots.len() > 1) {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed));
            let Some(key) = oldest.map(|(key, _)| *key) else { return };
            bytes -= slots.remove(&key).map_or(0, |slot| size(&slot));
        }
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> Option<Known> {
        self.lock().clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        if let Some(known) = self.lock().as_mut() {
            change(known);
        }
    }
}

impl Source<'_> {
    fn key(&self) -> Key {
        let mut digest = Sha256::new();
        let named = format!("{:?}{:?}", self.soap.names(), self.soap.lists());
        let mut add = |part: &str| {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        };
        add(&named);
        match &self.origin {
            Origin::Vendor(url, authorization) => {
                add(url.as_str());
                add(authorization.as_deref().unwrap_or_default());
            }
            Origin::Definition => {
                for document in self.soap.documents() {
                    let (DocumentText::Plain(text) | DocumentText::Gzip(text)) = document.text;
                    add(document.location);
                    add(text);
                }
            }
        }
        digest.finalize().into()
    }

    async fn load(&self) -> Result<Loaded, Failure> {
        match &self.origin {
            Origin::Vendor(url, _) => self.load_from(url).await,
            Origin::Definition => {
                let (description, bytes) = given::read(self.soap).await?;
                Ok(Loaded { description, documents: Vec::new(), bytes })
            }
        }
    }

    /// Fetches the documents, those first that are known to be needed, until the description is whole.
    async fn load_from(&self, url: &Url) -> Result<Loaded, Failure> {
        let (first, text) = self.fetch(url.clone()).await?;
        let mut documents = vec![first];
        let mut texts = Texts { main: text, others: HashMap::new() };
        loop {
            let missing = match texts.parse(self.soap).await? {
                Parsed::Whole(description) => {
                    let bytes = documents.iter().map(|document| document.bytes).sum();
                    return Ok(Loaded { description: *description, documents, bytes });
                }
                Parsed::Missing(given_back, missing) => {
                    texts = given_back;
                    missing
                }
            };
            if documents.len() + missing.len() > MAX_DOCUMENTS {
                return Err(useless("it has too many documents"));
            }
            for locations in missing.chunks(AT_ONCE) {
                let fetched = join_all(locations.iter().map(|location| self.fetch_at(url, location))).await;
                for (location, fetched) in locations.iter().zip(fetched) {
                    let (document, text) = fetched?;
                    documents.push(document);
                    texts.others.insert(location.clone(), text);
                }
                if documents.iter().map(|document| document.bytes).sum::<usize>() > MAX_BYTES {
                    return Err(Failure::TooLarge);
                }
            }
        }
    }

    async fn fetch_at(&self, from: &Url, location: &str) -> Result<(Document, String), Failure> {
        let url = from.join(location).map_err(|_| useless("it names a document by no address"))?;
        self.fetch(url).await
    }

    async fn fetch(&self, url: Url) -> Result<(Document, String), Failure> {
        let raw = self.ask(&url, &[]).await?;
        if raw.body.len() > MAX_BYTES {
            return Err(Failure::TooLarge);
        }
        let validators = [("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")];
        let validators =
            validators.into_iter().filter_map(|(of, ask)| Some((ask.to_owned(), raw.header(of)?.to_owned()))).collect();
        let document = Document { url, digest: Sha256::digest(&raw.body).into(), bytes: raw.body.len(), validators };
        let text = raw.text().ok_or_else(|| useless("it is not UTF-8 text"))?.into_owned();
        Ok((document, text))
    }

    async fn is_unchanged(&self, document: &Document) -> Result<bool, Failure> {
        let raw = self.ask(&document.url, &document.validators).await?;
        Ok(raw.status == 304 || document.digest == *Sha256::digest(&raw.body))
    }

    /// Asks for a document, with the condition that it has changed.
    async fn ask(&self, url: &Url, conditions: &[(String, String)]) -> Result<RawResponse, Failure> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(useless("it names a document by no web address"));
        }
        let mut headers = vec![("Accept".to_owned(), "text/xml, application/xml;q=0.9, */*;q=0.5".to_owned())];
        headers.extend(conditions.iter().cloned());
        if let Origin::Vendor(own, Some(authorization)) = &self.origin
            && own.origin() == url.origin()
        {
            headers.push(("Authorization".to_owned(), authorization.clone()));
        }
        let request = VendorRequest {
            method: Method::Get,
            url: url.clone(),
            headers,
            body: VendorBody::Empty,
            stores: Vec::new(),
        };
        let dispatch = Dispatch {
            request: &request,
            anew: None,
            upload: None,
            instance: self.instance,
            deadline: self.deadline,
            reads: true,
            streams: &|_| false,
        };
        let Answered::Whole(raw) = self.sender.send(dispatch).await? else {
            return Err(useless("it cannot be read"));
        };
        match raw.status {
            200..=299 => Ok(raw),
            304 if !conditions.is_empty() => Ok(raw),
            401 | 403 | 429 | 500.. => Err(refusal(&raw, self.secrets)),
            status => Err(useless(&format!("it is not where it should be, status {status}"))),
        }
    }
}

/// The texts of documents: the main one, and the others by location.
struct Texts {
    main: String,
    others: HashMap<String, String>,
}

enum Parsed {
    Whole(Box<Description>),
    Missing(Texts, Vec<String>),
}

impl Texts {
    /// Reads the documents, on a thread that may take its time.
    async fn parse(self, soap: &Soap) -> Result<Parsed, Failure> {
        let (names, lists) = (soap.names().clone(), soap.lists().to_vec());
        let work = move || {
            let parsed = Description::parse(&self.main, &|location| self.others.get(location).map(String::as_str));
            match parsed {
                Ok(description) => {
                    let description = description.with_names(&names).with_lists(&lists);
                    Ok(Parsed::Whole(Box::new(description)))
                }
                Err(DescriptionError::Missing(missing)) => Ok(Parsed::Missing(self, missing)),
                Err(DescriptionError::TooLarge) => Err(Failure::TooLarge),
                Err(error) => Err(useless(&error.to_string())),
            }
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| useless("it cannot be read"))?
    }
}

fn useless(why: &str) -> Failure {
    Failure::Malformed(format!("its description cannot be used: {why}"))
}
