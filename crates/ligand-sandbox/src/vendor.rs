//! The vendors, the element keys they go by and the paths that belong to them.

/// How many vendors there are.
pub(crate) const COUNT: usize = 6;

/// A vendor the sandbox imitates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    /// Oracle Service Cloud, SOAP.
    ServiceCloud,
    /// Oracle Sales Cloud, REST.
    OracleSalesCloud,
    /// Infobip SMS, REST.
    Infobip,
    /// Act! Premium, the Act! Web API.
    ActPremium,
    /// Fernhill CRM, an invented vendor behind OAuth.
    Fernhill,
    /// Stonecrop, an invented vendor behind signatures and keys.
    Stonecrop,
}

impl Vendor {
    /// All vendors, in the order in which they are shown.
    pub(crate) const ALL: [Self; COUNT] =
        [Self::ServiceCloud, Self::OracleSalesCloud, Self::Infobip, Self::ActPremium, Self::Fernhill, Self::Stonecrop];

    /// Key of the element that connects to this vendor.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::ServiceCloud => "servicecloud",
            Self::OracleSalesCloud => "oraclesalescloud",
            Self::Infobip => "infobip",
            Self::ActPremium => "actpremium",
            Self::Fernhill => "fernhill",
            Self::Stonecrop => "stonecrop",
        }
    }

    /// The vendor of an element key; `actpremiumcrm` is a second key of Act!.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        if key == "actpremiumcrm" {
            return Some(Self::ActPremium);
        }
        Self::ALL.into_iter().find(|vendor| vendor.key() == key)
    }

    /// The vendor whose API the first segment of a path belongs to. Act! runs on a server that
    /// does not look at case, the others do.
    pub(crate) fn from_first_segment(segment: &str) -> Option<Self> {
        match segment {
            "cgi-bin" => Some(Self::ServiceCloud),
            "crmRestApi" | "crmCommonApi" | "salesApi" => Some(Self::OracleSalesCloud),
            "account" | "sms" => Some(Self::Infobip),
            "fernhill" => Some(Self::Fernhill),
            "stonecrop" => Some(Self::Stonecrop),
            other if other.eq_ignore_ascii_case("act.web.api") => Some(Self::ActPremium),
            _ => None,
        }
    }

    /// Index into arrays that hold one thing for each vendor.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}
