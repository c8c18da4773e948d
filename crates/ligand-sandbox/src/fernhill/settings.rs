//! How strict the authorization server is; set through `/_sandbox/fernhill/settings`.

use serde_json::{Map, Value, json};

/// Longest time a setting may name, in seconds.
const MAX_SECONDS: i64 = 10 * 365 * 24 * 3600;

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How long access tokens last.
    pub(super) access_seconds: i64,
    /// How long codes and request tokens last.
    pub(super) code_seconds: i64,
    /// Whether each renewal gives a new refresh token and forbids the old one.
    pub(super) rotate: bool,
    /// How long an old refresh token is taken again after it was used.
    pub(super) reuse_grace_seconds: i64,
    /// Whether a renewal ends the access tokens before it.
    pub(super) end_old_access: bool,
    /// Whether all clients must use proof keys.
    pub(super) require_pkce: bool,
    /// Whether clients must prove themselves with HTTP Basic.
    pub(super) require_basic: bool,
    /// Whether token answers are forms instead of JSON.
    pub(super) form_answers: bool,
    /// Whether token answers say how long a token lasts.
    pub(super) tell_expiry: bool,
    /// Whether OAuth 1.0a timestamps must be near the clock.
    pub(super) check_timestamps: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_seconds: 3600,
            code_seconds: 600,
            rotate: true,
            reuse_grace_seconds: 0,
            end_old_access: true,
            require_pkce: false,
            require_basic: false,
            form_answers: false,
            tell_expiry: true,
            check_timestamps: true,
        }
    }
}

impl Settings {
    pub(super) fn to_json(self) -> Value {
        json!({
            "accessSeconds": self.access_seconds,
            "codeSeconds": self.code_seconds,
            "rotate": self.rotate,
            "reuseGraceSeconds": self.reuse_grace_seconds,
            "endOldAccess": self.end_old_access,
            "requirePkce": self.require_pkce,
            "requireBasic": self.require_basic,
            "formAnswers": self.form_answers,
            "tellExpiry": self.tell_expiry,
            "checkTimestamps": self.check_timestamps,
        })
    }

    /// These settings with the members of a body in their place.
    pub(super) fn changed(mut self, members: &Map<String, Value>) -> Result<Self, String> {
        for (name, value) in members {
            let flag = || value.as_bool().ok_or_else(|| format!("`{name}` must be true or false."));
            let seconds = |least: i64| {
                let number = value.as_i64().filter(|number| (least..=MAX_SECONDS).contains(number));
                number.ok_or_else(|| format!("`{name}` must be a whole number from {least} to {MAX_SECONDS}."))
            };
            match name.as_str() {
                "accessSeconds" => self.access_seconds = seconds(1)?,
                "codeSeconds" => self.code_seconds = seconds(1)?,
                "reuseGraceSeconds" => self.reuse_grace_seconds = seconds(0)?,
                "rotate" => self.rotate = flag()?,
                "endOldAccess" => self.end_old_access = flag()?,
                "requirePkce" => self.require_pkce = flag()?,
                "requireBasic" => self.require_basic = flag()?,
                "formAnswers" => self.form_answers = flag()?,
                "tellExpiry" => self.tell_expiry = flag()?,
                "checkTimestamps" => self.check_timestamps = flag()?,
                _ => return Err(format!("Unknown member `{name}`; GET /_sandbox/fernhill shows those there are.")),
            }
        }
        Ok(self)
    }
}
