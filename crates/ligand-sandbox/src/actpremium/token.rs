//! Bearer tokens of Act!: JSON Web Tokens signed with HMAC-SHA256 under a key of this process.

use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use time::OffsetDateTime;

use crate::world::World;

/// A token for this user, good from now on for the lifetime the sandbox was started with.
pub(super) fn issue(world: &World, user: &str, now: OffsetDateTime) -> String {
    let issued = now.unix_timestamp();
    let claims = json!({
        "svr": "localhost",
        "db": world.credentials.act_database,
        "un": user,
        "gen": world.token_generation.load(Ordering::Relaxed),
        "iat": issued,
        "exp": issued.saturating_add(world.act_token_lifetime.whole_seconds()),
    });
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encoded(&json!({ "typ": "JWT", "alg": "HS256" })), encoded(&claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(world, &signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// The user of a token; `None` if it is not ours, for another database, revoked or too old.
pub(super) fn check(world: &World, token: &str, now: OffsetDateTime) -> Option<String> {
    let (signed, signature) = token.rsplit_once('.')?;
    mac(world, signed).verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let (_, claims) = signed.split_once('.')?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let good = claims["db"].as_str()? == world.credentials.act_database
        && claims["gen"].as_u64()? == world.token_generation.load(Ordering::Relaxed)
        && now.unix_timestamp() < claims["exp"].as_i64()?;
    good.then(|| claims["un"].as_str().map(str::to_owned))?
}

fn mac(world: &World, signed: &str) -> Hmac<Sha256> {
    let keyed = Hmac::<Sha256>::new_from_slice(&world.token_key);
    keyed.expect("HMAC takes keys of any length").chain_update(signed)
}
