//! Typed integer ids, so that one kind of id never stands where another belongs.

use std::{fmt, hash, marker::PhantomData, num::NonZeroI64, str::FromStr};

use serde::{Deserialize, Serialize};

/// A positive 64-bit id of a `T`. The API shows it as a JSON integer.
pub struct Id<T: ?Sized>(NonZeroI64, PhantomData<fn() -> Box<T>>);

impl<T: ?Sized> Id<T> {
    /// The id with this number; `None` unless it is positive.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        if number > 0 { NonZeroI64::new(number).map(|number| Self(number, PhantomData)) } else { None }
    }

    /// The number, for storage and for the wire.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0.get()
    }
}

/// The text is not a positive integer of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a positive integer")]
pub struct ParseIdError;

impl<T: ?Sized> FromStr for Id<T> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseIdError);
        }
        text.parse().ok().and_then(Self::new).ok_or(ParseIdError)
    }
}

impl<T: ?Sized> TryFrom<i64> for Id<T> {
    type Error = ParseIdError;

    fn try_from(number: i64) -> Result<Self, ParseIdError> {
        Self::new(number).ok_or(ParseIdError)
    }
}

impl<T: ?Sized> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for Id<T> {}
impl<T: ?Sized> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: ?Sized> Eq for Id<T> {}
impl<T: ?Sized> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: ?Sized> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T: ?Sized> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T: ?Sized> fmt::Display for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
impl<T: ?Sized> fmt::Debug for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
impl<T: ?Sized> Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.get())
    }
}
impl<'de, T: ?Sized> Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom(ParseIdError))
    }
}
