//! As much of DER as certificates and keystores need here: elements one after the other, each within its bounds.

use ligand_domain::Timestamp;
use time::{Date, Month, PrimitiveDateTime, Time};

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
const BITS: u8 = 0x03;
/// The public part of a key of an elliptic curve.
const PUBLIC_KEY: u8 = 0xa1;
/// 1.2.840.10045.2.1, keys of elliptic curves.
const CURVE_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// A version in front of a certificate's number.
const VERSION: u8 = 0xa0;

/// Elements that follow each other.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a>(pub(super) &'a [u8]);

impl<'a> Elements<'a> {
    /// The next element: its tag and its content.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.next()?;
        (found == tag).then_some(content)
    }

    /// The elements inside of the next one.
    pub(super) fn inside(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self)
    }

    /// The tag of the next element.
    pub(super) fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }
}

/// What of a certificate comes from its validity on.
fn from_validity(certificate: &[u8]) -> Option<Elements<'_>> {
    let mut signed = Elements(certificate).inside(SEQUENCE)?.inside(SEQUENCE)?;
    if signed.tag() == Some(VERSION) {
        signed.next()?;
    }
    signed.take(INTEGER)?;
    signed.take(SEQUENCE)?;
    signed.take(SEQUENCE)?;
    Some(signed)
}

/// From when until when a certificate is valid.
pub(super) fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut validity = from_validity(certificate)?.inside(SEQUENCE)?;
    Some((moment(validity.next()?)?, moment(validity.next()?)?))
}

/// A private key of an elliptic curve (PKCS #8) that lacks the public one, as Java writes them, with the one of its
/// certificate; `None` when it lacks nothing, or is none.
pub(super) fn completed(key: &[u8], certificate: &[u8]) -> Option<Vec<u8>> {
    let mut outer = Elements(key).inside(SEQUENCE)?;
    let version = outer.take(INTEGER)?;
    let algorithm = outer.take(SEQUENCE)?;
    (Elements(algorithm).take(OBJECT)? == CURVE_KEY).then_some(())?;
    let mut inner = outer.inside(OCTETS)?.inside(SEQUENCE)?;
    let (inner_version, secret) = (inner.take(INTEGER)?, inner.take(OCTETS)?);
    while let Some((tag, _)) = inner.next() {
        if tag == PUBLIC_KEY {
            return None;
        }
    }
    let mut rest = from_validity(certificate)?;
    rest.take(SEQUENCE)?;
    rest.take(SEQUENCE)?;
    let mut public = rest.inside(SEQUENCE)?;
    public.take(SEQUENCE)?;
    let public = element(PUBLIC_KEY, &[&element(BITS, &[public.take(BITS)?])]);
    let inner = element(SEQUENCE, &[&element(INTEGER, &[inner_version]), &element(OCTETS, &[secret]), &public]);
    let whole = [element(INTEGER, &[version]), element(SEQUENCE, &[algorithm]), element(OCTETS, &[&inner])];
    Some(element(SEQUENCE, &[&whole.concat()]))
}

/// Writes an element.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let mut written = vec![tag];
    match &length[zeros..] {
        [] => written.push(0),
        [short @ 0..=0x7f] => written.push(*short),
        // A length has eight bytes at most.
        long => {
            written.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            written.extend_from_slice(long);
        }
    }
    written.extend(content);
    written
}

/// A moment as certificates write it, with years of two digits or four.
fn moment((tag, content): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i32 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<u8>().ok();
    let date = Date::from_calendar_date(year, Month::try_from(part(0)?).ok()?, part(2)?).ok()?;
    let time = Time::from_hms(part(4)?, part(6)?, part(8)?).ok()?;
    let seconds = PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp();
    Some(Timestamp::from_millis(seconds.checked_mul(1000)?))
}
