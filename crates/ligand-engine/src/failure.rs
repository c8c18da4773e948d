//! Why a vendor call failed, in the platform's terms. No text in here contains a secret.

use ligand_element::PlanError;

/// A failed vendor call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The vendor refused the request.
    #[error("the vendor refused the request with status {status}")]
    Rejected {
        /// The platform's status for it: 400, 401, 403, 404, 405, 406, 409, 415 or 429.
        status: u16,
        /// The vendor's own words.
        provider_message: Option<String>,
        /// Seconds to wait, with 429 when the vendor tells.
        retry_after_seconds: Option<u64>,
    },
    /// The vendor failed (5xx, a server fault).
    #[error("the vendor failed")]
    VendorFault {
        /// The vendor's own words.
        provider_message: Option<String>,
    },
    /// The vendor no longer renews the tokens: only the user can help, by granting access again.
    #[error("the access that was granted has ended")]
    GrantEnded {
        /// The vendor's own words.
        provider_message: Option<String>,
    },
    /// No connection.
    #[error("the vendor could not be reached")]
    Unreachable,
    /// A connection that nobody may rely on; says what the vendor does.
    #[error("the vendor {0}")]
    Insecure(&'static str),
    /// The vendor has failed so often lately that it is not asked for now.
    #[error("the vendor has failed repeatedly and is not asked for now")]
    Suspended {
        /// Seconds after which it is asked again.
        retry_after_seconds: u64,
    },
    /// No answer in time.
    #[error("the vendor did not answer in time")]
    TimedOut,
    /// An answer that is not what the resource declares; says what is wrong with it.
    #[error("the vendor's answer was not understood: {0}")]
    Malformed(String),
    /// An answer larger than allowed.
    #[error("the vendor's answer is too large")]
    TooLarge,
    /// Something else is larger, or takes longer, than allowed; says what.
    #[error("{0}")]
    BeyondLimit(String),
    /// The address lies in a network that may not be called.
    #[error("the vendor's address is not allowed: it is in a private or reserved network")]
    EgressRefused,
    /// The instance's configuration could not be read or stored.
    #[error("the configuration could not be kept")]
    NotKept,
    /// A script failed the call, or failed itself.
    #[error("{message}")]
    Script {
        /// The platform's status for it.
        status: u16,
        /// What it says to the caller.
        message: String,
        /// Whether the status is the script's own word.
        stated: bool,
    },
    /// The request could not be made.
    #[error("{0}")]
    Plan(#[from] PlanError),
}
